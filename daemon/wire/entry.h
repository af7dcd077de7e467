// An entry of the device ledger, as bytes: encoding, hash and signatures. What entries together mean is core/ledger's.
// What is signed is carried as the bytes that were signed; the hash is over the same bytes, so that it names the
// statement, not the signature under it.
#pragma once

#include "crypto/dh.h"
#include "crypto/sign.h"
#include "wire/bounds.h"
#include "wire/codec.h"

namespace bud::wire {

enum class EntryKind : std::uint8_t { genesis = 1, add = 2, handover = 3, revoke = 4, claim = 5, release = 6 };
enum class Role : std::uint8_t { device = 1, recovery = 2 };

struct EntryBody {
  EntryKind kind = EntryKind::genesis;
  AccountId account;         // zero in a genesis
  EntryHash prev;            // zero in a genesis
  DeviceId signer;           // genesis: the first device
  Time time;                 // by the signer's clock: for people, never for judging
  // genesis, add, handover: the key that becomes a member (genesis: the signer); revoke: the target
  DeviceId key;
  crypto::DhPublic identity; // X25519 identity key of `key`; zero for a recovery key
  Role role = Role::device;  // add
  Fixed<struct NonceTag32, 32> nonce;  // genesis
  DeviceId recovery;         // genesis: the root recovery key
  crypto::Signature cosignature;       // genesis: by `recovery`; add, handover: by `key`
  std::vector<EntryHash> keep;         // revoke
  BlindedAddress blinded;    // claim
  EntryHash released;        // release: the claim entry
};

[[nodiscard]] Bytes encode(const EntryBody& body);

// Bytes that look like an entry. Nothing in it may be believed.
struct UnverifiedEntry {
  EntryBody body;
  Bytes body_bytes;
  crypto::Signature signature;

  EntryHash hash() const;
  AccountId account() const;  // that it names; a genesis: its own hash
};

// An entry whose signatures and keys were checked. It proves itself; whether it counts is for the ledger to say.
class Entry {
 public:
  const EntryBody& body() const { return body_; }
  const EntryHash& hash() const { return hash_; }
  // The account that it belongs to: for a genesis, its own hash.
  AccountId account() const;
  // As carried and stored: body and signature.
  const Bytes& bytes() const { return bytes_; }

 private:
  friend Result<Entry> verify(UnverifiedEntry entry);
  friend Entry sign_entry(const EntryBody& body, const crypto::SigningKey& signer);
  friend Result<Entry> trust_stored_entry(ByteView bytes);
  EntryBody body_;
  EntryHash hash_;
  Bytes bytes_;
};

[[nodiscard]] Result<UnverifiedEntry> decode_entry(ByteView bytes);
// Errc::bad_signature, Errc::bad_key. Checks the signer's signature, the co-signature, and every key's encoding.
[[nodiscard]] Result<Entry> verify(UnverifiedEntry entry);
[[nodiscard]] Result<Entry> decode_and_verify_entry(ByteView bytes);
// For rows of the sealed store only: they were verified before they were sealed, and 47 µs an entry add up.
[[nodiscard]] Result<Entry> trust_stored_entry(ByteView bytes);

// What the new key (add, handover) or the root recovery key (genesis) signs before the entry is complete.
[[nodiscard]] Bytes cosigned_part(const EntryBody& body);
[[nodiscard]] crypto::Signature cosign(const EntryBody& body, const crypto::SigningKey& key);
[[nodiscard]] Entry sign_entry(const EntryBody& body, const crypto::SigningKey& signer);

// A claim's blinding: the address behind 32 random bytes, so that one directory does not publish the others' addresses.
using ClaimOpening = Fixed<struct ClaimOpeningTag, 32>;
[[nodiscard]] BlindedAddress blind(const ClaimOpening& opening, std::string_view address);

}  // namespace bud::wire
