// What becomes of a copy between its sealing and its receipt: pushed again, sent another way, given up.
#include "core/db.h"
#include "core/rows.h"
#include "core/session/ratchet.h"
#include "support/outcome.h"
#include "support/world.h"
#include "wire/header.h"
#include "wire/plaintext.h"

#include <gtest/gtest.h>

namespace bud::test {
namespace {

using core::DeliveryState;
using core::OutboxItem;
using core::PushStatus;

struct OutboxTest : ::testing::Test {
  World world;
  Device* laptop = &world.add("laptop", "alice");
  Device* desktop = &world.add("desktop", "bob");
  ThreadId thread;

  void SetUp() override {
    ASSERT_TRUE((*laptop)->create_account("Alice"));
    ASSERT_TRUE((*desktop)->create_account("Bob"));
    world.settle();
    thread = world.thread(*laptop, "spool:bob");
    say("hello");  // warm: sessions, and the introductions with their routes
    world.settle();
  }
  MessageId say(const std::string& text) { return *(*laptop)->send(thread, text, ""); }
  DeliveryState state(const MessageId& id) { return (*laptop)->message(id)->deliveries.at(0).state; }
  std::vector<OutboxItem> outbox(Device& d, const std::string& bridge) { return *d->outbox(bridge, 0, 100, 1 << 20); }
  void push_fails(Device& d, const std::string& bridge, std::uint64_t item, PushStatus status) {
    const core::PushResult result{item, status};
    ASSERT_TRUE(d->pushed(bridge, {&result, 1}));
  }
  // A second bridge that both have, and know of each other; after the spool by its name.
  void add_xmpp() {
    for (Device* d : {laptop, desktop}) {
      ASSERT_TRUE((*d)->add_bridge({"xmpp", "xmpp", "{}"}));
      ASSERT_TRUE((*d)->bridge_ready("xmpp", {d->address + "-there", d->name + "-there", 32 * 1024, 100, false}));
    }
    world.settle();
    ASSERT_TRUE((*desktop)->send(world.thread(*desktop, "spool:alice"), "I am on another bridge too", ""));
    world.settle();
  }
};

TEST_F(OutboxTest, AReceiptThatWasLostComesWithTheNextPush) {
  bool lose = true;
  world.network.tamper = [&](const std::string& device, Bytes copy) -> std::vector<Bytes> {
    if (lose && device == "laptop") return {};
    return {copy};
  };
  const MessageId id = say("is it there?");
  world.settle();
  ASSERT_EQ(desktop->texts(thread).back(), "is it there?");
  ASSERT_EQ(state(id), DeliveryState::pushed);
  lose = false;
  world.advance(hours(7));
  world.settle();
  EXPECT_EQ(state(id), DeliveryState::delivered);
  EXPECT_EQ(desktop->texts(thread), (std::vector<std::string>{"hello", "is it there?"}));
}

TEST_F(OutboxTest, DoublesOfAnHourAreAnsweredOnce) {
  say("once");
  world.settle();
  const Bytes copy = world.network.all_mail.at(world.network.all_mail.size() - 2);  // the last one is its receipt
  const std::size_t mail = world.network.all_mail.size();
  for (int i = 0; i < 5; ++i) {
    world.advance(minutes(9));
    ASSERT_TRUE((*desktop)->deliver("spool", {&copy, 1}, Bytes{9}));
    world.settle();
  }
  EXPECT_EQ(world.network.all_mail.size(), mail);
  world.advance(minutes(60));
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE((*desktop)->deliver("spool", {&copy, 1}, Bytes{9}));
    world.settle();
  }
  EXPECT_EQ(world.network.all_mail.size(), mail + 1);
}

TEST_F(OutboxTest, EachPushHasANumberOfItsOwn) {
  say("to a transport that takes each number once");
  const std::uint64_t first = outbox(*laptop, "spool").at(0).id;
  push_fails(*laptop, "spool", first, PushStatus::ok);
  world.advance(hours(7));
  ASSERT_TRUE((*laptop)->tick());
  ASSERT_EQ(outbox(*laptop, "spool").size(), 1u);
  EXPECT_GT(outbox(*laptop, "spool").at(0).id, first);
  world.settle();
  EXPECT_TRUE(outbox(*laptop, "spool").empty());
  EXPECT_EQ(desktop->texts(thread).back(), "to a transport that takes each number once");
}

TEST_F(OutboxTest, AStoreThatWasPutBackGivesNoNumberTwice) {
  const MemoryStorage snapshot = laptop->storage;
  say("forgotten");
  const std::uint64_t copy = outbox(*laptop, "spool").at(0).id;
  const std::uint64_t event = *(*laptop)->last_event();
  laptop->storage = snapshot;
  laptop->restart();
  world.advance(Duration{1});
  say("remembered");
  EXPECT_GT(outbox(*laptop, "spool").at(0).id, copy);
  EXPECT_GT(*(*laptop)->last_event(), event);  // a client's cursor misses nothing
}

TEST_F(OutboxTest, WhereTheTransportKnowsNoSuchDeviceTheNextRouteIsTried) {
  add_xmpp();
  const MessageId id = say("by whichever way");
  const std::vector<OutboxItem> queued = outbox(*laptop, "spool");
  ASSERT_EQ(queued.size(), 1u);
  laptop->wanted.clear();
  push_fails(*laptop, "spool", queued[0].id, PushStatus::no_such_device);
  EXPECT_TRUE(laptop->wanted.contains({"spool", "bob"}));  // its record may say where it is now
  EXPECT_TRUE(outbox(*laptop, "spool").empty());
  const std::vector<OutboxItem> moved = outbox(*laptop, "xmpp");
  ASSERT_EQ(moved.size(), 1u);
  EXPECT_EQ(moved[0].address, "bob-there");
  EXPECT_EQ(moved[0].device, "desktop-there");
  EXPECT_EQ(moved[0].envelope, queued[0].envelope);
  push_fails(*laptop, "xmpp", moved[0].id, PushStatus::no_such_device);  // the last: later again
  EXPECT_TRUE(outbox(*laptop, "spool").empty() && outbox(*laptop, "xmpp").empty());
  EXPECT_EQ(state(id), DeliveryState::pushed);
  world.advance(hours(7));
  world.settle();
  EXPECT_EQ(state(id), DeliveryState::delivered);
}

// Its prekey was lost with the store; what was sealed for it is sealed anew once the directory has the one of now.
TEST_F(OutboxTest, AFirstFlightThatCannotBeOpenedIsSealedAnew) {
  Device& netbook = world.add("netbook", "carol");
  ASSERT_TRUE(netbook->create_account("Carol"));
  world.settle();
  const MemoryStorage old = netbook.storage;
  world.advance(hours(30));  // it has another prekey by now
  world.settle();
  const ThreadId with_carol = world.thread(*laptop, "spool:carol");
  const MessageId id = *(*laptop)->send(with_carol, "hello, Carol", "");
  netbook.storage = old;
  netbook.restart();
  world.settle();
  ASSERT_TRUE(netbook.texts(with_carol).empty());
  for (const Duration later : {hours(7), hours(13)}) {
    world.advance(later);
    world.settle();
  }
  EXPECT_EQ(netbook.texts(with_carol), std::vector<std::string>{"hello, Carol"});
  EXPECT_EQ(state(id), DeliveryState::delivered);
}

TEST_F(OutboxTest, EachRepeatGoesByAnotherRoute) {
  add_xmpp();
  const MessageId id = say("into a mailbox that nobody empties any more");
  push_fails(*laptop, "spool", outbox(*laptop, "spool").at(0).id, PushStatus::ok);
  world.advance(hours(7));
  ASSERT_TRUE((*laptop)->tick());
  EXPECT_TRUE(outbox(*laptop, "spool").empty());
  push_fails(*laptop, "xmpp", outbox(*laptop, "xmpp").at(0).id, PushStatus::ok);
  world.advance(hours(13));
  ASSERT_TRUE((*laptop)->tick());
  EXPECT_TRUE(outbox(*laptop, "xmpp").empty());
  EXPECT_EQ(outbox(*laptop, "spool").size(), 1u);
  world.settle();
  EXPECT_EQ(state(id), DeliveryState::delivered);
}

TEST_F(OutboxTest, WhoIsWrittenToIsToldOfChangedRoutes) {
  add_xmpp();
  ASSERT_TRUE((*desktop)->remove_bridge("xmpp"));
  ASSERT_TRUE((*desktop)->send(thread, "I left it", ""));
  world.settle();
  const MessageId id = say("noted");
  world.settle();
  ASSERT_EQ(state(id), DeliveryState::delivered);
  say("and by no other way");
  push_fails(*laptop, "spool", outbox(*laptop, "spool").at(0).id, PushStatus::ok);
  world.advance(hours(7));
  ASSERT_TRUE((*laptop)->tick());
  EXPECT_TRUE(outbox(*laptop, "xmpp").empty());
  EXPECT_EQ(outbox(*laptop, "spool").size(), 1u);
}

TEST_F(OutboxTest, AReceiptTakesTheNextRouteToo) {
  add_xmpp();
  const MessageId id = say("answer me");
  (void)laptop->step();
  (void)desktop->step();
  world.advance(seconds(3));
  ASSERT_TRUE((*desktop)->tick());
  const std::vector<OutboxItem> receipt = outbox(*desktop, "spool");
  ASSERT_EQ(receipt.size(), 1u);
  push_fails(*desktop, "spool", receipt[0].id, PushStatus::no_such_device);
  const std::vector<OutboxItem> moved = outbox(*desktop, "xmpp");
  ASSERT_EQ(moved.size(), 1u);
  ASSERT_TRUE((*laptop)->deliver("xmpp", {&moved[0].envelope, 1}, Bytes{1}));
  EXPECT_EQ(state(id), DeliveryState::delivered);
}

TEST_F(OutboxTest, WhatABridgeHadInItsQueueGoesByAnotherWhenItIsRemoved) {
  add_xmpp();
  const MessageId id = say("the spool is gone");
  const Bytes envelope = outbox(*laptop, "spool").at(0).envelope;
  ASSERT_TRUE((*laptop)->remove_bridge("spool"));
  const std::vector<OutboxItem> moved = outbox(*laptop, "xmpp");
  ASSERT_EQ(moved.size(), 1u);
  EXPECT_EQ(moved[0].envelope, envelope);
  EXPECT_EQ(state(id), DeliveryState::queued);
}

TEST_F(OutboxTest, WhatNoBridgeIsLeftForWaits) {
  const MessageId id = say("there will be another folder");
  ASSERT_TRUE((*laptop)->remove_bridge("spool"));
  EXPECT_EQ(state(id), DeliveryState::waiting);
  world.settle();
  ASSERT_TRUE((*laptop)->add_bridge({"spool", "spool", "{}"}));
  EXPECT_TRUE(outbox(*laptop, "spool").empty());  // nothing stale is left under its name
  ASSERT_TRUE((*laptop)->bridge_ready("spool", {"alice", "laptop", 32 * 1024, 100, false}));
  world.settle();
  (void)world.thread(*laptop, "spool:bob");  // looks bob up
  world.settle();
  EXPECT_EQ(state(id), DeliveryState::delivered);
  EXPECT_EQ(desktop->texts(thread).back(), "there will be another folder");
}

// What was asked dies with the process, or has no answer; the message is on disk.
TEST_F(OutboxTest, WhoAMessageWaitsForIsLookedUpAgain) {
  const auto look_up_of_bob = std::pair<std::string, std::string>("spool", "bob");
  Device& tablet = world.add("tablet", "bob");
  world.join(*desktop, tablet);
  tablet.off = true;
  ASSERT_TRUE((*desktop)->send(world.thread(*desktop, "spool:alice"), "I have a tablet now", ""));
  desktop->step();
  laptop->directory_is_away = true;
  world.settle();
  const MessageId id = say("to a device whose record is not known yet");
  const auto waiting = [&] {
    const core::MessageInfo m = *(*laptop)->message(id);
    return std::count_if(m.deliveries.begin(), m.deliveries.end(),
                         [](const auto& d) { return d.state == DeliveryState::waiting; });
  };
  ASSERT_EQ(waiting(), 1);
  laptop->wanted.clear();
  ASSERT_TRUE((*laptop)->tick());
  EXPECT_FALSE(laptop->wanted.contains(look_up_of_bob)) << "it was asked for a moment ago";
  world.advance(minutes(10));
  ASSERT_TRUE((*laptop)->tick());
  EXPECT_TRUE(laptop->wanted.contains(look_up_of_bob));
  laptop->wanted.clear();
  laptop->restart();
  EXPECT_TRUE(laptop->wanted.contains(look_up_of_bob));
  laptop->directory_is_away = false;
  tablet.off = false;
  world.settle();
  EXPECT_EQ(waiting(), 0);
  EXPECT_EQ(tablet.texts(thread).back(), "to a device whose record is not known yet");
}

// What waits for a device that is removed meanwhile is said to be dropped, and waits no more.
TEST_F(OutboxTest, WhatWaitsForADeviceEndsWithIt) {
  Device& tablet = world.add("tablet", "bob");
  world.join(*desktop, tablet);
  tablet.off = true;
  ASSERT_TRUE((*desktop)->send(world.thread(*desktop, "spool:alice"), "I have a tablet now", ""));
  desktop->step();
  laptop->directory_is_away = true;
  world.settle();
  const MessageId id = say("to a device whose record is not known yet");
  const DeviceId removed = tablet->account()->device;
  const auto state_for_it = [&] {
    const core::MessageInfo m = *(*laptop)->message(id);
    for (const auto& d : m.deliveries)
      if (d.device == removed) return d.state;
    return DeliveryState::delivered;
  };
  ASSERT_EQ(state_for_it(), DeliveryState::waiting);
  ASSERT_TRUE((*desktop)->revoke_device(removed));
  (void)desktop->step();
  laptop->directory_is_away = false;
  world.network.directory["bob"].erase("tablet");
  world.look_up(*laptop, "bob");
  EXPECT_EQ(state_for_it(), DeliveryState::dropped);
}

// Of somebody who has the store's file: a row of it can be taken away, and nothing is made up in its place.
TEST_F(OutboxTest, ADeliveryThatIsGoneFromTheStoreIsGone) {
  const auto deliveries = [&] {
    std::size_t n = 0;
    (void)laptop->storage.scan(core::Table::deliveries, {{}, {}, false, SIZE_MAX},
                               [&](std::uint64_t, const Result<crypto::SecretBytes>&) { return ++n > 0; });
    return n;
  };
  say("whose delivery will be taken away");
  ASSERT_TRUE(laptop->storage.begin());
  ASSERT_TRUE(laptop->storage.erase_all(core::Table::deliveries, {}));
  ASSERT_TRUE(laptop->storage.commit());
  ASSERT_EQ(deliveries(), 0u);
  push_fails(*laptop, "spool", outbox(*laptop, "spool").at(0).id, PushStatus::ok);
  EXPECT_EQ(deliveries(), 0u);
  EXPECT_TRUE(outbox(*laptop, "spool").empty());
}

// An introduction is the greater part of a short copy: it goes until the other side has it, and when it has changed.
TEST_F(OutboxTest, WhoIsIntroducedIsNotIntroducedAgain) {
  const AccountId alice = (*laptop)->account()->account;
  const DeviceId id = (*laptop)->account()->device;
  const auto introduced = [&](const std::string& text) {
    say(text);
    const Bytes copy = outbox(*laptop, "spool").at(0).envelope;
    core::Session session = desktop->session_with(alice, id);
    const wire::CopyView view = *wire::decode_copy(copy);
    const auto opened = core::open(session, view, world.clock.time);
    EXPECT_TRUE(opened);
    const bool introduces = wire::decode_padded(opened->expose())->gossip.introduction.has_value();
    world.settle();
    return introduces;
  };
  for (int i = 0; i < 2; ++i) {  // each has heard that the other knows what it is
    ASSERT_TRUE((*desktop)->send(thread, "heard", ""));
    world.settle();
    say("heard too");
    world.settle();
  }
  EXPECT_FALSE(introduced("you know me"));
  ASSERT_TRUE((*laptop)->add_bridge({"xmpp", "xmpp", "{}"}));
  ASSERT_TRUE((*laptop)->bridge_ready("xmpp", {"alice-there", "laptop-there", 32 * 1024, 100, false}));
  EXPECT_TRUE(introduced("I am there too"));
  EXPECT_FALSE(introduced("as you know"));
}

// Once for each session, so that its first flight does not begin it a second time.
TEST_F(OutboxTest, OfASessionItsBeginningIsNotedAndNothingElse) {
  const auto begun = [&] {
    std::size_t n = 0;
    (void)desktop->storage.scan(core::Table::handshakes, {{}, {}, false, SIZE_MAX},
                                [&](std::uint64_t, const Result<crypto::SecretBytes>&) { return ++n > 0; });
    return n;
  };
  const std::size_t before = begun();
  ASSERT_GT(before, 0u);
  for (const char* text : {"one", "two", "three"}) {
    say(text);
    world.settle();
  }
  EXPECT_EQ(desktop->texts(thread).back(), "three");
  EXPECT_EQ(begun(), before);
}

// Where no record is known to begin a session with, a complaint goes by one that still opens.
TEST_F(OutboxTest, AComplaintTakesALiveSessionWhereNoRecordIsKnown) {
  Device& netbook = world.add("netbook", "carol");
  ASSERT_TRUE(netbook->create_account("Carol"));
  world.settle();
  const AccountId carol = netbook->account()->account;
  // Both begin at once: two sessions, of which one is preferred.
  const ThreadId with_carol = world.thread(*desktop, "spool:carol");
  ASSERT_EQ(world.thread(netbook, "spool:bob"), with_carol);
  const std::size_t mail = world.network.all_mail.size();
  ASSERT_TRUE((*desktop)->send(with_carol, "hello, Carol", ""));
  ASSERT_TRUE(netbook->send(with_carol, "hello, Bob", ""));
  world.settle();
  const SessionId preferred = desktop->session_with(carol, netbook->account()->device).id;
  std::optional<Bytes> other;
  for (std::size_t i = mail; i < world.network.all_mail.size(); ++i) {
    const wire::CopyView copy = *wire::decode_copy(world.network.all_mail[i]);
    if (copy.header.session != preferred && copy.header.recipient == wire::recipient_tag((*desktop)->account()->device))
      other = world.network.all_mail[i];
  }
  ASSERT_TRUE(other) << "the one that the netbook began is not preferred";
  desktop->directory_is_away = true;
  world.advance(days(31));
  ASSERT_TRUE((*desktop)->tick());
  const auto for_carol = [&] {
    std::size_t n = 0;
    for (const OutboxItem& item : outbox(*desktop, "spool"))
      n +=
          wire::decode_copy(item.envelope)->header.recipient == wire::recipient_tag(netbook->account()->device) ? 1 : 0;
    return n;
  };
  const std::size_t before = for_carol();
  other->back() ^= 1;
  ASSERT_TRUE((*desktop)->deliver("spool", {&*other, 1}, Bytes{9}));
  ASSERT_TRUE((*desktop)->tick());
  EXPECT_EQ(for_carol(), before + 1);
}

// It has the thread from the device that wrote first, and has never looked the contact up itself.
TEST_F(OutboxTest, TheOtherOwnDeviceReachesTheContactToo) {
  Device& tablet = world.add("tablet", "alice");
  world.join(*laptop, tablet);
  say("from the laptop");
  world.settle();
  ASSERT_EQ(tablet.texts(thread).back(), "from the laptop");
  ASSERT_TRUE(tablet->send(thread, "from the tablet", ""));
  world.settle();
  EXPECT_EQ(desktop->texts(thread).back(), "from the tablet");
}

// Of two devices that both were put back, one holds a prekey that the other has lost with its store.
TEST_F(OutboxTest, AComplaintDoesNotRestOnAPersonalPrekey) {
  (void)world.thread(*desktop, "spool:alice");
  const AccountId bob = (*desktop)->account()->account;
  const DeviceId id = (*desktop)->account()->device;
  const auto personal = [&] {
    return core::load<core::PeerRow>(laptop->storage, core::Table::peers, core::key::device(bob, id))->value().personal;
  };
  for (int i = 0; i < 100 && !personal(); ++i) {
    say("a step");
    world.settle();
    ASSERT_TRUE((*desktop)->send(thread, "and a step back", ""));
    world.settle();
  }
  ASSERT_TRUE(personal());
  (void)world.thread(*laptop, "spool:bob");  // a record of today
  const MemoryStorage before = laptop->storage;
  const std::uint64_t lost = personal()->id;
  say("another step");
  world.settle();
  ASSERT_TRUE((*desktop)->send(thread, "and one back", ""));
  world.settle();
  laptop->storage = before;
  laptop->restart();
  ASSERT_TRUE(desktop->storage.begin());
  ASSERT_TRUE(desktop->storage.erase(core::Table::prekeys, core::key::number(lost)));
  ASSERT_TRUE(desktop->storage.commit());
  ASSERT_TRUE((*desktop)->send(thread, "do you hear me?", ""));
  world.settle();
  world.advance(minutes(5));
  world.settle();
  EXPECT_EQ(laptop->texts(thread).back(), "do you hear me?");
}

TEST_F(OutboxTest, NothingIsAskedOfABridgeThatIsNotThere) {
  add_xmpp();
  ASSERT_TRUE((*laptop)->remove_bridge("xmpp"));
  laptop->wanted.clear();
  world.advance(hours(30));
  ASSERT_TRUE((*laptop)->tick());
  EXPECT_TRUE(laptop->wanted.contains({"spool", "alice"}));
  EXPECT_FALSE(laptop->wanted.contains({"xmpp", "alice-there"}));
}

TEST_F(OutboxTest, NothingThatIsQueuedGoesToARemovedDevice) {
  Device& tablet = world.add("tablet", "bob");
  world.join(*desktop, tablet);
  say("hello, tablet");
  world.settle();
  const DeviceId removed = tablet->account()->device;
  ASSERT_TRUE(tablet->send(world.thread(tablet, "spool:alice"), "wants a receipt", ""));
  (void)tablet.step();
  (void)laptop->step();
  world.advance(seconds(3));
  ASSERT_TRUE((*laptop)->tick());
  ASSERT_TRUE((*desktop)->tick());
  const auto for_tablet = [&](Device& d) {
    std::size_t n = 0;
    for (const OutboxItem& item : outbox(d, "spool"))
      n += wire::decode_copy(item.envelope)->header.recipient == wire::recipient_tag(removed) ? 1 : 0;
    return n;
  };
  const MessageId id = say("one more for it");
  ASSERT_EQ(for_tablet(*laptop), 2u);  // the receipt, which nobody waits for, and the text
  // By the owner's own revocation, heard of by a contact.
  ASSERT_TRUE((*desktop)->revoke_device(removed));
  EXPECT_EQ(for_tablet(*desktop), 0u);
  laptop->off = true;
  world.settle();
  laptop->off = false;
  (void)world.thread(*laptop, "spool:bob");
  EXPECT_EQ(for_tablet(*laptop), 0u);
  std::size_t dropped = 0;
  const core::MessageInfo message = *(*laptop)->message(id);
  for (const auto& d : message.deliveries)
    if (d.device == removed) dropped += d.state == DeliveryState::dropped ? 1 : 0;
  EXPECT_EQ(dropped, 1u);
}

}  // namespace
}  // namespace bud::test
