// The directory's two directions: what is believed of the records it serves, and the record this device publishes.
#pragma once

#include "core/fanout.h"

namespace bud::core {

class Directory {
 public:
  Directory(Context& context, Alerts& alerts, Ledgers& ledgers, Sessions& sessions, Prekeys& prekeys, Fanout& fanout)
      : context_(context), alerts_(alerts), ledgers_(ledgers), sessions_(sessions), prekeys_(prekeys), fanout_(fanout) {}

  // All that is served at an address (with bridge prefix). Records that verify are held against their account's ledger and
  // its claim of the address; what does not fit raises alerts, and changes nothing.
  [[nodiscard]] Result<> served(const std::string& address, std::span<const wire::Record> records);
  [[nodiscard]] Result<> failed(const std::string& address);
  [[nodiscard]] Result<AccountId> resolve(const std::string& address);
  // Asks for look-ups of an account's addresses, where the last is more than `age` ago.
  [[nodiscard]] Result<> refresh(const AccountId& account, Duration age);
  // Looks up anew whom messages wait for, every ten minutes: what was asked before may have had no answer, or have died
  // with the process that asked. `at_once`: a bridge is there, or back.
  [[nodiscard]] Result<> ask_again(bool at_once);

  // Something that the record holds has changed: it is published again by every bridge.
  [[nodiscard]] Result<> republish();
  // Once a day, at an hour that no two days share.
  [[nodiscard]] Result<> republish_when_due();
  Time republish_due() const;
  [[nodiscard]] Result<std::optional<Publication>> publication(const BridgeRow& bridge);

 private:
  // One record against its account's ledger. True where it proves that the account answers at the address.
  [[nodiscard]] Result<bool> take(const std::string& address, const wire::Record& record, const AddressRow& pinned);
  [[nodiscard]] Result<> unlisted(const std::string& address, const wire::Record& record, const AddressRow& pinned);
  [[nodiscard]] Result<> pin(const std::string& address, AddressRow row, const std::set<AccountId>& matched);
  [[nodiscard]] Result<> send_waiting(const AccountId& account);
  bool own_address(const std::string& address) const;
  [[nodiscard]] Result<Bytes> join_record(const BridgeRow& bridge);
  [[nodiscard]] Result<Bytes> device_record(const wire::AddressOpening& opening);

  Context& context_;
  Alerts& alerts_;
  Ledgers& ledgers_;
  Sessions& sessions_;
  Prekeys& prekeys_;
  Fanout& fanout_;
  Time asked_;  // by ask_again
};

// The commitment of a device that asks to join, to its keys and a nonce it keeps until the sponsor has shown one.
[[nodiscard]] wire::JoinCommitment join_commitment(const DeviceId& device, const crypto::DhPublic& identity,
                                                   const wire::JoinNonce& nonce);

}  // namespace bud::core
