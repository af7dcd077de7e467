// HKDF-SHA-512 (RFC 5869): extract and expand in one call.
#pragma once

#include "crypto/hash.h"
#include "crypto/secret.h"

namespace bud::crypto {

// `salt` may be empty. The info is the label (one byte of length and its text), then `context`. Up to 255 * 64 bytes out.
template <std::size_t N>
void hkdf(Secret<N>& out, ByteView salt, ByteView input, Label label, ByteView context);
void hkdf_into(ByteSpan out, ByteView salt, ByteView input, Label label, ByteView context);

template <std::size_t N>
void hkdf(Secret<N>& out, ByteView salt, ByteView input, Label label, ByteView context) {
  hkdf_into(out.expose_mutable(), salt, input, label, context);
}

}  // namespace bud::crypto
