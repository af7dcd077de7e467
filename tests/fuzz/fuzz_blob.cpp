// A sealed file as a server gives it back, and its description as a message gives it: changed, cut, swapped, extended.
// The input is a script of changes.
#include "blobs/opener.h"
#include "crypto/stream.h"
#include "fuzz/support/feed.h"
#include "fuzz/support/harness.h"
#include "wire/labels.h"
#include "wire/plaintext.h"

#include <fcntl.h>
#include <sys/mman.h>

namespace bud::fuzz {
namespace {

constexpr int most_changes = 8;
constexpr std::size_t sizes[] = {0, 1, 300, 65536, 65537, 200'000};

struct Sample {
  Bytes plain, sealed;
  wire::Blob blob;
};

// As PROTOCOL.md has it, chunk by chunk.
Sample make(std::size_t size) {
  Sample s;
  for (std::size_t i = 0; i < size; ++i) s.plain.push_back(static_cast<std::uint8_t>(1 + i % 255));
  s.blob.key.bytes.fill(7);
  s.blob.size = size;
  s.blob.hash = crypto::hash<wire::BlobHash>(wire::label::blob_hash, s.plain);
  Bytes padded = s.plain;
  padded.resize(wire::padded_size(size));
  const auto key = *crypto::Secret<32>::from(s.blob.key.view());
  const std::uint64_t chunks = crypto::stream_chunks(padded.size());
  for (std::uint64_t i = 0; i < chunks; ++i) {
    const std::size_t at = i * crypto::stream_chunk;
    const ByteView part = ByteView(padded).subspan(at, std::min(crypto::stream_chunk, padded.size() - at));
    Bytes chunk(part.size() + crypto::aead_overhead);
    crypto::seal_chunk(chunk, key, wire::label::blob_chunk, {i, i + 1 == chunks}, part);
    append(s.sealed, chunk);
  }
  return s;
}

const Sample& sample(std::size_t which) {
  static const std::vector<Sample> all = [] {
    std::vector<Sample> made;
    for (const std::size_t size : sizes) made.push_back(make(size));
    return made;
  }();
  return all[which];
}

void change(Bytes& sealed, wire::Blob& blob, Feed& feed) {
  const std::uint8_t how = feed.u8();
  const std::size_t at = sealed.empty() ? 0 : feed.u32() % sealed.size();
  const std::size_t chunk = crypto::sealed_stream_chunk;
  switch (how % 7) {
    case 0:
      if (!sealed.empty()) sealed[at] ^= feed.u8();
      break;
    case 1:
      sealed.resize(at);
      break;
    case 2:
      append(sealed, feed.chunk());
      break;
    case 3:
      if (sealed.size() >= 2 * chunk)
        std::swap_ranges(sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(chunk),
                         sealed.begin() + static_cast<std::ptrdiff_t>(chunk));
      break;
    case 4:
      blob.size = feed.u64() % (1 << 20);
      break;
    case 5:
      blob.hash.bytes[feed.below(32)] ^= feed.u8();
      break;
    default:
      blob.key.bytes[feed.below(32)] ^= feed.u8();
      break;
  }
}

}  // namespace

void run(ByteView input) {
  Feed feed(input);
  const Sample& right = sample(feed.below(std::size(sizes)));
  Bytes sealed = right.sealed;
  wire::Blob blob = right.blob;
  for (int i = 0; i < most_changes && !feed.empty(); ++i) change(sealed, blob, feed);
  const UniqueFd file(::memfd_create("sealed", MFD_CLOEXEC)), out(::memfd_create("opened", MFD_CLOEXEC));
  BUD_HOLDS(::write(file.get(), sealed.data(), sealed.size()) == static_cast<ssize_t>(sealed.size()));
  blobs::Opener opener(blob, UniqueFd(::fcntl(out.get(), F_DUPFD_CLOEXEC, 3)));
  bool done = false;
  while (true) {
    const auto step = opener.step(file.get(), sealed.size());
    if (!step) BUD_HOLDS(step.error().code == Errc::cannot_open || step.error().code == Errc::damaged);
    done = step && *step == blobs::Opener::Step::done;
    if (!step || *step != blobs::Opener::Step::more) break;
  }
  // Whatever was done to it: what is handed over is the beginning of what was sealed; and "done" is said of nothing
  // else.
  Bytes opened(static_cast<std::size_t>(::lseek(out.get(), 0, SEEK_END)));
  BUD_HOLDS(::pread(out.get(), opened.data(), opened.size(), 0) == static_cast<ssize_t>(opened.size()));
  BUD_HOLDS(opened.size() <= right.plain.size() && equal(opened, ByteView(right.plain).first(opened.size())));
  BUD_HOLDS(!done || (opened == right.plain && blob.size == right.blob.size && blob.hash == right.blob.hash));
}

void write_seeds(Seeds& seeds) {
  using W = wire::Writer;
  for (std::uint8_t which = 0; which < std::size(sizes); ++which)
    seeds.add("right-" + std::to_string(which), W().u8(which).bytes());
  seeds.add("flipped", W().u8(5).u8(0).u32(70'000).u8(1).bytes());
  seeds.add("cut-between-chunks", W().u8(5).u8(1).u32(2 * 65'552).bytes());
  seeds.add("extended", chunk(W().u8(3).u8(2).u32(0), Bytes(65'000, 1)).bytes());
  seeds.add("swapped", W().u8(5).u8(3).u32(0).bytes());
  seeds.add("shorter-size", W().u8(5).u8(4).u32(0).u64(199'999).bytes());
  seeds.add("another-hash", W().u8(2).u8(5).u32(0).u8(0).u8(1).bytes());
}

}  // namespace bud::fuzz
