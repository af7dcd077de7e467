#include "sim/device.h"

#include "sim/world.h"

namespace bud::sim {
namespace {

constexpr std::size_t most_calls_at_once = 20'000;
const char* const device_names[] = {"laptop", "phone", "tablet", "desktop", "watch", "server", "netbook", "kiosk"};

crypto::Secret<32> seed_of(std::uint64_t run, std::size_t index) {
  crypto::Secret<32> seed;
  for (std::size_t i = 0; i < 8; ++i) {
    seed.expose_mutable()[i] = static_cast<std::uint8_t>(run >> 8 * i);
    seed.expose_mutable()[8 + i] = static_cast<std::uint8_t>(index >> 8 * i);
  }
  return seed;
}

}  // namespace

Device::Device(World& world, std::size_t i, std::string p, bool real_store)
    : index(i),
      person(std::move(p)),
      name(person + "-" + device_names[i % std::size(device_names)] + "-" + std::to_string(i)),
      agenda(world.now),
      clock(world.now),
      disk(real_store ? sqlite_medium(world.options.seed, i) : memory_medium(), world.hits),
      world_(world),
      arena_(std::move(*crypto::Arena::create())),
      random_(seed_of(world.options.seed, i)) {
  start();
}

Device::~Device() = default;

Device::Process::Process(World& world, Device& device)
    : workers(world, device),
      driver(device.agenda, device.clock, {[&device](const core::Changes& changes) { device.changed(changes); }, {}}) {}

void Device::start() {
  if (running() || off || gone) return;
  process_.reset();
  restart_.reset();
  look_again_ = true;  // nobody told this process what the last one did before it died
  if (disk.dead()) {
    disk.reopen();
    if (!world_.calm && world_.dice.percent(10)) disk.arm(static_cast<Fault>(world_.dice.below(fault_count)), world_.dice.between(1, 3));
  }
  disk.entering(Call::open);
  auto process = std::make_unique<Process>(world_, *this);
  auto opened = core::Engine::open({disk, clock, random_, executor_, *arena_, process->driver});
  if (!opened) {
    disk.kill();
    return bury();
  }
  process->engine = std::move(*opened);
  process->bridges = std::make_unique<bridging::Bridges>(agenda, process->workers, random_, static_cast<core::TransportPort&>(*this));
  process->bridges->on_log([this](const std::string& bridge, std::uint32_t, const std::string& text) {
    world_.note(name + ", " + bridge + ": " + text);
  });
  process_ = std::move(process);
  const auto configured = call(Call::reading, [](auto& e) { return e.bridges(); });
  const auto own = call(Call::reading, [](auto& e) { return e.account(); });
  if (!configured || !own) {
    disk.kill();
    return bury();
  }
  id = own->device;
  for (const core::BridgeConfig& bridge : *configured) (void)process_->bridges->add({bridge.name, bridge.kind, bridge.json});
  disk.entering(Call::tick);
  process_->driver.start(*process_->engine, *process_->bridges);
  look();
  read_inbox();
}

void Device::stop() {
  disk.kill();
  process_.reset();
  restart_.reset();
}

void Device::bury() {
  if (!disk.dead()) return;
  if (process_) ++world_.counts.crashes;
  process_.reset();
  if (restart_ || off || gone) return;
  restart_ = agenda.after(Duration{world_.dice.between(100, 3000)}, [this] {
    const bridging::Timer fired = std::move(restart_);
    start();
  });
}

void Device::run_next() {
  disk.entering(Call::tick);  // what is no call of bridging's is the driver's
  agenda.run_next();
  bury();
  look();
}

void Device::run_due() {
  for (std::size_t calls = 0; next() && next()->ms <= world_.now.ms && !world_.failed(); ++calls) {
    if (calls == most_calls_at_once) return world_.violated(*this, "goes on for ever at one moment");
    run_next();
  }
}

void Device::changed(const core::Changes& changes) {
  for (const auto& [bridge, address] : changes.lookups) world_.note(name + " wants to know " + bridge + ":" + address);
  look_again_ = look_again_ || changes.account || !changes.contacts.empty() || !changes.alerts.empty();
  look();
  if (changes.events) read_inbox();
}

void Device::look() {
  if (!look_again_ || !running()) return;
  look_again_ = false;
  world_.oracle.looks_at_views(*this);
}

// --- bridges ---

void Device::add_bridge(const std::string& bridge) {
  if (!call(Call::add_bridge, [&](auto& e) { return e.add_bridge({bridge, bridge, "{}"}); })) return;
  (void)process_->bridges->add({bridge, bridge, "{}"});
}

void Device::drop_bridge(const std::string& bridge) {
  if (!call(Call::remove_bridge, [&](auto& e) { return e.remove_bridge(bridge); })) return;
  (void)process_->bridges->remove(bridge);
}

std::set<std::string> Device::bridges() {
  std::set<std::string> names;
  if (auto configured = call(Call::reading, [](auto& e) { return e.bridges(); }))
    for (const core::BridgeConfig& bridge : *configured) names.insert(bridge.name);
  return names;
}

void Device::crash_worker(const std::string& bridge) {
  if (!running()) return;
  if (PostWorker* worker = process_->workers.find(bridge)) worker->crash();
}

bool Device::look_up(const std::string& bridge, const std::string& address) {
  auto served = world_.post(bridge).look_up(name, address);
  if (!served) {
    (void)lookup_failed(bridge, address);
    return false;
  }
  if (!call(Call::records, [&](auto& e) { return e.records(bridge, address, served->records); })) return false;
  if (running()) world_.oracle.was_served(*this, bridge, address, *served);
  return true;
}

// --- what a person sees ---

std::vector<core::Alert> Device::alerts() {
  return see([](auto& e) { return e.alerts(); }).value_or(std::vector<core::Alert>());
}

bool Device::has_alert(core::AlertKind kind, const DeviceId& device) {
  for (const core::Alert& a : alerts())
    if (a.kind == kind && a.device == device) return true;
  return false;
}

std::vector<core::DeviceInfo> Device::view_of(const AccountId& of) {
  return see([&](auto& e) { return e.devices(of); }).value_or(std::vector<core::DeviceInfo>());
}

void Device::read_inbox() {
  for (;;) {
    auto events = call(Call::reading, [&](auto& e) { return e.events(memory.cursor, 64); });
    if (!events || events->empty()) return;
    for (const core::Event& event : *events) {
      memory.cursor = event.cursor;
      if (event.kind == core::EventKind::message) world_.oracle.shows(*this, event);
    }
  }
}

Device::Saved Device::save() { return {disk.medium().snapshot(), memory}; }

void Device::restore(const Saved& saved) {
  stop();
  for (const auto& [message, times] : memory.shown)
    if (!saved.memory.shown.contains(message)) forgotten.insert(message);
  disk.medium().restore(saved.disk);
  memory = saved.memory;
  ++restored;
  start();
  world_.oracle.was_restored(*this);
}

// --- what bridging asks ---

Result<> Device::bridge_ready(const std::string& bridge, const core::BridgeIdentity& identity) {
  return call(Call::bridge_ready, [&](auto& e) { return e.bridge_ready(bridge, identity); });
}

Result<std::vector<core::OutboxItem>> Device::outbox(const std::string& bridge, std::uint64_t after, std::size_t max_items,
                                                     std::size_t max_bytes) {
  auto items = call(Call::reading, [&](auto& e) { return e.outbox(bridge, after, max_items, max_bytes); });
  if (items)
    for (const core::OutboxItem& item : *items) {
      world_.oracle.pushes(*this, item);
      world_.traffic.pushes(*this, item);
    }
  return items;
}

Result<> Device::pushed(const std::string& bridge, std::span<const core::PushResult> results) {
  world_.traffic.reports(*this, bridge, results);
  return call(Call::pushed, [&](auto& e) { return e.pushed(bridge, results); });
}

Result<> Device::deliver(const std::string& bridge, std::span<const Bytes> copies, ByteView cursor) {
  auto done = call(Call::deliver, [&](auto& e) { return e.deliver(bridge, copies, cursor); });
  if (!done) return done;
  world_.note(name + " has taken " + std::to_string(copies.size()) + " copies from " + bridge);
  world_.oracle.delivered(*this, copies);
  world_.traffic.delivered(*this, copies);
  return done;
}

Result<Bytes> Device::cursor(const std::string& bridge) {
  return call(Call::reading, [&](auto& e) { return e.cursor(bridge); });
}

Result<std::optional<core::Publication>> Device::publication(const std::string& bridge) {
  return call(Call::publication, [&](auto& e) { return e.publication(bridge); });
}

Result<> Device::published(const std::string& bridge, std::uint64_t sequence) {
  world_.note(name + " has published its record " + std::to_string(sequence) + " by " + bridge);
  return call(Call::published, [&](auto& e) { return e.published(bridge, sequence); });
}

Result<> Device::records(const std::string& bridge, const std::string& address, std::span<const Bytes> records) {
  auto done = call(Call::records, [&](auto& e) { return e.records(bridge, address, records); });
  world_.note(name + " is served " + std::to_string(records.size()) + " records of " + bridge + ":" + address);
  if (done && running())
    if (PostWorker* worker = process_->workers.find(bridge)) world_.oracle.was_served(*this, bridge, address, worker->served());
  return done;
}

Result<> Device::lookup_failed(const std::string& bridge, const std::string& address) {
  world_.note(name + " gets no answer about " + bridge + ":" + address);
  return call(Call::lookup_failed, [&](auto& e) { return e.lookup_failed(bridge, address); });
}

Result<std::map<std::string, Bytes>> Device::bridge_state(const std::string& bridge) {
  return call(Call::reading, [&](auto& e) { return e.bridge_state(bridge); });
}

Result<> Device::store_bridge_state(const std::string& bridge, const std::string& key, ByteView value) {
  return call(Call::store_bridge_state, [&](auto& e) { return e.store_bridge_state(bridge, key, value); });
}

}  // namespace bud::sim
