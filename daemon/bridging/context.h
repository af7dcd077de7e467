// What the parts of one bridge share.
#pragma once

#include "bridging/backoff.h"
#include "bridging/timers.h"
#include "bridging/worker.h"

namespace bud::bridging {

struct Timing {
  Duration first_retry{500};
  Duration longest_retry = minutes(5);
  Duration steady = seconds(30);    // a worker that has been up so long is not a failing one
  Duration to_ready = seconds(30);  // from its start to its Ready
  Duration to_configure = minutes(2);
  Duration to_publish = minutes(1);
  Duration to_push = minutes(1);
  Duration to_lookup = seconds(20);  // a D-Bus client gives up after 25
  Duration to_move = minutes(1);     // a slice of a blob
  Duration changes_settle{200};      // between a hint that a directory has changed and the look-up
};

struct Context {
  Timers& timers;
  WorkerFactory& workers;
  Random& random;
  core::TransportPort& port;
  std::string bridge;  // its name
  Timing timing;
  std::function<void(std::uint32_t level, const std::string& text)> log;  // levels as in syslog

  Backoff backoff() const { return {random, timing.first_retry, timing.longest_retry}; }
};

}  // namespace bud::bridging
