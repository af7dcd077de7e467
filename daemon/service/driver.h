// What follows from the engine's changes, and from time: bridges are kicked and look addresses up, ticks are made when
// they are due. It knows no loop but bridging's Timers, so that a simulator runs it as it is.
#pragma once

#include "bridging/bridges.h"
#include "core/engine.h"

namespace bud::service {

class Driver final : public core::Listener {
 public:
  // Called from the loop, never from inside a call of the engine. Either may be empty.
  struct Hooks {
    std::function<void(const core::Changes&)> changed;  // all that came together, once
    std::function<void(const Result<>&)> ticked;
  };
  // Timers and clock outlive it.
  Driver(bridging::Timers& timers, Clock& clock, Hooks hooks) : timers_(timers), clock_(clock), hooks_(std::move(hooks)) {}

  // Both outlive stop(). The engine has this as its listener. Ticks at once.
  void start(core::Engine& engine, bridging::Bridges& bridges);
  void stop();

  void changed(const core::Changes& changes) override;

 private:
  void settle();
  void schedule();
  void tick();

  bridging::Timers& timers_;
  Clock& clock_;
  Hooks hooks_;
  core::Engine* engine_ = nullptr;
  bridging::Bridges* bridges_ = nullptr;
  core::Changes pending_;
  bridging::Timer settle_, timer_;
  bool tick_failed_ = false;
};

}  // namespace bud::service
