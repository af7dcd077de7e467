// One device's copy of an account's ledger, or of a group's roster: the union of all entries it was handed, in any
// order, within bounds.
//
// Kept are the entries that the judgement needs, those a memory has pinned, and at most `spare` others, the most senior
// first. An entry whose parent is unknown waits among the orphans, the oldest of which give way; missing() says what to
// ask for. What is dropped changes nothing, or, where it does (a keep-head that is gone), only takes away; offered
// again, it is taken again.
#pragma once

#include "core/ledger/memory.h"

#include <deque>

namespace bud::core::ledger {

struct StoreBounds {
  std::size_t spare = 256;    // entries that are not needed
  std::size_t orphans = 256;  // entries that wait for their parent
  std::size_t slack = 1024;   // entries taken in before what is not needed is dropped
  std::size_t all = 8192;     // entries in all: a thief's keep-heads beyond that are cut
};

// Of these, those that hang together with genesis, each behind its parent: in this order nothing has to wait.
[[nodiscard]] std::vector<Node> parents_first(std::span<const Node> nodes);

class Replica {
 public:
  // Errors: malformed where the entry is no genesis, or names nobody, or one key for two.
  [[nodiscard]] static Result<Replica> open(const Node& genesis, const Bounds& bounds = {},
                                            const StoreBounds& store = {});

  // Takes entries whose signatures hold; another account's genesis is not one of this account's entries, and is left
  // out. True where something new hangs together with genesis: then state() may have changed. `memory` says which
  // revokes are to be kept whatever they count.
  bool take(std::span<const Node> nodes, const Memory& memory = {});
  // Drops what is neither needed, nor pinned, nor within the spare ones. take() does it where it must.
  void trim(const Memory& memory = {});

  State state() const;
  std::vector<Node> nodes() const;  // genesis too, by hash
  std::size_t size() const { return nodes_.size(); }
  std::size_t waiting() const { return orphans_.size(); }
  const Node* find(const EntryHash& hash) const;
  std::set<EntryHash> missing() const;  // parents that orphans wait for

 private:
  Replica(const Node& genesis, const Bounds& bounds, const StoreBounds& store);
  void wait(const Node& node);
  std::vector<Node> adopt(const EntryHash& parent);

  Bounds bounds_;
  StoreBounds store_;
  std::map<EntryHash, Node> nodes_;
  std::deque<Node> orphans_;  // the oldest first
  std::set<EntryHash> waiting_;
  std::size_t untrimmed_ = 0;
};

}  // namespace bud::core::ledger
