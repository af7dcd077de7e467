#include "cli/json.h"

#include "support/outcome.h"

#include <gtest/gtest.h>

namespace bud::cli {
namespace {

TEST(Json, WritesOneDocument) {
  Json json;
  json.object().key("text").text("a\"b").key("none").text({}).key("n").number(UINT64_MAX).key("b").boolean(true);
  json.key("id").hex(Bytes{0xAB, 1}).key("time").time({5}).key("never").time({}).key("all").texts({"x", ""});
  json.key("empty").array().end().end();
  EXPECT_EQ(json.take(),
            "{\"text\":\"a\\\"b\",\"none\":\"\",\"n\":18446744073709551615,\"b\":true,\"id\":\"ab01\",\"time\":5,"
            "\"never\":null,\"all\":[\"x\",\"\"],\"empty\":[]}\n");
}

TEST(Json, IsSafeToLookAt) {
  Json json;
  json.array().text("\x1b[2J\n\x7f").text("\xe2\x80\xae").text("Zo\xc3\xab").text("\xf0\x9f\x9a\x80").end();
  EXPECT_EQ(json.take(), "[\"\\u001B[2J\\n\\u007F\",\"\\u202E\",\"Zo\\u00EB\",\"\\uD83D\\uDE80\"]\n");
}

TEST(Config, TakesWhatABridgeCanBeTold) {
  const auto dict = parse_config(R"({"folder":"/a b","n":7,"big":5000000000,"on":true,"all":["x","y"],"none":[]})");
  ASSERT_TRUE(dict) << dict.error().text;
  EXPECT_EQ(*dict, (bus::Dict{{"folder", std::string("/a b")},
                              {"n", std::uint32_t{7}},
                              {"big", std::uint64_t{5'000'000'000}},
                              {"on", true},
                              {"all", std::vector<std::string>{"x", "y"}},
                              {"none", std::vector<std::string>{}}}));
}

TEST(Config, RefusesTheRest) {
  for (const char* json : {"", "{", "[]", "\"text\"", R"({"a":-1})", R"({"a":1.5})", R"({"a":null})", R"({"a":{}})",
                           R"({"a":[1]})", R"({"a":1,"a":2})", "{\"a\":\"\xff\"}", "{} {}"}) {
    EXPECT_EQ(test::code(parse_config(json)), Errc::malformed) << json;
  }
  const std::string deep(100'000, '[');
  EXPECT_EQ(test::code(parse_config(deep)), Errc::malformed);
}

}  // namespace
}  // namespace bud::cli
