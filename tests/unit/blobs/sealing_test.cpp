// From a descriptor into a sealed file, and back into a pipe.
#include "blobs/opener.h"
#include "blobs/sealer.h"
#include "core/files.h"
#include "crypto/random.h"
#include "crypto/stream.h"
#include "support/outcome.h"
#include "support/scratch_folder.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace bud::blobs {
namespace {

constexpr std::size_t chunk = crypto::stream_chunk;
constexpr std::uint64_t no_limit = std::uint64_t{1} << 40;

Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 13 + i / 255);
  return bytes;
}

struct Sealing : testing::Test {
  test::ScratchFolder scratch;
  wire::Blob blob;
  std::string sealed_path = scratch.file("sealed");

  void SetUp() override { crypto::initialize(); }
  crypto::Secret<32> key() const { return std::move(*crypto::Secret<32>::from(Bytes(32, 9))); }
  UniqueFd open(const std::string& path, int flags) const {
    return UniqueFd(::open(path.c_str(), flags | O_CLOEXEC, 0600));
  }

  // The blob that the message would carry, with the plain bytes where they are few.
  crypto::SecretBytes seal(const Bytes& plain) {
    test::write_file(scratch.file("plain"), plain);
    UniqueFd source = open(scratch.file("plain"), O_RDONLY);
    EXPECT_EQ(::lseek(source.get(), 0, SEEK_END), static_cast<off_t>(plain.size()));  // wherever it stands
    auto sealer = Sealer::begin(std::move(source), open(sealed_path, O_RDWR | O_CREAT | O_TRUNC), key(), no_limit);
    EXPECT_TRUE(sealer);
    while (*must_step(**sealer) != Sealer::Step::done) {
    }
    blob.key = *wire::BlobKey::from(key().expose());
    blob.size = (*sealer)->size();
    blob.hash = (*sealer)->hash();
    return (*sealer)->take_plain();
  }
  static Result<Sealer::Step> must_step(Sealer& sealer) {
    Result<Sealer::Step> step = sealer.step();
    EXPECT_TRUE(step) << step.error().text;
    return step ? step : Sealer::Step::done;
  }

  struct Opened {
    Bytes bytes;
    std::optional<Errc> error;
    std::uint64_t offset = 0;
    bool waits = false;
  };
  Opened open_all(std::uint64_t there) const {
    Opened opened;
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    const UniqueFd reading(ends[0]), sealed = open(sealed_path, O_RDONLY);
    Opener opener(blob, UniqueFd(ends[1]));
    const auto drain = [&] {
      std::uint8_t piece[4096];
      for (ssize_t n = 0; (n = ::read(reading.get(), piece, sizeof piece)) > 0;)
        append(opened.bytes, ByteView(piece, static_cast<std::size_t>(n)));
    };
    while (true) {
      const Result<Opener::Step> step = opener.step(sealed.get(), there);
      drain();
      if (!step) opened.error = step.error().code;
      opened.offset = opener.offset();
      opened.waits = step && *step == Opener::Step::wait_bytes;
      if (!step || opened.waits || *step == Opener::Step::done) return opened;
    }
  }
  Opened open_all() const { return open_all(std::filesystem::file_size(sealed_path)); }
};

TEST_F(Sealing, WhatWasSealedIsOpenedWhateverItsSize) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{255}, chunk - 1, chunk, chunk + 1,
                                 4 * chunk, 4 * chunk + 1, std::size_t{1'000'003}}) {
    const Bytes plain = pattern(size);
    const crypto::SecretBytes small = seal(plain);
    EXPECT_EQ(blob.size, size);
    EXPECT_EQ(std::filesystem::file_size(sealed_path), core::sealed_blob_size(size));
    EXPECT_EQ(small.size(), size <= wire::max_inlined ? size : 0);
    const Opened opened = open_all();
    EXPECT_FALSE(opened.error) << size;
    EXPECT_EQ(opened.bytes, plain) << size;
  }
}

TEST_F(Sealing, SizesAreHiddenWithinAStep) {
  seal(pattern(1'000'000));
  const auto one = std::filesystem::file_size(sealed_path);
  seal(pattern(1'000'001));
  EXPECT_EQ(std::filesystem::file_size(sealed_path), one);
}

TEST_F(Sealing, TheLastBytesWaitForTheRest) {
  const Bytes plain = pattern(3 * chunk + 10);
  seal(plain);
  const auto size = std::filesystem::file_size(sealed_path);
  for (const std::uint64_t there :
       {std::uint64_t{0}, std::uint64_t{100}, std::uint64_t{crypto::sealed_stream_chunk}, size - 1}) {
    const Opened opened = open_all(there);
    EXPECT_TRUE(opened.waits);
    EXPECT_EQ(opened.bytes.size(), there / crypto::sealed_stream_chunk * chunk) << "whole chunks, and never the end";
    EXPECT_TRUE(equal(opened.bytes, ByteView(plain).first(opened.bytes.size())));
  }
}

TEST_F(Sealing, WhatWasChangedDoesNotPass) {
  seal(pattern(3 * chunk + 10));
  const Bytes right = test::read_file(sealed_path);
  for (const std::size_t at : {std::size_t{0}, chunk + 100, 2 * chunk + 100, right.size() - 1}) {
    Bytes wrong = right;
    wrong[at] ^= 0x80;
    test::write_file(sealed_path, wrong);
    const Opened opened = open_all();
    EXPECT_EQ(opened.error, Errc::cannot_open) << at;
    EXPECT_EQ(opened.offset, at / crypto::sealed_stream_chunk * crypto::sealed_stream_chunk);
    EXPECT_LT(opened.bytes.size(), blob.size);
  }
  Bytes swapped = right;
  std::swap_ranges(swapped.begin(), swapped.begin() + crypto::sealed_stream_chunk,
                   swapped.begin() + crypto::sealed_stream_chunk);
  test::write_file(sealed_path, swapped);
  EXPECT_EQ(open_all().error, Errc::cannot_open);
}

// A sender that seals another file than its message says: the last bytes are never handed over.
TEST_F(Sealing, AnotherFileThanTheMessageSaysIsNone) {
  seal(pattern(2 * chunk));
  blob.hash.bytes[0] ^= 1;
  EXPECT_EQ(open_all().error, Errc::damaged);
  EXPECT_EQ(open_all().bytes.size(), chunk);
  seal(pattern(2 * chunk - 5));  // the padding holds bytes of a longer file
  blob.size -= 1;
  EXPECT_EQ(open_all().error, Errc::damaged);
}

TEST_F(Sealing, OverTheLimitIsRefusedAtOnceOrWhereItComes) {
  test::write_file(scratch.file("plain"), pattern(1000));
  EXPECT_EQ(
      test::code(Sealer::begin(open(scratch.file("plain"), O_RDONLY), open(sealed_path, O_RDWR | O_CREAT), key(), 999)),
      Errc::too_large);
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  UniqueFd writing(ends[1]);
  auto sealer = Sealer::begin(UniqueFd(ends[0]), open(sealed_path, O_RDWR | O_CREAT), key(), 999);
  ASSERT_TRUE(sealer);
  EXPECT_EQ(*(*sealer)->step(), Sealer::Step::wait);
  ASSERT_EQ(::write(writing.get(), pattern(1000).data(), 1000), 1000);
  EXPECT_EQ(test::code((*sealer)->step()), Errc::too_large);
}

TEST_F(Sealing, WhatCannotBeReadIsRefused) {
  for (UniqueFd* const fd :
       {new UniqueFd(::open("/", O_RDONLY | O_DIRECTORY)), new UniqueFd(::open("/dev/zero", O_RDONLY)),
        new UniqueFd(::open(sealed_path.c_str(), O_WRONLY | O_CREAT, 0600)), new UniqueFd()}) {
    EXPECT_EQ(test::code(Sealer::begin(std::move(*fd), open(sealed_path, O_RDWR | O_CREAT), key(), 10)),
              Errc::malformed);
    delete fd;
  }
}

}  // namespace
}  // namespace bud::blobs
