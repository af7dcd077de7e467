#include "support/hostile_keys.h"

#include <sodium.h>

namespace bud::test {

MixedOrderKey::MixedOrderKey(const crypto::Secret<32>& seed) {
  unsigned char digest[64];
  crypto_hash_sha512(digest, seed.expose().data(), 32);
  crypto_core_ed25519_scalar_reduce(scalar_.data(), digest);
  unsigned char main[32];
  crypto_scalarmult_ed25519_base_noclamp(main, scalar_.data());
  const Bytes torsion = *from_hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
  crypto_core_ed25519_add(id_.bytes.data(), main, torsion.data());
}

crypto::Signature MixedOrderKey::sign(crypto::Label label, ByteView message) const {
  using Digest = Fixed<struct MixedDigestTag, 64>;
  const Digest m = crypto::hash<Digest>(label, message);
  for (std::uint64_t n = 0;; ++n) {
    unsigned char r[32], hashed[64], h[32], point[32];
    const Digest nonce =
        crypto::Hasher({"budstikke/1/test/mixed-order"}, 64).add(m.view()).add_u64(n).finish_as<Digest>();
    crypto_core_ed25519_scalar_reduce(r, nonce.bytes.data());
    crypto_scalarmult_ed25519_base_noclamp(point, r);
    crypto_hash_sha512_state state;
    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, point, 32);
    crypto_hash_sha512_update(&state, id_.bytes.data(), 32);
    crypto_hash_sha512_update(&state, m.bytes.data(), 64);
    crypto_hash_sha512_final(&state, hashed);
    crypto_core_ed25519_scalar_reduce(h, hashed);
    if ((h[0] & 7) != 0) continue;  // h times the torsion point is the identity
    crypto::Signature out;
    unsigned char product[32], s[32];
    crypto_core_ed25519_scalar_mul(product, h, scalar_.data());
    crypto_core_ed25519_scalar_add(s, r, product);
    std::copy(point, point + 32, out.bytes.begin());
    std::copy(s, s + 32, out.bytes.begin() + 32);
    return out;
  }
}

}  // namespace bud::test
