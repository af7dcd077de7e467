// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): 32-byte key, 24-byte nonce, 16-byte tag behind the ciphertext.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace bud::crypto {

using Nonce = Fixed<struct NonceTag, 24>;
inline constexpr std::size_t aead_overhead = 16;

// `out` is plaintext.size() + aead_overhead bytes, and may not overlap the plaintext unless it begins where that does.
void seal_into(ByteSpan out, const Secret<32>& key, const Nonce& nonce, ByteView ad, ByteView plaintext);
[[nodiscard]] Bytes seal(const Secret<32>& key, const Nonce& nonce, ByteView ad, ByteView plaintext);

// Errc::cannot_open, and nothing more, whatever was wrong.
[[nodiscard]] Result<SecretBytes> open(const Secret<32>& key, const Nonce& nonce, ByteView ad, ByteView sealed);

}  // namespace bud::crypto
