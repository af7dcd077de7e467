#include "fuzz/support/dbus.h"

#include "base/text.h"
#include "bus/error.h"
#include "bus/introspect.h"
#include "fuzz/support/harness.h"

#include <sys/mman.h>
#include <sys/socket.h>

#include <cstring>

namespace bud::fuzz {
namespace {

constexpr int most_depth = 5;
constexpr std::size_t long_list = 70;  // over the 64 that most lists may have

class Appender {
 public:
  Appender(sd_bus_message* to, Feed& feed, const Vocabulary& words) : to_(to), feed_(feed), words_(words) {}

  void all(std::string_view signature, int depth) {
    while (!signature.empty()) {
      const std::size_t n = bus::type_length(signature);
      one(signature.substr(0, n), depth);
      signature.remove_prefix(n);
    }
  }

 private:
  void sent(int r) { BUD_HOLDS(r >= 0); }

  void one(std::string_view type, int depth) {
    switch (type[0]) {
      case 'y':
        return number<std::uint8_t>('y', feed_.u8());
      case 'b':
        return number<int>('b', feed_.u8() & 1);
      case 'n':
      case 'q':
        return number<std::uint16_t>(type[0], feed_.u16());
      case 'i':
      case 'u':
        return number<std::uint32_t>(type[0], feed_.u32());
      case 'x':
      case 't':
      case 'd':
        return number<std::uint64_t>(type[0], feed_.u64());
      case 's':
      case 'o':
      case 'g':
        return text(type[0]);
      case 'h':
        return descriptor();
      case 'a':
        return array(std::string(type.substr(1)), depth);
      case '(':
        return container('r', std::string(type.substr(1, type.size() - 2)), depth);
      case 'v':
        return variant(depth);
      default:
        broken(__FILE__, __LINE__, "a signature that is known here");
    }
  }

  template <class T>
  void number(char type, T n) {
    sent(sd_bus_message_append_basic(to_, type, &n));
  }

  std::string any_text() {
    const std::uint8_t how = feed_.u8();
    if (how >= 128 && !words_.texts.empty()) return words_.texts[how % words_.texts.size()];
    if (how == 127) return std::string(std::size_t{1} << feed_.below(18), 'x');
    const ByteView free = feed_.chunk();
    return std::string(
        as_text(free.first(static_cast<std::size_t>(std::find(free.begin(), free.end(), 0) - free.begin()))));
  }

  void text(char type) {
    if (type == 'g') return sent(sd_bus_message_append_basic(to_, 'g', feed_.flag() ? "a{sv}" : "s"));
    if (type == 's') {
      std::string s = any_text();
      // What is no text sd-bus neither writes nor reads.
      if (!valid_text(s))
        for (char& c : s)
          if (static_cast<unsigned char>(c) >= 0x80) c = '?';
      return sent(sd_bus_message_append_basic(to_, 's', s.c_str()));
    }
    const std::uint8_t how = feed_.u8();
    std::string path = how >= 64 && !words_.paths.empty() ? words_.paths[how % words_.paths.size()] : "/" + any_text();
    if (sd_bus_object_path_is_valid(path.c_str()) <= 0) path = "/";
    sent(sd_bus_message_append_basic(to_, 'o', path.c_str()));
  }

  void descriptor() {
    const ByteView bytes = feed_.chunk();
    const UniqueFd fd(::memfd_create("fuzz", MFD_CLOEXEC));
    BUD_HOLDS(::write(fd.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    BUD_HOLDS(::lseek(fd.get(), 0, SEEK_SET) == 0);
    const int raw = fd.get();
    sent(sd_bus_message_append_basic(to_, 'h', &raw));  // it keeps a duplicate
  }

  void array(const std::string& element, int depth) {
    if (element == "y") {
      const std::uint8_t how = feed_.u8();
      Bytes blob;
      if (how >= 128 && !words_.blobs.empty()) {
        blob = words_.blobs[how % words_.blobs.size()];
      } else if (how == 127) {
        blob = Bytes(std::size_t{1} << feed_.below(18));
      } else {
        const ByteView free = feed_.chunk();
        blob.assign(free.begin(), free.end());
      }
      return sent(sd_bus_message_append_array(to_, 'y', blob.data(), blob.size()));
    }
    const std::uint8_t how = feed_.u8();
    std::size_t n = how == 255 ? long_list : depth > 0 ? how % 5u : 0;
    sent(sd_bus_message_open_container(to_, 'a', element.c_str()));
    for (; n > 0; --n) {
      if (element[0] == '{')
        container('e', element.substr(1, element.size() - 2), depth - 1);
      else
        one(element, depth - 1);
    }
    sent(sd_bus_message_close_container(to_));
  }

  void container(char kind, const std::string& inner, int depth) {
    sent(sd_bus_message_open_container(to_, kind, inner.c_str()));
    all(inner, depth - 1);
    sent(sd_bus_message_close_container(to_));
  }

  void variant(int depth) {
    static constexpr const char* deep[] = {"s",  "s", "b", "u",    "t",     "y", "x", "o",   "ay",    "as",
                                           "ao", "d", "n", "(su)", "a{sv}", "v", "g", "aas", "a{su}", "i",
                                           "a(uuys)", "aa{sv}"};
    const std::uint8_t how = feed_.u8();
    container('v', deep[how % (depth > 0 ? std::size(deep) : 8)], depth);
  }

  sd_bus_message* to_;
  Feed& feed_;
  const Vocabulary& words_;
};

struct Answer {
  bus::Message message;
  bool there = false;
};

int on_answer(sd_bus_message* m, void* into, sd_bus_error*) {
  auto& answer = *static_cast<Answer*>(into);
  answer.message = bus::Message::share(m);
  answer.there = true;
  return 0;
}

void check_error(const sd_bus_error* error, bool as_declared) {
  BUD_HOLDS(error != nullptr && error->name != nullptr && error->message != nullptr);
  const std::string_view name = error->name;
  bool ours = false;
  for (const char* known : bus::error_names()) ours = ours || name == known;
  // The bus itself says what does not exist, or that a signature is another.
  const bool the_buses = name.starts_with("org.freedesktop.DBus.Error.Unknown") || name == SD_BUS_ERROR_ACCESS_DENIED ||
                         (!as_declared && name == SD_BUS_ERROR_INVALID_ARGS);
  const bool gone = name == SD_BUS_ERROR_NO_REPLY || name == SD_BUS_ERROR_DISCONNECTED;
  BUD_HOLDS(ours || the_buses || gone);
  BUD_HOLDS(valid_text(error->message) && error->message[0] != '\0');
  BUD_HOLDS(name != "org.budstikke.Error.Failed");  // a handler that threw, or forgot its caller
}

}  // namespace

void append(sd_bus_message* to, std::string_view signature, Feed& feed, const Vocabulary& words) {
  Appender(to, feed, words).all(signature, most_depth);
}

std::string any_signature(Feed& feed, const char* wanted) {
  static constexpr const char* others[] = {"",    "s",          "u",      "ay",    "aay", "a{sv}",
                                           "uus", "uusssa{sv}", "uusaay", "uusau", "v",   "ass"};
  const std::uint8_t how = feed.u8();
  return how < 200 ? wanted : others[how % std::size(others)];
}

std::vector<Member> members_of(const char* interface, const sd_bus_vtable* vtable) {
  const auto text = [](const char* s) { return std::string(s != nullptr ? s : ""); };
  std::vector<Member> all;
  for (const sd_bus_vtable* v = vtable + 1; v->type != _SD_BUS_VTABLE_END; ++v) {
    if (v->type == _SD_BUS_VTABLE_METHOD)
      all.push_back({interface, v->x.method.member, text(v->x.method.signature), text(v->x.method.result), false});
    if (v->type == _SD_BUS_VTABLE_PROPERTY)
      all.push_back({interface, v->x.property.member, "", text(v->x.property.signature), true});
  }
  return all;
}

Peers connect(bus::Event& event) {
  int ends[2];
  BUD_HOLDS(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  Peers peers{must(bus::Bus::serve(UniqueFd(ends[0]))), must(bus::Bus::connect(UniqueFd(ends[1])))};
  must(peers.server.attach(event));
  must(peers.client.attach(event));
  return peers;
}

bool drain(bus::Event& event) {
  while (true) {
    const Result<bool> more = event.step({});
    if (!more) return false;
    if (!*more) return true;
  }
}

Outcome checked_call(bus::Event& event, bus::Bus& from, const std::string& path, const Member& member, Feed& feed,
                     const Vocabulary& words, Duration patience) {
  sd_bus_message* raw = nullptr;
  const char* interface = member.property ? "org.freedesktop.DBus.Properties" : member.interface.c_str();
  BUD_HOLDS(sd_bus_message_new_method_call(from.raw(), &raw, nullptr, path.c_str(), interface,
                                           member.property ? "Get" : member.name.c_str()) >= 0);
  const bus::Message message = bus::Message::adopt(raw);
  std::string signature = member.in;
  if (member.property) {
    BUD_HOLDS(sd_bus_message_append(raw, "ss", member.interface.c_str(), member.name.c_str()) >= 0);
  } else {
    signature = any_signature(feed, member.in.c_str());
    append(raw, signature, feed, words);
  }
  Answer answer;
  sd_bus_slot* waiting = nullptr;
  if (sd_bus_call_async(from.raw(), &waiting, raw, on_answer, &answer, 30'000'000) < 0) return Outcome::gone;
  const bus::Slot slot(waiting);
  while (!answer.there) {
    const Result<bool> stepped = event.step(patience);
    if (!stepped) return Outcome::gone;
    if (!*stepped && !answer.there) return Outcome::waits;
  }
  if (sd_bus_message_is_method_error(answer.message.raw(), nullptr) > 0) {
    check_error(sd_bus_message_get_error(answer.message.raw()), signature == member.in);
    return Outcome::answered;
  }
  BUD_HOLDS(signature == member.in);
  if (member.property) {
    BUD_HOLDS(sd_bus_message_has_signature(answer.message.raw(), "v") > 0);
    BUD_HOLDS(sd_bus_message_enter_container(answer.message.raw(), 'v', member.out.c_str()) > 0);
  } else {
    BUD_HOLDS(sd_bus_message_has_signature(answer.message.raw(), member.out.c_str()) > 0);
  }
  return Outcome::answered;
}

}  // namespace bud::fuzz
