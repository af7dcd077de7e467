#include "sim/device.h"

#include "sim/world.h"

namespace bud::sim {
namespace {

constexpr std::size_t batch = 100;
constexpr std::size_t batch_bytes = 1 << 20;
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
      clock(world.now),
      disk(real_store ? sqlite_medium(world.options.seed, i) : memory_medium(), world.hits),
      world_(world),
      arena_(std::move(*crypto::Arena::create())),
      random_(seed_of(world.options.seed, i)) {
  start();
}

Device::~Device() { engine_.reset(); }

void Device::start() {
  if (running()) return;
  engine_.reset();
  wanted_.clear();
  look_again_ = true;  // nobody told this process what the last one did before it died
  if (disk.dead()) disk.reopen();
  disk.entering(Call::open);
  auto opened = core::Engine::open({disk, clock, random_, executor_, *arena_, *this});
  if (!opened) return disk.kill();
  engine_ = std::move(*opened);
  id = call(Call::reading, [](auto& e) { return e.account(); }).map([](const auto& a) { return a.device; }).value_or(id);
  for (const std::string& bridge : bridges_) make_ready(bridge);
}

void Device::stop() {
  disk.kill();
  engine_.reset();
}

void Device::changed(const core::Changes& changes) {
  wanted_.insert(changes.lookups.begin(), changes.lookups.end());
  look_again_ = look_again_ || changes.account || !changes.contacts.empty() || !changes.alerts.empty();
}

void Device::make_ready(const std::string& bridge) {
  if (world_.post(bridge).cut_off.contains(name)) return;
  (void)call(Call::bridge_ready, [&](auto& e) { return e.bridge_ready(bridge, {person, name, 32 * 1024, batch, false}); });
}

void Device::add_bridge(const std::string& bridge) {
  if (!call(Call::add_bridge, [&](auto& e) { return e.add_bridge({bridge, "sim", "{}"}); })) return;
  bridges_.insert(bridge);
  make_ready(bridge);
}

void Device::drop_bridge(const std::string& bridge) {
  if (call(Call::remove_bridge, [&](auto& e) { return e.remove_bridge(bridge); })) bridges_.erase(bridge);
}

std::vector<core::Alert> Device::alerts() {
  return call(Call::reading, [](auto& e) { return e.alerts(); }).value_or(std::vector<core::Alert>());
}

bool Device::has_alert(core::AlertKind kind, const DeviceId& device) {
  for (const core::Alert& a : alerts())
    if (a.kind == kind && a.device == device) return true;
  return false;
}

std::vector<core::DeviceInfo> Device::view_of(const AccountId& of) {
  return call(Call::reading, [&](auto& e) { return e.devices(of); }).value_or(std::vector<core::DeviceInfo>());
}

bool Device::publish(const std::string& bridge) {
  auto record = call(Call::publication, [&](auto& e) { return e.publication(bridge); });
  if (!record || !*record) return false;
  if (!world_.post(bridge).publish(name, **record)) return false;
  return call(Call::published, [&](auto& e) { return e.published(bridge, (*record)->sequence); }).has_value();
}

bool Device::look_up(const std::string& bridge, const std::string& address) {
  auto served = world_.post(bridge).look_up(name, address);
  if (!served) {
    (void)call(Call::lookup_failed, [&](auto& e) { return e.lookup_failed(bridge, address); });
    return false;
  }
  if (!call(Call::records, [&](auto& e) { return e.records(bridge, address, served->records); })) return false;
  if (running()) world_.oracle.was_served(*this, address, *served);
  return true;
}

bool Device::push(const std::string& bridge) {
  std::uint64_t after = 0;
  bool moved = false;
  for (;;) {
    auto items = call(Call::reading, [&](auto& e) { return e.outbox(bridge, after, batch, batch_bytes); });
    if (!items || items->empty()) return moved;
    std::vector<core::PushResult> results;
    for (const core::OutboxItem& item : *items) {
      world_.oracle.pushes(*this, item);
      results.push_back({item.id, world_.post(bridge).push(name, item)});
      world_.note(name + " pushes " + std::to_string(item.envelope.size()) + " bytes to " + item.device + " by " + bridge + ": " +
                  std::to_string(static_cast<int>(results.back().status)));
      moved = moved || results.back().status == core::PushStatus::ok;
    }
    after = items->back().id;
    if (!call(Call::pushed, [&](auto& e) { return e.pushed(bridge, results); })) return moved;
  }
}

bool Device::receive(const std::string& bridge) {
  Post& post = world_.post(bridge);
  const auto mail = post.take(name, batch);
  if (!mail) return false;
  if (!call(Call::deliver, [&](auto& e) { return e.deliver(bridge, mail->copies, mail->cursor); })) return true;
  world_.note(name + " has taken " + std::to_string(mail->copies.size()) + " copies from " + bridge);
  world_.oracle.delivered(*this, mail->copies);
  post.acknowledge(name, mail->cursor);
  return true;
}

bool Device::round() {
  if (off || gone) return false;
  if (!running()) start();
  if (!running()) return true;
  (void)call(Call::tick, [](auto& e) { return e.tick(); });
  bool moved = false;
  for (const std::string& bridge : std::set<std::string>(bridges_)) {
    moved = publish(bridge) || moved;
    moved = push(bridge) || moved;
    moved = receive(bridge) || moved;
  }
  for (const auto& [bridge, address] : std::exchange(wanted_, {}))
    if (bridges_.contains(bridge) && !look_up(bridge, address) && running()) wanted_.insert({bridge, address});
  read_inbox();
  if (look_again_ && running()) {
    look_again_ = false;
    world_.oracle.looks_at_views(*this);
  }
  return moved;
}

void Device::read_inbox() {
  for (;;) {
    auto events = call(Call::reading, [&](auto& e) { return e.events(memory.cursor, 64); });
    if (!events || events->empty()) return;
    for (const core::Event& event : *events) {
      memory.cursor = event.cursor;
      if (event.kind == core::EventKind::message) world_.oracle.shows(*this, event.message);
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

}  // namespace bud::sim
