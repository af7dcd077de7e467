// When something is done: as much of a loop as a bridge's parts need. The daemon's is over sd-event
// (bridging/io/event_timers.h); a test's or a simulator's goes by a clock of its own.
#pragma once

#include "base/environment.h"

#include <functional>
#include <memory>

namespace bud::bridging {

// A call that is planned. Dropping it cancels: the call is not made afterwards. One whose call was made stays set until
// it is dropped.
class [[nodiscard]] Timer {
 public:
  // The loop's side of it; its destructor cancels.
  class Entry {
   public:
    Entry() = default;
    virtual ~Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
  };

  Timer() = default;
  explicit Timer(std::unique_ptr<Entry> entry) : entry_(std::move(entry)) {}
  void reset() { entry_.reset(); }
  explicit operator bool() const { return entry_ != nullptr; }

 private:
  std::unique_ptr<Entry> entry_;
};

// Calls are made one at a time, from the loop: never from the function that plans them, nor from inside another call.
// A call may drop its own timer, any other, and plan new ones; what it holds lives until it has returned. Of those that
// are due together any may come first. Timers outlive what they have handed out.
class Timers {
 public:
  virtual ~Timers() = default;
  // Once, after `delay` or a little later; time goes on while the machine sleeps. Empty where the loop cannot take it
  // (there is no memory, or it has ended): the call is never made.
  virtual Timer after(Duration delay, std::function<void()> call) = 0;
  // Once, from the loop's next round. Empty as above.
  virtual Timer defer(std::function<void()> call) = 0;
};

}  // namespace bud::bridging
