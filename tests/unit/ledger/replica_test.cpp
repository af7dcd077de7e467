// What a copy keeps and drops, and what a memory keeps of a flood.
#include "unit/ledger/story.h"

#include <gtest/gtest.h>

namespace bud::core::ledger::testing {
namespace {

using Names = Story::Names;

Replica open(const Story& s, const StoreBounds& store = {}) {
  return *Replica::open(s.nodes[0], {}, store);
}

TEST(LedgerReplica, RefusesWhatIsNoGenesis) {
  Story s;
  s.add("A", "B");
  EXPECT_EQ(Replica::open(s.last()).error().code, Errc::malformed);
}

TEST(LedgerReplica, LeavesOutAnotherAccountsGenesis) {
  Story s;
  Replica copy = open(s);
  Node other = s.nodes[0];
  other.hash.bytes[5] ^= 1;
  EXPECT_FALSE(copy.take(std::span(&other, 1)));
  EXPECT_EQ(copy.size(), 1u);
}

TEST(LedgerReplica, TheOldestOrphansGiveWay) {
  Story s;
  EntryHash first = s.add("A", "B");
  EntryHash second = s.add("A", "C");
  s.claim("B", "m:old");
  s.claim("C", "m:new");
  Replica copy = open(s);
  copy.take(std::span(&s.nodes[3], 1));
  Node stray = s.nodes[3];
  for (int i = 0; i < 255; ++i) {
    stray.parent = stray.hash = EntryHash{};
    stray.parent.bytes[0] = stray.hash.bytes[0] = static_cast<std::uint8_t>(i);
    stray.parent.bytes[31] = 1;
    stray.hash.bytes[31] = 2;
    copy.take(std::span(&stray, 1));
  }
  EXPECT_EQ(copy.waiting(), StoreBounds{}.orphans);
  copy.take(std::span(&s.nodes[4], 1));
  EXPECT_EQ(copy.waiting(), StoreBounds{}.orphans);
  EXPECT_EQ(copy.missing().count(first), 0u);
  EXPECT_EQ(copy.missing().count(second), 1u);
  copy.take(std::span(s.nodes).subspan(1, 2));
  EXPECT_EQ(copy.find(s.nodes[3].hash), nullptr) << "asked for again, it would come";
  EXPECT_NE(copy.find(s.nodes[4].hash), nullptr);
  EXPECT_EQ(copy.waiting(), StoreBounds{}.orphans - 1);
}

TEST(LedgerReplica, DropsTheWorstRankFirst) {
  Story s;
  s.add("A", "B");
  s.add("A", "C");
  for (int i = 0; i < 10; ++i) {
    s.claim("C", "m:c" + std::to_string(i));
    s.claim("B", "m:b" + std::to_string(i));
  }
  s.revoke("A", "B");
  s.revoke("A", "C");
  StoreBounds store;
  store.spare = 12;
  Replica copy = open(s, store);
  copy.take(s.nodes);
  copy.trim();
  EXPECT_EQ(copy.size(), 1u + 4u + store.spare);
  int of_b = 0, of_c = 0;
  for (const Node& n : copy.nodes()) {
    of_b += n.signer == key_of("B") ? 1 : 0;
    of_c += n.signer == key_of("C") ? 1 : 0;
  }
  EXPECT_EQ(of_b, 10);
  EXPECT_EQ(of_c, 2);
}

TEST(LedgerReplica, KeepsNoMoreThanAll) {
  Story s;
  for (int i = 0; i < 40; ++i) s.claim("A", "m:" + std::to_string(i));
  StoreBounds store;
  store.all = 30;
  Replica copy = open(s, store);
  copy.take(s.nodes);
  copy.trim();
  EXPECT_EQ(copy.size(), 30u);
  EXPECT_EQ(copy.state().claims.size(), 29u);
}

// Handed over by hash, as a store's rows come, a long row would have most of itself waiting for its parents, and lose
// what does not fit there.
TEST(LedgerReplica, ParentsFirstLosesNothing) {
  Story s;
  s.add("A", "B");
  for (int key = 0; key < 12; ++key) {
    const std::string name = "k" + std::to_string(key);
    s.add("B", name);
    for (int i = 0; i < 60; ++i) s.claim(name, "m:" + std::to_string(i));
  }
  std::vector<Node> by_hash = s.nodes;
  std::sort(by_hash.begin(), by_hash.end(), [](const Node& a, const Node& b) { return a.hash < b.hash; });
  Replica copy = open(s);
  copy.take(parents_first(by_hash));
  EXPECT_EQ(copy.waiting(), 0u);
  EXPECT_EQ(copy.size(), s.nodes.size());
  Node stray = s.nodes[2], ring = s.nodes[2];
  stray.hash.bytes[0] ^= 1;
  stray.parent.bytes[0] ^= 1;
  ring.hash.bytes[1] ^= 1;
  ring.parent = ring.hash;
  by_hash.insert(by_hash.begin(), {stray, ring});
  EXPECT_EQ(parents_first(by_hash).size(), s.nodes.size());
}

// A revoke whose keep-head is not here yet takes all away; the head brings back what it kept.
TEST(LedgerReplica, AnUnknownKeepHeadCutsEverything) {
  Story s;
  s.add("A", "B");
  EntryHash good = s.add("B", "D");
  s.revoke("A", "B", {good});
  Replica copy = open(s);
  copy.take(std::vector<Node>{s.nodes[1], s.nodes[3]});
  EXPECT_EQ(names_of(copy.state().active), (Names{"A"}));
  copy.take(std::vector<Node>{s.nodes[2]});
  EXPECT_EQ(names_of(copy.state().active), (Names{"A", "D"}));
}

// A pinned revoke that no longer counts is kept, with what it needs, for as long as nobody accepted it.
TEST(LedgerReplica, KeepsWhatIsPinned) {
  Story s;
  EntryHash b = s.add("A", "B");
  s.add("B", "C");
  EntryHash pinned = s.revoke("B", "A", {b});
  Observer o;
  o.see(s);
  s.revoke("A", "B");
  StoreBounds store;
  store.spare = 0;
  Replica copy = open(s, store);
  copy.take(s.nodes);
  copy.trim(o.memory);
  EXPECT_NE(copy.find(pinned), nullptr);
  EXPECT_EQ(names_of(o.memory.held(copy.state())), (Names{"A"}));
  o.memory.accept(copy.state());
  copy.trim(o.memory);
  EXPECT_EQ(copy.find(pinned), nullptr);
  EXPECT_EQ(names_of(o.memory.seal_for(copy.state())), (Names{"A"}));
}

// A pinned revoke that is lost altogether holds its target and all below; the root key settles it all the same.
TEST(LedgerMemory, HoldsForALostRevoke) {
  Story s;
  EntryHash b = s.add("A", "B");
  s.add("A", "C");
  s.revoke("B", "A", {b});
  Observer o;
  o.see(s);
  s.nodes.pop_back();
  EXPECT_EQ(s.active(), (Names{"A", "B", "C"}));
  EXPECT_EQ(o.held(s), (Names{"A", "B", "C"}));
  s.revoke("R", "B", {}, &s.root);
  EXPECT_EQ(o.seal_for(s), (Names{"A", "C"}));
}

// A thief who shows ever new revokes of one key fills that key's own pins, and pushes out nobody's.
TEST(LedgerMemory, AFloodOfRevokesIsBounded) {
  Story s;
  s.add("A", "B");
  EntryHash t = s.add("A", "T");
  EntryHash honest = s.revoke("B", "A", {t});
  Memory memory;
  memory.observe(s.state());
  std::size_t before = s.nodes.size();
  for (int wave = 0; wave < 3; ++wave) {
    s.nodes.resize(before);
    for (int i = 0; i < 64; ++i) {
      s.revoke("T", "B", {}, &t);
      s.nodes.back().hash.bytes[0] = static_cast<std::uint8_t>(3 - wave);
      s.nodes.back().hash.bytes[1] = static_cast<std::uint8_t>(i);
    }
    memory.observe(s.state());
  }
  std::map<DeviceId, std::size_t> pins;
  for (const auto& [hash, pin] : memory.pinned) ++pins[pin.signer];
  EXPECT_EQ(pins[key_of("T")], Memory::pins_per_signer);
  EXPECT_EQ(memory.pinned.count(honest), 1u);
}

}  // namespace
}  // namespace bud::core::ledger::testing
