// The own account: made, claimed at addresses, and cleared of devices, by entries that this device signs.
#pragma once

#include "core/directory.h"

namespace bud::core {

class Account {
 public:
  Account(Context& context, Ledgers& ledgers, Prekeys& prekeys, Fanout& fanout, Directory& directory)
      : context_(context), ledgers_(ledgers), prekeys_(prekeys), fanout_(fanout), directory_(directory) {}

  [[nodiscard]] Result<> create(const std::string& name);
  [[nodiscard]] Result<AccountInfo> info();
  [[nodiscard]] Result<crypto::SecretBytes> recovery_words();
  [[nodiscard]] Result<> recovery_words_shown();
  [[nodiscard]] Result<std::vector<DeviceInfo>> devices(const AccountId& account);
  [[nodiscard]] Result<> revoke(const DeviceId& device);
  // Claims what a bridge's address is, where the account does not yet.
  [[nodiscard]] Result<> claim(const std::string& address);
  // An empty message to the other own devices: they learn of the ledger's change by it, not by a directory.
  [[nodiscard]] Result<> tell_own_devices();

 private:
  [[nodiscard]] Result<> sign(wire::EntryBody body);
  [[nodiscard]] std::vector<EntryHash> newest_of(const AccountView& view, const DeviceId& device) const;

  Context& context_;
  Ledgers& ledgers_;
  Prekeys& prekeys_;
  Fanout& fanout_;
  Directory& directory_;
};

}  // namespace bud::core
