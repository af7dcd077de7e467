// What a directory holds: a device's record, and the record of a device that asks to join.
#pragma once

#include "crypto/kem.h"
#include "wire/entry.h"

#include <functional>

namespace bud::wire {

// The public half of a prekey: both keys change together, once a day. A personal one (given to one peer inside a session,
// used once) has the same shape.
struct PrekeyBundle {
  std::uint64_t id = 0;  // random
  Time time;
  crypto::DhPublic dh;
  crypto::KemPublic kem;
};
void write(Writer& w, const PrekeyBundle& bundle);
[[nodiscard]] PrekeyBundle read_bundle(Reader& r);
[[nodiscard]] Bytes encode(const PrekeyBundle& bundle);  // "the exact bundle" of T0
[[nodiscard]] Result<> check_keys(const PrekeyBundle& bundle);  // Errc::bad_key

// Where copies for this device can be left: an address "bridge:rest" and the transport's own name for the device there.
struct Route {
  std::string address;
  std::string device;
  auto operator<=>(const Route&) const = default;
};

struct RecordBody {
  AccountId account;
  DeviceId device;
  std::uint64_t sequence = 0;
  Time time;
  PrekeyBundle bundle;
  std::vector<Route> routes;
  std::string address;    // the one this record is served at
  ClaimOpening opening;   // opens the account's claim of it
  std::vector<Bytes> entries;  // its path in the ledger and the revokes it knows; the whole ledger while it fits
};

// A record whose device signed it, with entries that verify. Whether that device is in the account is the ledger's to say.
struct Record {
  RecordBody body;
  std::vector<Entry> entries;  // those that verified and belong to body.account
  Bytes bytes;
};
[[nodiscard]] Bytes sign_record(const RecordBody& body, const crypto::SigningKey& device);
// `check_entry` stands for decode_and_verify_entry where entries are known that have verified before.
using CheckEntry = std::function<Result<Entry>(ByteView)>;
[[nodiscard]] Result<Record> decode_and_verify_record(ByteView bytes, const CheckEntry& check_entry = decode_and_verify_entry);

// A device that wants to be added, at the account's address; it makes nobody a member.
struct JoinRecordBody {
  DeviceId device;
  crypto::DhPublic identity;
  Time time;
  PrekeyBundle bundle;
  Route route;
  Fixed<struct CommitmentTag, 32> commitment;  // to keys and nonce
};
using JoinCommitment = decltype(JoinRecordBody::commitment);
struct JoinRecord {
  JoinRecordBody body;
  Bytes bytes;
};
[[nodiscard]] Bytes sign_join_record(const JoinRecordBody& body, const crypto::SigningKey& device);
[[nodiscard]] Result<JoinRecord> decode_and_verify_join_record(ByteView bytes);
// For rows of the sealed store only, as trust_stored_entry().
[[nodiscard]] Result<JoinRecord> trust_stored_join_record(ByteView bytes);

// What a directory's file is, by its type byte; nullopt: neither. Nothing else is looked at.
[[nodiscard]] std::optional<ObjectType> peek_record_type(ByteView bytes);

}  // namespace bud::wire
