// What an account's ledger says, or a group's roster: a pure function of a set of entries, the same for everyone who
// holds the same needed ones, in whatever order they came.
//
// Seniors are judged first, and what a senior (or the member itself) revokes is void for good: no entry of a revoked
// key counts but those its revoke keeps. A junior's revoke of a senior then takes away, and never brings anything back.
#pragma once

#include "core/ledger/tree.h"

#include <memory>
#include <set>

namespace bud::core::ledger {

// A member, as judged.
struct Standing {
  DeviceId key;
  Role role = Role::device;
  EntryHash grant;
  std::size_t sponsor = SIZE_MAX;  // its rank; SIZE_MAX for genesis's founders
  bool granted = false;            // its grant counts, and there was room for it
  bool revoked = false;            // by a senior or by itself (a handover too): final
  bool weakened = false;           // revoked by a junior that stands
  bool settled = false;            // revoked by the first founder (the root recovery key), or a successor of it
  bool up = false;                 // a member now, by the ledger alone
};

// A value; copies share the immutable tree that asks_down() and settled() look things up in. May be read from several
// threads. Sets are sorted by their bytes.
class State {
 public:
  std::vector<Standing> members;    // by rank, the most senior first
  std::set<DeviceId> active;        // up, first role. Devices: what may be sealed for, before the observer's memory
  std::set<DeviceId> recovery;      // up, second role: recovery keys
  std::set<BlindedAddress> claims;  // addresses at which the account answers
  std::set<EntryHash> effective;    // entries that count, genesis apart
  std::vector<EntryHash>
      needed;  // effective, and what proves it: what is kept, offered and digested. Sorted, genesis apart
  std::set<EntryHash> applied;  // revokes that took something out, strong and weak
  std::set<DeviceId> disputed;  // revoked by a junior, and that revoke asks for more to be down than is

  // The active keys, recovery keys too, that this revoke would have down: its target, and what hangs on grants of the
  // target's that it does not keep. Empty where the entry is unknown or no revoke.
  std::set<DeviceId> asks_down(const EntryHash& revoke) const;
  // The root recovery key has revoked the entry's signer, and so has had the last word on it.
  bool settled(const EntryHash& entry) const;
  const Tree& tree() const { return *tree_; }

 private:
  friend class Judgement;

  // A standing member, and the grants on its way from genesis.
  struct Lineage {
    Tree::Index member;
    std::vector<Tree::Index> grants;
  };
  std::shared_ptr<const Tree> tree_;
  std::vector<Lineage> standing_;
};

// Errors: as Tree::build's. Time grows with n log n and the bounds' product, not with what entries say.
[[nodiscard]] Result<State> evaluate(std::span<const Node> nodes, const Bounds& bounds = {});

}  // namespace bud::core::ledger
