// A disk that fails, and a process that dies, at each operation in turn: nothing is lost, nothing is shown twice.
#include "support/outcome.h"
#include "support/world.h"

#include <gtest/gtest.h>

namespace bud::test {
namespace {

struct Faults : ::testing::Test {
  World world;
  Device* laptop = &world.add("laptop", "alice");
  Device* desktop = &world.add("desktop", "bob");
  ThreadId thread;
  std::vector<std::string> said;

  void SetUp() override {
    ASSERT_TRUE((*laptop)->create_account("Alice"));
    ASSERT_TRUE((*desktop)->create_account("Bob"));
    world.settle();
    thread = world.thread(*laptop, "spool:bob");
    // Once by itself, so that what is counted below is a warm message.
    ASSERT_TRUE((*laptop)->send(thread, "hello", ""));
    world.settle();
    said = {"hello"};
  }
  // One step, as settle() makes them, for everybody.
  void steps(int n) {
    for (int i = 0; i < n; ++i) {
      for (Device* d : {laptop, desktop}) (void)d->step();
      world.clock.time = world.clock.time + seconds(1);
    }
  }
  void expect_all_said(std::size_t fault) {
    world.settle();
    for (Device* d : {laptop, desktop}) ASSERT_EQ(d->texts(thread), said) << d->name << ", fault at " << fault;
  }
};

TEST_F(Faults, SendEitherIsOnDiskOrNeverWas) {
  for (std::size_t n = 1; n < 200; ++n) {
    const std::size_t before = laptop->storage.operations();
    laptop->storage.fail_operation(n);
    const std::string text = "m" + std::to_string(n);
    auto sent = (*laptop)->send(thread, text, "");
    laptop->storage.fail_operation(0);
    if (sent) said.push_back(text);
    else ASSERT_EQ(code(sent), Errc::storage);
    expect_all_said(n);
    if (sent && laptop->storage.operations() - before > n) return;  // the fault lay beyond the call
  }
  FAIL() << "no send ever got through";
}

TEST_F(Faults, TheReceiversDiskFailsAtEachOperation) {
  for (std::size_t n = 1; n < 120; ++n) {
    said.push_back("m" + std::to_string(n));
    ASSERT_TRUE((*laptop)->send(thread, said.back(), ""));
    (void)laptop->step();
    desktop->storage.fail_operation(n);
    (void)desktop->step();
    desktop->storage.fail_operation(0);
    expect_all_said(n);
  }
}

TEST_F(Faults, TheReceiverDiesAtEachCommit) {
  for (std::size_t n = 1; n < 12; ++n) {
    said.push_back("m" + std::to_string(n));
    ASSERT_TRUE((*laptop)->send(thread, said.back(), ""));
    (void)laptop->step();
    desktop->storage.fail_commit(n);
    (void)desktop->step();
    desktop->storage.fail_commit(0);
    desktop->restart();
    expect_all_said(n);
  }
}

TEST_F(Faults, TheSenderDiesAtEachCommitOfItsWay) {
  for (std::size_t n = 1; n < 12; ++n) {
    said.push_back("m" + std::to_string(n));
    ASSERT_TRUE((*laptop)->send(thread, said.back(), ""));
    laptop->storage.fail_commit(n);
    steps(2);
    laptop->storage.fail_commit(0);
    laptop->restart();
    expect_all_said(n);
  }
}

TEST_F(Faults, TheSameIdempotencyKeyIsOneMessage) {
  auto first = (*laptop)->send(thread, "once", "key-1");
  auto second = (*laptop)->send(thread, "once", "key-1");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, *second);
  said.push_back("once");
  expect_all_said(0);
}

TEST_F(Faults, BadInputIsRefusedInWords) {
  EXPECT_EQ(code((*laptop)->send(thread, "", "")), Errc::malformed);
  EXPECT_EQ(code((*laptop)->send(thread, "\xff", "")), Errc::malformed);
  EXPECT_EQ(code((*laptop)->send(thread, std::string(40'000, 'x'), "")), Errc::too_large);
  EXPECT_EQ(code((*laptop)->send({}, "to nobody", "")), Errc::not_found);
  EXPECT_EQ(code((*laptop)->create_account("again")), Errc::conflict);
  EXPECT_EQ(code((*laptop)->approve_join(99, "123456")), Errc::not_found);
  EXPECT_EQ(code((*laptop)->reject_join(99)), Errc::not_found);
  EXPECT_EQ(code((*laptop)->acknowledge_events("client", *(*laptop)->last_event() + 1)), Errc::malformed);
  EXPECT_EQ(code((*laptop)->acknowledge_alert(99)), Errc::not_found);
  EXPECT_EQ(code((*laptop)->message({})), Errc::not_found);
  EXPECT_FALSE((*laptop)->publication("no such bridge")->has_value());
  expect_all_said(0);
}

TEST_F(Faults, AClientThatWasNotRunningMissesNothing) {
  const std::uint64_t cursor = *(*desktop)->client_cursor("org.example.Chat");
  for (int i = 0; i < 5; ++i) {
    said.push_back("m" + std::to_string(i));
    ASSERT_TRUE((*laptop)->send(thread, said.back(), ""));
    world.settle();
  }
  desktop->restart();
  std::vector<std::string> fetched;
  std::uint64_t at = cursor;
  for (;;) {
    auto page = (*desktop)->events(at, 2);
    ASSERT_TRUE(page);
    if (page->empty()) break;
    for (const core::Event& e : *page) {
      if (e.kind == core::EventKind::message) fetched.push_back(e.message.text);
      at = e.cursor;
    }
  }
  EXPECT_EQ(fetched, said);
  ASSERT_TRUE((*desktop)->acknowledge_events("org.example.Chat", at));
  desktop->restart();
  EXPECT_EQ(*(*desktop)->client_cursor("org.example.Chat"), at);
}

TEST_F(Faults, WhatABridgeCouldNotPushStaysInTheQueue) {
  ASSERT_TRUE((*laptop)->send(thread, "not yet", ""));
  const auto waiting = *(*laptop)->outbox("spool", 0, 100, 1 << 20);
  ASSERT_EQ(waiting.size(), 1u);
  for (core::PushStatus status : {core::PushStatus::retry_later, core::PushStatus::unknown_outcome}) {
    const core::PushResult results[] = {{waiting.front().id, status}, {waiting.front().id + 1, core::PushStatus::ok}};
    ASSERT_TRUE((*laptop)->pushed("spool", results));
    const auto still = *(*laptop)->outbox("spool", 0, 100, 1 << 20);
    ASSERT_EQ(still.size(), 1u);
    EXPECT_EQ(still.front().id, waiting.front().id);
  }
}

TEST_F(Faults, AnEventThatCannotBeReadIsNotPassedOver) {
  for (std::size_t n = 1;; ++n) {
    ASSERT_LT(n, 200u);
    const std::size_t before = desktop->storage.operations();
    desktop->storage.fail_operation(n);
    auto events = (*desktop)->events(0, 10);
    desktop->storage.fail_operation(0);
    if (desktop->storage.operations() - before < n) {
      EXPECT_EQ(events->front().message.text, "hello");
      return;
    }
    ASSERT_EQ(code(events), Errc::storage) << n;
  }
}

TEST_F(Faults, AnAccountIsMadeWhollyOrNotAtAll) {
  Device& phone = world.add("phone", "carol");
  for (std::size_t n = 1;; ++n) {
    ASSERT_LT(n, 200u);
    phone.storage.fail_operation(n);
    auto made = phone->create_account("Carol");
    phone.storage.fail_operation(0);
    if (made) break;
    ASSERT_EQ(code(made), Errc::storage) << n;
    ASSERT_EQ(phone->account()->state, core::AccountState::none) << n;
  }
  EXPECT_EQ(phone->account()->state, core::AccountState::member);
}

TEST_F(Faults, ALedgerThatIsFullTakesNoMoreClaims) {
  Result<> claimed;
  std::size_t bridges = 0;
  for (; claimed && bridges < 100; ++bridges) {
    const std::string name = "b" + std::to_string(bridges);
    ASSERT_TRUE((*laptop)->add_bridge({name, "spool", "{}"}));
    claimed = (*laptop)->bridge_ready(name, {"alice", "laptop", 32 * 1024, 100, false});
  }
  EXPECT_EQ(code(claimed), Errc::not_allowed);
  EXPECT_EQ((*laptop)->account()->addresses.size(), bridges);  // and the first; without the last
}

TEST_F(Faults, ClientsThatKeepACursorAreBounded) {
  (void)world.thread(*laptop, "spool:bob");
  ASSERT_TRUE((*laptop)->send((*laptop)->threads()->front().thread, "an event", ""));
  const std::uint64_t at = *(*laptop)->last_event();
  ASSERT_GT(at, 0u);
  for (int i = 0; i < 256; ++i) ASSERT_TRUE((*laptop)->acknowledge_events("client " + std::to_string(i), at));
  EXPECT_EQ(code((*laptop)->acknowledge_events("one more", at)), Errc::too_large);
  EXPECT_TRUE((*laptop)->acknowledge_events("client 7", at));  // those that are there go on
}

TEST_F(Faults, WrongCodesCostAttemptsAndThenTheWindow) {
  Device& phone = world.add("phone", "alice");
  ASSERT_TRUE((*laptop)->open_join_window(minutes(5)));
  ASSERT_TRUE(phone->begin_join("spool:alice"));
  world.settle();
  auto requests = (*laptop)->join_requests();
  ASSERT_TRUE(requests && requests->size() == 1);
  const std::string right = phone->join_status()->code;
  const std::string wrong = right == "000000" ? "000001" : "000000";
  EXPECT_EQ(code((*laptop)->approve_join(requests->front().id, wrong)), Errc::wrong_secret);
  laptop->restart();  // an attempt is spent for good
  EXPECT_EQ((*laptop)->join_requests()->front().attempts_left, 2u);
  EXPECT_EQ(code((*laptop)->approve_join(requests->front().id, wrong)), Errc::wrong_secret);
  EXPECT_EQ(code((*laptop)->approve_join(requests->front().id, wrong)), Errc::not_allowed);
  EXPECT_EQ(code((*laptop)->approve_join(requests->front().id, right)), Errc::not_found);
  EXPECT_EQ(code((*laptop)->open_join_window(minutes(5))), Errc::busy);
  EXPECT_EQ((*laptop)->devices((*laptop)->account()->account)->size(), 1u);
}

}  // namespace
}  // namespace bud::test
