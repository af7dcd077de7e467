#include "base/bytes.h"

#include <gtest/gtest.h>

namespace bud {
namespace {

TEST(Hex, RoundTripsAndRefusesWhatItWouldNotWrite) {
  EXPECT_EQ(to_hex(Bytes{0x00, 0xab, 0xff}), "00abff");
  EXPECT_EQ(from_hex("00abff"), (Bytes{0x00, 0xab, 0xff}));
  EXPECT_EQ(from_hex(""), Bytes{});
  for (const char* bad : {"0", "0g", "AB", " 0", "0x"}) EXPECT_FALSE(from_hex(bad)) << bad;
}

TEST(Fixed, TakesItsOwnLengthOnly) {
  Bytes b(32, 7);
  ASSERT_TRUE(DeviceId::from(b));
  EXPECT_TRUE(equal(DeviceId::from(b)->view(), b));
  b.push_back(7);
  EXPECT_FALSE(DeviceId::from(b));
  EXPECT_FALSE(DeviceId::from(ByteView(b).first(31)));
}

}  // namespace
}  // namespace bud
