#include "crypto/kem.h"

#include <sodium.h>

#include <cstdlib>

namespace bud::crypto {

KemKey KemKey::from_seed(Secret<64> seed) {
  KemPublic pub;
  Secret<crypto_kem_mlkem768_SECRETKEYBYTES> expanded;
  if (crypto_kem_mlkem768_seed_keypair(pub.bytes.data(), expanded.expose_mutable().data(), seed.expose().data()) != 0)
    std::abort();
  return KemKey(pub, std::move(seed));
}

KemKey KemKey::generate(Random& random) {
  Secret<64> seed;
  random.fill(seed.expose_mutable());
  return from_seed(std::move(seed));
}

Result<Secret<32>> KemKey::decapsulate(const KemCiphertext& ciphertext) const {
  KemPublic pub;
  Secret<crypto_kem_mlkem768_SECRETKEYBYTES> expanded;
  Secret<32> shared;
  if (crypto_kem_mlkem768_seed_keypair(pub.bytes.data(), expanded.expose_mutable().data(), seed_.expose().data()) != 0 ||
      crypto_kem_mlkem768_dec(shared.expose_mutable().data(), ciphertext.bytes.data(), expanded.expose().data()) != 0)
    return fail(Errc::bad_key, "ML-KEM decapsulation refused");
  return shared;
}

// FIPS 203, section 7.2: each of the 768 twelve-bit coefficients is below q = 3329. Checked here and not left to the
// library, whose encapsulation need not look.
Result<> check_kem_public(const KemPublic& key) {
  for (std::size_t i = 0; i + 2 < 1152; i += 3) {
    const unsigned a = key.bytes[i] | (key.bytes[i + 1] & 0x0fu) << 8;
    const unsigned b = key.bytes[i + 1] >> 4 | static_cast<unsigned>(key.bytes[i + 2]) << 4;
    if (a >= 3329 || b >= 3329) return fail(Errc::bad_key, "ML-KEM key with a coefficient not below q");
  }
  return {};
}

Result<Encapsulation> encapsulate(const KemPublic& to, Random& random) {
  BUD_CHECK(check_kem_public(to));
  Encapsulation e;
  Secret<32> seed;
  random.fill(seed.expose_mutable());
  if (crypto_kem_mlkem768_enc_deterministic(e.ciphertext.bytes.data(), e.shared.expose_mutable().data(), to.bytes.data(),
                                            seed.expose().data()) != 0)
    return fail(Errc::bad_key, "ML-KEM encapsulation refused");
  return e;
}

}  // namespace bud::crypto
