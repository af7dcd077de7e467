#include "cli/json.h"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace bud::cli {

namespace {
using Ascii = rapidjson::Writer<rapidjson::StringBuffer, rapidjson::UTF8<>, rapidjson::ASCII<>>;

rapidjson::SizeType size_of(std::string_view s) {
  return static_cast<rapidjson::SizeType>(s.size());
}
}  // namespace

struct Json::Impl {
  rapidjson::StringBuffer buffer;
  Ascii writer{buffer};
  std::vector<bool> open;  // true: an object
};

Json::Json() : impl_(std::make_unique<Impl>()) {}
Json::~Json() = default;

Json& Json::object() {
  impl_->writer.StartObject();
  impl_->open.push_back(true);
  return *this;
}

Json& Json::array() {
  impl_->writer.StartArray();
  impl_->open.push_back(false);
  return *this;
}

Json& Json::end() {
  if (impl_->open.back()) {
    impl_->writer.EndObject();
  } else {
    impl_->writer.EndArray();
  }
  impl_->open.pop_back();
  return *this;
}

Json& Json::key(std::string_view key) {
  impl_->writer.Key(key.data(), size_of(key));
  return *this;
}

Json& Json::text(std::string_view value) {
  // A null pointer is what an empty view may hold; the writer wants one that points.
  impl_->writer.String(value.empty() ? "" : value.data(), size_of(value));
  return *this;
}

Json& Json::number(std::uint64_t value) {
  impl_->writer.Uint64(value);
  return *this;
}

Json& Json::boolean(bool value) {
  impl_->writer.Bool(value);
  return *this;
}

Json& Json::time(Time value) {
  if (value.ms == 0) {
    impl_->writer.Null();
  } else {
    impl_->writer.Uint64(value.ms);
  }
  return *this;
}

Json& Json::texts(const std::vector<std::string>& all) {
  array();
  for (const std::string& one : all) text(one);
  return end();
}

std::string Json::take() {
  std::string document;
  // JSON lets DEL stand as it is, and a terminal does not. Outside of texts there is none.
  for (const char c : std::string_view(impl_->buffer.GetString(), impl_->buffer.GetSize())) {
    if (c == '\x7f') {
      document += "\\u007F";
    } else {
      document += c;
    }
  }
  return document + "\n";
}

namespace {

tl::unexpected<Error> bad_value(std::string_view key) {
  return fail(Errc::malformed, "The configuration's \"" + std::string(key) +
                                   "\" is neither a text, a boolean, a whole number from 0 on, nor a list of texts");
}

std::string text_of(const rapidjson::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

Result<bus::Value> value_of(std::string_view key, const rapidjson::Value& value) {
  if (value.IsString()) return bus::Value(text_of(value));
  if (value.IsBool()) return bus::Value(value.GetBool());
  if (value.IsUint()) return bus::Value(std::uint32_t{value.GetUint()});
  if (value.IsUint64()) return bus::Value(std::uint64_t{value.GetUint64()});
  if (!value.IsArray()) return bad_value(key);
  std::vector<std::string> all;
  for (const rapidjson::Value& one : value.GetArray()) {
    if (!one.IsString()) return bad_value(key);
    all.push_back(text_of(one));
  }
  return bus::Value(std::move(all));
}

}  // namespace

Result<bus::Dict> parse_config(std::string_view json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(json.data(), json.size());
  if (document.HasParseError()) {
    return fail(Errc::malformed, "The configuration is no JSON, at byte " + std::to_string(document.GetErrorOffset()) +
                                     ": " + rapidjson::GetParseError_En(document.GetParseError()));
  }
  if (!document.IsObject()) return fail(Errc::malformed, "The configuration is no JSON object");
  bus::Dict dict;
  for (const auto& member : document.GetObject()) {
    std::string key = text_of(member.name);
    BUD_TRY(bus::Value value, value_of(key, member.value));
    if (!dict.emplace(key, std::move(value)).second) {
      return fail(Errc::malformed, "The configuration has \"" + key + "\" twice");
    }
  }
  return dict;
}

}  // namespace bud::cli
