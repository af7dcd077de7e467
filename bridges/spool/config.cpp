#include "spool/config.h"

#include "spool/names.h"

#include <limits.h>
#include <rapidjson/document.h>

#include <set>

namespace spool {
namespace {

Outcome<std::string> text_of(const rapidjson::Value& value, const char* name) {
  if (!value.IsString()) return failure(BUD_INVALID, std::string("\"") + name + "\" must be a text");
  std::string text(value.GetString(), value.GetStringLength());
  if (text.find('\0') != std::string::npos)
    return failure(BUD_INVALID, std::string("\"") + name + "\" must not hold a NUL character");
  return text;
}

Outcome<void> check(const Config& config) {
  if (config.folder.empty())
    return failure(BUD_INVALID, "\"folder\" is missing: the full path of the folder that all devices can reach");
  if (config.folder.front() != '/')
    return failure(BUD_INVALID, "\"folder\" must be a full path, one that begins with /");
  if (config.folder.size() > PATH_MAX - 600) return failure(BUD_INVALID, "\"folder\" is too long a path");
  if (config.address.empty())
    return failure(BUD_INVALID, "\"address\" is missing: the name under which others find this account, such as alice");
  if (!escape_address(config.address))
    return failure(BUD_INVALID, "\"address\" must be at most 80 characters, without control characters");
  return {};
}

}  // namespace

Outcome<Config> parse_config(std::string_view json) {
  if (json.size() > 64 * 1024) return failure(BUD_INVALID, "the configuration is over 64 KiB");
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(json.data(), json.size());
  if (document.HasParseError())
    return failure(BUD_INVALID, "the configuration is no JSON, from character " +
                                    std::to_string(document.GetErrorOffset() + 1) + " on");
  if (!document.IsObject())
    return failure(BUD_INVALID, R"(the configuration must be an object: {"folder": "/…", "address": "…"})");
  Config config;
  std::set<std::string> seen;
  for (const auto& member : document.GetObject()) {
    const std::string name(member.name.GetString(), member.name.GetStringLength());
    std::string* target = name == "folder" ? &config.folder : name == "address" ? &config.address : nullptr;
    if (target == nullptr) return failure(BUD_INVALID, "the spool knows \"folder\" and \"address\", and nothing else");
    if (!seen.insert(name).second) return failure(BUD_INVALID, "\"" + name + "\" stands there twice");
    Outcome<std::string> text = text_of(member.value, name.c_str());
    if (!text) return tl::unexpected<Failure>(text.error());
    *target = std::move(*text);
  }
  if (Outcome<void> fine = check(config); !fine) return tl::unexpected<Failure>(fine.error());
  return config;
}

}  // namespace spool
