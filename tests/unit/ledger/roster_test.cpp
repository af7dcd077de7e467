// What only a roster has: kinds that its genesis reserves to administrators, and seats that several hands sign for.
#include "unit/ledger/story.h"
#include "unit/ledger/world.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace bud::core::ledger::testing {
namespace {

using Names = Story::Names;

// A founds it as its administrator; B and C are members from the start.
struct Group : Story {
  explicit Group(const Reserved& reserved = {}) {
    nodes[0].founders = {{key_of("A"), Role::administrator}, {key_of("B"), Role::member}, {key_of("C"), Role::member}};
    nodes[0].reserved = reserved;
    nodes[0].forked_rows = true;
    for (const char* name : {"B", "C"}) start(name, root);
  }
  Names in() const {
    Names all = active();
    all.merge(recovery());
    return all;
  }
};

TEST(RosterJudgement, FoundersAreMembersInOrder) {
  Group g;
  EXPECT_EQ(g.recovery(), (Names{"A"}));
  EXPECT_EQ(g.active(), (Names{"B", "C"}));
  const State s = g.state();
  ASSERT_EQ(s.members.size(), 3u);
  for (std::size_t m = 0; m < 3; ++m) {
    EXPECT_EQ(s.members[m].key, g.nodes[0].founders[m].key);
    EXPECT_EQ(s.members[m].sponsor, SIZE_MAX);
  }
  g.revoke("B", "C");
  g.revoke("C", "B");
  EXPECT_EQ(g.in(), (Names{"A", "B"})) << "the one named first is the senior";
}

TEST(RosterJudgement, AGenesisNamesSomebodyAndNobodyTwice) {
  Group g;
  Node genesis = g.nodes[0];
  genesis.founders.push_back(genesis.founders[1]);
  EXPECT_EQ(evaluate(std::vector<Node>{genesis}).error().code, Errc::malformed);
  EXPECT_FALSE(Replica::open(genesis));
  genesis.founders.clear();
  EXPECT_EQ(evaluate(std::vector<Node>{genesis}).error().code, Errc::malformed);
  genesis.founders = {g.nodes[0].founders[0]};
  EXPECT_TRUE(evaluate(std::vector<Node>{genesis})) << "alone";
}

TEST(RosterJudgement, WhatIsReservedIsForAdministrators) {
  Group g({true, true, true, true});
  g.add("B", "X");
  g.add("B", "Y", nullptr, Role::administrator);
  g.revoke("B", "C");
  g.claim("B", "a name");
  EXPECT_EQ(g.in(), (Names{"A", "B", "C"}));
  EXPECT_TRUE(g.state().needed.empty());
  g.add("A", "X2");
  g.add("A", "Y2", nullptr, Role::administrator);
  g.claim("Y2", "a name");
  g.revoke("Y2", "C");
  EXPECT_EQ(g.in(), (Names{"A", "B", "X2", "Y2"}));
  EXPECT_EQ(g.recovery(), (Names{"A", "Y2"}));
  EXPECT_EQ(g.state().claims.size(), 1u);
}

TEST(RosterJudgement, EachKindIsReservedForItself) {
  const auto outcome = [](const Reserved& reserved) {
    Group g(reserved);
    const EntryHash* at = &g.root;
    g.add("B", "X", at);
    g.add("B", "Y", at, Role::administrator);
    g.revoke("B", "C", {}, at);
    g.claim("B", "a name", at);
    const State s = g.state();
    return std::string(s.active.contains(key_of("X")) ? "a" : "") + (s.recovery.contains(key_of("Y")) ? "e" : "") +
           (s.active.contains(key_of("C")) ? "" : "r") + (s.claims.empty() ? "" : "c");
  };
  EXPECT_EQ(outcome({}), "aerc");
  EXPECT_EQ(outcome({true, false, false, false}), "erc");
  EXPECT_EQ(outcome({false, true, false, false}), "arc");
  EXPECT_EQ(outcome({false, false, true, false}), "aec");
  EXPECT_EQ(outcome({false, false, false, true}), "aer");
}

// What hangs below an entry that has no right to stand is not there either.
TEST(RosterJudgement, NothingHangsOnWhatIsReserved) {
  Group g({true, true, false, false});
  const EntryHash x = g.add("B", "X");
  g.add("X", "Z", &x);
  g.claim("B", "below");
  EXPECT_EQ(g.in(), (Names{"A", "B", "C"}));
  EXPECT_TRUE(g.state().claims.empty());
}

TEST(RosterJudgement, LeavingIsEverybodysRight) {
  Group g({true, true, true, true});
  g.revoke("B", "B");
  EXPECT_EQ(g.in(), (Names{"A", "C"}));
  g.revoke("A", "A");
  EXPECT_EQ(g.in(), (Names{"C"}));
}

// B's phone adds X while the laptop adds Y; whoever of them then takes B out undoes neither.
TEST(RosterJudgement, AnEndKeepsWhatItNamesOfAForkedRow) {
  Group g;
  const EntryHash by_phone = g.add("B", "X", &g.root);
  const EntryHash by_laptop = g.add("B", "Y", &g.root);
  Group all = g, none = g;
  all.revoke("B", "B", {by_phone}, &by_laptop);
  EXPECT_EQ(all.in(), (Names{"A", "C", "X", "Y"}));
  none.revoke("B", "B", {}, &by_laptop);
  EXPECT_EQ(none.in(), (Names{"A", "C", "Y"}));
  // Both hands end it, not knowing of each other: what both leave.
  all.revoke("B", "B", {by_laptop}, &by_phone);
  EXPECT_EQ(all.in(), (Names{"A", "C", "X", "Y"}));
  none.revoke("B", "B", {}, &by_phone);
  EXPECT_EQ(none.in(), (Names{"A", "C"}));
}

TEST(RosterJudgement, ALedgersEndKeepsNothingBeside) {
  Story s;
  const EntryHash x = s.add("A", "X", &s.root);
  const EntryHash y = s.add("A", "Y", &s.root);
  s.revoke("A", "A", {x}, &y);
  EXPECT_EQ(s.active(), (Names{"Y"}));
  s.nodes.back().parent = x;
  EXPECT_EQ(s.active(), (Names{"X"}));
}

TEST(RosterJudgement, TwoHundredAndFiftySixLive) {
  Group g;
  for (int i = 0; i < 300; ++i) g.add("A", "k" + std::to_string(i));
  const State s = g.state(roster_bounds);
  EXPECT_EQ(s.active.size() + s.recovery.size(), 256u);
  EXPECT_EQ(s.effective.size(), 300u);
}

TEST(RosterJudgement, ARowIsAThousandAndTwentyFourLong) {
  Group g;
  for (int i = 0; i < 1024; ++i) g.claim("B", "n" + std::to_string(i));
  EXPECT_EQ(g.state(roster_bounds).claims.size(), 1024u);
  g.claim("B", "one more");
  EXPECT_EQ(g.state(roster_bounds).claims.size(), 1024u);
}

constexpr int trees = 10'000;

template <class Case>
void on_random_rosters(std::uint64_t property, Case one) {
  int told = 0;
  for (std::uint64_t i = 0; told < trees; ++i) {
    ASSERT_LT(i, std::uint64_t{40} * trees) << "too few of the trees say anything";
    SCOPED_TRACE("tree " + std::to_string(i));
    Dice dice(property << 32 | i);
    World w(dice, Shape::roster, false);
    w.honest(dice.between(1, 20));
    if (one(dice, w)) ++told;
    if (::testing::Test::HasFailure()) return;
  }
}

// Members without the right sign as much of it as they like, wherever they may sign at all, and so does whoever they
// would have granted: nothing of it stands.
TEST(RosterProperty, WithoutTheRightNothingChangesEver) {
  on_random_rosters(201, [](Dice& dice, World& w) {
    const State before = w.state();
    const World::Theft theft = w.attack(w.sample(w.keys, w.keys.size()), dice.between(5, 40));
    std::map<DeviceId, Role> roles;
    for (const Standing& m : before.members) roles[m.key] = m.role;
    Nodes reserved;
    for (const Node& n : theft.nodes) {
      const bool below =
          std::any_of(reserved.begin(), reserved.end(), [&](const Node& r) { return r.hash == n.parent; });
      if (below || (roles.contains(n.signer) && w.reserved_from(n.signer, n))) reserved.push_back(n);
    }
    if (reserved.empty()) return false;
    const State after = w.state(reserved);
    EXPECT_TRUE(same_view(before, after));
    EXPECT_EQ(before.effective, after.effective);
    EXPECT_EQ(before.members.size(), after.members.size());
    for (const Node& n : reserved) EXPECT_FALSE(after.tree().placed(after.tree().find(n.hash)));
    return true;
  });
}

// Whoever is in can go, whatever is reserved; and what they signed, with any hand, stays in force.
TEST(RosterProperty, LeavingAlwaysWorksAndUndoesNothing) {
  on_random_rosters(202, [](Dice& dice, World& w) {
    const State before = w.state();
    const Keys in = active_and_recovery(before);
    if (in.empty()) return false;
    const DeviceId who = dice.pick(in);
    const std::vector<EntryHash> keep = w.newest(who);
    if (keep.size() == max_keep || w.row(who).own.size() >= w.bounds.own) return false;
    const EntryHash left = w.revoke(who, who, keep).hash;
    const State after = w.state();
    EXPECT_FALSE(after.active.contains(who) || after.recovery.contains(who));
    EXPECT_TRUE(after.effective.contains(left));
    for (const EntryHash& e : before.effective) EXPECT_TRUE(after.effective.contains(e));
    for (const DeviceId& other : in) {
      EXPECT_EQ(after.active.contains(other) || after.recovery.contains(other), other != who);
    }
    return true;
  });
}

}  // namespace
}  // namespace bud::core::ledger::testing
