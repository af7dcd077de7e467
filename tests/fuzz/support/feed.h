// An input as a script: choices and bytes, taken off its front. Past its end all is zero and empty, so that any bytes
// are a script, and a short one is a short run.
#pragma once

#include "base/bytes.h"
#include "wire/codec.h"

namespace bud::fuzz {

class Feed {
 public:
  explicit Feed(ByteView input) : rest_(input) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  bool flag() { return (u8() & 1) != 0; }
  // Of one byte.
  std::size_t below(std::size_t bound) { return u8() % bound; }
  ByteView bytes(std::size_t most) {
    const ByteView taken = rest_.first(std::min(most, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  // Behind a count of two bytes; what is missing is left out.
  ByteView chunk() { return bytes(u16()); }
  ByteView rest() { return bytes(rest_.size()); }
  std::size_t left() const { return rest_.size(); }

 private:
  std::uint64_t number(std::size_t width) {
    std::uint64_t n = 0;
    for (std::uint8_t b : bytes(width)) n = n << 8 | b;
    return n;
  }
  ByteView rest_;
};

// The other way round, for seeds: numbers are a Writer's own.
inline wire::Writer& chunk(wire::Writer& to, ByteView bytes) {
  return to.u16(static_cast<std::uint16_t>(bytes.size())).raw(bytes);
}

}  // namespace bud::fuzz
