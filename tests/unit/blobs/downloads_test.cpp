// Fetching from bridges that give what they like, as they like: resumed, bounded, and given up in words.
#include "blobs/downloads.h"
#include "core/files.h"
#include "support/outcome.h"
#include "support/scratch_folder.h"
#include "unit/bridging/parts.h"

#include <unistd.h>

namespace bud::blobs {
namespace {

using test::away;
using test::ok;

struct DownloadsTest : test::Surroundings, Downloads::Observer {
  test::ScratchFolder scratch;
  store::StateFolder state = std::move(*store::StateFolder::open(scratch.file("state")));
  Staging staging = std::move(*Staging::open(state));
  bridging::Bridges bridges{timers, factory, random, port};
  Downloads downloads{timers, random, bridges, staging, *this};
  wire::Blob blob;
  std::uint64_t total = 0, there = 0;
  std::optional<Error> failed;
  std::function<void()> when_moved;

  void SetUp() override {
    blob.size = 200'000;
    blob.locations = {"fake:somewhere"};
    total = core::sealed_blob_size(blob.size);
    ASSERT_TRUE(bridges.add({"one", "fake", "{}"}));
    start();
  }
  void start() {
    timers.settle();
    factory.worker->listener->worker_ready();
    bridging::Identity identity;
    identity.core.address = "alice";
    identity.core.device = "laptop";
    identity.core.blobs = true;
    factory.worker->answer_configure(ok(), identity);
    timers.settle();
  }
  void blob_moved(const std::string&, std::uint64_t now, std::uint64_t of) override {
    there = now;
    EXPECT_EQ(of, total);
    if (when_moved) when_moved();
  }
  void blob_failed(const std::string&, const Error& why) override { failed = why; }

  std::string want() {
    Result<std::string> name = downloads.want(blob);
    EXPECT_TRUE(name) << name.error().text;
    return name ? *name : std::string();
  }
  const bridging::BlobGet& asked() const { return factory.worker->gets.at(0).asked; }
  // The worker writes so many bytes, and says what it likes.
  void give(std::uint64_t bytes, bridging::BlobGetState said) {
    const Bytes some(bytes, 7);
    EXPECT_EQ(::write(asked().target, some.data(), some.size()), static_cast<ssize_t>(bytes));
    factory.worker->answer_get(ok(), said);
    timers.settle();
  }
  bool asks() const { return factory.worker != nullptr && !factory.worker->gets.empty(); }
};

TEST_F(DownloadsTest, GoesOnUntilAllIsThere) {
  const std::string name = want();
  ASSERT_TRUE(asks());
  EXPECT_EQ(asked().location, "somewhere");
  EXPECT_EQ(asked().offset, 0u);
  EXPECT_EQ(asked().limit, total);
  give(1000, {1000, false});
  EXPECT_EQ(there, 1000u);
  ASSERT_TRUE(asks());
  EXPECT_EQ(asked().offset, 1000u);
  give(total - 1000, {total - 1000, true});
  EXPECT_EQ(there, total);
  EXPECT_FALSE(asks());
  EXPECT_EQ(downloads.state(name)->there, total);
  downloads.release(name);
  EXPECT_FALSE(downloads.state(name));
  want();
  EXPECT_FALSE(asks()) << "it is here";
}

TEST_F(DownloadsTest, WhoWantsItAgainGoesOnWhereItStood) {
  const std::string name = want();
  give(70'000, {70'000, false});
  factory.worker->answer_get(away());
  downloads.release(name);
  EXPECT_FALSE(downloads.state(name));
  want();
  ASSERT_TRUE(asks());
  EXPECT_EQ(asked().offset, 70'000u);
}

// Else the answer to the one would be appended behind the other's.
TEST_F(DownloadsTest, NobodyBeginsAnewWhileAnAnswerIsOut) {
  const std::string name = want();
  downloads.release(name);
  EXPECT_EQ(want(), name);
  EXPECT_EQ(factory.worker->gets.size(), 1u);
  give(1000, {1000, false});
  EXPECT_EQ(there, 1000u);
  EXPECT_EQ(asked().offset, 1000u);
}

TEST_F(DownloadsTest, TheFileSaysHowMuchCameAndNotTheBridge) {
  want();
  give(1000, {5, false});
  EXPECT_EQ(there, 1000u);
  EXPECT_EQ(asked().offset, 1000u);
}

// Attack `blob-bomb`: a bridge that writes and writes.
TEST_F(DownloadsTest, WhatIsMoreThanTheFileIsThrownAway) {
  const std::string name = want();
  give(1000, {1000, false});
  give(total + 5'000'000, {10, false});
  ASSERT_TRUE(failed);
  EXPECT_EQ(staging.received(name), 1000u);
}

TEST_F(DownloadsTest, HugeLengthsAreRefusedBeforeAnythingIsDone) {
  for (const std::uint64_t size : {largest_received + 1, std::uint64_t{1} << 62, UINT64_MAX}) {
    blob.size = size;
    EXPECT_EQ(test::code(downloads.want(blob)), Errc::too_large);
  }
  EXPECT_FALSE(asks());
  EXPECT_TRUE(std::filesystem::is_empty(scratch.file("state/blobs")));
}

TEST_F(DownloadsTest, NowhereAndUnknownPlacesAreSaidInWords) {
  blob.locations = {};
  EXPECT_EQ(test::code(downloads.want(blob)), Errc::malformed);
  blob.locations = {"pigeon:loft", "nonsense"};
  const auto refused = downloads.want(blob);
  ASSERT_EQ(test::code(refused), Errc::offline);
  EXPECT_THAT(refused.error().text, testing::HasSubstr("bridges"));
}

TEST_F(DownloadsTest, AFileThatEndsBeforeItsEndIsGivenUp) {
  want();
  give(1000, {1000, true});
  ASSERT_TRUE(failed);
  EXPECT_THAT(failed->text, testing::HasSubstr("ends before its end"));
}

TEST_F(DownloadsTest, ABridgeThatGivesNothingIsGivenUp) {
  want();
  for (int i = 0; i < 100 && !failed; ++i) {
    if (asks()) give(0, {0, false});
    if (!failed && !asks()) pass_wait();
  }
  ASSERT_TRUE(failed);
  EXPECT_THAT(failed->text, testing::HasSubstr("nothing comes"));
}

TEST_F(DownloadsTest, AServerThatSleepsIsAskedAgainForAWhile) {
  want();
  int asked_again = 0;
  for (; asked_again < 1000 && !failed; ++asked_again) {
    if (asks()) factory.worker->answer_get(away());
    timers.settle();
    if (!failed) pass_wait();
  }
  EXPECT_GT(asked_again, 5);
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->code, Errc::offline);
  EXPECT_THAT(failed->text, testing::HasSubstr("sleeps"));
}

TEST_F(DownloadsTest, AWorkerThatDiesIsNoEnd) {
  want();
  give(1000, {1000, false});
  factory.worker->kill("crashed");
  timers.settle();
  EXPECT_FALSE(failed);
  for (int i = 0; i < 20 && factory.worker == nullptr; ++i) pass_wait();
  start();
  for (int i = 0; i < 20 && !asks(); ++i) pass_wait();
  ASSERT_TRUE(asks());
  EXPECT_EQ(asked().offset, 1000u);
}

TEST_F(DownloadsTest, WhatDoesNotOpenIsFetchedOnceMoreAndThenGivenUp) {
  const std::string name = want();
  give(total, {total, true});
  downloads.distrust(name, 65552);
  timers.settle();
  EXPECT_FALSE(failed);
  ASSERT_TRUE(asks());
  EXPECT_EQ(asked().offset, 65552u) << "what opened stays";
  give(total - 65552, {total - 65552, true});
  downloads.distrust(name, 65552);
  timers.settle();
  ASSERT_TRUE(failed);
  EXPECT_THAT(failed->text, testing::HasSubstr("not what was sent"));
  EXPECT_EQ(staging.received(name), 65552u);
}

// What the bridge still writes then stands behind what was thrown away: it goes with it.
TEST_F(DownloadsTest, DistrustWaitsForTheAnswerThatIsOut) {
  const std::string name = want();
  give(100'000, {100'000, false});
  downloads.distrust(name, 0);
  EXPECT_EQ(downloads.state(name)->there, 0u);
  give(50, {50, false});
  EXPECT_EQ(staging.received(name), 0u);
  ASSERT_TRUE(asks());
  EXPECT_EQ(asked().offset, 0u);
}

TEST_F(DownloadsTest, WhoReleasesFromWithinIsHeard) {
  const std::string name = want();
  when_moved = [&] { downloads.release(name); };
  give(1000, {1000, false});
  EXPECT_FALSE(asks());
  EXPECT_FALSE(downloads.state(name));
}

}  // namespace
}  // namespace bud::blobs
