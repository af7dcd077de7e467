// What stands in an a{sv}: the few kinds of values that this API uses, and typed access to them.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <initializer_list>
#include <map>
#include <memory>
#include <variant>

namespace bud::bus {

// An object path; its own type, so that it is written as 'o' and not as 's'.
struct ObjectPath {
  std::string text;
  auto operator<=>(const ObjectPath&) const = default;
};

// How a part of a text is to be shown.
struct TextRange {
  std::uint32_t start = 0, length = 0;  // code points
  std::uint8_t style = 0;
  std::string argument;
  auto operator<=>(const TextRange&) const = default;
};

// A word, and who is for it: a reaction, an option of a poll.
struct Tally {
  std::string text;
  std::vector<ObjectPath> accounts;
  auto operator<=>(const Tally&) const = default;
};

struct Dict;
// A dictionary that stands in another. Not changed once it is there; copies share it.
struct Nested {
  Nested() = default;  // an empty one
  Nested(Dict dict);
  const Dict& operator*() const;
  bool operator==(const Nested& other) const;

 private:
  std::shared_ptr<const Dict> dict_;
};

// In the order of their D-Bus types: (any other), b, y, u, t, x, s, o, ay, as, ao, a(uuys), a(sao), a{sv}, aa{sv}.
// Anything else that a caller sends is read as monostate: a later version's option is not an error by its type alone.
using Value = std::variant<std::monostate, bool, std::uint8_t, std::uint32_t, std::uint64_t, std::int64_t, std::string,
                           ObjectPath, Bytes, std::vector<std::string>, std::vector<ObjectPath>, std::vector<TextRange>,
                           std::vector<Tally>, Nested, std::vector<Nested>>;
struct Dict : std::map<std::string, Value, std::less<>> {
  using map::map;
};

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
