// The main job, over the real core: accounts, joining, messages to every device, receipts, revocation.
#include "support/outcome.h"
#include "support/world.h"

#include <gtest/gtest.h>

namespace bud::test {
namespace {

using core::AlertKind;
using core::DeliveryState;
using ::testing::Test;

struct Story : Test {
  World world;
  Device* laptop = &world.add("laptop", "alice");
  Device* phone = &world.add("phone", "alice");
  Device* desktop = &world.add("desktop", "bob");
  Device* tablet = &world.add("tablet", "bob");

  void SetUp() override {
    ASSERT_TRUE((*laptop)->create_account("Alice"));
    ASSERT_TRUE((*desktop)->create_account("Bob"));
    world.settle();
    world.join(*laptop, *phone);
    world.join(*desktop, *tablet);
  }
};

std::map<std::string, DeliveryState> states(const core::MessageInfo& m) {
  std::map<std::string, DeliveryState> out;
  for (const auto& d : m.deliveries) out[to_hex(d.device.view())] = d.state;
  return out;
}

TEST_F(Story, BothEndsAreMembersOfTwoDevices) {
  for (Device* d : {laptop, phone, desktop, tablet}) {
    auto info = (*d)->account();
    ASSERT_TRUE(info);
    EXPECT_EQ(info->state, core::AccountState::member) << d->name;
    auto devices = (*d)->devices(info->account);
    ASSERT_TRUE(devices);
    EXPECT_EQ(devices->size(), 2u) << d->name;
  }
  EXPECT_EQ((*laptop)->account()->account, (*phone)->account()->account);
  EXPECT_EQ(laptop->alerts_of(AlertKind::device_request).size(), 1u);
  EXPECT_EQ(laptop->alerts_of(AlertKind::device_added).size(), 1u);
}

TEST_F(Story, AMessageReachesEveryDeviceAndItsReceiptsComeBack) {
  ThreadId thread = world.thread(*laptop, "spool:bob");
  auto id = (*laptop)->send(thread, "hello bob", "");
  ASSERT_TRUE(id);
  world.settle();
  for (Device* d : {laptop, phone, desktop, tablet})
    EXPECT_EQ(d->texts(thread), std::vector<std::string>{"hello bob"}) << d->name;
  auto m = (*laptop)->message(*id);
  ASSERT_TRUE(m);
  EXPECT_EQ(m->deliveries.size(), 3u);
  for (auto& [device, state] : states(*m)) EXPECT_EQ(state, DeliveryState::delivered) << device;
  EXPECT_TRUE((*phone)->message(*id)->outgoing);
  EXPECT_FALSE((*tablet)->message(*id)->outgoing);

  auto answer = (*tablet)->send(thread, "hello alice", "");
  ASSERT_TRUE(answer) << answer.error().text;
  world.settle();
  for (Device* d : {laptop, phone, desktop, tablet})
    EXPECT_EQ(d->texts(thread), (std::vector<std::string>{"hello bob", "hello alice"})) << d->name;
  EXPECT_EQ((*tablet)->message(*answer)->deliveries.size(), 3u);
  for (auto& [device, state] : states(*(*tablet)->message(*answer))) EXPECT_EQ(state, DeliveryState::delivered) << device;
}

// The own account is none: who is told of it as one asks for it, and finds nobody.
TEST_F(Story, WhoIsAnnouncedAsAContactIsOne) {
  ThreadId thread = world.thread(*laptop, "spool:bob");
  ASSERT_TRUE((*laptop)->send(thread, "hello bob", ""));
  world.settle();
  for (Device* d : {laptop, phone, desktop, tablet}) {
    EXPECT_EQ(d->contacts_told.size(), 1u) << d->name;
    for (const AccountId& contact : d->contacts_told) EXPECT_TRUE((*d)->contact(contact)) << d->name;
  }
}

TEST_F(Story, WhoIsWrittenToIsAmongTheContacts) {
  EXPECT_TRUE((*laptop)->contacts()->empty());
  ThreadId thread = world.thread(*laptop, "spool:bob");
  ASSERT_TRUE((*laptop)->send(thread, "hello bob", ""));
  world.settle();
  for (Device* d : {laptop, phone}) {
    const std::vector<core::ContactInfo> contacts = *(*d)->contacts();
    ASSERT_EQ(contacts.size(), 1u) << d->name;
    EXPECT_EQ(contacts[0].account, (*desktop)->account()->account) << d->name;
  }
}

TEST_F(Story, TheOwnAddressLeadsToTheOwnAccount) {
  for (Device* d : {laptop, phone}) EXPECT_EQ(*(*d)->resolve("spool:alice"), (*d)->account()->account) << d->name;
}

TEST_F(Story, WhatIsOpenedOrChangesIsAnnounced) {
  ThreadId thread = world.thread(*laptop, "spool:bob");
  EXPECT_EQ(laptop->threads_told, std::set<ThreadId>{thread});
  ASSERT_TRUE((*laptop)->send(thread, "hello bob", ""));
  world.settle();
  desktop->contacts_told.clear();
  ASSERT_TRUE((*laptop)->revoke_device((*phone)->account()->device));
  ASSERT_TRUE((*laptop)->send(thread, "my phone is gone", ""));
  world.settle();
  EXPECT_EQ(desktop->contacts_told, std::set<AccountId>{(*laptop)->account()->account});
}

TEST_F(Story, EachAccountHasWordsOfItsOwn) {
  auto alice = (*laptop)->recovery_words(), bob = (*desktop)->recovery_words();
  ASSERT_TRUE(alice && bob);
  EXPECT_NE(as_text(alice->expose()), as_text(bob->expose()));
}

TEST_F(Story, AJoinThatIsCancelledCanBeginAgain) {
  Device& watch = world.add("watch", "alice");
  ASSERT_TRUE(watch->begin_join("spool:alice"));
  EXPECT_EQ(watch->account()->state, core::AccountState::joining);
  ASSERT_TRUE(watch->cancel_join());
  EXPECT_EQ(watch->account()->state, core::AccountState::none);
  world.join(*laptop, watch);
  EXPECT_EQ(watch->account()->state, core::AccountState::member);
}

TEST_F(Story, TheSponsorIsToldThatTheNewDeviceIsIn) {
  Device& watch = world.add("watch", "alice");
  ASSERT_TRUE((*laptop)->open_join_window(minutes(5)));
  ASSERT_TRUE(watch->begin_join("spool:alice"));
  world.settle();
  const std::string code = watch->join_status()->code;
  auto second = (*laptop)->approve_join((*laptop)->join_requests()->front().id, code);
  ASSERT_TRUE(second);
  ASSERT_TRUE(watch->confirm_join(*second));
  laptop->joins_told = 0;
  world.settle();
  EXPECT_TRUE((*laptop)->join_requests()->empty());
  EXPECT_EQ(laptop->joins_told, 1u);
}

TEST_F(Story, WhatIsSaidAtOnceStandsInTheSameOrderEverywhere) {
  ThreadId thread = world.thread(*laptop, "spool:bob");
  ASSERT_TRUE((*laptop)->send(thread, "hello", ""));
  world.settle();
  for (int i = 0; i < 8; ++i) {
    for (Device* d : {laptop, desktop}) ASSERT_TRUE((*d)->send(thread, d->address, ""));
    world.settle();
  }
  // Of one number the smaller account comes first, whatever the ids.
  const std::vector<std::string> texts = laptop->texts(thread);
  ASSERT_EQ(texts.size(), 17u);
  const bool alice_first = (*laptop)->account()->account < (*desktop)->account()->account;
  for (std::size_t i = 1; i < texts.size(); i += 2) EXPECT_EQ(texts[i], alice_first ? "alice" : "bob") << i;
  for (Device* d : {phone, desktop, tablet}) EXPECT_EQ(d->texts(thread), texts) << d->name;
}

TEST_F(Story, ARevokedDeviceGetsNothingMore) {
  ThreadId thread = world.thread(*laptop, "spool:bob");
  ASSERT_TRUE((*laptop)->send(thread, "before", ""));
  world.settle();
  ASSERT_TRUE((*laptop)->revoke_device((*phone)->account()->device));
  world.settle();
  auto id = (*laptop)->send(thread, "after", "");
  world.settle();
  EXPECT_EQ((*laptop)->message(*id)->deliveries.size(), 2u);
  EXPECT_EQ(phone->texts(thread), std::vector<std::string>{"before"});
  EXPECT_EQ(tablet->texts(thread), (std::vector<std::string>{"before", "after"}));
  auto from_bob = (*tablet)->send(thread, "and from bob", "");
  world.settle();
  EXPECT_EQ((*tablet)->message(*from_bob)->deliveries.size(), 2u);
  EXPECT_EQ(desktop->alerts_of(AlertKind::contact_devices_changed).size(), 1u);
  // Nobody writes to it any more: it learns of it by looking its own account up, once a day.
  world.advance(hours(25));
  world.settle();
  EXPECT_EQ((*phone)->account()->state, core::AccountState::removed);
  EXPECT_EQ(phone->alerts_of(AlertKind::this_device_removed).size(), 1u);
  EXPECT_EQ(code((*phone)->send(thread, "a thief", "")), Errc::not_allowed);
}

TEST_F(Story, ADeviceThatWasOffCatchesUp) {
  ThreadId thread = world.thread(*laptop, "spool:bob");
  tablet->off = true;
  std::vector<std::string> said;
  for (int i = 0; i < 60; ++i) {
    said.push_back("m" + std::to_string(i));
    ASSERT_TRUE((*(i % 2 ? laptop : phone))->send(i % 2 ? thread : world.thread(*phone, "spool:bob"), said.back(), ""));
    world.settle();
  }
  world.advance(days(20));
  tablet->off = false;
  world.settle();
  auto got = tablet->texts(thread);
  EXPECT_EQ(got.size(), said.size());
  EXPECT_EQ(got, desktop->texts(thread));
}

TEST_F(Story, NothingIsRepeatedForAContactsRevokedDevice) {
  ThreadId thread = world.thread(*laptop, "spool:bob");
  ASSERT_TRUE((*laptop)->send(thread, "hello", ""));
  world.settle();
  tablet->off = true;
  auto id = (*laptop)->send(thread, "the tablet never gets this", "");
  ASSERT_TRUE(id);
  world.settle();
  const DeviceId revoked = (*tablet)->account()->device;
  ASSERT_TRUE((*desktop)->revoke_device(revoked));
  world.thread(*desktop, "spool:alice");
  ASSERT_TRUE((*desktop)->send(thread, "my tablet is gone", ""));
  world.settle();
  const std::size_t mail = world.network.mail["tablet"].size();
  world.advance(days(8));
  world.settle();
  EXPECT_EQ(world.network.mail["tablet"].size(), mail);
  EXPECT_EQ(states(*(*laptop)->message(*id))[to_hex(revoked.view())], DeliveryState::dropped);
}

}  // namespace
}  // namespace bud::test
