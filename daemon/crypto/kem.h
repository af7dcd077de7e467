// ML-KEM-768 (FIPS 203).
#pragma once

#include "base/environment.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace bud::crypto {

using KemPublic = Fixed<struct KemPublicTag, 1184>;
using KemCiphertext = Fixed<struct KemCiphertextTag, 1088>;

// Kept as the 64-byte seed (d, z of FIPS 203, section 6.1): a session that waits for an answer is 2,336 bytes smaller, and
// the seed is expanded when the answer comes.
class KemKey {
 public:
  static KemKey generate(Random& random);
  static KemKey from_seed(Secret<64> seed);

  const KemPublic& public_key() const { return public_; }
  const Secret<64>& seed() const { return seed_; }
  KemKey clone() const { return KemKey(public_, seed_.clone()); }

  // Never says that a ciphertext is wrong (implicit rejection): the secret is then another one, and what was sealed
  // under it does not open.
  [[nodiscard]] Result<Secret<32>> decapsulate(const KemCiphertext& ciphertext) const;

 private:
  KemKey(const KemPublic& pub, Secret<64> seed) : public_(pub), seed_(std::move(seed)) {}
  KemPublic public_;
  Secret<64> seed_;
};

struct Encapsulation {
  KemCiphertext ciphertext;
  Secret<32> shared;
};

// FIPS 203's modulus check of a public key (section 7.2): each coefficient is below q. Errc::bad_key.
[[nodiscard]] Result<> check_kem_public(const KemPublic& key);

// Errc::bad_key where the key fails that check.
[[nodiscard]] Result<Encapsulation> encapsulate(const KemPublic& to, Random& random);

}  // namespace bud::crypto
