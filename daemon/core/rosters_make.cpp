// Entries that this device makes, in its account's name.
#include "base/text.h"
#include "core/rosters.h"

namespace bud::core {
namespace {

using ledger::Tree;
using wire::RosterBody;
using wire::RosterKind;

Result<> check_name(const std::string& name) {
  if (name.size() > wire::max_name || !valid_text(name))
    return fail(Errc::malformed, "a group's name is UTF-8 of at most 128 bytes");
  return {};
}
Result<> check_address(const std::string& address) {
  if (address.size() > wire::max_address || !valid_text(address))
    return fail(Errc::malformed, "an address is UTF-8 of at most 255 bytes");
  return {};
}
Result<> too_many() {
  return fail(Errc::too_large, "a group has at most 256 members");
}

// The ends of a member's row, of what counts: the longest way first. Several hands write a row, so it may fork.
std::vector<Tree::Index> ends_of(const Roster& roster, Tree::Index member) {
  const Tree& tree = roster.state.tree();
  std::vector<Tree::Index> ends, inner;
  for (const Tree::Index e : tree.members()[member].own) {
    if (!roster.state.effective.contains(tree.node(e).hash)) continue;
    ends.push_back(e);
    inner.push_back(tree.place(e).parent);
  }
  std::erase_if(ends, [&](Tree::Index e) { return std::find(inner.begin(), inner.end(), e) != inner.end(); });
  std::stable_sort(ends.begin(), ends.end(),
                   [&](Tree::Index a, Tree::Index b) { return tree.place(a).index > tree.place(b).index; });
  return ends;
}

std::vector<EntryHash> hashes_of(const Roster& roster, const std::vector<Tree::Index>& entries) {
  std::vector<EntryHash> hashes;
  for (const Tree::Index e : entries)
    if (hashes.size() < wire::max_keep) hashes.push_back(roster.state.tree().node(e).hash);
  return hashes;
}

// A seat, as the entry that granted it names it.
wire::SeatNonce nonce_of(const Roster& roster, const ledger::Standing& standing) {
  const RosterBody& grant = roster.entries.at(standing.grant).body();
  return grant.kind == RosterKind::genesis ? grant.seat : grant.account_seat;
}
AccountId account_on(const Roster& roster, const ledger::Standing& standing) {
  const RosterBody& grant = roster.entries.at(standing.grant).body();
  if (grant.kind == RosterKind::add) return grant.account;
  for (const wire::FirstMember& m : grant.members)
    if (wire::seat_id(m.account, grant.seat).bytes == standing.key.bytes) return m.account;
  return grant.author;
}
// Members of the judgement that are up and are this account's, the most senior first.
std::vector<Tree::Index> seats_of(const Roster& roster, const AccountId& account) {
  std::vector<Tree::Index> seats;
  for (Tree::Index m = 0; m < roster.state.members.size(); ++m) {
    const ledger::Standing& s = roster.state.members[m];
    if (s.up && account_on(roster, s) == account) seats.push_back(m);
  }
  return seats;
}

}  // namespace

// Entries one behind the other, on one seat of the own account's.
class Rosters::Draft {
 public:
  // A seat that has the right, and room in its row.
  static Result<Draft> open(Context& context, const Roster& roster, bool administrator) {
    for (const Tree::Index m : seats_of(roster, context.own.account)) {
      if (administrator && roster.state.members[m].role != ledger::Role::administrator) continue;
      Draft draft(context, roster, m);
      if (draft.room_ > 0) return draft;
    }
    return fail(Errc::not_allowed, "the group's roster has no room for more changes by this account");
  }
  Draft(Context& context, const Roster& roster, Tree::Index seat)
      : context_(context), group_(roster.group), nonce_(nonce_of(roster, roster.state.members[seat])) {
    const std::vector<Tree::Index> ends = ends_of(roster, seat);
    parent_ = roster.state.members[seat].grant;
    room_ = ledger::roster_bounds.own;
    if (ends.empty()) return;
    parent_ = roster.state.tree().node(ends.front()).hash;
    room_ -= roster.state.tree().place(ends.front()).index;
  }
  explicit Draft(Context& context) : context_(context) {}

  // Where a row is full, its beginning has still a place for the end of it.
  void end_from(const EntryHash& grant) {
    if (room_ == 0) parent_ = grant;
  }
  EntryHash sign(RosterBody b) {
    b.group = group_;
    b.prev = parent_;
    b.author = context_.own.account;
    b.seat = nonce_;
    b.time = context_.now();
    const wire::RosterEntry entry = wire::sign_roster_entry(b, context_.keys.signing());
    if (b.kind == RosterKind::genesis) group_ = entry.group();
    parent_ = entry.hash();
    made_.push_back(entry.bytes());
    return entry.hash();
  }
  void sit(const wire::SeatNonce& nonce) { nonce_ = nonce; }
  const EntryHash& parent() const { return parent_; }
  const wire::SeatNonce& nonce() const { return nonce_; }
  const ThreadId& group() const { return group_; }
  std::vector<Bytes>& made() { return made_; }

 private:
  Context& context_;
  ThreadId group_;
  wire::SeatNonce nonce_;
  EntryHash parent_;
  std::size_t room_ = 0;
  std::vector<Bytes> made_;
};

Result<> Rosters::check_listed() {
  if (!context_.member()) return fail(Errc::not_allowed, "this device is in no account");
  BUD_TRY(const std::shared_ptr<const AccountView> own, ledgers_.view(context_.own.account));
  if (!own || !own->seal_for.contains(context_.keys.device()))
    return fail(Errc::not_allowed, "this device is none of its account's");
  return {};
}

// A group that the own account is in.
Result<std::shared_ptr<const Roster>> Rosters::own_group(const ThreadId& group) {
  BUD_CHECK(check_listed());
  BUD_TRY(std::shared_ptr<const Roster> roster, view(group));
  if (!roster) return fail(Errc::not_found, "no such group");
  if (!roster->has(context_.own.account)) return fail(Errc::not_allowed, "this account is not in the group");
  return roster;
}

// All of them count, or they are not worth sending.
Result<RosterMade> Rosters::publish(const ThreadId& group, std::vector<Bytes> made) {
  BUD_TRY(RosterChange change, absorb(group, made));
  for (const Bytes& bytes : made) {
    BUD_TRY(const wire::RosterEntry entry, wire::trust_stored_roster_entry(bytes));
    const bool is_genesis = entry.body().kind == RosterKind::genesis;
    if (!change.after || (!is_genesis && !change.after->state.effective.contains(entry.hash())))
      return fail(Errc::not_allowed, "the group's roster has no room for this change");
  }
  return RosterMade{group, std::move(made), std::move(change)};
}

Result<RosterMade> Rosters::create(const std::string& name, const wire::Policy& policy,
                                   std::vector<wire::FirstMember> members) {
  BUD_CHECK(check_listed());
  BUD_CHECK(check_name(name));
  if (members.size() >= wire::max_members) BUD_CHECK(too_many());
  std::set<AccountId> accounts{context_.own.account};
  for (const wire::FirstMember& m : members) {
    BUD_CHECK(check_address(m.address));
    if (m.account.is_zero()) return fail(Errc::malformed, "a group's member without account");
    if (!accounts.insert(m.account).second) return fail(Errc::conflict, "a group names each account once");
  }
  Draft draft(context_);
  RosterBody genesis;
  genesis.nonce = context_.random<decltype(genesis.nonce)>();
  wire::SeatNonce seat;
  std::copy_n(genesis.nonce.bytes.begin(), seat.bytes.size(), seat.bytes.begin());
  genesis.policy = policy;
  genesis.name = name;
  if (!context_.own.openings.empty()) genesis.address = context_.own.openings.front().address;
  // As many as an entry has room for; the others are added.
  constexpr std::size_t room = wire::max_roster_entry - 1024;
  std::size_t first = 0;
  for (std::size_t used = 0; first < members.size(); ++first) {
    used += AccountId::size + 2 + members[first].address.size();
    if (used > room) break;
    genesis.members.push_back(std::move(members[first]));
  }
  draft.sit(seat);
  draft.sign(std::move(genesis));
  for (; first < members.size(); ++first) {
    RosterBody b;
    b.kind = RosterKind::add;
    b.account = members[first].account;
    b.account_seat = context_.random<wire::SeatNonce>();
    b.address = std::move(members[first].address);
    draft.sign(std::move(b));
  }
  return publish(draft.group(), std::move(draft.made()));
}

Result<RosterMade> Rosters::add(const ThreadId& group, const AccountId& account, const std::string& address,
                                wire::RosterRole role) {
  BUD_TRY(const std::shared_ptr<const Roster> roster, own_group(group));
  BUD_CHECK(check_address(address));
  if (account.is_zero()) return fail(Errc::malformed, "no account");
  const bool raises = role == wire::RosterRole::administrator;
  if (!roster->may_add(context_.own.account))
    return fail(Errc::not_allowed, "only administrators add members to this group");
  if (raises && !roster->is_administrator(context_.own.account))
    return fail(Errc::not_allowed, "only administrators make administrators");
  if (raises ? roster->is_administrator(account) : roster->has(account))
    return fail(Errc::conflict, raises ? "is an administrator of the group already" : "is in the group already");
  if (roster->seats() >= wire::max_members) BUD_CHECK(too_many());
  BUD_TRY(Draft draft, Draft::open(context_, *roster, raises || roster->policy.add == wire::Right::administrators));
  RosterBody b;
  b.kind = RosterKind::add;
  b.account = account;
  b.account_seat = context_.random<wire::SeatNonce>();
  b.role = role;
  b.address = address;
  draft.sign(std::move(b));
  return publish(group, std::move(draft.made()));
}

Result<RosterMade> Rosters::remove(const ThreadId& group, const AccountId& account) {
  if (account == context_.own.account) return leave(group);
  BUD_TRY(const std::shared_ptr<const Roster> roster, own_group(group));
  if (!roster->has(account)) return fail(Errc::not_found, "is not in the group");
  if (!roster->may_remove(context_.own.account))
    return fail(Errc::not_allowed, "only administrators remove members from this group");
  BUD_TRY(Draft draft, Draft::open(context_, *roster, roster->policy.remove == wire::Right::administrators));
  // One for each seat; somebody may have granted the same seat twice.
  std::map<wire::SeatNonce, std::vector<EntryHash>> keep;
  for (const Tree::Index m : seats_of(*roster, account)) {
    std::vector<EntryHash>& kept = keep[nonce_of(*roster, roster->state.members[m])];
    for (const EntryHash& end : hashes_of(*roster, ends_of(*roster, m)))
      if (kept.size() < wire::max_keep) kept.push_back(end);
  }
  for (auto& [nonce, kept] : keep) {
    RosterBody b;
    b.kind = RosterKind::remove;
    b.account = account;
    b.account_seat = nonce;
    b.keep = std::move(kept);
    draft.sign(std::move(b));
  }
  BUD_TRY(RosterMade made, publish(group, std::move(draft.made())));
  if (made.change.after->has(account)) return fail(Errc::not_allowed, "this account cannot remove that member");
  return made;
}

// Each seat ends itself: that is everybody's right.
Result<RosterMade> Rosters::leave(const ThreadId& group) {
  BUD_TRY(const std::shared_ptr<const Roster> roster, own_group(group));
  std::vector<Bytes> made;
  for (const Tree::Index m : seats_of(*roster, context_.own.account)) {
    Draft draft(context_, *roster, m);
    draft.end_from(roster->state.members[m].grant);
    RosterBody b;
    b.kind = RosterKind::remove;
    b.account = context_.own.account;
    b.account_seat = draft.nonce();
    b.keep = hashes_of(*roster, ends_of(*roster, m));
    std::erase(b.keep, draft.parent());
    draft.sign(std::move(b));
    for (Bytes& entry : draft.made()) made.push_back(std::move(entry));
  }
  BUD_TRY(RosterChange change, absorb(group, made));
  if (!change.after || change.after->has(context_.own.account))
    return fail(Errc::internal, "leaving the group did not take effect");
  return RosterMade{group, std::move(made), std::move(change)};
}

Result<RosterMade> Rosters::rename(const ThreadId& group, const std::string& name) {
  BUD_TRY(const std::shared_ptr<const Roster> roster, own_group(group));
  BUD_CHECK(check_name(name));
  if (!roster->may_rename(context_.own.account))
    return fail(Errc::not_allowed, "only administrators rename this group");
  BUD_TRY(Draft draft, Draft::open(context_, *roster, roster->policy.rename == wire::Right::administrators));
  RosterBody b;
  b.kind = RosterKind::rename;
  b.number = roster->name_number + 1;
  b.name = name;
  draft.sign(std::move(b));
  return publish(group, std::move(draft.made()));
}

Result<RosterMade> Rosters::resign(const ThreadId& group) {
  BUD_CHECK(check_listed());
  BUD_TRY(const std::shared_ptr<const Roster> roster, view(group));
  if (!roster) return fail(Errc::not_found, "no such group");
  std::vector<Bytes> made;
  for (const auto& [hash, entry] : roster->entries) {
    if (entry.body().author != context_.own.account) continue;
    BUD_TRY(const bool stands, listed(entry));
    if (stands) continue;
    BUD_TRY(const wire::RosterEntry again, wire::sign_again(entry, context_.keys.signing()));
    made.push_back(again.bytes());
  }
  BUD_TRY(RosterChange change, absorb(group, made));
  return RosterMade{group, std::move(made), std::move(change)};
}

}  // namespace bud::core
