// X25519 and ML-KEM-768 against a peer that means ill. The known answers are in tests/vectors/primitives.
#include <gtest/gtest.h>

#include "crypto/dh.h"
#include "crypto/kem.h"
#include "crypto/random.h"
#include "support/outcome.h"
#include "support/seeded_random.h"

namespace bud::crypto {
namespace {

using test::code;

struct Agreement : testing::Test {
  test::SeededRandom random{2};
  void SetUp() override { initialize(); }
};

std::string hex(const Secret<32>& secret) {
  return to_hex(secret.expose());
}

TEST_F(Agreement, IsTheSameAtBothEnds) {
  const DhKey a = DhKey::generate(random), b = DhKey::generate(random), c = DhKey::generate(random);
  EXPECT_EQ(hex(*a.agree(b.public_key())), hex(*b.agree(a.public_key())));
  EXPECT_NE(hex(*a.agree(b.public_key())), hex(*a.agree(c.public_key())));
  const DhKey stored(a.public_key(), a.secret().clone()), copy = a.clone();
  EXPECT_EQ(hex(*stored.agree(b.public_key())), hex(*copy.agree(b.public_key())));
  EXPECT_EQ(copy.public_key(), a.public_key());
}

// The points of order 1, 2, 4 and 8 on the curve and its twist, each with every encoding that X25519 takes for it
// (Cremers and Jackson, "Prime, Order Please!", 2019, appendix).
TEST_F(Agreement, WithAPointOfLowOrderIsRefused) {
  const char* low[] = {"0000000000000000000000000000000000000000000000000000000000000000",
                       "0100000000000000000000000000000000000000000000000000000000000000",
                       "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                       "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                       "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                       "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                       "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};
  const DhKey key = DhKey::generate(random);
  for (const char* point : low) {
    DhPublic peer = *DhPublic::from(*from_hex(point));
    EXPECT_EQ(code(key.agree(peer)), Errc::bad_key) << point;
    EXPECT_EQ(code(check_dh_public(peer)), Errc::bad_key) << point;
    peer.bytes[31] |= 0x80;
    EXPECT_EQ(code(key.agree(peer)), Errc::bad_key) << point << " with bit 255 set";
  }
}

TEST_F(Agreement, KeysHaveOneEncoding) {
  for (int i = 0; i < 50; ++i) {
    DhPublic key = DhKey::generate(random).public_key();
    EXPECT_EQ(code(check_dh_public(key)), std::nullopt);
    key.bytes[31] |= 0x80;
    EXPECT_EQ(code(check_dh_public(key)), Errc::bad_key);
  }
  DhPublic key;
  key.bytes.fill(0xff);
  key.bytes[31] = 0x7f;
  for (int first = 0; first < 256; ++first) {
    key.bytes[0] = static_cast<std::uint8_t>(first);
    // From p on they are second encodings; p - 1 is a point of low order.
    EXPECT_EQ(code(check_dh_public(key)), first < 0xec ? std::nullopt : std::optional(Errc::bad_key)) << first;
  }
  for (std::size_t i = 1; i < 32; ++i) {  // one byte less anywhere above, and it is below p
    DhPublic below;
    below.bytes.fill(0xff);
    below.bytes[31] = 0x7f;
    below.bytes[i] = static_cast<std::uint8_t>(below.bytes[i] - 1);
    EXPECT_EQ(code(check_dh_public(below)), std::nullopt) << i;
  }
}

TEST_F(Agreement, LengthsAreParsedOnlyWhenRight) {
  for (std::size_t size : {0u, 31u, 33u, 64u}) EXPECT_FALSE(DhPublic::from(Bytes(size))) << size;
  for (std::size_t size : {0u, 1183u, 1185u}) EXPECT_FALSE(KemPublic::from(Bytes(size))) << size;
  for (std::size_t size : {0u, 1087u, 1089u}) EXPECT_FALSE(KemCiphertext::from(Bytes(size))) << size;
  for (std::size_t size : {0u, 31u, 33u}) EXPECT_FALSE(Secret<32>::from(Bytes(size))) << size;
}

struct Kem : Agreement {
  KemKey key = KemKey::generate(random);
  static void SetUpTestSuite() { initialize(); }
};

TEST_F(Kem, IsTheSameAtBothEnds) {
  const auto sent = encapsulate(key.public_key(), random), again = encapsulate(key.public_key(), random);
  ASSERT_TRUE(sent && again);
  EXPECT_EQ(hex(*key.decapsulate(sent->ciphertext)), hex(sent->shared));
  EXPECT_NE(hex(sent->shared), hex(again->shared));
  EXPECT_EQ(hex(*KemKey::from_seed(key.seed().clone()).decapsulate(sent->ciphertext)), hex(sent->shared));
  EXPECT_EQ(hex(*key.clone().decapsulate(sent->ciphertext)), hex(sent->shared));
}

// Implicit rejection: another secret, that says nothing of what was wrong, the same each time.
TEST_F(Kem, AChangedCiphertextGivesAnotherSecretAndNoError) {
  const auto sent = encapsulate(key.public_key(), random);
  ASSERT_TRUE(sent);
  for (std::size_t bit = 0; bit < KemCiphertext::size * 8; bit += 37) {
    KemCiphertext changed = sent->ciphertext;
    changed.bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    const auto once = key.decapsulate(changed), twice = key.decapsulate(changed);
    ASSERT_TRUE(once && twice);
    EXPECT_NE(hex(*once), hex(sent->shared)) << bit;
    EXPECT_EQ(hex(*once), hex(*twice)) << bit;
  }
  const auto other = KemKey::generate(random).decapsulate(sent->ciphertext);
  ASSERT_TRUE(other);
  EXPECT_NE(hex(*other), hex(sent->shared));
}

// FIPS 203, section 7.2: each of the 768 coefficients, at q and at the largest that 12 bits hold.
TEST_F(Kem, AKeyWithAnyCoefficientNotBelowQIsRefused) {
  constexpr unsigned q = 3329;
  for (unsigned i = 0; i < 768; ++i) {
    for (unsigned value : {q - 1, q, 4095u}) {
      KemPublic changed = key.public_key();
      std::uint8_t* pair = &changed.bytes[i / 2 * 3];
      if (i % 2 == 0) {
        pair[0] = static_cast<std::uint8_t>(value);
        pair[1] = static_cast<std::uint8_t>((pair[1] & 0xf0) | value >> 8);
      } else {
        pair[1] = static_cast<std::uint8_t>((pair[1] & 0x0f) | (value & 0x0f) << 4);
        pair[2] = static_cast<std::uint8_t>(value >> 4);
      }
      const auto wanted = value < q ? std::nullopt : std::optional(Errc::bad_key);
      EXPECT_EQ(code(check_kem_public(changed)), wanted) << i << " " << value;
      EXPECT_EQ(code(encapsulate(changed, random)), wanted) << i << " " << value;
    }
  }
}

}  // namespace
}  // namespace bud::crypto
