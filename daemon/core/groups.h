// Groups: their rosters carried between devices, and changed here. A change is said in the group like anything else, and
// holds the roster's entries that make it; whoever lacks more of the roster asks whoever named it.
#pragma once

#include "core/control.h"
#include "core/conversations.h"

namespace bud::core {

class Groups {
 public:
  Groups(Context& context, Ledgers& ledgers, Rosters& rosters, Contacts& contacts, Fanout& fanout, Control& control, Threads& threads,
         Gaps& gaps, Conversations& conversations)
      : context_(context), ledgers_(ledgers), rosters_(rosters), contacts_(contacts), fanout_(fanout), control_(control),
        threads_(threads), gaps_(gaps), conversations_(conversations) {}

  // --- changed here: errors as Rosters' ---
  [[nodiscard]] Result<ThreadId> create(const std::string& name, const GroupPolicy& policy, const std::vector<AccountId>& members);
  [[nodiscard]] Result<> add(const ThreadId& group, const AccountId& account, bool administrator);
  [[nodiscard]] Result<> remove(const ThreadId& group, const AccountId& account);
  [[nodiscard]] Result<> leave(const ThreadId& group);
  [[nodiscard]] Result<> rename(const ThreadId& group, const std::string& name);

  // --- from others ---
  // Of a content of the group, or of a roster sent by itself: what it holds of the roster is taken in, if the group is one
  // that the own account is named in; false where it is none.
  [[nodiscard]] Result<bool> receive(const wire::ThreadChange& change, const ThreadId& group, const Recipient& from);
  // Of what the sender knows of the other members' ledgers: those of which this device knows something else.
  [[nodiscard]] Result<std::vector<AccountId>> differing(const std::vector<wire::MemberDigest>& members);
  // Ledgers have moved in this call: entries that waited for them, and own ones whose device is gone.
  [[nodiscard]] Result<> follow_ledgers();

 private:
  [[nodiscard]] Result<> doubt_threads_of(const AccountId& account);
  [[nodiscard]] Result<> sign_anew();
  [[nodiscard]] Result<> tell_own_devices();
  [[nodiscard]] Result<> say(const RosterMade& made);
  [[nodiscard]] Result<> moved(const RosterChange& change);
  [[nodiscard]] Result<> send_roster(const ThreadId& group, std::span<const Recipient> to);
  [[nodiscard]] Result<bool> concerns_us(const ThreadId& group, const wire::ThreadChange& change, std::set<AccountId>& named);
  [[nodiscard]] Result<> take_proofs(const std::vector<Bytes>& proofs, const std::set<AccountId>& named);
  [[nodiscard]] Result<std::vector<Recipient>> devices_of(const std::vector<AccountId>& accounts);

  Context& context_;
  Ledgers& ledgers_;
  Rosters& rosters_;
  Contacts& contacts_;
  Fanout& fanout_;
  Control& control_;
  Threads& threads_;
  Gaps& gaps_;
  Conversations& conversations_;
};

}  // namespace bud::core
