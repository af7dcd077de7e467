// Who is in a group, and what may be done there: a pure function of its roster's entries, by the judgement that judges
// device ledgers (core/ledger/evaluate.h). Seats stand where a ledger has keys: an account that left and came back sits
// on another seat, and one that was made administrator has a second one.
#pragma once

#include "core/ledger/evaluate.h"
#include "wire/roster.h"

#include <map>
#include <set>

namespace bud::core {

[[nodiscard]] ledger::Node to_node(const wire::RosterEntry& entry);

struct RosterMember {
  bool administrator = false;
  std::string address;              // of the most senior seat that came with one
  std::vector<wire::SeatId> seats;  // that are up, the most senior first, none twice
};

// Immutable; shared until the roster changes.
struct Roster {
  ThreadId group;
  AccountId creator;
  std::string name;
  std::uint64_t name_number = 0;  // of the rename that gave it; 0: the genesis did
  wire::Policy policy;
  std::map<AccountId, RosterMember> members;
  RosterDigest digest;
  std::map<EntryHash, wire::RosterEntry> entries;
  ledger::State state;

  bool has(const AccountId& account) const { return members.contains(account); }
  bool is_administrator(const AccountId& account) const;
  bool may_post(const AccountId& account) const { return may(account, policy.post); }
  bool may_add(const AccountId& account) const { return may(account, policy.add); }
  bool may_remove(const AccountId& account) const { return may(account, policy.remove); }
  bool may_rename(const AccountId& account) const { return may(account, policy.rename); }
  std::set<AccountId> accounts() const;
  std::size_t seats() const;  // that are up, each once: one may have been granted twice, with either role

 private:
  bool may(const AccountId& account, wire::Right right) const;
};

// A rename whose number is further above the one before it is skipped: nobody can name a group for ever.
inline constexpr std::uint64_t max_name_step = 1000;

// Errors: as ledger::evaluate's; the entries hold exactly one genesis.
[[nodiscard]] Result<Roster> judge_roster(std::map<EntryHash, wire::RosterEntry> entries);

[[nodiscard]] RosterDigest roster_digest(const ledger::State& state);

}  // namespace bud::core
