#include "crypto/stream.h"

#include <cassert>

namespace bud::crypto {
namespace {

// index u64 ‖ last u8 ‖ zeros
Nonce nonce_of(const ChunkPlace& place) {
  Nonce nonce;
  std::uint64_t n = place.index;
  for (std::size_t i = 8; i-- > 0; n >>= 8) nonce.bytes[i] = static_cast<std::uint8_t>(n);
  nonce.bytes[8] = place.last ? 1 : 0;
  return nonce;
}

// As before a hash: one byte of length, and the text.
Bytes associated(Label label) {
  assert(label.text.size() <= 255);
  Bytes ad{static_cast<std::uint8_t>(label.text.size())};
  append(ad, as_bytes(label.text));
  return ad;
}

}  // namespace

void seal_chunk(ByteSpan out, const Secret<32>& key, Label label, const ChunkPlace& place, ByteView plain) {
  assert(plain.size() <= stream_chunk && (place.last || plain.size() == stream_chunk));
  seal_into(out, key, nonce_of(place), associated(label), plain);
}

Result<SecretBytes> open_chunk(const Secret<32>& key, Label label, const ChunkPlace& place, ByteView sealed) {
  if (sealed.size() > sealed_stream_chunk || (!place.last && sealed.size() != sealed_stream_chunk))
    return fail(Errc::cannot_open, "does not open");
  return open(key, nonce_of(place), associated(label), sealed);
}

}  // namespace bud::crypto
