#include "bridging/publisher.h"

#include "unit/bridging/parts.h"

namespace bud::bridging {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct PublisherTest : test::PartTest {
  Publisher publisher{context};
  Identity identity;

  void record(std::uint64_t sequence, std::size_t size = 10) {
    port.to_publish = core::Publication{"alice", "device", sequence, Bytes(size, 7)};
  }
  // The record that is being published; 0 where none is.
  std::uint64_t out() const {
    EXPECT_LE(worker.publications.size(), 1u) << "one at a time";
    return worker.publications.empty() ? 0 : worker.publications[0].asked.sequence;
  }
};

TEST_F(PublisherTest, PublishesEachRecordOnce) {
  record(1);
  publisher.start(worker, identity);
  ASSERT_EQ(out(), 1u);
  EXPECT_EQ(worker.publications[0].timeout, context.timing.to_publish);
  EXPECT_EQ(port.published_sequence, 0u);
  worker.answer_publish(test::ok());
  EXPECT_EQ(port.published_sequence, 1u);
  publisher.kick();
  EXPECT_EQ(out(), 0u);
  EXPECT_FALSE(timers.next());
  record(2);
  publisher.kick();
  EXPECT_EQ(out(), 2u);
}

TEST_F(PublisherTest, ANewerOneFollowsTheOneThatIsOut) {
  record(1);
  publisher.start(worker, identity);
  record(2);
  publisher.kick();
  ASSERT_EQ(out(), 1u);
  worker.answer_publish(test::ok());
  ASSERT_EQ(out(), 2u);
  worker.answer_publish(test::ok());
  EXPECT_EQ(port.published_sequence, 2u);
}

TEST_F(PublisherTest, TriesAgainWithGrowingWaits) {
  record(1);
  publisher.start(worker, identity);
  for (const std::uint64_t window : {500u, 1000u, 2000u}) {
    ASSERT_EQ(out(), 1u);
    worker.answer_publish({BUD_UNKNOWN_OUTCOME, {}, "the line broke"});
    expect_wait({window});
    publisher.kick();
    EXPECT_EQ(out(), 0u) << "a kick does not end a wait";
    pass_wait();
  }
  worker.answer_publish(test::away(minutes(10)));
  expect_wait({4000}, minutes(10));
  EXPECT_THAT(log, HasSubstr("the server sleeps"));
  EXPECT_EQ(port.published_sequence, 0u);
  publisher.retry_now();
  ASSERT_EQ(out(), 1u);
  worker.answer_publish(test::ok());
  EXPECT_EQ(port.published_sequence, 1u);
  EXPECT_FALSE(timers.next());
}

TEST_F(PublisherTest, WhatTheCoreCouldNotStoreIsPublishedAgain) {
  record(1);
  port.publications_to_refuse = 1;
  publisher.start(worker, identity);
  worker.answer_publish(test::ok());
  EXPECT_EQ(port.published_sequence, 0u);
  pass_wait();
  ASSERT_EQ(out(), 1u);
  worker.answer_publish(test::ok());
  EXPECT_EQ(port.published_sequence, 1u);
}

TEST_F(PublisherTest, ARecordThatCannotBeReadIsReadAgain) {
  record(1);
  port.reads_to_refuse = 1;
  publisher.start(worker, identity);
  EXPECT_EQ(out(), 0u);
  expect_wait({500});
  pass_wait();
  EXPECT_EQ(out(), 1u);
}

TEST_F(PublisherTest, OneThatIsTooLargeWaitsForAnother) {
  identity.max_record = 100;
  record(1, 101);
  publisher.start(worker, identity);
  EXPECT_THAT(worker.publications, IsEmpty());
  EXPECT_FALSE(timers.next());
  EXPECT_THAT(log, HasSubstr("larger than this transport takes"));
  record(2, 100);
  publisher.kick();
  EXPECT_EQ(out(), 2u);
}

TEST_F(PublisherTest, AWorkerThatDiesLeavesItToTheNext) {
  record(1);
  publisher.start(worker, identity);
  ASSERT_EQ(out(), 1u);
  publisher.stop();
  publisher.kick();
  publisher.retry_now();
  EXPECT_EQ(port.published_sequence, 0u);
  test::FakeWorker next(timers);
  publisher.start(next, identity);
  EXPECT_THAT(next.publications, SizeIs(1));
}

TEST_F(PublisherTest, AWorkerThatDiesBlocksNoLaterRecord) {
  record(1);
  publisher.start(worker, identity);
  publisher.stop();
  port.to_publish.reset();
  test::FakeWorker next(timers);
  publisher.start(next, identity);
  record(2);
  publisher.kick();
  EXPECT_THAT(next.publications, SizeIs(1));
}

}  // namespace
}  // namespace bud::bridging
