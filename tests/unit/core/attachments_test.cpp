// Files on their way out, over the real core: who keeps them, what goes without, what is refused, and what a crash
// leaves.
#include "core/files.h"
#include "support/outcome.h"
#include "support/world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bud::test {
namespace {

using core::Upload;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string staged(32, 'a');

struct Attachments : testing::Test {
  World world;
  Device* laptop = &world.add("laptop", "alice");
  Device* desktop = &world.add("desktop", "bob");
  ThreadId thread;

  void SetUp() override {
    ASSERT_TRUE((*laptop)->create_account("Alice"));
    ASSERT_TRUE((*desktop)->create_account("Bob"));
    world.settle();
    thread = world.thread(*laptop, "spool:bob");
    ASSERT_TRUE((*laptop)->send(thread, "hello", ""));
    world.settle();
  }
  void keeps_blobs(std::uint64_t max_blob = 1 << 30) {
    ASSERT_TRUE((*laptop)->bridge_ready("spool", {"alice", "laptop", 32 * 1024, 100, max_blob > 0, max_blob}));
  }
  static core::NewAttachment attachment(const ThreadId& thread, std::uint64_t size, const std::string& key = {}) {
    core::NewAttachment a{thread, "look", key, {}};
    core::NewFile file;
    file.staged = staged;
    file.file.name = "photo.jpg";
    file.file.media_type = "image/jpeg";
    file.file.blob.key.bytes.fill(3);
    file.file.blob.hash.bytes.fill(4);
    file.file.blob.size = size;
    if (size <= wire::max_inlined) file.plain = crypto::SecretBytes(size);
    a.files.push_back(std::move(file));
    return a;
  }
  Result<MessageId> begin(std::uint64_t size, const std::string& key = {}) {
    return (*laptop)->begin_attachment(attachment(thread, size, key));
  }
  std::vector<std::string> uploads() {
    std::vector<std::string> names;
    const auto all = (*laptop)->uploads("spool");
    for (const Upload& upload : *all) names.push_back(upload.staged);
    return names;
  }
  std::optional<core::MessageInfo> at_bob(const MessageId& id) {
    auto m = (*desktop)->message(id);
    return m ? std::optional<core::MessageInfo>(std::move(*m)) : std::nullopt;
  }
};

TEST_F(Attachments, GoOnceTheirFileIsWhereOthersFetchIt) {
  keeps_blobs();
  const auto id = begin(5'000'000);
  ASSERT_TRUE(id) << id.error().text;
  const auto waiting = (*laptop)->uploads("spool");
  ASSERT_EQ(waiting->size(), 1u);
  EXPECT_EQ(waiting->front().message, *id);
  EXPECT_EQ(waiting->front().total, core::sealed_blob_size(5'000'000));
  EXPECT_THAT(*(*laptop)->staged_files(), ElementsAre(staged));
  const auto m = (*laptop)->message(*id);
  ASSERT_TRUE(m);
  EXPECT_TRUE(m->pending);
  EXPECT_EQ(m->text, "look");
  EXPECT_EQ(m->files.at(0).name, "photo.jpg");
  world.settle();
  EXPECT_FALSE(at_bob(*id)) << "nothing is said of it before";
  EXPECT_EQ((*laptop)->messages(thread, 0, 10)->size(), 1u);

  ASSERT_TRUE((*laptop)->uploaded("spool", staged, "somewhere"));
  EXPECT_THAT(uploads(), IsEmpty());
  EXPECT_THAT(*(*laptop)->staged_files(), IsEmpty());
  world.settle();
  const auto there = at_bob(*id);
  ASSERT_TRUE(there);
  EXPECT_FALSE(there->pending);
  EXPECT_EQ(there->text, "look");
  EXPECT_EQ(there->files.at(0).size, 5'000'000u);
  EXPECT_EQ(there->files.at(0).media_type, "image/jpeg");
  const auto file = (*desktop)->file(*id, 0);
  ASSERT_TRUE(file);
  EXPECT_THAT(file->blob.locations, ElementsAre("spool:somewhere"));
  EXPECT_EQ(file->blob.key.bytes[0], 3);
  EXPECT_EQ(file->blob.hash.bytes[0], 4);
  EXPECT_EQ(code((*desktop)->file(*id, 1)), Errc::not_found);
}

TEST_F(Attachments, WaitThroughARestart) {
  keeps_blobs();
  const auto id = begin(5'000'000);
  ASSERT_TRUE(id);
  laptop->restart();
  keeps_blobs();
  EXPECT_THAT(uploads(), ElementsAre(staged));
  ASSERT_TRUE((*laptop)->uploaded("spool", staged, "somewhere"));
  ASSERT_TRUE((*laptop)->uploaded("spool", staged, "somewhere")) << "said twice, after a crash";
  world.settle();
  EXPECT_TRUE(at_bob(*id));
}

TEST_F(Attachments, SmallOnesGoAtOnceWithoutABridgeThatKeepsThem) {
  const auto id = begin(20'000);
  ASSERT_TRUE(id) << id.error().text;
  EXPECT_THAT(uploads(), IsEmpty());
  EXPECT_FALSE((*laptop)->message(*id)->pending);
  world.settle();
  ASSERT_TRUE(at_bob(*id));
  const auto file = (*desktop)->file(*id, 0);
  EXPECT_EQ(file->blob.inlined.size(), 20'000u);
  EXPECT_TRUE(file->blob.key.is_zero()) << "there is nothing that it would open";
}

TEST_F(Attachments, TinyOnesNeverNeedAPlaceOfTheirOwn) {
  keeps_blobs();
  const auto id = begin(900);
  ASSERT_TRUE(id);
  EXPECT_THAT(uploads(), IsEmpty());
  world.settle();
  EXPECT_EQ((*desktop)->file(*id, 0)->blob.inlined.size(), 900u);
}

TEST_F(Attachments, LargeOnesAreRefusedInWordsAtOnce) {
  EXPECT_EQ(*(*laptop)->largest_file(thread), 24u * 1024) << "an envelope of 32 KiB, and what is around it";
  const auto refused = begin(25'000);
  ASSERT_EQ(code(refused), Errc::too_large);
  EXPECT_THAT(refused.error().text, HasSubstr("24 KiB"));
  EXPECT_TRUE(begin(24 * 1024));
  keeps_blobs(1'000'000);
  const std::uint64_t largest = *(*laptop)->largest_file(thread);
  EXPECT_LE(core::sealed_blob_size(largest), 1'000'000u);
  EXPECT_GT(core::sealed_blob_size(largest + 1), 1'000'000u);
  EXPECT_EQ(code(begin(largest + 1)), Errc::too_large);
  EXPECT_TRUE(begin(largest));
}

TEST_F(Attachments, TheSameKeyIsOneMessageBeforeAndAfterItWasSent) {
  keeps_blobs();
  const auto id = begin(5'000'000, "once");
  ASSERT_TRUE(id);
  EXPECT_EQ(*begin(5'000'000, "once"), *id);
  EXPECT_EQ(**(*laptop)->find_sent(thread, "once"), *id);
  EXPECT_THAT(uploads(), ElementsAre(staged));
  ASSERT_TRUE((*laptop)->uploaded("spool", staged, "somewhere"));
  EXPECT_EQ(*begin(5'000'000, "once"), *id);
  EXPECT_THAT(uploads(), IsEmpty());
}

TEST_F(Attachments, WhatTheBridgeRefusesFailsInItsWords) {
  keeps_blobs();
  const auto id = begin(5'000'000);
  ASSERT_TRUE((*laptop)->upload_refused("spool", staged, "the shelf is full"));
  EXPECT_EQ((*laptop)->message(*id)->failed, "the shelf is full");
  EXPECT_THAT(uploads(), IsEmpty());
  EXPECT_THAT(*(*laptop)->staged_files(), IsEmpty());
  ASSERT_TRUE((*laptop)->uploaded("spool", staged, "too late"));
  world.settle();
  EXPECT_FALSE(at_bob(*id));
}

TEST_F(Attachments, ABridgeThatIsTakenAwayKeepsNothing) {
  keeps_blobs();
  const auto id = begin(5'000'000);
  ASSERT_TRUE((*laptop)->remove_bridge("spool"));
  EXPECT_THAT((*laptop)->message(*id)->failed, HasSubstr("no bridge"));
}

TEST_F(Attachments, WhatNoBridgeTakesIsGivenUpAfterAMonth) {
  keeps_blobs();
  const auto id = begin(5'000'000);
  world.clock.time = world.clock.time + days(29);
  ASSERT_TRUE((*laptop)->tick());
  EXPECT_EQ((*laptop)->message(*id)->failed, "");
  world.clock.time = world.clock.time + days(2);
  ASSERT_TRUE((*laptop)->tick());
  EXPECT_THAT((*laptop)->message(*id)->failed, HasSubstr("30 days"));
  world.clock.time = world.clock.time + days(31);
  ASSERT_TRUE((*laptop)->tick());
  EXPECT_EQ(code((*laptop)->message(*id)), Errc::not_found);
}

TEST_F(Attachments, PlacesThatNobodyCouldUseAreRefused) {
  keeps_blobs();
  const auto id = begin(5'000'000);
  ASSERT_TRUE((*laptop)->uploaded("spool", staged, std::string(600, 'x')));
  EXPECT_NE((*laptop)->message(*id)->failed, "");
}

TEST_F(Attachments, WhatIsNoAttachmentIsRefused) {
  core::NewAttachment none{thread, "", "", {}};
  EXPECT_EQ(code((*laptop)->begin_attachment(std::move(none))), Errc::malformed);
  EXPECT_EQ(code((*laptop)->begin_attachment(attachment(ThreadId{}, 10))), Errc::not_found);
  auto long_name = attachment(thread, 10);
  long_name.files[0].file.name = std::string(256, 'x');
  EXPECT_EQ(code((*laptop)->begin_attachment(std::move(long_name))), Errc::too_large);
  auto broken = attachment(thread, 10);
  broken.files[0].file.name = "\xff";
  EXPECT_EQ(code((*laptop)->begin_attachment(std::move(broken))), Errc::malformed);
  auto crowded = attachment(thread, 24 * 1024);
  crowded.caption = std::string(20'000, 'x');
  EXPECT_EQ(code((*laptop)->begin_attachment(std::move(crowded))), Errc::too_large);
}

}  // namespace
}  // namespace bud::test
