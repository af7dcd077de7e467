#include "support/expanded_kem_key.h"

#include <sodium.h>

namespace bud::test {

crypto::Secret<1152> expanded_kem_key(const crypto::Secret<64>& seed) {
  std::array<std::uint8_t, crypto_kem_mlkem768_PUBLICKEYBYTES> pub;
  crypto::Secret<crypto_kem_mlkem768_SECRETKEYBYTES> expanded;
  crypto_kem_mlkem768_seed_keypair(pub.data(), expanded.expose_mutable().data(), seed.expose().data());
  return *crypto::Secret<1152>::from(expanded.expose().first(1152));
}

}  // namespace bud::test
