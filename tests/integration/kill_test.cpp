// SIGKILL at each moment of a message's way: it is shown once on each device, each time.
#include "integration/daemon_fixture.h"
#include "support/outcome.h"

namespace bud::test {
namespace {

constexpr std::uint32_t queued = 2, pushed = 3, delivered = 4;

struct KillTest : testing::Test {
  ScratchFolder scratch;
  std::string spool = [this] {
    std::filesystem::create_directory(scratch.file("spool"));
    return scratch.file("spool");
  }();
  Device laptop{spool, "alice"}, phone{spool, "alice"}, desktop{spool, "bob"};
  std::string thread;

  void everybody() {
    for (Device* device : {&laptop, &phone, &desktop}) device->set_up();
    laptop.create_account("Alice");
    desktop.create_account("Bob");
    phone.join(laptop);
    thread = laptop.thread_with("spool:bob");
  }
  std::uint32_t state(const std::string& message) {
    return std::get<std::uint32_t>(laptop.properties(message, "Message1").at("State"));
  }
  // In how many rows of the message's table is this state?
  std::ptrdiff_t rows(const std::string& message, std::uint32_t wanted) {
    const std::vector<bus::Dict> all = laptop.dicts_property(message, "Message1", "Devices");
    return std::count_if(all.begin(), all.end(),
                         [&](const bus::Dict& row) { return std::get<std::uint32_t>(row.at("state")) == wanted; });
  }
  // What comes after has come: what was there twice would be seen.
  void shown_once(const std::string& text, const std::string& message) {
    wait_until([&] { return rows(message, delivered) == 2; }, "both receipts");
    must(laptop.send(thread, "after " + text), "send");
    for (Device* device : {&phone, &desktop}) device->wait_for("after " + text);
    for (Device* device : {&laptop, &phone, &desktop}) EXPECT_EQ(device->count(text), 1u) << device->address();
  }
};

TEST_F(KillTest, TheSenderAfterSendReturned) {
  everybody();
  const std::string message = must(laptop.send(thread, "kill me now"), "send");
  laptop.kill();
  laptop.start();
  shown_once("kill me now", message);
}

TEST_F(KillTest, TheSenderBeforeThePush) {
  everybody();
  laptop.signal_workers(SIGSTOP);
  const std::string message = must(laptop.send(thread, "not yet pushed"), "send");
  EXPECT_EQ(state(message), queued);
  laptop.kill_all();
  laptop.start();
  shown_once("not yet pushed", message);
}

TEST_F(KillTest, TheSenderBetweenPushAndReceipt) {
  everybody();
  EXPECT_EQ(phone.stop(), 0);
  EXPECT_EQ(desktop.stop(), 0);
  const std::string message = must(laptop.send(thread, "pushed only"), "send");
  wait_until([&] { return rows(message, pushed) == 2; }, "the push");
  laptop.kill();
  phone.start();
  desktop.start();
  desktop.wait_for("pushed only");
  phone.wait_for("pushed only");
  laptop.start();
  shown_once("pushed only", message);
}

// The sender dies when the transport has taken the copies and before it has said so: they are pushed twice.
TEST_F(KillTest, TheSenderBeforeItKnowsOfThePush) {
  everybody();
  EXPECT_EQ(phone.stop(), 0);
  EXPECT_EQ(desktop.stop(), 0);
  const auto files = [this] { return files_below(spool).size(); };
  laptop.signal_workers(SIGSTOP);
  const std::string message = must(laptop.send(thread, "pushed twice"), "send");
  const std::size_t before = files();
  // The worker goes on alone, with what it was given, while its daemon stands still.
  const std::vector<pid_t> workers = laptop.workers();
  wait_until([&] { return state(message) == queued; }, "the outbox");
  // What follows from the send is done in the loop's next rounds, and each answer takes it one further: by then the worker
  // has been asked.
  for (int round = 0; round < 20; ++round) ASSERT_EQ(state(message), queued);
  laptop.freeze();
  for (const pid_t worker : workers) ::kill(worker, SIGCONT);
  wait_until([&] { return files() >= before + 2; }, "the copies in the spool");
  laptop.kill_all();
  laptop.start();
  wait_until([&] { return rows(message, pushed) == 2; }, "the second push");
  phone.start();
  desktop.start();
  shown_once("pushed twice", message);
}

TEST_F(KillTest, TheReceiverBetweenDeliveryAndAcknowledgement) {
  const std::string bridges = scratch.file("bridges");
  std::filesystem::create_directory(bridges);
  std::filesystem::copy_file(BUD_HOLDING_SPOOL, bridges + "/spool.so");
  desktop.program.bridge_dir = bridges;
  everybody();
  write_file(bridges + "/hold", {});
  const std::string message = must(laptop.send(thread, "delivered, not acknowledged"), "send");
  wait_until([&] { return std::filesystem::exists(bridges + "/held"); }, "the acknowledgement");
  EXPECT_EQ(desktop.count("delivered, not acknowledged"), 1u);
  desktop.kill_all();
  std::filesystem::remove(bridges + "/hold");
  desktop.start();
  shown_once("delivered, not acknowledged", message);
}

}  // namespace
}  // namespace bud::test
