#include "fuzz/support/ledger_checks.h"

#include "fuzz/support/harness.h"

namespace bud::fuzz {
namespace {

using namespace core::ledger;
using Nodes = std::vector<Node>;

bool same(const Standing& a, const Standing& b) {
  return a.key == b.key && a.role == b.role && a.grant == b.grant && a.sponsor == b.sponsor && a.granted == b.granted &&
         a.revoked == b.revoked && a.weakened == b.weakened && a.settled == b.settled && a.up == b.up;
}

// What two observers who hold the needed entries agree on.
bool same_view(const State& a, const State& b) {
  return a.active == b.active && a.recovery == b.recovery && a.claims == b.claims && a.needed == b.needed &&
         a.effective == b.effective;
}
bool same_in_all(const State& a, const State& b) {
  return same_view(a, b) && a.applied == b.applied && a.disputed == b.disputed &&
         std::equal(a.members.begin(), a.members.end(), b.members.begin(), b.members.end(), same);
}

// Some order, and some entries twice.
Nodes shuffled(const Nodes& nodes, Feed& choice) {
  Nodes all = nodes;
  for (std::size_t i = 0; i < nodes.size() / 4; ++i) all.push_back(nodes[choice.below(nodes.size())]);
  for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[choice.u16() % i]);
  return all;
}

void check_bounds(const State& s, const Bounds& bounds) {
  BUD_HOLDS(s.active.size() + s.recovery.size() <= bounds.live);
  BUD_HOLDS(s.effective.size() <= bounds.total);
  BUD_HOLDS(std::is_sorted(s.needed.begin(), s.needed.end()));
  for (const EntryHash& e : s.effective) BUD_HOLDS(std::binary_search(s.needed.begin(), s.needed.end(), e));
  for (const Standing& m : s.members) {
    BUD_HOLDS(!m.up || (m.granted && !m.revoked && !m.weakened));
    if (m.up) BUD_HOLDS((m.role == Role::device ? s.active : s.recovery).contains(m.key));
    if (m.sponsor != SIZE_MAX) BUD_HOLDS(m.sponsor < std::size_t(&m - s.members.data()));
  }
}

// Only what is needed says what the account is.
void check_pruning(const Nodes& nodes, const State& s, const Bounds& bounds, Feed& choice) {
  Nodes slim;
  for (const Node& n : nodes)
    if (n.kind == Kind::genesis || std::binary_search(s.needed.begin(), s.needed.end(), n.hash) || choice.flag())
      slim.push_back(n);
  const Result<State> judged = evaluate(slim, bounds);
  BUD_HOLDS(judged.has_value());
  BUD_HOLDS(same_view(*judged, s));
}

void check_memory(const Memory& memory, const State& s) {
  const std::set<DeviceId> held = memory.held(s), sealed = memory.seal_for(s);
  for (const DeviceId& device : s.active) BUD_HOLDS(held.contains(device) != sealed.contains(device));
  for (const DeviceId& device : sealed) BUD_HOLDS(s.active.contains(device));
  for (const auto& [revoke, pin] : memory.pinned)
    if (!s.settled(revoke)) BUD_HOLDS(!sealed.contains(pin.target));
}

// Copies that are handed the entries bit by bit, in two orders.
void check_replicas(const Nodes& nodes, const State& want, const Bounds& bounds, Feed& choice) {
  const auto genesis = std::find_if(nodes.begin(), nodes.end(), [](const Node& n) { return n.kind == Kind::genesis; });
  Result<Replica> whole = Replica::open(*genesis, bounds);
  Result<Replica> slow = Replica::open(*genesis, bounds);
  StoreBounds tight;
  tight.spare = choice.below(4);
  Result<Replica> slim = Replica::open(*genesis, bounds, tight);
  BUD_HOLDS(whole && slow && slim);
  Memory memory;
  const Nodes all = shuffled(nodes, choice);
  for (std::size_t i = 0; i < all.size();) {
    const std::size_t n = std::min<std::size_t>(1 + choice.below(5), all.size() - i);
    slow->take(std::span(all).subspan(i, n));
    const State now = slow->state();
    const Memory before = memory;
    memory.observe(now);
    for (const auto& [revoke, pin] : before.pinned) BUD_HOLDS(memory.pinned.contains(revoke));
    check_memory(memory, now);
    i += n;
  }
  whole->take(nodes);
  BUD_HOLDS(same_view(whole->state(), want));
  BUD_HOLDS(same_view(slow->state(), want));
  slim->take(all, memory);
  slim->trim(memory);
  BUD_HOLDS(same_view(slim->state(), want));
  BUD_HOLDS(memory.held(slim->state()) == memory.held(want));
  slim->trim();  // a pinned entry may be lost: then more is held, and never less
  const std::set<DeviceId> held = memory.held(slim->state());
  for (const DeviceId& device : memory.held(want)) BUD_HOLDS(held.contains(device));
  memory.accept(want);
  BUD_HOLDS(memory.seal_for(want) == want.active);
}

// With no room for what waits, entries have to be offered again, and again; then it is the same copy.
void check_short_of_room(const Nodes& nodes, const State& want, const Bounds& bounds) {
  const auto genesis = std::find_if(nodes.begin(), nodes.end(), [](const Node& n) { return n.kind == Kind::genesis; });
  StoreBounds tight;
  tight.orphans = 2;
  Replica copy = must(Replica::open(*genesis, bounds, tight));
  const Nodes backwards(nodes.rbegin(), nodes.rend());
  for (std::size_t i = 0; i <= nodes.size() && copy.take(backwards); ++i) BUD_HOLDS(copy.waiting() <= tight.orphans);
  BUD_HOLDS(same_view(copy.state(), want));
  for (const EntryHash& missing : copy.missing()) BUD_HOLDS(copy.find(missing) == nullptr);
}

}  // namespace

void check_ledger(const Nodes& nodes, const Bounds& bounds, Feed choice) {
  const Result<State> judged = evaluate(nodes, bounds);
  const Result<State> again = evaluate(shuffled(nodes, choice), bounds);
  BUD_HOLDS(judged.has_value() == again.has_value());
  if (!judged) return BUD_HOLDS(judged.error().code == again.error().code);
  BUD_HOLDS(same_in_all(*judged, *again));
  check_bounds(*judged, bounds);
  check_pruning(nodes, *judged, bounds, choice);
  check_replicas(nodes, *judged, bounds, choice);
  check_short_of_room(nodes, *judged, bounds);
}

}  // namespace bud::fuzz
