// An entry of a group's roster, as bytes. What entries together mean is core/ledger's and core/roster's.
//
// The hash is over the body alone: an entry is a statement of its author's account, and any device of that account can
// sign the same statement again. So it outlives the device that signed it first. Whether the device is one of the
// author's is not for this file to ask.
#pragma once

#include "crypto/sign.h"
#include "wire/bounds.h"
#include "wire/codec.h"

namespace bud::wire {

// The numbers are those of the ledger kinds that they are judged as.
enum class RosterKind : std::uint8_t { genesis = 1, add = 2, remove = 4, rename = 5 };
enum class RosterRole : std::uint8_t { member = 1, administrator = 2 };

// Who may.
enum class Right : std::uint8_t { anyone = 1, administrators = 2 };
struct Policy {
  Right add = Right::anyone, remove = Right::anyone, rename = Right::anyone, post = Right::anyone;
  bool operator==(const Policy&) const = default;
};

// One stay of an account in a group: it may leave, and be added again with another nonce.
using SeatNonce = Fixed<struct SeatNonceTag, 16>;
using SeatId = Fixed<struct SeatIdTag, 32>;
[[nodiscard]] SeatId seat_id(const AccountId& account, const SeatNonce& nonce);

struct FirstMember {
  AccountId account;
  std::string address;  // where it may be found: a hint, by the word of the author
  bool operator==(const FirstMember&) const = default;
};

struct RosterBody {
  RosterKind kind = RosterKind::genesis;
  ThreadId group;  // zero in a genesis
  EntryHash prev;  // zero in a genesis
  AccountId author;
  SeatNonce seat;                          // the author's; genesis: the first bytes of its nonce
  Time time;                               // by the signer's clock: for people, never for judging
  Fixed<struct RosterNonceTag, 32> nonce;  // genesis
  Policy policy;                           // genesis
  std::string name;                        // genesis, rename
  std::vector<FirstMember> members;        // genesis: beside the author, whose administrator the group has; none twice
  AccountId account;                       // add: who comes; remove: who goes
  SeatNonce account_seat;                  // add, remove
  RosterRole role = RosterRole::member;    // add
  std::string address;                     // genesis: where the author may be found; add: where who comes may be
  std::vector<EntryHash> keep;             // remove: newest entries of that seat that go on counting
  std::uint64_t number = 0;                // rename

  SeatId author_seat() const { return seat_id(author, seat); }
};

[[nodiscard]] Bytes encode(const RosterBody& body);

// Bytes that look like an entry. Nothing in it may be believed.
struct UnverifiedRosterEntry {
  RosterBody body;
  Bytes body_bytes;
  DeviceId device;
  crypto::Signature signature;

  EntryHash hash() const;
  ThreadId group() const;  // that it names; a genesis: its own hash
};

// An entry that its device did sign.
class RosterEntry {
 public:
  const RosterBody& body() const { return body_; }
  const EntryHash& hash() const { return hash_; }
  ThreadId group() const;
  const DeviceId& device() const { return device_; }
  // As carried and stored.
  const Bytes& bytes() const { return bytes_; }

 private:
  friend Result<RosterEntry> verify(UnverifiedRosterEntry entry);
  friend RosterEntry sign_roster_entry(const RosterBody& body, const crypto::SigningKey& device);
  friend Result<RosterEntry> sign_again(const RosterEntry& entry, const crypto::SigningKey& device);
  friend Result<RosterEntry> trust_stored_roster_entry(ByteView bytes);
  RosterBody body_;
  EntryHash hash_;
  DeviceId device_;
  Bytes bytes_;
};

[[nodiscard]] Result<UnverifiedRosterEntry> decode_roster_entry(ByteView bytes);
// Errc::malformed (it contradicts itself), Errc::bad_key, Errc::bad_signature.
[[nodiscard]] Result<RosterEntry> verify(UnverifiedRosterEntry entry);
[[nodiscard]] Result<RosterEntry> decode_and_verify_roster_entry(ByteView bytes);
// For rows of the sealed store only: they were verified before they were sealed.
[[nodiscard]] Result<RosterEntry> trust_stored_roster_entry(ByteView bytes);

[[nodiscard]] RosterEntry sign_roster_entry(const RosterBody& body, const crypto::SigningKey& device);
// The same statement, the same hash, by another device.
[[nodiscard]] Result<RosterEntry> sign_again(const RosterEntry& entry, const crypto::SigningKey& device);

}  // namespace bud::wire
