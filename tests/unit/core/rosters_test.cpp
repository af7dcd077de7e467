// Groups' rosters on several people's devices: what one of them makes, and what the others come to know of it.
#include "support/outcome.h"
#include "support/roster_hand.h"
#include "support/wire_samples.h"

#include <gtest/gtest.h>

namespace bud::test {
namespace {

using core::Roster;
using core::RosterMade;
using core::Rosters;
using wire::Right;
using wire::RosterBody;
using wire::RosterKind;
using wire::RosterRole;

constexpr wire::Policy open_to_all;
constexpr wire::Policy strict{Right::administrators, Right::administrators, Right::administrators,
                              Right::administrators};

struct RostersTest : ::testing::Test {
  World world;
  Device &laptop_device = world.add("laptop", "alice"), &phone_device = world.add("phone", "alice");
  Device &bobs_device = world.add("desktop", "bob"), &carols_device = world.add("tablet", "carol");
  Device& daves_device = world.add("watch", "dave");
  std::unique_ptr<RosterHand> laptop, phone, bob, carol, dave;
  AccountId a, b, c, d;
  ThreadId group;

  void SetUp() override {
    for (Device* founder : {&laptop_device, &bobs_device, &carols_device, &daves_device})
      ASSERT_TRUE((*founder)->create_account(founder->address));
    world.settle();
    world.join(laptop_device, phone_device);
    std::uint8_t seed = 1;
    for (auto& [hand, device] :
         std::initializer_list<std::pair<std::unique_ptr<RosterHand>&, Device&>>{{laptop, laptop_device},
                                                                                 {phone, phone_device},
                                                                                 {bob, bobs_device},
                                                                                 {carol, carols_device},
                                                                                 {dave, daves_device}})
      hand = std::make_unique<RosterHand>(world, device, seed++);
    a = laptop->account(), b = bob->account(), c = carol->account(), d = dave->account();
    // Dave is known to all, and knows nobody yet.
    for (Device* one : {&laptop_device, &phone_device, &bobs_device, &carols_device})
      for (const char* address : {"alice", "bob", "carol", "dave"}) meet(*one, address);
  }
  void meet(Device& one, const std::string& address) {
    if (one.address != address) (void)world.thread(one, "spool:" + address);
  }
  void meets_all(Device& one) {
    for (const char* address : {"alice", "bob", "carol"}) meet(one, address);
  }

  // Made by one, and told to the others.
  template <class F>
  Result<RosterMade> made(RosterHand& by, std::initializer_list<RosterHand*> told, F f) {
    Result<RosterMade> m = by(f);
    if (m)
      for (RosterHand* other : told) other->absorb(m->group, m->entries);
    return m;
  }
  // Alice's, with Bob and Carol.
  void found(const wire::Policy& policy = open_to_all) {
    auto m = made(*laptop, {phone.get(), bob.get(), carol.get()}, [&](Rosters& r) {
      return r.create("Friends", policy, {{b, "spool:bob"}, {c, "spool:carol"}});
    });
    ASSERT_TRUE(m) << m.error().text;
    group = m->group;
  }
  auto adds(const AccountId& who, RosterRole role = RosterRole::member) {
    return [this, who, role](Rosters& r) { return r.add(group, who, "spool:x", role); };
  }
  auto removes(const AccountId& who) {
    return [this, who](Rosters& r) { return r.remove(group, who); };
  }
  auto leaves() {
    return [this](Rosters& r) { return r.leave(group); };
  }
  auto renames(const std::string& name) {
    return [this, name](Rosters& r) { return r.rename(group, name); };
  }
  std::set<AccountId> in(RosterHand& hand) {
    const auto roster = hand.view(group);
    return roster ? roster->accounts() : std::set<AccountId>();
  }
  void all_agree(std::initializer_list<RosterHand*> hands) {
    const auto first = (*hands.begin())->view(group);
    for (RosterHand* hand : hands) {
      ASSERT_TRUE(hand->view(group));
      EXPECT_EQ(hand->view(group)->digest, first->digest);
      EXPECT_EQ(hand->view(group)->accounts(), first->accounts());
      EXPECT_EQ(hand->view(group)->name, first->name);
    }
  }
  std::size_t rows(RosterHand& hand, core::Table table) {
    std::size_t n = 0;
    (void)hand.device().storage.scan(table, {},
                                     [&](std::uint64_t, const Result<crypto::SecretBytes>&) { return ++n > 0; });
    return n;
  }
  // As somebody who does not keep to what this program would make.
  Bytes forge(RosterHand& by, RosterBody body) {
    const auto roster = by.view(group);
    body.group = group;
    body.author = by.account();
    if (body.prev.is_zero()) body.prev.bytes = group.bytes;
    body.seat = roster->entries.at(EntryHash{group.bytes}).body().seat;
    return wire::sign_roster_entry(body, by.key()).bytes();
  }
};

TEST_F(RostersTest, AGroupIsTheSameForEverybodyInIt) {
  found();
  all_agree({laptop.get(), phone.get(), bob.get(), carol.get()});
  const auto roster = bob->view(group);
  EXPECT_EQ(roster->accounts(), (std::set<AccountId>{a, b, c}));
  EXPECT_EQ(roster->name, "Friends");
  EXPECT_EQ(roster->creator, a);
  EXPECT_TRUE(roster->is_administrator(a));
  EXPECT_FALSE(roster->is_administrator(b));
  EXPECT_EQ(roster->members.at(c).address, "spool:carol");
  EXPECT_FALSE(roster->digest.is_zero());
  EXPECT_EQ(dave->view(group), nullptr);
  // Another start of the program reads the same.
  RosterHand again(world, bobs_device, 99);
  EXPECT_EQ(again.view(group)->digest, roster->digest);
  EXPECT_EQ(again.view(group)->members.size(), 3u);
}

TEST_F(RostersTest, AnybodyAddsWhereThePolicyLetsThem) {
  found();
  auto m = made(*bob, {laptop.get(), phone.get(), carol.get()}, adds(d));
  ASSERT_TRUE(m) << m.error().text;
  EXPECT_TRUE(m->change.moved());
  EXPECT_FALSE(m->change.before->has(d));
  all_agree({laptop.get(), phone.get(), bob.get(), carol.get()});
  EXPECT_EQ(in(*carol), (std::set<AccountId>{a, b, c, d}));
  EXPECT_EQ(code((*bob)(adds(d))), Errc::conflict);
  EXPECT_EQ(code((*bob)(adds(d, RosterRole::administrator))), Errc::not_allowed);
}

TEST_F(RostersTest, ThePolicyHoldsWhoeverMakesTheEntry) {
  found(strict);
  EXPECT_EQ(code((*bob)(adds(d))), Errc::not_allowed);
  EXPECT_EQ(code((*bob)(removes(c))), Errc::not_allowed);
  EXPECT_EQ(code((*bob)(renames("Bob's"))), Errc::not_allowed);
  EXPECT_FALSE(bob->view(group)->may_post(b));
  EXPECT_TRUE(bob->view(group)->may_post(a));
  const RosterDigest before = carol->view(group)->digest;
  RosterBody add, remove, rename;
  add.kind = RosterKind::add;
  add.account = d;
  remove.kind = RosterKind::remove;
  remove.account = c;
  remove.account_seat = bob->view(group)->entries.at(EntryHash{group.bytes}).body().seat;
  rename.kind = RosterKind::rename;
  rename.number = 1;
  rename.name = "Bob's";
  for (const RosterBody& body : {add, remove, rename}) {
    EXPECT_FALSE(carol->absorb(group, {forge(*bob, body)}).moved());
    EXPECT_EQ(carol->view(group)->digest, before);
  }
  EXPECT_TRUE(made(*laptop, {bob.get(), carol.get()}, adds(d)));
  EXPECT_TRUE(made(*laptop, {bob.get(), carol.get()}, renames("Alice's")));
  EXPECT_EQ(in(*bob), (std::set<AccountId>{a, b, c, d}));
  EXPECT_EQ(bob->view(group)->name, "Alice's");
  EXPECT_TRUE(made(*bob, {laptop.get(), carol.get()}, leaves())) << "whatever the policy";
  EXPECT_EQ(in(*carol), (std::set<AccountId>{a, c, d}));
}

TEST_F(RostersTest, AnAdministratorIsRaisedAndCanThenDoIt) {
  found(strict);
  ASSERT_TRUE(made(*laptop, {bob.get(), carol.get()}, adds(b, RosterRole::administrator)));
  EXPECT_TRUE(carol->view(group)->is_administrator(b));
  EXPECT_EQ(carol->view(group)->members.at(b).seats.size(), 2u);
  EXPECT_EQ(code((*laptop)(adds(b, RosterRole::administrator))), Errc::conflict);
  ASSERT_TRUE(made(*bob, {laptop.get(), carol.get()}, adds(d)));
  ASSERT_TRUE(made(*bob, {laptop.get(), carol.get()}, removes(c)));
  EXPECT_EQ(in(*laptop), (std::set<AccountId>{a, b, d}));
  ASSERT_TRUE(made(*bob, {laptop.get(), carol.get()}, leaves())) << "both seats";
  EXPECT_EQ(in(*laptop), (std::set<AccountId>{a, d})) << "whom it added stays";
}

TEST_F(RostersTest, WhoIsRemovedIsOutAndWhatTheyDidStays) {
  found();
  ASSERT_TRUE(made(*bob, {laptop.get(), carol.get()}, adds(d)));
  ASSERT_TRUE(made(*bob, {laptop.get(), carol.get()}, renames("By Bob")));
  ASSERT_TRUE(made(*laptop, {bob.get(), carol.get()}, removes(b)));
  for (RosterHand* hand : {laptop.get(), bob.get(), carol.get()}) {
    EXPECT_EQ(in(*hand), (std::set<AccountId>{a, c, d}));
    EXPECT_EQ(hand->view(group)->name, "By Bob");
  }
  EXPECT_EQ(code((*bob)(adds(b))), Errc::not_allowed);
  EXPECT_EQ(code((*laptop)(removes(b))), Errc::not_found);
  // Nor does anything count that he signs from now on, in his old seat.
  RosterBody add;
  add.kind = RosterKind::add;
  add.account.bytes[0] = 7;
  EXPECT_FALSE(carol->absorb(group, {forge(*bob, add)}).moved());
  EXPECT_EQ(in(*carol), (std::set<AccountId>{a, c, d}));
}

TEST_F(RostersTest, AMemberMayRemoveEvenTheCreatorWhereAnyoneMay) {
  found();
  ASSERT_TRUE(made(*carol, {laptop.get(), bob.get()}, removes(a)));
  EXPECT_EQ(in(*bob), (std::set<AccountId>{b, c}));
  all_agree({laptop.get(), bob.get(), carol.get()});
}

TEST_F(RostersTest, WhoLeftComesBackOnAnotherSeat) {
  found();
  const auto old_seat = carol->view(group)->members.at(c).seats;
  ASSERT_TRUE(made(*carol, {laptop.get(), bob.get()}, leaves()));
  EXPECT_EQ(in(*bob), (std::set<AccountId>{a, b}));
  EXPECT_EQ(code((*carol)(leaves())), Errc::not_allowed) << "is not in it any more";
  ASSERT_TRUE(made(*bob, {laptop.get(), carol.get()}, adds(c)));
  EXPECT_EQ(in(*laptop), (std::set<AccountId>{a, b, c}));
  EXPECT_NE(carol->view(group)->members.at(c).seats, old_seat);
  ASSERT_TRUE(made(*carol, {laptop.get(), bob.get()}, adds(d)));
  all_agree({laptop.get(), bob.get(), carol.get()});
  EXPECT_EQ(in(*bob), (std::set<AccountId>{a, b, c, d}));
}

// Two devices of one account write the same seat's row at once; leaving with one of them undoes nothing of either's.
TEST_F(RostersTest, TwoDevicesOfOneAccountAddAtOnceAndThenItLeaves) {
  found();
  AccountId x, y;
  x.bytes[0] = 1, y.bytes[0] = 2;
  const auto by_laptop = (*laptop)(adds(x)), by_phone = (*phone)(adds(y));
  ASSERT_TRUE(by_laptop && by_phone);
  laptop->absorb(group, by_phone->entries);
  phone->absorb(group, by_laptop->entries);
  EXPECT_EQ(in(*laptop), (std::set<AccountId>{a, b, c, x, y}));
  ASSERT_TRUE(made(*phone, {laptop.get()}, leaves()));
  for (RosterHand* hand : {laptop.get(), phone.get()}) EXPECT_EQ(in(*hand), (std::set<AccountId>{b, c, x, y}));
  bob->absorb(group, phone->entries(group));
  all_agree({laptop.get(), phone.get(), bob.get()});
}

TEST_F(RostersTest, OfTwoNamesAtOnceAllTakeTheSame) {
  found();
  const auto one = (*bob)(renames("Bob's")), two = (*carol)(renames("Carol's"));
  ASSERT_TRUE(one && two);
  bob->absorb(group, two->entries);
  carol->absorb(group, one->entries);
  all_agree({bob.get(), carol.get()});
  ASSERT_TRUE(made(*bob, {carol.get()}, renames("Ours")));
  EXPECT_EQ(carol->view(group)->name, "Ours");
  EXPECT_EQ(carol->view(group)->name_number, 2u);
  EXPECT_EQ(code((*bob)(renames(std::string(129, 'x')))), Errc::malformed);
  EXPECT_EQ(code((*bob)(renames("\xff"))), Errc::malformed);
}

TEST_F(RostersTest, NobodyNamesAGroupForEver) {
  found();
  RosterBody rename;
  rename.kind = RosterKind::rename;
  rename.name = "For ever";
  rename.number = UINT64_MAX;
  carol->absorb(group, {forge(*bob, rename)});
  EXPECT_EQ(carol->view(group)->name, "Friends");
  rename.number = 1001;
  carol->absorb(group, {forge(*bob, rename)});
  EXPECT_EQ(carol->view(group)->name, "Friends") << "1,001 above";
  rename.number = 1000;
  rename.name = "For now";
  carol->absorb(group, {forge(*bob, rename)});
  EXPECT_EQ(carol->view(group)->name, "For ever") << "1,001 is a step above 1,000";
  ASSERT_TRUE(made(*carol, {}, renames("Enough")));
  EXPECT_EQ(carol->view(group)->name, "Enough");
}

TEST_F(RostersTest, NamesOfThoseWhoLeftStay) {
  found();
  ASSERT_TRUE(made(*bob, {carol.get()}, renames("By Bob")));
  ASSERT_TRUE(made(*bob, {carol.get()}, leaves()));
  EXPECT_EQ(carol->view(group)->name, "By Bob");
}

// An entry stands once taken in, whatever becomes of the device that signed it; a newcomer is shown it signed anew.
TEST_F(RostersTest, AnEntryOutlivesItsDevice) {
  found();
  ASSERT_TRUE(made(*phone, {laptop.get(), bob.get()}, adds(d)));
  ASSERT_TRUE(laptop_device->revoke_device(phone->id()));
  world.settle();
  world.look_up(bobs_device, "alice");
  EXPECT_EQ(in(*bob), (std::set<AccountId>{a, b, c, d})) << "was taken in before";
  world.look_up(carols_device, "alice");
  carol->absorb(group, bob->entries(group));
  EXPECT_EQ(in(*carol), (std::set<AccountId>{a, b, c})) << "she had not heard of it";
  world.look_up(phone_device, "alice");
  EXPECT_EQ(code((*phone)(renames("stolen"))), Errc::not_allowed);

  const auto again = (*laptop)([&](Rosters& r) { return r.resign(group); });
  ASSERT_TRUE(again) << again.error().text;
  ASSERT_EQ(again->entries.size(), 1u);
  EXPECT_FALSE(again->change.moved()) << "the same statement";
  carol->absorb(group, again->entries);
  EXPECT_EQ(in(*carol), (std::set<AccountId>{a, b, c, d}));
  bob->absorb(group, again->entries);
  meets_all(daves_device);
  dave->absorb(group, bob->entries(group));
  EXPECT_EQ(in(*dave), (std::set<AccountId>{a, b, c, d})) << "Bob hands on the new signature";
  all_agree({laptop.get(), bob.get(), carol.get(), dave.get()});
  EXPECT_TRUE((*laptop)([&](Rosters& r) { return r.resign(group); })->entries.empty());
}

TEST_F(RostersTest, AStrangersSignatureVouchesForNothing) {
  found();
  RosterBody add;
  add.kind = RosterKind::add;
  add.account = d;
  add.group = group;
  add.prev.bytes = group.bytes;
  add.author = b;
  add.seat = bob->view(group)->entries.at(EntryHash{group.bytes}).body().seat;
  // In Bob's name, by Carol's device.
  EXPECT_FALSE(laptop->absorb(group, {wire::sign_roster_entry(add, carol->key()).bytes()}).moved());
  EXPECT_EQ(rows(*laptop, core::Table::roster_waiting), 1u) << "Bob's ledger may come to list it";
  Bytes broken = wire::sign_roster_entry(add, bob->key()).bytes();
  broken.back() ^= 1;
  EXPECT_FALSE(laptop->absorb(group, {broken, Bytes(10, 7), {}}).moved());
  EXPECT_EQ(rows(*laptop, core::Table::roster_waiting), 1u) << "a bad signature waits for nothing";
  EXPECT_TRUE(laptop->absorb(group, {wire::sign_roster_entry(add, bob->key()).bytes()}).moved());
}

TEST_F(RostersTest, WhatNobodyVouchesForWaitsUntilTheLedgerIsKnown) {
  found();
  ASSERT_TRUE(made(*bob, {laptop.get()}, adds(d)));
  dave->absorb(group, laptop->entries(group));
  EXPECT_EQ(dave->view(group), nullptr);
  EXPECT_EQ(rows(*dave, core::Table::roster_waiting), 2u);
  // The engine tries again by itself as a ledger comes.
  const auto as_on_disk = [&] { return (*dave)([&](Rosters& r) { r.forget_cached(); return r.view(group); }).value(); };
  meet(daves_device, "bob");
  EXPECT_EQ(as_on_disk(), nullptr) << "his entry is vouched for now, and hangs on Alice's";
  EXPECT_EQ(rows(*dave, core::Table::roster_waiting), 2u);
  meet(daves_device, "alice");
  ASSERT_NE(as_on_disk(), nullptr);
  EXPECT_EQ(in(*dave), (std::set<AccountId>{a, b, c, d}));
  EXPECT_EQ(rows(*dave, core::Table::roster_waiting), 0u);
}

// It was vouched for when it came; that it had to wait for its parent takes nothing away.
TEST_F(RostersTest, WhatIsVouchedForStaysSoWhileItWaits) {
  found();
  const auto first = (*bob)(adds(d)), second = (*bob)(renames("Both"));
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(made(*bob, {}, renames("Both of them")));
  carol->absorb(group, second->entries);
  EXPECT_EQ(carol->view(group)->name, "Friends");
  (void)carols_device.storage.begin();
  ASSERT_TRUE(carols_device.storage.erase_all(core::Table::ledger, core::key::account(b)));
  ASSERT_TRUE(carols_device.storage.commit());
  carol->absorb(group, first->entries);
  EXPECT_EQ(carol->view(group)->name, "Friends") << "nobody vouches for the parent";
  meet(carols_device, "bob");
  world.look_up(carols_device, "bob");
  ASSERT_TRUE((*carol)([&](Rosters& r) {
    r.forget_cached();
    return r.retry(b);
  }));
  EXPECT_EQ(carol->view(group)->name, "Both");
}

TEST_F(RostersTest, EntriesComeInAnyOrder) {
  found();
  ASSERT_TRUE(made(*bob, {laptop.get(), carol.get()}, adds(d)));
  ASSERT_TRUE(made(*carol, {laptop.get(), bob.get()}, renames("Us")));
  ASSERT_TRUE(made(*laptop, {carol.get(), bob.get()}, removes(c)));
  ASSERT_TRUE(made(*bob, {laptop.get(), carol.get()}, adds(c)));
  meets_all(daves_device);
  std::vector<Bytes> all = laptop->entries(group);
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(wire::decode_roster_entry(all[0])->group(), group) << "the genesis first";
  for (auto e = all.rbegin(); e != all.rend(); ++e) dave->absorb(group, {*e});
  all_agree({laptop.get(), bob.get(), carol.get(), dave.get()});
  EXPECT_EQ(rows(*dave, core::Table::roster_waiting), 0u);
  const auto pieces = (*laptop)([&](Rosters& r) { return r.entries(group, all[0].size() + 8); }).value();
  std::vector<Bytes> joined;
  for (const std::vector<Bytes>& piece : pieces) {
    std::size_t size = 0;
    for (const Bytes& e : piece) size += e.size() + 4;
    EXPECT_LE(size, all[0].size() + 8);
    joined.insert(joined.end(), piece.begin(), piece.end());
  }
  EXPECT_EQ(joined, all);
  EXPECT_GT(pieces.size(), 1u);
}

TEST_F(RostersTest, ANewcomerIsHandedTheLedgersToo) {
  found();
  ASSERT_TRUE(made(*bob, {laptop.get()}, adds(d)));
  dave->absorb(group, laptop->entries(group));
  const auto proofs = (*laptop)([&](Rosters& r) { return r.ledgers_for(group, 16 * 1024); }).value();
  std::size_t size = 0;
  std::map<AccountId, std::vector<wire::Entry>> ledgers;
  for (const Bytes& bytes : proofs) {
    size += bytes.size();
    const Result<wire::Entry> entry = wire::decode_and_verify_entry(bytes);
    ASSERT_TRUE(entry);
    ledgers[entry->account()].push_back(*entry);
  }
  EXPECT_LE(size, 16u * 1024);
  EXPECT_EQ(ledgers.size(), 2u) << "Alice's and Bob's";
  const auto moved = (*dave)([&](Rosters& r) -> Result<std::size_t> {
    std::size_t groups = 0;
    for (const auto& [account, entries] : ledgers) {
      BUD_CHECK(dave->ledgers().absorb(account, entries));
      BUD_TRY(const auto changes, r.retry(account));
      groups += changes.size();
    }
    return groups;
  });
  ASSERT_TRUE(moved);
  EXPECT_GE(*moved, 1u);
  EXPECT_EQ(in(*dave), (std::set<AccountId>{a, b, c, d}));
}

TEST_F(RostersTest, AFloodOfWhatWaitsIsBounded) {
  found();
  crypto::SeededRandom random = seeded(77);
  const crypto::SigningKey nobody = crypto::SigningKey::generate(random);
  const auto junk = [&](const ThreadId& of, std::size_t name) {
    RosterBody rename;
    rename.kind = RosterKind::rename;
    rename.group = of;
    rename.prev.bytes = of.bytes;
    rename.author = random_fixed<AccountId>(random);
    rename.name = std::string(name, 'x');
    return wire::sign_roster_entry(rename, nobody).bytes();
  };
  std::vector<Bytes> flood;
  for (int i = 0; i < 300; ++i) flood.push_back(junk(group, 100));
  EXPECT_FALSE(carol->absorb(group, flood).moved());
  EXPECT_EQ(rows(*carol, core::Table::roster_waiting), 256u);
  carol->absorb(group, {flood.back()});
  EXPECT_EQ(rows(*carol, core::Table::roster_waiting), 256u) << "the same again";
  for (int i = 0; i < 12; ++i) {
    const ThreadId other = random_fixed<ThreadId>(random);
    flood.clear();
    for (int n = 0; n < 200; ++n) flood.push_back(junk(other, 10));
    EXPECT_EQ(carol->absorb(other, flood).after, nullptr);
  }
  EXPECT_EQ(rows(*carol, core::Table::roster_waiting), 2048u) << "of all groups that anybody named";
  ASSERT_TRUE(made(*bob, {carol.get()}, adds(d)));
  EXPECT_EQ(in(*carol), (std::set<AccountId>{a, b, c, d}));
}

TEST_F(RostersTest, LargeEntriesThatWaitAreBoundedByTheirBytes) {
  crypto::SeededRandom random = seeded(78);
  const crypto::SigningKey nobody = crypto::SigningKey::generate(random);
  RosterBody genesis;
  genesis.author = random_fixed<AccountId>(random);
  for (int i = 0; i < 120; ++i) genesis.members.push_back({random_fixed<AccountId>(random), std::string(200, 'a')});
  std::vector<Bytes> flood;
  RosterBody below;
  below.kind = RosterKind::rename;
  const wire::RosterEntry root = wire::sign_roster_entry(genesis, nobody);
  for (int i = 0; i < 50; ++i)  // one statement, fifty devices
    flood.push_back(wire::sign_again(root, crypto::SigningKey::generate(random))->bytes());
  EXPECT_EQ(carol->absorb(root.group(), flood).after, nullptr);
  EXPECT_LE(rows(*carol, core::Table::roster_waiting) * flood[0].size(), 1u << 20);
  EXPECT_GE(rows(*carol, core::Table::roster_waiting), 30u);
}

TEST_F(RostersTest, WhoWasInWhenTheDigestWasCurrent) {
  found();
  const RosterDigest first = bob->view(group)->digest;
  ASSERT_TRUE(made(*laptop, {bob.get()}, adds(d)));
  const RosterDigest second = bob->view(group)->digest;
  ASSERT_TRUE(made(*laptop, {bob.get()}, removes(c)));
  const auto at = [&](const RosterDigest& digest) {
    return (*bob)([&](Rosters& r) { return r.members_at(group, digest); }).value();
  };
  EXPECT_EQ(at(first), (std::set<AccountId>{a, b, c}));
  EXPECT_EQ(at(second), (std::set<AccountId>{a, b, c, d}));
  EXPECT_EQ(at(bob->view(group)->digest), (std::set<AccountId>{a, b, d}));
  EXPECT_EQ(at(RosterDigest{}), std::nullopt);
  EXPECT_EQ((*carol)([&](Rosters& r) { return r.members_at(group, second); }).value(), std::nullopt)
      << "she was not told";
}

TEST_F(RostersTest, TwoHundredAndFiftySixAndNoMore) {
  crypto::SeededRandom random = seeded(79);
  std::vector<wire::FirstMember> many;
  for (int i = 0; i < 256; ++i) many.push_back({random_fixed<AccountId>(random), std::string(150, 'a')});
  const auto create = [&](std::vector<wire::FirstMember> members) {
    return (*laptop)([&](Rosters& r) { return r.create("Crowd", open_to_all, std::move(members)); });
  };
  EXPECT_EQ(code(create(many)), Errc::too_large);
  many.pop_back();
  const auto full = create(many);
  ASSERT_TRUE(full) << full.error().text;
  EXPECT_GT(full->entries.size(), 1u) << "more than one entry has room for";
  group = full->group;
  EXPECT_EQ(laptop->view(group)->members.size(), 256u);
  bob->absorb(group, full->entries);
  EXPECT_EQ(bob->view(group)->digest, laptop->view(group)->digest);
  EXPECT_EQ(code((*laptop)(adds(random_fixed<AccountId>(random)))), Errc::too_large);
  ASSERT_TRUE((*laptop)(removes(many[3].account)));
  EXPECT_TRUE((*laptop)(adds(random_fixed<AccountId>(random))));
  many[1].account = many[0].account;
  EXPECT_EQ(code(create(many)), Errc::conflict);
  many[1].account = a;
  EXPECT_EQ(code(create(many)), Errc::conflict);
  many[1].account = b;
  many[1].address = std::string(256, 'a');
  EXPECT_EQ(code(create(many)), Errc::malformed);
}

TEST_F(RostersTest, WhoIsNotInTheGroupMakesNothing) {
  found();
  EXPECT_EQ(code((*dave)(renames("x"))), Errc::not_found);
  meets_all(daves_device);
  dave->absorb(group, laptop->entries(group));
  for (const auto& outcome : {(*dave)(renames("x")), (*dave)(adds(d)), (*dave)(removes(b)), (*dave)(leaves())})
    EXPECT_EQ(code(outcome), Errc::not_allowed);
  EXPECT_EQ(in(*dave), (std::set<AccountId>{a, b, c}));
}

// A failed call leaves nothing behind, in memory either.
TEST_F(RostersTest, AFailingDiskLeavesTheRosterAsItWas) {
  found();
  const RosterDigest before = bob->view(group)->digest;
  const auto entry = (*laptop)(adds(d));
  ASSERT_TRUE(entry);
  for (std::size_t nth = 1; nth < 200; ++nth) {
    const auto change = (*bob)([&](Rosters& r) {
      bobs_device.storage.fail_operation(nth);
      auto absorbed = r.absorb(group, entry->entries);
      bobs_device.storage.fail_operation(0);
      return absorbed;
    });
    if (change) break;
    EXPECT_EQ(change.error().code, Errc::storage);
    EXPECT_EQ(bob->view(group)->digest, before);
    ASSERT_LT(nth, 199u) << "never succeeds";
  }
  all_agree({laptop.get(), bob.get()});
}

}  // namespace
}  // namespace bud::test
