// Nothing but the very bytes that were sealed, under the very key, nonce and associated data, opens.
#include "crypto/aead.h"

#include <gtest/gtest.h>

#include "crypto/random.h"
#include "support/outcome.h"
#include "support/seeded_random.h"

namespace bud::crypto {
namespace {

using test::code;

struct Aead : testing::Test {
  test::SeededRandom random{1};
  Secret<32> key;
  Nonce nonce;
  Bytes ad = Bytes(40, 7), plain = Bytes(70, 9);
  void SetUp() override {
    initialize();
    random.fill(key.expose_mutable());
    random.fill(nonce.bytes);
  }
  static Bytes flipped(ByteView bytes, std::size_t bit) {
    Bytes out(bytes.begin(), bytes.end());
    out[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    return out;
  }
};

TEST_F(Aead, OpensWhatWasSealedAtEveryLength) {
  for (std::size_t size = 0; size < 200; ++size) {
    Bytes text(size);
    random.fill(text);
    const Bytes sealed = seal(key, nonce, ad, text);
    ASSERT_EQ(sealed.size(), size + aead_overhead);
    const auto opened = open(key, nonce, ad, sealed);
    ASSERT_TRUE(opened);
    EXPECT_TRUE(equal(opened->expose(), text));
  }
}

TEST_F(Aead, SealsInPlaceToo) {
  const Bytes wanted = seal(key, nonce, ad, plain);
  Bytes buffer = plain;
  buffer.resize(plain.size() + aead_overhead);
  seal_into(buffer, key, nonce, ad, ByteView(buffer).first(plain.size()));
  EXPECT_EQ(buffer, wanted);
}

TEST_F(Aead, EveryBitOfCiphertextAndTagCounts) {
  const Bytes sealed = seal(key, nonce, ad, plain);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit)
    EXPECT_EQ(code(open(key, nonce, ad, flipped(sealed, bit))), Errc::cannot_open) << bit;
}

TEST_F(Aead, EveryBitOfKeyNonceAndAssociatedDataCounts) {
  const Bytes sealed = seal(key, nonce, ad, plain);
  for (std::size_t bit = 0; bit < 256; ++bit)
    EXPECT_EQ(code(open(*Secret<32>::from(flipped(key.expose(), bit)), nonce, ad, sealed)), Errc::cannot_open) << bit;
  for (std::size_t bit = 0; bit < 192; ++bit)
    EXPECT_EQ(code(open(key, *Nonce::from(flipped(nonce.view(), bit)), ad, sealed)), Errc::cannot_open) << bit;
  for (std::size_t bit = 0; bit < ad.size() * 8; ++bit)
    EXPECT_EQ(code(open(key, nonce, flipped(ad, bit), sealed)), Errc::cannot_open) << bit;
}

TEST_F(Aead, EveryOtherLengthIsRefused) {
  const Bytes sealed = seal(key, nonce, ad, plain);
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_EQ(code(open(key, nonce, ad, ByteView(sealed).first(size))), Errc::cannot_open) << size;
    EXPECT_EQ(code(open(key, nonce, ad, ByteView(sealed).last(size))), Errc::cannot_open) << size;
  }
  Bytes longer = sealed;
  longer.push_back(0);
  EXPECT_EQ(code(open(key, nonce, ad, longer)), Errc::cannot_open);
  for (std::size_t size = 0; size < ad.size(); ++size)
    EXPECT_EQ(code(open(key, nonce, ByteView(ad).first(size), sealed)), Errc::cannot_open) << size;
  // The border between associated data and ciphertext may not move either.
  Bytes ad_and_one = ad;
  ad_and_one.push_back(sealed[0]);
  EXPECT_EQ(code(open(key, nonce, ad_and_one, ByteView(sealed).subspan(1))), Errc::cannot_open);
}

TEST_F(Aead, SaysTheSameWhateverWasWrong) {
  const Bytes sealed = seal(key, nonce, ad, plain);
  const std::string text = open(key, nonce, ad, flipped(sealed, 0)).error().text;
  EXPECT_EQ(open(key, nonce, {}, sealed).error().text, text);
  EXPECT_EQ(open(key, nonce, ad, {}).error().text, text);
}

}  // namespace
}  // namespace bud::crypto
