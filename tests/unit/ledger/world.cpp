#include "unit/ledger/world.h"

#include <algorithm>
#include <stdexcept>

namespace bud::core::ledger::testing {
namespace {

template <class Id>
Id random_id(Dice& dice) {
  Id id;
  for (std::size_t i = 0; i < 16; i += 8) {
    std::uint64_t v = dice.next();
    for (std::size_t b = 0; b < 8; ++b) id.bytes[i + b] = static_cast<std::uint8_t>(v >> 8 * b);
  }
  return id;
}

}  // namespace

World::World(Dice& d, Shape s, bool tight) : dice(d), shape(s) {
  if (tight) {
    bounds.own = dice.pick(std::vector<std::size_t>{4, 6, 64});
    bounds.live = dice.pick(std::vector<std::size_t>{5, 8, 64});
    bounds.total = dice.pick(std::vector<std::size_t>{16, 40, 1024});
  }
  Node g;
  g.kind = Kind::genesis;
  g.hash = any_hash();
  g.signer = fresh();
  if (shape == Shape::ledger) {
    g.founders = {{fresh(), Role::recovery}, {g.signer, Role::device}};
  } else {
    g.founders = {{g.signer, Role::administrator}};
    for (std::size_t more = dice.between(1, 5); more > 0; --more)
      g.founders.push_back({fresh(), dice.percent(20) ? Role::administrator : Role::member});
    g.reserved = {dice.percent(50), dice.percent(75), dice.percent(50), dice.percent(50)};
    g.forked_rows = true;
  }
  for (const Founder& f : g.founders) {
    keys.push_back(f.key);
    rows_[f.key] = {g.hash, g.hash, {}, {}};
    roles_[f.key] = f.role;
  }
  nodes.push_back(std::move(g));
}

DeviceId World::fresh() const {
  return random_id<DeviceId>(dice);
}
EntryHash World::any_hash() const {
  return random_id<EntryHash>(dice);
}

const Node& World::sign(const DeviceId& by, Node entry) {
  Row& row = rows_.at(by);
  entry.signer = by;
  entry.parent = row.tip;
  if (shape == Shape::roster && dice.percent(20)) {
    const std::size_t place = dice.below(row.own.size() + 1);
    entry.parent = place == row.own.size() ? row.grant : row.own[place];
  }
  entry.hash = any_hash();
  row.tip = entry.hash;
  row.own.push_back(entry.hash);
  row.parents.push_back(entry.parent);
  if (entry.kind == Kind::add || entry.kind == Kind::handover) {
    keys.push_back(entry.key);
    roles_[entry.key] = entry.kind == Kind::add ? entry.role : roles_.at(by);
    rows_[entry.key] = {entry.hash, entry.hash, {}, {}};
  }
  nodes.push_back(std::move(entry));
  return nodes.back();
}

const Node& World::revoke(const DeviceId& by, const DeviceId& target, std::vector<EntryHash> keep) {
  Node n;
  n.kind = Kind::revoke;
  n.key = target;
  n.keep = std::move(keep);
  return sign(by, std::move(n));
}

std::vector<EntryHash> World::newest(const DeviceId& key) const {
  return newest(key, rows_.at(key).own.size());
}

// Of the first so many that the key signed: the ends of its row, the last of them where it has more than fit.
std::vector<EntryHash> World::newest(const DeviceId& key, std::size_t seen) const {
  const Row& row = rows_.at(key);
  std::vector<EntryHash> ends;
  for (std::size_t i = seen; i-- > 0 && ends.size() < max_keep;) {
    const auto first = row.parents.begin(), last = first + static_cast<std::ptrdiff_t>(seen);
    if (std::find(first, last, row.own[i]) == last) ends.push_back(row.own[i]);
  }
  return ends;
}

bool World::reserved_from(const DeviceId& by, const Node& entry) const {
  if (roles_.at(by) == Role::administrator) return false;
  const Reserved& r = nodes.front().reserved;
  if (entry.kind == Kind::add) return entry.role == Role::administrator ? r.elevate : r.add;
  if (entry.kind == Kind::revoke) return r.revoke && entry.key != by;
  return entry.kind != Kind::handover && r.claim;
}

Nodes World::all(const Nodes& more) const {
  Nodes both = nodes;
  both.insert(both.end(), more.begin(), more.end());
  return both;
}

State World::state(const Nodes& more) const {
  Result<State> s = evaluate(more.empty() ? nodes : all(more), bounds);
  if (!s) throw std::runtime_error(s.error().text);
  return std::move(*s);
}

Keys World::sample(const Keys& from, std::size_t most) const {
  Keys some = from;
  dice.shuffle(some);
  some.resize(dice.between(1, std::min(most, some.size())));
  return some;
}

// One entry by one of those that stand; `standing` is brought up to date where that changes who does.
void World::step(Keys& standing) {
  const DeviceId by = dice.pick(standing);
  if (rows_[by].own.size() >= bounds.own) return;
  if (shape == Shape::ledger && by == keys[0] && dice.percent(70)) return;  // the paper is seldom used
  Node n;
  std::size_t what = dice.below(100);
  if (what < 45) {
    n.kind = Kind::add;
    n.key = fresh();
    n.role = dice.percent(17) ? Role::recovery : Role::device;
    if (reserved_from(by, n)) return;
    standing.push_back(n.key);
    sign(by, std::move(n));
  } else if (what < (shape == Shape::ledger ? 65u : 72u)) {
    n.kind = Kind::claim;
    n.ref.bytes[0] = static_cast<std::uint8_t>(dice.below(9));
    if (!reserved_from(by, n)) sign(by, std::move(n));
  } else if (what < 72) {
    Nodes claims;
    std::copy_if(nodes.begin(), nodes.end(), std::back_inserter(claims),
                 [](const Node& c) { return c.kind == Kind::claim; });
    if (claims.empty()) return;
    n.kind = Kind::release;
    n.ref.bytes = dice.pick(claims).hash.bytes;
    sign(by, std::move(n));
  } else if (what < 90) {
    const DeviceId target = dice.pick(standing);
    if (target == by) return;
    const std::vector<EntryHash>& own = rows_[target].own;  // all that it signed, or what a lagging copy knows of it
    std::size_t seen = dice.percent(70) ? own.size() : dice.below(own.size() + 1);
    n.kind = Kind::revoke;
    n.key = target;
    if (reserved_from(by, n)) return;
    revoke(by, target, newest(target, seen));
    standing.clear();
  } else {
    const bool hands_over = shape == Shape::ledger && what < 96;
    n.kind = hands_over ? Kind::handover : Kind::revoke;
    n.key = hands_over ? fresh() : by;
    if (shape == Shape::roster && dice.percent(80)) n.keep = newest(by);
    sign(by, std::move(n));
    standing.clear();
  }
}

void World::honest(std::size_t steps, const Keys& avoid) {
  Keys standing;
  for (std::size_t i = 0; i < steps; ++i) {
    if (standing.empty()) {
      standing = active_and_recovery(state());
      std::erase_if(standing,
                    [&](const DeviceId& k) { return std::find(avoid.begin(), avoid.end(), k) != avoid.end(); });
      if (standing.empty()) return;
    }
    step(standing);
  }
}

// As strong as signatures allow: any kind, at any place, ground hashes, forked ends, keeps of anybody's entries, the
// thief's own keys granted again elsewhere (in a roster, where no key has to agree, anybody's), and entries that have
// no right to stand where they are, or that are reserved.
World::Theft World::attack(const Keys& stolen, std::size_t steps) const {
  Theft theft;
  std::vector<EntryHash> known;
  for (const Node& n : nodes) known.push_back(n.hash);
  std::map<DeviceId, std::vector<EntryHash>> spots;
  for (const DeviceId& key : stolen) {
    spots[key] = rows_.at(key).own;
    spots[key].push_back(rows_.at(key).grant);
  }
  Keys own = stolen, targets = keys;
  for (std::size_t i = 0; i < steps; ++i) {
    Node n;
    n.signer = dice.pick(own);
    n.parent = dice.percent(96) ? dice.pick(spots[n.signer]) : dice.pick(known);
    n.hash = any_hash();
    if (dice.percent(40)) n.hash.bytes[0] = dice.percent(70) ? 0 : 0xff;
    std::size_t what = dice.below(100);
    if (what < 40 || (what >= 80 && what < 86)) {
      n.kind = what < 40 || shape == Shape::roster ? Kind::add : Kind::handover;
      n.role = dice.percent(50) ? Role::recovery : Role::device;
      n.key = dice.percent(85) ? fresh() : dice.pick(dice.percent(80) ? own : targets);
    } else if (what < 90) {
      n.kind = Kind::revoke;
      n.key = what < 80 ? dice.pick(targets) : n.signer;
      std::size_t heads = dice.percent(3) ? 5 : dice.below(5);
      for (std::size_t k = 0; k < heads; ++k) n.keep.push_back(dice.pick(known));
    } else {
      n.kind = what < 96 || shape == Shape::roster ? Kind::claim : Kind::release;
      n.ref.bytes = dice.pick(known).bytes;
    }
    known.push_back(n.hash);
    spots[n.signer].push_back(n.hash);
    // Whoever may sign as the new key may sign below its grant. A key that is not the thief's own cannot be granted: it
    // would have to sign; such an entry stands for one that breaks the new-key rule, and is offered all the same.
    bool grants = n.kind == Kind::add || n.kind == Kind::handover;
    bool ours = std::find(targets.begin(), targets.end(), n.key) == targets.end() ||
                std::find(own.begin(), own.end(), n.key) != own.end();
    if (grants && !ours) {
      if (shape == Shape::ledger) n.key = n.signer;  // void: a signer's key is granted already
    } else if (grants) {
      if (spots.count(n.key) == 0) {
        own.push_back(n.key);
        targets.push_back(n.key);
        theft.ghosts.push_back(n.key);
      }
      spots[n.key].push_back(n.hash);
    }
    theft.nodes.push_back(std::move(n));
  }
  return theft;
}

}  // namespace bud::core::ledger::testing
