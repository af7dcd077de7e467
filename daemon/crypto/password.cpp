#include "crypto/password.h"

#include <sodium.h>

namespace bud::crypto {

Result<Secret<32>> derive_key(ByteView passphrase, const PasswordParameters& p) {
  if (p.passes < crypto_pwhash_argon2id_OPSLIMIT_MIN || p.passes > password_max_passes ||
      p.memory < crypto_pwhash_argon2id_MEMLIMIT_MIN || p.memory > password_max_memory)
    return fail(Errc::malformed, "Argon2id parameters out of bounds");
  Secret<32> key;
  // libsodium declares that it is never given a null pointer, which an empty view may hold.
  const char* text = passphrase.empty() ? "" : reinterpret_cast<const char*>(passphrase.data());
  const int failed = crypto_pwhash_argon2id(key.expose_mutable().data(), key.size, text, passphrase.size(),
                                            p.salt.bytes.data(), p.passes, static_cast<std::size_t>(p.memory),
                                            crypto_pwhash_argon2id_ALG_ARGON2ID13);
  wipe_stack();  // it leaves its last blocks there, and with them the key
  if (failed != 0)
    return fail(Errc::storage, "not enough memory to derive the key from the passphrase");
  return key;
}

}  // namespace bud::crypto
