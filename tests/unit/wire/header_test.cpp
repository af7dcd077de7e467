#include "wire/header.h"

#include "corruption.h"
#include "support/outcome.h"
#include "support/wire_samples.h"

#include <gtest/gtest.h>

namespace bud::wire {
namespace {

using test::code;

struct HeaderTest : ::testing::Test {
  crypto::SeededRandom random = test::seeded(4);
  Bytes copy_of(const Header& h, std::size_t ciphertext = 272) {
    return Writer().raw(encode(h)).raw(test::random_bytes(random, 24 + ciphertext)).take();
  }
};

TEST_F(HeaderTest, EveryMixOfPartsComesBackAsItWas) {
  for (int parts = 0; parts < 8; ++parts) {
    const Header h = test::sample_header(random, (parts & 1) != 0, (parts & 2) != 0, (parts & 4) != 0);
    const Bytes copy = copy_of(h);
    Result<CopyView> v = decode_copy(copy);
    ASSERT_TRUE(v) << parts;
    EXPECT_EQ(encode(v->header), encode(h));
    EXPECT_TRUE(std::equal(v->header_bytes.begin(), v->header_bytes.end(), copy.begin()));
    EXPECT_EQ(v->header_bytes.size() + 24 + v->ciphertext.size(), copy.size());
    EXPECT_EQ(v->header.handshake.has_value(), (parts & 1) != 0);
    EXPECT_EQ(v->header.answer.has_value(), (parts & 2) != 0);
    EXPECT_EQ(v->header.offer.has_value(), (parts & 4) != 0);
  }
}

TEST_F(HeaderTest, WhatIsShorterThanAHeaderNonceAndTagIsNoCopy) {
  for (int parts = 0; parts < 8; ++parts) {
    const Bytes least = copy_of(test::sample_header(random, (parts & 1) != 0, (parts & 2) != 0, (parts & 4) != 0), 16);
    EXPECT_TRUE(decode_copy(least));
    for (std::size_t n = 0; n < least.size(); ++n)
      EXPECT_EQ(code(decode_copy(ByteView(least).first(n))), Errc::malformed);
  }
}

TEST_F(HeaderTest, UnknownVersionsTypesClassesAndFlagsAreRefused) {
  const Bytes copy = copy_of(test::sample_header(random, false, false, false));
  auto with = [&](std::size_t at, std::uint8_t value) {
    Bytes b = copy;
    b[at] = value;
    return code(decode_copy(b));
  };
  EXPECT_EQ(with(0, 2), Errc::malformed);
  EXPECT_EQ(with(1, 5), Errc::malformed);
  EXPECT_EQ(with(2, 0), Errc::malformed);
  EXPECT_EQ(with(2, 6), Errc::malformed);
  EXPECT_EQ(with(2, 5), std::nullopt);
  const std::size_t flags = 3 + 4 + 16 + 16 + 32 + 8;
  ASSERT_EQ(copy[flags], 0);
  EXPECT_EQ(with(flags, 8), Errc::malformed);
  EXPECT_EQ(with(flags, 0x80), Errc::malformed);
}

TEST_F(HeaderTest, CopiesAreBounded) {
  const Header h = test::sample_header(random, false, false, false);
  const std::size_t around = encode(h).size() + 24;
  EXPECT_TRUE(decode_copy(copy_of(h, max_copy - around)));
  EXPECT_EQ(code(decode_copy(copy_of(h, max_copy - around + 1))), Errc::too_large);
}

TEST_F(HeaderTest, NamesFollowFromWhatTheyName) {
  const crypto::KemPublic key = crypto::KemKey::generate(random).public_key();
  const DeviceId device = crypto::SigningKey::generate(random).id();
  const auto long_id = crypto::hash<Fixed<struct LongIdTag, 32>>(label::kem_id, key.view());
  EXPECT_TRUE(equal(kem_id(key).view(), long_id.view().first(8)));
  EXPECT_EQ(recipient_tag(device), crypto::hash<RecipientTag>(label::recipient_tag, device.view()));
  EXPECT_EQ(envelope_hash(key.view()), crypto::hash<EnvelopeHash>(label::envelope_hash, key.view()));
}

}  // namespace
}  // namespace bud::wire
