// What a part of a bridge lives in: a clock that a test moves, a worker that it answers for, a core that remembers.
#pragma once

#include "bridging/context.h"
#include "support/memory_port.h"
#include "support/seeded_random.h"
#include "unit/bridging/fake_worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bud::test {

struct Surroundings : testing::Test {
  FakeTimers timers;
  FakeFactory factory{timers};
  SeededRandom random{1};
  MemoryPort port;
  std::string log;
  bridging::Context context{timers,
                            factory,
                            random,
                            port,
                            "fake",
                            {},
                            [this](std::uint32_t, const std::string& text) {
                              log += text + '\n'; }};

  // The next call is planned for within a backoff's window, and what the server asked for.
  void expect_wait(Duration window, Duration at_least = {}) const {
    const auto wait = timers.next();
    ASSERT_TRUE(wait) << "nothing is planned";
    EXPECT_GE(wait->ms, at_least.ms + window.ms / 2);
    EXPECT_LE(wait->ms, at_least.ms + window.ms);
  }
  // Lets the time pass that the next call is away.
  void pass_wait() {
    const auto wait = timers.next();
    ASSERT_TRUE(wait) << "nothing is planned";
    timers.advance(*wait);
  }
};

struct PartTest : Surroundings {
  FakeWorker worker{timers};
};

inline bridging::Answer ok() {
  return {BUD_OK, {}, {}};
}
inline bridging::Answer away(Duration retry_after = {}) {
  return {BUD_RETRY_LATER, retry_after, "the server sleeps"};
}

}  // namespace bud::test
