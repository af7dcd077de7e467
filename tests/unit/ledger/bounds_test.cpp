// What a hostile set of entries cannot do, and the rules about where an entry may stand.
#include "unit/ledger/story.h"

#include <gtest/gtest.h>

namespace bud::core::ledger::testing {
namespace {

using Names = Story::Names;

TEST(LedgerBounds, ExactlyOneGenesis) {
  Story s;
  std::vector<Node> none;
  EXPECT_EQ(evaluate(none).error().code, Errc::not_found);
  Node second = s.nodes[0];
  second.hash.bytes[0] ^= 1;
  EXPECT_EQ(evaluate(std::vector<Node>{s.nodes[0], second}).error().code, Errc::conflict);
  EXPECT_TRUE(evaluate(std::vector<Node>{s.nodes[0], s.nodes[0]})) << "the same one twice";
  Node merged = s.nodes[0];
  merged.founders[1].key = merged.founders[0].key;
  EXPECT_EQ(evaluate(std::vector<Node>{merged}).error().code, Errc::malformed);
  EXPECT_FALSE(Replica::open(merged));
}

TEST(LedgerBounds, OneHashIsOneEntry) {
  Story s;
  s.add("A", "B");
  std::vector<Node> twice = s.nodes;
  twice.push_back(s.last());
  EXPECT_EQ(names_of(evaluate(twice)->active), (Names{"A", "B"}));
  twice.back().key = key_of("C");
  EXPECT_EQ(evaluate(twice).error().code, Errc::malformed);
}

TEST(LedgerBounds, TooManyEntries) {
  Story s;
  s.add("A", "B");
  Bounds b;
  b.nodes = 2;
  EXPECT_TRUE(evaluate(s.nodes, b));
  b.nodes = 1;
  EXPECT_EQ(evaluate(s.nodes, b).error().code, Errc::too_large);
}

TEST(LedgerBounds, CyclesAndOrphansAreNotThere) {
  Story s;
  EntryHash b = s.add("A", "B");
  s.add("B", "C");
  s.nodes[2].parent = s.nodes[2].hash;  // hangs on itself
  EXPECT_EQ(s.active(), (Names{"A", "B"}));
  s.nodes[1].parent = s.nodes[2].hash;
  s.nodes[2].parent = b;  // a ring beside genesis
  EXPECT_EQ(s.active(), (Names{"A"}));
}

TEST(LedgerBounds, FourKeepHeadsAndNoMore) {
  Story s;
  s.add("A", "B");
  EntryHash claimed = s.claim("B", "m:b");
  EntryHash other = s.root;
  s.revoke("A", "B", {other, other, other, claimed});
  EXPECT_EQ(s.active(), (Names{"A"}));
  EXPECT_EQ(s.state().claims.size(), 1u) << "the fourth head is honoured";
  s.nodes.back().keep.push_back(other);
  EXPECT_EQ(s.active(), (Names{"A", "B"})) << "with a fifth it is no entry";
}

TEST(LedgerBounds, AGrantNamesANewKey) {
  Story s;
  s.add("A", "B");
  s.add("B", "B");
  s.add("B", "A");
  s.handover("B", "R");
  s.add("A", "C");
  s.add("C", "B");
  EXPECT_EQ(s.state().members.size(), 4u) << "R, A, B, C, each once: no ancestor's key is granted again";
  EXPECT_EQ(s.active(), (Names{"A", "B", "C"}));
}

// The rule looks at ancestors alone: on another branch the same key is another member, and a revoke reaches both.
TEST(LedgerBounds, AKeyGrantedOnTwoBranchesIsTwoMembers) {
  Story s;
  s.add("A", "B");
  s.add("A", "C");
  s.add("B", "X");
  s.add("C", "X");
  EXPECT_EQ(s.state().members.size(), 6u);
  s.revoke("A", "X");
  EXPECT_EQ(s.active(), (Names{"A", "B", "C"}));
}

TEST(LedgerBounds, ARowIsSixtyFourLong) {
  Story s;
  s.add("A", "B");
  for (int i = 0; i < 64; ++i) s.claim("B", "m:" + std::to_string(i));
  EXPECT_EQ(s.state().claims.size(), 64u);
  s.add("B", "X");
  EXPECT_EQ(s.active(), (Names{"A", "B"}));
}

TEST(LedgerBounds, SixtyFourLive) {
  Story s;
  for (int i = 0; i < 63; ++i) s.add("A", "B" + std::to_string(i));
  s.add("R", "N");
  State state = s.state();
  EXPECT_EQ(state.active.size() + state.recovery.size(), 64u);
  s.revoke("R", "B0");
  s.revoke("R", "B1");
  EXPECT_EQ(s.state().active.size() + s.state().recovery.size(), 64u) << "room again for those who waited";
}

// One long line of grants, as deep as there are entries: no recursion, nothing quadratic that could be felt.
TEST(LedgerBounds, DeepLines) {
  for (bool handovers : {false, true}) {
    Story s;
    std::string last = "A";
    for (int i = 0; i < 20'000; ++i) {
      std::string next = "k" + std::to_string(i);
      handovers ? s.handover(last, next) : s.add(last, next);
      last = next;
    }
    State state = s.state();
    EXPECT_EQ(state.members.size(), 20'002u);
    EXPECT_EQ(state.effective.size(), handovers ? Bounds{}.total : Bounds{}.live - 2 + 1);
  }
}

// Revokes of everyone by everyone, in number.
TEST(LedgerBounds, RevokeFlood) {
  Story s;
  for (int i = 0; i < 200; ++i) s.add(i < 2 ? "A" : "k" + std::to_string(i / 2), "k" + std::to_string(i + 1));
  while (s.nodes.size() < 20'000) {
    std::size_t n = s.nodes.size();
    const Node grant = s.nodes[1 + n % 200], head = s.nodes[n / 2], other = s.nodes[n / 3];
    s.revoke(name_of(grant.key), "k" + std::to_string(1 + n * 31 % 200), {head.hash, other.hash}, &grant.hash);
  }
  State state = s.state();
  EXPECT_LE(state.effective.size(), Bounds{}.total);
  Memory memory;
  memory.observe(state);
  EXPECT_LE(memory.pinned.size(), Bounds{}.total);
  EXPECT_LE(memory.held(state).size(), Bounds{}.live);
}

}  // namespace
}  // namespace bud::core::ledger::testing
