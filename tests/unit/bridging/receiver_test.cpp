#include "bridging/receiver.h"

#include "unit/bridging/parts.h"

namespace bud::bridging {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Bytes bytes(std::string_view text) {
  return {text.begin(), text.end()};
}

struct ReceiverTest : test::PartTest {
  Receiver receiver{context};
  ReceiverTest() { receiver.start(worker); }
};

TEST_F(ReceiverTest, AcknowledgesAfterTheCommit) {
  ASSERT_TRUE(receiver.take({bytes("a"), bytes("b")}, bytes("1")));
  EXPECT_THAT(port.received, IsEmpty()) << "from the loop";
  timers.settle();
  EXPECT_THAT(port.received_texts(), UnorderedElementsAre("a", "b"));
  EXPECT_THAT(worker.acknowledged, ElementsAre("1"));
  ASSERT_TRUE(receiver.take({bytes("c")}, bytes("2"))) << "the next may come";
  timers.settle();
  EXPECT_THAT(worker.acknowledged, ElementsAre("1", "2"));
  EXPECT_FALSE(timers.next());
}

TEST_F(ReceiverTest, DoesNotAcknowledgeWhatTheCoreHasNot) {
  port.deliveries_to_refuse = 3;
  ASSERT_TRUE(receiver.take({bytes("a")}, bytes("1")));
  timers.settle();
  for (const std::uint64_t window : {500u, 1000u, 2000u}) {
    EXPECT_THAT(worker.acknowledged, IsEmpty());
    EXPECT_EQ(receiver.take({bytes("b")}, bytes("2")).error().code, Errc::busy) << "one batch at a time";
    expect_wait({window});
    pass_wait();
  }
  EXPECT_THAT(log, HasSubstr("the disk is full"));
  EXPECT_THAT(port.received_texts(), ElementsAre("a"));
  EXPECT_THAT(worker.acknowledged, ElementsAre("1"));
}

TEST_F(ReceiverTest, ForgetsWithTheWorkerWhatWasNotAcknowledged) {
  port.deliveries_to_refuse = 1;
  ASSERT_TRUE(receiver.take({bytes("a")}, bytes("1")));
  timers.settle();
  receiver.stop();
  EXPECT_FALSE(timers.next());
  timers.advance(hours(1));
  EXPECT_THAT(port.received, IsEmpty());
  EXPECT_THAT(worker.acknowledged, IsEmpty());

  test::FakeWorker next(timers);
  receiver.start(next);
  ASSERT_TRUE(receiver.take({bytes("a")}, bytes("1")));
  timers.settle();
  EXPECT_THAT(port.received_texts(), ElementsAre("a"));
  EXPECT_THAT(next.acknowledged, ElementsAre("1"));
}

TEST_F(ReceiverTest, GoodNewsEndsTheWait) {
  port.deliveries_to_refuse = 2;
  ASSERT_TRUE(receiver.take({bytes("a")}, bytes("1")));
  timers.settle();
  receiver.retry_now();
  timers.settle();
  expect_wait({500});
  receiver.retry_now();
  timers.settle();
  EXPECT_THAT(worker.acknowledged, ElementsAre("1"));
  receiver.retry_now();
  EXPECT_FALSE(timers.next()) << "nothing waits any more";
}

}  // namespace
}  // namespace bud::bridging
