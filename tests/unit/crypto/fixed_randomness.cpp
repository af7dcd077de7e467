#include "unit/crypto/fixed_randomness.h"

#include <sodium.h>

namespace bud::test {
namespace {

Random& (*current)() = nullptr;

void draw(void* into, std::size_t size) { current().fill({static_cast<std::uint8_t*>(into), size}); }
std::uint32_t draw_number() {
  std::uint32_t n = 0;
  draw(&n, sizeof n);
  return n;
}
randombytes_implementation fixed{[] { return "fixed"; }, draw_number, nullptr, nullptr, draw, nullptr};

}  // namespace

void draw_randomness_from(Random& (*source)()) {
  current = source;
  randombytes_set_implementation(&fixed);
}

}  // namespace bud::test
