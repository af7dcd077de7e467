// The folder of sealed bytes.
#include "blobs/staging.h"
#include "support/outcome.h"
#include "support/scratch_folder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace bud::blobs {
namespace {

struct StagingTest : testing::Test {
  test::ScratchFolder scratch;
  store::StateFolder state = std::move(*store::StateFolder::open(scratch.file("state")));
  Staging staging = std::move(*Staging::open(state));

  std::string path(const std::string& name) const { return scratch.file("state/blobs/" + name); }
  static std::string name(char digit) { return std::string(32, digit); }
  void receive(char digit, std::uint64_t size, std::int64_t used) const {
    const UniqueFd file = std::move(*staging.receive(name(digit)));
    ASSERT_EQ(::ftruncate(file.get(), static_cast<off_t>(size)), 0);
    const timespec times[2] = {{used, 0}, {used, 0}};
    ASSERT_EQ(::futimens(file.get(), times), 0);
  }
};

TEST_F(StagingTest, FolderAndFilesAreForNobodyElse) {
  struct stat info {};
  ASSERT_EQ(::stat(path("").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0700u);
  const Result<UniqueFd> made = staging.create(name('a'));
  ASSERT_TRUE(made);
  ASSERT_EQ(::fstat(made->get(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  EXPECT_FALSE(staging.create(name('a'))) << "a name is drawn once";
}

TEST_F(StagingTest, WhatIsFinishedIsThereAndTheRestIsSwept) {
  const UniqueFd kept = std::move(*staging.create(name('a'))), dropped = std::move(*staging.create(name('b'))),
                 begun = std::move(*staging.create(name('c')));
  EXPECT_EQ(test::code(staging.open_sent(name('a'))), Errc::not_found);
  ASSERT_TRUE((*staging.finish(name('a'), kept.get()))());
  ASSERT_TRUE((*staging.finish(name('b'), dropped.get()))());
  receive('d', 5, 1);
  EXPECT_TRUE(staging.open_sent(name('a')));
  staging.sweep({name('a')});
  EXPECT_TRUE(staging.open_sent(name('a')));
  EXPECT_FALSE(staging.open_sent(name('b')));
  EXPECT_FALSE(std::filesystem::exists(path(name('c') + ".new")));
  EXPECT_EQ(staging.received(name('d')), 5u);
  staging.drop_sent(name('a'));
  EXPECT_FALSE(staging.open_sent(name('a')));
}

TEST_F(StagingTest, TheLeastRecentlyUsedMakesRoom) {
  receive('a', cache_bound / 2, 300);
  receive('b', cache_bound / 4, 100);
  receive('c', cache_bound / 4, 200);
  staging.make_room(0, {});
  EXPECT_GT(staging.received(name('b')), 0u) << "it fits to the byte";
  staging.make_room(1, {});
  EXPECT_EQ(staging.received(name('b')), 0u);
  EXPECT_GT(staging.received(name('c')), 0u);
  staging.make_room(cache_bound, {name('c')});
  EXPECT_EQ(staging.received(name('a')), 0u);
  EXPECT_GT(staging.received(name('c')), 0u) << "it is in use";
}

TEST_F(StagingTest, ALinkInAFilesPlaceIsNotFollowed) {
  test::write_file(scratch.file("elsewhere"), Bytes(3, 1));
  std::filesystem::create_symlink(scratch.file("elsewhere"), path(name('a') + ".in"));
  EXPECT_FALSE(staging.receive(name('a')));
  EXPECT_FALSE(staging.open_received(name('a')));
  EXPECT_EQ(staging.received(name('a')), 0u);
}

TEST(StagedName, SaysNothingAndIsTheSameForTheSameFile) {
  wire::Blob blob;
  blob.size = 5;
  const std::string name = name_of(blob);
  EXPECT_EQ(name.size(), 32u);
  EXPECT_EQ(name_of(blob), name);
  blob.locations = {"spool:x"};
  EXPECT_EQ(name_of(blob), name) << "wherever it is kept";
  blob.key.bytes[31] = 1;
  EXPECT_NE(name_of(blob), name);
}

}  // namespace
}  // namespace bud::blobs
