// What the core is handed instead of reaching for it: time and randomness. (Storage is core/storage.h.)
#pragma once

#include "base/bytes.h"

#include <compare>
#include <cstdint>

namespace bud {

// A wall-clock time, milliseconds since 1970-01-01T00:00:00Z. Clocks of others are hostile input: never sort by it.
struct Time {
  std::uint64_t ms = 0;
  constexpr auto operator<=>(const Time&) const = default;
};
struct Duration {
  std::uint64_t ms = 0;
  constexpr auto operator<=>(const Duration&) const = default;
};
constexpr Time operator+(Time t, Duration d) { return {t.ms + d.ms}; }
constexpr Duration seconds(std::uint64_t n) { return {n * 1000}; }
constexpr Duration minutes(std::uint64_t n) { return {n * 60'000}; }
constexpr Duration hours(std::uint64_t n) { return {n * 3'600'000}; }
constexpr Duration days(std::uint64_t n) { return {n * 86'400'000}; }
// Zero where `later` is before `earlier`: a clock that jumped back ages nothing.
constexpr Duration elapsed(Time earlier, Time later) { return {later.ms > earlier.ms ? later.ms - earlier.ms : 0}; }

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() = 0;
};

// Uniform bytes from a cryptographic generator. A test's generator is seeded; the shipped one is crypto/random.h.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(ByteSpan out) = 0;
};

}  // namespace bud
