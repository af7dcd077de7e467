// Several real engines over memory, a clock that the test moves, and a transport and directory that deliver what the test
// lets them: people's devices on one spool, without a file or a process.
#pragma once

#include "core/engine.h"
#include "core/session/session.h"
#include "crypto/random.h"
#include "support/memory_storage.h"

#include <deque>
#include <functional>
#include <memory>

namespace bud::test {

class ManualClock final : public Clock {
 public:
  Time now() override { return time; }
  Time time{1'800'000'000'000};
};

// A directory and mailboxes, and what an attacker does to them.
struct Network {
  std::map<std::string, std::map<std::string, Bytes>> directory;  // address -> transport device -> record
  std::map<std::string, std::deque<Bytes>> mail;                  // transport device -> copies
  std::vector<Bytes> all_mail;                                    // every copy ever pushed
  // Null where the network is honest. May change the copies, or swallow them by returning none.
  std::function<std::vector<Bytes>(const std::string& device, Bytes copy)> tamper;
};

class Device final : public core::Listener {
 public:
  Device(Network& network, ManualClock& clock, std::string name, std::string address, std::uint8_t seed);
  ~Device() override { engine.reset(); }

  core::Engine& operator*() { return *engine; }
  core::Engine* operator->() { return engine.get(); }
  void changed(const core::Changes& changes) override;

  // The process dies and starts again over the same store.
  void restart();
  // One round: publish, look up, push, deliver. True where something moved.
  bool step();
  // Everything waits: a device that is off.
  bool off = false;

  std::vector<std::string> texts(const ThreadId& thread);
  std::vector<core::Alert> alerts_of(core::AlertKind kind);
  // The end that this device has of its preferred session with another, out of its store: for a test to speak with.
  core::Session session_with(const AccountId& account, const DeviceId& device);

  std::string name, address;
  bool directory_is_away = false;                       // no answers, for now
  std::set<std::pair<std::string, std::string>> wanted;  // look-ups that are to be made
  std::set<AccountId> contacts_told;                    // as changed, ever
  std::set<ThreadId> threads_told;
  std::size_t joins_told = 0;
  std::vector<core::TypingInfo> typing_told;
  MemoryStorage storage;
  std::unique_ptr<core::Engine> engine;

 private:
  void start();
  bool publish();
  void look_up();
  bool push();
  bool receive();

  Network& network_;
  ManualClock& clock_;
  std::unique_ptr<crypto::Arena> arena_;
  std::unique_ptr<crypto::SeededRandom> random_;
  core::SequentialExecutor executor_;
  std::uint64_t delivered_ = 0;
};

class World {
 public:
  World() { crypto::initialize(); }

  ManualClock clock;
  Network network;

  Device& add(const std::string& name, const std::string& address);
  // Until nothing moves any more; time passes by a second a round, so that what waits a moment goes.
  void settle();
  void advance(Duration d);
  // The whole exchange of joining, with the codes carried between the two.
  void join(Device& sponsor, Device& joiner);
  // Serves the device all records at an address of the spool, asked or not.
  void look_up(Device& device, const std::string& at);
  ThreadId thread(Device& from, const std::string& address);
  std::deque<std::unique_ptr<Device>> devices;
};

}  // namespace bud::test
