// One simulated device: the shipped engine over a disk that fails, a clock that drifts, and posts that may do anything.
#pragma once

#include "core/engine.h"
#include "crypto/random.h"
#include "sim/disk.h"
#include "sim/post.h"

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
  std::map<AccountId, ThreadId> threads;
};

class Device final : private core::Listener {
 public:
  Device(World& world, std::size_t index, std::string person, bool real_store);
  ~Device() override;

  // --- the engine, through the disk's count of calls ---
  template <class F>
  auto call(Call call, F f) -> decltype(f(std::declval<core::Engine&>())) {
    disk.entering(call);
    if (!engine_ || disk.dead()) return fail(Errc::storage, "this process is gone");
    auto result = f(*engine_);
    disk.entering(Call::reading);
    return result;
  }
  bool running() const { return engine_ != nullptr && !disk.dead(); }
  // Starts a process where none runs. (Its disk may refuse that too.)
  void start();
  void stop();

  // --- its ways to the posts ---
  void add_bridge(const std::string& bridge);
  void drop_bridge(const std::string& bridge);
  const std::set<std::string>& bridges() const { return bridges_; }
  // Everything that the process does by itself, once. True where something moved.
  bool round();
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
  void changed(const core::Changes& changes) override;
  void make_ready(const std::string& bridge);
  bool publish(const std::string& bridge);
  bool push(const std::string& bridge);
  bool receive(const std::string& bridge);

  World& world_;
  std::unique_ptr<crypto::Arena> arena_;
  crypto::SeededRandom random_;
  core::SequentialExecutor executor_;
  std::set<std::string> bridges_;
  std::set<std::pair<std::string, std::string>> wanted_;  // look-ups
  bool look_again_ = true;  // views may have changed
  std::unique_ptr<core::Engine> engine_;
};

}  // namespace bud::sim
