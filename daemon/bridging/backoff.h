// How long to wait before the next attempt.
#pragma once

#include "base/environment.h"

namespace bud::bridging {

// Doubles from `first` to `longest`; each wait is drawn from the upper half of its window, so that many devices whose
// server comes back do not all call at once.
class Backoff {
 public:
  Backoff(Random& random, Duration first, Duration longest) : random_(random), first_(first), longest_(longest) {}

  // `at_least` is what a server asked for.
  Duration next(Duration at_least = {});
  void reset() { attempts_ = 0; }

 private:
  Random& random_;
  Duration first_;
  Duration longest_;
  unsigned attempts_ = 0;
};

}  // namespace bud::bridging
