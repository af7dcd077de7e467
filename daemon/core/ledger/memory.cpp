#include "core/ledger/memory.h"

#include <algorithm>

namespace bud::core::ledger {

void Memory::observe(const State& state) {
  std::map<DeviceId, std::size_t> by_signer;
  for (const auto& [hash, pin] : pinned) ++by_signer[pin.signer];
  for (const EntryHash& hash : state.applied) {
    if (pinned.size() >= pins_in_all) return;
    if (pinned.count(hash) != 0) continue;
    const Node& revoke = state.tree().node(state.tree().find(hash));
    std::size_t& pins = by_signer[revoke.signer];
    if (pins >= pins_per_signer) continue;
    ++pins;
    pinned.emplace(hash, Pin{revoke.signer, revoke.key});
  }
}

std::set<DeviceId> Memory::held_by(const EntryHash& revoke, const Pin& pin, const State& state) const {
  if (accepted.count(revoke) != 0 || state.settled(revoke)) return {};
  Tree::Index e = state.tree().find(revoke);
  if (e != Tree::none && state.tree().placed(e)) return state.asks_down(revoke);
  // Without the entry nobody knows what it kept: all that hangs below its target is held.
  std::set<DeviceId> down;
  auto settles = [&](const Standing& m) { return m.settled && m.key == pin.signer; };
  if (std::any_of(state.members.begin(), state.members.end(), settles)) return down;
  for (const Standing& m : state.members) {
    bool below = m.up && m.key == pin.target;
    for (std::size_t s = m.sponsor; m.up && !below && s != SIZE_MAX; s = state.members[s].sponsor) {
      below = state.members[s].key == pin.target;
    }
    if (below) down.insert(m.key);
  }
  return down;
}

std::set<DeviceId> Memory::held(const State& state) const {
  std::set<DeviceId> down;
  for (const auto& [hash, pin] : pinned) down.merge(held_by(hash, pin, state));
  return down;
}

void Memory::accept(const State& state) {
  for (const auto& [hash, pin] : pinned) {
    if (!held_by(hash, pin, state).empty()) accepted.insert(hash);
  }
}

std::set<DeviceId> Memory::seal_for(const State& state) const {
  std::set<DeviceId> down = held(state), devices;
  std::set_difference(state.active.begin(), state.active.end(), down.begin(), down.end(),
                      std::inserter(devices, devices.end()));
  return devices;
}

}  // namespace bud::core::ledger
