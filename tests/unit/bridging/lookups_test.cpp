#include "bridging/lookups.h"

#include "unit/bridging/parts.h"

namespace bud::bridging {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

struct LookupsTest : test::PartTest {
  Lookups lookups{context};
  std::vector<std::pair<std::string, bool>> done;

  void ask(const std::string& address) {
    lookups.ask(address, [this, address](bool complete) { done.emplace_back(address, complete); });
  }
  std::vector<std::string> out(const test::FakeWorker& of) const {
    std::vector<std::string> addresses;
    for (const auto& lookup : of.lookups) addresses.push_back(lookup.asked);
    return addresses;
  }
};

TEST_F(LookupsTest, GivesTheCoreWhatTheDirectoryHolds) {
  lookups.start(worker);
  ask("alice");
  ASSERT_THAT(out(worker), ElementsAre("alice"));
  EXPECT_EQ(worker.lookups[0].timeout, context.timing.to_lookup);
  worker.answer_lookup(test::ok(), {Bytes{1}, Bytes{2}});
  EXPECT_THAT(done, ElementsAre(Pair("alice", true)));
  EXPECT_THAT(port.directory["alice"], ElementsAre(Bytes{1}, Bytes{2}));
  lookups.ask("bob", {});
  worker.answer_lookup(test::ok());
  EXPECT_EQ(port.directory.count("bob"), 1u) << "an empty answer is an answer";
}

TEST_F(LookupsTest, WhoAsksForTheSameJoinsIn) {
  lookups.start(worker);
  ask("alice");
  ask("alice");
  ASSERT_THAT(out(worker), ElementsAre("alice"));
  worker.answer_lookup(test::ok());
  EXPECT_THAT(done, ElementsAre(Pair("alice", true), Pair("alice", true)));
  ask("alice");
  EXPECT_THAT(out(worker), ElementsAre("alice")) << "a new one afterwards";
}

TEST_F(LookupsTest, AFailureIsNoEmptyDirectory) {
  lookups.start(worker);
  for (const bud_status status : {BUD_RETRY_LATER, BUD_UNKNOWN_OUTCOME, BUD_AUTH, BUD_NO_SUCH_DEVICE, BUD_INVALID}) {
    ask("alice");
    worker.answer_lookup({status, {}, "no answer"}, {Bytes{1}});
    EXPECT_THAT(std::exchange(done, {}), ElementsAre(Pair("alice", false))) << status;
    EXPECT_THAT(std::exchange(port.failed_lookups, {}), ElementsAre("alice")) << status;
  }
  EXPECT_EQ(port.lookups, 0u);
  EXPECT_THAT(log, HasSubstr("no answer"));
}

TEST_F(LookupsTest, WhatTheCoreCouldNotStoreIsNotComplete) {
  lookups.start(worker);
  port.records_to_refuse = 1;
  ask("alice");
  worker.answer_lookup(test::ok(), {Bytes{1}});
  EXPECT_THAT(done, ElementsAre(Pair("alice", false)));
  EXPECT_THAT(log, HasSubstr("the disk is full"));
}

TEST_F(LookupsTest, SixteenRunAtATime) {
  lookups.start(worker);
  for (int i = 0; i < 40; ++i) ask(std::to_string(i));
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(worker.lookups.size(), std::min<std::size_t>(16, 40 - i));
    EXPECT_EQ(worker.lookups.at(0).asked, std::to_string(i)) << "in turn";
    worker.answer_lookup(i % 2 == 0 ? test::ok() : test::away());
  }
  EXPECT_THAT(done, SizeIs(40));
}

TEST_F(LookupsTest, TheFirstStartIsWaitedFor) {
  ask("alice");
  timers.advance(minutes(1));
  EXPECT_THAT(done, IsEmpty());
  lookups.start(worker);
  EXPECT_THAT(out(worker), ElementsAre("alice"));
}

TEST_F(LookupsTest, WithoutAWorkerTheyFailFromTheLoop) {
  lookups.stop();
  ask("alice");
  ask("bob");
  EXPECT_THAT(done, IsEmpty()) << "never from the call";
  timers.settle();
  EXPECT_THAT(done, UnorderedElementsAre(Pair("alice", false), Pair("bob", false)));
  EXPECT_THAT(port.failed_lookups, UnorderedElementsAre("alice", "bob"));
}

TEST_F(LookupsTest, AWorkerThatDiesFailsWhatRunsAndWhatWaits) {
  lookups.start(worker);
  for (int i = 0; i < 20; ++i) ask(std::to_string(i));
  lookups.stop();
  EXPECT_THAT(done, SizeIs(20));
  for (const auto& [address, complete] : done) EXPECT_FALSE(complete) << address;
  EXPECT_THAT(port.failed_lookups, SizeIs(20));
  test::FakeWorker next(timers);
  lookups.start(next);
  EXPECT_THAT(next.lookups, IsEmpty());
  ask("alice");
  EXPECT_THAT(out(next), ElementsAre("alice"));
}

TEST_F(LookupsTest, WhoAsksAgainWhileAllFailIsFailedLater) {
  lookups.start(worker);
  int failures = 0;
  lookups.ask("alice", [&](bool) {
    ++failures;
    lookups.ask("alice", [&](bool complete) { failures += complete ? 0 : 10; });
  });
  lookups.stop();
  EXPECT_EQ(failures, 1);
  timers.settle();
  EXPECT_EQ(failures, 11);
}

TEST_F(LookupsTest, AWorkerThatComesInTimeIsAsked) {
  lookups.stop();
  ask("alice");
  lookups.start(worker);
  timers.settle();
  EXPECT_THAT(done, IsEmpty());
  ASSERT_THAT(out(worker), ElementsAre("alice"));
  worker.answer_lookup(test::ok());
  EXPECT_THAT(done, ElementsAre(Pair("alice", true)));
  EXPECT_THAT(port.failed_lookups, IsEmpty());
}

TEST_F(LookupsTest, NoTransportIsAskedForNonsense) {
  lookups.start(worker);
  const std::string nonsense[] = {"", "bad \xff name", std::string(256, 'a'), std::string("a\0b", 3)};
  for (const std::string& address : nonsense) ask(address);
  EXPECT_THAT(worker.lookups, IsEmpty());
  EXPECT_THAT(done, IsEmpty()) << "never from the call";
  timers.settle();
  EXPECT_THAT(done, SizeIs(4));
  for (const auto& [address, complete] : done) EXPECT_FALSE(complete) << address;
  ask(std::string(255, 'a'));
  EXPECT_THAT(worker.lookups, SizeIs(1));
}

TEST_F(LookupsTest, ManyHintsAreOneLookUp) {
  lookups.start(worker);
  for (int i = 0; i < 10; ++i) {
    lookups.changed("alice");
    timers.advance({10});
  }
  lookups.changed("bob");
  EXPECT_THAT(worker.lookups, IsEmpty());
  timers.advance(context.timing.changes_settle);
  EXPECT_THAT(out(worker), UnorderedElementsAre("alice", "bob"));
  EXPECT_FALSE(timers.next());
}

TEST_F(LookupsTest, HintsThatKeepComingPutNothingOff) {
  lookups.start(worker);
  for (std::uint64_t passed = 0; passed < context.timing.changes_settle.ms; passed += 10) {
    lookups.changed("alice");
    timers.advance({10});
  }
  EXPECT_THAT(out(worker), ElementsAre("alice"));
}

TEST_F(LookupsTest, AFloodOfHintsIsBounded) {
  lookups.start(worker);
  for (int i = 0; i < 1000; ++i) lookups.changed(std::to_string(i));
  timers.advance(context.timing.changes_settle);
  std::size_t asked = 0;
  for (; !worker.lookups.empty(); ++asked) worker.answer_lookup(test::ok());
  EXPECT_EQ(asked, 256u);
}

}  // namespace
}  // namespace bud::bridging
