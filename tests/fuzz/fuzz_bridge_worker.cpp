// The worker between the daemon and a bridge: calls of org.budstikke.Bridge1 with any arguments, and a bridge that
// completes its operations with anything, or late, or twice, and says anything to its host meanwhile. (What a bridge
// says may be its server's words.)
#include "base/text.h"
#include "fuzz/support/dbus.h"
#include "fuzz/support/fuzz_plugin.h"
#include "fuzz/support/harness.h"
#include "host/worker.h"

#include <dlfcn.h>

#include <cstring>
#include <map>

namespace bud::fuzz {
namespace {

constexpr int most_steps = 12;

template <class T>
const T* extension(const bud_host* host, const char* name) {
  return static_cast<const T*>(host->get_extension(host, name));
}

// The daemon's side of the worker's calls: it answers, or refuses, as the input says; what it is told is within bounds.
class Daemon {
 public:
  explicit Daemon(Feed& feed) : feed_(feed) {}
  static const sd_bus_vtable vtable[];

 private:
  Result<> answer() {
    if (feed_.u8() >= 250) return fail(Errc::busy, "not now");
    return {};
  }
  Result<> ready(bus::Call&, bus::Writer&) { return {}; }
  Result<> deliver(bus::Call& call, bus::Writer&) {
    std::size_t total = 0;
    must(call.args.array("ay", 1000, [&]() -> Result<> {
      BUD_TRY(const ByteView copy, call.args.byte_view(1024 * 1024));
      total += copy.size();
      return {};
    }));
    BUD_HOLDS(total <= 16 * 1024 * 1024 && !must(call.args.byte_view(4096)).empty());
    return answer();
  }
  Result<> store(bus::Call& call, bus::Writer&) {
    BUD_HOLDS(!must(call.args.string(64)).empty() && must(call.args.byte_view(64 * 1024)).size() <= 64 * 1024);
    return answer();
  }
  Result<> changed(bus::Call& call, bus::Writer&) {
    check_line(must(call.args.string(1024)));
    return answer();
  }
  Result<> report(bus::Call& call, bus::Writer&) {
    (void)must(call.args.u32());
    check_line(must(call.args.string(1024)));
    return answer();
  }
  Result<> log(bus::Call& call, bus::Writer&) {
    (void)must(call.args.u32());
    check_line(must(call.args.string(1024)));
    return answer();
  }
  static void check_line(std::string_view text) {
    BUD_HOLDS(valid_text(text));
    for (char c : text) BUD_HOLDS(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  }
  Feed& feed_;
};

const sd_bus_vtable Daemon::vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Ready", "", "", bus::method<&Daemon::ready>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Deliver", "aayay", "", bus::method<&Daemon::deliver>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("StoreState", "say", "", bus::method<&Daemon::store>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Changed", "s", "", bus::method<&Daemon::changed>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Report", "us", "", bus::method<&Daemon::report>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Log", "us", "", bus::method<&Daemon::log>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END};

// The bridge: what it is handed is within bounds; what it does is the input's.
class Bridge {
 public:
  explicit Bridge(Feed& feed) : feed_(feed) { current_ = this; }
  ~Bridge() { current_ = nullptr; }

  bool left_open = false;

  static FuzzPluginCalls calls() {
    return {[](const bud_host* h, uint64_t op, const char* json) {
              BUD_HOLDS(std::strlen(json) <= 64 * 1024 && valid_text(json));
              current_->began(h, op);
              current_->complete_identity(h, op);
            },
            [](const bud_host* h, uint64_t op, const char* address, const char* device, bud_bytes record) {
              BUD_HOLDS(std::strlen(address) <= 255 && std::strlen(device) <= 255 && record.size <= 1024 * 1024);
              current_->began(h, op);
              current_->complete(h, op, nullptr);
            },
            [](const bud_host* h, uint64_t op, const char* address) {
              BUD_HOLDS(std::strlen(address) <= 255 && valid_text(address));
              current_->began(h, op);
              current_->complete_records(h, op);
            },
            [](const bud_host* h, uint64_t op, const bud_copy* const* copies, uint32_t count) {
              BUD_HOLDS(count >= 1 && count <= 1000);
              for (uint32_t i = 0; i < count; ++i) {
                BUD_HOLDS(copies[i]->size >= sizeof(bud_copy) && std::strlen(copies[i]->address) <= 255);
                BUD_HOLDS(std::strlen(copies[i]->device) <= 255 && copies[i]->envelope.size <= 1024 * 1024);
              }
              current_->began(h, op);
              current_->complete_push(h, op, count);
            },
            [](const bud_host* h, bud_bytes cursor) {
              BUD_HOLDS(cursor.size > 0 && Bytes(cursor.data, cursor.data + cursor.size) == current_->outstanding_);
              current_->outstanding_.clear();
              current_->speak(h);
            },
            [](const bud_host* h, uint64_t op, const char* name, int source, uint64_t total) {
              BUD_HOLDS(std::strlen(name) == 32 && source > 2 && total >= 1 && total <= std::uint64_t{1} << 48);
              current_->began(h, op);
              current_->complete_put(h, op, total);
            },
            [](const bud_host* h, uint64_t op, const char* location, int target, uint64_t offset, uint64_t limit) {
              BUD_HOLDS(std::strlen(location) <= 480 && valid_text(location) && target > 2 && offset < limit);
              current_->began(h, op);
              current_->complete_get(h, op);
            }};
  }

 private:
  void began(const bud_host* host, std::uint64_t op) {
    BUD_HOLDS(op > last_op_);
    last_op_ = op;
    speak(host);
  }

  std::string text() {
    const ByteView chunk = feed_.chunk();
    return std::string(as_text(chunk)).c_str();
  }

  void complete(const bud_host* host, std::uint64_t op, const void* result) {
    const std::string words = text();
    const std::uint8_t how = feed_.u8();
    bud_completion c{sizeof c, how % 16u, feed_.u32(), how & 16 ? words.c_str() : nullptr, result};
    // A bridge that was built against a header that knows less.
    if (how & 32) c.size = offsetof(bud_completion, words);
    left_open = how >= 0xf0;
    if (left_open) return;
    if (how >= 0xe0) host->complete(host, op + 1, &c);  // one that there is not
    host->complete(host, op, &c);
    if (how >= 0xc0) host->complete(host, op, &c);
  }

  void complete_identity(const bud_host* host, std::uint64_t op) {
    const std::string address = text(), device = text();
    bud_identity identity{};
    identity.size = sizeof identity;
    identity.address = address.c_str();
    identity.device = device.c_str();
    identity.max_envelope = feed_.u32();
    identity.max_batch = feed_.u32();
    complete(host, op, feed_.flag() ? nullptr : &identity);
  }

  void complete_records(const bud_host* host, std::uint64_t op) {
    std::vector<bud_bytes> all;
    for (std::size_t n = feed_.below(4); n > 0; --n) {
      const ByteView chunk = feed_.chunk();
      all.push_back({chunk.data(), static_cast<std::uint32_t>(chunk.size())});
    }
    const bud_records records{sizeof records, static_cast<std::uint32_t>(all.size()), all.data()};
    complete(host, op, feed_.flag() ? nullptr : &records);
  }

  void complete_push(const bud_host* host, std::uint64_t op, std::uint32_t count) {
    std::vector<bud_status> all(feed_.below(count + 2u));
    for (bud_status& s : all) s = feed_.u8();
    const bud_push_result result{sizeof result, static_cast<std::uint32_t>(all.size()), all.data()};
    complete(host, op, feed_.flag() ? nullptr : &result);
  }

  void complete_put(const bud_host* host, std::uint64_t op, std::uint64_t total) {
    const std::string location = text();
    const bud_put_result result{sizeof result, feed_.flag() ? total : feed_.u32(), feed_.flag() ? location.c_str() : nullptr};
    complete(host, op, feed_.flag() ? nullptr : &result);
  }

  void complete_get(const bud_host* host, std::uint64_t op) {
    const bud_get_result result{sizeof result, feed_.u32(), feed_.flag()};
    complete(host, op, feed_.flag() ? nullptr : &result);
  }

  // To its host, of its own accord.
  void speak(const bud_host* host) {
    for (std::size_t n = feed_.below(3); n > 0; --n) {
      const std::uint8_t what = feed_.u8();
      const ByteView chunk = feed_.chunk();
      const std::string words = std::string(as_text(chunk)).c_str();
      const bud_bytes bytes{chunk.data(), static_cast<std::uint32_t>(chunk.size())};
      switch (what % 7) {
        case 0:
          extension<bud_host_log>(host, BUD_HOST_LOG)->log(host, what, words.c_str());
          break;
        case 1:
          extension<bud_host_state>(host, BUD_HOST_STATE)->report(host, what, words.c_str());
          break;
        case 2:
          extension<bud_host_directory>(host, BUD_HOST_DIRECTORY)->changed(host, words.c_str());
          break;
        case 3: {
          const auto* kv = extension<bud_host_kv>(host, BUD_HOST_KV);
          kv->put(host, what & 8 ? words.c_str() : "key", bytes, what & 16 ? stored : nullptr, this);
          bud_bytes back{};
          if ((what & 8) == 0 && chunk.size() <= 64 * 1024)
            BUD_HOLDS(kv->get(host, "key", &back) && equal({back.data, back.size}, chunk));
          break;
        }
        case 4: {
          // A bridge that keeps to the rule of one batch at a time, and one that does not.
          if (!outstanding_.empty() && what < 200) break;
          if (outstanding_.empty()) outstanding_.assign(chunk.begin(), chunk.end());
          extension<bud_host_delivery>(host, BUD_HOST_DELIVERY)->deliver(host, &bytes, 1, bytes);
          break;
        }
        case 5: {
          const auto* loop = extension<bud_host_loop>(host, BUD_HOST_LOOP);
          const std::uint64_t id = loop->add_timer(
              host, what & 8 ? 0 : 100'000, [](void*) {}, nullptr);
          if (what & 16) loop->remove_timer(host, id);
          break;
        }
        default:
          BUD_HOLDS(host->get_extension(host, words.c_str()) == nullptr || words.starts_with("bud."));
          break;
      }
    }
  }
  static void stored(void*, bud_status) {}

  static inline Bridge* current_ = nullptr;
  Feed& feed_;
  std::uint64_t last_op_ = 0;
  Bytes outstanding_;
};

void set_calls() {
  // Held for good: it must not be loaded anew for each input.
  void* object = ::dlopen(BUD_FUZZ_PLUGIN, RTLD_NOW | RTLD_LOCAL);
  BUD_HOLDS(object != nullptr);
  auto* calls = static_cast<FuzzPluginCalls*>(::dlsym(object, fuzz_plugin_calls_name));
  BUD_HOLDS(calls != nullptr);
  *calls = Bridge::calls();
}

}  // namespace

void run(ByteView input) {
  static const bool set = (set_calls(), true);
  BUD_HOLDS(set);
  static const std::vector<Member> members = members_of("org.budstikke.Bridge1", worker::Worker::vtable);
  static const Vocabulary words{{"{}", "alice", "bob", "device", "00112233445566778899aabbccddeeff"}, {"/a"}, {Bytes(40, 1), Bytes()}};
  Feed feed(input);
  Bridge bridge(feed);
  bus::Event event = must(bus::Event::create());
  Peers peers = connect(event);  // the daemon serves; the worker speaks first
  Daemon daemon(feed);
  const bus::Slot host =
      must(peers.server.add_object("/org/budstikke/BridgeHost1", "org.budstikke.BridgeHost1", Daemon::vtable, daemon));
  worker::Worker worker(event, peers.client);
  must(worker.start(event, peers.client, BUD_FUZZ_PLUGIN));
  if (!drain(event)) return;
  for (int i = 0; i < most_steps && !feed.empty(); ++i) {
    bridge.left_open = false;
    const Outcome outcome = checked_call(event, peers.server, "/org/budstikke/Bridge1",
                                         members[feed.below(members.size())], feed, words, Duration{});
    // The loop ends where a bridge broke a rule that ends its worker; and what it never completes, its deadline does.
    if (outcome == Outcome::gone) return;
    BUD_HOLDS(outcome == Outcome::answered || bridge.left_open);
    if (!drain(event)) return;
  }
}

void write_seeds(Seeds& seeds) {
  using W = wire::Writer;
  const auto sow = [&](std::string_view name, const W& w) { seeds.add(name, w.bytes()); };
  // Members: Configure, Publish, Lookup, Push, PutBlob, GetBlob, Ack. How the signature is chosen; the arguments; what the bridge says
  // and how it completes.
  const auto configure = [](W& w) -> W& {
    w.u8(0).u8(0).u8(128).u8(0).u32(1000);  // "{}", no state, a second
    w.u8(0);                                // says nothing
    chunk(chunk(w, as_bytes("alice")), as_bytes("laptop")).u32(1000).u32(10).u8(0);
    return chunk(w, {}).u8(0).u32(0);
  };
  W w;
  sow("configure", configure(w));
  W publish;
  configure(publish).u8(1).u8(0).u8(129).u8(131).u8(128).u32(1000).u8(0);
  sow("publish", chunk(publish, {}).u8(0).u32(0));
  W lookup;
  chunk(chunk(configure(lookup).u8(2).u8(0).u8(130).u32(1000).u8(0).u8(1), Bytes(30, 2)).u8(0), as_bytes("words"))
      .u8(16)
      .u32(5);
  sow("lookup", lookup);
  W push;
  configure(push).u8(3).u8(0).u8(1).u64(7).u8(130).u8(131).u32(1).u32(0).u8(128).u32(1000).u8(0).u8(1).u8(0).u8(0);
  sow("push", chunk(push, {}).u8(BUD_PARTIAL).u32(0));
  W deliver;
  deliver.u8(0).u8(0).u8(128).u8(0).u32(1000).u8(1).u8(4);
  chunk(chunk(chunk(deliver, as_bytes("batch")), as_bytes("alice")), as_bytes("laptop")).u32(9).u32(9).u8(0);
  chunk(deliver, {}).u8(0).u32(0).u8(0);
  chunk(deliver.u8(6).u8(0).u8(0), as_bytes("batch")).u8(0);
  sow("deliver", deliver);
  W talk;
  talk.u8(0).u8(0).u8(128).u8(0).u32(1000).u8(2);
  chunk(talk.u8(0), as_bytes("a line\n\x1b[31m\xff"));
  chunk(talk.u8(3), as_bytes("state"));
  sow("talks", talk);
  // Longer than a line may be, with a character across the place where it is cut.
  std::string line = "a";
  while (line.size() < 1500) line += "\xc3\xa5";
  W at_length;
  at_length.u8(0).u8(0).u8(128).u8(0).u32(1000).u8(1);
  sow("talks-at-length", chunk(at_length.u8(0), as_bytes(line)));
}

}  // namespace bud::fuzz
