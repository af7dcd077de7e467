// Two people with three devices, from nothing to a revoked device.
#include "integration/daemon_fixture.h"
#include "service/paths.h"
#include "support/outcome.h"

namespace bud::test {
namespace {

struct StoryTest : testing::Test {
  ScratchFolder scratch;
  std::string spool = [this] {
    std::filesystem::create_directory(scratch.file("spool"));
    return scratch.file("spool");
  }();
  Device laptop{spool, "alice"}, phone{spool, "alice"}, desktop{spool, "bob"};

  void everybody() {
    for (Device* device : {&laptop, &phone, &desktop}) device->set_up();
    laptop.create_account("Alice Liddell");
    desktop.create_account("Bob the Builder");
    phone.join(laptop);
  }

  static std::uint32_t number(const bus::Dict& dict, const char* key) { return std::get<std::uint32_t>(dict.at(key)); }
  // The own message's rows that say `state`.
  static std::ptrdiff_t rows(Device& device, const std::string& message, std::uint32_t state) {
    const std::vector<bus::Dict> all = device.dicts_property(message, "Message1", "Devices");
    return std::count_if(all.begin(), all.end(), [&](const bus::Dict& row) { return number(row, "state") == state; });
  }
};

TEST_F(StoryTest, EachDeviceShowsTheMessageAndSaysSo) {
  everybody();
  EXPECT_EQ(laptop.devices().size(), 2u);

  const std::string thread = laptop.thread_with("spool:bob");
  const std::string message = must(laptop.send(thread, "Tea at four?"), "send");
  desktop.wait_for("Tea at four?");
  phone.wait_for("Tea at four?");
  wait_until([&] { return rows(laptop, message, 4) == 2; }, "both receipts");
  const bus::Dict properties = laptop.properties(message, "Message1");
  EXPECT_EQ(number(properties, "State"), 4u);
  EXPECT_EQ(number(properties, "DeliveredTo"), 1u);
  EXPECT_EQ(number(properties, "Total"), 1u);
  EXPECT_EQ(std::get<std::string>(properties.at("Text")), "Tea at four?");

  // And back, to all of alice's devices.
  const std::string back = desktop.thread_with("spool:alice");
  must(desktop.send(back, "With scones."), "send");
  laptop.wait_for("With scones.");
  phone.wait_for("With scones.");
  for (Device* device : {&laptop, &phone, &desktop}) {
    EXPECT_EQ(device->count("Tea at four?"), 1u);
    EXPECT_EQ(device->count("With scones."), 1u);
  }
}

TEST_F(StoryTest, ARevokedDeviceGetsNoCopy) {
  everybody();
  const std::string thread = desktop.thread_with("spool:alice");
  must(desktop.send(thread, "for both"), "send");
  laptop.wait_for("for both");
  phone.wait_for("for both");

  Bytes phone_id;
  for (const bus::Dict& device : laptop.devices()) {
    if (!std::get<bool>(device.at("this"))) phone_id = std::get<Bytes>(device.at("id"));
  }
  must(laptop.control("Devices1", "Revoke", [&](bus::Writer& out) { out.bytes(phone_id).dict({}); }), "Revoke");
  const std::string back = laptop.thread_with("spool:bob");
  const std::string message = must(laptop.send(back, "not for the phone"), "send");
  desktop.wait_for("not for the phone");
  for (const bus::Dict& row : laptop.dicts_property(message, "Message1", "Devices")) {
    EXPECT_NE(std::get<Bytes>(row.at("device")), phone_id);
  }
  // Bob knows by now: what he seals has no copy for it either.
  const std::string answer = must(desktop.send(thread, "nor is this"), "send");
  laptop.wait_for("nor is this");
  for (const bus::Dict& row : desktop.dicts_property(answer, "Message1", "Devices")) {
    EXPECT_NE(std::get<Bytes>(row.at("device")), phone_id);
  }
  EXPECT_EQ(phone.count("not for the phone"), 0u);
}

// A client that did not run when a message came, and a daemon that did not either, miss nothing.
TEST_F(StoryTest, WhoWasAwayMissesNothing) {
  everybody();
  const std::string thread = laptop.thread_with("spool:bob");
  const auto cursor = [](Device& device) {
    const bus::Message answer =
        must(device.account("Cursor", [](bus::Writer& out) { out.string("org.example.Chat"); }), "Cursor");
    return must(bus::Reader(answer).u64(), "Cursor");
  };
  must(laptop.send(thread, "one"), "send");
  desktop.wait_for("one");
  const std::uint64_t seen = desktop.fetch(0).next;
  must(desktop.account("Acknowledge", [&](bus::Writer& out) { out.string("org.example.Chat").u64(seen); }),
       "Acknowledge");

  EXPECT_EQ(desktop.stop(), 0);
  must(laptop.send(thread, "two"), "send");
  desktop.start();
  desktop.wait_for("two");
  EXPECT_EQ(cursor(desktop), seen);
  EXPECT_EQ(desktop.texts_from(cursor(desktop)), std::vector<std::string>{"two"});
}

TEST_F(StoryTest, AWatchingClientAloneIsToldOfNews) {
  everybody();
  bus::Bus stranger = must(bus::Bus::open(desktop.bus_address()), "reach the bus");
  std::size_t told = 0, overheard = 0;
  const bus::Target source{{}, service::paths::account, "org.budstikke.Account1"};
  const auto mine =
      must(desktop.bus().match_signal(source, "Available", [&](const bus::Message&) { ++told; }), "match");
  const auto theirs =
      must(stranger.match_signal(source, "Available", [&](const bus::Message&) { ++overheard; }), "match");
  must(stranger.flush(), "flush");
  must(desktop.account("Watch"), "Watch");
  const auto turn = [&] {
    for (bus::Bus* bus : {&desktop.bus(), &stranger}) {
      while (sd_bus_process(bus->raw(), nullptr) > 0) {
      }
    }
  };
  must(laptop.send(laptop.thread_with("spool:bob"), "news"), "send");
  desktop.wait_for("news");
  wait_until(
      [&] {
        turn();
        return told > 0;
      },
      "Available");
  // What was sent to the stranger before this answer has come before it.
  must(stranger.call({service::chat_name, service::paths::manager, "org.freedesktop.DBus.Peer"}, "Ping"), "Ping");
  turn();
  EXPECT_EQ(overheard, 0u);
}

TEST_F(StoryTest, SpoolAndStoreHoldNoPlaintext) {
  everybody();
  const std::string thread = laptop.thread_with("spool:bob");
  desktop.signal_workers(SIGSTOP);  // the copy stays in the spool
  must(laptop.send(thread, "a text to look for"), "send");
  phone.wait_for("a text to look for");
  wait_until([&] { return !laptop.texts_from(0).empty() && !phone.texts_from(0).empty(); }, "events");
  std::map<std::string, Bytes> all = files_below(spool);
  EXPECT_FALSE(all.empty());
  for (Device* device : {&laptop, &phone, &desktop}) {
    const auto store = files_below(device->state_folder());
    EXPECT_TRUE(store.contains(device->state_folder() + "/store.db-wal"));
    all.insert(store.begin(), store.end());
    const std::string said = device->said();
    all[device->address() + "'s journal"] = Bytes(said.begin(), said.end());
  }
  desktop.signal_workers(SIGCONT);
  for (const auto& [path, bytes] : all) {
    const std::string_view text = as_text(bytes);
    for (const char* secret : {"a text to look for", "Alice Liddell", "Bob the Builder"}) {
      EXPECT_EQ(text.find(secret), std::string_view::npos) << secret << " in " << path;
    }
    if (path.starts_with(spool)) continue;  // its own addresses are what a directory is for
    for (const char* address : {"alice", "bob"}) {
      EXPECT_EQ(text.find(address), std::string_view::npos) << address << " in " << path;
    }
  }
}

}  // namespace
}  // namespace bud::test
