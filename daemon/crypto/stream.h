// A long plaintext sealed in chunks of 64 KiB, so that it is sealed, opened, resumed and looked into piece by piece, in
// little memory (after STREAM: Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015, "Online Authenticated-Encryption and
// its Nonce-Reuse Misuse-Resistance").
//
// Each chunk is an AEAD of its own, its nonce its index and whether it is the last: what is cut off, put elsewhere,
// left out or added does not open. That needs a key that seals one stream and nothing else, ever; counters are then
// nonces enough.
#pragma once

#include "crypto/aead.h"
#include "crypto/hash.h"

namespace bud::crypto {

inline constexpr std::size_t stream_chunk = 64 * 1024;
inline constexpr std::size_t sealed_stream_chunk = stream_chunk + aead_overhead;
// Far below where any of the sums here would overflow.
inline constexpr std::uint64_t max_stream = std::uint64_t{1} << 48;

// Of a plaintext of `size` bytes, at most max_stream: all chunks are full but the last, and there is always one.
[[nodiscard]] constexpr std::uint64_t stream_chunks(std::uint64_t size) {
  return size == 0 ? 1 : (size + stream_chunk - 1) / stream_chunk;
}
[[nodiscard]] constexpr std::uint64_t sealed_stream_size(std::uint64_t size) {
  return size + stream_chunks(size) * aead_overhead;
}

struct ChunkPlace {
  std::uint64_t index = 0;
  bool last = false;
};

// `out` is plain.size() + aead_overhead bytes. The label says what the stream is for.
void seal_chunk(ByteSpan out, const Secret<32>& key, Label label, const ChunkPlace& place, ByteView plain);
// Errc::cannot_open, and nothing more, whatever was wrong: the bytes, the key or the place.
[[nodiscard]] Result<SecretBytes> open_chunk(const Secret<32>& key, Label label, const ChunkPlace& place,
                                             ByteView sealed);

}  // namespace bud::crypto
