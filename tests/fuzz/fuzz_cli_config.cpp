// A bridge's configuration as a person hands it to the command line: JSON, into what goes over the bus.
#include "cli/json.h"
#include "fuzz/support/harness.h"

#include <rapidjson/document.h>

namespace bud::fuzz {
namespace {

bool same(const bus::Value& value, const rapidjson::Value& json) {
  const auto text = [](const rapidjson::Value& v) { return std::string(v.GetString(), v.GetStringLength()); };
  if (const auto* s = std::get_if<std::string>(&value)) return json.IsString() && text(json) == *s;
  if (const auto* b = std::get_if<bool>(&value)) return json.IsBool() && json.GetBool() == *b;
  if (const auto* u = std::get_if<std::uint32_t>(&value)) return json.IsUint() && json.GetUint() == *u;
  if (const auto* t = std::get_if<std::uint64_t>(&value)) return json.IsUint64() && json.GetUint64() == *t;
  const auto* all = std::get_if<std::vector<std::string>>(&value);
  if (all == nullptr || !json.IsArray() || json.Size() != all->size()) return false;
  for (rapidjson::SizeType i = 0; i < json.Size(); ++i)
    if (!json[i].IsString() || text(json[i]) != (*all)[i]) return false;
  return true;
}

}  // namespace

void run(ByteView input) {
  const Result<bus::Dict> config = cli::parse_config(as_text(input));
  if (!config) return BUD_HOLDS(config.error().code == Errc::malformed && !config.error().text.empty());
  rapidjson::Document json;
  json.Parse(reinterpret_cast<const char*>(input.data()), input.size());
  BUD_HOLDS(json.IsObject() && json.MemberCount() == config->size());
  for (const auto& member : json.GetObject()) {
    const auto found = config->find(std::string_view(member.name.GetString(), member.name.GetStringLength()));
    BUD_HOLDS(found != config->end() && same(found->second, member.value));
  }
}

void write_seeds(Seeds& seeds) {
  seeds.add("spool", R"({"folder": "/tmp/spool", "address": "alice"})");
  seeds.add("kinds", R"({"b":true,"n":7,"t":18446744073709551615,"l":["a","b"],"e":[]})");
  seeds.add("negative", R"({"n":-1})");
  seeds.add("fraction", R"({"n":1.5})");
  seeds.add("twice", R"({"a":"1","a":"2"})");
  seeds.add("nested", R"({"a":{"b":1}})");
  seeds.add("mixed-list", R"({"a":["b",1]})");
  seeds.add("escapes", R"({"\u0000":"\ud83d\udd25"})");
  seeds.add("deep", std::string(300, '['));
}

}  // namespace bud::fuzz
