// The shipped source of randomness, and the library's one-time start.
#pragma once

#include "base/environment.h"
#include "crypto/secret.h"

namespace bud::crypto {

// Call once, before anything else of crypto/. Aborts where the kernel gives no randomness.
void initialize();

// getrandom() through libsodium, a block at a time: one system call for 24 bytes costs more than a whole warm copy.
// What was handed out is wiped from the block. Not to be shared between threads, nor used on both sides of a fork.
class SystemRandom final : public Random {
 public:
  void fill(ByteSpan out) override;

 private:
  Secret<1024> block_;
  std::size_t used_ = 1024;
};

// Bytes that follow from a seed alone (ChaCha20 with fast key erasure), for jobs that must give the same result on
// whatever thread they run. The seed is drawn from a SystemRandom, in a test from another SeededRandom.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(Secret<32> seed) : seed_(std::move(seed)) {}
  static SeededRandom from(Random& source);
  void fill(ByteSpan out) override;

 private:
  void refill();
  Secret<32> seed_;
  Secret<480> block_;
  std::size_t used_ = 480;
};

}  // namespace bud::crypto
