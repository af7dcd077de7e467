// The rosters of all groups this device knows: their entries on disk, what they come to, and entries made here.
//
// An entry is taken in if its author's ledger, as this device knows it now, lists the device that signed it. What was
// taken in once stays, whatever becomes of the device; nobody else needs to agree on when that was, since any device of
// the author's can sign the same statement again (resign).
#pragma once

#include "core/ledgers.h"
#include "core/roster.h"

namespace bud::core {

struct RosterChange {
  std::shared_ptr<const Roster> before, after;  // nullptr: nothing is known
  bool moved() const { return after && (!before || before->digest != after->digest); }
};

struct RosterMade {
  ThreadId group;
  std::vector<Bytes> entries;  // to be sent
  RosterChange change;
};

class Rosters {
 public:
  Rosters(Context& context, Ledgers& ledgers) : context_(context), ledgers_(ledgers) {}

  // nullptr: its genesis is not known, or not taken in yet.
  [[nodiscard]] Result<std::shared_ptr<const Roster>> view(const ThreadId& group);
  // Entries from outside; what is malformed, badly signed or another group's is left out. What cannot be vouched for
  // waits, and all that waits for this group is tried again.
  [[nodiscard]] Result<RosterChange> absorb(const ThreadId& group, std::span<const Bytes> offered);
  // To be called when an account's ledger has moved: what waits for it is tried again. Groups that moved.
  [[nodiscard]] Result<std::vector<RosterChange>> retry(const AccountId& account);
  // Who was in when the roster had this digest; nullopt: this device was never in that state, or over 1,024 states ago.
  [[nodiscard]] Result<std::optional<std::set<AccountId>>> members_at(const ThreadId& group,
                                                                      const RosterDigest& digest);

  // --- for others ---
  // All that is kept, parents first, in pieces of at most so many bytes, each entry with room for its length.
  [[nodiscard]] Result<std::vector<std::vector<Bytes>>> entries(const ThreadId& group, std::size_t piece);
  // Ledger entries that let a newcomer vouch for them, of each author a fair share of the room.
  [[nodiscard]] Result<std::vector<Bytes>> ledgers_for(const ThreadId& group, std::size_t room);

  // --- made here, in the own account's name ---
  // All: Errc::not_found (no such group), Errc::not_allowed (by policy, membership, or because the roster has no more
  // room), Errc::malformed (a name or address that is none).
  // Errc::conflict: somebody named twice. Errc::too_large: more than 256 with oneself.
  [[nodiscard]] Result<RosterMade> create(const std::string& name, const wire::Policy& policy,
                                          std::vector<wire::FirstMember> members);
  // To add a member again as an administrator raises it. Errc::conflict: is one already. Errc::too_large.
  [[nodiscard]] Result<RosterMade> add(const ThreadId& group, const AccountId& account, const std::string& address,
                                       wire::RosterRole role = wire::RosterRole::member);
  // What it did until now stays. The own account leaves.
  [[nodiscard]] Result<RosterMade> remove(const ThreadId& group, const AccountId& account);
  [[nodiscard]] Result<RosterMade> leave(const ThreadId& group);
  [[nodiscard]] Result<RosterMade> rename(const ThreadId& group, const std::string& name);
  // The own account's entries whose device is no longer one of its own, signed anew by this one.
  [[nodiscard]] Result<RosterMade> resign(const ThreadId& group);

  void forget_cached() { cache_.clear(); }

 private:
  using Entries = std::map<EntryHash, wire::RosterEntry>;
  struct Candidate {
    wire::RosterEntry entry;
    bool vouched = false;      // now, or when it came
    std::uint64_t number = 0;  // of its row, where it waited before
    bool changed = true;       // its row says something else, or there is none
  };

  [[nodiscard]] Result<std::shared_ptr<const Roster>> read(const ThreadId& group);
  [[nodiscard]] Result<bool> listed(const wire::RosterEntry& entry);
  [[nodiscard]] Result<std::vector<Candidate>> waiting(const ThreadId& group);
  [[nodiscard]] Result<> offer(const Roster* known, const ThreadId& group, ByteView raw, std::vector<Candidate>& to);
  [[nodiscard]] Result<Entries> vouch(std::vector<Candidate>& candidates, const Roster* known);
  [[nodiscard]] Result<std::shared_ptr<const Roster>> settle(std::shared_ptr<const Roster> before, Entries entries);
  [[nodiscard]] Result<> remember(const Roster& roster);
  [[nodiscard]] Result<> wait(const ThreadId& group, const std::vector<Candidate>& candidates, const Entries& settled);
  [[nodiscard]] Result<> bound_waiting(const RowKey& prefix, std::size_t rows, std::size_t bytes);

  class Draft;
  [[nodiscard]] Result<std::shared_ptr<const Roster>> own_group(const ThreadId& group);
  [[nodiscard]] Result<> check_listed();
  [[nodiscard]] Result<RosterMade> publish(const ThreadId& group, std::vector<Bytes> entries);

  Context& context_;
  Ledgers& ledgers_;
  std::map<ThreadId, std::shared_ptr<const Roster>> cache_;
};

}  // namespace bud::core
