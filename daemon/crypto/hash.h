// BLAKE2b (RFC 7693), always under a label, so that no two uses in the protocol can be taken for each other.
#pragma once

#include "base/bytes.h"
#include "crypto/secret.h"

#include <cstddef>
#include <string_view>

namespace bud::crypto {

// What a hash, a signature or a key derivation is for: "budstikke/1/<object>/<use>". The text holds the protocol's
// version. Hashed as one byte of length and the text, before everything else.
struct Label {
  std::string_view text;  // at most 255 bytes, of static storage
};

// A hash in the making. Parts are concatenated as they are: it is for the caller that they can be told apart (fixed
// sizes, or codec output).
class Hasher {
 public:
  explicit Hasher(Label label, std::size_t out_size = 32) : Hasher(label, {}, out_size) {}
  // Keyed (a MAC or PRF): key of 16 to 64 bytes; out_size 16 to 64.
  Hasher(Label label, ByteView key, std::size_t out_size);
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  Hasher& add(ByteView part);
  Hasher& add_u64(std::uint64_t n);  // network order
  // `out` is of the size given at construction. Once.
  void finish(ByteSpan out);
  template <class F>
  F finish_as() {
    F out;
    finish(out.bytes);
    return out;
  }

 private:
  alignas(64) unsigned char state_[384];
  std::size_t out_size_;
};

// The hash of one string of bytes, as a value of a Fixed type of 16 to 64 bytes.
template <class F>
[[nodiscard]] F hash(Label label, ByteView data) {
  return Hasher(label, F::size).add(data).template finish_as<F>();
}

}  // namespace bud::crypto
