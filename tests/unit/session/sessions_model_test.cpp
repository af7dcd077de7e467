// Two ends, a network that reorders, loses and doubles, and a clock that jumps: whatever the interleaving, each copy
// opens exactly once, at its first arrival, with the text that was sealed in it, and both ends can always go on.
#include "support/seeded_random.h"
#include "support/session_pair.h"

#include <gtest/gtest.h>

#include <set>

namespace bud::core {
namespace {

using test::noon;

struct InFlight {
  Bytes copy;
  std::string text;
};

class Model {
 public:
  Model(std::uint64_t seed, const RatchetBounds& bounds)
      : dice_(seed), bounds_(bounds), pair_(static_cast<std::uint8_t>(seed)) {
    ends_[0] = std::move(pair_.a);
    ends_[1] = std::move(pair_.b);
  }

  void run(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
      const std::size_t end = dice_.below(2);
      switch (dice_.below(8)) {
        case 0:
        case 1:
        case 2:
          send(end);
          break;
        case 3:
        case 4:
        case 5:
          arrive(end, false);
          break;
        case 6:
          arrive(end, true);
          break;
        default:
          chance(end);
          break;
      }
      ends_[end] = test::stored(ends_[end]);
    }
    for (int i = 0; i < 3; ++i) both_go_on();
  }
  std::size_t opened = 0, rekeys = 0;

 private:
  void send(std::size_t from) {
    const std::string text = std::to_string(from) + ":" + std::to_string(sent_++);
    Bytes copy = test::seal_text(ends_[from], text, pair_.random, now_, bounds_);
    if (test::header_of(copy).answer) ++rekeys;
    network_[1 - from].push_back({std::move(copy), text});
  }

  // A copy on its way to this end, any of them; it stays on its way where it is doubled.
  void arrive(std::size_t to, bool doubled) {
    std::vector<InFlight>& queue = network_[to];
    if (queue.empty()) return;
    const std::size_t i = dice_.below(queue.size());
    const InFlight item = queue[i];
    if (!doubled) queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(i));
    const bool fresh = arrived_.insert(item.text).second;
    EXPECT_EQ(test::open_text(ends_[to], item.copy, now_, bounds_), fresh ? std::optional(item.text) : std::nullopt);
    opened += fresh;
  }

  void chance(std::size_t end) {
    switch (dice_.below(4)) {
      case 0:
        if (!network_[end].empty()) network_[end].erase(network_[end].begin());  // lost
        break;
      case 1:
        now_ = now_ + hours(dice_.below(30));
        break;
      case 2:
        ends_[end].offer_wanted = true;
        break;
      default:
        garbage(end);
        break;
    }
  }

  void garbage(std::size_t to) {
    if (network_[to].empty()) return;
    Bytes copy = network_[to][dice_.below(network_[to].size())].copy;
    copy[dice_.below(copy.size())] ^= static_cast<std::uint8_t>(1 + dice_.below(255));
    EXPECT_EQ(test::open_text(ends_[to], copy, now_, bounds_), std::nullopt);
  }

  void both_go_on() {
    for (std::size_t from : {std::size_t{0}, std::size_t{1}}) {
      const Bytes copy = test::seal_text(ends_[from], "still here", pair_.random, now_, bounds_);
      EXPECT_EQ(test::open_text(ends_[1 - from], copy, now_, bounds_), "still here");
    }
    EXPECT_EQ(test::row(test::stored(ends_[0])), test::row(ends_[0]));
  }

  test::SeededRandom dice_;
  RatchetBounds bounds_;
  test::Pair pair_;
  Session ends_[2];
  std::vector<InFlight> network_[2];  // to each end
  std::set<std::string> arrived_;
  std::size_t sent_ = 0;
  Time now_ = noon;
};

TEST(SessionModel, AnyInterleavingOpensEachCopyOnce) {
  // Nothing expires: that is a test of its own, and here it would only say that what is too old does not open.
  RatchetBounds calm;
  calm.skipped_life = days(10'000);
  calm.offer_life = days(10'000);
  RatchetBounds eager = calm;
  eager.offer_after_copies = 3;
  std::size_t opened = 0, rekeys = 0;
  for (std::uint64_t seed = 0; seed < 2000 && !HasFailure(); ++seed) {
    Model m(seed, seed % 2 == 0 ? eager : calm);
    m.run(60);
    opened += m.opened;
    rekeys += m.rekeys;
    if (HasFailure()) ADD_FAILURE() << "seed " << seed;
  }
  EXPECT_GT(opened, 20'000u);
  EXPECT_GT(rekeys, 5'000u);
}

TEST(SessionModel, LongLivesToo) {
  RatchetBounds bounds;
  bounds.skipped_life = days(100'000);
  bounds.offer_life = days(100'000);
  for (std::uint64_t seed = 0; seed < 8 && !HasFailure(); ++seed) {
    Model m(9000 + seed, bounds);
    m.run(3000);
    if (HasFailure()) ADD_FAILURE() << "seed " << seed;
  }
}

}  // namespace
}  // namespace bud::core
