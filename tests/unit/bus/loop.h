// Runs a loop until something holds; a test that waits in vain fails instead of hanging.
#pragma once

#include "bus/event.h"

#include <gtest/gtest.h>

namespace bud::test {

inline bool run_until(bus::Event& event, const std::function<bool()>& holds) {
  bool late = false;
  auto limit = event.after(seconds(20), [&] { late = true; });
  if (!limit) return false;
  while (!holds() && !late) {
    if (!event.step(seconds(1))) return false;
  }
  return holds();
}

// Lets everything that is due now run.
inline void drain(bus::Event& event) {
  while (event.step({}).value_or(false)) {
  }
}

}  // namespace bud::test
