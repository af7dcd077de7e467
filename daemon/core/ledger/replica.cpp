#include "core/ledger/replica.h"

#include <algorithm>

namespace bud::core::ledger {

using Index = Tree::Index;

Replica::Replica(const Node& genesis, const Bounds& bounds, const StoreBounds& store)
    : bounds_(bounds), store_(store), nodes_{{genesis.hash, genesis}} {
  bounds_.nodes = std::max(bounds.nodes, store.all + store.slack + store.orphans + 2);
}

Result<Replica> Replica::open(const Node& genesis, const Bounds& bounds, const StoreBounds& store) {
  if (genesis.kind != Kind::genesis || !founders_hold(genesis)) {
    return fail(Errc::malformed, "no genesis entry");
  }
  return Replica(genesis, bounds, store);
}

void Replica::wait(const Node& node) {
  if (store_.orphans == 0 || !waiting_.insert(node.hash).second) return;
  if (orphans_.size() == store_.orphans) {
    waiting_.erase(orphans_.front().hash);
    orphans_.pop_front();
  }
  orphans_.push_back(node);
}

// Takes the orphans that waited for this parent out of the queue.
std::vector<Node> Replica::adopt(const EntryHash& parent) {
  std::vector<Node> children;
  for (const Node& n : orphans_) {
    if (n.parent == parent) children.push_back(n);
  }
  if (children.empty()) return children;
  for (const Node& n : children) waiting_.erase(n.hash);
  std::erase_if(orphans_, [&](const Node& n) { return n.parent == parent; });
  return children;
}

bool Replica::take(std::span<const Node> nodes, const Memory& memory) {
  bool connected = false;
  for (const Node& given : nodes) {
    if (given.kind == Kind::genesis || nodes_.count(given.hash) != 0) continue;
    if (nodes_.count(given.parent) == 0) {
      wait(given);
      continue;
    }
    connected = true;
    std::vector<Node> fresh{given};
    while (!fresh.empty()) {
      Node node = std::move(fresh.back());
      fresh.pop_back();
      for (Node& child : adopt(node.hash)) fresh.push_back(std::move(child));
      nodes_.emplace(node.hash, std::move(node));
      ++untrimmed_;
    }
    if (untrimmed_ > store_.slack) trim(memory);
  }
  return connected;
}

State Replica::state() const {
  std::vector<Node> all = nodes();
  // Cannot fail: one genesis, checked by open(), one entry for each hash, and fewer than bounds_.nodes.
  return std::move(evaluate(all, bounds_).value());
}

std::vector<Node> Replica::nodes() const {
  std::vector<Node> all;
  all.reserve(nodes_.size());
  for (const auto& [hash, node] : nodes_) all.push_back(node);
  return all;
}

const Node* Replica::find(const EntryHash& hash) const {
  auto at = nodes_.find(hash);
  return at == nodes_.end() ? nullptr : &at->second;
}

std::set<EntryHash> Replica::missing() const {
  std::set<EntryHash> parents;
  for (const Node& n : orphans_) {
    if (waiting_.count(n.parent) == 0) parents.insert(n.parent);
  }
  return parents;
}

std::vector<Node> parents_first(std::span<const Node> nodes) {
  std::multimap<EntryHash, const Node*> children;
  std::vector<Node> ordered;
  for (const Node& n : nodes) {
    if (n.kind != Kind::genesis) children.emplace(n.parent, &n);
    else if (ordered.empty()) ordered.push_back(n);
  }
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    const auto [first, last] = children.equal_range(ordered[i].hash);
    for (auto child = first; child != last; ++child) ordered.push_back(*child->second);
    children.erase(first, last);  // a ring ends here
  }
  return ordered;
}

namespace {

// In which order entries have a right to room. Each class holds an entry's parent before the entry, or in a better
// class.
enum class Claim : char { counts, pinned, proves, spare, none };

class Trim {
 public:
  Trim(const State& state, const Memory& memory) : tree_(state.tree()), claims_(tree_.size(), Claim::none) {
    for (Index e = 0; e < tree_.size(); ++e) {
      if (tree_.place(e).owner != Tree::none) claims_[e] = Claim::spare;
    }
    for (const EntryHash& hash : state.needed) claims_[tree_.find(hash)] = Claim::proves;
    for (const auto& [hash, pin] : memory.pinned) {
      if (memory.accepted.count(hash) == 0) pin_line(tree_.find(hash));
    }
    for (const EntryHash& hash : state.effective) claims_[tree_.find(hash)] = Claim::counts;
    claims_[tree_.genesis()] = Claim::counts;
  }

  // Entries with a claim of their own, and the most senior of the spare ones.
  std::vector<Index> keep(const StoreBounds& store) const {
    std::vector<Index> order;
    for (Index e = 0; e < tree_.size(); ++e) {
      if (claims_[e] != Claim::none) order.push_back(e);
    }
    std::sort(order.begin(), order.end(), [&](Index a, Index b) { return before(a, b); });
    std::size_t spare = 0, kept = 0;
    for (; kept < order.size() && kept < store.all; ++kept) {
      if (claims_[order[kept]] == Claim::spare && ++spare > store.spare) break;
    }
    order.resize(kept);
    return order;
  }

 private:
  // A pinned revoke is judged with its signer's membership and with what it keeps.
  void pin_line(Index revoke) {
    if (revoke == Tree::none || tree_.place(revoke).owner == Tree::none) return;
    pin_up(revoke);
    for (Index head : tree_.place(revoke).heads) {
      if (head != Tree::none) pin_up(head);
    }
  }
  void pin_up(Index e) {
    for (; e != tree_.genesis() && claims_[e] != Claim::pinned; e = tree_.place(e).parent) claims_[e] = Claim::pinned;
  }

  bool before(Index a, Index b) const {
    if (claims_[a] != claims_[b]) return claims_[a] < claims_[b];
    Index rank_a = tree_.place(a).owner, rank_b = tree_.place(b).owner;  // genesis has none, and is alone in depth 0
    if (tree_.place(a).depth == 0 || tree_.place(b).depth == 0) return tree_.place(a).depth < tree_.place(b).depth;
    if (rank_a != rank_b) return rank_a < rank_b;
    return tree_.earlier(a, b);
  }

  const Tree& tree_;
  std::vector<Claim> claims_;
};

}  // namespace

void Replica::trim(const Memory& memory) {
  State now = state();
  std::map<EntryHash, Node> kept;
  for (Index e : Trim(now, memory).keep(store_)) {
    const Node& node = now.tree().node(e);
    kept.emplace(node.hash, node);
  }
  nodes_ = std::move(kept);
  untrimmed_ = 0;
}

}  // namespace bud::core::ledger
