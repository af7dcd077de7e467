// Own-device registers: who may write them, how they arrive, and that the devices find together again without talking
// for ever. (That they do so from anywhere is registers_convergence_test.cpp's.)
#include "two_devices.h"

namespace bud::test {
namespace {

struct Registers : TwoDevices {};
struct RegistersAttack : TwoDevices {};

TEST_F(RegistersAttack, SyncInject) {
  set(laptop, "a", "mine");
  world.settle();
  const auto state = [&] {
    const auto row = *laptop->storage.get(Table::meta, core::key::meta("registers"));
    return Bytes(row->expose().begin(), row->expose().end());
  };
  const Bytes before = state();
  const RegisterSync sync{
      {}, true, {setting("a", 1000, "theirs"), {RegisterKind::blocked, bytes(bob()), 1001, id(phone), {1}}}};

  // By a contact, as herself and as an own device.
  RawSender mallory(world, 87);
  const auto record = wire::decode_and_verify_record(world.network.directory["alice"]["laptop"]);
  crypto::DhPublic identity;
  for (const wire::Entry& e : record->entries)
    if (e.body().key == id(laptop)) identity = e.body().identity;
  mallory.open(*record, identity);
  deliver(mallory.seal(mallory.text(alice(), "a contact now")));
  world.settle();
  const std::size_t mail = world.network.all_mail.size();
  deliver(mallory.seal(content_of(mallory.account(), sync, 1)));
  deliver(mallory.seal(content_of(alice(), sync, 2)));

  // By a device that was removed.
  const Bytes late = sealed(sync);
  ASSERT_TRUE((*laptop)->revoke_device(id(phone)));
  deliver(late);
  world.settle();
  EXPECT_EQ(laptop->alerts_of(AlertKind::removed_device_spoke).size(), 1u);
  EXPECT_EQ(get(laptop, "a"), "mine");
  EXPECT_FALSE((*laptop)->contact(bob())->blocked);
  EXPECT_EQ(state(), before);
  EXPECT_EQ(world.network.all_mail.size(), mail) << "not even a receipt";
}

// An account that is blocked by another of its devices would hear of nothing more.
TEST_F(RegistersAttack, ADeviceBlocksItsOwnAccount) {
  says({{}, false, {{RegisterKind::blocked, bytes(alice()), 1000, id(phone), {1}}}});
  says({{}, false, {setting("a", 1001, "heard")}});
  EXPECT_EQ(get(laptop, "a"), "heard");
}

TEST_F(Registers, WhatHasNotItsFormIsLeftOut) {
  const Bytes someone(32, 7);
  const std::uint64_t most = std::uint64_t{1} << 62;
  const std::vector<Register> bad = {
      {RegisterKind::blocked, someone, 5, id(phone), {1, 1}},
      {RegisterKind::mute, Bytes(31, 7), 6, id(phone), {1}},
      {RegisterKind::contact_name, someone, 7, id(phone), {0xff}},
      {RegisterKind::draft, someone, 8, id(phone), {0xff}},
      {RegisterKind::setting, bytes("Capital"), 9, id(phone), {1}},
      {RegisterKind::setting, {}, 10, id(phone), {1}},
      {RegisterKind::setting, bytes("beyond"), most + 1, id(phone), {1}},
  };
  const std::size_t before = rows(laptop, Table::registers);
  says({{}, false, bad});
  EXPECT_EQ(rows(laptop, Table::registers), before);
  set(laptop, "next", "x");  // no number was used up
  says({{}, false, {setting("at-the-bound", most, "x")}});
  EXPECT_EQ(get(laptop, "at-the-bound"), "x");
  EXPECT_EQ(code((*laptop)->set_setting("one-more", as_bytes("x"))), Errc::not_allowed);
}

TEST_F(Registers, KindsThatAreNotKnownAreKeptAndPassedOn) {
  const auto kind = static_cast<RegisterKind>(200);
  says({{}, false, {{kind, bytes("subject"), 1000, id(phone), bytes("value")}}});
  Device& tablet = world.add("tablet", "alice");
  world.join(*laptop, tablet);
  const auto row =
      core::load<core::RegisterRow>(tablet.storage, Table::registers, core::key::a_register(kind, as_bytes("subject")));
  ASSERT_TRUE(row && *row);
  EXPECT_EQ((*row)->value.value, bytes("value"));
}

// Of too many the same ones go, in whatever order they came.
TEST_F(Registers, OfTooManyTheOldestGoWhicheverCameFirst) {
  std::vector<Register> all;
  for (std::uint64_t i = 0; i < 300; ++i) all.push_back(setting("s" + std::to_string(i), 1000 + i, "x"));
  const auto half = all.begin() + 150;
  says({{}, false, {half, all.end()}});
  says({{}, false, {all.begin(), half}});
  EXPECT_EQ(rows(laptop, Table::registers, core::key::registers(RegisterKind::setting)), 256u);
  EXPECT_EQ(get(laptop, "s43"), "");
  EXPECT_EQ(get(laptop, "s44"), "x");
  says({{}, false, {all.begin(), half}});
  EXPECT_EQ(get(laptop, "s43"), "") << "it does not come back";
}

// --- contents that must arrive ---

TEST_F(Registers, ControlContentsAreGoneOnceTheyArrived) {
  const std::size_t deliveries = rows(laptop, Table::deliveries), index = rows(laptop, Table::message_index);
  const std::uint64_t events = *(*laptop)->last_event();
  const std::size_t threads = (*laptop)->threads()->size();
  set(laptop, "a", "1");
  EXPECT_EQ(kept(laptop), 1u);
  EXPECT_EQ(*(*laptop)->last_event(), events);
  EXPECT_EQ((*laptop)->threads()->size(), threads);
  EXPECT_TRUE((*laptop)->messages({}, 0, 100)->empty());
  world.settle();
  EXPECT_EQ(get(phone, "a"), "1");
  for (Device* d : {laptop, phone}) EXPECT_EQ(kept(d), 0u) << d->name;
  EXPECT_EQ(rows(laptop, Table::deliveries), deliveries);
  EXPECT_EQ(rows(laptop, Table::message_index), index);
  EXPECT_EQ(rows(laptop, Table::outbox) + rows(laptop, Table::pushed), 0u);
  EXPECT_EQ(*(*laptop)->last_event(), events);
}

TEST_F(Registers, ALostControlContentIsPushedAgain) {
  world.network.tamper = [](const std::string& to, Bytes copy) {
    return to == "phone" ? std::vector<Bytes>{} : std::vector<Bytes>{std::move(copy)};
  };
  set(laptop, "a", "1");
  world.settle();
  world.network.tamper = nullptr;
  EXPECT_EQ(get(phone, "a"), "");
  world.advance(hours(6));
  world.settle();
  EXPECT_EQ(get(phone, "a"), "1");
  EXPECT_EQ(kept(laptop), 0u);
}

TEST_F(Registers, ALostReceiptComesWithTheNextPush) {
  world.network.tamper = [](const std::string& to, Bytes copy) {
    return to == "laptop" ? std::vector<Bytes>{} : std::vector<Bytes>{std::move(copy)};
  };
  set(laptop, "a", "1");
  world.settle();
  world.network.tamper = nullptr;
  EXPECT_EQ(get(phone, "a"), "1");
  EXPECT_EQ(kept(laptop), 1u);
  world.advance(hours(6));
  world.settle();
  EXPECT_EQ(kept(laptop), 0u);
}

TEST_F(Registers, WhatARevokedDeviceDidNotTakeIsDropped) {
  phone->off = true;
  set(laptop, "a", "1");
  world.settle();
  // One was pushed, one is in the outbox, and one waits for a bridge.
  set(laptop, "b", "1");
  ASSERT_TRUE((*laptop)->remove_bridge("spool"));
  set(laptop, "c", "1");
  EXPECT_EQ(kept(laptop), 3u);
  ASSERT_TRUE((*laptop)->revoke_device(id(phone)));
  EXPECT_EQ(kept(laptop), 0u);
  EXPECT_EQ(rows(laptop, Table::waiting), 0u);
}

// --- finding together ---

TEST_F(Registers, ANewDeviceGetsAllInContentsThatFit) {
  for (int i = 0; i < 20; ++i)
    set(laptop, "s" + std::to_string(i), std::string(wire::max_register_value, static_cast<char>('a' + i)));
  world.settle();
  Device& tablet = world.add("tablet", "alice");
  world.join(*laptop, tablet);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(get(&tablet, "s" + std::to_string(i)), get(laptop, "s" + std::to_string(i)));
  for (Device* d : {laptop, phone, &tablet}) EXPECT_EQ(kept(d), 0u) << d->name;
}

TEST_F(Registers, AStoreThatWasPutBackIsHealedWithinADay) {
  const MemoryStorage old = phone->storage;
  set(laptop, "a", "1");
  set(phone, "b", "2");
  world.settle();
  phone->engine.reset();
  phone->storage = old;
  phone->restart();
  world.settle();
  // What it says at its start may not open: its sessions were put back too, and are healed first.
  world.advance(hours(25));
  world.settle();
  EXPECT_EQ(get(phone, "a"), "1");
  EXPECT_EQ(get(phone, "b"), "2");
}

TEST_F(Registers, WhatIsUnderWayIsWaitedFor) {
  // Nothing says so but the digest: the copy was lost, and its next push is hours away.
  world.network.tamper = [](const std::string& to, Bytes copy) {
    return to == "phone" ? std::vector<Bytes>{} : std::vector<Bytes>{std::move(copy)};
  };
  set(laptop, "a", "1");
  ASSERT_TRUE((*laptop)->send(thread, "lost on the phone", ""));
  world.settle();
  world.network.tamper = nullptr;
  set(phone, "b", "2");
  world.settle();
  EXPECT_EQ(get(phone, "a"), "");
  EXPECT_EQ(get(laptop, "b"), "2");
  world.advance(minutes(2));
  phone->restart();
  world.settle();
  world.advance(minutes(2));
  world.settle();
  EXPECT_EQ(get(phone, "a"), "") << "something is under way to it: it is pushed again before everything is";
  world.advance(hours(6));
  world.settle();
  EXPECT_EQ(get(phone, "a"), "1");
}

TEST_F(Registers, ADamagedRowIsHealedWithinADay) {
  set(laptop, "a", "1");
  ASSERT_TRUE((*laptop)->set_contact_name(bob(), "Bobby"));
  world.settle();
  phone->storage.damage(Table::registers, core::key::a_register(RegisterKind::setting, as_bytes("a")));
  phone->storage.damage(Table::registers, core::key::a_register(RegisterKind::contact_name, bob().view()));
  EXPECT_EQ(get(phone, "a"), "");
  EXPECT_EQ((*phone)->contact(bob())->name, "Bob");
  world.advance(hours(25));
  world.settle();
  EXPECT_EQ(get(phone, "a"), "1");
  EXPECT_EQ((*phone)->contact(bob())->name, "Bobby");
}

// A thief's device that says of every state that it has another, each hour, and takes all that it is sent.
TEST_F(Registers, TwoThatNeverAgreeDoNotTalkForEver) {
  set(laptop, "a", "1");
  world.settle();
  RegisterSync sync;
  std::size_t said = 0, answered = 0;
  for (; said < 30 * 24; ++said) {
    sync.state.bytes[0] = static_cast<std::uint8_t>(said % 250 + 1);
    says(sync);
    world.settle();
    std::vector<ContentHash> contents;
    const auto take = [&](std::uint64_t, core::MessageRow& row) {
      contents.push_back(wire::content_hash(row.content));
      return true;
    };
    ASSERT_TRUE(core::each<core::MessageRow>(laptop->storage, Table::messages,
                                             {core::key::thread({}), {}, false, SIZE_MAX}, take));
    answered += contents.size();
    if (!contents.empty()) acknowledge(contents);
    world.advance(hours(1));
  }
  std::printf("%zu digests that differ, in 30 days, are answered by everything %zu times\n", said, answered);
  EXPECT_GT(answered, 20u);
  EXPECT_LT(answered, 45u);
}

}  // namespace
}  // namespace bud::test
