#include "support/world.h"

#include "core/rows.h"

#include <cstdio>
#include <cstdlib>

namespace bud::test {
namespace {

template <class T>
T must(Result<T> r, const char* what) {
  if (!r) {
    std::fprintf(stderr, "%s: %s\n", what, r.error().text.c_str());
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return std::move(*r);
}

}  // namespace

Device::Device(Network& network, ManualClock& clock, std::string n, std::string a, std::uint8_t seed)
    : name(std::move(n)), address(std::move(a)), network_(network), clock_(clock) {
  arena_ = must(crypto::Arena::create(), "arena");
  crypto::Secret<32> s;
  s.expose_mutable()[0] = seed;
  random_ = std::make_unique<crypto::SeededRandom>(std::move(s));
  start();
  must(engine->add_bridge({"spool", "spool", "{}"}), "add bridge");
  must(engine->bridge_ready("spool", {address, name, 32 * 1024, 100, false}), "bridge ready");
}

void Device::start() { engine = must(core::Engine::open({storage, clock_, *random_, executor_, *arena_, *this}), "engine"); }

void Device::restart() {
  engine.reset();
  if (storage.in_transaction()) storage.rollback();
  wanted.clear();
  start();
  must(engine->bridge_ready("spool", {address, name, 32 * 1024, 100, false}), "bridge ready");
}

void Device::changed(const core::Changes& changes) {
  wanted.insert(changes.lookups.begin(), changes.lookups.end());
  contacts_told.insert(changes.contacts.begin(), changes.contacts.end());
  threads_told.insert(changes.threads.begin(), changes.threads.end());
  joins_told += changes.join ? 1 : 0;
  typing_told.insert(typing_told.end(), changes.typing.begin(), changes.typing.end());
}

bool Device::publish() {
  auto p = engine->publication("spool");
  if (!p || !*p) return false;
  network_.directory[(*p)->address][(*p)->device] = (*p)->record;
  return engine->published("spool", (*p)->sequence).has_value();
}

void Device::look_up() {
  if (directory_is_away) return;
  for (const auto& [bridge, at] : std::exchange(wanted, {})) {
    std::vector<Bytes> records;
    for (const auto& [device, record] : network_.directory[at]) records.push_back(record);
    if (!engine->records(bridge, at, records)) wanted.insert({bridge, at});
  }
}

bool Device::push() {
  auto batch = engine->outbox("spool", 0, 100, 1 << 20);
  if (!batch || batch->empty()) return false;
  std::vector<core::PushResult> results;
  for (core::OutboxItem& item : *batch) {
    network_.all_mail.push_back(item.envelope);
    std::vector<Bytes> out;
    if (network_.tamper)
      out = network_.tamper(item.device, std::move(item.envelope));
    else
      out.push_back(std::move(item.envelope));
    for (Bytes& copy : out) network_.mail[item.device].push_back(std::move(copy));
    results.push_back({item.id, core::PushStatus::ok});
  }
  (void)engine->pushed("spool", results);  // where the store fails, they are pushed once more
  return true;
}

bool Device::receive() {
  auto& box = network_.mail[name];
  if (box.empty()) return false;
  std::vector<Bytes> copies(box.begin(), box.end());
  ++delivered_;
  Bytes cursor{static_cast<std::uint8_t>(delivered_)};
  // Acknowledged only where the engine says that it is on disk; else it is delivered again.
  if (engine->deliver("spool", copies, cursor)) box.clear();
  return true;
}

bool Device::step() {
  if (off) return false;
  (void)engine->tick();  // what a failing store kept it from is still due
  bool moved = publish();
  look_up();  // an open join window looks up for ever; what comes of it is pushed below
  moved = push() || moved;
  moved = receive() || moved;
  return moved;
}

std::vector<std::string> Device::texts(const ThreadId& thread) {
  std::vector<std::string> out;
  for (auto& m : must(engine->messages(thread, 0, 1000), "messages")) out.insert(out.begin(), m.text);
  return out;
}

std::vector<core::Alert> Device::alerts_of(core::AlertKind kind) {
  std::vector<core::Alert> out;
  for (auto& a : must(engine->alerts(), "alerts"))
    if (a.kind == kind) out.push_back(a);
  return out;
}

Device& World::add(const std::string& name, const std::string& address) {
  devices.push_back(std::make_unique<Device>(network, clock, name, address, static_cast<std::uint8_t>(devices.size() + 1)));
  return *devices.back();
}

void World::settle() {
  for (int quiet = 0, round = 0; quiet < 4; ++round) {
    if (round == 10'000) std::abort();
    bool moved = false;
    for (auto& d : devices) moved = d->step() || moved;
    clock.time = clock.time + seconds(1);
    quiet = moved ? 0 : quiet + 1;
  }
}

void World::advance(Duration d) { clock.time = clock.time + d; }

void World::join(Device& sponsor, Device& joiner) {
  must(sponsor->open_join_window(minutes(5)), "window");
  must(joiner->begin_join("spool:" + joiner.address), "begin join");
  settle();
  auto requests = must(sponsor->join_requests(), "requests");
  if (requests.size() != 1 || !requests[0].ready) std::abort();
  auto status = must(joiner->join_status(), "status");
  const std::string second = must(sponsor->approve_join(requests[0].id, status.code), "approve");
  must(joiner->confirm_join(second), "confirm");
  settle();
  must(sponsor->close_join_window(), "close window");
  settle();
}

core::Session Device::session_with(const AccountId& account, const DeviceId& device) {
  std::optional<core::Session> best;
  must(storage.scan(core::Table::sessions, {core::key::device(account, device), {}, false, SIZE_MAX},
                    [&](std::uint64_t, Result<crypto::SecretBytes> row) {
                      core::Session s = must(core::decode_session(must(std::move(row), "session").expose()), "session");
                      if (!best || core::preferred(s, *best)) best = std::move(s);
                      return true;
                    }),
       "sessions");
  if (!best) std::abort();
  return std::move(*best);
}

void World::look_up(Device& device, const std::string& at) {
  std::vector<Bytes> records;
  for (const auto& [name, record] : network.directory[at]) records.push_back(record);
  must(device->records("spool", at, records), "records");
}

ThreadId World::thread(Device& from, const std::string& address) {
  (void)from->resolve(address);
  look_up(from, address.substr(address.find(':') + 1));
  const AccountId account = must(from->resolve(address), "resolve");
  return must(from->open_thread(account), "open thread");
}

}  // namespace bud::test
