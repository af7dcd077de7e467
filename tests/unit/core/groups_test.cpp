// Groups over the real core: who comes, goes and is put out, and what each of them is shown.
#include "support/outcome.h"
#include "support/raw_sender.h"
#include "support/shown.h"

#include <gtest/gtest.h>

namespace bud::test {
namespace {

using ::testing::Test;

struct Groups : Test {
  World world;
  std::map<std::string, Device*> first;  // by person
  std::vector<Device*> all;

  // A person with some devices; each knows everybody who came before.
  void person(const std::string& name, int devices) {
    for (int i = 0; i < devices; ++i) {
      Device& d = world.add(name + std::to_string(i), name);
      all.push_back(&d);
      if (i == 0) {
        ASSERT_TRUE(d->create_account(name));
        world.settle();
        first[name] = &d;
      } else {
        world.join(*first[name], d);
      }
    }
  }
  Device& of(const std::string& name, int device = 0) {
    for (Device* d : all)
      if (d->name == name + std::to_string(device)) return *d;
    std::abort();
  }
  AccountId account(const std::string& name) { return of(name)->account()->account; }
  void meet(const std::string& a, const std::string& b) { world.thread(of(a), "spool:" + b); }

  ThreadId group(const std::string& creator, const std::vector<std::string>& others, core::GroupPolicy policy = {}) {
    std::vector<AccountId> members;
    for (const std::string& other : others) {
      meet(creator, other);
      members.push_back(account(other));
    }
    auto id = of(creator)->create_group("the boat", policy, members);
    EXPECT_TRUE(id) << id.error().text;
    world.settle();
    return id ? *id : ThreadId{};
  }
  MessageId say(Device& from, const ThreadId& thread, const std::string& text) {
    auto id = from->send(thread, text, "");
    EXPECT_TRUE(id) << from.name << ": " << id.error().text;
    world.settle();
    return id ? *id : MessageId{};
  }
  bool shows(Device& d, const ThreadId& thread, const std::string& text) {
    const std::vector<std::string> texts = d.texts(thread);
    return std::find(texts.begin(), texts.end(), text) != texts.end();
  }
  void expect_same(const ThreadId& thread, const std::vector<std::string>& people) {
    world.settle();
    const std::vector<std::string> expected = shown(of(people.front()), thread);
    for (Device* d : all) {
      if (std::find(people.begin(), people.end(), d->address) == people.end()) continue;
      EXPECT_EQ(shown(*d, thread), expected) << d->name;
    }
  }
};

TEST_F(Groups, AreShownAlikeOnAllDevicesOfAllMembers) {
  person("alice", 2);
  person("bob", 2);
  person("carol", 1);
  const ThreadId boat = group("alice", {"bob", "carol"});
  say(of("alice"), boat, "who rows?");
  say(of("bob", 1), boat, "I do");
  say(of("carol"), boat, "and I");
  say(of("alice", 1), boat, "good");
  expect_same(boat, {"alice", "bob", "carol"});
  EXPECT_EQ(of("carol").texts(boat), (std::vector<std::string>{"", "who rows?", "I do", "and I", "good"}));
  const core::ThreadInfo info = *of("bob")->thread(boat);
  EXPECT_TRUE(info.group && info.in);
  EXPECT_EQ(info.name, "the boat");
  EXPECT_EQ(info.members.size(), 2u);
  EXPECT_EQ(info.administrators, std::vector<AccountId>{account("alice")});
  // Bob and Carol never met, and are no contacts by being in one group.
  EXPECT_EQ(code(of("carol")->contact(account("bob"))), Errc::not_found);
  const core::ContactInfo stranger = *of("carol")->person(account("bob"));
  EXPECT_EQ(stranger.account, account("bob"));
  EXPECT_EQ(stranger.name, "bob");
  EXPECT_EQ(stranger.addresses, std::vector<std::string>{"spool:bob"});
  EXPECT_FALSE(stranger.verified || stranger.disputed);
  EXPECT_EQ(of("carol")->person(AccountId{})->name, "");
}

TEST_F(Groups, WhoComesReadsNothingEarlierAndWhoLeavesNothingLater) {
  for (const char* name : {"alice", "bob", "carol"}) person(name, 1);
  const ThreadId boat = group("alice", {"bob"});
  say(of("alice"), boat, "before carol");
  meet("alice", "carol");
  ASSERT_TRUE(of("alice")->add_member(boat, account("carol"), false));
  world.settle();
  say(of("bob"), boat, "hello carol");
  EXPECT_FALSE(shows(of("carol"), boat, "before carol"));
  EXPECT_TRUE(shows(of("carol"), boat, "hello carol"));
  ASSERT_TRUE(of("bob")->leave_group(boat));
  world.settle();
  EXPECT_FALSE(of("bob")->thread(boat)->in);
  EXPECT_EQ(of("alice")->thread(boat)->members, std::vector<AccountId>{account("carol")});
  const std::size_t sent = world.network.all_mail.size();
  say(of("carol"), boat, "bob is gone");
  EXPECT_FALSE(shows(of("bob"), boat, "bob is gone"));
  for (std::size_t i = sent; i < world.network.all_mail.size(); ++i)
    EXPECT_NE(wire::decode_copy(world.network.all_mail[i])->header.recipient, wire::recipient_tag(of("bob")->account()->device));
  EXPECT_EQ(code(of("bob")->send(boat, "let me in", "")), Errc::not_allowed);
  // He comes back, and has missed what was said without him.
  ASSERT_TRUE(of("alice")->add_member(boat, account("bob"), false));
  world.settle();
  say(of("carol"), boat, "welcome back");
  EXPECT_TRUE(shows(of("bob"), boat, "welcome back"));
  EXPECT_FALSE(shows(of("bob"), boat, "bob is gone"));
}

TEST_F(Groups, PolicyIsKeptByThoseWhoReadToo) {
  for (const char* name : {"alice", "bob", "carol"}) person(name, 1);
  core::GroupPolicy policy;
  policy.add = policy.remove = policy.rename = policy.post = core::Who::administrators;
  const ThreadId boat = group("alice", {"bob", "carol"}, policy);
  EXPECT_EQ(code(of("bob")->send(boat, "may I?", "")), Errc::not_allowed);
  EXPECT_EQ(code(of("bob")->rename_group(boat, "bob's boat")), Errc::not_allowed);
  EXPECT_EQ(code(of("bob")->remove_member(boat, account("carol"))), Errc::not_allowed);
  ASSERT_TRUE(of("alice")->add_member(boat, account("bob"), true));
  world.settle();
  say(of("bob"), boat, "now I may");
  EXPECT_TRUE(shows(of("carol"), boat, "now I may"));
  ASSERT_TRUE(of("bob")->rename_group(boat, "bob's boat"));
  world.settle();
  EXPECT_EQ(of("carol")->thread(boat)->name, "bob's boat");
  ASSERT_TRUE(of("carol")->leave_group(boat));
  expect_same(boat, {"alice", "bob"});
}

// Attack `outsider-post`: somebody who is not in the roster speaks in a group.
TEST_F(Groups, OutsiderPost) {
  for (const char* name : {"alice", "bob", "carol"}) person(name, 1);
  const ThreadId boat = group("alice", {"bob"});
  say(of("alice"), boat, "ours");
  RawSender mallory(world, 77);
  mallory.open(of("bob"));
  wire::Content c = mallory.text(account("bob"), "not hers");
  c.to.clear();
  c.thread = boat;
  const auto roster_of = [&](Device& d) {
    std::optional<RosterDigest> digest;
    EXPECT_TRUE(d.storage.scan(core::Table::messages, {core::key::thread(boat), {}, true, 1}, [&](std::uint64_t, Result<crypto::SecretBytes> row) {
      digest = wire::decode_content(core::decode_row<core::MessageRow>(row->expose())->content)->roster;
      return true;
    }));
    return *digest;
  };
  c.roster = roster_of(of("bob"));
  Bytes copy = mallory.seal(c);
  ASSERT_TRUE(of("bob")->deliver("spool", {&copy, 1}, Bytes{9}));
  world.settle();
  EXPECT_FALSE(shows(of("bob"), boat, "not hers"));
  // Nor where she claims that a roster exists in which she is.
  c.id.bytes[0] ^= 1;
  c.roster.bytes[0] ^= 1;
  copy = mallory.seal(c);
  ASSERT_TRUE(of("bob")->deliver("spool", {&copy, 1}, Bytes{9}));
  world.advance(minutes(5));
  world.settle();
  EXPECT_FALSE(shows(of("bob"), boat, "not hers"));
  say(of("bob"), boat, "still ours");
  expect_same(boat, {"alice", "bob"});
}

TEST_F(Groups, WhoIsPutOutSpeaksToNobodyAndWhatWasSaidInTimeStands) {
  for (const char* name : {"alice", "bob", "carol"}) person(name, 2);
  const ThreadId boat = group("alice", {"bob", "carol"});
  say(of("carol"), boat, "carol was here");
  // Carol writes, and before anybody of Alice's has it Alice puts her out. Bob has it in time, and answers.
  std::vector<std::pair<std::string, Bytes>> held;
  world.network.tamper = [&](const std::string& device, Bytes copy) -> std::vector<Bytes> {
    if (!device.starts_with("alice")) return {std::move(copy)};
    held.emplace_back(device, std::move(copy));
    return {};
  };
  say(of("carol"), boat, "in time");
  world.network.tamper = nullptr;
  ASSERT_TRUE(of("alice")->remove_member(boat, account("carol")));
  world.settle();
  for (auto& [device, copy] : held) world.network.mail[device].push_back(copy);
  world.settle();
  EXPECT_FALSE(shows(of("alice"), boat, "in time"));  // as far as Alice knows she was out when she said it
  say(of("bob"), boat, "carol said so in time");
  expect_same(boat, {"alice", "bob"});
  EXPECT_TRUE(shows(of("alice", 1), boat, "in time"));
}

TEST_F(Groups, ANewDeviceOfAMemberIsInThem) {
  person("alice", 1);
  person("bob", 1);
  const ThreadId boat = group("alice", {"bob"});
  say(of("alice"), boat, "before the phone");
  Device& phone = world.add("bob1", "bob");
  all.push_back(&phone);
  world.join(of("bob"), phone);
  EXPECT_TRUE(phone->thread(boat));
  say(of("bob"), boat, "I have a phone now");  // Alice hears of it by this
  say(of("alice"), boat, "hello phone");
  EXPECT_TRUE(shows(phone, boat, "hello phone"));
  say(phone, boat, "hello alice");
  EXPECT_TRUE(shows(of("alice"), boat, "hello alice"));
}

TEST_F(Groups, OutliveTheDeviceThatMadeThem) {
  person("alice", 2);
  person("bob", 1);
  person("carol", 1);
  const ThreadId boat = group("alice", {"bob"});
  say(of("alice"), boat, "hello");
  // The phone is stolen. The laptop's... here: the first device goes, and the second signs for it again.
  ASSERT_TRUE(of("alice", 1)->revoke_device(of("alice")->account()->device));
  world.settle();
  say(of("alice", 1), boat, "I lost my laptop");
  meet("bob", "carol");
  ASSERT_TRUE(of("bob")->add_member(boat, account("carol"), false));
  world.settle();
  say(of("bob"), boat, "hello carol");
  EXPECT_TRUE(shows(of("carol"), boat, "hello carol"));
  say(of("carol"), boat, "hello all");
  EXPECT_TRUE(shows(of("alice", 1), boat, "hello all"));
}

TEST_F(Groups, ChangesAtOnceComeToTheSame) {
  for (const char* name : {"alice", "bob", "carol", "dave", "erin"}) person(name, 1);
  const ThreadId boat = group("alice", {"bob", "carol"});
  meet("bob", "dave");
  meet("carol", "erin");
  ASSERT_TRUE(of("bob")->add_member(boat, account("dave"), false));
  ASSERT_TRUE(of("carol")->add_member(boat, account("erin"), false));
  ASSERT_TRUE(of("alice")->rename_group(boat, "the ship"));
  ASSERT_TRUE(of("bob")->rename_group(boat, "the ferry"));
  world.settle();
  // Bob, who did not know of Erin, has not told Dave; who asks, once somebody writes who does know.
  for (const char* name : {"alice", "bob", "carol", "dave", "erin"}) say(of(name), boat, std::string("from ") + name);
  world.advance(minutes(2));
  world.settle();
  for (const char* name : {"alice", "bob", "carol", "dave", "erin"}) {
    EXPECT_EQ(of(name)->thread(boat)->members.size(), 4u) << name;
    EXPECT_EQ(of(name)->thread(boat)->name, of("alice")->thread(boat)->name) << name;
    say(of(name), boat, std::string("again from ") + name);
  }
  for (const char* name : {"alice", "bob", "carol", "dave", "erin"})
    for (const char* other : {"alice", "bob", "carol", "dave", "erin"})
      EXPECT_TRUE(shows(of(name), boat, std::string("again from ") + other)) << name << " of " << other;
}

TEST_F(Groups, WhatABlockedMemberSaysIsNotShownAndWhomItTakesInIsIn) {
  for (const char* name : {"alice", "bob", "carol"}) person(name, 1);
  const ThreadId boat = group("alice", {"bob"});
  meet("bob", "carol");
  ASSERT_TRUE(of("alice")->set_blocked(account("bob"), true));
  world.settle();
  say(of("bob"), boat, "you cannot hear me");
  ASSERT_TRUE(of("bob")->add_member(boat, account("carol"), false));
  world.settle();
  EXPECT_FALSE(shows(of("alice"), boat, "you cannot hear me"));
  EXPECT_EQ(of("alice")->thread(boat)->members.size(), 2u);
  say(of("carol"), boat, "hello both");
  EXPECT_TRUE(shows(of("alice"), boat, "hello both"));
  of("carol").off = true;
  const std::size_t sent = world.network.all_mail.size();
  ASSERT_TRUE(of("bob")->mark_read(of("bob")->messages(boat, 0, 10)->front().id));
  world.advance(minutes(5));
  world.settle();
  for (std::size_t i = sent; i < world.network.all_mail.size(); ++i)  // Alice is told, and says nothing
    EXPECT_NE(wire::decode_copy(world.network.all_mail[i])->header.recipient, wire::recipient_tag(of("bob")->account()->device)) << i;
}

TEST_F(Groups, AMemberKnowsWhereTheOthersAreFound) {
  for (const char* name : {"alice", "bob", "carol"}) person(name, 2);
  const ThreadId boat = group("alice", {"bob", "carol"});
  // Carol never looked Bob up, and writes first.
  say(of("carol", 1), boat, "hello");
  expect_same(boat, {"alice", "bob", "carol"});
  EXPECT_TRUE(shows(of("bob", 1), boat, "hello"));
}

}  // namespace
}  // namespace bud::test
