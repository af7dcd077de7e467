// Argon2id (RFC 9106) from a passphrase to a key. Its parameters are stored beside the salt, so that they can rise.
#pragma once

#include "base/result.h"
#include "crypto/secret.h"

namespace bud::crypto {

struct PasswordParameters {
  std::uint64_t passes = 3;                     // libsodium's MODERATE
  std::uint64_t memory = 256ull * 1024 * 1024;  // bytes
  Fixed<struct SaltTag, 16> salt;
};

// What is read from disk is bounded before it is believed: more is Errc::malformed, not an hour of work.
inline constexpr std::uint64_t password_max_passes = 64;
inline constexpr std::uint64_t password_max_memory = 4ull * 1024 * 1024 * 1024;

// Errc::storage where the machine has not the memory. Takes about a second: keep it off the path of calls.
[[nodiscard]] Result<Secret<32>> derive_key(ByteView passphrase, const PasswordParameters& parameters);

}  // namespace bud::crypto
