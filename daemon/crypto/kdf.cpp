#include "crypto/kdf.h"

#include <sodium.h>

#include <cassert>

namespace bud::crypto {

void hkdf_into(ByteSpan out, ByteView salt, ByteView input, Label label, ByteView context) {
  Secret<crypto_kdf_hkdf_sha512_KEYBYTES> prk;
  Bytes info;
  info.reserve(1 + label.text.size() + context.size());
  info.push_back(static_cast<std::uint8_t>(label.text.size()));
  append(info, as_bytes(label.text));
  append(info, context);
  crypto_kdf_hkdf_sha512_extract(prk.expose_mutable().data(), salt.data(), salt.size(), input.data(), input.size());
  [[maybe_unused]] int bad = crypto_kdf_hkdf_sha512_expand(out.data(), out.size(), reinterpret_cast<const char*>(info.data()),
                                                           info.size(), prk.expose().data());
  assert(bad == 0);
}

}  // namespace bud::crypto
