// Where the store's master key comes from: 32 random bytes, made once, kept sealed in the file `vault` of the state
// folder.
//
// Two protections. A passphrase: Argon2id makes of it the key that opens the vault, and nothing on disk opens it
// without. A key file: that key lies beside the vault in `unprotected.key` (mode 0600). That is no protection against
// anybody who can read the folder, a backup or a stolen disk, and callers say so to the person who chooses it.
#pragma once

#include "base/environment.h"
#include "crypto/secret.h"
#include "store/folder.h"

#include <optional>

namespace bud::vault {

// Numbers are stored: append only.
enum class Protection : std::uint8_t { passphrase = 1, key_file = 2 };

// What a passphrase costs to try (Argon2id): libsodium's MODERATE, about a second. Stored in the vault, so that it can
// rise for new ones. More than the maxima is refused when read: a planted file is not to cost an hour or all memory.
struct Cost {
  std::uint64_t passes = 3, memory = 256ull * 1024 * 1024;  // memory in bytes
};
inline constexpr std::uint64_t max_passes = 16, max_memory = 1024ull * 1024 * 1024;

// nullopt: no vault, and no store either; one can be made. Otherwise what unlocks it. Reads no secret.
// Errc::damaged: not a vault's bytes, or a store without its vault. Errc::unsupported: a newer program's.
// Errc::storage: unreadable.
[[nodiscard]] Result<std::optional<Protection>> state(const store::StateFolder& folder);

// Makes the master key and the vault; durable on return. Errc::conflict where there is one already.
// Errc::malformed: an empty passphrase, or a cost out of bounds. Takes as long as the cost says.
[[nodiscard]] Result<crypto::Secret<32>> create(const store::StateFolder& folder, const crypto::SecretBytes& passphrase,
                                                Cost cost, Random& random);
[[nodiscard]] Result<crypto::Secret<32>> create_unprotected(const store::StateFolder& folder, Random& random);

// The master key. Errc::wrong_secret: another passphrase. Errc::not_allowed: the vault has the other protection.
// Errc::not_found: no vault. Errc::damaged, Errc::unsupported, Errc::storage: as above; Errc::storage too where the
// machine has not the memory that the passphrase costs.
[[nodiscard]] Result<crypto::Secret<32>> unlock(const store::StateFolder& folder,
                                                const crypto::SecretBytes& passphrase);
[[nodiscard]] Result<crypto::Secret<32>> unlock_unprotected(const store::StateFolder& folder);

}  // namespace bud::vault
