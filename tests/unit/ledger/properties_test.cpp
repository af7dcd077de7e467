// What holds of every ledger and of every roster, on random trees with thieves: one test for each property, run on both
// shapes.
#include "unit/ledger/world.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace bud::core::ledger::testing {
namespace {

constexpr int trees = 10'000;

// Runs a case on worlds of its own until `trees` of them said something (returned true).
template <class Case>
void run_on_random_trees(std::uint64_t property, Case one) {
  int told = 0;
  for (std::uint64_t i = 0; told < trees; ++i) {
    ASSERT_LT(i, std::uint64_t{40} * trees) << "too few of the trees say anything";
    SCOPED_TRACE("tree " + std::to_string(i));
    Dice dice(property << 32 | i);
    if (one(dice)) ++told;
    if (::testing::Test::HasFailure()) return;
  }
}

struct Robbed {
  Robbed(Dice& dice, Shape shape, bool tight) : world(dice, shape, tight) {
    world.honest(dice.between(1, 20));
    theft = world.attack(world.sample(world.keys, world.keys.size()), dice.below(26));
    all = world.all(theft.nodes);
  }
  World world;
  World::Theft theft;
  Nodes all;
};

class JudgementProperty : public ::testing::TestWithParam<Shape> {
 protected:
  template <class Case>
  void on_random_trees(std::uint64_t property, Case one) {
    property += GetParam() == Shape::roster ? 100 : 0;
    run_on_random_trees(property, one);
  }
  World world(Dice& dice, bool tight) const { return {dice, GetParam(), tight}; }
  Robbed robbed(Dice& dice, bool tight = true) const { return {dice, GetParam(), tight}; }
};

Replica replica_of(const World& w, const StoreBounds& store = {}) {
  return *Replica::open(w.nodes[0], w.bounds, store);
}

// Hands over in deliveries of a few entries.
template <class Between>
void deliver(Dice& dice, Replica& to, const Nodes& nodes, Between between) {
  for (std::size_t i = 0; i < nodes.size();) {
    std::size_t n = std::min(dice.between(1, 6), nodes.size() - i);
    to.take(std::span(nodes).subspan(i, n));
    i += n;
    between();
  }
}

TEST_P(JudgementProperty, OrderDoesNotMatter) {
  on_random_trees(1, [this](Dice& dice) {
    Robbed r = robbed(dice);
    State want = r.world.state(r.theft.nodes);
    Nodes shuffled = r.all;
    dice.shuffle(shuffled);
    EXPECT_TRUE(same_view(*evaluate(shuffled, r.world.bounds), want));
    Replica copy = replica_of(r.world);
    deliver(dice, copy, shuffled, [] {});
    EXPECT_TRUE(same_view(copy.state(), want));
    return true;
  });
}

TEST_P(JudgementProperty, CopiesMergeByUnion) {
  on_random_trees(2, [this](Dice& dice) {
    Robbed r = robbed(dice);
    Replica a = replica_of(r.world), b = replica_of(r.world);
    dice.shuffle(r.all);
    for (const Node& n : r.all) (dice.percent(50) ? a : b).take(std::span(&n, 1));
    // What one still waits for, the other offers; what waits there itself comes with the next exchange.
    for (int round = 0; round < 64 && !same_view(a.state(), b.state()); ++round) {
      a.take(b.nodes());
      b.take(a.nodes());
    }
    a.take(r.all);
    b.take(a.nodes());
    EXPECT_TRUE(same_view(a.state(), b.state()));
    EXPECT_TRUE(same_view(a.state(), r.world.state(r.theft.nodes)));
    return true;
  });
}

// Rank by its definition: the founders as they are named (a ledger's root key, then its first device), an add by depth
// and hash, a successor just below what it succeeds.
using Rank = std::pair<std::size_t, std::vector<EntryHash>>;
Rank rank_of(const State& s, std::size_t member) {
  const Standing& m = s.members[member];
  if (m.sponsor == SIZE_MAX) {
    const std::vector<Founder>& founders = s.tree().node(s.tree().genesis()).founders;
    EntryHash place;
    while (founders[place.bytes[0]].key != m.key) ++place.bytes[0];
    EXPECT_EQ(founders[place.bytes[0]].role, m.role);
    return {0u, {place}};
  }
  Tree::Index grant = s.tree().find(m.grant);
  if (s.tree().node(grant).kind == Kind::add) return {s.tree().place(grant).depth + 1u, {m.grant}};
  Rank rank = rank_of(s, m.sponsor);
  rank.second.push_back(m.grant);
  return rank;
}

TEST_P(JudgementProperty, RankIsStatic) {
  on_random_trees(3, [this](Dice& dice) {
    Robbed r = robbed(dice, false);
    State before = r.world.state(), after = r.world.state(r.theft.nodes);
    std::vector<std::pair<EntryHash, DeviceId>> old_order, new_order;
    for (const Standing& m : before.members) old_order.emplace_back(m.grant, m.key);
    for (const Standing& m : after.members) new_order.emplace_back(m.grant, m.key);
    std::erase_if(new_order,
                  [&](const auto& m) { return std::find(old_order.begin(), old_order.end(), m) == old_order.end(); });
    EXPECT_EQ(old_order, new_order) << "nothing that is signed moves a member";
    for (std::size_t m = 1; m < after.members.size(); ++m) EXPECT_LT(rank_of(after, m - 1), rank_of(after, m));
    return true;
  });
}

// Nobody grants a rank above their own, and whoever outranks a sponsor can end what it granted.
TEST_P(JudgementProperty, Dominance) {
  on_random_trees(4, [this](Dice& dice) {
    Robbed r = robbed(dice);
    State s = r.world.state(r.theft.nodes);
    for (std::size_t m = 0; m < s.members.size(); ++m) {
      if (s.members[m].sponsor != SIZE_MAX) {
        EXPECT_LT(s.members[m].sponsor, m);
      }
    }
    for (const EntryHash& hash : s.effective) {
      Tree::Index e = s.tree().find(hash);
      if (s.tree().node(e).kind != Kind::revoke || s.tree().node(e).key == s.tree().node(e).signer) continue;
      for (std::size_t m = s.tree().place(e).owner + 1; m < s.members.size(); ++m) {
        EXPECT_FALSE(s.members[m].up && s.members[m].key == s.tree().node(e).key) << "a senior's revoke is final";
      }
    }
    return true;
  });
}

// A senior's verdict is a matter of seniors' entries.
TEST_P(JudgementProperty, JuniorsDoNotReachTheStrongPass) {
  on_random_trees(5, [this](Dice& dice) {
    Robbed r = robbed(dice);
    State s = r.world.state(r.theft.nodes);
    std::size_t cut = dice.below(s.members.size());
    Nodes seniors;
    for (const Node& n : r.all) {
      Tree::Index e = s.tree().find(n.hash);
      if (n.kind == Kind::genesis || (s.tree().placed(e) && s.tree().place(e).owner <= cut)) seniors.push_back(n);
    }
    State part = *evaluate(seniors, r.world.bounds);
    for (std::size_t m = 0; m <= cut; ++m) {
      EXPECT_EQ(part.members[m].key, s.members[m].key);
      EXPECT_EQ(part.members[m].granted, s.members[m].granted);
      EXPECT_EQ(part.members[m].revoked, s.members[m].revoked);
    }
    return true;
  });
}

enum class Owner : std::uint8_t { the_first_founder, somebody_else };

// The owner holds a key that outranks every stolen one, and revokes each of these once, keeping what was there before
// the theft: then the account is what it would be had the thief never signed. False where the owner has no such key.
bool no_interference(Dice& dice, World& w, Owner owner_is, std::size_t thefts, std::size_t most_stolen) {
  w.honest(dice.between(2, 22));
  State before = w.state();
  auto rank = [&](const DeviceId& key) {
    for (std::size_t m = 0; m < before.members.size(); ++m) {
      if (before.members[m].key == key) return m;
    }
    return SIZE_MAX;
  };
  std::vector<std::size_t> seniors;
  for (std::size_t m = 0; m + 1 < before.members.size(); ++m) {
    bool fits = owner_is == Owner::the_first_founder
                    ? m == 0
                    : m != 0 && (w.shape == Shape::roster || before.members[m].role == Role::device);
    if (before.members[m].up && fits) seniors.push_back(m);
  }
  if (seniors.empty()) return false;
  std::size_t s = seniors[dice.below((seniors.size() + 1) / 2)];
  DeviceId owner = before.members[s].key;
  Keys juniors;
  for (const DeviceId& key : w.keys) {
    if (rank(key) != SIZE_MAX && rank(key) > s) juniors.push_back(key);
  }
  if (juniors.empty()) return false;

  Keys stolen = w.sample(juniors, most_stolen);
  std::map<DeviceId, std::vector<EntryHash>> keep;
  for (const DeviceId& key : stolen) keep[key] = w.newest(key);
  World::Theft early = w.attack(stolen, dice.below(thefts));
  w.honest(dice.below(7), stolen);  // the owner's other devices go on meanwhile
  if (w.row(owner).own.size() + stolen.size() > w.bounds.own) return false;
  Nodes answers;
  for (const DeviceId& key : stolen) answers.push_back(w.revoke(owner, key, keep[key]));
  State clean = w.state();
  bool heard =
      (clean.active.count(owner) != 0 || clean.recovery.count(owner) != 0) &&
      std::all_of(answers.begin(), answers.end(), [&](const Node& n) { return clean.effective.count(n.hash) != 0; });
  if (!heard) return false;

  World::Theft late = w.attack(stolen, dice.below(thefts));
  Nodes evil = early.nodes;
  evil.insert(evil.end(), late.nodes.begin(), late.nodes.end());
  State robbed = w.state(evil);
  EXPECT_EQ(robbed.active, clean.active);
  EXPECT_EQ(robbed.recovery, clean.recovery);
  EXPECT_EQ(robbed.claims, clean.claims);
  EXPECT_EQ(robbed.needed, clean.needed);
  for (const Keys& gone : {stolen, early.ghosts, late.ghosts}) {
    for (const DeviceId& key : gone) EXPECT_EQ(robbed.active.count(key) + robbed.recovery.count(key), 0u);
  }
  return true;
}

TEST_P(JudgementProperty, NoInterferenceWithASenior) {
  on_random_trees(6, [this](Dice& dice) {
    World w = world(dice, dice.percent(40));
    return no_interference(dice, w, Owner::somebody_else, 31, 6);
  });
}

TEST_P(JudgementProperty, NoInterferenceWithTheFirstFounder) {
  on_random_trees(7, [this](Dice& dice) {
    World w = world(dice, dice.percent(40));
    return no_interference(dice, w, Owner::the_first_founder, 31, 6);
  });
}

// However much one stolen key signs, one revoke undoes it; until then the bounds hold.
TEST_P(JudgementProperty, AFloodCostsOneRevoke) {
  on_random_trees(8, [this](Dice& dice) {
    World w = world(dice, true);
    w.honest(dice.between(1, 6));
    World::Theft flood = w.attack({dice.pick(w.keys)}, 60);
    State flooded = w.state(flood.nodes);
    EXPECT_LE(flooded.effective.size(), w.bounds.total);
    EXPECT_LE(flooded.active.size() + flooded.recovery.size(), w.bounds.live);
    World again = world(dice, true);
    return no_interference(dice, again, dice.percent(50) ? Owner::somebody_else : Owner::the_first_founder, 90, 1);
  });
}

TEST_P(JudgementProperty, VoidEntriesAreIrrelevant) {
  on_random_trees(9, [this](Dice& dice) {
    Robbed r = robbed(dice);
    State want = r.world.state(r.theft.nodes);
    std::size_t stay = dice.below(100);
    Nodes slim;
    for (const Node& n : r.all) {
      bool needed = std::binary_search(want.needed.begin(), want.needed.end(), n.hash);
      if (needed || n.kind == Kind::genesis || dice.percent(stay)) slim.push_back(n);
    }
    EXPECT_TRUE(same_view(*evaluate(slim, r.world.bounds), want));
    return true;
  });
}

TEST_P(JudgementProperty, PrunedCopiesConverge) {
  on_random_trees(10, [this](Dice& dice) {
    Robbed r = robbed(dice);
    State want = r.world.state(r.theft.nodes);
    StoreBounds store;
    store.spare = dice.below(4);
    Replica copy = replica_of(r.world, store);
    dice.shuffle(r.all);
    deliver(dice, copy, r.all, [&] {
      State before = copy.state();
      copy.trim();
      EXPECT_TRUE(same_view(copy.state(), before)) << "trimming alone changes nothing";
      EXPECT_LE(copy.size(), 1 + before.needed.size() + store.spare);
    });
    Nodes needed;  // each device offers its own way from genesis, and the revokes that it knows
    for (const Node& n : r.all) {
      if (std::binary_search(want.needed.begin(), want.needed.end(), n.hash)) needed.push_back(n);
    }
    copy.take(needed);
    EXPECT_TRUE(same_view(copy.state(), want));
    return true;
  });
}

TEST_P(JudgementProperty, AWeakRevokeOnlyTakesAway) {
  on_random_trees(11, [this](Dice& dice) {
    Robbed r = robbed(dice, false);
    State s = r.world.state(r.theft.nodes);
    for (const Standing& m : s.members) {
      EXPECT_TRUE(!m.up || (m.granted && !m.revoked && !m.weakened));
    }
    // One more junior's revoke, right below its grant.
    std::vector<std::size_t> up;
    for (std::size_t m = 0; m < s.members.size(); ++m) {
      if (s.members[m].up) up.push_back(m);
    }
    if (up.size() < 2) return false;
    std::size_t place = dice.between(1, up.size() - 1), by = up[place], target = up[dice.below(place)];
    auto junior_too = [&](const Standing& m) { return m.key == s.members[target].key; };
    if (std::any_of(s.members.begin() + static_cast<std::ptrdiff_t>(by), s.members.end(), junior_too)) return false;
    Node revoke;
    revoke.kind = Kind::revoke;
    revoke.signer = s.members[by].key;
    revoke.key = s.members[target].key;
    revoke.parent = s.members[by].grant;
    revoke.hash.bytes[31] = 1;
    Nodes more = r.theft.nodes;
    more.push_back(revoke);
    State weakened = r.world.state(more);
    if (weakened.effective.count(revoke.hash) == 0) return false;
    EXPECT_EQ(weakened.applied.count(revoke.hash), 1u);
    weakened.effective.erase(revoke.hash);
    EXPECT_EQ(weakened.effective, s.effective);
    for (std::size_t m = 0; m < s.members.size(); ++m) {
      EXPECT_EQ(weakened.members[m].granted, s.members[m].granted);
      EXPECT_EQ(weakened.members[m].revoked, s.members[m].revoked);
    }
    EXPECT_FALSE(weakened.members[target].up);
    return true;
  });
}

bool is_up(const State& s, const DeviceId& key) {
  return s.active.contains(key) || s.recovery.contains(key);
}

// The first device (of a group: its second founder) is lost, and revoked by a junior. As long as that holds, the finder
// and its ghosts are out; where the finder strikes back, the ledger says so, and whoever saw the revoke seals for none
// of them.
TEST_P(JudgementProperty, NeverSilent) {
  int countered = 0;
  on_random_trees(12, [&](Dice& dice) {
    World w = world(dice, false);
    w.honest(dice.between(2, 15));
    State before = w.state();
    DeviceId first = w.keys[1];
    Keys others = active_and_recovery(before);
    if (w.shape == Shape::ledger) others.assign(before.active.begin(), before.active.end());
    if (std::erase(others, first) == 0) return false;
    std::erase(others, w.keys[0]);
    if (others.empty()) return false;
    DeviceId junior = dice.pick(others);
    Memory seen;
    seen.observe(before);
    const EntryHash revoke = w.revoke(junior, first, w.newest(first)).hash;
    w.honest(dice.below(4), {first});
    State lost = w.state();
    if (is_up(lost, first) || !is_up(lost, junior) || !lost.effective.contains(revoke)) return false;
    seen.observe(lost);

    World::Theft theft = w.attack({first}, dice.between(1, 20));
    State struck = w.state(theft.nodes);
    seen.observe(struck);
    Keys bad = theft.ghosts;
    bad.push_back(first);
    std::erase_if(bad, [&](const DeviceId& key) {
      return w.shape == Shape::ledger ? !struck.active.contains(key) : !is_up(struck, key);
    });
    if (bad.empty()) return true;
    ++countered;
    EXPECT_EQ(struck.disputed.count(first), 1u);
    for (const Standing& m : struck.members) {
      EXPECT_FALSE(m.up && m.key == junior && m.grant == w.row(junior).grant) << "it stands, and so does its revoke";
    }
    std::set<DeviceId> held = seen.held(struck), sealed = seen.seal_for(struck);
    for (const DeviceId& key : bad) EXPECT_EQ(held.count(key), 1u);
    for (const DeviceId& key : bad) EXPECT_EQ(sealed.count(key), 0u);
    return true;
  });
  EXPECT_GT(countered, trees / 20);
}

// An observer's memory: the same for the same history, never forgetful, and only ever holding back.
TEST_P(JudgementProperty, MemoryOnlyHoldsBack) {
  on_random_trees(13, [this](Dice& dice) {
    Robbed r = robbed(dice);
    Memory memory, twin;
    Replica copy = replica_of(r.world);
    if (dice.percent(50)) dice.shuffle(r.all);
    std::map<EntryHash, std::set<DeviceId>> ever;
    deliver(dice, copy, r.all, [&] {
      State now = copy.state();
      Memory before = memory;
      memory.observe(now);
      twin.observe(now);
      for (const auto& [hash, pin] : before.pinned) EXPECT_EQ(memory.pinned.count(hash), 1u) << "never forgets";
      for (const EntryHash& hash : now.applied) EXPECT_EQ(memory.pinned.count(hash), 1u);
      std::set<DeviceId> held = memory.held(now), sealed = memory.seal_for(now);
      for (const auto& [hash, pin] : memory.pinned) {
        if (now.settled(hash)) continue;
        for (const DeviceId& key : now.asks_down(hash)) EXPECT_EQ(held.count(key), 1u);
        EXPECT_EQ(sealed.count(pin.target), 0u);
      }
      for (const DeviceId& key : now.active) EXPECT_EQ(held.count(key) + sealed.count(key), 1u);
      EXPECT_LE(sealed.size(), now.active.size());
    });
    EXPECT_EQ(memory, twin);
    State last = copy.state();
    EXPECT_EQ(twin.held(last), memory.held(last));
    twin.accept(last);
    EXPECT_EQ(twin.seal_for(last), last.active) << "a person let them go";
    return true;
  });
}

// A trimmed copy holds back what a full one holds; where a pinned entry itself is lost, more is held and never less.
TEST_P(JudgementProperty, MemorySurvivesTrimming) {
  on_random_trees(14, [this](Dice& dice) {
    Robbed r = robbed(dice);
    Memory memory;
    StoreBounds store;
    store.spare = 0;
    Replica full = replica_of(r.world), slim = replica_of(r.world, store);
    deliver(dice, full, r.all, [&] { memory.observe(full.state()); });
    slim.take(r.all, memory);
    slim.trim(memory);
    EXPECT_EQ(memory.held(slim.state()), memory.held(full.state()));
    slim.trim();
    std::set<DeviceId> held = memory.held(slim.state());
    for (const DeviceId& key : memory.held(full.state())) EXPECT_EQ(held.count(key), 1u);
    return true;
  });
}

INSTANTIATE_TEST_SUITE_P(Both, JudgementProperty, ::testing::Values(Shape::ledger, Shape::roster),
                         [](const auto& shape) { return shape.param == Shape::ledger ? "ledger" : "roster"; });

}  // namespace
}  // namespace bud::core::ledger::testing
