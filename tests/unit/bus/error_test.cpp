#include "bus/error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace bud::bus {
namespace {

constexpr Errc last = Errc::not_approved;

TEST(BusError, EveryCodeHasANameAndWords) {
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    const Errc code = static_cast<Errc>(i);
    EXPECT_EQ(std::string_view(error_name(code)).rfind("org.budstikke.Error.", 0), 0u);
    EXPECT_FALSE(default_words(code).empty());
    // Only a bug of ours is named Failed.
    EXPECT_EQ(std::string_view(error_name(code)) == "org.budstikke.Error.Failed", code == Errc::internal) << i;
  }
}

TEST(BusError, NamesComeBackAsACodeOfTheSameName) {
  std::set<std::string> seen;
  for (const char* name : error_names()) {
    EXPECT_STREQ(error_name(error_code(name)), name);
    seen.insert(name);
  }
  EXPECT_EQ(seen.size(), 16u);
  EXPECT_EQ(seen.size(), error_names().size());
  EXPECT_EQ(error_code("org.budstikke.Error.NoSuchAddress"), Errc::no_such_address);
  EXPECT_EQ(error_code("org.budstikke.Error.InvalidArgument"), Errc::malformed);
  EXPECT_EQ(error_code("org.budstikke.Error.Damaged"), Errc::damaged);
}

TEST(BusError, TheBusesOwnErrorsAndStrangersErrors) {
  EXPECT_EQ(error_code(SD_BUS_ERROR_SERVICE_UNKNOWN), Errc::offline);
  EXPECT_EQ(error_code(SD_BUS_ERROR_INVALID_ARGS), Errc::malformed);
  EXPECT_EQ(error_code("com.example.Whatever"), Errc::internal);
  EXPECT_EQ(error_from_errno(-ENOSPC, "save").code, Errc::storage);
  EXPECT_EQ(error_from_errno(-ECONNRESET, "ask").code, Errc::offline);
  EXPECT_EQ(error_from_errno(-EBADMSG, "read").code, Errc::malformed);
}

TEST(BusError, WordsThatCannotGoOnTheBusAreReplaced) {
  sd_bus_error out{};
  EXPECT_LT(set_bus_error(&out, {Errc::locked, "bad \xff words"}), 0);
  EXPECT_STREQ(out.name, "org.budstikke.Error.Locked");
  EXPECT_EQ(out.message, default_words(Errc::locked));
  sd_bus_error_free(&out);
}

}  // namespace
}  // namespace bud::bus
