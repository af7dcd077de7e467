// Blobs in a spool: put and fetched by the slice, resumed, and never led astray.
#include "spool/blobs.h"
#include "unit/spool/fake_host.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace spool::test {
namespace {

namespace fs = std::filesystem;

const std::string name = "00112233445566778899aabbccddeeff";

struct Blobs : testing::Test {
  ScratchFolder scratch;
  fs::path folder = scratch.path / "spool";
  std::optional<FakeHost> alice{std::in_place};
  FakeHost bob;
  std::string bytes;

  void SetUp() override {
    ASSERT_EQ(alice->start(folder, "alice").status, BUD_OK);
    ASSERT_EQ(bob.start(folder, "bob").status, BUD_OK);
  }
  void make(std::size_t size) {
    bytes.resize(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + i / 8191);
    write_text(scratch.path / "source", bytes);
  }
  Fd source() const { return Fd(open((scratch.path / "source").c_str(), O_RDONLY | O_CLOEXEC)); }
  Fd target() const {
    return Fd(open((scratch.path / "target").c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  }
  fs::path blob() const { return folder / "blobs" / name; }
  fs::path part() const { return folder / "blobs" / (name + ".part"); }
  // Until it is whole; how many operations it took.
  int put_all(FakeHost& host) {
    const Fd from = source();
    for (int n = 1; n < 100; ++n) {
      const FakeHost::Put put = host.put(name, from.get(), bytes.size());
      EXPECT_EQ(put.completed.status, BUD_OK) << put.completed.words;
      if (put.completed.status != BUD_OK) return -1;
      EXPECT_EQ(put.location.empty(), put.done < bytes.size());
      if (!put.location.empty()) return n;
    }
    return -1;
  }
  std::string get_all(FakeHost& host) {
    const Fd to = target();
    for (std::uint64_t offset = 0; offset < bytes.size();) {
      const FakeHost::Got got = host.get(name, to.get(), offset, bytes.size());
      EXPECT_EQ(got.completed.status, BUD_OK) << got.completed.words;
      if (got.completed.status != BUD_OK || got.added == 0) break;
      offset += got.added;
      EXPECT_EQ(got.end, offset == bytes.size());
    }
    return read_text(scratch.path / "target");
  }
};

TEST_F(Blobs, GoThereAndBackBySlices) {
  EXPECT_EQ(alice->max_blob, max_blob);
  make(3 * blob_slice + 5);
  EXPECT_EQ(put_all(*alice), 4);
  EXPECT_TRUE(read_text(blob()) == bytes);
  EXPECT_FALSE(fs::exists(part()));
  EXPECT_TRUE(get_all(bob) == bytes);
  EXPECT_EQ(put_all(*alice), 1) << "it is there already";
}

TEST_F(Blobs, AWriterThatStartsAgainGoesOnAtTheLastStep) {
  make(2 * blob_step + 2 * blob_slice);
  {
    const Fd from = source();
    for (std::uint64_t n = 0; n * blob_slice < blob_step + 3 * blob_slice; ++n)
      (void)alice->put(name, from.get(), bytes.size());
    EXPECT_EQ(fs::file_size(part()), blob_step + 3 * blob_slice);
  }
  // What was synced is not written again; what was not may be anything after a power cut.
  std::string half = read_text(part());
  half[0] = static_cast<char>(~half[0]);
  half[blob_step + 1] = static_cast<char>(~half[blob_step + 1]);
  write_text(part(), half);
  const Stored kv = alice->kv;
  alice.reset();  // one process has the mailbox
  FakeHost again(kv);
  ASSERT_EQ(again.start(folder, "alice").status, BUD_OK);
  const Fd from = source();
  const FakeHost::Put put = again.put(name, from.get(), bytes.size());
  EXPECT_EQ(put.done, blob_step + blob_slice);
  EXPECT_GT(put_all(again), 0);
  bytes[0] = static_cast<char>(~bytes[0]);
  EXPECT_TRUE(read_text(blob()) == bytes);
}

TEST_F(Blobs, AReaderGoesOnWhereItStands) {
  make(2 * blob_slice);
  put_all(*alice);
  const Fd to = target();
  EXPECT_EQ(bob.get(name, to.get(), 0, bytes.size()).added, blob_slice);
  const FakeHost::Got got = bob.get(name, to.get(), blob_slice, bytes.size());
  EXPECT_EQ(got.added, blob_slice);
  EXPECT_TRUE(got.end);
  EXPECT_TRUE(read_text(scratch.path / "target") == bytes);
}

TEST_F(Blobs, NamesThatLeadElsewhereAreNone) {
  make(10);
  write_text(folder / "secret", "not for you");
  const Fd from = source(), to = target();
  for (const std::string& bad :
       {std::string("../secret"), std::string("/etc/passwd"), std::string(), name + "0", name + ".part",
        std::string(32, 'G'), std::string(32, '.'), std::string("../../aaaaaaaaaaaaaaaaaaaaaaaaaa")}) {
    EXPECT_EQ(bob.get(bad, to.get(), 0, 100).completed.status, BUD_INVALID) << bad;
    EXPECT_EQ(alice->put(bad, from.get(), 10).completed.status, BUD_INVALID) << bad;
  }
  EXPECT_EQ(fs::file_size(scratch.path / "target"), 0u);
}

TEST_F(Blobs, WhatStandsInABlobsPlaceIsNotFollowed) {
  make(10);
  const Fd from = source(), to = target();
  fs::create_directories(folder / "blobs");
  fs::create_symlink("/etc/passwd", blob());
  EXPECT_EQ(bob.get(name, to.get(), 0, 10'000).completed.status, BUD_INVALID);
  EXPECT_NE(alice->put(name, from.get(), 10).completed.status, BUD_OK);
  fs::remove(blob());
  ASSERT_EQ(mkfifo(blob().c_str(), 0600), 0);
  EXPECT_EQ(bob.get(name, to.get(), 0, 10'000).completed.status, BUD_INVALID) << "and nobody waits";
  fs::remove(blob());
  fs::create_directory(blob());
  EXPECT_EQ(bob.get(name, to.get(), 0, 10'000).completed.status, BUD_INVALID);
  fs::remove(blob());
  fs::create_symlink(folder / "elsewhere", part());
  EXPECT_NE(alice->put(name, from.get(), 10).completed.status, BUD_OK);
  EXPECT_FALSE(fs::exists(folder / "elsewhere"));
  EXPECT_EQ(fs::file_size(scratch.path / "target"), 0u);
}

TEST_F(Blobs, NoMoreIsReadThanWasAskedFor) {
  make(2 * blob_slice);
  put_all(*alice);
  const Fd to = target();
  EXPECT_EQ(bob.get(name, to.get(), 0, 2 * blob_slice - 1).completed.status, BUD_TOO_LARGE);
  fs::resize_file(blob(), std::uint64_t{1} << 40);
  EXPECT_EQ(bob.get(name, to.get(), 0, 2 * blob_slice).completed.status, BUD_TOO_LARGE);
  fs::resize_file(blob(), 5);
  EXPECT_EQ(bob.get(name, to.get(), 6, 2 * blob_slice).completed.status, BUD_INVALID);
  EXPECT_EQ(fs::file_size(scratch.path / "target"), 0u);
}

TEST_F(Blobs, WhatIsMissingIsGoneAndAFolderThatIsAwayIsNot) {
  make(10);
  const Fd from = source(), to = target();
  EXPECT_EQ(bob.get(name, to.get(), 0, 10).completed.status, BUD_GONE);
  put_all(*alice);
  fs::rename(folder, scratch.path / "away");
  EXPECT_EQ(bob.get(name, to.get(), 0, 10).completed.status, BUD_RETRY_LATER);
  EXPECT_EQ(alice->put(name, from.get(), 10).completed.status, BUD_RETRY_LATER);
  fs::rename(scratch.path / "away", folder);
  EXPECT_TRUE(get_all(bob) == bytes);
}

TEST_F(Blobs, ASourceThatEndsEarlyIsNeverABlob) {
  make(10);
  const Fd from = source();
  EXPECT_EQ(alice->put(name, from.get(), 11).completed.status, BUD_INVALID);
  EXPECT_EQ(alice->put(name, from.get(), 0).completed.status, BUD_TOO_LARGE);
  EXPECT_EQ(alice->put(name, from.get(), max_blob + 1).completed.status, BUD_TOO_LARGE);
  EXPECT_FALSE(fs::exists(blob()));
}

}  // namespace
}  // namespace spool::test
