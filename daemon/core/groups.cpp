#include "core/groups.h"

namespace bud::core {
namespace {

constexpr std::size_t piece = 30 * 1024;      // of entries in one content
constexpr std::size_t proofs_room = 12 * 1024;

wire::Right right(Who who) { return who == Who::administrators ? wire::Right::administrators : wire::Right::anyone; }

}  // namespace

// --- changed here ---

Result<ThreadId> Groups::create(const std::string& name, const GroupPolicy& policy, const std::vector<AccountId>& members) {
  std::vector<wire::FirstMember> first;
  for (const AccountId& account : members) {
    BUD_CHECK(contacts_.info(account));
    BUD_TRY(std::string address, contacts_.address_for_own_devices(account));
    BUD_CHECK(contacts_.add(account, {}, true));
    first.push_back({account, std::move(address)});
  }
  BUD_TRY(const RosterMade made, rosters_.create(name, {right(policy.add), right(policy.remove), right(policy.rename), right(policy.post)},
                                                 std::move(first)));
  BUD_CHECK(threads_.open_group(made.group));
  BUD_CHECK(say(made));
  return made.group;
}

Result<> Groups::add(const ThreadId& group, const AccountId& account, bool administrator) {
  BUD_TRY(std::string address, contacts_.address_for_own_devices(account));
  BUD_TRY(const RosterMade made, rosters_.add(group, account, address,
                                              administrator ? wire::RosterRole::administrator : wire::RosterRole::member));
  return say(made);
}

Result<> Groups::remove(const ThreadId& group, const AccountId& account) {
  BUD_TRY(const RosterMade made, rosters_.remove(group, account));
  return say(made);
}

Result<> Groups::leave(const ThreadId& group) {
  BUD_TRY(const RosterMade made, rosters_.leave(group));
  return say(made);
}

Result<> Groups::rename(const ThreadId& group, const std::string& name) {
  BUD_TRY(const RosterMade made, rosters_.rename(group, name));
  return say(made);
}

// Who comes gets all of the roster, by itself; who goes is told that by itself, and reads nothing in the group any more.
Result<> Groups::say(const RosterMade& made) {
  BUD_CHECK(moved(made.change));
  const std::shared_ptr<const Roster>& after = made.change.after;
  std::vector<AccountId> come, gone;
  for (const auto& [account, member] : after->members)
    if (account != context_.own.account && (!made.change.before || !made.change.before->has(account))) come.push_back(account);
  if (made.change.before)
    for (const auto& [account, member] : made.change.before->members)
      if (account != context_.own.account && !after->has(account)) gone.push_back(account);
  BUD_TRY(const std::vector<Recipient> newcomers, devices_of(come));
  BUD_CHECK(send_roster(made.group, newcomers));
  BUD_TRY(const std::vector<Recipient> leavers, devices_of(gone));
  BUD_CHECK(send_roster(made.group, leavers));

  wire::ThreadChange change;
  std::size_t size = 0;
  for (const Bytes& entry : made.entries) size += entry.size() + 4;
  if (size <= piece) change.entries = made.entries;  // else it is asked for
  BUD_TRY(change.proofs, rosters_.ledgers_for(made.group, proofs_room));
  BUD_CHECK(conversations_.say(made.group, wire::ContentKind::thread_change, std::move(change), {}));
  return {};
}

Result<std::vector<Recipient>> Groups::devices_of(const std::vector<AccountId>& accounts) {
  std::vector<Recipient> all;
  for (const AccountId& account : accounts) {
    BUD_TRY(std::vector<Recipient> theirs, fanout_.devices(account));
    all.insert(all.end(), theirs.begin(), theirs.end());
  }
  return all;
}

Result<> Groups::send_roster(const ThreadId& group, std::span<const Recipient> to) {
  if (to.empty()) return {};
  BUD_TRY(auto pieces, rosters_.entries(group, piece));
  BUD_TRY(std::vector<Bytes> proofs, rosters_.ledgers_for(group, proofs_room));
  for (std::vector<Bytes>& entries : pieces) {
    wire::Content c = control_content(context_, wire::ContentKind::thread_change,
                                      wire::ThreadChange{false, std::move(entries), std::exchange(proofs, {})});
    c.thread = group;
    BUD_CHECK(control_.send(c, to));
  }
  return {};
}

// --- from others ---

// Whoever is named in entries that may be of the group's. A group that nobody has named us in is none of ours.
Result<bool> Groups::concerns_us(const ThreadId& group, const wire::ThreadChange& change, std::set<AccountId>& named) {
  BUD_TRY(std::shared_ptr<const Roster> roster, rosters_.view(group));
  bool known = roster != nullptr;
  for (const Bytes& bytes : change.entries) {
    Result<wire::UnverifiedRosterEntry> e = wire::decode_roster_entry(bytes);
    if (!e || e->group() != group) continue;
    known = known || e->body.kind == wire::RosterKind::genesis;
    named.insert({e->body.author, e->body.account});
    for (const wire::FirstMember& m : e->body.members) named.insert(m.account);
  }
  if (roster)
    for (const auto& [hash, e] : roster->entries) named.insert({e.body().author, e.body().account});
  return roster != nullptr || (known && named.contains(context_.own.account));
}

// Entries prove themselves; but only those of accounts that the roster names are kept (attack `key-gift`).
Result<> Groups::take_proofs(const std::vector<Bytes>& proofs, const std::set<AccountId>& named) {
  std::map<AccountId, std::vector<wire::Entry>> by_account;
  for (const Bytes& raw : proofs)
    if (auto e = ledgers_.verify(raw); e && named.contains(e->account())) by_account[e->account()].push_back(std::move(*e));
  for (const auto& [account, entries] : by_account) BUD_CHECK(ledgers_.absorb(account, entries));
  return {};
}

Result<bool> Groups::receive(const wire::ThreadChange& change, const ThreadId& group, const Recipient& from) {
  if (change.asks) {
    BUD_TRY(std::shared_ptr<const Roster> roster, rosters_.view(group));
    const bool theirs = roster && (roster->has(from.account) || from.account == context_.own.account);
    if (theirs) BUD_CHECK(send_roster(group, {&from, 1}));
    return theirs;
  }
  std::set<AccountId> named;
  BUD_TRY(bool ours, concerns_us(group, change, named));
  if (!ours) return false;
  BUD_CHECK(take_proofs(change.proofs, named));
  BUD_TRY(const RosterChange after, rosters_.absorb(group, change.entries));
  if (after.moved()) BUD_CHECK(moved(after));
  return true;
}

Result<> Groups::moved(const RosterChange& change) {
  const Roster& roster = *change.after;
  const bool in = roster.has(context_.own.account);
  if (!in && !change.before) return {};  // not ours, or no more before it was known
  BUD_CHECK(threads_.open_group(roster.group));
  context_.changes.threads.push_back(roster.group);
  for (const auto& [account, member] : roster.members) {
    if (account == context_.own.account || (change.before && change.before->has(account))) continue;
    if (!member.address.empty()) BUD_CHECK(contacts_.hint(account, member.address));
    BUD_TRY(std::shared_ptr<const AccountView> known, ledgers_.view(account));
    if (!known) BUD_CHECK(fanout_.ask_for_lookup(account));
  }
  BUD_CHECK(gaps_.roster_moved(roster.group));
  BUD_CHECK(conversations_.reconsider(roster.group));
  return conversations_.doubt(roster.group);
}

Result<std::vector<AccountId>> Groups::differing(const std::vector<wire::MemberDigest>& members) {
  std::vector<AccountId> out;
  for (const wire::MemberDigest& m : members) {
    BUD_TRY(std::shared_ptr<const AccountView> known, ledgers_.view(m.account));
    if (!known || m.account == context_.own.account) continue;
    if (!std::equal(m.digest.bytes.begin(), m.digest.bytes.end(), known->digest.bytes.begin())) out.push_back(m.account);
  }
  return out;
}

Result<> Groups::follow_ledgers() {
  while (!context_.ledgers_moved.empty()) {
    const AccountId account = *context_.ledgers_moved.begin();
    context_.ledgers_moved.erase(context_.ledgers_moved.begin());
    BUD_TRY(const std::vector<RosterChange> changes, rosters_.retry(account));
    for (const RosterChange& change : changes)
      if (change.moved()) BUD_CHECK(moved(change));
    if (context_.devices_removed) BUD_CHECK(doubt_threads_of(account));
    if (account != context_.own.account || !context_.member()) continue;
    BUD_CHECK(sign_anew());
    BUD_CHECK(tell_own_devices());
  }
  return {};
}

Result<> Groups::doubt_threads_of(const AccountId& account) {
  BUD_TRY(std::vector<ThreadInfo> threads, threads_.all());
  for (const ThreadInfo& thread : threads)
    if (account == context_.own.account || std::find(thread.members.begin(), thread.members.end(), account) != thread.members.end())
      BUD_CHECK(conversations_.doubt(thread.thread));
  return {};
}

// What a device of the own account had signed that is none any more.
Result<> Groups::sign_anew() {
  BUD_TRY(std::vector<ThreadInfo> threads, threads_.all());
  for (const ThreadInfo& thread : threads) {
    if (!thread.group || !thread.in) continue;
    BUD_TRY(const RosterMade made, rosters_.resign(thread.thread));
    if (!made.entries.empty()) BUD_CHECK(say(made));
  }
  return {};
}

// Who let a device in tells it what groups there are.
Result<> Groups::tell_own_devices() {
  BUD_TRY(std::shared_ptr<const AccountView> own, ledgers_.view(context_.own.account));
  for (const DeviceId& device : own->seal_for) {
    const wire::Entry* grant = own->grant_of(device);
    const RowKey told = RowKey().plain(as_bytes("told-groups")).blind(device.view());
    BUD_TRY(std::optional<MarkRow> done, load<MarkRow>(context_.db(), Table::meta, told));
    if (done || device == context_.keys.device() || grant == nullptr || grant->body().signer != context_.keys.device()) continue;
    BUD_CHECK(save(context_.db(), Table::meta, told, MarkRow{context_.now()}));
    const Recipient to{context_.own.account, device};
    BUD_TRY(std::vector<ThreadInfo> threads, threads_.all());
    for (const ThreadInfo& thread : threads)
      if (thread.group) BUD_CHECK(send_roster(thread.thread, {&to, 1}));
  }
  return {};
}

}  // namespace bud::core
