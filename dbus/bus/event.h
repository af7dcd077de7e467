// The daemon's loop: sd-event, with handles that unregister when they are dropped.
//
// Threads: everything here belongs to the thread that runs the loop. Callbacks run from run() or step(), never from the
// call that registers them; they may drop their own handle, register others, and end the loop. They must not throw:
// an exception ends the program, since a loop that lost one of its sources is worse than a restart.
// Errors: those of sd-event(3), as Errc::internal unless said otherwise.
#pragma once

#include "base/environment.h"
#include "base/result.h"

#include <sys/types.h>
#include <systemd/sd-event.h>

#include <functional>
#include <memory>

namespace bud::bus {

// A registered timer, descriptor, signal or call. Dropping it unregisters: the callback does not run afterwards.
class [[nodiscard]] Source {
 public:
  Source() = default;
  explicit Source(sd_event_source* source) : source_(source) {}
  void reset() { source_.reset(); }
  explicit operator bool() const { return source_ != nullptr; }

 private:
  struct Unref {
    void operator()(sd_event_source* s) const { sd_event_source_disable_unref(s); }
  };
  std::unique_ptr<sd_event_source, Unref> source_;
};

class Event {
 public:
  static Result<Event> create();

  // Runs until exit(), and returns its code.
  Result<int> run();
  void exit(int code);
  // Waits for at most `timeout` and dispatches one callback; false where none was due.
  Result<bool> step(Duration timeout);

  // Once, after `delay` of CLOCK_BOOTTIME, which goes on while the machine sleeps.
  Result<Source> after(Duration delay, std::function<void()> call);
  // Each time the descriptor is ready for `events` (EPOLLIN, EPOLLOUT …); the descriptor stays the caller's.
  Result<Source> io(int fd, std::uint32_t events, std::function<void(std::uint32_t events)> call);
  // Blocks the signal for this thread and calls for each one that arrives.
  Result<Source> on_signal(int signal, std::function<void()> call);
  // Once, when the child has ended, with the waitid(2) code (CLD_EXITED, CLD_KILLED …) and status; it is reaped.
  // SIGCHLD gets blocked for this thread.
  Result<Source> on_child(pid_t pid, std::function<void(int code, int status)> call);
  // Once, from the loop's next round.
  Result<Source> defer(std::function<void()> call);
  // After each round in which something else was called, before the loop waits again.
  Result<Source> after_each_round(std::function<void()> call);

  sd_event* raw() const { return event_.get(); }

 private:
  struct Unref {
    void operator()(sd_event* e) const { sd_event_unref(e); }
  };
  explicit Event(sd_event* event) : event_(event) {}
  std::unique_ptr<sd_event, Unref> event_;
};

}  // namespace bud::bus
