#include "crypto/hash.h"

#include <sodium.h>

#include <cassert>
#include <cstdlib>

namespace bud::crypto {
namespace {
crypto_generichash_state* as_state(unsigned char* p) { return reinterpret_cast<crypto_generichash_state*>(p); }
}  // namespace

Hasher::Hasher(Label label, ByteView key, std::size_t out_size) : out_size_(out_size) {
  static_assert(sizeof(crypto_generichash_state) <= sizeof state_);
  assert(label.text.size() <= 255 && out_size >= 16 && out_size <= 64);
  if (crypto_generichash_init(as_state(state_), key.empty() ? nullptr : key.data(), key.size(), out_size) != 0) std::abort();
  const std::uint8_t length = static_cast<std::uint8_t>(label.text.size());
  add(ByteView(&length, 1)).add(as_bytes(label.text));
}

Hasher::~Hasher() { sodium_memzero(state_, sizeof state_); }

Hasher& Hasher::add(ByteView part) {
  crypto_generichash_update(as_state(state_), part.data(), part.size());
  return *this;
}

Hasher& Hasher::add_u64(std::uint64_t n) {
  std::uint8_t b[8];
  for (int i = 7; i >= 0; --i, n >>= 8) b[i] = static_cast<std::uint8_t>(n);
  return add(b);
}

void Hasher::finish(ByteSpan out) {
  assert(out.size() == out_size_);
  crypto_generichash_final(as_state(state_), out.data(), out.size());
}

}  // namespace bud::crypto
