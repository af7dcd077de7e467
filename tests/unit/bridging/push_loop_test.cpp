#include "bridging/push_loop.h"

#include "unit/bridging/parts.h"

namespace bud::bridging {
namespace {

using core::PushStatus;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct PushLoopTest : test::PartTest {
  PushLoop loop{context};
  Identity identity;

  PushLoopTest() { identity.core.max_batch = 4; }
  void start() { loop.start(worker, identity); }
  void send(int copies) {
    for (int i = 0; i < copies; ++i) port.send("bob", "device", "copy");
  }
  // What the one push holds that waits for its answer.
  std::vector<std::uint64_t> pushed() const {
    EXPECT_LE(worker.pushes.size(), 1u) << "one batch at a time";
    std::vector<std::uint64_t> ids;
    for (const auto& push : worker.pushes)
      for (const auto& item : push.asked) ids.push_back(item.id);
    return ids;
  }
  std::vector<std::uint64_t> waiting() const {
    std::vector<std::uint64_t> ids;
    for (const auto& item : port.waiting) ids.push_back(item.id);
    return ids;
  }
  std::vector<std::pair<std::uint64_t, PushStatus>> told() {
    std::vector<std::pair<std::uint64_t, PushStatus>> all;
    for (const auto& result : std::exchange(port.results, {})) all.emplace_back(result.id, result.status);
    return all;
  }
};

TEST_F(PushLoopTest, EmptiesTheOutboxBatchByBatchAndRests) {
  send(10);
  start();
  for (const std::size_t size : {4u, 4u, 2u}) {
    ASSERT_THAT(pushed(), SizeIs(size));
    EXPECT_EQ(worker.pushes[0].timeout, context.timing.to_push);
    worker.answer_push(test::ok());
  }
  EXPECT_THAT(pushed(), IsEmpty());
  EXPECT_THAT(waiting(), IsEmpty());
  EXPECT_FALSE(timers.next()) << "there is nothing to wait for";
}

TEST_F(PushLoopTest, TriesAgainWithGrowingWaits) {
  send(1);
  start();
  for (const std::uint64_t window : {500u, 1000u, 2000u, 4000u, 8000u}) {
    ASSERT_THAT(pushed(), ElementsAre(1));
    worker.answer_push(test::away());
    EXPECT_THAT(told(), ElementsAre(std::pair(1, PushStatus::retry_later)));
    expect_wait({window});
    timers.advance({timers.next()->ms - 1});
    EXPECT_THAT(pushed(), IsEmpty()) << "too early";
    timers.advance({1});
  }
  worker.answer_push(test::ok());
  EXPECT_THAT(waiting(), IsEmpty());
  send(1);
  loop.kick();
  worker.answer_push(test::away());
  expect_wait({500});  // a success forgets the failures before
}

TEST_F(PushLoopTest, AServerThatIsAwayEndsTheRound) {
  send(6);
  start();
  worker.answer_push(test::away());
  EXPECT_THAT(pushed(), IsEmpty()) << "the rest is not tried";
  EXPECT_THAT(log, HasSubstr("the server sleeps"));
  pass_wait();
  EXPECT_THAT(pushed(), ElementsAre(1, 2, 3, 4));
}

TEST_F(PushLoopTest, WaitsAsLongAsTheServerAsks) {
  send(1);
  start();
  worker.answer_push(test::away(hours(1)));
  expect_wait({500}, hours(1));
}

TEST_F(PushLoopTest, ABatchHalfTakenHoldsNothingUp) {
  send(5);
  start();
  worker.answer_push({BUD_PARTIAL, {}, {}}, {BUD_OK, BUD_RETRY_LATER, BUD_NO_SUCH_DEVICE, BUD_TOO_LARGE});
  EXPECT_THAT(told(), ElementsAre(std::pair(1, PushStatus::ok), std::pair(2, PushStatus::retry_later),
                                  std::pair(3, PushStatus::no_such_device), std::pair(4, PushStatus::too_large)));
  ASSERT_THAT(pushed(), ElementsAre(5)) << "the round goes on at once";
  worker.answer_push(test::ok());
  EXPECT_THAT(waiting(), ElementsAre(2));
  EXPECT_THAT(pushed(), IsEmpty());
  expect_wait({500});
  pass_wait();
  ASSERT_THAT(pushed(), ElementsAre(2));
  worker.answer_push(test::ok());
  EXPECT_THAT(waiting(), IsEmpty());
}

TEST_F(PushLoopTest, AnUnknownOutcomeIsToldAndComesAgain) {
  send(2);
  start();
  worker.answer_push({BUD_PARTIAL, {}, {}}, {BUD_UNKNOWN_OUTCOME, BUD_OK});
  EXPECT_THAT(told(), ElementsAre(std::pair(1, PushStatus::unknown_outcome), std::pair(2, PushStatus::ok)));
  pass_wait();
  EXPECT_THAT(pushed(), ElementsAre(1));
  worker.answer_push({BUD_UNKNOWN_OUTCOME, {}, "the line broke"});
  EXPECT_THAT(told(), ElementsAre(std::pair(1, PushStatus::unknown_outcome)));
  expect_wait({1000});
}

TEST_F(PushLoopTest, EveryStatusOfAFailedBatchLeavesOrKeepsItsCopies) {
  const std::pair<bud_status, bool> all[] = {
      {BUD_OK, true},         {BUD_RETRY_LATER, false}, {BUD_AUTH, false},   {BUD_UNKNOWN_OUTCOME, false},
      {BUD_GONE, false},      {BUD_TOO_LARGE, true},    {BUD_INVALID, true}, {BUD_NO_SUCH_DEVICE, true},
      {bud_status{99}, false}};
  for (const auto& [status, leaves] : all) {
    port.waiting.clear();
    send(1);
    loop.stop();
    start();
    worker.answer_push({status, {}, {}});
    EXPECT_EQ(port.waiting.empty(), leaves) << status;
    EXPECT_EQ(timers.next().has_value(), !leaves) << status;
  }
}

TEST_F(PushLoopTest, AWorkerThatDiesInAPushLeavesTheBatchToTheNext) {
  send(2);
  start();
  ASSERT_THAT(pushed(), ElementsAre(1, 2));
  loop.stop();
  timers.advance(hours(1));
  EXPECT_THAT(told(), IsEmpty()) << "nobody knows what became of them";
  test::FakeWorker next(timers);
  loop.start(next, identity);
  ASSERT_THAT(next.pushes, SizeIs(1));
  EXPECT_THAT(next.pushes[0].asked, SizeIs(2));
  next.answer_push(test::ok());
  EXPECT_THAT(waiting(), IsEmpty());
}

TEST_F(PushLoopTest, AWorkerThatDiesInAPushBlocksNoLaterOne) {
  send(1);
  start();
  loop.stop();
  port.waiting.clear();
  test::FakeWorker next(timers);
  loop.start(next, identity);
  send(1);
  loop.kick();
  EXPECT_THAT(next.pushes, SizeIs(1));
}

TEST_F(PushLoopTest, AWorkerThatGoesWhileTheLoopWaitsIsNotAskedAgain) {
  send(1);
  start();
  worker.answer_push(test::away());
  loop.stop();
  EXPECT_FALSE(timers.next());
  loop.kick();
  loop.retry_now();
  EXPECT_THAT(pushed(), IsEmpty());
}

TEST_F(PushLoopTest, KicksWhileAPushIsOutAreNotForgotten) {
  send(1);
  start();
  send(2);
  loop.kick();
  loop.kick();
  ASSERT_THAT(pushed(), ElementsAre(1));
  worker.answer_push(test::ok());
  ASSERT_THAT(pushed(), ElementsAre(2, 3));
  worker.answer_push(test::ok());
  EXPECT_THAT(waiting(), IsEmpty());
}

TEST_F(PushLoopTest, NewCopiesGoAtOnceAndPutNothingOff) {
  send(1);
  start();
  worker.answer_push({BUD_PARTIAL, {}, {}}, {BUD_RETRY_LATER});
  expect_wait({500});
  for (std::uint64_t id = 2; timers.next()->ms > 100; ++id) {
    timers.advance({100});
    send(1);
    loop.kick();
    ASSERT_THAT(pushed(), ElementsAre(id)) << "without what waits";
    worker.answer_push(test::ok());
  }
  pass_wait();
  EXPECT_THAT(pushed(), ElementsAre(1));
}

TEST_F(PushLoopTest, NewCopiesThatFailTooPutNothingOff) {
  send(1);
  start();
  worker.answer_push(test::away());
  while (timers.next()->ms > 100) {
    timers.advance({100});
    send(1);
    const auto wait = timers.next();
    loop.kick();
    worker.answer_push(test::away());
    ASSERT_EQ(timers.next(), wait);
  }
  pass_wait();
  EXPECT_THAT(pushed(), testing::Contains(1));
}

TEST_F(PushLoopTest, ARetryThatFallsIntoAnotherPushIsMadeUpFor) {
  send(1);
  start();
  worker.answer_push({BUD_PARTIAL, {}, {}}, {BUD_RETRY_LATER});
  send(1);
  loop.kick();
  pass_wait();
  ASSERT_THAT(pushed(), ElementsAre(2)) << "still the one";
  worker.answer_push(test::ok());
  pass_wait();
  EXPECT_THAT(pushed(), ElementsAre(1));
}

TEST_F(PushLoopTest, WhatTheCoreCouldNotStoreIsPushedAgain) {
  send(1);
  port.pushes_to_refuse = 1;
  start();
  worker.answer_push(test::ok());
  EXPECT_THAT(waiting(), ElementsAre(1));
  EXPECT_THAT(log, HasSubstr("the disk is full"));
  pass_wait();
  ASSERT_THAT(pushed(), ElementsAre(1));
  worker.answer_push(test::ok());
  EXPECT_THAT(waiting(), IsEmpty());
}

TEST_F(PushLoopTest, AnOutboxThatCannotBeReadIsReadAgain) {
  send(1);
  port.reads_to_refuse = 2;
  start();
  expect_wait({500});
  pass_wait();
  expect_wait({1000});
  pass_wait();
  EXPECT_THAT(pushed(), ElementsAre(1));
}

TEST_F(PushLoopTest, WhatNoWorkerTakesIsRefusedHere) {
  identity.core.max_envelope = 100;
  port.send("bob", "device", std::string(101, 'x'));
  port.send("", "device", "copy");
  port.send("bob", "bad \xff name", "copy");
  port.send(std::string(256, 'b'), "device", "copy");
  port.send("bob", "device", std::string(100, 'x'));
  start();
  EXPECT_THAT(told(), ElementsAre(std::pair(1, PushStatus::too_large), std::pair(2, PushStatus::no_such_device),
                                  std::pair(3, PushStatus::no_such_device), std::pair(4, PushStatus::no_such_device)));
  EXPECT_THAT(pushed(), ElementsAre(5));
}

// As many as fit into an outbox, one at a time: the stack must not grow with them.
TEST_F(PushLoopTest, AnOutboxFullOfNonsenseIsRefused) {
  identity.core.max_batch = 1;
  for (int i = 0; i < 50'000; ++i) port.send("bob", "", "");
  start();
  EXPECT_THAT(told(), SizeIs(50'000));
  EXPECT_THAT(waiting(), IsEmpty());
  EXPECT_THAT(pushed(), IsEmpty());
}

TEST_F(PushLoopTest, GoodNewsEndsTheWait) {
  send(1);
  start();
  worker.answer_push(test::away(hours(1)));
  loop.retry_now();
  ASSERT_THAT(pushed(), ElementsAre(1));
  loop.retry_now();
  EXPECT_THAT(pushed(), ElementsAre(1)) << "once";
  worker.answer_push(test::away());
  expect_wait({500});
}

}  // namespace
}  // namespace bud::bridging
