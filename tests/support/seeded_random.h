// Randomness that a seed repeats (SplitMix64: Steele, Lea and Flood, 2014). Not for keys outside of tests.
#pragma once

#include "base/environment.h"

namespace bud::test {

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  void fill(ByteSpan out) override {
    for (std::size_t i = 0; i < out.size(); i += 8) {
      std::uint64_t word = next();
      for (std::size_t j = i; j < out.size() && j < i + 8; ++j, word >>= 8) out[j] = static_cast<std::uint8_t>(word);
    }
  }

 private:
  std::uint64_t state_;
};

}  // namespace bud::test
