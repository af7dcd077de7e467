// Where long-lived secrets live: one sodium_malloc()ed block (guard pages, locked, left out of core dumps), divided into
// slots. One block because locked memory is limited (8 MiB for users) and each sodium_malloc costs two pages and more.
#pragma once

#include "base/result.h"
#include "crypto/secret.h"

#include <bitset>
#include <memory>

namespace bud::crypto {

class Arena {
 public:
  static constexpr std::size_t slot_size = 64, slots = 1024;

  // Errc::storage where the kernel gives no memory. Where it gives some but locks none (RLIMIT_MEMLOCK), the arena works
  // and locked() says so: the daemon warns.
  [[nodiscard]] static Result<std::unique_ptr<Arena>> create();
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  bool locked() const { return locked_; }
  std::size_t used() const { return taken_.count(); }

 private:
  friend class ArenaSecret;
  Arena(std::uint8_t* base, bool locked) : base_(base), locked_(locked) {}
  std::uint8_t* base_;
  bool locked_;
  std::bitset<slots> taken_;
};

// A secret of up to 64 bytes in a slot; moves, wiped and given back on destruction. The arena outlives it.
class ArenaSecret {
 public:
  ArenaSecret() = default;
  // Errc::too_large for more than a slot, Errc::storage where the arena is full. The source stays the caller's to wipe.
  [[nodiscard]] static Result<ArenaSecret> store(Arena& arena, ByteView secret);
  ~ArenaSecret() { reset(); }
  ArenaSecret(ArenaSecret&& other) noexcept;
  ArenaSecret& operator=(ArenaSecret&& other) noexcept;

  explicit operator bool() const { return arena_ != nullptr; }
  ByteView expose() const;
  void reset();

 private:
  Arena* arena_ = nullptr;
  std::size_t slot_ = 0, size_ = 0;
};

}  // namespace bud::crypto
