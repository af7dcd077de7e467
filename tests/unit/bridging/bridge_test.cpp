// What a bridge does with workers that start, fail, die and come back.
#include "bridging/bridge.h"

#include "unit/bridging/parts.h"

namespace bud::bridging {
namespace {

using core::PushStatus;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

Bytes bytes(std::string_view text) {
  return {text.begin(), text.end()};
}

struct BridgeTest : test::Surroundings {
  std::vector<Status> told;
  Bridge bridge{context, {"fake", "fake", "{\"key\": 1}"}, [this](const Status& status) { told.push_back(status); }};
  Identity identity;

  BridgeTest() {
    identity.core.address = "alice";
    identity.core.device = "phone";
  }
  test::FakeWorker& worker() {
    EXPECT_NE(factory.worker, nullptr);
    return *factory.worker;
  }
  // The worker that is to start now gets ready and is configured.
  void come_up() {
    timers.settle();
    ASSERT_NE(factory.worker, nullptr);
    worker().listener->worker_ready();
    worker().answer_configure(test::ok(), identity);
    timers.settle();
    ASSERT_EQ(bridge.status().state, BridgeState::up);
  }
  void die() {
    worker().kill("it died");
    timers.settle();
    ASSERT_EQ(factory.worker, nullptr);
  }
};

// One more, with a clock and workers of its own.
struct Another {
  explicit Another(BridgeTest& test)
      : context{timers, factory, test.random, test.port, "another", {}, test.context.log},
        bridge(std::in_place, context, Configuration{"another", "fake", ""}, nullptr) {}
  test::FakeTimers timers;
  test::FakeFactory factory{timers};
  Context context;
  std::optional<Bridge> bridge;
};

TEST_F(BridgeTest, StartsConfiguresAndIsUp) {
  port.state["token"] = Bytes{1, 2};
  EXPECT_EQ(factory.starts, 0u) << "from the loop";
  timers.settle();
  ASSERT_EQ(factory.starts, 1u);
  EXPECT_EQ(bridge.status().state, BridgeState::starting);
  EXPECT_THAT(worker().configurations, IsEmpty()) << "not before it is ready";
  worker().listener->worker_ready();
  ASSERT_THAT(worker().configurations, SizeIs(1));
  EXPECT_EQ(worker().configurations[0].asked, "{\"key\": 1}");
  EXPECT_EQ(worker().configurations[0].timeout, context.timing.to_configure);
  EXPECT_EQ(worker().given_state, port.state);
  port.to_publish = core::Publication{"alice", "phone", 1, Bytes{7}};
  port.send("bob", "device", "copy");
  worker().answer_configure(test::ok(), identity);
  EXPECT_EQ(port.identity->device, "phone");
  EXPECT_EQ(bridge.address(), "alice");
  EXPECT_THAT(worker().publications, SizeIs(1));
  EXPECT_THAT(worker().pushes, SizeIs(1));
  EXPECT_THAT(told, IsEmpty()) << "from the loop";
  timers.settle();
  EXPECT_THAT(told, ElementsAre(Status{BridgeState::up, ""}));
}

TEST_F(BridgeTest, PatienceWithAWorkerThatStartsHasAnEnd) {
  timers.settle();
  timers.advance({context.timing.to_ready.ms - 1});
  EXPECT_EQ(worker().killed, "");
  timers.advance({1});
  EXPECT_EQ(factory.worker, nullptr);
  EXPECT_EQ(bridge.status().state, BridgeState::retrying);
  EXPECT_THAT(bridge.status().words, HasSubstr("did not get ready in time"));
  EXPECT_EQ(factory.starts, 1u);
  expect_wait({500});
  pass_wait();
  EXPECT_EQ(factory.starts, 2u);
  worker().listener->worker_ready();
  timers.advance(hours(1));
  EXPECT_EQ(worker().killed, "") << "a ready one is not hurried";
}

TEST_F(BridgeTest, StartsAgainWithGrowingWaits) {
  timers.settle();
  for (const std::uint64_t window : {500u, 1000u, 2000u, 4000u}) {
    die();
    expect_wait({window});
    pass_wait();
  }
  EXPECT_EQ(factory.starts, 5u);
  EXPECT_THAT(log, HasSubstr("it died; it is started again"));
  come_up();
  die();
  expect_wait({8000});  // that it came up is not enough
  pass_wait();
  come_up();
  timers.advance(context.timing.steady);
  die();
  expect_wait({500});  // that it stayed is
}

TEST_F(BridgeTest, AProgramThatCannotBeStartedIsTriedAgain) {
  factory.refuses = true;
  timers.settle();
  EXPECT_EQ(bridge.status(), (Status{BridgeState::retrying, "the program is missing"}));
  expect_wait({500});
  pass_wait();
  expect_wait({1000});
  factory.refuses = false;
  pass_wait();
  come_up();
  EXPECT_EQ(factory.starts, 3u);
}

TEST_F(BridgeTest, WhatOnlyAPersonCanMendIsNotTriedAgain) {
  const std::pair<bud_status, BridgeState> all[] = {
      {BUD_AUTH, BridgeState::needs_login}, {BUD_INVALID, BridgeState::failed}, {BUD_GONE, BridgeState::failed}};
  for (const auto& [status, state] : all) {
    Another another(*this);
    another.timers.settle();
    another.factory.worker->listener->worker_ready();
    another.factory.worker->answer_configure({status, {}, "do something"});
    another.timers.advance(days(1));
    EXPECT_EQ(another.bridge->status(), (Status{state, "do something"}));
    EXPECT_EQ(another.factory.worker, nullptr);
    EXPECT_EQ(another.factory.starts, 1u);
  }
}

TEST_F(BridgeTest, WaitsAsLongAsTheServerAsks) {
  timers.settle();
  worker().listener->worker_ready();
  worker().answer_configure(test::away(hours(1)));
  timers.settle();
  EXPECT_EQ(bridge.status(), (Status{BridgeState::retrying, "the server sleeps"}));
  expect_wait({500}, hours(1));
  pass_wait();
  die();
  expect_wait({1000});  // that was for once
}

TEST_F(BridgeTest, AnIdentityThatTheCoreRefusesDoesNotComeUp) {
  port.identity_is_refused = true;
  timers.settle();
  worker().listener->worker_ready();
  worker().answer_configure(test::ok(), identity);
  timers.settle();
  EXPECT_EQ(bridge.status().state, BridgeState::retrying);
  EXPECT_THAT(bridge.status().words, HasSubstr("no usable address"));
}

TEST_F(BridgeTest, AWorkerThatDiesInAPushLosesNothing) {
  port.send("bob", "device", "copy");
  come_up();
  ASSERT_THAT(worker().pushes, SizeIs(1));
  die();
  EXPECT_THAT(port.results, IsEmpty());
  EXPECT_THAT(port.waiting, SizeIs(1));
  pass_wait();
  come_up();
  ASSERT_THAT(worker().pushes, SizeIs(1));
  worker().answer_push(test::ok());
  EXPECT_THAT(port.waiting, IsEmpty());
}

TEST_F(BridgeTest, AWorkerThatDiesPublishingBlocksNoLaterRecord) {
  port.to_publish = core::Publication{"alice", "phone", 1, Bytes{7}};
  come_up();
  ASSERT_THAT(worker().publications, SizeIs(1));
  die();
  port.to_publish.reset();
  pass_wait();
  come_up();
  port.to_publish = core::Publication{"alice", "phone", 2, Bytes{7}};
  bridge.kick();
  timers.settle();
  EXPECT_THAT(worker().publications, SizeIs(1));
}

TEST_F(BridgeTest, ADeliveryIsAcknowledgedOnlyWhenItIsStored) {
  come_up();
  port.deliveries_to_refuse = 1;
  ASSERT_TRUE(worker().listener->worker_delivers({bytes("a")}, bytes("1")));
  timers.settle();
  EXPECT_THAT(worker().acknowledged, IsEmpty());
  die();
  pass_wait();
  come_up();
  timers.advance(seconds(10));
  EXPECT_THAT(worker().acknowledged, IsEmpty()) << "another worker's delivery";
  EXPECT_THAT(port.received, IsEmpty());
  ASSERT_TRUE(worker().listener->worker_delivers({bytes("a")}, bytes("1")));
  timers.settle();
  EXPECT_THAT(worker().acknowledged, ElementsAre("1"));
  EXPECT_THAT(port.received, SizeIs(1));
}

TEST_F(BridgeTest, NothingIsDeliveredOrReportedBeforeItIsConfigured) {
  timers.settle();
  worker().listener->worker_ready();
  EXPECT_EQ(worker().listener->worker_delivers({bytes("a")}, bytes("1")).error().code, Errc::not_allowed);
  worker().listener->worker_reports(BUD_AUTH, "log in");
  worker().listener->worker_saw_change("bob");
  timers.advance(seconds(10));
  EXPECT_EQ(bridge.status().state, BridgeState::starting);
  worker().answer_configure(test::ok(), identity);
  timers.advance(seconds(10));
  EXPECT_EQ(bridge.status().state, BridgeState::up);
  EXPECT_THAT(worker().lookups, IsEmpty());
  EXPECT_THAT(port.received, IsEmpty());
}

TEST_F(BridgeTest, ReportsAreToldAndGoodOnesEndAllWaits) {
  port.to_publish = core::Publication{"alice", "phone", 1, Bytes{7}};
  port.send("bob", "device", "copy");
  come_up();
  worker().answer_publish(test::away(hours(1)));
  worker().answer_push(test::away(hours(1)));
  port.deliveries_to_refuse = 1;
  ASSERT_TRUE(worker().listener->worker_delivers({bytes("a")}, bytes("1")));
  timers.settle();
  worker().listener->worker_reports(BUD_RETRY_LATER, "the server sleeps");
  timers.settle();
  EXPECT_EQ(told.back(), (Status{BridgeState::retrying, "the server sleeps"}));
  EXPECT_THAT(worker().publications, IsEmpty());
  EXPECT_THAT(worker().pushes, IsEmpty());
  EXPECT_THAT(worker().acknowledged, IsEmpty());
  worker().listener->worker_reports(BUD_OK, "ignored");
  timers.settle();
  EXPECT_EQ(told.back(), (Status{BridgeState::up, ""}));
  EXPECT_THAT(worker().publications, SizeIs(1));
  EXPECT_THAT(worker().pushes, SizeIs(1));
  EXPECT_THAT(worker().acknowledged, ElementsAre("1"));
}

TEST_F(BridgeTest, AnExpiredLoginIsNotStartedAgainAndAgain) {
  come_up();
  std::optional<bool> complete;
  bridge.lookup("bob", [&](bool all) { complete = all; });
  worker().listener->worker_reports(BUD_AUTH, "log in again");
  die();
  EXPECT_EQ(complete, false) << "nobody waits for a person";
  timers.advance(days(1));
  EXPECT_EQ(factory.starts, 1u);
  EXPECT_EQ(bridge.status(), (Status{BridgeState::needs_login, "log in again"}));
}

TEST_F(BridgeTest, KicksActFromTheLoopAndOnce) {
  come_up();
  port.to_publish = core::Publication{"alice", "phone", 1, Bytes{7}};
  port.send("bob", "device", "copy");
  bridge.kick();
  bridge.kick();
  EXPECT_THAT(worker().pushes, IsEmpty()) << "the core may be inside of one of its calls";
  timers.settle();
  EXPECT_THAT(worker().pushes, SizeIs(1));
  EXPECT_THAT(worker().publications, SizeIs(1));
  port.send("bob", "device", "another");
  bridge.kick();
  timers.settle();
  EXPECT_THAT(worker().pushes, SizeIs(1)) << "one is in flight";
  worker().answer_push(test::ok());
  ASSERT_THAT(worker().pushes, SizeIs(1));
  EXPECT_EQ(as_text(worker().pushes[0].asked.at(0).envelope), "another");
  worker().answer_push(test::ok());
  port.send("bob", "device", "a third");
  bridge.kick();
  timers.settle();
  EXPECT_THAT(worker().pushes, SizeIs(1));
}

TEST_F(BridgeTest, AKickThatMeetsADyingWorkerDoesNoHarm) {
  come_up();
  port.send("bob", "device", "copy");
  worker().kill("it died");
  bridge.kick();
  timers.settle();
  EXPECT_EQ(factory.worker, nullptr);
  bridge.kick();
  pass_wait();
  come_up();
  EXPECT_THAT(worker().pushes, SizeIs(1));
}

TEST_F(BridgeTest, LookUpsFailWithTheWorkerAndWhileThereIsNone) {
  int failed = 0;
  const auto ask = [&] { bridge.lookup("bob", [&](bool complete) { failed += complete ? 100 : 1; }); };
  ask();
  come_up();
  EXPECT_THAT(worker().lookups, SizeIs(1)) << "the first start is waited for";
  die();
  EXPECT_EQ(failed, 1);
  ask();
  timers.settle();
  EXPECT_EQ(failed, 2);
  EXPECT_THAT(port.failed_lookups, ElementsAre("bob", "bob"));
  EXPECT_THAT(port.directory, IsEmpty());
}

TEST_F(BridgeTest, StateIsKeptAndBounded) {
  timers.settle();
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(worker().listener->worker_stores(std::to_string(i), Bytes{1}));
  EXPECT_EQ(worker().listener->worker_stores("64", Bytes{1}).error().code, Errc::too_large);
  EXPECT_TRUE(worker().listener->worker_stores("63", Bytes{2})) << "one that is there may change";
  EXPECT_EQ(port.state["63"], Bytes{2});
}

TEST_F(BridgeTest, WhatAWorkerLastComplainedOfSaysWhyItEnded) {
  timers.settle();
  worker().listener->worker_logs(BUD_LOG_ERROR, "there is no such folder");
  worker().listener->worker_logs(BUD_LOG_INFO, "good bye");
  die();
  EXPECT_EQ(bridge.status(), (Status{BridgeState::retrying, "there is no such folder"}));
  EXPECT_THAT(log, HasSubstr("good bye"));
  pass_wait();
  die();
  EXPECT_EQ(bridge.status().words, "it died") << "its own";
}

TEST_F(BridgeTest, OneThatIsDroppedLeavesNothingPlanned) {
  Another another(*this);
  another.bridge->kick();
  another.bridge.reset();
  EXPECT_FALSE(another.timers.next()) << "before its start";

  port.to_publish = core::Publication{"alice", "phone", 1, Bytes{7}};
  port.send("bob", "device", "copy");
  Another busy(*this);
  busy.timers.settle();
  test::FakeWorker& worker = *busy.factory.worker;
  worker.listener->worker_ready();
  worker.answer_configure(test::ok(), identity);
  worker.answer_publish(test::away());
  worker.answer_push(test::away());
  worker.listener->worker_saw_change("bob");
  ASSERT_TRUE(worker.listener->worker_delivers({bytes("a")}, bytes("1")));
  busy.bridge->kick();
  busy.bridge->lookup("", {});
  busy.bridge.reset();
  EXPECT_FALSE(busy.timers.next()) << "in the middle of its work";
  EXPECT_EQ(busy.factory.worker, nullptr);
}

}  // namespace
}  // namespace bud::bridging
