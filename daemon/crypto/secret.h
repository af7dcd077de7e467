// Secrets as types: they move, they are wiped, and they cannot be copied, printed or compared with ==.
// Secret<N> and SecretBytes live for an operation, on the stack or in an owner that does; long-lived keys are kept in
// crypto/arena.h's locked memory. (One sodium_malloc costs some 64 µs and two pages: far too much for a message key.)
#pragma once

#include "base/bytes.h"

namespace bud::crypto {

// Overwrites, in a way that the compiler may not leave out.
void wipe(ByteSpan secret);
// Overwrites the stack below the caller's frame, 128 KiB of it: what lies there belonged to calls that have returned, and
// may be a copy that nobody knows of. (Compilers spill registers, and libraries leave their blocks.) The vector registers
// too: the dynamic linker stores them all on the stack when it resolves a function at its first call, and memcpy(3) leaves
// in them what it copied last.
void wipe_stack();
// Constant time in the contents; lengths are public. For tags, codes and hashes of secrets.
[[nodiscard]] bool equal_constant_time(ByteView a, ByteView b);

template <std::size_t N>
class Secret {
 public:
  static constexpr std::size_t size = N;
  Secret() = default;
  ~Secret() { wipe(bytes_); }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      wipe(other.bytes_);
    }
    return *this;
  }
  bool operator==(const Secret&) const = delete;

  // A copy is a decision: it has a name.
  [[nodiscard]] Secret clone() const {
    Secret s;
    s.bytes_ = bytes_;
    return s;
  }
  // nullopt where the length is not exactly N. The source stays the caller's to wipe.
  static std::optional<Secret> from(ByteView v) {
    if (v.size() != N) return std::nullopt;
    std::optional<Secret> s(std::in_place);
    std::copy(v.begin(), v.end(), s->bytes_.begin());
    return s;
  }
  ByteView expose() const { return bytes_; }
  ByteSpan expose_mutable() { return bytes_; }

 private:
  std::array<std::uint8_t, N> bytes_{};
};

// A secret of a length known at run time: a row of the store, a passphrase, a plaintext.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t n) : bytes_(n) {}
  ~SecretBytes() { wipe(bytes_); }
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  SecretBytes(SecretBytes&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      wipe(bytes_);
      bytes_ = std::move(other.bytes_);
      other.bytes_.clear();
    }
    return *this;
  }
  bool operator==(const SecretBytes&) const = delete;

  static SecretBytes copy_of(ByteView v) {
    SecretBytes s(v.size());
    std::copy(v.begin(), v.end(), s.bytes_.begin());
    return s;
  }
  // Takes over a buffer that was filled elsewhere (a codec's output) without leaving a copy behind.
  static SecretBytes adopt(Bytes&& v) {
    SecretBytes s;
    s.bytes_ = std::move(v);
    return s;
  }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  ByteView expose() const { return bytes_; }
  ByteSpan expose_mutable() { return bytes_; }
  // Shortens, wiping what falls off.
  void truncate(std::size_t n) {
    if (n >= bytes_.size()) return;
    wipe(ByteSpan(bytes_).subspan(n));
    bytes_.resize(n);
  }

 private:
  Bytes bytes_;
};

}  // namespace bud::crypto
