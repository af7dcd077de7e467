// The shipped clock.
#pragma once

#include "base/environment.h"

#include <ctime>

namespace bud::service {

class SystemClock final : public Clock {
 public:
  Time now() override {
    timespec t{};
    ::clock_gettime(CLOCK_REALTIME, &t);
    return {static_cast<std::uint64_t>(t.tv_sec) * 1000 + static_cast<std::uint64_t>(t.tv_nsec) / 1'000'000};
  }
};

}  // namespace bud::service
