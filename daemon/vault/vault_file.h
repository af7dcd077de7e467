// The vault's file, byte by byte, and how small files of state are read and written.
//
//   magic      8   "BUDVAULT"
//   version    1   1
//   protection 1   1 passphrase, 2 key file
//   passes     8   Argon2id's, network order; 0 with a key file
//   memory     8   likewise, in bytes
//   salt      16   Argon2id's; 0 with a key file
//   nonce     24
//   sealed    48   the master key: XChaCha20-Poly1305, AD = all from the magic to the salt
//   check     16   BLAKE2b over all before it: tells damage from a wrong passphrase; proves nothing else
#pragma once

#include "crypto/aead.h"
#include "vault/vault.h"

namespace bud::vault {

struct VaultFile {
  Protection protection = Protection::passphrase;
  Cost cost;
  Fixed<struct VaultSaltTag, 16> salt;
  crypto::Nonce nonce;
  Fixed<struct SealedMasterTag, 48> sealed;

  static constexpr std::size_t size = 8 + 1 + 1 + 8 + 8 + 16 + 24 + 48 + 16;

  Bytes associated_data() const;
  Bytes encode() const;
  // Errc::damaged, or Errc::unsupported for a version or protection that is not known.
  [[nodiscard]] static Result<VaultFile> decode(ByteView bytes);
};

// All of a small file; nullopt where there is none. Errc::damaged over `bound` bytes, or where it is no plain file.
[[nodiscard]] Result<std::optional<crypto::SecretBytes>> read_small(const std::string& path, std::size_t bound);
// Whole or not at all, mode 0600, durable on return; replaces what was there.
[[nodiscard]] Result<> write_small(const store::StateFolder& folder, std::string_view name, ByteView bytes);

}  // namespace bud::vault
