#include "bridging/backoff.h"

#include "support/seeded_random.h"

#include <gtest/gtest.h>

#include <set>

namespace bud::bridging {
namespace {

TEST(Backoff, DoublesWithJitterUpToItsLongest) {
  test::SeededRandom random(3);
  Backoff backoff(random, {100}, {1000});
  std::set<std::uint64_t> longest;
  for (const std::uint64_t window : {100u, 200u, 400u, 800u, 1000u, 1000u}) {
    const Duration wait = backoff.next();
    EXPECT_GE(wait.ms, window / 2);
    EXPECT_LE(wait.ms, window);
  }
  for (int i = 0; i < 50; ++i) longest.insert(backoff.next().ms);
  EXPECT_GT(longest.size(), 20u) << "drawn, not fixed";
  EXPECT_GE(backoff.next({60'000}).ms, 60'000u);
  backoff.reset();
  EXPECT_LE(backoff.next().ms, 100u);
}

}  // namespace
}  // namespace bud::bridging
