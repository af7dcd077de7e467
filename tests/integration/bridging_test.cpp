// Bridges with real workers on a real spool.
#include "bridging/bridges.h"
#include "bridging/io/event_timers.h"
#include "bridging/io/process_factory.h"
#include "support/memory_port.h"
#include "support/scratch_folder.h"
#include "support/seeded_random.h"
#include "unit/bus/loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>

namespace bud::bridging {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

const ProcessFactory::Paths paths{BUD_BINARY_DIR "/plugin_api/budstikke-bridge-host", BUD_BINARY_DIR "/bridges"};

Timing quick() {
  Timing timing;
  timing.first_retry = {20};
  timing.longest_retry = {200};
  timing.changes_settle = {10};
  return timing;
}

// The processes that this one has started, by what they are called.
std::vector<pid_t> workers() {
  std::vector<pid_t> pids;
  std::ifstream children("/proc/self/task/" + std::to_string(getpid()) + "/children");
  for (pid_t pid = 0; children >> pid;) pids.push_back(pid);
  return pids;
}

// One device: a core that remembers, and its bridge.
struct Device {
  Device(bus::Event& event, Random& its_random, const fs::path& folder, const std::string& address)
      : random(its_random), timers(event), programs(event, paths) {
    restart(folder, address);
  }
  void restart(const fs::path& folder, const std::string& address) {
    bridges.emplace(timers, programs, random, port, quick());
    bridges->on_status([this](const std::string&, const Status& status) { statuses.push_back(status); });
    bridges->on_log([this](const std::string&, std::uint32_t, const std::string& text) { log += text + '\n'; });
    const auto added =
        bridges->add({"spool", "spool", R"({"folder": ")" + folder.string() + R"(", "address": ")" + address + "\"}"});
    EXPECT_TRUE(added) << added.error().text;
  }
  BridgeState state() const { return bridges->list().at(0).status.state; }
  std::string words() const { return bridges->list().at(0).status.words; }
  void publish(std::string_view record) {
    const std::uint64_t sequence = port.to_publish ? port.to_publish->sequence + 1 : 1;
    port.to_publish =
        core::Publication{port.identity->address, port.identity->device, sequence, Bytes(record.begin(), record.end())};
    bridges->kick("spool");
  }
  void send(const Device& to, std::string_view text) {
    port.send(to.port.identity->address, to.port.identity->device, text);
    bridges->kick("spool");
  }

  Random& random;
  EventTimers timers;
  ProcessFactory programs;
  test::MemoryPort port;
  std::vector<Status> statuses;
  std::string log;
  std::optional<Bridges> bridges;
};

struct BridgingTest : testing::Test {
  bus::Event event = std::move(*bus::Event::create());
  test::SeededRandom random{42};
  test::ScratchFolder scratch;
  fs::path folder = fs::path(scratch.path()) / "spool";
  Device alice{event, random, folder, "alice"};
  Device bob{event, random, folder, "bob"};

  bool until(const std::function<bool()>& holds) { return test::run_until(event, holds); }
  void SetUp() override {
    ASSERT_TRUE(until([&] { return alice.state() == BridgeState::up && bob.state() == BridgeState::up; }))
        << alice.words() << bob.words() << alice.log;
  }
};

TEST_F(BridgingTest, PublishesLooksUpPushesAndDelivers) {
  alice.publish("alice's record");
  ASSERT_TRUE(until([&] { return alice.port.published_sequence == 1; }));
  std::optional<bool> complete;
  bob.bridges->lookup("spool", "alice", [&](bool all) { complete = all; });
  EXPECT_FALSE(complete) << "from the loop only";
  ASSERT_TRUE(until([&] { return complete.has_value(); }));
  EXPECT_TRUE(*complete);
  ASSERT_EQ(bob.port.directory["alice"].size(), 1u);
  EXPECT_EQ(as_text(bob.port.directory["alice"][0]), "alice's record");

  alice.send(bob, "hello");
  ASSERT_TRUE(until([&] { return !bob.port.received.empty(); }));
  EXPECT_EQ(as_text(bob.port.received[0]), "hello");
  EXPECT_TRUE(until([&] { return alice.port.waiting.empty(); }));
  const fs::path mailbox = folder / "mail" / bob.port.identity->device / "new";
  EXPECT_TRUE(until([&] { return fs::is_empty(mailbox); })) << "acknowledged";
  EXPECT_EQ(bob.bridges->list()[0].address, "bob");
}

TEST_F(BridgingTest, AChangedDirectoryIsLookedUpByItself) {
  bob.bridges->lookup("spool", "alice", {});
  ASSERT_TRUE(until([&] { return bob.port.directory.count("alice") == 1; }));
  EXPECT_THAT(bob.port.directory["alice"], IsEmpty());
  alice.publish("alice's record");
  EXPECT_TRUE(until([&] { return bob.port.directory["alice"].size() == 1; }));
}

TEST_F(BridgingTest, WhatCannotBePushedIsToldAndHoldsNothingUp) {
  alice.port.send("nobody", "0000000000000000", "to nobody");
  alice.port.send("bob", "bad \xff name", "to nonsense");
  alice.port.send("bob", bob.port.identity->device, std::string(70'000, 'x'));
  alice.send(bob, "fits");
  ASSERT_TRUE(until([&] { return !bob.port.received.empty() && alice.port.waiting.empty(); }))
      << alice.port.waiting.size() << " wait, " << bob.port.received.size() << " received, "
      << alice.port.results.size() << " results\n"
      << alice.log << bob.log;
  std::map<std::uint64_t, core::PushStatus> by_id;
  for (const auto& result : alice.port.results) by_id[result.id] = result.status;
  EXPECT_EQ(by_id[1], core::PushStatus::no_such_device);
  EXPECT_EQ(by_id[2], core::PushStatus::no_such_device);
  EXPECT_EQ(by_id[3], core::PushStatus::too_large);
  EXPECT_EQ(by_id[4], core::PushStatus::ok);
}

TEST_F(BridgingTest, NothingIsAcknowledgedBeforeTheCoreHasIt) {
  const fs::path mailbox = folder / "mail" / bob.port.identity->device / "new";
  bob.port.deliveries_to_refuse = 3;
  alice.send(bob, "precious");
  ASSERT_TRUE(until([&] { return bob.port.deliveries_to_refuse == 1; }));
  EXPECT_FALSE(fs::is_empty(mailbox));
  ASSERT_TRUE(until([&] { return !bob.port.received.empty(); }));
  EXPECT_TRUE(until([&] { return fs::is_empty(mailbox); }));
  EXPECT_EQ(bob.port.received.size(), 1u);
}

TEST_F(BridgingTest, LosesNothingWhenWorkersAreKilledAtAnyPoint) {
  std::set<std::string> sent;
  std::mt19937 dice(7);
  int kills = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string text = "message " + std::to_string(i);
    sent.insert(text);
    alice.send(bob, text);
    for (auto steps = dice() % 12; steps > 0; --steps) ASSERT_TRUE(event.step({1}));
    const auto pids = workers();
    if (i % 10 != 9 || pids.empty()) continue;
    ASSERT_EQ(kill(pids[dice() % pids.size()], SIGKILL), 0);
    ++kills;
  }
  EXPECT_GE(kills, 10);
  ASSERT_TRUE(until([&] { return bob.port.received_texts() == sent && alice.port.waiting.empty(); }))
      << bob.port.received_texts().size() << " of " << sent.size() << ", " << alice.port.waiting.size() << " wait";
  const fs::path mailbox = folder / "mail" / bob.port.identity->device / "new";
  EXPECT_TRUE(until([&] { return fs::is_empty(mailbox); }));
  EXPECT_THAT(alice.log + bob.log, HasSubstr("signal 9"));
  EXPECT_TRUE(until([&] { return alice.state() == BridgeState::up && bob.state() == BridgeState::up; }));
}

TEST_F(BridgingTest, KeepsItsDeviceNameWhenTheDaemonStartsAgain) {
  const std::string device = bob.port.identity->device;
  bob.bridges.reset();
  alice.send(bob, "while away");
  ASSERT_TRUE(until([&] { return alice.port.waiting.empty(); }));
  bob.port.identity.reset();
  bob.restart(folder, "bob");
  ASSERT_TRUE(until([&] { return !bob.port.received.empty(); }));
  EXPECT_EQ(bob.port.identity->device, device);
}

TEST_F(BridgingTest, ASpoolThatVanishesComesBack) {
  alice.publish("record");
  ASSERT_TRUE(until([&] { return alice.port.published_sequence == 1; }));
  fs::rename(folder, fs::path(scratch.path()) / "away");
  alice.send(bob, "into the void");
  std::optional<bool> complete;
  bob.bridges->lookup("spool", "alice", [&](bool all) { complete = all; });
  ASSERT_TRUE(until([&] { return complete.has_value(); }));
  EXPECT_FALSE(*complete);
  EXPECT_THAT(bob.port.failed_lookups, Contains("alice"));
  ASSERT_TRUE(until([&] { return alice.state() == BridgeState::retrying && bob.state() == BridgeState::retrying; }));
  EXPECT_THAT(bob.words(), HasSubstr("cannot be opened"));
  EXPECT_EQ(alice.port.waiting.size(), 1u);

  fs::rename(fs::path(scratch.path()) / "away", folder);
  ASSERT_TRUE(until([&] { return !bob.port.received.empty(); }));
  EXPECT_EQ(as_text(bob.port.received[0]), "into the void");
  EXPECT_TRUE(until([&] { return alice.state() == BridgeState::up && bob.state() == BridgeState::up; }));
}

TEST_F(BridgingTest, ABadConfigurationFailsWithWords) {
  ASSERT_TRUE(alice.bridges->add({"other", "spool", R"({"folder": "relative", "address": "x"})"}));
  const auto other = [&] { return alice.bridges->list().at(0); };
  ASSERT_EQ(other().name, "other");
  ASSERT_TRUE(until([&] { return other().status.state == BridgeState::failed; }));
  EXPECT_THAT(other().status.words, HasSubstr("full path"));
  ASSERT_TRUE(until([&] { return workers().size() == 2; })) << "it is not started again and again";
  std::optional<bool> complete;
  alice.bridges->lookup("other", "bob", [&](bool all) { complete = all; });
  ASSERT_TRUE(until([&] { return complete.has_value(); }));
  EXPECT_FALSE(*complete);
  ASSERT_TRUE(alice.bridges->remove("other"));
  EXPECT_EQ(alice.bridges->remove("other").error().code, Errc::not_found);
}

TEST_F(BridgingTest, RefusesWhatItCannotRun) {
  const auto code = [&](const Configuration& c) {
    const auto added = alice.bridges->add(c);
    return added ? Errc::internal : added.error().code;
  };
  EXPECT_EQ(code({"spool", "spool", "{}"}), Errc::conflict);
  EXPECT_EQ(code({"x", "../../spool", "{}"}), Errc::malformed);
  EXPECT_EQ(code({"A b", "spool", "{}"}), Errc::malformed);
  EXPECT_EQ(code({"x", "telepathy", "{}"}), Errc::unsupported);
  EXPECT_EQ(code({"x", "spool", std::string(70'000, ' ')}), Errc::malformed);
  std::optional<bool> complete;
  alice.bridges->lookup("unknown", "bob", [&](bool all) { complete = all; });
  ASSERT_TRUE(until([&] { return complete.has_value(); }));
  EXPECT_FALSE(*complete);
}

TEST_F(BridgingTest, AWorkerHasNothingOfOurs) {
  ASSERT_EQ(setenv("BUD_TEST_SECRET", "hidden", 1), 0);
  const pid_t before = workers().at(0);
  ASSERT_EQ(kill(before, SIGKILL), 0);
  ASSERT_TRUE(until([&] {
    const auto now = workers();
    return now.size() == 2 && std::find(now.begin(), now.end(), before) == now.end() &&
           alice.state() == BridgeState::up;
  }));
  unsetenv("BUD_TEST_SECRET");
  const std::string proc = "/proc/" + std::to_string(workers().back());
  std::ifstream status(proc + "/status");
  const std::string text{std::istreambuf_iterator<char>(status), {}};
  EXPECT_THAT(text, HasSubstr("NoNewPrivs:\t1"));
  EXPECT_THAT(text, HasSubstr("SigBlk:\t0000000000000000"));
  std::ifstream environment(proc + "/environ");
  const std::string variables{std::istreambuf_iterator<char>(environment), {}};
  EXPECT_THAT(variables, testing::Not(HasSubstr("BUD_TEST_SECRET")));
}

TEST(Worker, AProgramThatIsNoWorkerIsTriedAgainWithWords) {
  bus::Event event = std::move(*bus::Event::create());
  test::SeededRandom random{42};
  test::MemoryPort port;
  for (const char* program : {"/bin/false", "/no/such/program"}) {
    EventTimers timers(event);
    ProcessFactory programs(event, {program, paths.plugin_folder});
    Bridges bridges(timers, programs, random, port, quick());
    std::size_t starts = 0;
    bridges.on_log([&](const std::string&, std::uint32_t, const std::string&) { ++starts; });
    ASSERT_TRUE(bridges.add({"spool", "spool", "{}"}));
    ASSERT_TRUE(test::run_until(event, [&] { return starts >= 3; })) << program;
    EXPECT_EQ(bridges.list()[0].status.state, BridgeState::retrying);
    EXPECT_NE(bridges.list()[0].status.words, "");
  }
}

}  // namespace
}  // namespace bud::bridging
