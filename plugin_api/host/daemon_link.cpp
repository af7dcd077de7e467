#include "host/daemon_link.h"

namespace bud::worker {
namespace {

const bus::Target the_daemon{"", "/org/budstikke/BridgeHost1", "org.budstikke.BridgeHost1"};
constexpr Duration patience = minutes(2);  // the daemon may wait for a disk
constexpr std::uint32_t lines_at_once = 100;

}  // namespace

void DaemonLink::call(const char* member, const bus::Bus::Write& write, std::function<void(bool)> done) {
  const std::uint64_t id = next_++;
  auto slot = bus_.call_async(the_daemon, member, write, patience, [this, id, done = std::move(done)](auto answer) {
    const bus::Slot own = std::move(open_[id]);
    open_.erase(id);
    if (done) return done(answer.has_value());
    if (!answer) event_.exit(1);
  });
  if (!slot) return event_.exit(1);
  open_[id] = std::move(*slot);
}

void DaemonLink::ready() {
  call("Ready", {});
}

void DaemonLink::deliver(const bud_bytes* copies, std::uint32_t count, bud_bytes cursor) {
  call("Deliver", [&](bus::Writer& out) {
    out.open('a', "ay");
    for (std::uint32_t i = 0; i < count; ++i) out.bytes({copies[i].data, copies[i].size});
    out.close().bytes({cursor.data, cursor.size});
  });
}

void DaemonLink::store_state(const std::string& key, ByteView value, std::function<void(bool)> done) {
  call(
      "StoreState", [&](bus::Writer& out) { out.string(key).bytes(value); }, std::move(done));
}

void DaemonLink::changed(const std::string& address) {
  call("Changed", [&](bus::Writer& out) { out.string(address); });
}

void DaemonLink::report(bud_status status, const std::string& words) {
  call("Report", [&](bus::Writer& out) { out.u32(status).string(words); });
}

void DaemonLink::log(std::uint32_t level, const std::string& text) {
  if (++lines_ > lines_at_once) return;
  if (lines_ == 1) {
    auto timer = event_.after(seconds(10), [this] {
      const std::uint32_t left_out = lines_ > lines_at_once ? lines_ - lines_at_once : 0;
      lines_ = 0;
      if (left_out > 0) log(BUD_LOG_WARNING, std::to_string(left_out) + " more lines were left out");
    });
    if (timer) next_lines_ = std::move(*timer);
  }
  call("Log", [&](bus::Writer& out) { out.u32(level).string(text); });
}

void DaemonLink::give_up(const std::string& why) {
  lines_ = 1;  // this one is said
  log(BUD_LOG_ERROR, why);
  (void)bus_.flush();
  event_.exit(1);
}

}  // namespace bud::worker
