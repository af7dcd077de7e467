// What stands on disk of a row: where its key says something about people, a keyed hash; of its value, a sealed box.
#pragma once

#include "base/environment.h"
#include "core/storage.h"
#include "crypto/arena.h"

namespace bud::store {

// A stored key has at most this many bytes, six parts of it at most; a value at most that many.
inline constexpr std::size_t max_key = 256, max_parts = 6, max_value = 16 * 1024 * 1024;

// Both keys are derived from the master key (HKDF-SHA-512), and live in the arena for as long as this does.
//
// Stored key:   its parts one after the other: a plain part as it is, a blind one as 16 bytes of BLAKE2b, keyed, over
//               table number, position (one byte each) and part.
// Stored value: nonce (24 random bytes), then XChaCha20-Poly1305 under AD = table number, stored key: a row that was
//               moved or copied to another place does not open.
class RowSealer {
 public:
  [[nodiscard]] static Result<RowSealer> create(const crypto::Secret<32>& master, crypto::Arena& arena, Random& random);

  // Errc::too_large over the bounds above.
  [[nodiscard]] Result<Bytes> stored_key(core::Table table, const core::RowKey& key) const;
  [[nodiscard]] Bytes seal(core::Table table, ByteView stored_key, ByteView value) const;
  // Errc::damaged where the row does not authenticate.
  [[nodiscard]] Result<crypto::SecretBytes> open(core::Table table, ByteView stored_key, ByteView sealed) const;

 private:
  RowSealer(crypto::ArenaSecret row, crypto::ArenaSecret blind, Random& random)
      : row_key_(std::move(row)), blind_key_(std::move(blind)), random_(&random) {}
  crypto::ArenaSecret row_key_, blind_key_;
  Random* random_;
};

}  // namespace bud::store
