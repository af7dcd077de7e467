// Bridges whose workers break the rules (fake_worker.cpp), and the two sides' interfaces against their XML.
#include "bridging/bridges.h"
#include "bridging/io/event_timers.h"
#include "bridging/io/process_factory.h"
#include "bridging/io/process_worker.h"
#include "bus/introspect.h"
#include "host/worker.h"
#include "support/memory_port.h"
#include "support/scratch_folder.h"
#include "support/seeded_random.h"
#include "unit/bus/loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bud::bridging {
namespace {

using testing::HasSubstr;
using testing::Not;

struct BadWorkerTest : testing::Test {
  bus::Event event = std::move(*bus::Event::create());
  test::SeededRandom random{1};
  test::ScratchFolder scratch;
  test::MemoryPort port;
  std::string log;
  EventTimers timers{event};
  ProcessFactory programs{event, {BUD_FAKE_WORKER, scratch.path()}};
  std::optional<Bridges> bridges;

  void start(const std::string& mode) {
    test::write_file(scratch.file(mode + ".so"), as_bytes("x"));
    Timing timing;
    timing.first_retry = {20};
    timing.longest_retry = {100};
    timing.to_ready = {mode == "mute" ? 300u : 20'000u};
    bridges.emplace(timers, programs, random, port, timing);
    bridges->on_log([this](const std::string&, std::uint32_t, const std::string& text) { log += text + '\n'; });
    ASSERT_TRUE(bridges->add({"fake", mode, "{}"}));
  }
  bool until(const std::function<bool()>& holds) { return test::run_until(event, holds); }
  bool logged(const std::string& text) {
    return until([&] { return log.find(text) != std::string::npos; });
  }
  Status status() const { return bridges->list().at(0).status; }
  bool up() {
    return until([&] { return status().state == BridgeState::up; });
  }
};

TEST_F(BadWorkerTest, OneThatNeverGetsReadyIsStartedAgain) {
  start("mute");
  EXPECT_TRUE(logged("did not get ready in time"));
  EXPECT_TRUE(until([&] { return status().state == BridgeState::retrying; }));
}

TEST_F(BadWorkerTest, OneWithoutANameIsStartedAgain) {
  start("nameless");
  EXPECT_TRUE(logged("makes no sense"));
  EXPECT_FALSE(port.identity);
}

TEST_F(BadWorkerTest, ReadyCountsOnce) {
  start("twice-ready");
  ASSERT_TRUE(up());
  EXPECT_TRUE(logged("has been ready before"));
}

TEST_F(BadWorkerTest, NothingIsDeliveredBeforeTheConfiguration) {
  start("early");
  ASSERT_TRUE(up());
  EXPECT_TRUE(logged("before the bridge is configured"));
  EXPECT_TRUE(port.received.empty());
}

TEST_F(BadWorkerTest, OneBatchIsOutstandingAtATime) {
  port.deliveries_to_refuse = 3;  // so that the first is still waiting when the second comes
  start("greedy");
  EXPECT_TRUE(logged("waiting for its acknowledgement"));
  EXPECT_TRUE(logged("acknowledged one"));
  EXPECT_THAT(log, Not(HasSubstr("acknowledged two")));
  EXPECT_EQ(port.received.size(), 1u);
}

TEST_F(BadWorkerTest, StateIsBounded) {
  start("hoarder");
  EXPECT_TRUE(logged("at most 64 keys"));
  EXPECT_LE(port.state.size(), 64u);
}

TEST_F(BadWorkerTest, StateHasTameNames) {
  start("vandal");
  EXPECT_TRUE(logged("StoreState: A key is"));
  EXPECT_TRUE(port.state.empty());
}

TEST_F(BadWorkerTest, AnExpiredLoginWaitsForAPerson) {
  start("expired");
  ASSERT_TRUE(until([&] { return status().state == BridgeState::needs_login; }));
  EXPECT_EQ(status().words, "log in again");
  EXPECT_TRUE(logged("log in again"));
  EXPECT_THAT(log, Not(HasSubstr("started again")));
}

TEST_F(BadWorkerTest, WaitsAsLongAsTheServerAsks) {
  start("patient");
  ASSERT_TRUE(logged("started again"));
  EXPECT_EQ(status().words, "the server sleeps");
  log.clear();
  for (bool late = false; !late;) {  // three times the longest backoff; the server asked for an hour
    auto limit = event.after({300}, [&] { late = true; });
    while (!late) ASSERT_TRUE(event.step(seconds(1)));
  }
  EXPECT_EQ(log, "");
}

TEST_F(BadWorkerTest, LimitsAreBoundedBothWays) {
  start("boastful");
  ASSERT_TRUE(up());
  EXPECT_EQ(port.identity->max_batch, 1u);
  EXPECT_EQ(port.identity->max_envelope, 1024u * 1024);
}

TEST_F(BadWorkerTest, MissingStatusesAreUnknownOutcomesAndComeAgain) {
  for (const char* text : {"a", "b", "c"}) port.send("fake", "device", text);
  start("sloppy");
  ASSERT_TRUE(until([&] { return port.waiting.empty(); })) << port.waiting.size();
  ASSERT_GE(port.results.size(), 6u);
  EXPECT_EQ(port.results[0].status, core::PushStatus::ok);
  EXPECT_EQ(port.results[1].status, core::PushStatus::unknown_outcome);
  EXPECT_EQ(port.results[2].status, core::PushStatus::unknown_outcome);
}

TEST_F(BadWorkerTest, OneThatDiesOfACopyKeepsItWaiting) {
  port.send("fake", "device", "poison");
  start("crashing");
  ASSERT_TRUE(logged("signal 6"));
  EXPECT_EQ(port.waiting.size(), 1u);
  EXPECT_TRUE(port.results.empty());
}

TEST_F(BadWorkerTest, AnUnheardOfStatusIsNoEmptyDirectory) {
  start("odd");
  ASSERT_TRUE(up());
  std::optional<bool> complete;
  bridges->lookup("fake", "alice", [&](bool all) { complete = all; });
  ASSERT_TRUE(until([&] { return complete.has_value(); }));
  EXPECT_FALSE(*complete);
  EXPECT_EQ(port.lookups, 0u);
}

// What is served is what the XML says.
int compare(const std::string& interface, const sd_bus_vtable* vtable) {
  const test::ScratchFolder scratch;
  const std::string served = scratch.file("served.xml");
  test::write_file(served, as_bytes(bus::introspection_document(bus::introspection(interface, vtable))));
  const std::string command = "python3 -B " BUD_SOURCE_DIR "/tests/support/introspection.py --compare " + served +
                              " " BUD_SOURCE_DIR "/dbus/interfaces --only " + interface;
  return std::system(command.c_str());
}

TEST(BridgeInterfaces, AreAsTheirXmlSays) {
  EXPECT_EQ(compare("org.budstikke.Bridge1", worker::Worker::vtable), 0);
  EXPECT_EQ(compare("org.budstikke.BridgeHost1", ProcessWorker::vtable), 0);
  EXPECT_NE(compare("org.budstikke.Bridge1", ProcessWorker::vtable), 0) << "the comparison can fail";
}

}  // namespace
}  // namespace bud::bridging
