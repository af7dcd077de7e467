// What happens in a run, drawn from its seed.
#pragma once

#include "support/seeded_random.h"

#include <vector>

namespace bud::sim {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  std::uint64_t seed() { return random_.next(); }
  std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : random_.below(n); }
  std::uint64_t between(std::uint64_t first, std::uint64_t last) { return first + below(last - first + 1); }
  bool percent(unsigned chance) { return below(100) < chance; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }
  Random& bytes() { return random_; }

 private:
  test::SeededRandom random_;
};

}  // namespace bud::sim
