#include "crypto/dh.h"

#include <sodium.h>

namespace bud::crypto {

DhKey DhKey::from_secret(Secret<32> secret) {
  DhPublic pub;
  crypto_scalarmult_base(pub.bytes.data(), secret.expose().data());
  return DhKey(pub, std::move(secret));
}

DhKey DhKey::generate(Random& random) {
  Secret<32> secret;
  random.fill(secret.expose_mutable());
  return from_secret(std::move(secret));
}

Result<Secret<32>> DhKey::agree(const DhPublic& peer) const {
  Secret<32> shared;
  if (crypto_scalarmult(shared.expose_mutable().data(), secret_.expose().data(), peer.bytes.data()) != 0)
    return fail(Errc::bad_key, "X25519 with a point of low order");
  return shared;
}

Result<> check_dh_public(const DhPublic& key) {
  // p = 2^255 - 19, little-endian: ed ff … ff 7f
  const auto& b = key.bytes;
  if (b[31] & 0x80) return fail(Errc::bad_key, "X25519 key with bit 255 set");
  bool all_ones = b[31] == 0x7f;
  for (std::size_t i = 1; i < 31; ++i) all_ones = all_ones && b[i] == 0xff;
  if (all_ones && b[0] >= 0xed) return fail(Errc::bad_key, "X25519 key not below p");
  // Low order: u in {0, 1, -1} and the two of order 8 (curve and twist). Multiplied by any clamped scalar they give zero.
  static constexpr DhPublic zero{}, one{{1}};
  static constexpr DhPublic order8{{0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
                                    0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00}};
  static constexpr DhPublic other8{{0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
                                    0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57}};
  const bool minus_one = all_ones && b[0] == 0xec;
  if (minus_one || key == zero || key == one || key == order8 || key == other8)
    return fail(Errc::bad_key, "X25519 key of low order");
  return {};
}

}  // namespace bud::crypto
