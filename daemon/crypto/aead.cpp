#include "crypto/aead.h"

#include <sodium.h>

#include <cassert>

namespace bud::crypto {

void seal_into(ByteSpan out, const Secret<32>& key, const Nonce& nonce, ByteView ad, ByteView plaintext) {
  assert(out.size() == plaintext.size() + aead_overhead);
  crypto_aead_xchacha20poly1305_ietf_encrypt(out.data(), nullptr, plaintext.data(), plaintext.size(), ad.data(), ad.size(),
                                             nullptr, nonce.bytes.data(), key.expose().data());
}

Bytes seal(const Secret<32>& key, const Nonce& nonce, ByteView ad, ByteView plaintext) {
  Bytes out(plaintext.size() + aead_overhead);
  seal_into(out, key, nonce, ad, plaintext);
  return out;
}

Result<SecretBytes> open(const Secret<32>& key, const Nonce& nonce, ByteView ad, ByteView sealed) {
  if (sealed.size() < aead_overhead) return fail(Errc::cannot_open, "does not open");
  SecretBytes plain(sealed.size() - aead_overhead);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain.expose_mutable().data(), nullptr, nullptr, sealed.data(),
                                                 sealed.size(), ad.data(), ad.size(), nonce.bytes.data(),
                                                 key.expose().data()) != 0)
    return fail(Errc::cannot_open, "does not open");
  return plain;
}

}  // namespace bud::crypto
