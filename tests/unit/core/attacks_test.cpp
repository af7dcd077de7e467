// The known attacks on the whole core, each under its name, against a hostile directory and transport.
#include "core/rows.h"
#include "support/outcome.h"
#include "support/raw_sender.h"

#include <gtest/gtest.h>

namespace bud::test {
namespace {

using core::AlertKind;
using core::DeliveryState;

struct Attack : ::testing::Test {
  World world;
  Device* laptop = &world.add("laptop", "alice");
  Device* phone = &world.add("phone", "alice");
  Device* desktop = &world.add("desktop", "bob");
  Device* tablet = &world.add("tablet", "bob");
  std::vector<Device*> all{laptop, phone, desktop, tablet};
  ThreadId thread;

  void SetUp() override {
    ASSERT_TRUE((*laptop)->create_account("Alice"));
    ASSERT_TRUE((*desktop)->create_account("Bob"));
    world.settle();
    world.join(*laptop, *phone);
    world.join(*desktop, *tablet);
    thread = world.thread(*laptop, "spool:bob");
  }

  AccountId alice() { return (*laptop)->account()->account; }
  AccountId bob() { return (*desktop)->account()->account; }
  void look_up(Device& d, const std::string& at) { world.look_up(d, at); }
  void say(Device& from, const std::string& text) {
    if (!from->thread(thread)) world.thread(from, from.address == "alice" ? "spool:bob" : "spool:alice");
    auto id = from->send(thread, text, "");
    ASSERT_TRUE(id) << id.error().text;
    world.settle();
  }
  wire::Record record_of(Device& d) {
    return *wire::decode_and_verify_record(world.network.directory[d.address][d.name]);
  }
  crypto::DhPublic identity_of(Device& d) {
    const wire::Record record = record_of(d);
    for (const auto& e : record.entries)
      if (e.body().key == d->account()->device) return e.body().identity;
    std::abort();
  }
  bool sealed_for(const DeviceId& device, std::size_t from = 0) {
    for (std::size_t i = from; i < world.network.all_mail.size(); ++i)
      if (wire::decode_copy(world.network.all_mail[i])->header.recipient == wire::recipient_tag(device)) return true;
    return false;
  }
  void deliver(Device& d, Bytes copy) { ASSERT_TRUE(d->deliver("spool", {&copy, 1}, Bytes{9})); }
};

TEST_F(Attack, GhostDevice) {
  RawSender ghost(world, 77);
  auto real = record_of(*laptop);
  std::vector<Bytes> entries;
  for (const auto& e : real.entries) entries.push_back(e.bytes());
  world.network.directory["alice"]["ghost"] = ghost.record(alice(), "spool:alice", real.body.opening, entries);
  say(*laptop, "hello");  // bob's devices know the contact now
  for (Device* d : all) {
    look_up(*d, "alice");
    EXPECT_EQ(d->alerts_of(AlertKind::unlisted_device).size(), 1u) << d->name;
  }
  say(*tablet, "not for the ghost");
  say(*laptop, "nor this");
  EXPECT_FALSE(sealed_for(ghost.device()));
  EXPECT_TRUE(world.network.mail["raw"].empty());
}

TEST_F(Attack, GhostApprover) {
  RawSender ghost(world, 78), second(world, 79);
  auto real = record_of(*laptop);
  std::vector<Bytes> entries;
  for (const auto& e : real.entries) entries.push_back(e.bytes());
  wire::EntryBody add;
  add.kind = wire::EntryKind::add;
  add.account = alice();
  add.prev = real.entries.front().hash();
  add.signer = ghost.device();
  add.key = second.device();
  add.identity = identity_of(*laptop);
  add.cosignature = wire::cosign(add, second.signing());
  entries.push_back(wire::sign_entry(add, ghost.signing()).bytes());
  world.network.directory["alice"]["ghost"] = second.record(alice(), "spool:alice", real.body.opening, entries);
  look_up(*phone, "alice");
  look_up(*desktop, "alice");
  EXPECT_EQ(phone->alerts_of(AlertKind::unlisted_device).size(), 1u);
  EXPECT_EQ((*phone)->devices(alice())->size(), 2u);
  EXPECT_EQ((*desktop)->devices(alice())->size(), 2u);
}

TEST_F(Attack, Rollback) {
  say(*laptop, "hello");
  auto old = world.network.directory["alice"];
  ASSERT_TRUE((*laptop)->revoke_device((*phone)->account()->device));
  world.settle();
  look_up(*tablet, "alice");
  EXPECT_FALSE((*tablet)->devices(alice())->at(1).active);
  world.network.directory["alice"] = old;
  look_up(*tablet, "alice");
  EXPECT_FALSE((*tablet)->devices(alice())->at(1).active);
  EXPECT_EQ(tablet->alerts_of(AlertKind::ledger_rollback).size(), 1u);
}

TEST_F(Attack, WithheldRevoke) {
  say(*laptop, "hello");
  auto frozen = world.network.directory["alice"];
  ASSERT_TRUE((*laptop)->revoke_device((*phone)->account()->device));
  world.settle();
  world.network.directory["alice"] = frozen;  // nobody is shown the revoke
  say(*laptop, "my own devices carry it");
  std::size_t from = world.network.all_mail.size();
  say(*tablet, "not for the phone");
  EXPECT_FALSE(sealed_for((*phone)->account()->device, from));
}

TEST_F(Attack, StolenDevice) {
  say(*laptop, "hello");
  phone->off = true;
  ASSERT_TRUE((*laptop)->revoke_device((*phone)->account()->device));
  say(*laptop, "the phone is gone");
  phone->off = false;
  ASSERT_TRUE((*phone)->send(world.thread(*phone, "spool:bob"), "it is me, alice", ""));
  // What it pushes before it learns that it is out.
  const std::vector<core::OutboxItem> items = *(*phone)->outbox("spool", 0, 100, 1 << 20);
  ASSERT_FALSE(items.empty());
  for (const auto& item : items)
    deliver(item.device == "desktop" ? *desktop : item.device == "tablet" ? *tablet : *laptop, item.envelope);
  for (Device* d : {desktop, tablet}) {
    EXPECT_EQ(d->texts(thread), (std::vector<std::string>{"hello", "the phone is gone"}));
    EXPECT_EQ(d->alerts_of(AlertKind::removed_device_spoke).size(), 1u);
  }
}

TEST_F(Attack, WithheldDevice) {
  // Bob is served alice's directory without her phone; what alice's laptop says in-session shows that there is one.
  const Bytes record = world.network.directory["alice"]["phone"];
  world.network.directory["alice"].erase("phone");
  say(*desktop, "hello");
  say(*laptop, "hello back");
  EXPECT_EQ((*desktop)->devices(alice())->size(), 2u);
  auto id = (*desktop)->send(thread, "to both", "");
  ASSERT_TRUE(id);
  world.settle();
  const DeviceId missing = (*phone)->account()->device;
  auto state = [&] {
    const core::MessageInfo m = *(*desktop)->message(*id);
    for (const auto& d : m.deliveries)
      if (d.device == missing) return d.state;
    return DeliveryState::dropped;
  };
  EXPECT_EQ(state(), DeliveryState::waiting);  // not forgotten
  world.network.directory["alice"]["phone"] = record;
  look_up(*desktop, "alice");
  world.settle();
  EXPECT_EQ(state(), DeliveryState::delivered);
}

TEST_F(Attack, OneSidedClaim) {
  RawSender mallory(world, 80);
  wire::ClaimOpening elsewhere = mallory.claim("spool:mallory");
  // The directory serves her at carol's address; her ledger does not claim it.
  world.network.directory["carol"]["raw"] = mallory.record(mallory.account(), "spool:carol", elsewhere, mallory.entries);
  look_up(*laptop, "carol");
  EXPECT_EQ(code((*laptop)->resolve("spool:carol")), Errc::no_such_address);
  // Her ledger claims an address; its directory serves nothing of hers.
  mallory.claim("spool:dave");
  look_up(*laptop, "dave");
  EXPECT_EQ(code((*laptop)->resolve("spool:dave")), Errc::no_such_address);
}

TEST_F(Attack, TwoAlices) {
  RawSender mallory(world, 81);
  wire::ClaimOpening opening = mallory.claim("spool:alice");
  world.network.directory["alice"]["raw"] = mallory.record(mallory.account(), "spool:alice", opening, mallory.entries);
  look_up(*phone, "alice");
  EXPECT_EQ(phone->alerts_of(AlertKind::directory_mismatch).size(), 1u);  // alice sees it at her own address
  look_up(*tablet, "alice");                                             // a newcomer is not led to either
  EXPECT_EQ(code((*tablet)->resolve("spool:alice")), Errc::not_approved);
}

TEST_F(Attack, ContactReset) {
  say(*laptop, "hello");
  ASSERT_TRUE((*desktop)->records("spool", "alice", std::vector<Bytes>{world.network.directory["alice"]["laptop"]}));
  ASSERT_TRUE((*desktop)->resolve("spool:alice"));
  RawSender mallory(world, 82);
  wire::ClaimOpening opening = mallory.claim("spool:alice");
  world.network.directory["alice"] = {{"raw", mallory.record(mallory.account(), "spool:alice", opening, mallory.entries)}};
  look_up(*desktop, "alice");
  EXPECT_EQ(desktop->alerts_of(AlertKind::contact_reset).size(), 1u);
  EXPECT_EQ(code((*desktop)->resolve("spool:alice")), Errc::not_approved);
}

// A device that never looked the contact up knows its address from the one that did: what is served there later is no
// first contact.
TEST_F(Attack, ContactResetOnTheOtherDevice) {
  say(*laptop, "hello");
  RawSender mallory(world, 82);
  wire::ClaimOpening opening = mallory.claim("spool:bob");
  world.network.directory["bob"] = {{"raw", mallory.record(mallory.account(), "spool:bob", opening, mallory.entries)}};
  look_up(*phone, "bob");
  EXPECT_EQ(phone->alerts_of(AlertKind::contact_reset).size(), 1u);
  EXPECT_EQ(code((*phone)->resolve("spool:bob")), Errc::not_approved);
}

// Or was led to the impostor first: the other device's word shows it.
TEST_F(Attack, TheOtherDeviceWasLedElsewhere) {
  RawSender mallory(world, 82);
  wire::ClaimOpening opening = mallory.claim("spool:bob");
  const Bytes hers = mallory.record(mallory.account(), "spool:bob", opening, mallory.entries);
  ASSERT_TRUE((*phone)->records("spool", "bob", {&hers, 1}));
  ASSERT_EQ(*(*phone)->resolve("spool:bob"), mallory.account());
  say(*laptop, "hello");
  ASSERT_EQ(phone->alerts_of(AlertKind::directory_mismatch).size(), 1u);
  EXPECT_EQ(phone->alerts_of(AlertKind::directory_mismatch)[0].account, bob());
}

// Whoever writes claims an address that is somebody else's. It is told to nobody as hers, when she is answered.
TEST_F(Attack, OneSidedClaimInAnAnswer) {
  RawSender mallory(world, 83);
  const wire::AddressOpening bobs{"spool:bob", mallory.claim("spool:bob")};
  mallory.open(record_of(*laptop), identity_of(*laptop));
  mallory.openings = {bobs};
  deliver(*laptop, mallory.seal(mallory.text(alice(), "hello, it is Bob")));
  const ThreadId with_her = wire::thread_of_two(alice(), mallory.account());
  ASSERT_EQ(laptop->texts(with_her).back(), "hello, it is Bob");
  ASSERT_TRUE((*laptop)->send(with_her, "is it?", ""));
  world.settle();
  ASSERT_EQ(phone->texts(with_her).back(), "is it?");
  EXPECT_TRUE((*phone)->contact(mallory.account())->addresses.empty());
  look_up(*phone, "bob");
  EXPECT_EQ(*(*phone)->resolve("spool:bob"), bob());
}

TEST_F(Attack, SenderSpoof) {
  RawSender mallory(world, 83);
  mallory.open(record_of(*desktop), identity_of(*desktop));
  wire::Content c = mallory.text(bob(), "I am alice");
  c.author = alice();
  c.thread = thread;
  deliver(*desktop, mallory.seal(c));
  EXPECT_TRUE(desktop->texts(thread).empty());
  deliver(*desktop, mallory.seal(mallory.text(bob(), "I am mallory")));
  EXPECT_EQ(desktop->texts(wire::thread_of_two(mallory.account(), bob())), std::vector<std::string>{"I am mallory"});
}

TEST_F(Attack, TwoTexts) {
  RawSender mallory(world, 84);
  mallory.open(record_of(*desktop), identity_of(*desktop));
  const ContentHash other = wire::content_hash(as_bytes("what the others were shown"));
  deliver(*desktop, mallory.seal(mallory.text(bob(), "only for you"), &other));
  EXPECT_TRUE(desktop->texts(wire::thread_of_two(mallory.account(), bob())).empty());
}

TEST_F(Attack, KeyGift) {
  RawSender mallory(world, 85), victim(world, 86);
  mallory.open(record_of(*desktop), identity_of(*desktop));
  std::vector<Bytes> gift = victim.entries;  // of an account that bob shares nothing with
  deliver(*desktop, mallory.seal(mallory.text(bob(), "a present"), nullptr, gift));
  EXPECT_EQ((*desktop)->devices(mallory.account())->size(), 1u);
  EXPECT_TRUE((*desktop)->devices(victim.account())->empty());
}

TEST_F(Attack, SyncInject) {
  // Somebody else's "own-device" copy: author and thread as bob's other device would write them.
  RawSender mallory(world, 87);
  mallory.open(record_of(*desktop), identity_of(*desktop));
  wire::Content c = mallory.text(alice(), "bob never wrote this");
  c.author = bob();
  c.thread = thread;
  deliver(*desktop, mallory.seal(c));
  EXPECT_TRUE(desktop->texts(thread).empty());
}

TEST_F(Attack, ReceiptProbe) {
  say(*laptop, "hello");
  auto known = (*laptop)->messages(thread, 0, 1)->front();
  RawSender mallory(world, 88);
  mallory.open(record_of(*laptop), identity_of(*laptop));
  wire::Content c = mallory.text(alice(), "");
  c.kind = wire::ContentKind::receipt;
  c.thread = {};
  c.body = wire::Receipt{wire::ReceiptType::delivered, {wire::content_hash(as_bytes("a guess"))}, {}};
  const std::size_t before = world.network.all_mail.size();
  deliver(*laptop, mallory.seal(c));
  world.settle();
  EXPECT_EQ(world.network.all_mail.size(), before);
  const core::MessageInfo after = *(*laptop)->message(known.id);
  for (const auto& d : after.deliveries) EXPECT_NE(d.account, mallory.account());
}

TEST_F(Attack, ErrorLever) {
  say(*laptop, "hello");
  say(*desktop, "hello");
  const std::size_t before = world.network.all_mail.size();
  Bytes garbage;
  for (const Bytes& copy : world.network.all_mail)
    if (wire::decode_copy(copy)->header.recipient == wire::recipient_tag((*desktop)->account()->device)) garbage = copy;
  for (int i = 0; i < 200; ++i) {
    garbage[garbage.size() - 1 - static_cast<std::size_t>(i) % 16] ^= static_cast<std::uint8_t>(1 + i / 16);
    deliver(*desktop, garbage);
    if (i % 10 == 0) world.settle();
  }
  // One report for 200 forged copies, and its sender, who sealed none of them, answers nothing.
  EXPECT_LE(world.network.all_mail.size(), before + 2);
  say(*laptop, "as before");
  EXPECT_EQ(desktop->texts(thread), (std::vector<std::string>{"hello", "hello", "as before"}));
}

TEST_F(Attack, ReplayReorderDouble) {
  std::vector<Bytes> held;
  world.network.tamper = [&](const std::string& device, Bytes copy) -> std::vector<Bytes> {
    if (device != "tablet") return {copy, copy};
    held.push_back(copy);
    return {};
  };
  std::vector<std::string> said;
  for (int i = 0; i < 12; ++i) {
    said.push_back("m" + std::to_string(i));
    say(*laptop, said.back());
  }
  world.network.tamper = nullptr;
  std::reverse(held.begin(), held.end());
  for (int twice = 0; twice < 2; ++twice)
    for (const Bytes& copy : held) deliver(*tablet, copy);
  world.settle();
  for (Device* d : all) EXPECT_EQ(d->texts(thread), said) << d->name;
}

TEST_F(Attack, HandshakeReplay) {
  say(*laptop, "first");
  Bytes first;
  for (const Bytes& copy : world.network.all_mail) {
    auto v = wire::decode_copy(copy);
    if (v->header.handshake && v->header.recipient == wire::recipient_tag((*desktop)->account()->device)) first = copy;
  }
  ASSERT_FALSE(first.empty());
  desktop->restart();
  deliver(*desktop, first);
  Bytes flipped = first;
  flipped[2 + 1 + 4 + 16 + 16 + 31] ^= 0x80;  // bit 255 of the ratchet key
  deliver(*desktop, flipped);
  world.settle();
  EXPECT_EQ(desktop->texts(thread), std::vector<std::string>{"first"});
  say(*laptop, "second");
  EXPECT_EQ(desktop->texts(thread), (std::vector<std::string>{"first", "second"}));
}

// A device that begins session after session takes up so much room, and no more; the newest is the one that is heard.
TEST_F(Attack, SessionsWithoutEnd) {
  RawSender mallory(world, 86);
  const ThreadId with_mallory = wire::thread_of_two(bob(), mallory.account());
  const auto kept = [&] {
    std::size_t n = 0;
    (void)desktop->storage.scan(core::Table::sessions,
                                {core::key::device(mallory.account(), mallory.device()), {}, false, SIZE_MAX},
                                [&](std::uint64_t, const Result<crypto::SecretBytes>&) { return ++n > 0; });
    return n;
  };
  std::vector<std::string> said;
  for (int i = 0; i < 45; ++i) {
    world.advance(seconds(1));
    mallory.open(record_of(*desktop), identity_of(*desktop));
    said.push_back("m" + std::to_string(i));
    deliver(*desktop, mallory.seal(mallory.text(bob(), said.back())));
    EXPECT_EQ(kept(), std::min(said.size(), std::size_t{40}));
  }
  EXPECT_EQ(desktop->texts(with_mallory).size(), said.size());
}

TEST_F(Attack, BitFlip) {
  int n = 0;
  world.network.tamper = [&](const std::string&, Bytes copy) -> std::vector<Bytes> {
    Bytes bad = copy;
    ++n;
    bad[static_cast<std::size_t>(n) * 37 % bad.size()] ^= static_cast<std::uint8_t>(1 << n % 8);
    return {bad, copy};
  };
  std::vector<std::string> said;
  for (int i = 0; i < 20; ++i) {
    said.push_back("m" + std::to_string(i));
    say(i % 2 ? *laptop : *desktop, said.back());
  }
  for (Device* d : all) EXPECT_EQ(d->texts(thread), said) << d->name;
}

TEST_F(Attack, LostCopiesAreHealed) {
  say(*laptop, "hello");
  say(*tablet, "hello");
  bool lose = true;
  world.network.tamper = [&](const std::string& device, Bytes copy) -> std::vector<Bytes> {
    if (lose && device == "tablet") return {};
    return {copy};
  };
  say(*laptop, "lost on its way");
  lose = false;
  world.advance(hours(7));  // no receipt came: it is pushed again
  world.settle();
  EXPECT_EQ(tablet->texts(thread), (std::vector<std::string>{"hello", "hello", "lost on its way"}));
}

TEST_F(Attack, Restore) {
  say(*laptop, "one");
  say(*tablet, "two");
  MemoryStorage snapshot = tablet->storage;
  say(*laptop, "three");
  say(*tablet, "four");
  tablet->storage = snapshot;
  tablet->restart();
  world.advance(hours(2));
  world.settle();
  say(*laptop, "five");
  world.advance(hours(2));
  world.settle();
  EXPECT_EQ(tablet->texts(thread).back(), "five");
  auto six = (*tablet)->send(thread, "six", "");
  ASSERT_TRUE(six);
  world.settle();
  world.advance(hours(30));
  world.settle();
  for (Device* d : {laptop, phone, desktop}) EXPECT_EQ(d->texts(thread).back(), "six") << d->name;
}

// One directory does not publish where else a person can be found; contacts are told, sealed.
TEST_F(Attack, ADirectoryShowsNoOtherAddress) {
  ASSERT_TRUE((*laptop)->add_bridge({"other", "other", "{}"}));
  ASSERT_TRUE((*laptop)->bridge_ready("other", {"a-second-name", "laptop-there", 32 * 1024, 100, false}));
  world.settle();
  const Bytes record = world.network.directory["alice"]["laptop"];
  EXPECT_EQ(as_text(record).find("a-second-name"), std::string_view::npos);
  EXPECT_EQ(as_text(record).find("laptop-there"), std::string_view::npos);
  ASSERT_EQ(wire::decode_and_verify_record(record)->body.routes.size(), 1u);
  auto there = (*laptop)->publication("other");
  ASSERT_TRUE(there && *there);
  EXPECT_EQ(as_text((*there)->record).find("spool:"), std::string_view::npos);
  say(*laptop, "by whichever bridge");
  EXPECT_EQ(tablet->texts(thread), std::vector<std::string>{"by whichever bridge"});
}

TEST_F(Attack, UnknownAddress) {
  EXPECT_EQ(code((*laptop)->resolve("spool:nobody")), Errc::no_such_address);
  EXPECT_EQ(code((*laptop)->resolve("nonsense")), Errc::malformed);
}

}  // namespace
}  // namespace bud::test
