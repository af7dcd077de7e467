#include "wire/plaintext.h"

#include "corruption.h"
#include "support/outcome.h"
#include "support/wire_samples.h"

#include <gtest/gtest.h>

namespace bud::wire {
namespace {

using test::code;

struct PlaintextTest : ::testing::Test {
  crypto::SeededRandom random = test::seeded(5);
  Plaintext sample(bool full, std::size_t content = 200) {
    Plaintext p;
    p.gossip = test::sample_gossip(random, full);
    p.content = test::random_bytes(random, content);
    p.hash = content_hash(p.content);
    return p;
  }
  static Bytes padded(const Plaintext& p) {
    const crypto::SecretBytes s = encode_padded(p);
    return Bytes(s.expose().begin(), s.expose().end());
  }
};

// Computed from the pseudo-code of the PURBs paper (algorithm 1, Padmé) in another language.
TEST_F(PlaintextTest, PaddingIsPadmes) {
  const std::pair<std::size_t, std::size_t> table[] = {
      {0, 256},       {1, 256},       {255, 256},     {256, 256},        {257, 272},     {272, 272},     {273, 288},
      {511, 512},     {512, 512},     {513, 544},     {1000, 1024},      {1025, 1088},   {2000, 2048},   {2049, 2176},
      {4097, 4352},   {8200, 8704},   {10000, 10240}, {16385, 17408},    {20000, 20480}, {32769, 34816}, {50000, 51200},
      {60000, 61440}, {65536, 65536}, {65537, 67584}, {1000000, 1015808}};
  for (const auto& [n, size] : table) EXPECT_EQ(padded_size(n), size) << n;
}

TEST_F(PlaintextTest, PaddingCostsAtMostTwelvePercent) {
  std::size_t before = 0;
  for (std::size_t n = 257; n < 70000; ++n) {
    const std::size_t size = padded_size(n);
    ASSERT_GE(size, n);
    ASSERT_GE(size, before);
    ASSERT_LE(static_cast<double>(size), static_cast<double>(n) * 1.12);
    ASSERT_EQ(padded_size(size), size);
    before = size;
  }
}

TEST_F(PlaintextTest, ComesBackAsItWas) {
  for (bool full : {false, true})
    for (std::size_t content : std::initializer_list<std::size_t>{0, 1, 200, 5000}) {
      const Plaintext p = sample(full, content);
      const Bytes bytes = padded(p);
      Result<Plaintext> back = decode_padded(bytes);
      ASSERT_TRUE(back);
      EXPECT_EQ(padded(*back), bytes);
      EXPECT_EQ(back->content, p.content);
      EXPECT_EQ(back->hash, p.hash);
      EXPECT_EQ(back->gossip.introduction.has_value(), full);
    }
}

TEST_F(PlaintextTest, OtherPaddingIsRefused) {
  for (std::size_t content : std::initializer_list<std::size_t>{10, 400}) {
    Bytes bytes = padded(sample(false, content));
    ASSERT_TRUE(decode_padded(bytes));
    Bytes shorter(bytes.begin(), bytes.end() - 1), longer = bytes, marked = bytes, twice = bytes;
    longer.push_back(0);
    marked.back() = 1;
    twice.resize(twice.size() * 2);
    for (const Bytes& wrong : {shorter, longer, marked, twice}) EXPECT_EQ(code(decode_padded(wrong)), Errc::malformed);
  }
}

TEST_F(PlaintextTest, TruncationsAreRefusedAndFlipsNeverCrash) {
  const Bytes bytes = padded(sample(true));
  test::each_truncation(bytes, [](ByteView b) { EXPECT_EQ(code(decode_padded(b)), Errc::malformed) << b.size(); });
  std::size_t read = 0;
  test::each_bit_flip(bytes, [&](ByteView b, std::size_t) {
    // What still is an encoding is the encoding of what was read: there is one for each value.
    Result<Plaintext> p = decode_padded(b);
    if (!p) return;
    ++read;
    EXPECT_EQ(padded(*p), Bytes(b.begin(), b.end()));
  });
  EXPECT_GT(read, 0u);
}

TEST_F(PlaintextTest, IsBounded) {
  Plaintext p = sample(true);
  p.gossip.introduction->entries.assign(40, Bytes(max_entry));
  EXPECT_TRUE(decode_padded(padded(p)));
  p.gossip.introduction->entries.assign(60, Bytes(max_entry));  // over 60 KiB
  EXPECT_EQ(code(decode_padded(padded(p))), Errc::malformed);
  p = sample(true);
  p.gossip.members.resize(max_members + 1);
  EXPECT_EQ(code(decode_padded(padded(p))), Errc::malformed);
  p = sample(true);
  p.gossip.introduction->routes.resize(max_routes + 1);
  EXPECT_EQ(code(decode_padded(padded(p))), Errc::malformed);
  p = sample(true);
  p.gossip.introduction->openings.resize(65);
  EXPECT_EQ(code(decode_padded(padded(p))), Errc::malformed);
  p = sample(true);
  p.gossip.introduction->name = std::string(max_name + 1, 'n');
  EXPECT_EQ(code(decode_padded(padded(p))), Errc::malformed);
}

}  // namespace
}  // namespace bud::wire
