// D-Bus messages: an owning handle, a bounded reader and a writer.
//
// Reader: whatever is read was sent by a stranger. Every string, array and dictionary is read against a bound that the
// caller names; over it is Errc::too_large, another type or broken bytes Errc::malformed. Views that are handed out
// point into the message and live as long as it does.
// Writer: errors stick, so that a chain of appends is checked once, by done().
#pragma once

#include "base/unique_fd.h"
#include "bus/value.h"

#include <systemd/sd-bus.h>

#include <functional>
#include <memory>

namespace bud::bus {

class Message {
 public:
  Message() = default;
  // Takes over one reference.
  static Message adopt(sd_bus_message* m) { return Message(m); }
  // Adds one.
  static Message share(sd_bus_message* m) { return Message(sd_bus_message_ref(m)); }

  sd_bus_message* raw() const { return message_.get(); }
  explicit operator bool() const { return message_ != nullptr; }
  // Empty where the message has none.
  std::string_view path() const { return text(sd_bus_message_get_path(raw())); }
  std::string_view interface() const { return text(sd_bus_message_get_interface(raw())); }
  std::string_view member() const { return text(sd_bus_message_get_member(raw())); }
  // The unique name of who sent it; a bus vouches for it, a peer has none.
  std::string_view sender() const { return text(sd_bus_message_get_sender(raw())); }

 private:
  struct Unref {
    void operator()(sd_bus_message* m) const { sd_bus_message_unref(m); }
  };
  explicit Message(sd_bus_message* m) : message_(m) {}
  static std::string_view text(const char* s) { return s != nullptr ? std::string_view(s) : std::string_view(); }
  std::unique_ptr<sd_bus_message, Unref> message_;
};

// What a caller may hand in where no method says otherwise.
struct Bounds {
  std::size_t entries = 64;       // of an a{sv}, as or ao
  std::size_t bytes = 64 * 1024;  // of one string or ay, in an a{sv} or list
};

class Reader {
 public:
  // Does not own the message; reads from where it stands.
  explicit Reader(const Message& message) : m_(message.raw()) {}

  [[nodiscard]] Result<std::string_view> string_view(std::size_t max_bytes);
  [[nodiscard]] Result<std::string> string(std::size_t max_bytes);
  [[nodiscard]] Result<ObjectPath> path();
  [[nodiscard]] Result<ByteView> byte_view(std::size_t max_bytes);
  [[nodiscard]] Result<Bytes> bytes(std::size_t max_bytes);
  [[nodiscard]] Result<bool> boolean();
  [[nodiscard]] Result<std::uint8_t> u8();
  [[nodiscard]] Result<std::uint32_t> u32();
  [[nodiscard]] Result<std::uint64_t> u64();
  [[nodiscard]] Result<std::int32_t> i32();
  [[nodiscard]] Result<std::int64_t> i64();
  // A duplicate that is the caller's, close-on-exec. What is behind it (a pipe, a huge file) is not checked.
  [[nodiscard]] Result<UniqueFd> fd();

  [[nodiscard]] Result<std::vector<std::string>> strings(const Bounds& bounds = {});
  [[nodiscard]] Result<std::vector<ObjectPath>> paths(const Bounds& bounds = {});
  [[nodiscard]] Result<std::vector<std::uint64_t>> numbers(const Bounds& bounds = {});
  [[nodiscard]] Result<std::vector<TextRange>> ranges(const Bounds& bounds = {});
  [[nodiscard]] Result<std::vector<Tally>> tallies(const Bounds& bounds = {});
  // An a{sv}. A key that stands twice is Errc::malformed. The bounds hold for dictionaries in it too; what stands
  // deeper than a dictionary in one in it is read as monostate.
  [[nodiscard]] Result<Dict> dict(const Bounds& bounds = {}) { return dict_at(0, bounds); }
  // An aa{sv}; at most `max_dicts` of them.
  [[nodiscard]] Result<std::vector<Dict>> dicts(std::size_t max_dicts, const Bounds& bounds = {});
  // A variant, as Value.
  [[nodiscard]] Result<Value> variant(const Bounds& bounds = {}) { return variant_at(0, bounds); }
  // An array of any element type, as a signature ("(uay)"): `read` is called for each and reads it whole.
  [[nodiscard]] Result<> array(const char* element, std::size_t max_elements, const std::function<Result<>()>& read);
  // A struct, as the signature of its fields ("uay").
  [[nodiscard]] Result<> structure(const char* fields, const std::function<Result<>()>& read);
  // A variant whose content has exactly this signature; for what is no Value ("aa{sv}").
  [[nodiscard]] Result<> variant_of(const char* contents, const std::function<Result<>()>& read);
  // An entry of a dictionary that array() stands in: for an element "{oa{sv}}" its fields are "oa{sv}".
  [[nodiscard]] Result<> entry(const char* fields, const std::function<Result<>()>& read);
  // Errc::malformed where arguments are left.
  [[nodiscard]] Result<> end();

 private:
  template <class T>
  Result<T> basic(char type);
  Result<const char*> text(char type);
  Result<> container(char type, const char* contents, const std::function<Result<>()>& read);
  Result<Value> value_of(std::string_view signature, int depth, const Bounds& bounds);
  Result<Value> variant_at(int depth, const Bounds& bounds);
  Result<Dict> dict_at(int depth, const Bounds& bounds);

  sd_bus_message* m_;
};

class Writer {
 public:
  explicit Writer(const Message& message) : m_(message.raw()) {}

  // Text that is not valid on the bus (base/text.h) is Errc::malformed.
  Writer& string(std::string_view s) { return text('s', s); }
  Writer& path(const ObjectPath& p) { return text('o', p.text); }
  Writer& bytes(ByteView b);
  Writer& boolean(bool b);
  Writer& u8(std::uint8_t n) { return append('y', &n); }
  Writer& u32(std::uint32_t n) { return append('u', &n); }
  Writer& u64(std::uint64_t n) { return append('t', &n); }
  Writer& i32(std::int32_t n) { return append('i', &n); }
  Writer& i64(std::int64_t n) { return append('x', &n); }
  // The message holds a duplicate.
  Writer& fd(int fd) { return append('h', &fd); }
  Writer& strings(const std::vector<std::string>& all);
  Writer& paths(const std::vector<ObjectPath>& all);
  Writer& numbers(const std::vector<std::uint64_t>& all);
  Writer& ranges(const std::vector<TextRange>& all);
  Writer& tallies(const std::vector<Tally>& all);
  Writer& dict(const Dict& dict);
  Writer& dicts(const std::vector<Dict>& all);
  Writer& variant(const Value& value);

  // 'a' with the element's signature, 'r' with the fields', 'v' with the content's, 'e' with "sv".
  Writer& open(char type, const char* contents);
  Writer& close();

  // Makes `error` the outcome of the whole message, unless there is an earlier one.
  Writer& fail(const Error& error);
  // The first error of all that was appended.
  [[nodiscard]] Result<> done() const;

 private:
  Writer& append(char type, const void* value);
  Writer& text(char type, std::string_view s);
  Writer& check(int r, std::string_view doing);
  Writer& value(const Value& value);

  sd_bus_message* m_;
  Result<> state_;
};

}  // namespace bud::bus
