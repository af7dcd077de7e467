// Random ledgers and rosters, and a thief. Honest devices act by what the ledger says; the thief signs anything,
// anywhere, with keys that it stole and with keys that it grants.
#pragma once

#include "core/ledger/replica.h"

#include <map>

namespace bud::core::ledger::testing {

// SplitMix64 (Steele, Lea, Flood 2014): the same cases on every machine.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  std::size_t between(std::size_t low, std::size_t high) { return low + below(high - low + 1); }
  bool percent(std::size_t p) { return below(100) < p; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }
  template <class T>
  void shuffle(std::vector<T>& what) {
    for (std::size_t i = what.size(); i > 1; --i) std::swap(what[i - 1], what[below(i)]);
  }

 private:
  std::uint64_t state_;
};

using Keys = std::vector<DeviceId>;
using Nodes = std::vector<Node>;

// What is judged. A ledger: two founders, each key in one hand. A roster: several founders, seats that several hands
// sign for, kinds that genesis may reserve; nobody hands over, and nothing is released.
enum class Shape : std::uint8_t { ledger, roster };

class World {
 public:
  // Where `tight`, the bounds are so small that they bite.
  World(Dice& dice, Shape shape, bool tight);

  // At most so many entries by members that stand and are not to be avoided.
  void honest(std::size_t steps, const Keys& avoid = {});
  // What a thief signs at some time, and the keys that it granted. The world does not take part in it.
  struct Theft {
    Nodes nodes;
    Keys ghosts;
  };
  Theft attack(const Keys& stolen, std::size_t steps) const;

  // At the end of the signer's row; in a roster now and then where another hand of the signer had come to.
  const Node& sign(const DeviceId& by, Node entry);
  const Node& revoke(const DeviceId& by, const DeviceId& target, std::vector<EntryHash> keep);
  State state(const Nodes& more = {}) const;
  Nodes all(const Nodes& more) const;
  Keys sample(const Keys& from, std::size_t most) const;  // one at least

  struct Row {
    EntryHash grant, tip;
    std::vector<EntryHash> own;
    std::vector<EntryHash> parents;  // of own, in the same order
  };
  const Row& row(const DeviceId& key) const { return rows_.at(key); }
  std::vector<EntryHash> newest(const DeviceId& key) const;  // what an honest revoke of the key keeps
  std::vector<EntryHash> newest(const DeviceId& key, std::size_t seen) const;
  bool reserved_from(const DeviceId& by, const Node& entry) const;

  Dice& dice;
  Shape shape;
  Bounds bounds;
  Nodes nodes;  // genesis first
  Keys keys;    // in the order of their grants: the founders, …

 private:
  void found();
  void step(Keys& standing);
  DeviceId fresh() const;
  EntryHash any_hash() const;

  std::map<DeviceId, Row> rows_;
  std::map<DeviceId, Role> roles_;
};

inline Keys active_and_recovery(const State& s) {
  Keys keys(s.active.begin(), s.active.end());
  keys.insert(keys.end(), s.recovery.begin(), s.recovery.end());
  return keys;
}

// What two observers of an account must agree on.
inline bool same_view(const State& a, const State& b) {
  return a.active == b.active && a.recovery == b.recovery && a.claims == b.claims && a.needed == b.needed;
}

}  // namespace bud::core::ledger::testing
