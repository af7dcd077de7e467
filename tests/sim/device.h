// One simulated device: the shipped engine, its driver and its bridges, over a disk that fails, a clock that drifts, and
// posts that may do anything.
#pragma once

#include "core/engine.h"
#include "crypto/random.h"
#include "service/driver.h"
#include "sim/agenda.h"
#include "sim/disk.h"
#include "sim/post_worker.h"

namespace bud::sim {

class World;

class DriftingClock final : public Clock {
 public:
  explicit DriftingClock(const Time& world) : world_(world) {}
  Time now() override {
    const std::int64_t passed = static_cast<std::int64_t>(world_.ms - began_);
    return {static_cast<std::uint64_t>(static_cast<std::int64_t>(world_.ms) + offset_ms + passed * drift_ppm / 1'000'000)};
  }
  std::int64_t offset_ms = 0, drift_ppm = 0;

 private:
  const Time& world_;
  const std::uint64_t began_ = world_.ms;
};

// What a person at the device remembers of it, as far as a backup of its store takes it back too.
struct Memory {
  std::uint64_t cursor = 0;                    // of the client's inbox
  std::map<MessageId, std::size_t> shown;      // how often
  std::set<DeviceId> known;                    // devices of the own account that it was told of, or that were there first
  std::map<AccountId, std::set<DeviceId>> active;  // by its view, as the last step left it
  std::map<DeviceId, Time> removed;            // devices that were active, and when it saw that they are not any more
  std::map<AccountId, ThreadId> threads;
};

class Device final : private core::TransportPort {
 public:
  Device(World& world, std::size_t index, std::string person, bool real_store);
  ~Device() override;

  // --- the engine, through the disk's count of calls ---
  template <class F>
  auto call(Call call, F f) -> decltype(f(std::declval<core::Engine&>())) {
    if (!running()) return fail(Errc::storage, "this process is gone");
    disk.entering(call);
    auto result = f(*process_->engine);
    disk.entering(Call::reading);
    return result;
  }
  // For the oracle: no fault strikes it.
  template <class F>
  auto see(F f) -> decltype(f(std::declval<core::Engine&>())) {
    return disk.observe([&](Disk&) { return call(Call::reading, f); });
  }
  bool running() const { return process_ != nullptr && !disk.dead(); }
  // Starts a process where none runs. (Its disk may refuse that too; it is then tried again after a while.)
  void start();
  void stop();

  // --- its loop ---
  // When its process has something to do; nullopt: nothing is planned.
  std::optional<Time> next() const { return agenda.next(); }
  // Makes the call that is due first.
  void run_next();
  // Makes all calls that are due now.
  void run_due();
  // Buries a process that has died, and has it started again after a moment.
  void bury();

  // --- its bridges ---
  void add_bridge(const std::string& bridge);
  void drop_bridge(const std::string& bridge);
  std::set<std::string> bridges();
  void crash_worker(const std::string& bridge);
  // Asks the directory now, as a client's look-up does. False: no answer, or it could not be stored.
  bool look_up(const std::string& bridge, const std::string& address);
  // Shows what has come, to a client that fetches.
  void read_inbox();

  struct Saved {
    Medium::Snapshot disk;
    Memory memory;
  };
  Saved save();
  void restore(const Saved& saved);

  const std::size_t index;
  const std::string person;  // the local part of its addresses
  const std::string name;    // the transports' name of it
  Agenda agenda;
  DriftingClock clock;
  Disk disk;
  Memory memory;
  DeviceId id;
  AccountId account;      // zero until it is a member
  bool off = false;       // powered down
  bool gone = false;      // for good: lost, or thrown away
  std::uint64_t restored = 0;  // how often
  std::set<MessageId> forgotten;  // shown once, and lost with a store that was put back
  std::vector<core::Alert> alerts();
  bool has_alert(core::AlertKind kind, const DeviceId& device);
  std::vector<core::DeviceInfo> view_of(const AccountId& account);

 private:
  // What lives as long as a process does.
  struct Process {
    Process(World& world, Device& device);
    PostWorkers workers;
    service::Driver driver;
    std::unique_ptr<core::Engine> engine;
    std::unique_ptr<bridging::Bridges> bridges;
  };
  void changed(const core::Changes& changes);
  // What can be seen from outside after something has happened.
  void look();

  // --- what bridging asks of the engine, by the way of call() ---
  Result<> bridge_ready(const std::string& bridge, const core::BridgeIdentity& identity) override;
  Result<std::vector<core::OutboxItem>> outbox(const std::string& bridge, std::uint64_t after, std::size_t max_items,
                                               std::size_t max_bytes) override;
  Result<> pushed(const std::string& bridge, std::span<const core::PushResult> results) override;
  Result<> deliver(const std::string& bridge, std::span<const Bytes> copies, ByteView cursor) override;
  Result<Bytes> cursor(const std::string& bridge) override;
  Result<std::optional<core::Publication>> publication(const std::string& bridge) override;
  Result<> published(const std::string& bridge, std::uint64_t sequence) override;
  Result<> records(const std::string& bridge, const std::string& address, std::span<const Bytes> records) override;
  Result<> lookup_failed(const std::string& bridge, const std::string& address) override;
  Result<std::map<std::string, Bytes>> bridge_state(const std::string& bridge) override;
  Result<> store_bridge_state(const std::string& bridge, const std::string& key, ByteView value) override;

  World& world_;
  std::unique_ptr<crypto::Arena> arena_;
  crypto::SeededRandom random_;
  core::SequentialExecutor executor_;
  std::unique_ptr<Process> process_;
  bridging::Timer restart_;
  bool look_again_ = true;  // views may have changed
};

}  // namespace bud::sim
