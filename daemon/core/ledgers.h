// The ledgers of all accounts this device knows: their entries on disk, and what they come to.
#pragma once

#include "core/alerts.h"
#include "core/ledger/replica.h"

#include <map>

namespace bud::core {

[[nodiscard]] ledger::Node to_node(const wire::Entry& entry);

// One account as its ledger and this device's memory have it now. Immutable; shared until the ledger changes.
struct AccountView {
  AccountId account;
  std::map<EntryHash, wire::Entry> entries;
  ledger::State state;
  ledger::Memory memory;
  LedgerDigest digest;
  std::set<DeviceId> seal_for;
  std::set<DeviceId> held;
  std::map<DeviceId, crypto::DhPublic> identities;  // of every device that ever was a member
  std::map<DeviceId, Time> added;

  bool claims(const wire::ClaimOpening& opening, std::string_view address) const;
  bool was_member(const DeviceId& device) const { return identities.contains(device); }
  // The entry that granted `device`, of the most senior grant.
  const wire::Entry* grant_of(const DeviceId& device) const;
  // For a record or an introduction: the whole of what is needed where it fits, else the device's path and the revokes.
  std::vector<Bytes> proof(const DeviceId& device, std::size_t room) const;
};

class Ledgers {
 public:
  Ledgers(Context& context, Alerts& alerts) : context_(context), alerts_(alerts) {}

  // nullptr: nothing is known of the account.
  [[nodiscard]] Result<std::shared_ptr<const AccountView>> view(const AccountId& account);
  // An entry from outside. One that stands in its account's ledger, to the byte, was verified before it was stored, and
  // costs no signature again. Errors: those of wire::decode_and_verify_entry.
  [[nodiscard]] Result<wire::Entry> verify(ByteView bytes);
  // Takes in entries that verified, of this account; others are ignored. Raises what their coming means: own devices
  // added or revoked, a contact's devices changed, disputed. True where the account's digest moved.
  [[nodiscard]] Result<bool> absorb(const AccountId& account, std::span<const wire::Entry> entries);

  void forget_cached() { cache_.clear(); }

 private:
  [[nodiscard]] Result<std::shared_ptr<const AccountView>> read(const AccountId& account);
  [[nodiscard]] Result<> announce(const AccountView* before, const AccountView& after);
  [[nodiscard]] Result<> announce_own(const AccountView* before, const AccountView& after);

  Context& context_;
  Alerts& alerts_;
  std::map<AccountId, std::shared_ptr<const AccountView>> cache_;
};

[[nodiscard]] LedgerDigest digest_of(const ledger::State& state);

}  // namespace bud::core
