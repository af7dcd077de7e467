// Messages as the bounded Reader takes them apart, whoever sent them: any arguments, read in any way; dictionaries
// there and back; and what a client makes of the daemon's dictionaries.
#include "base/text.h"
#include "client/parse.h"
#include "fuzz/support/dbus.h"
#include "fuzz/support/harness.h"

namespace bud::fuzz {
namespace {

constexpr const char* signatures[] = {"a{sv}",  "aa{sv}", "s", "o",      "ay",     "as",         "ao",
                                      "v",      "aay",    "u", "ta{sv}", "a(say)", "a(tssuuay)", "a{oa{sa{sv}}}",
                                      "bytxui", "sv"};

bus::Message new_message(bus::Bus& bus) {
  sd_bus_message* m = nullptr;
  BUD_HOLDS(sd_bus_message_new_method_call(bus.raw(), &m, nullptr, "/a", "a.b", "C") >= 0);
  return bus::Message::adopt(m);
}
// As the other side has it: sealed, and read from its beginning.
void turn(const bus::Message& m) {
  BUD_HOLDS(sd_bus_message_seal(m.raw(), 1, 0) >= 0 && sd_bus_message_rewind(m.raw(), 1) >= 0);
}

template <class T>
void refused(const Result<T>& r) {
  if (!r) BUD_HOLDS(r.error().code == Errc::malformed || r.error().code == Errc::too_large);
}

void check_value(const bus::Value& value, const bus::Bounds& bounds) {
  if (const auto* s = std::get_if<std::string>(&value)) BUD_HOLDS(s->size() <= bounds.bytes && valid_text(*s));
  if (const auto* b = std::get_if<Bytes>(&value)) BUD_HOLDS(b->size() <= bounds.bytes);
  if (const auto* o = std::get_if<bus::ObjectPath>(&value)) BUD_HOLDS(sd_bus_object_path_is_valid(o->text.c_str()) > 0);
  if (const auto* all = std::get_if<std::vector<std::string>>(&value)) {
    BUD_HOLDS(all->size() <= bounds.entries);
    for (const std::string& s : *all) BUD_HOLDS(s.size() <= bounds.bytes && valid_text(s));
  }
}

// Written again, and read again, it is the same; what this version does not know is left out.
void check_dict(bus::Bus& bus, const bus::Dict& dict, const bus::Bounds& bounds) {
  BUD_HOLDS(dict.size() <= bounds.entries);
  bus::Dict known;
  for (const auto& [key, value] : dict) {
    BUD_HOLDS(key.size() <= 64 && valid_text(key));
    check_value(value, bounds);
    if (bus::signature_of(value) != nullptr) known.emplace(key, value);
  }
  const bus::Message m = new_message(bus);
  BUD_HOLDS(bus::Writer(m).dict(known).done().has_value());
  turn(m);
  bus::Reader r(m);
  const Result<bus::Dict> again = r.dict(bounds);
  BUD_HOLDS(again && *again == known && r.end().has_value());
}

template <class T>
void check_parsed(Result<T> parsed) {
  if (!parsed) BUD_HOLDS(parsed.error().code == Errc::malformed);
}

void check_client(const bus::Dict& dict) {
  using namespace client;
  check_parsed(parse_device(dict));
  check_parsed(parse_account({"/a"}, dict));
  check_parsed(parse_contact({"/a"}, dict));
  check_parsed(parse_thread({"/a"}, dict));
  check_parsed(parse_message(dict));
  check_parsed(parse_message({"/a"}, dict));
  check_parsed(parse_copy(dict));
  check_parsed(parse_alert(dict));
  check_parsed(parse_join_status(dict));
  check_parsed(parse_join_request(dict));
  const Result<Bridge> bridge = parse_bridge(dict);
  if (bridge) BUD_HOLDS(bridge->state <= BridgeState::failed);
  const Result<Event> event = parse_event(dict);
  if (event) BUD_HOLDS(event->kind <= EventKind::contact && event->message.progress.state <= Delivery::failed);
}

void read_somehow(bus::Bus& bus, bus::Reader& r, const bus::Message& m, Feed& feed) {
  const bus::Bounds bounds{1 + feed.below(80), std::size_t{1} << feed.below(18)};
  for (int i = 0; i < 8; ++i) {
    switch (feed.below(16)) {
      case 0:
      case 1:
        if (const auto d = r.dict(bounds)) {
          check_dict(bus, *d, bounds);
          check_client(*d);
        } else {
          refused(d);
        }
        break;
      case 2:
        if (const auto all = r.dicts(5, bounds)) {
          BUD_HOLDS(all->size() <= 5);
          for (const bus::Dict& d : *all) check_client(d);
        } else {
          refused(all);
        }
        break;
      case 3:
        if (const auto s = r.string(bounds.bytes))
          BUD_HOLDS(s->size() <= bounds.bytes && valid_text(*s));
        else
          refused(s);
        break;
      case 4:
        refused(r.path());
        break;
      case 5:
        if (const auto b = r.bytes(bounds.bytes))
          BUD_HOLDS(b->size() <= bounds.bytes);
        else
          refused(b);
        break;
      case 6:
        refused(r.strings(bounds));
        break;
      case 7:
        refused(r.paths(bounds));
        break;
      case 8:
        if (const auto v = r.variant(bounds))
          check_value(*v, bounds);
        else
          refused(v);
        break;
      case 9: {
        std::size_t n = 0;
        refused(r.array("ay", 3, [&]() -> Result<> {
          BUD_HOLDS(++n <= 3);
          BUD_CHECK(r.byte_view(bounds.bytes));
          return {};
        }));
        break;
      }
      case 10:
        refused(r.u32());
        break;
      case 11:
        refused(r.u64());
        break;
      case 12:
        refused(r.boolean());
        break;
      case 13:
        refused(r.array("{oa{sa{sv}}}", 8, [&] {
          return r.entry("oa{sa{sv}}", [&]() -> Result<> {
            BUD_CHECK(r.path());
            return r.array("{sa{sv}}", 8, [&] {
              return r.entry("sa{sv}", [&]() -> Result<> {
                BUD_CHECK(r.string(255));
                BUD_CHECK(r.dict());
                return {};
              });
            });
          });
        }));
        break;
      case 14:
        refused(r.end());
        break;
      default:
        (void)sd_bus_message_rewind(m.raw(), 1);
        break;
    }
  }
}

}  // namespace

void run(ByteView input) {
  static bus::Event event = must(bus::Event::create());
  static Peers peers = connect(event);
  static const Vocabulary words{{"id", "state", "this", "added", "Name", "text", "cursor", "kind", "message", "Unread"},
                                {"/org/budstikke/Budstikke1/account/1", "/a/b"},
                                {Bytes(32, 1)}};
  Feed feed(input);
  Feed reading(feed.bytes(24));
  const bus::Message m = new_message(peers.client);
  append(m.raw(), signatures[feed.below(std::size(signatures))], feed, words);
  turn(m);
  bus::Reader r(m);
  read_somehow(peers.client, r, m, reading);
}

void write_seeds(Seeds& seeds) {
  const auto sow = [&](std::string_view name, std::uint8_t signature, std::initializer_list<std::uint8_t> ops,
                       ByteView body) {
    Bytes all{63, 17};
    all.insert(all.end(), ops);
    all.resize(24);
    all.push_back(signature);
    bud::append(all, body);
    seeds.add(name, all);
  };
  // A list of two: the first key by its number among the words, then how the value is chosen.
  sow("dict", 0, {0, 15, 0, 14}, Bytes{2, 128, 8, 128, 1, 132, 3, 0, 0, 0, 7});
  sow("dict-twice", 0, {0}, Bytes{2, 128, 0, 128, 128, 0, 128});
  sow("dicts", 1, {2, 15, 2}, Bytes{2, 1, 128, 0, 128, 1, 129, 3, 0, 0, 0, 2});
  sow("long-dict", 0, {0}, Bytes{255});
  sow("text", 2, {3, 15, 3}, Bytes{0, 0, 4, 't', 'e', 'x', 't'});
  sow("two-byte-text", 2, {3, 8}, Bytes{0, 0, 2, 0xc3, 0xa5});
  sow("blobs", 8, {9, 14}, Bytes{2, 128, 0, 0, 3, 1, 2, 3});
  sow("objects", 13, {13}, Bytes{1, 64, 1, 128, 1, 128, 0, 128});
  sow("variants", 7, {8}, Bytes{13, 0, 0, 1, 'a', 0, 0, 0, 9});
  sow("lists", 5, {6}, Bytes{3, 128, 129, 130});
}

}  // namespace bud::fuzz
