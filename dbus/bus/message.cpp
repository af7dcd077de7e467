#include "bus/message.h"

#include "base/text.h"
#include "bus/error.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

namespace bud::bus {
namespace {

tl::unexpected<Error> wrong_type() {
  return fail(Errc::malformed, "The message does not hold what was expected");
}

tl::unexpected<Error> too_large(std::string_view what) {
  return fail(Errc::too_large, std::string(what) + " is larger than allowed");
}

constexpr int max_depth = 2;  // of dictionaries in a dictionary

template <class T>
Result<Value> as_value(Result<T> read) {
  if (!read) return forward(read);
  return Value(std::move(*read));
}

}  // namespace

// --- Reader

template <class T>
Result<T> Reader::basic(char type) {
  T value{};
  const int r = sd_bus_message_read_basic(m_, type, &value);
  if (r <= 0) return wrong_type();
  return value;
}

Result<const char*> Reader::text(char type) {
  return basic<const char*>(type);
}
Result<std::uint8_t> Reader::u8() {
  return basic<std::uint8_t>('y');
}
Result<std::uint32_t> Reader::u32() {
  return basic<std::uint32_t>('u');
}
Result<std::uint64_t> Reader::u64() {
  return basic<std::uint64_t>('t');
}
Result<std::int32_t> Reader::i32() {
  return basic<std::int32_t>('i');
}
Result<std::int64_t> Reader::i64() {
  return basic<std::int64_t>('x');
}

Result<bool> Reader::boolean() {
  BUD_TRY(const int value, basic<int>('b'));  // sd-bus reads booleans as int
  return value != 0;
}

Result<std::string_view> Reader::string_view(std::size_t max_bytes) {
  BUD_TRY(const std::string_view value, text('s'));
  if (value.size() > max_bytes) return too_large("A text");
  return value;
}

Result<std::string> Reader::string(std::size_t max_bytes) {
  BUD_TRY(const std::string_view value, string_view(max_bytes));
  return std::string(value);
}

Result<ObjectPath> Reader::path() {
  constexpr std::size_t max_path = 1024;
  BUD_TRY(const std::string_view value, text('o'));
  if (value.size() > max_path) return too_large("An object path");
  return ObjectPath{std::string(value)};
}

Result<ByteView> Reader::byte_view(std::size_t max_bytes) {
  const void* data = nullptr;
  std::size_t size = 0;
  if (sd_bus_message_read_array(m_, 'y', &data, &size) <= 0) return wrong_type();
  if (size > max_bytes) return too_large("A byte array");
  return ByteView(static_cast<const std::uint8_t*>(data), size);
}

Result<Bytes> Reader::bytes(std::size_t max_bytes) {
  BUD_TRY(const ByteView view, byte_view(max_bytes));
  return Bytes(view.begin(), view.end());
}

Result<UniqueFd> Reader::fd() {
  BUD_TRY(const int borrowed, basic<int>('h'));
  UniqueFd own(::fcntl(borrowed, F_DUPFD_CLOEXEC, 3));
  if (!own) return tl::unexpected(error_from_errno(-errno, "take a file descriptor"));
  return own;
}

Result<> Reader::container(char type, const char* contents, const std::function<Result<>()>& read) {
  if (sd_bus_message_enter_container(m_, type, contents) <= 0) return wrong_type();
  BUD_CHECK(read());
  if (sd_bus_message_exit_container(m_) < 0) return wrong_type();
  return {};
}

Result<> Reader::array(const char* element, std::size_t max_elements, const std::function<Result<>()>& read) {
  return container('a', element, [&]() -> Result<> {
    std::size_t n = 0;
    while (true) {
      const int at_end = sd_bus_message_at_end(m_, 0);
      if (at_end < 0) return wrong_type();
      if (at_end > 0) return {};
      if (++n > max_elements) return too_large("A list");
      BUD_CHECK(read());
    }
  });
}

Result<> Reader::structure(const char* fields, const std::function<Result<>()>& read) {
  return container('r', fields, read);
}

Result<> Reader::variant_of(const char* contents, const std::function<Result<>()>& read) {
  return container('v', contents, read);
}

Result<> Reader::entry(const char* fields, const std::function<Result<>()>& read) {
  return container('e', fields, read);
}

Result<std::vector<std::string>> Reader::strings(const Bounds& bounds) {
  std::vector<std::string> all;
  BUD_CHECK(array("s", bounds.entries, [&]() -> Result<> {
    BUD_TRY(std::string one, string(bounds.bytes));
    all.push_back(std::move(one));
    return {};
  }));
  return all;
}

Result<std::vector<ObjectPath>> Reader::paths(const Bounds& bounds) {
  std::vector<ObjectPath> all;
  BUD_CHECK(array("o", bounds.entries, [&]() -> Result<> {
    BUD_TRY(ObjectPath one, path());
    all.push_back(std::move(one));
    return {};
  }));
  return all;
}

Result<std::vector<std::uint64_t>> Reader::numbers(const Bounds& bounds) {
  std::vector<std::uint64_t> all;
  BUD_CHECK(array("t", bounds.entries, [&]() -> Result<> {
    BUD_TRY(const std::uint64_t one, u64());
    all.push_back(one);
    return {};
  }));
  return all;
}

Result<std::vector<TextRange>> Reader::ranges(const Bounds& bounds) {
  std::vector<TextRange> all;
  BUD_CHECK(array("(uuys)", bounds.entries, [&] {
    return structure("uuys", [&]() -> Result<> {
      TextRange one;
      BUD_TRY(one.start, u32());
      BUD_TRY(one.length, u32());
      BUD_TRY(one.style, u8());
      BUD_TRY(one.argument, string(bounds.bytes));
      all.push_back(std::move(one));
      return {};
    });
  }));
  return all;
}

Result<std::vector<Tally>> Reader::tallies(const Bounds& bounds) {
  std::vector<Tally> all;
  BUD_CHECK(array("(sao)", bounds.entries, [&] {
    return structure("sao", [&]() -> Result<> {
      Tally one;
      BUD_TRY(one.text, string(bounds.bytes));
      BUD_TRY(one.accounts, paths(bounds));
      all.push_back(std::move(one));
      return {};
    });
  }));
  return all;
}

Result<Value> Reader::value_of(std::string_view signature, int depth, const Bounds& bounds) {
  if (signature == "b") return as_value(boolean());
  if (signature == "y") return as_value(u8());
  if (signature == "u") return as_value(u32());
  if (signature == "t") return as_value(u64());
  if (signature == "x") return as_value(i64());
  if (signature == "s") return as_value(string(bounds.bytes));
  if (signature == "o") return as_value(path());
  if (signature == "ay") return as_value(bytes(bounds.bytes));
  if (signature == "as") return as_value(strings(bounds));
  if (signature == "ao") return as_value(paths(bounds));
  if (signature == "at") return as_value(numbers(bounds));
  if (signature == "a(uuys)") return as_value(ranges(bounds));
  if (signature == "a(sao)") return as_value(tallies(bounds));
  if (depth < max_depth && signature == "a{sv}") return as_value(dict_at(depth + 1, bounds));
  if (depth < max_depth && signature == "aa{sv}") {
    std::vector<Nested> all;
    BUD_CHECK(array("a{sv}", bounds.entries, [&]() -> Result<> {
      BUD_TRY(Dict one, dict_at(depth + 1, bounds));
      all.emplace_back(std::move(one));
      return {};
    }));
    return Value(std::move(all));
  }
  if (sd_bus_message_skip(m_, nullptr) < 0) return wrong_type();
  return Value();
}

Result<Value> Reader::variant_at(int depth, const Bounds& bounds) {
  const char* contents = nullptr;
  char type = 0;
  if (sd_bus_message_peek_type(m_, &type, &contents) <= 0 || type != 'v' || contents == nullptr) return wrong_type();
  const std::string signature(contents);  // entering the variant moves on from what it points to
  Value value;
  BUD_CHECK(container('v', signature.c_str(), [&]() -> Result<> {
    BUD_TRY(value, value_of(signature, depth, bounds));
    return {};
  }));
  return value;
}

Result<Dict> Reader::dict_at(int depth, const Bounds& bounds) {
  constexpr std::size_t max_key = 64;
  Dict dict;
  BUD_CHECK(array("{sv}", bounds.entries, [&] {
    return container('e', "sv", [&]() -> Result<> {
      BUD_TRY(std::string key, string(max_key));
      BUD_TRY(Value value, variant_at(depth, bounds));
      if (!dict.emplace(std::move(key), std::move(value)).second) return fail(Errc::malformed, "A key stands twice");
      return {};
    });
  }));
  return dict;
}

Result<std::vector<Dict>> Reader::dicts(std::size_t max_dicts, const Bounds& bounds) {
  std::vector<Dict> all;
  BUD_CHECK(array("a{sv}", max_dicts, [&]() -> Result<> {
    BUD_TRY(Dict one, dict(bounds));
    all.push_back(std::move(one));
    return {};
  }));
  return all;
}

Result<> Reader::end() {
  if (sd_bus_message_at_end(m_, 1) <= 0) return wrong_type();
  return {};
}

// --- Writer

Writer& Writer::check(int r, std::string_view doing) {
  return r < 0 ? fail(error_from_errno(r, doing)) : *this;
}

Writer& Writer::fail(const Error& error) {
  if (state_) state_ = tl::unexpected(error);
  return *this;
}

Writer& Writer::append(char type, const void* value) {
  if (!state_) return *this;
  return check(sd_bus_message_append_basic(m_, type, value), "write to a message");
}

Writer& Writer::text(char type, std::string_view s) {
  if (!state_) return *this;
  const std::string terminated(s);
  const bool valid = type == 'o'
                         ? sd_bus_object_path_is_valid(terminated.c_str()) > 0 && terminated == terminated.c_str()
                         : valid_text(s);
  if (!valid) {
    return fail({Errc::malformed, "A text is not valid on D-Bus"});
  }
  return append(type, terminated.c_str());
}

Writer& Writer::bytes(ByteView b) {
  if (!state_) return *this;
  return check(sd_bus_message_append_array(m_, 'y', b.data(), b.size()), "write to a message");
}

Writer& Writer::boolean(bool b) {
  const int value = b ? 1 : 0;
  return append('b', &value);
}

Writer& Writer::open(char type, const char* contents) {
  if (!state_) return *this;
  return check(sd_bus_message_open_container(m_, type, contents), "write to a message");
}

Writer& Writer::close() {
  if (!state_) return *this;
  return check(sd_bus_message_close_container(m_), "write to a message");
}

Writer& Writer::strings(const std::vector<std::string>& all) {
  open('a', "s");
  for (const std::string& s : all) string(s);
  return close();
}

Writer& Writer::paths(const std::vector<ObjectPath>& all) {
  open('a', "o");
  for (const ObjectPath& p : all) path(p);
  return close();
}

Writer& Writer::numbers(const std::vector<std::uint64_t>& all) {
  open('a', "t");
  for (const std::uint64_t n : all) u64(n);
  return close();
}

Writer& Writer::ranges(const std::vector<TextRange>& all) {
  open('a', "(uuys)");
  for (const TextRange& r : all) open('r', "uuys").u32(r.start).u32(r.length).u8(r.style).string(r.argument).close();
  return close();
}

Writer& Writer::tallies(const std::vector<Tally>& all) {
  open('a', "(sao)");
  for (const Tally& t : all) open('r', "sao").string(t.text).paths(t.accounts).close();
  return close();
}

Writer& Writer::value(const Value& value) {
  struct Visit {
    Writer& w;
    void operator()(std::monostate) const {}
    void operator()(bool v) const { w.boolean(v); }
    void operator()(std::uint8_t v) const { w.u8(v); }
    void operator()(std::uint32_t v) const { w.u32(v); }
    void operator()(std::uint64_t v) const { w.u64(v); }
    void operator()(std::int64_t v) const { w.i64(v); }
    void operator()(const std::string& v) const { w.string(v); }
    void operator()(const ObjectPath& v) const { w.path(v); }
    void operator()(const Bytes& v) const { w.bytes(v); }
    void operator()(const std::vector<std::string>& v) const { w.strings(v); }
    void operator()(const std::vector<ObjectPath>& v) const { w.paths(v); }
    void operator()(const std::vector<std::uint64_t>& v) const { w.numbers(v); }
    void operator()(const std::vector<TextRange>& v) const { w.ranges(v); }
    void operator()(const std::vector<Tally>& v) const { w.tallies(v); }
    void operator()(const Nested& v) const { w.dict(*v); }
    void operator()(const std::vector<Nested>& v) const {
      w.open('a', "a{sv}");
      for (const Nested& one : v) w.dict(*one);
      w.close();
    }
  };
  std::visit(Visit{*this}, value);
  return *this;
}

Writer& Writer::variant(const Value& v) {
  const char* signature = signature_of(v);
  if (signature == nullptr) return check(-EINVAL, "write an empty value");
  return open('v', signature).value(v).close();
}

Writer& Writer::dict(const Dict& dict) {
  open('a', "{sv}");
  for (const auto& [key, v] : dict) open('e', "sv").string(key).variant(v).close();
  return close();
}

Writer& Writer::dicts(const std::vector<Dict>& all) {
  open('a', "a{sv}");
  for (const Dict& one : all) dict(one);
  return close();
}

Result<> Writer::done() const {
  return state_;
}

}  // namespace bud::bus
