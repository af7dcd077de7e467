#include "crypto/arena.h"

#include <sodium.h>

#include <utility>

namespace bud::crypto {

Result<std::unique_ptr<Arena>> Arena::create() {
  auto* base = static_cast<std::uint8_t*>(sodium_malloc(slot_size * slots));
  if (base == nullptr) return fail(Errc::storage, "no memory for the secret arena");
  const bool locked = sodium_mlock(base, slot_size * slots) == 0;
  return std::unique_ptr<Arena>(new Arena(base, locked));
}

Arena::~Arena() { sodium_free(base_); }

Result<ArenaSecret> ArenaSecret::store(Arena& arena, ByteView secret) {
  if (secret.size() > Arena::slot_size) return fail(Errc::too_large, "a secret larger than a slot of the arena");
  for (std::size_t i = 0; i < Arena::slots; ++i) {
    if (arena.taken_[i]) continue;
    arena.taken_[i] = true;
    std::copy(secret.begin(), secret.end(), arena.base_ + i * Arena::slot_size);
    ArenaSecret s;
    s.arena_ = &arena;
    s.slot_ = i;
    s.size_ = secret.size();
    return s;
  }
  return fail(Errc::storage, "the secret arena is full");
}

ArenaSecret::ArenaSecret(ArenaSecret&& other) noexcept
    : arena_(std::exchange(other.arena_, nullptr)), slot_(other.slot_), size_(other.size_) {}

ArenaSecret& ArenaSecret::operator=(ArenaSecret&& other) noexcept {
  if (this != &other) {
    reset();
    arena_ = std::exchange(other.arena_, nullptr);
    slot_ = other.slot_;
    size_ = other.size_;
  }
  return *this;
}

ByteView ArenaSecret::expose() const {
  return arena_ == nullptr ? ByteView{} : ByteView(arena_->base_ + slot_ * Arena::slot_size, size_);
}

void ArenaSecret::reset() {
  if (arena_ == nullptr) return;
  wipe(ByteSpan(arena_->base_ + slot_ * Arena::slot_size, Arena::slot_size));
  arena_->taken_[slot_] = false;
  arena_ = nullptr;
}

}  // namespace bud::crypto
