// The shape of a ledger or roster, before anything is judged: which entries hang together with genesis, who signed them
// as which member, and who outranks whom. All of it follows from an entry's ancestors alone, so it never changes as
// entries come.
//
// An entry is placed if its parent is placed and either is the same member's entry or is what granted the signer; if it
// is among its member's first Bounds::own in a row; if it names at most max_keep kept entries; if genesis does not
// reserve it to another role than its signer's; and if what it grants is a key that no ancestor of it, genesis
// included, has granted yet.
#pragma once

#include "base/result.h"
#include "core/ledger/node.h"

#include <array>
#include <optional>
#include <span>
#include <vector>

namespace bud::core::ledger {

class Tree {
 public:
  using Index = std::uint32_t;
  static constexpr Index none = UINT32_MAX;

  // One grant of one key. The same key granted on two branches is two members.
  struct Member {
    DeviceId key;
    Role role = Role::device;
    Index key_id = none;   // the same for members of the same key
    Index grant = none;    // the entry that made it a member
    Index sponsor = none;  // the member that signed the grant; none for genesis's founders
    bool root = false;     // the first founder (a ledger's root recovery key), or a successor of it by handovers
    std::vector<Index> own;
  };

  // Where an entry stands. `owner` is none for genesis and for what is not placed.
  struct Place {
    Index parent = none;
    Index owner = none;
    Index target = none;  // key_id of Node::key
    Index depth = 0;
    Index index = 0;  // in its owner's row, from 1
    Index enter = none, leave = none;
    std::array<Index, max_keep> heads{none, none, none, none};  // the placed ones of Node::keep
  };

  // Errors: too_large (more than bounds.nodes), not_found (no genesis), conflict (a second genesis), malformed (one
  // hash for two entries, or a genesis that names no founder, or one twice). O(n log n) in time, O(n) in memory,
  // whatever is handed in.
  [[nodiscard]] static Result<Tree> build(std::span<const Node> nodes, const Bounds& bounds);

  // Entries are numbered in the order of their hashes.
  Index size() const { return static_cast<Index>(nodes_.size()); }
  const Node& node(Index e) const { return nodes_[e]; }
  const Place& place(Index e) const { return places_[e]; }
  Index genesis() const { return genesis_; }
  bool placed(Index e) const { return places_[e].enter != none; }
  Index find(const EntryHash& hash) const;  // none where unknown

  // The most senior first: a member's number is its rank.
  const std::vector<Member>& members() const { return members_; }
  Index keys() const { return keys_; }

  // a is b, or an ancestor of b.
  bool above(Index a, Index b) const {
    return places_[a].enter <= places_[b].enter && places_[b].leave <= places_[a].leave;
  }
  // Shallow entries first, then by hash.
  bool earlier(Index a, Index b) const {
    return places_[a].depth != places_[b].depth ? places_[a].depth < places_[b].depth : a < b;
  }
  // e is in the line, among its owner's own entries, that ends at one of the revoke's keep-heads.
  bool kept_by(Index revoke, Index e) const;
  // What a revoke leaves of its target: that line, and what its own signer's membership hangs on.
  bool spared_by(Index revoke, Index e) const { return kept_by(revoke, e) || above(e, revoke); }

 private:
  class Builder;
  Tree() = default;

  std::vector<Node> nodes_;
  std::vector<Place> places_;
  std::vector<Member> members_;
  Index genesis_ = none;
  Index keys_ = 0;
};

}  // namespace bud::core::ledger
