#include "cli/exit_code.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

namespace bud::cli {
namespace {

const std::map<std::string, int> documented{
    {"Locked", 3},        {"NoSuchAddress", 4}, {"UntrustedDevice", 5}, {"NotApproved", 5},
    {"TooLarge", 1},      {"Offline", 7},       {"InvalidArgument", 1}, {"NotFound", 4},
    {"AlreadyExists", 9}, {"WrongSecret", 6},   {"Damaged", 8},         {"StorageFull", 8},
    {"Busy", 9},          {"Unsupported", 9},   {"NotAllowed", 5},      {"Failed", 9},
};

TEST(ExitCode, EachErrorHasTheDocumentedOne) {
  std::map<std::string, int> found;
  for (int i = 0; i <= static_cast<int>(Errc::not_approved); ++i) {
    const auto code = static_cast<Errc>(i);
    const auto [at, added] = found.emplace(error_name(code, false), static_cast<int>(exit_code(code, false)));
    EXPECT_TRUE(added || at->second == static_cast<int>(exit_code(code, false))) << at->first << " has two exit codes";
  }
  EXPECT_EQ(found, documented);
}

TEST(ExitCode, AnAbsentDaemonIsItsOwn) {
  EXPECT_EQ(exit_code(Errc::offline, true), ExitCode::unreachable);
  EXPECT_EQ(exit_code(Errc::internal, true), ExitCode::unreachable);
  EXPECT_EQ(error_name(Errc::offline, true), "Unreachable");
  EXPECT_FALSE(advice(Errc::offline, true).empty());
}

// The table that people read is the one that is implemented.
TEST(ExitCode, TheReadmeSaysTheSame) {
  std::ifstream readme(BUD_SOURCE_DIR "/dbus/cli/README.md");
  std::map<std::string, int> written;
  std::string line;
  while (std::getline(readme, line)) {
    int code = 0;
    if (std::sscanf(line.c_str(), "| %d |", &code) != 1) continue;
    std::istringstream names(line.substr(line.rfind('|', line.size() - 2)));
    for (std::string part; std::getline(names, part, '`');) {
      if (std::getline(names, part, '`')) written[part] = code;
    }
  }
  std::map<std::string, int> all = documented;
  all["Usage"] = 1;
  all["Unreachable"] = 2;
  EXPECT_EQ(written, all);
}

}  // namespace
}  // namespace bud::cli
