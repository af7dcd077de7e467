#include "crypto/random.h"

#include <sodium.h>

#include <cstdlib>

namespace bud::crypto {

void initialize() {
  if (sodium_init() < 0) std::abort();
}

void SystemRandom::fill(ByteSpan out) {
  if (out.size() > 256) {
    randombytes_buf(out.data(), out.size());
    return;
  }
  if (block_.size - used_ < out.size()) {
    randombytes_buf(block_.expose_mutable().data(), block_.size);
    used_ = 0;
  }
  ByteSpan part = block_.expose_mutable().subspan(used_, out.size());
  std::copy(part.begin(), part.end(), out.begin());
  wipe(part);
  used_ += out.size();
}

SeededRandom SeededRandom::from(Random& source) {
  Secret<32> seed;
  source.fill(seed.expose_mutable());
  return SeededRandom(std::move(seed));
}

void SeededRandom::refill() {
  Secret<512> stream;
  randombytes_buf_deterministic(stream.expose_mutable().data(), stream.size, seed_.expose().data());
  ByteView bytes = stream.expose();
  std::copy(bytes.begin(), bytes.begin() + 32, seed_.expose_mutable().begin());
  std::copy(bytes.begin() + 32, bytes.end(), block_.expose_mutable().begin());
  used_ = 0;
}

void SeededRandom::fill(ByteSpan out) {
  while (!out.empty()) {
    if (used_ == block_.size) refill();
    const std::size_t n = std::min(out.size(), block_.size - used_);
    ByteSpan part = block_.expose_mutable().subspan(used_, n);
    std::copy(part.begin(), part.end(), out.begin());
    wipe(part);
    used_ += n;
    out = out.subspan(n);
  }
}

}  // namespace bud::crypto
