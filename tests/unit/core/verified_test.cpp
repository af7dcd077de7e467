#include "core/verified.h"

#include <gtest/gtest.h>

namespace bud::test {
namespace {

int decoded = 0;
Result<std::string> decode(ByteView bytes) {
  ++decoded;
  if (bytes.empty()) return fail(Errc::malformed, "nothing");
  return std::string(as_text(bytes));
}
Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

TEST(Verified, TheSameBytesAreDecodedOnce) {
  core::Verified<std::string> verified(decode);
  decoded = 0;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(*verified.get(bytes("one")), "one");
  EXPECT_EQ(decoded, 1);
  EXPECT_EQ(*verified.get(bytes("two")), "two");
  EXPECT_EQ(decoded, 2);
}

TEST(Verified, WhatDoesNotVerifyIsTriedEachTime) {
  core::Verified<std::string> verified(decode);
  decoded = 0;
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(verified.get({}));
  EXPECT_EQ(decoded, 3);
}

TEST(Verified, ForgetsRatherThanGrow) {
  core::Verified<std::string> verified(decode);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(*verified.get(bytes(std::to_string(i))), std::to_string(i));
  decoded = 0;
  EXPECT_EQ(*verified.get(bytes("0")), "0");
  EXPECT_EQ(decoded, 1);
}

}  // namespace
}  // namespace bud::test
