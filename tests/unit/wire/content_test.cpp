#include "wire/content.h"

#include "corruption.h"
#include "support/outcome.h"
#include "support/wire_samples.h"

#include <gtest/gtest.h>

namespace bud::wire {
namespace {

using test::code;

struct ContentTest : ::testing::Test {
  crypto::SeededRandom random = test::seeded(6);
  std::vector<Content> all = test::sample_contents(random);
};

TEST_F(ContentTest, EveryKindComesBackAsItWas) {
  for (const Content& c : all) {
    const Bytes bytes = encode(c);
    Result<Content> back = decode_content(bytes);
    ASSERT_TRUE(back) << static_cast<int>(c.kind);
    EXPECT_EQ(encode(*back), bytes);
    EXPECT_EQ(back->kind, c.kind);
    EXPECT_EQ(back->body.index(), c.body.index());
    EXPECT_EQ(back->previous, c.previous);
    EXPECT_EQ(back->reply.has_value(), c.reply.has_value());
  }
}

TEST_F(ContentTest, TruncationsAndTrailingBytesAreRefused) {
  for (const Content& c : all)
    test::each_truncation(encode(c), [](ByteView b) { EXPECT_EQ(code(decode_content(b)), Errc::malformed); });
}

TEST_F(ContentTest, FlipsNeverCrashAndNothingHasTwoEncodings) {
  for (const Content& c : all) {
    const Bytes bytes = encode(c);
    test::each_bit_flip(bytes, [&](ByteView b, std::size_t) {
      EXPECT_NE(content_hash(b), content_hash(bytes));
      if (Result<Content> back = decode_content(b)) {
        EXPECT_EQ(encode(*back), Bytes(b.begin(), b.end()));
      }
    });
  }
}

TEST_F(ContentTest, AKindThatIsNotKnownIsKept) {
  Result<Content> back = decode_content(encode(all.back()));
  ASSERT_TRUE(back);
  ASSERT_TRUE(std::holds_alternative<UnknownBody>(back->body));
  EXPECT_EQ(std::get<UnknownBody>(back->body).bytes, std::get<UnknownBody>(all.back().body).bytes);
  EXPECT_EQ(back->fallback, all.back().fallback);
  EXPECT_TRUE(back->needs);
}

TEST_F(ContentTest, IsBounded) {
  auto outcome = [&](auto change) {
    Content c = all[0];
    change(c);
    return code(decode_content(encode(c)));
  };
  EXPECT_EQ(outcome([](Content&) {}), std::nullopt);
  EXPECT_EQ(outcome([](Content& c) { c.body = Text{std::string(max_text, 't'), {}}; }), std::nullopt);
  EXPECT_EQ(outcome([](Content& c) { c.body = Text{std::string(max_text + 1, 't'), {}}; }), Errc::malformed);
  EXPECT_EQ(outcome([](Content& c) { c.body = Text{std::string(max_content, 't'), {}}; }), Errc::too_large);
  EXPECT_EQ(outcome([](Content& c) { std::get<Text>(c.body).ranges.assign(257, TextRange{}); }), Errc::malformed);
  EXPECT_EQ(outcome([](Content& c) { c.to.assign(max_members, AccountId{}); }), std::nullopt);
  EXPECT_EQ(outcome([](Content& c) { c.to.assign(max_members + 1, AccountId{}); }), Errc::malformed);
  EXPECT_EQ(outcome([](Content& c) { c.previous.assign(max_previous + 1, Previous{}); }), Errc::malformed);
  EXPECT_EQ(outcome([](Content& c) { c.from_address.assign(max_address + 1, 'a'); }), Errc::malformed);
  EXPECT_EQ(outcome([](Content& c) { c.reply->excerpt.assign(257, 'a'); }), Errc::malformed);
  EXPECT_EQ(outcome([](Content& c) { c.fallback.assign(2049, 'a'); }), Errc::malformed);
  EXPECT_EQ(outcome([](Content& c) { c.body = Text{std::string("a\0b", 3), {}}; }), Errc::malformed);
  Content receipt = all[2];
  std::get<Receipt>(receipt.body).contents.assign(max_hashes, ContentHash{});
  EXPECT_TRUE(decode_content(encode(receipt)));
  std::get<Receipt>(receipt.body).contents.emplace_back();
  EXPECT_EQ(code(decode_content(encode(receipt))), Errc::malformed);
}

// Only the receipt's type byte is between a delivered and a read one; 0 and 3 are neither.
TEST_F(ContentTest, ReceiptsHaveOneOfTwoTypes) {
  Content c = all[3];
  const Bytes bytes = encode(c);
  ASSERT_EQ(bytes[bytes.size() - 2], 2);  // type, then an empty list
  for (int type : {0, 3, 255}) {
    Bytes other = bytes;
    other[other.size() - 2] = static_cast<std::uint8_t>(type);
    EXPECT_EQ(code(decode_content(other)), Errc::malformed);
  }
}

TEST_F(ContentTest, AThreadOfTwoIsTheSameFromBothSides) {
  const AccountId a = test::random_fixed<AccountId>(random), b = test::random_fixed<AccountId>(random);
  EXPECT_EQ(thread_of_two(a, b), thread_of_two(b, a));
  EXPECT_NE(thread_of_two(a, b), thread_of_two(a, a));
}

}  // namespace
}  // namespace bud::wire
