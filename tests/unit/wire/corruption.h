// Every way to shorten an object by bytes, or to change it by one bit.
#pragma once

#include "base/bytes.h"

namespace bud::test {

// `use` gets each proper prefix of the object, and the object with a byte behind it.
template <class Use>
void each_truncation(const Bytes& object, Use use) {
  for (std::size_t n = 0; n < object.size(); ++n) use(ByteView(object).first(n));
  Bytes longer = object;
  longer.push_back(0);
  use(ByteView(longer));
}

template <class Use>
void each_bit_flip(const Bytes& object, Use use) {
  Bytes flipped = object;
  for (std::size_t bit = 0; bit < object.size() * 8; ++bit) {
    const std::uint8_t mask = static_cast<std::uint8_t>(1u << (bit % 8));
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ mask);
    use(ByteView(flipped), bit);
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ mask);
  }
}

}  // namespace bud::test
