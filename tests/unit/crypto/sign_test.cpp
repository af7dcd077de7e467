// Ed25519 against forgers. Points that are no keys are in tests/vectors/primitives.
#include "crypto/sign.h"

#include <gtest/gtest.h>

#include "crypto/random.h"
#include "support/outcome.h"
#include "support/seeded_random.h"

namespace bud::crypto {
namespace {

constexpr Label label{"budstikke/1/test/sign"};

struct Signing : testing::Test {
  test::SeededRandom random{3};
  static void SetUpTestSuite() { initialize(); }
  SigningKey key = SigningKey::generate(random);
  Bytes message = Bytes(100, 5);
  Signature signature = key.sign(label, message);
};

TEST_F(Signing, VerifiesWhatWasSigned) {
  EXPECT_TRUE(verify(key.id(), label, message, signature));
  EXPECT_EQ(key.sign(label, message), signature);
  EXPECT_TRUE(verify(key.id(), label, {}, key.sign(label, {})));
  EXPECT_EQ(key.clone().sign(label, message), signature);
  const SigningKey again = SigningKey::from_seed(key.seed());
  EXPECT_EQ(again.id(), key.id());
  EXPECT_EQ(again.sign(label, message), signature);
  EXPECT_TRUE(check_signing_public(key.id()));
}

TEST_F(Signing, EveryBitCounts) {
  for (std::size_t bit = 0; bit < 512; ++bit) {
    Signature changed = signature;
    changed.bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_FALSE(verify(key.id(), label, message, changed)) << bit;
  }
  for (std::size_t bit = 0; bit < 256; ++bit) {
    DeviceId changed = key.id();
    changed.bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_FALSE(verify(changed, label, message, signature)) << bit;
  }
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    Bytes changed = message;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_FALSE(verify(key.id(), label, changed, signature)) << bit;
  }
}

TEST_F(Signing, EveryLengthOfTheMessageCounts) {
  for (std::size_t size = 0; size < message.size(); ++size)
    EXPECT_FALSE(verify(key.id(), label, ByteView(message).first(size), signature)) << size;
  for (std::size_t size : {0u, 63u, 65u}) EXPECT_FALSE(Signature::from(Bytes(size)));
  for (std::size_t size : {0u, 31u, 33u}) EXPECT_FALSE(DeviceId::from(Bytes(size)));
}

TEST_F(Signing, ALabelsSignatureIsNoOthers) {
  EXPECT_FALSE(verify(key.id(), {"budstikke/1/test/sigm"}, message, signature));
  EXPECT_FALSE(verify(key.id(), {""}, message, signature));
  // Nor can bytes move between label and message.
  EXPECT_FALSE(verify(key.id(), {"budstikke/1/test/sign1"}, as_bytes("23"), key.sign(label, as_bytes("123"))));
}

// RFC 8032, section 5.1.7: S below L, or each signature would have some fifteen others.
TEST_F(Signing, AnSNotBelowTheOrderIsRefused) {
  const Bytes order = *from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  Signature changed = signature;
  for (int times = 1; times <= 14; ++times) {
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
      carry += changed.bytes[32 + i] + unsigned{order[i]};
      changed.bytes[32 + i] = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
    ASSERT_EQ(carry, 0u);
    EXPECT_FALSE(verify(key.id(), label, message, changed)) << times;
  }
}

// With a key of low order nobody's secret is needed: for the identity, R = S = nothing satisfies the equation over any
// message; for the others, over one in at most eight. Every encoding of them, and of R, is tried.
TEST_F(Signing, KeysOfLowOrderSignNothing) {
  const char* low[] = {"0100000000000000000000000000000000000000000000000000000000000000",
                       "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                       "0000000000000000000000000000000000000000000000000000000000000000",
                       "0000000000000000000000000000000000000000000000000000000000000080",
                       "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                       "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
                       "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                       "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
                       "0100000000000000000000000000000000000000000000000000000000000080",
                       "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                       "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};
  for (const char* point : low) {
    const DeviceId signer = *DeviceId::from(*from_hex(point));
    EXPECT_EQ(test::code(check_signing_public(signer)), Errc::bad_key) << point;
    for (const char* r : low) {
      Signature forged;
      const Bytes bytes = *from_hex(r);
      std::copy(bytes.begin(), bytes.end(), forged.bytes.begin());
      for (std::uint8_t n = 0; n < 32; ++n) EXPECT_FALSE(verify(signer, label, Bytes{n}, forged)) << point << " " << r;
    }
  }
}

TEST_F(Signing, NothingSignsForANothing) {
  EXPECT_FALSE(verify(key.id(), label, message, Signature{}));
  Signature ones;
  ones.bytes.fill(0xff);
  EXPECT_FALSE(verify(key.id(), label, message, ones));
  EXPECT_FALSE(verify(DeviceId{}, label, message, signature));
}

}  // namespace
}  // namespace bud::crypto
