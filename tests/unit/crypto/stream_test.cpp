// Sealed streams: every chunk opens in its place, and nothing opens anywhere else.
#include "crypto/stream.h"

#include <gtest/gtest.h>

namespace bud::crypto {
namespace {

constexpr Label label{"budstikke/1/test/stream"};
constexpr Label another{"budstikke/1/test/streams"};

Secret<32> key_of(std::uint8_t byte) {
  return std::move(*Secret<32>::from(Bytes(32, byte)));
}

Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + i / 251);
  return bytes;
}

std::vector<Bytes> seal_all(const Secret<32>& key, ByteView plain) {
  std::vector<Bytes> chunks;
  const std::uint64_t count = stream_chunks(plain.size());
  for (std::uint64_t i = 0; i < count; ++i) {
    const ByteView part = plain.subspan(i * stream_chunk, std::min(stream_chunk, plain.size() - i * stream_chunk));
    Bytes sealed(part.size() + aead_overhead);
    seal_chunk(sealed, key, label, {i, i + 1 == count}, part);
    chunks.push_back(std::move(sealed));
  }
  return chunks;
}

TEST(Stream, EachChunkOpensByItselfWhateverTheSize) {
  const Secret<32> key = key_of(7);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, stream_chunk - 1, stream_chunk, stream_chunk + 1, 3 * stream_chunk + 5}) {
    const Bytes plain = pattern(size);
    const std::vector<Bytes> chunks = seal_all(key, plain);
    std::uint64_t sealed = 0;
    for (const Bytes& chunk : chunks) sealed += chunk.size();
    EXPECT_EQ(sealed, sealed_stream_size(size));
    EXPECT_EQ(chunks.size(), stream_chunks(size));
    for (std::size_t i = chunks.size(); i-- > 0;) {  // from the end: none needs those before
      const auto opened = open_chunk(key, label, {i, i + 1 == chunks.size()}, chunks[i]);
      ASSERT_TRUE(opened) << size << " " << i;
      EXPECT_TRUE(equal(opened->expose(), ByteView(plain).subspan(i * stream_chunk, opened->size())));
    }
  }
}

TEST(Stream, NoBitCanBeChanged) {
  const Secret<32> key = key_of(7);
  const Bytes sealed = seal_all(key, pattern(100)).front();
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes changed = sealed;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    const auto opened = open_chunk(key, label, {0, true}, changed);
    ASSERT_FALSE(opened) << bit;
    EXPECT_EQ(opened.error().code, Errc::cannot_open);
  }
}

TEST(Stream, AChunkOpensInItsPlaceOnly) {
  const Secret<32> key = key_of(7);
  const std::vector<Bytes> chunks = seal_all(key, pattern(3 * stream_chunk));
  ASSERT_EQ(chunks.size(), 3u);
  EXPECT_FALSE(open_chunk(key, label, {1, false}, chunks[0]));        // moved
  EXPECT_FALSE(open_chunk(key, label, {0, true}, chunks[0]));         // what follows was cut off
  EXPECT_FALSE(open_chunk(key, label, {2, false}, chunks[2]));        // something was added behind
  EXPECT_FALSE(open_chunk(key, label, {256, true}, chunks[2]));       // another byte of the index
  EXPECT_FALSE(open_chunk(key_of(8), label, {0, false}, chunks[0]));  // another key
  EXPECT_FALSE(open_chunk(key, another, {0, false}, chunks[0]));      // another use
  EXPECT_FALSE(open_chunk(key, label, {0, false}, ByteView(chunks[0]).first(100)));
  EXPECT_FALSE(open_chunk(key, label, {2, true}, ByteView(chunks[2]).first(chunks[2].size() - 1)));
  EXPECT_FALSE(open_chunk(key, label, {2, true}, {}));
  Bytes longer = chunks[2];
  longer.push_back(0);
  EXPECT_FALSE(open_chunk(key, label, {2, true}, longer));
  EXPECT_TRUE(open_chunk(key, label, {2, true}, chunks[2]));
}

TEST(Stream, ItIsThatOfTheProtocol) {  // PROTOCOL.md, "Blobs": nonce and associated data, byte by byte
  const Secret<32> key = key_of(7);
  const Bytes sealed = seal_all(key, pattern(stream_chunk + 1)).back();
  Nonce nonce;
  nonce.bytes[7] = 1;  // the second chunk
  nonce.bytes[8] = 1;  // and the last
  Bytes ad{23};
  append(ad, as_bytes("budstikke/1/test/stream"));
  const auto opened = open(key, nonce, ad, sealed);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->size(), 1u);
  EXPECT_EQ(opened->expose()[0], pattern(stream_chunk + 1).back());
}

}  // namespace
}  // namespace bud::crypto
