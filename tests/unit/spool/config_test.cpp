#include "spool/config.h"

#include <gtest/gtest.h>

namespace spool {
namespace {

TEST(SpoolConfig, TakesFolderAndAddress) {
  const auto config = parse_config(R"({"folder": "/srv/spool", "address": "alice"})");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->folder, "/srv/spool");
  EXPECT_EQ(config->address, "alice");
}

TEST(SpoolConfig, SaysWhatIsWrong) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "no JSON"},
      {"nonsense", "no JSON"},
      {"[]", "an object"},
      {"{}", "\"folder\" is missing"},
      {R"({"folder": "/srv/spool"})", "\"address\" is missing"},
      {R"({"folder": "spool", "address": "alice"})", "full path"},
      {R"({"folder": 7, "address": "alice"})", "\"folder\" must be a text"},
      {R"({"folder": "/a", "address": ["alice"]})", "\"address\" must be a text"},
      {R"({"folder": "/a", "folder": "/b", "address": "alice"})", "twice"},
      {R"({"folder": "/a", "address": "", "address": "alice"})", "twice"},
      {R"({"folder": "/a", "address": "alice", "fodler": "/b"})", "nothing else"},
      {R"({"folder": "/a\u0000b", "address": "alice"})", "NUL"},
      {R"({"folder": "/a", "address": "al\nice"})", "control characters"},
      {R"({"folder": "/a", "address": "al\u000aice"})", "control characters"},
      {"{\"folder\": \"/a\", \"address\": \"\xff\"}", "no JSON"},
      {R"({"folder": "/a", "address": ")" + std::string(251, 'a') + "\"}", "at most"},
      {R"({"folder": "/)" + std::string(5000, 'a') + R"(", "address": "alice"})", "too long"},
      {std::string(70'000, ' '), "64 KiB"},
      {std::string(30'000, '['), "no JSON"},
  };
  for (const auto& [json, words] : cases) {
    const auto config = parse_config(json);
    ASSERT_FALSE(config) << json;
    EXPECT_EQ(config.error().status, bud_status{BUD_INVALID}) << json;
    EXPECT_NE(config.error().words.find(words), std::string::npos) << json << ": " << config.error().words;
  }
}

}  // namespace
}  // namespace spool
