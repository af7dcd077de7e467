// The spool bridge's configuration: JSON, which the daemon passes on as it was given.
#include "fuzz/support/harness.h"
#include "spool/config.h"
#include "spool/names.h"

#include <limits.h>
#include <rapidjson/document.h>

namespace bud::fuzz {

void run(ByteView input) {
  const spool::Outcome<spool::Config> config = spool::parse_config(as_text(input));
  if (!config) return BUD_HOLDS(config.error().status == BUD_INVALID && !config.error().words.empty());
  BUD_HOLDS(config->folder.starts_with('/') && config->folder.size() < PATH_MAX);
  BUD_HOLDS(spool::escape_address(config->address).has_value());
  BUD_HOLDS(config->folder.find('\0') == std::string::npos && config->address.find('\0') == std::string::npos);
  // Two members, and each what any reader of JSON would take it for.
  rapidjson::Document json;
  json.Parse(reinterpret_cast<const char*>(input.data()), input.size());
  BUD_HOLDS(json.IsObject() && json.MemberCount() == 2);
  BUD_HOLDS(config->folder == json["folder"].GetString() && config->address == json["address"].GetString());
}

void write_seeds(Seeds& seeds) {
  seeds.add("whole", R"({"folder": "/tmp/spool", "address": "alice"})");
  seeds.add("escapes", R"({"address":"\u00e5\ud834\udd1e","folder":"\/a\t"})");
  seeds.add("twice", R"({"folder":"/a","folder":"/b","address":"a"})");
  seeds.add("empty-and-again", R"({"folder":"/a","address":"","address":"a"})");
  seeds.add("number", R"({"folder":1,"address":null})");
  seeds.add("nul", R"({"folder":"/a\u0000b","address":"a"})");
  seeds.add("deep", std::string(200, '[') + std::string(200, ']'));
  seeds.add("unknown", R"({"folder":"/a","address":"a","password":"b"})");
}

}  // namespace bud::fuzz
