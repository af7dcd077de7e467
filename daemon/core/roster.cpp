#include "core/roster.h"

#include "wire/labels.h"

#include <algorithm>

namespace bud::core {
namespace {

using wire::RosterEntry;
using wire::RosterKind;

DeviceId as_key(const wire::SeatId& seat) {
  return DeviceId{seat.bytes};
}
wire::SeatId as_seat(const DeviceId& key) {
  return wire::SeatId{key.bytes};
}

struct Sitter {
  AccountId account;
  std::string address;
};

// Who sits on the seat that an entry granted. A genesis grants several.
std::map<wire::SeatId, Sitter> seats_of(const RosterEntry& grant) {
  const wire::RosterBody& b = grant.body();
  if (b.kind == RosterKind::add) return {{wire::seat_id(b.account, b.account_seat), {b.account, b.address}}};
  std::map<wire::SeatId, Sitter> all{{b.author_seat(), {b.author, b.address}}};
  for (const wire::FirstMember& m : b.members)
    all.emplace(wire::seat_id(m.account, b.seat), Sitter{m.account, m.address});
  return all;
}

void seat_members(Roster& roster) {
  std::map<EntryHash, std::map<wire::SeatId, Sitter>> grants;
  for (const ledger::Standing& s : roster.state.members) {
    if (!s.up) continue;
    auto grant = grants.find(s.grant);
    if (grant == grants.end()) grant = grants.emplace(s.grant, seats_of(roster.entries.at(s.grant))).first;
    const Sitter& sitter = grant->second.at(as_seat(s.key));
    RosterMember& member = roster.members[sitter.account];
    member.administrator = member.administrator || s.role == ledger::Role::administrator;
    if (member.address.empty()) member.address = sitter.address;
    const wire::SeatId seat = as_seat(s.key);
    if (std::find(member.seats.begin(), member.seats.end(), seat) == member.seats.end()) member.seats.push_back(seat);
  }
}

// A rename that counts stays in force when its author has left: so by `effective`, not by the judgement's claims.
void name(Roster& roster) {
  std::map<std::pair<std::uint64_t, EntryHash>, const std::string*> renames;
  for (const EntryHash& hash : roster.state.effective) {
    const wire::RosterBody& b = roster.entries.at(hash).body();
    if (b.kind == RosterKind::rename) renames[{b.number, hash}] = &b.name;
  }
  for (const auto& [at, text] : renames) {
    if (at.first - roster.name_number > max_name_step) continue;
    roster.name_number = at.first;
    roster.name = *text;
  }
}

}  // namespace

ledger::Node to_node(const RosterEntry& entry) {
  const wire::RosterBody& b = entry.body();
  ledger::Node n;
  n.hash = entry.hash();
  n.parent = b.prev;
  n.signer = as_key(b.author_seat());
  n.kind = static_cast<ledger::Kind>(b.kind);
  n.role = static_cast<ledger::Role>(b.role);
  n.keep = b.keep;
  if (b.kind == RosterKind::add || b.kind == RosterKind::remove)
    n.key = as_key(wire::seat_id(b.account, b.account_seat));
  if (b.kind != RosterKind::genesis) return n;
  n.founders = {{n.signer, ledger::Role::administrator}};
  for (const wire::FirstMember& m : b.members)
    n.founders.push_back({as_key(wire::seat_id(m.account, b.seat)), ledger::Role::member});
  const auto reserves = [](wire::Right right) { return right == wire::Right::administrators; };
  // Whatever the policy: only administrators make administrators.
  n.reserved = {reserves(b.policy.add), true, reserves(b.policy.remove), reserves(b.policy.rename)};
  n.forked_rows = true;
  return n;
}

RosterDigest roster_digest(const ledger::State& state) {
  crypto::Hasher h(wire::label::roster_digest);
  for (const EntryHash& e : state.needed) h.add(e.view());
  return h.finish_as<RosterDigest>();
}

bool Roster::is_administrator(const AccountId& account) const {
  const auto m = members.find(account);
  return m != members.end() && m->second.administrator;
}

bool Roster::may(const AccountId& account, wire::Right right) const {
  return right == wire::Right::anyone ? has(account) : is_administrator(account);
}

std::size_t Roster::seats() const {
  std::size_t n = 0;
  for (const auto& [account, member] : members) n += member.seats.size();
  return n;
}

std::set<AccountId> Roster::accounts() const {
  std::set<AccountId> all;
  for (const auto& [account, member] : members) all.insert(all.end(), account);
  return all;
}

Result<Roster> judge_roster(std::map<EntryHash, RosterEntry> entries) {
  std::vector<ledger::Node> nodes;
  nodes.reserve(entries.size());
  for (const auto& [hash, e] : entries) nodes.push_back(to_node(e));
  Roster roster;
  BUD_TRY(roster.state, ledger::evaluate(nodes, ledger::roster_bounds));
  roster.entries = std::move(entries);
  const ledger::Tree& tree = roster.state.tree();
  const RosterEntry& genesis = roster.entries.at(tree.node(tree.genesis()).hash);
  roster.group = genesis.group();
  roster.creator = genesis.body().author;
  roster.policy = genesis.body().policy;
  roster.name = genesis.body().name;
  roster.digest = roster_digest(roster.state);
  seat_members(roster);
  name(roster);
  return roster;
}

}  // namespace bud::core
