#include "bus/value.h"

#include <algorithm>
#include <array>

namespace bud::bus {

Nested::Nested(Dict dict) : dict_(std::make_shared<const Dict>(std::move(dict))) {}

const Dict& Nested::operator*() const {
  static const Dict empty;
  return dict_ ? *dict_ : empty;
}

bool Nested::operator==(const Nested& other) const {
  return **this == *other;
}

const char* signature_of(const Value& value) {
  static constexpr std::array<const char*, std::variant_size_v<Value>> signatures{
      nullptr, "b",  "y",  "u",  "t",       "x",      "s",     "o",
      "ay",    "as", "ao", "at", "a(uuys)", "a(sao)", "a{sv}", "aa{sv}"};
  return signatures[value.index()];
}

Result<> only(const Dict& dict, std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : dict) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      return fail(Errc::unsupported, "Option \"" + key + "\" is not known to this version");
    }
  }
  return {};
}

}  // namespace bud::bus
