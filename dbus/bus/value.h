// What stands in an a{sv}: the few kinds of values that this API uses, and typed access to them.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <initializer_list>
#include <map>
#include <variant>

namespace bud::bus {

// An object path; its own type, so that it is written as 'o' and not as 's'.
struct ObjectPath {
  std::string text;
  auto operator<=>(const ObjectPath&) const = default;
};

// In the order of their D-Bus types: (any other), b, y, u, t, x, s, o, ay, as, ao, at. Anything else that a caller sends
// is read as monostate: a later version's option is not an error by its type alone.
using Value = std::variant<std::monostate, bool, std::uint8_t, std::uint32_t, std::uint64_t, std::int64_t, std::string,
                           ObjectPath, Bytes, std::vector<std::string>, std::vector<ObjectPath>, std::vector<std::uint64_t>>;
using Dict = std::map<std::string, Value, std::less<>>;

// The D-Bus signature of a value; nullptr for monostate.
const char* signature_of(const Value& value);

// The value under `key`, nullptr where there is none. A value of another type is Errc::malformed, naming the key.
template <class T>
[[nodiscard]] Result<const T*> find(const Dict& dict, std::string_view key) {
  const auto found = dict.find(key);
  if (found == dict.end()) return nullptr;
  const T* value = std::get_if<T>(&found->second);
  if (value == nullptr) return fail(Errc::malformed, "Option \"" + std::string(key) + "\" has the wrong type");
  return value;
}

// As find, with a default for what is missing.
template <class T>
[[nodiscard]] Result<T> get_or(const Dict& dict, std::string_view key, T otherwise) {
  BUD_TRY(const T* value, find<T>(dict, key));
  return value != nullptr ? *value : std::move(otherwise);
}

// As find; a missing one is Errc::malformed too.
template <class T>
[[nodiscard]] Result<T> get(const Dict& dict, std::string_view key) {
  BUD_TRY(const T* value, find<T>(dict, key));
  if (value == nullptr) return fail(Errc::malformed, "\"" + std::string(key) + "\" is missing");
  return *value;
}

// Errc::unsupported where `dict` has a key that is not among `known`: a caller that relies on an option must not
// believe it was heeded.
[[nodiscard]] Result<> only(const Dict& dict, std::initializer_list<std::string_view> known);

}  // namespace bud::bus
