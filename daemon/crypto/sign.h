// Ed25519 (RFC 8032), as libsodium has it: canonical S and points only, no low-order keys.
#pragma once

#include "base/environment.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

namespace bud::crypto {

using Signature = Fixed<struct SignatureTag, 64>;

// A key pair that signs. The public half is the device's (or recovery key's) id.
class SigningKey {
 public:
  static SigningKey generate(Random& random);
  static SigningKey from_seed(const Secret<32>& seed);
  // From expanded(): 64 bytes, as libsodium keeps them (seed and public key), without computing the latter again.
  static SigningKey from_expanded(ByteView expanded);
  ByteView expanded() const { return secret_.expose(); }

  const DeviceId& id() const { return id_; }
  // The 32 bytes from which all of it follows; what is stored, and what 24 recovery words stand for.
  Secret<32> seed() const;
  // Over the label and the message, so that no signature of one type is one of another.
  Signature sign(Label label, ByteView message) const;
  SigningKey clone() const;

 private:
  DeviceId id_;
  Secret<64> secret_;
};

// Refuses what is not the canonical encoding of a point of the main subgroup other than its identity (mixed and low
// order: "Taming the many EdDSAs", 2020). Every key passes here once, when it enters a ledger or a record.
[[nodiscard]] Result<> check_signing_public(const DeviceId& id);

[[nodiscard]] bool verify(const DeviceId& signer, Label label, ByteView message, const Signature& signature);

}  // namespace bud::crypto
