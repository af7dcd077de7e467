#include "store/folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "support/outcome.h"
#include "support/scratch_folder.h"

namespace bud::store {
namespace {

unsigned mode_of(const std::string& path) {
  struct stat s;
  return stat(path.c_str(), &s) == 0 ? s.st_mode & 07777 : 0;
}

TEST(StateFolder, IsMadeWithItsParentsForTheOwnerAlone) {
  test::ScratchFolder scratch;
  const auto folder = StateFolder::open(scratch.file("a/b/c//"));
  ASSERT_TRUE(folder);
  EXPECT_EQ(folder->path(), scratch.file("a/b/c"));
  EXPECT_EQ(folder->file("x"), scratch.file("a/b/c/x"));
  EXPECT_EQ(mode_of(folder->path()), 0700u);
  EXPECT_EQ(mode_of(folder->file("lock")), 0600u);
  EXPECT_TRUE(folder->sync());
}

TEST(StateFolder, IsTightenedWhereOthersCouldLookIn) {
  test::ScratchFolder scratch;
  ASSERT_EQ(chmod(scratch.path().c_str(), 0755), 0);
  ASSERT_TRUE(StateFolder::open(scratch.path()));
  EXPECT_EQ(mode_of(scratch.path()), 0700u);
}

TEST(StateFolder, IsOneHoldersAtATime) {
  test::ScratchFolder scratch;
  {
    auto first = StateFolder::open(scratch.path());
    ASSERT_TRUE(first);
    const StateFolder moved = std::move(*first);
    const auto second = StateFolder::open(scratch.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(test::code(second), Errc::busy);
    EXPECT_NE(second.error().text.find(scratch.path()), std::string::npos);
  }
  EXPECT_TRUE(StateFolder::open(scratch.path())) << "free again";
}

// What a killed daemon was just starting may hold the folder for a moment longer than the daemon.
TEST(StateFolder, IsWaitedForAsLongAsOneIsWillingTo) {
  using Steady = std::chrono::steady_clock;
  test::ScratchFolder scratch;
  std::optional<StateFolder> first = std::move(*StateFolder::open(scratch.path()));
  const Steady::time_point begun = Steady::now();
  EXPECT_EQ(test::code(StateFolder::open(scratch.path(), Duration{50})), Errc::busy);
  EXPECT_GE(Steady::now() - begun, std::chrono::milliseconds(50));
  std::atomic<bool> waits = false;
  std::optional<Errc> outcome = Errc::internal;
  std::thread second([&] {
    waits = true;
    outcome = test::code(StateFolder::open(scratch.path(), minutes(1)));
  });
  while (!waits) std::this_thread::yield();
  first.reset();
  second.join();
  EXPECT_EQ(outcome, std::nullopt);
}

TEST(StateFolder, IsFreeAgainOnceItsHolderWasKilled) {
  test::ScratchFolder scratch;
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto held = StateFolder::open(scratch.path());
    const char byte = held ? 'y' : 'n';
    if (write(ready[1], &byte, 1) == 1) pause();
    _exit(1);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
  EXPECT_EQ(test::code(StateFolder::open(scratch.path())), Errc::busy);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(StateFolder::open(scratch.path()));
  close(ready[0]);
  close(ready[1]);
}

TEST(StateFolder, SaysWhatIsWrongWithAPlaceThatCannotBeOne) {
  test::ScratchFolder scratch;
  test::write_file(scratch.file("plain"), as_bytes("x"));
  for (const std::string& bad :
       {scratch.file("plain"), scratch.file("plain/below"), std::string("/proc/self/none"), std::string()}) {
    const auto folder = StateFolder::open(bad);
    ASSERT_FALSE(folder) << bad;
    EXPECT_EQ(test::code(folder), Errc::storage) << bad;
    EXPECT_GT(folder.error().text.size(), 20u);
  }
  EXPECT_EQ(StateFolder::open(scratch.file("plain")).error().text,
            "cannot open the folder " + scratch.file("plain") + ": Not a directory");
}

TEST(StateFolder, OfAnotherUserIsRefused) {
  if (geteuid() == 0) {
    test::ScratchFolder scratch;
    ASSERT_EQ(chown(scratch.path().c_str(), 65534, 65534), 0);
    EXPECT_EQ(test::code(StateFolder::open(scratch.path())), Errc::not_allowed);
  } else {
    EXPECT_EQ(test::code(StateFolder::open("/")), Errc::not_allowed);
  }
}

}  // namespace
}  // namespace bud::store
