#include "wire/codec.h"

#include "support/outcome.h"

#include <gtest/gtest.h>

namespace bud::wire {
namespace {

using test::code;

Bytes hex(const char* text) {
  return *from_hex(text);
}

TEST(Codec, WritesIntegersInNetworkOrder) {
  EXPECT_EQ(to_hex(Writer().u8(1).u16(0x0203).u32(0x04050607).u64(0x08090a0b0c0d0e0f).take()),
            "0102030405060708090a0b0c0d0e0f");
  const Bytes bytes = hex("0102030405060708090a0b0c0d0e0f");
  Reader r(bytes);
  EXPECT_EQ(r.u8(), 1);
  EXPECT_EQ(r.u16(), 0x0203);
  EXPECT_EQ(r.u32(), 0x04050607u);
  EXPECT_EQ(r.u64(), 0x08090a0b0c0d0e0fu);
  EXPECT_TRUE(r.finish("test"));
}

// The examples of RFC 9000's variable-length integers that RFC 9420 takes over, and the ends of each width.
TEST(Codec, WritesTheShortestLength) {
  auto head = [](std::size_t n, std::size_t width) {
    return to_hex(ByteView(Writer().vector(Bytes(n)).bytes()).first(width));
  };
  EXPECT_EQ(head(0, 1), "00");
  EXPECT_EQ(head(37, 1), "25");
  EXPECT_EQ(head(63, 1), "3f");
  EXPECT_EQ(head(64, 2), "4040");
  EXPECT_EQ(head(15293, 2), "7bbd");
  EXPECT_EQ(head(16383, 2), "7fff");
  EXPECT_EQ(head(16384, 4), "80004000");
  for (std::size_t n : std::initializer_list<std::size_t>{0, 63, 64, 16383, 16384, 70000}) {
    const Bytes bytes = Writer().vector(Bytes(n, 7)).take();
    Reader r(bytes);
    EXPECT_EQ(r.vector(n).size(), n);
    EXPECT_TRUE(r.finish("test"));
  }
}

TEST(Codec, RefusesALengthThatCouldBeShorter) {
  for (const char* text : {"4000", "403f" /* 63 */, "80000000", "80003fff", "8000003f", "c000000000000000", "ff"}) {
    Bytes bytes = hex(text);
    bytes.resize(20000);
    Reader r(bytes);
    EXPECT_TRUE(r.vector(30000).empty()) << text;
    EXPECT_TRUE(r.failed()) << text;
  }
}

// A view into the input is handed out, and a bound is checked first: a length of a gigabyte allocates nothing.
TEST(Codec, ChecksBoundAndInputBeforeAnythingElse) {
  for (const char* text : {"bfffffff", "80100000", "7fff", "3f", "41"}) {
    const Bytes bytes = hex(text);
    Reader r(bytes);
    EXPECT_TRUE(r.vector(SIZE_MAX).empty());
    EXPECT_TRUE(r.failed());
    EXPECT_EQ(r.remaining(), 0u);
  }
  const Bytes bytes = Writer().vector(Bytes(100)).take();
  Reader tight(bytes), loose(bytes);
  EXPECT_TRUE(tight.vector(99).empty());
  EXPECT_EQ(code(tight.finish("test")), Errc::malformed);
  EXPECT_EQ(loose.vector(100).size(), 100u);
}

TEST(Codec, TruncationAtEveryByteFailsOnceAndForAll) {
  const Bytes whole = Writer().u8(1).u16(2).u32(3).u64(4).vector(Bytes(70)).text("text").u8(1).take();
  auto read = [](ByteView bytes) {
    Reader r(bytes);
    (void)r.u8();
    (void)r.u16();
    (void)r.u32();
    (void)r.u64();
    (void)r.vector(100);
    (void)r.text(10);
    (void)r.flag();
    return r.finish("test");
  };
  EXPECT_TRUE(read(whole));
  for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_EQ(code(read(ByteView(whole).first(n))), Errc::malformed) << n;
  Bytes trailing = whole;
  trailing.push_back(0);
  EXPECT_EQ(code(read(trailing)), Errc::malformed);
}

TEST(Codec, AFaultSticks) {
  const Bytes bytes = hex("01ffffffff");
  Reader r(bytes);
  EXPECT_EQ(r.u8(), 1);
  r.fault();
  EXPECT_EQ(r.u32(), 0u);
  EXPECT_EQ(r.raw(0).size(), 0u);
  EXPECT_EQ(code(r.finish("test")), Errc::malformed);
}

TEST(Codec, FlagsAreZeroOrOne) {
  for (int v = 0; v < 256; ++v) {
    const Bytes bytes{static_cast<std::uint8_t>(v)};
    Reader r(bytes);
    EXPECT_EQ(r.flag(), v == 1);
    EXPECT_EQ(r.failed(), v > 1);
  }
}

TEST(Codec, ListsAreBoundedInBytesAndInCount) {
  auto list = [](ByteView bytes, std::size_t bound, std::size_t count) {
    Reader r(bytes);
    std::size_t seen = 0;
    r.list(bound, count, [&](Reader& in) {
      (void)in.u16();
      ++seen;
    });
    return r.finish("test") ? static_cast<int>(seen) : -1;
  };
  const Bytes three = Writer().vector(Bytes(6)).take(), half = Writer().vector(Bytes(5)).take(),
              none = Writer().vector({}).take();
  EXPECT_EQ(list(three, 6, 3), 3);
  EXPECT_EQ(list(three, 5, 3), -1);
  EXPECT_EQ(list(three, 6, 2), -1);
  EXPECT_EQ(list(half, 6, 3), -1);
  EXPECT_EQ(list(none, 0, 0), 0);
}

TEST(Codec, WhatIsNoTextFails) {
  const Bytes bytes = hex("02c0af");
  Reader r(bytes);
  EXPECT_EQ(r.text(10), "");
  EXPECT_TRUE(r.failed());
}

}  // namespace
}  // namespace bud::wire
