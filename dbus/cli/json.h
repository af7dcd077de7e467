// JSON, out and in. Output is ASCII, so that it is safe to look at on a terminal: everything else stands as \uXXXX.
#pragma once

#include "base/environment.h"
#include "bus/value.h"

#include <memory>

namespace bud::cli {

// Writes one document, in order. Ids are lower-case hexadecimal, times milliseconds since 1970 (null for none).
class Json {
 public:
  Json();
  ~Json();
  Json(const Json&) = delete;
  Json& operator=(const Json&) = delete;

  Json& object();
  Json& array();
  Json& end();  // of the innermost of the two
  Json& key(std::string_view key);

  Json& text(std::string_view value);
  Json& hex(ByteView id) { return text(to_hex(id)); }
  Json& number(std::uint64_t value);
  Json& boolean(bool value);
  Json& time(Time value);
  Json& texts(const std::vector<std::string>& all);

  // The document, with a newline at its end.
  std::string take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A bridge's configuration: an object of texts, booleans, whole numbers from 0 on, and lists of texts. Errc::malformed,
// with words for a person, for anything else.
Result<bus::Dict> parse_config(std::string_view json);

}  // namespace bud::cli
