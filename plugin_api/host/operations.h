// Operations that a plugin has begun and not yet completed.
#pragma once

#include "bus/event.h"

#include <budstikke/bridge.h>

#include <map>

namespace bud::worker {

// Each ends once: by the plugin's completion, or at its deadline as BUD_UNKNOWN_OUTCOME. The function gets a completion
// whose members are all there, valid for the call, and must not call the plugin.
class Operations {
 public:
  using Done = std::function<void(const bud_completion& completion)>;

  explicit Operations(bus::Event& event) : event_(event) {}

  // The new operation's id.
  Result<std::uint64_t> begin(Duration timeout, Done done);
  // False where there is no such operation (any more).
  bool complete(std::uint64_t op, const bud_completion& completion);

 private:
  struct Open {
    bus::Source deadline;
    Done done;
  };
  bus::Event& event_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, Open> open_;
};

}  // namespace bud::worker
