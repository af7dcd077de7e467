// The daemon's loop as a bridge's parts know it.
#pragma once

#include "bridging/timers.h"
#include "bus/event.h"

namespace bud::bridging {

class EventTimers final : public Timers {
 public:
  // The event outlives it.
  explicit EventTimers(bus::Event& event) : event_(event) {}
  Timer after(Duration delay, std::function<void()> call) override;
  Timer defer(std::function<void()> call) override;

 private:
  bus::Event& event_;
};

}  // namespace bud::bridging
