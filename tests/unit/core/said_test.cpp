// Everything that is said in a thread of two: what each kind comes to on all devices, whatever came first.
#include "support/outcome.h"
#include "support/raw_sender.h"
#include "support/shown.h"

#include <gtest/gtest.h>

namespace bud::test {
namespace {

using ::testing::Test;

struct Said : Test {
  World world;
  Device* laptop = &world.add("laptop", "alice");
  Device* phone = &world.add("phone", "alice");
  Device* desktop = &world.add("desktop", "bob");
  Device* tablet = &world.add("tablet", "bob");
  std::vector<Device*> all{laptop, phone, desktop, tablet};
  ThreadId thread;
  AccountId alice, bob;

  void SetUp() override {
    ASSERT_TRUE((*laptop)->create_account("Alice"));
    ASSERT_TRUE((*desktop)->create_account("Bob"));
    world.settle();
    world.join(*laptop, *phone);
    world.join(*desktop, *tablet);
    thread = world.thread(*laptop, "spool:bob");
    alice = (*laptop)->account()->account;
    bob = (*desktop)->account()->account;
    say(*laptop, "hello");
  }

  MessageId say(Device& from, const std::string& text, const core::SendOptions& options = {}) {
    Result<MessageId> id = from->send(thread, text, {}, options);
    EXPECT_TRUE(id) << id.error().text;
    world.settle();
    return id ? *id : MessageId{};
  }
  // The same on all four, which is returned.
  std::vector<std::string> everywhere() {
    world.settle();
    const std::vector<std::string> first = shown(*laptop, thread);
    for (Device* d : all) EXPECT_EQ(shown(*d, thread), first) << d->name;
    return first;
  }
  void hears(Device& device, Bytes copy) { ASSERT_TRUE(device->deliver("spool", {&copy, 1}, Bytes{9})); }
  core::MessageInfo info(Device& device, const MessageId& id) {
    auto m = device->message(id);
    EXPECT_TRUE(m) << device.name;
    return m ? *m : core::MessageInfo{};
  }
};

TEST_F(Said, AnEditIsShownEverywhereAlsoOnADeviceThatWasOff) {
  tablet->off = true;
  const MessageId id = say(*laptop, "at sicks");
  ASSERT_TRUE((*phone)->edit(id, "at six", {{3, 3, 1, ""}}));
  world.settle();
  tablet->off = false;
  everywhere();
  for (Device* d : all) {
    EXPECT_EQ(info(*d, id).text, "at six") << d->name;
    EXPECT_TRUE(info(*d, id).edited) << d->name;
    ASSERT_EQ(info(*d, id).styles.size(), 1u);
  }
}

TEST_F(Said, OnlyItsAuthorEditsOrRetracts) {
  const MessageId id = say(*laptop, "mine");
  EXPECT_EQ(code((*desktop)->edit(id, "yours", {})), Errc::not_allowed);
  EXPECT_EQ(code((*desktop)->retract(id)), Errc::not_allowed);
  EXPECT_EQ(code((*laptop)->edit(id, "", {})), Errc::malformed);
  EXPECT_EQ(code((*laptop)->edit(MessageId{}, "nothing", {})), Errc::not_found);
}

TEST_F(Said, TheNewestEditStandsWhateverComesFirst) {
  const MessageId id = say(*laptop, "one");
  std::vector<Bytes> held;
  // Bob's devices get the edits in the wrong order, and before them nothing.
  world.network.tamper = [&](const std::string& device, Bytes copy) -> std::vector<Bytes> {
    if (device == "desktop") {
      held.push_back(std::move(copy));
      return {};
    }
    return {std::move(copy)};
  };
  ASSERT_TRUE((*laptop)->edit(id, "two", {}));
  ASSERT_TRUE((*laptop)->edit(id, "three", {}));
  world.settle();
  world.network.tamper = nullptr;
  ASSERT_GE(held.size(), 2u);
  for (auto copy = held.rbegin(); copy != held.rend(); ++copy) world.network.mail["desktop"].push_back(*copy);
  everywhere();
  EXPECT_EQ(info(*desktop, id).text, "three");
}

TEST_F(Said, WhatIsRetractedIsGoneWithAllThatWasSaidOfIt) {
  const MessageId id = say(*laptop, "a secret");
  ASSERT_TRUE((*desktop)->react(id, "\xf0\x9f\x98\xae", true));
  world.settle();
  ASSERT_TRUE((*laptop)->retract(id));
  ASSERT_TRUE((*tablet)->react(id, "\xf0\x9f\x91\x8d", true));  // crossed on the way
  everywhere();
  for (Device* d : all) {
    const core::MessageInfo m = info(*d, id);
    EXPECT_TRUE(m.retracted && m.text.empty() && m.reactions.empty()) << d->name;
  }
}

TEST_F(Said, ReactionsAreOnePerAccountAndEmoji) {
  const MessageId id = say(*laptop, "cake?");
  const std::string yes = "\xf0\x9f\x91\x8d", cake = "\xf0\x9f\x8d\xb0";
  ASSERT_TRUE((*desktop)->react(id, yes, true));
  world.settle();
  ASSERT_TRUE((*tablet)->react(id, yes, true));
  ASSERT_TRUE((*tablet)->react(id, cake, true));
  ASSERT_TRUE((*phone)->react(id, yes, true));
  everywhere();
  core::MessageInfo m = info(*laptop, id);
  ASSERT_EQ(m.reactions.size(), 2u);
  std::size_t said = 0;
  for (const core::ReactionInfo& r : m.reactions) said += r.accounts.size();
  EXPECT_EQ(said, 3u);
  ASSERT_TRUE((*desktop)->react(id, yes, false));
  everywhere();
  m = info(*phone, id);
  ASSERT_EQ(m.reactions.size(), 2u);
  EXPECT_EQ(m.reactions[m.reactions[0].emoji == yes ? 0 : 1].accounts, std::vector<AccountId>{alice});
  EXPECT_EQ(code((*laptop)->react(id, "", true)), Errc::malformed);
  EXPECT_EQ(code((*laptop)->react(id, std::string(65, 'x'), true)), Errc::malformed);
}

TEST_F(Said, APollCountsTheNewestVoteOfAnAccount) {
  auto poll = (*laptop)->send_poll(thread, "When?", {"six", "seven", "eight"}, false, {});
  ASSERT_TRUE(poll);
  world.settle();
  ASSERT_TRUE((*desktop)->vote(*poll, {0}));
  ASSERT_TRUE((*phone)->vote(*poll, {1}));
  world.settle();
  ASSERT_TRUE((*tablet)->vote(*poll, {2}));
  everywhere();
  const core::MessageInfo m = info(*desktop, *poll);
  ASSERT_TRUE(m.poll);
  EXPECT_EQ(m.text, "When?");
  EXPECT_EQ(m.poll->votes, (std::vector<std::vector<AccountId>>{{}, {alice}, {bob}}));
  EXPECT_EQ(code((*desktop)->vote(*poll, {0, 1})), Errc::malformed);
  EXPECT_EQ(code((*desktop)->vote(*poll, {3})), Errc::malformed);
  EXPECT_EQ(code((*laptop)->send_poll(thread, "When?", {"now"}, false, {})), Errc::malformed);
  ASSERT_TRUE((*desktop)->vote(*poll, {}));
  everywhere();
  EXPECT_TRUE(info(*laptop, *poll).poll->votes[2].empty());
}

TEST_F(Said, AReplyNamesWhatItAnswers) {
  const MessageId id = say(*laptop, "who brings the boat?");
  core::SendOptions options;
  options.reply_to = id;
  const MessageId answer = say(*tablet, "I do", options);
  everywhere();
  const core::MessageInfo m = info(*phone, answer);
  ASSERT_TRUE(m.reply);
  EXPECT_EQ(m.reply->id, id);
  EXPECT_EQ(m.reply->author, alice);
  EXPECT_EQ(m.reply->excerpt, "who brings the boat?");
  options.reply_to = MessageId{};
  EXPECT_EQ(code((*tablet)->send(thread, "to nothing", {}, options)), Errc::not_found);
}

TEST_F(Said, AnExcerptIsCutBetweenCharacters) {
  std::string text(255, 'x');
  text += "\xc3\xa5\xc3\xa5";
  core::SendOptions options;
  options.reply_to = say(*laptop, text);
  const MessageId answer = say(*tablet, "long", options);
  EXPECT_EQ(info(*laptop, answer).reply->excerpt, std::string(255, 'x'));
}

TEST_F(Said, AContactIsIntroduced) {
  Device& carols = world.add("carols", "carol");
  ASSERT_TRUE(carols->create_account("Carol"));
  world.settle();
  world.thread(*laptop, "spool:carol");
  const AccountId carol = carols->account()->account;
  auto id = (*laptop)->send_contact(thread, carol, {});
  ASSERT_TRUE(id) << id.error().text;
  everywhere();
  const core::MessageInfo m = info(*tablet, *id);
  ASSERT_TRUE(m.card);
  EXPECT_EQ(m.card->account, carol);
  EXPECT_EQ(m.card->addresses, std::vector<std::string>{"spool:carol"});
  EXPECT_EQ(code((*laptop)->send_contact(thread, AccountId{}, {})), Errc::not_found);
}

TEST_F(Said, ReadingIsToldOnceForAnAccount) {
  const MessageId first = say(*laptop, "one");
  const MessageId second = say(*laptop, "two");
  EXPECT_EQ((*desktop)->thread(thread)->unread, 3u);
  ASSERT_TRUE((*desktop)->mark_read(first));
  world.settle();
  EXPECT_EQ((*desktop)->thread(thread)->unread, 1u);
  for (Device* d : {laptop, phone}) {
    EXPECT_EQ(info(*d, first).read_by, std::vector<AccountId>{bob}) << d->name;
    EXPECT_TRUE(info(*d, second).read_by.empty()) << d->name;
  }
  ASSERT_TRUE((*tablet)->mark_read(second));
  world.settle();
  EXPECT_EQ(info(*phone, second).read_by, std::vector<AccountId>{bob});
  // Read again, nothing goes out.
  const std::size_t sent = world.network.all_mail.size();
  ASSERT_TRUE((*tablet)->mark_read(first));
  world.settle();
  EXPECT_EQ(world.network.all_mail.size(), sent);
}

// Another own device wrote it, and its copy for this one took longer than the answer.
TEST_F(Said, AReceiptMayComeBeforeWhatItIsOf) {
  std::vector<Bytes> held;
  world.network.tamper = [&](const std::string& device, Bytes copy) -> std::vector<Bytes> {
    if (device != "phone") return {std::move(copy)};
    held.push_back(std::move(copy));
    return {};
  };
  const MessageId id = say(*laptop, "one");
  world.network.tamper = nullptr;
  ASSERT_TRUE((*desktop)->mark_read(id));
  world.settle();
  EXPECT_EQ(code((*phone)->message(id)), Errc::not_found);
  for (const Bytes& copy : held) world.network.mail["phone"].push_back(copy);
  world.settle();
  EXPECT_EQ(info(*phone, id).read_by, std::vector<AccountId>{bob});
}

TEST_F(Said, AMarkOfSomebodyWhoIsNotInTheThreadDoesNothing) {
  const MessageId id = say(*laptop, "for bob");
  RawSender mallory(world, 77);
  mallory.open(*laptop);
  wire::Content c = mallory.text(alice, "");
  c.kind = wire::ContentKind::receipt;
  c.body = wire::Receipt{wire::ReceiptType::read, {}, {{thread, info(*laptop, id).lamport}}};
  hears(*laptop, mallory.seal(c));
  EXPECT_TRUE(info(*laptop, id).read_by.empty());
  c.body = wire::Receipt{wire::ReceiptType::read, {}, {{mallory.text(alice, "").thread, ~std::uint64_t{0}}}};
  hears(*laptop, mallory.seal(c));
  EXPECT_TRUE(info(*laptop, id).read_by.empty());
}

TEST_F(Said, TypingIsToldAndNotKept) {
  const std::size_t before = shown(*desktop, thread).size();
  desktop->typing_told.clear();
  ASSERT_TRUE((*laptop)->set_typing(thread, true));
  world.settle();
  ASSERT_EQ(desktop->typing_told.size(), 1u);
  EXPECT_EQ(desktop->typing_told[0].account, alice);
  EXPECT_TRUE(desktop->typing_told[0].active);
  EXPECT_EQ(shown(*desktop, thread).size(), before);
  EXPECT_TRUE(phone->typing_told.empty());
}

TEST_F(Said, WhatExpiresIsGoneAfterItWasRead) {
  core::SendOptions options;
  options.expire = 60;
  const MessageId id = say(*laptop, "burn this", options);
  world.advance(seconds(30));
  everywhere();
  ASSERT_TRUE((*desktop)->mark_read(id));
  world.advance(seconds(40));
  world.settle();
  EXPECT_EQ(code((*laptop)->message(id)), Errc::not_found);  // whoever writes has read
  EXPECT_EQ((*tablet)->thread(thread)->unread, 0u);
  EXPECT_TRUE((*desktop)->message(id));
  world.advance(seconds(60));
  world.settle();
  for (Device* d : all) {  // Bob has read it on one device, and so has Bob
    EXPECT_EQ(code((*d)->message(id)), Errc::not_found) << d->name;
    bool there = false;
    for (int table = 1; table <= static_cast<int>(core::Table::wants); ++table)
      ASSERT_TRUE(d->storage.scan(static_cast<core::Table>(table), {}, [&](std::uint64_t, Result<crypto::SecretBytes> row) {
        there = there || (row && as_text(row->expose()).find("burn this") != std::string_view::npos);
        return true;
      }));
    EXPECT_FALSE(there) << d->name;
  }
}

TEST_F(Said, AKindThatIsNotKnownIsShownByWhatItGaveInstead) {
  RawSender newer(world, 77);
  newer.open(*desktop);
  wire::Content c = newer.text(bob, "");
  c.kind = static_cast<wire::ContentKind>(777);
  c.body = wire::UnknownBody{Bytes(20, 7)};
  c.fallback = "a hologram";
  hears(*desktop, newer.seal(c));
  const core::MessageInfo m = info(*desktop, c.id);
  EXPECT_EQ(m.kind, core::MessageKind::unknown);
  EXPECT_EQ(m.text, "a hologram");
}

// What somebody had seen and this device has not is shown as a gap, asked for, and healed.
TEST_F(Said, AGapIsShownAndHealed) {
  world.network.tamper = [&](const std::string& device, Bytes copy) -> std::vector<Bytes> {
    if (device == "tablet") return {};
    return {std::move(copy)};
  };
  const MessageId lost = say(*laptop, "lost on the way");
  world.network.tamper = nullptr;
  const MessageId next = say(*desktop, "I have seen it");
  EXPECT_EQ(code((*tablet)->message(lost)), Errc::not_found);
  EXPECT_EQ(info(*tablet, next).missing, 1u);
  world.advance(minutes(2));
  everywhere();
  EXPECT_EQ(info(*tablet, lost).text, "lost on the way");
  EXPECT_EQ(info(*tablet, next).missing, 0u);
}

TEST_F(Said, HistoryThatWasNotAskedForIsIgnored) {
  RawSender mallory(world, 77);
  mallory.open(*desktop);
  const wire::Content hello = mallory.text(bob, "hello");
  hears(*desktop, mallory.seal(hello));
  ASSERT_TRUE((*desktop)->message(hello.id));
  const wire::Content made = mallory.text(bob, "as if long ago");
  wire::Content c = mallory.text(bob, "");
  c.kind = wire::ContentKind::history;
  c.body = wire::History{{}, {}, {wire::encode(made)}};
  c.lamport = 0;
  hears(*desktop, mallory.seal(c));
  EXPECT_EQ(code((*desktop)->message(made.id)), Errc::not_found);
}

// Who is not in a thread is told nothing of it, whatever hash they know.
TEST_F(Said, HistoryIsToldToNobodyElse) {
  const MessageId id = say(*laptop, "between us");
  RawSender mallory(world, 77);
  mallory.open(*laptop);
  hears(*laptop, mallory.seal(mallory.text(alice, "hello")));
  world.settle();
  std::optional<ContentHash> hash;
  ASSERT_TRUE(laptop->storage.scan(core::Table::messages, {core::key::thread(thread), {}, true, 1},
                                   [&](std::uint64_t, Result<crypto::SecretBytes> row) {
                                     hash = wire::content_hash(core::decode_row<core::MessageRow>(row->expose())->content);
                                     return true;
                                   }));
  const std::size_t sent = world.network.all_mail.size();
  for (const ThreadId& named : {thread, mallory.text(alice, "").thread}) {
    wire::Content c = mallory.text(alice, "");
    c.kind = wire::ContentKind::history;
    c.thread = named;
    c.lamport = 0;
    c.body = wire::History{{*hash}, {}, {}};
    hears(*laptop, mallory.seal(c));
  }
  world.settle();
  EXPECT_EQ(world.network.all_mail.size(), sent);
  EXPECT_EQ(info(*laptop, id).text, "between us");
}

}  // namespace
}  // namespace bud::test
