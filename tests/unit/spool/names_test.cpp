#include "spool/names.h"

#include <gtest/gtest.h>

namespace spool {
namespace {

TEST(SpoolNames, AddressesNeverShareANameNorLeaveTheFolder) {
  EXPECT_EQ(escape_address("alice"), "alice");
  EXPECT_EQ(escape_address("Alice"), "%41lice");
  EXPECT_EQ(escape_address("alice@example.org"), "alice@example.org");
  EXPECT_EQ(escape_address(".."), "%2E.");
  EXPECT_EQ(escape_address("."), "%2E");
  EXPECT_EQ(escape_address("../mail"), "%2E.%2Fmail");
  EXPECT_EQ(escape_address("%41lice"), "%2541lice");
  EXPECT_EQ(escape_address("åse"), "%C3%A5se");
}

TEST(SpoolNames, AddressesAreBounded) {
  EXPECT_FALSE(escape_address(""));
  EXPECT_FALSE(escape_address(std::string("a\0b", 3)));
  EXPECT_FALSE(escape_address("a\nb"));
  EXPECT_TRUE(escape_address(std::string(250, 'a')));
  EXPECT_FALSE(escape_address(std::string(251, 'a')));
  EXPECT_TRUE(escape_address(std::string(83, 'A')));
  EXPECT_FALSE(escape_address(std::string(84, 'A'))) << "three characters for each";
}

TEST(SpoolNames, DevicesAreSixteenLowerHexDigits) {
  EXPECT_TRUE(is_device("0123456789abcdef"));
  for (const char* bad : {"", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", "../../../../etc/x"})
    EXPECT_FALSE(is_device(bad)) << bad;
  const auto one = random_hex16(), other = random_hex16();
  EXPECT_TRUE(is_device(one.value_or("")));
  EXPECT_NE(one, other);
}

TEST(SpoolNames, BatchesSortByTime) {
  const std::string early = batch_name(999, "ffffffffffffffff"), late = batch_name(1000, "0000000000000000");
  EXPECT_EQ(early, "000000000000999-ffffffffffffffff");
  EXPECT_LT(early, late);
  EXPECT_TRUE(is_batch(early));
  EXPECT_TRUE(is_batch(batch_name(UINT64_MAX, "0000000000000000"))) << "a clock in the far future";
  for (const char* bad : {"", "000000000000999-fffffffffffffff", "x00000000000999-ffffffffffffffff",
                          "000000000000999_ffffffffffffffff", ".syncthing.000000000000999-f.tmp"})
    EXPECT_FALSE(is_batch(bad)) << bad;
}

}  // namespace
}  // namespace spool
