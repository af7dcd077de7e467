// A worker that misbehaves, as told by the name of its plugin: what the daemon makes of a bridge that is broken or
// evil. Started like budstikke-bridge-host, as a bridge in another language would be.
#include "bus/bus.h"
#include "bus/method.h"

#include <budstikke/bridge.h>

#include <filesystem>

namespace bud {
namespace {

const bus::Target daemon_side{"", "/org/budstikke/BridgeHost1", "org.budstikke.BridgeHost1"};

class FakeWorker {
 public:
  FakeWorker(bus::Event& event, bus::Bus& bus, std::string mode) : event_(event), bus_(bus), mode_(std::move(mode)) {}

  void begin() {
    if (mode_ == "mute") return;
    if (mode_ == "early") deliver("early");
    call("Ready", {});
    if (mode_ == "twice-ready") call("Ready", {});
  }

  Result<> configure(bus::Call&, bus::Writer& out) {
    if (mode_ == "expired") {
      answer(out, BUD_AUTH, "log in again").string("").string("").dict({});
      return {};
    }
    if (mode_ == "patient") {
      answer(out, BUD_RETRY_LATER, "the server sleeps", 3'600'000).string("").string("").dict({});
      return {};
    }
    answer(out, BUD_OK, "").string(mode_ == "nameless" ? "" : "fake").string("device");
    if (mode_ == "boastful")
      out.dict({{"max_batch", std::uint32_t{0}}, {"max_envelope", std::uint32_t{UINT32_MAX}}});
    else
      out.dict({{"max_batch", std::uint32_t{10}}, {"max_envelope", std::uint32_t{1000}}});
    if (mode_ == "greedy") {
      BUD_TRY(after_the_answer_, event_.defer([this] { deliver("one"), deliver("two"); }));
    }
    if (mode_ == "hoarder")
      for (int i = 0; i < 70; ++i) store("key" + std::to_string(i));
    if (mode_ == "vandal") store("../../etc/passwd");
    return {};
  }
  Result<> publish(bus::Call&, bus::Writer& out) {
    answer(out, BUD_OK, "");
    return {};
  }
  Result<> lookup(bus::Call&, bus::Writer& out) {
    answer(out, mode_ == "odd" ? 4711 : BUD_RETRY_LATER, "").open('a', "ay").close();
    return {};
  }
  Result<> push(bus::Call&, bus::Writer& out) {
    if (mode_ == "crashing") std::abort();
    // One status, however many copies there were.
    answer(out, BUD_PARTIAL, "").open('a', "u").u32(BUD_OK).close();
    return {};
  }
  Result<> ack(bus::Call& call, bus::Writer&) {
    BUD_TRY(const ByteView cursor, call.args.byte_view(100));
    log("acknowledged " + std::string(as_text(cursor)));
    return {};
  }

  static const sd_bus_vtable vtable[];

 private:
  bus::Writer& answer(bus::Writer& out, std::uint32_t status, std::string_view words, std::uint32_t retry_after = 0) {
    return out.u32(status).u32(retry_after).string(words);
  }
  void call(const std::string& member, const bus::Bus::Write& write) {
    auto slot = bus_.call_async(daemon_side, member, write, seconds(60), [this, member](const Result<bus::Message>& m) {
      if (!m) log(member + ": " + m.error().text);
    });
    if (slot) slots_.push_back(std::move(*slot));
  }
  void log(const std::string& text) {
    call("Log", [&](bus::Writer& out) { out.u32(BUD_LOG_NOTICE).string(text); });
  }
  void deliver(std::string_view text) {
    call("Deliver", [&](bus::Writer& out) { out.open('a', "ay").bytes(as_bytes(text)).close().bytes(as_bytes(text)); });
  }
  void store(const std::string& key) {
    call("StoreState", [&](bus::Writer& out) { out.string(key).bytes(as_bytes("value")); });
  }

  bus::Event& event_;
  bus::Bus& bus_;
  std::string mode_;
  std::vector<bus::Slot> slots_;
  bus::Source after_the_answer_;
};

using bus::method;
const sd_bus_vtable FakeWorker::vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Configure", "sa(say)u", "uusssa{sv}", method<&FakeWorker::configure>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Publish", "ssayu", "uus", method<&FakeWorker::publish>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Lookup", "su", "uusaay", method<&FakeWorker::lookup>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Push", "a(tssuuay)u", "uusau", method<&FakeWorker::push>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Ack", "ay", "", method<&FakeWorker::ack>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END};

Result<int> run(const std::string& plugin) {
  BUD_TRY(bus::Event event, bus::Event::create());
  BUD_TRY(bus::Bus bus, bus::Bus::connect(UniqueFd(3)));
  BUD_CHECK(bus.attach(event));
  FakeWorker worker(event, bus, std::filesystem::path(plugin).stem());
  BUD_TRY(const bus::Slot object,
          bus.add_object("/org/budstikke/Bridge1", "org.budstikke.Bridge1", FakeWorker::vtable, worker));
  BUD_TRY(const bus::Slot gone, bus.on_disconnected([&] { event.exit(0); }));
  worker.begin();
  return event.run();
}

}  // namespace
}  // namespace bud

int main(int, char** argv) {
  const auto code = bud::run(argv[1]);
  return code ? *code : 1;
}
