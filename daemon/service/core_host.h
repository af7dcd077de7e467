// The part of the daemon that exists only while the vault is unlocked: the store, the engine over it, the bridges.
#pragma once

#include "bridging/bridges.h"
#include "bridging/io/event_timers.h"
#include "bridging/io/process_factory.h"
#include "bus/event.h"
#include "core/engine.h"
#include "crypto/random.h"
#include "service/clock.h"
#include "service/driver.h"
#include "service/files.h"
#include "store/sqlite_storage.h"

namespace bud::service {

class CoreHost {
 public:
  // What happens in it, told from the loop: never from inside a call of the engine.
  class Observer {
   public:
    virtual ~Observer() = default;
    virtual void core_started() = 0;
    virtual void core_changed(const core::Changes& changes) = 0;
    virtual void core_stopped() = 0;  // there is no engine any more
    virtual void bridges_changed() = 0;
    virtual void files_changed(const MessageId& message) = 0;  // how far they are
  };

  // All outlive it.
  CoreHost(bus::Event& event, const store::StateFolder& folder, bridging::ProcessFactory::Paths programs)
      : event_(event), folder_(folder), timers_(event), workers_(event, std::move(programs)) {}
  ~CoreHost() { stop(); }
  void observe(Observer& observer) { observer_ = &observer; }

  // Opens the store, or makes it; on an error all is as before. Errors of store::SqliteStorage::open and Engine::open.
  [[nodiscard]] Result<> start(const crypto::Secret<32>& master);
  // Stops the bridges, wipes the keys, closes the store. Does nothing where nothing runs.
  void stop();
  bool running() const { return engine_ != nullptr; }

  // Also keeps it, and starts it. Errors of Engine::add_bridge and Bridges::add: on any of them nothing is kept.
  [[nodiscard]] Result<> add_bridge(const core::BridgeConfig& config);
  [[nodiscard]] Result<> remove_bridge(const std::string& name);

  // Errc::locked while nothing runs.
  [[nodiscard]] Result<core::Engine*> engine();
  [[nodiscard]] Result<bridging::Bridges*> bridges();
  [[nodiscard]] Result<Files*> files();
  // The own account; Errc::not_found where this device has none.
  [[nodiscard]] Result<core::AccountInfo> own_account();

 private:
  [[nodiscard]] Result<> open(const crypto::Secret<32>& master);
  [[nodiscard]] Result<> start_bridges();
  void drop();
  void changed(const core::Changes& changes);
  void ticked(const Result<>& done);

  bus::Event& event_;
  const store::StateFolder& folder_;
  bridging::EventTimers timers_;
  bridging::ProcessFactory workers_;
  Observer* observer_ = nullptr;
  SystemClock clock_;
  Driver driver_{timers_, clock_,
                 {[this](const core::Changes& changes) { changed(changes); },
                  [this](const Result<>& done) { ticked(done); }}};
  crypto::SystemRandom random_;
  core::SequentialExecutor executor_;

  // In the order in which they are made; stop() drops them from the last to the first.
  std::unique_ptr<crypto::Arena> arena_;
  std::unique_ptr<store::SqliteStorage> storage_;
  std::unique_ptr<core::Engine> engine_;
  std::unique_ptr<bridging::Bridges> bridges_;
  std::unique_ptr<Files> files_;

  bool tick_failed_ = false;
};

}  // namespace bud::service
