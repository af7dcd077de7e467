// The rule of the house: libsodium is crypto/'s alone (and its unit tests'), so that keys have types everywhere else.
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>

#include "support/scratch_folder.h"

namespace bud {
namespace {

namespace fs = std::filesystem;

bool includes_sodium(const fs::path& file) {
  static const std::regex include(R"((^|\n)[ \t]*#[ \t]*include[ \t]*[<"]sodium[./])");
  const Bytes text = test::read_file(file);
  return std::regex_search(reinterpret_cast<const char*>(text.data()),
                           reinterpret_cast<const char*>(text.data()) + text.size(), include);
}

TEST(Sodium, IsIncludedByCryptoAlone) {
  const std::set<std::string> kinds = {".h", ".hpp", ".c", ".cc", ".cpp", ".inc"};
  const fs::path root = BUD_SOURCE_DIR, crypto = root / "daemon" / "crypto",
                 its_tests = root / "tests" / "unit" / "crypto";
  int looked = 0, within = 0;
  for (const char* top : {"daemon", "dbus", "plugin_api", "bridges", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      if (!entry.is_regular_file() || kinds.count(entry.path().extension()) == 0) continue;
      if (entry.path().parent_path() == its_tests) continue;
      ++looked;
      const bool includes = includes_sodium(entry.path());
      if (entry.path().parent_path() == crypto)
        within += includes;
      else
        EXPECT_FALSE(includes) << entry.path() << " includes libsodium: give crypto/ what is missing";
    }
  }
  EXPECT_GT(looked, 50);
  EXPECT_GT(within, 5) << "else this test finds nothing anywhere";
}

}  // namespace
}  // namespace bud
