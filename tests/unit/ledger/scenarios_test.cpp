// The attacks on a ledger that have a name, and the plain life around them.
#include "unit/ledger/story.h"

#include <gtest/gtest.h>

namespace bud::core::ledger::testing {
namespace {

using Names = Story::Names;

TEST(LedgerScenario, PlainLife) {
  Story s;
  s.add("A", "B");
  s.add("B", "C");
  EntryHash here = s.claim("B", "m:one");
  s.claim("C", "m:two");
  EXPECT_EQ(s.active(), (Names{"A", "B", "C"}));
  EXPECT_EQ(s.recovery(), (Names{"R"}));
  EXPECT_EQ(s.state().claims.size(), 2u);
  s.release("A", here);
  EXPECT_EQ(s.state().claims, (std::set<BlindedAddress>{BlindedAddress{key_of("m:two").bytes}}));
}

// Two devices revoke each other: the senior's word stands, the same for everyone; who saw the junior's holds the
// senior.
TEST(LedgerScenario, MutualRevoke) {
  Story s;
  s.add("A", "B");
  EntryHash t = s.add("A", "T");
  Observer friend_of_old;
  s.revoke("T", "A");
  EXPECT_EQ(s.active(), (Names{"B", "T"}));
  friend_of_old.see(s);
  s.revoke("A", "T", {}, &t);
  friend_of_old.see(s);
  EXPECT_EQ(s.active(), (Names{"A", "B"}));
  EXPECT_EQ(names_of(s.state().disputed), (Names{"A"}));
  EXPECT_EQ(friend_of_old.held(s), (Names{"A"}));
  EXPECT_EQ(friend_of_old.seal_for(s), (Names{"B"}));
  Observer accepting = friend_of_old;
  accepting.memory.accept(s.state());
  EXPECT_EQ(accepting.seal_for(s), (Names{"A", "B"}));
  s.revoke("R", "T");
  EXPECT_EQ(friend_of_old.seal_for(s), (Names{"A", "B"}));
}

TEST(LedgerScenario, RevokeRing) {
  Story s;
  for (const char* key : {"B", "C", "D"}) s.add("A", key);
  s.revoke("B", "C");
  s.revoke("C", "D");
  s.revoke("D", "B");
  // B is judged first: C is void, so D stands; D's revoke of its senior takes B away.
  EXPECT_EQ(s.active(), (Names{"A", "D"}));
  std::vector<Node> backwards(s.nodes.rbegin(), s.nodes.rend());
  EXPECT_EQ(evaluate(backwards)->active, s.state().active);
  for (const char* key : {"B", "C", "D"}) s.revoke("A", key);
  EXPECT_EQ(s.active(), (Names{"A"}));
}

// A stolen junior makes itself a "recovery key" and many ground hashes: all below its sponsor.
TEST(LedgerScenario, MintedRank) {
  Story s;
  EntryHash b = s.add("A", "B");
  s.add("B", "X", nullptr, Role::recovery);
  s.revoke("X", "A", {b});
  s.revoke("X", "R");
  EXPECT_EQ(s.active(), (Names{"B"}));
  State state = s.state();
  EXPECT_EQ(name_of(state.members.back().key), "X");
  s.revoke("A", "B", {}, &b);
  EXPECT_EQ(s.active(), (Names{"A"}));
  EXPECT_EQ(s.recovery(), (Names{"R"}));
}

TEST(LedgerScenario, GroundHashDoesNotOutrank) {
  Story s;
  s.add("A", "B");
  s.add("A", "C");
  s.add("C", "X");
  s.nodes.back().hash = EntryHash{};  // as low as a hash can be
  State state = s.state();
  std::vector<std::string> order;
  for (const Standing& m : state.members) order.push_back(name_of(m.key));
  EXPECT_EQ(order, (std::vector<std::string>{"R", "A", "B", "C", "X"}));
}

// The first phone is lost, the laptop revokes it. Years later the finder strikes back.
TEST(LedgerScenario, Unrevoke) {
  Story s;
  EntryHash b = s.add("A", "B");
  s.add("B", "C");
  s.revoke("B", "A", {b});
  EXPECT_EQ(s.active(), (Names{"B", "C"}));
  EntryHash x = s.add("A", "X", &s.root);
  s.add("X", "Y");
  EXPECT_EQ(s.active(), (Names{"B", "C"})) << "a backdated ghost";
  Observer o;
  o.see(s);
  EXPECT_EQ(o.seal_for(s), (Names{"B", "C"}));
  s.revoke("A", "B", {}, &b);
  o.see(s);
  EXPECT_EQ(names_of(s.state().disputed), (Names{"A"}));
  EXPECT_EQ(s.active().count("A"), 1u) << "the ledger alone cannot tell the finder from the owner";
  EXPECT_EQ(o.held(s), (Names{"A", "X", "Y"}));
  EXPECT_EQ(o.seal_for(s), Names{});

  s.revoke("R", "A", {b});
  EXPECT_EQ(s.active(), (Names{"B", "C"}));
  EXPECT_EQ(s.state().disputed, std::set<DeviceId>{});
  int n = 0;
  for (EntryHash at : {s.root, b, x}) {
    s.revoke("A", "R", {}, &at);
    s.handover("A", "Z" + std::to_string(n++), &at);
    s.revoke("X", "B");
  }
  EXPECT_EQ(s.active(), (Names{"B", "C"}));
}

// A newcomer has no memory, and no root key was used: what cannot hold is at least said.
TEST(LedgerScenario, UnrevokeSeenByANewcomerIsDisputed) {
  Story s;
  EntryHash b = s.add("A", "B");
  s.revoke("B", "A", {b});
  s.revoke("A", "B");
  Observer newcomer;
  newcomer.see(s);
  EXPECT_EQ(newcomer.seal_for(s), (Names{"A"}));
  EXPECT_EQ(names_of(s.state().disputed), (Names{"A"}));
}

TEST(LedgerScenario, SelfRevoke) {
  Story s;
  EntryHash b = s.add("A", "B");
  s.revoke("A", "A", {}, &s.root);
  EXPECT_EQ(s.active(), Names{});
  s.revoke("R", "A", {b});
  EXPECT_EQ(s.active(), (Names{"B"}));
}

// Signed adds, revokes and claims of a revoked key, whatever it was stolen for and wherever it puts them.
TEST(LedgerScenario, StolenDevice) {
  Story s;
  EntryHash b = s.add("A", "B");
  s.add("A", "C");
  EntryHash good = s.add("B", "D");
  s.revoke("B", "C");
  s.add("B", "X");
  s.revoke("B", "R");
  s.revoke("A", "B", {good});
  State clean = s.state();
  EXPECT_EQ(names_of(clean.active), (Names{"A", "C", "D"}));
  EXPECT_EQ(names_of(clean.recovery), (Names{"R"}));
  s.add("B", "late");
  s.add("B", "early", &b);
  s.revoke("B", "D", {}, &good);
  s.claim("B", "m:evil");
  s.handover("B", "heir", &b);
  s.revoke("X", "A");
  EXPECT_EQ(s.state().active, clean.active);
  EXPECT_EQ(s.state().claims, clean.claims);
  EXPECT_EQ(s.state().needed, clean.needed) << "and the digest does not see it";
}

// A revoke that one copy never saw changes nothing there, and everything once it is handed over.
TEST(LedgerScenario, WithheldRevoke) {
  Story s;
  s.add("A", "B");
  Result<Replica> served = Replica::open(s.nodes.front());
  ASSERT_TRUE(served);
  served->take(s.nodes);
  EXPECT_EQ(names_of(served->state().active), (Names{"A", "B"}));
  s.revoke("A", "B");
  EXPECT_TRUE(served->take(std::vector<Node>{s.last()}));
  EXPECT_EQ(names_of(served->state().active), (Names{"A"}));
}

// A middle entry held back: what hangs on it waits, and says what it waits for.
TEST(LedgerScenario, WithheldGrant) {
  Story s;
  EntryHash b = s.add("A", "B");
  s.add("B", "C");
  s.claim("C", "m:c");
  Result<Replica> r = Replica::open(s.nodes[0]);
  ASSERT_TRUE(r);
  EXPECT_FALSE(r->take(std::vector<Node>{s.nodes[3], s.nodes[2]}));
  EXPECT_EQ(names_of(r->state().active), (Names{"A"}));
  EXPECT_EQ(r->missing(), (std::set<EntryHash>{b}));
  EXPECT_TRUE(r->take(std::vector<Node>{s.nodes[1]}));
  EXPECT_EQ(names_of(r->state().active), (Names{"A", "B", "C"}));
  EXPECT_EQ(r->waiting(), 0u);
}

// An old copy offered again takes nothing back.
TEST(LedgerScenario, Rollback) {
  Story s;
  s.add("A", "B");
  std::vector<Node> old = s.nodes;
  s.revoke("A", "B");
  Result<Replica> r = Replica::open(s.nodes[0]);
  ASSERT_TRUE(r);
  r->take(s.nodes);
  EXPECT_FALSE(r->take(old));
  EXPECT_EQ(names_of(r->state().active), (Names{"A"}));
}

// No malice: the tablet revokes the laptop while the phone retires the tablet unseen. The ledger revives the laptop,
// the memory holds it.
TEST(LedgerScenario, RetireRace) {
  Story s;
  s.add("A", "T");
  EntryHash u = s.add("T", "U");
  Observer o;
  s.revoke("T", "U");
  o.see(s);
  s.revoke("A", "T", {u});
  o.see(s);
  EXPECT_EQ(s.active(), (Names{"A", "U"}));
  EXPECT_EQ(o.held(s), (Names{"U"}));
  EXPECT_EQ(o.seal_for(s), (Names{"A"}));
}

TEST(LedgerScenario, Handover) {
  Story s;
  EntryHash b = s.add("A", "B");
  EntryHash h = s.handover("A", "P");
  EXPECT_EQ(s.active(), (Names{"B", "P"}));
  s.revoke("A", "B", {}, &b);
  s.add("A", "X", &s.root);
  EXPECT_EQ(s.active(), (Names{"B", "P"})) << "the old key speaks no more";
  s.revoke("B", "P");
  EXPECT_EQ(s.active(), (Names{"B"}));
  s.revoke("P", "B");
  EXPECT_EQ(s.active(), (Names{"P"})) << "the successor outranks what the old key outranked";
  s.handover("A", "Y", &s.root);
  EXPECT_EQ(s.active(), Names{}) << "a forked end leaves no successor";
  s.revoke("R", "A", {h});
  EXPECT_EQ(s.active(), (Names{"P"}));
}

// The paper is replaced, and then the old one is found.
TEST(LedgerScenario, RecoveryKeyReplaced) {
  Story s;
  s.add("A", "B");
  s.handover("R", "R2");
  EXPECT_EQ(s.recovery(), (Names{"R2"}));
  s.revoke("R", "A", {}, &s.root);
  s.add("R", "X", &s.root);
  EXPECT_EQ(s.active(), (Names{"A", "B"}));
  EXPECT_EQ(s.recovery(), (Names{"R2"}));
  s.handover("R", "RX", &s.root);
  EXPECT_EQ(s.active(), (Names{"A", "B"}));
  EXPECT_EQ(s.recovery(), Names{});
}

TEST(LedgerScenario, AllDevicesLost) {
  Story s;
  s.add("A", "B");
  s.add("R", "N");
  s.revoke("N", "B");
  s.revoke("R", "A");
  EXPECT_EQ(s.active(), (Names{"N"}));
}

// A junior that revokes its sponsor and keeps nothing keeps what it hangs on itself.
TEST(LedgerScenario, NobodySawsOffTheirOwnBranch) {
  Story late;
  late.add("A", "B");
  late.add("A", "C");
  late.revoke("C", "A");
  EXPECT_EQ(late.active(), (Names{"B", "C"}));
  Story early;
  early.add("A", "C");
  early.add("A", "B");
  early.revoke("C", "A");
  EXPECT_EQ(early.active(), (Names{"C"}));
}

// Twenty thousand entries by a stolen device that is still active, and by 300 ghosts of its own: bounded while it
// lasts, and gone with one revoke.
TEST(LedgerScenario, LedgerFlood) {
  Story s;
  EntryHash b = s.add("A", "B");
  s.add("A", "C");
  for (int i = 0; i < 300; ++i)
    s.add(i == 0 ? "B" : "X" + std::to_string((i * 7919 + 13) % i), "X" + std::to_string(i));
  while (s.nodes.size() < 20'000) {
    std::size_t n = s.nodes.size();
    const Node grant = s.nodes[3 + n % 300];
    s.claim(name_of(grant.key), "m:" + std::to_string(n), &grant.hash);
  }
  State flooded = s.state();
  EXPECT_LE(flooded.effective.size(), Bounds{}.total);
  EXPECT_LE(flooded.active.size() + flooded.recovery.size(), Bounds{}.live);
  EXPECT_EQ(names_of(flooded.active).count("A"), 1u);

  Result<Replica> copy = Replica::open(s.nodes[0]);
  ASSERT_TRUE(copy);
  copy->take(s.nodes);
  EXPECT_LE(copy->size(), Bounds{}.total + StoreBounds{}.spare + StoreBounds{}.slack + 1);
  EXPECT_EQ(copy->state().active, flooded.active);

  s.revoke("A", "B");
  copy->take(std::vector<Node>{s.last()});
  copy->trim();
  EXPECT_EQ(s.active(), (Names{"A", "C"}));
  EXPECT_EQ(names_of(copy->state().active), (Names{"A", "C"}));
  EXPECT_EQ(s.state().effective.size(), 3u);
  EXPECT_LE(copy->size(), 3u + StoreBounds{}.spare + 1);
  std::vector<EntryHash> digested = s.state().needed;
  s.add("B", "afterwards", &b);
  EXPECT_EQ(s.state().needed, digested);
}

}  // namespace
}  // namespace bud::core::ledger::testing
