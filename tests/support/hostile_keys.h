// Keys that must be refused wherever one enters, and signatures that would hold if they were not.
#pragma once

#include "crypto/dh.h"
#include "crypto/kem.h"
#include "crypto/sign.h"

#include <string>
#include <vector>

namespace bud::test {

struct HostileKey {
  std::string what;
  Bytes bytes;
};

// Ed25519: points of low order, encodings that are not canonical, and what is no point at all.
inline std::vector<HostileKey> hostile_signing_keys() {
  auto key = [](const char* what, const char* hex) { return HostileKey{what, *from_hex(hex)}; };
  return {
      key("identity, order 1", "0100000000000000000000000000000000000000000000000000000000000000"),
      key("order 2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
      key("order 4", "0000000000000000000000000000000000000000000000000000000000000000"),
      key("order 4, the other", "0000000000000000000000000000000000000000000000000000000000000080"),
      key("order 8", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
      key("order 8, the other", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
      key("not canonical: y = p", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
      key("not canonical: y = p + 1", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
      key("no point: y = 2", "0200000000000000000000000000000000000000000000000000000000000000"),
  };
}

// X25519: points of low order, and second encodings of a key, which X25519 itself would accept.
inline std::vector<HostileKey> hostile_dh_keys() {
  auto key = [](const char* what, const char* hex) { return HostileKey{what, *from_hex(hex)}; };
  return {
      key("zero", "0000000000000000000000000000000000000000000000000000000000000000"),
      key("one", "0100000000000000000000000000000000000000000000000000000000000000"),
      key("order 8", "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
      key("order 8, the other", "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
      key("p - 1", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
      key("not canonical: p", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
      key("not canonical: p + 1", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
      key("not canonical: p + 9, a second encoding of the base point",
          "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
      key("bit 255 of the base point", "0900000000000000000000000000000000000000000000000000000000000080"),
      key("all ones", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
  };
}

// ML-KEM-768: one coefficient of the public key is q, which FIPS 203 (7.2) refuses.
inline crypto::KemPublic hostile_kem_key(crypto::KemPublic key) {
  key.bytes[0] = 0x01;
  key.bytes[1] = static_cast<std::uint8_t>((key.bytes[1] & 0xf0) | 0x0d);  // 0xd01 = 3329
  return key;
}

// A point of the main subgroup with one of order 8 added. Signatures are ground until RFC 8032's cofactorless check
// holds for them, so that nothing but the check of the key itself can refuse what is signed with it ("Taming the many
// EdDSAs").
// (Made of libsodium's group operations, which only crypto/ and its tests may ask: link bud_mixed_order_key.)
class MixedOrderKey {
 public:
  explicit MixedOrderKey(const crypto::Secret<32>& seed);
  const DeviceId& id() const { return id_; }
  crypto::Signature sign(crypto::Label label, ByteView message) const;

 private:
  std::array<unsigned char, 32> scalar_{};
  DeviceId id_;
};

}  // namespace bud::test
