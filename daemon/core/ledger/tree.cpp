#include "core/ledger/tree.h"

#include <algorithm>

namespace bud::core::ledger {

// Steps of build(), in order; what they share and the Tree does not keep.
class Tree::Builder {
 public:
  explicit Builder(Tree& tree) : tree_(tree) {}

  Result<> collect(std::span<const Node> nodes, const Bounds& bounds);
  void grow(const Bounds& bounds);
  void rank();
  void resolve_heads();

 private:
  Index key_id(const DeviceId& key) const {
    return static_cast<Index>(std::lower_bound(keys_.begin(), keys_.end(), key) - keys_.begin());
  }
  Index grant(Index entry, const DeviceId& key, Role role, Index sponsor, bool root);
  Index signer_at(Index parent, Index entry) const;
  bool is_reserved(const Node& n, const Member& signer) const;
  bool admit(Index entry, Index parent, const Bounds& bounds);
  void order_family(Index eldest, const std::vector<std::vector<Index>>& heirs, std::vector<Index>& order) const;

  Tree& tree_;
  Index founders_ = 0;                        // the first of the tree's members
  std::vector<DeviceId> keys_;                // sorted: all that is named anywhere
  std::vector<std::vector<Index>> children_;  // of each entry
  std::vector<Index> granted_;                // the member that an add or handover made
  std::vector<char> taken_;                   // keys granted on the way from genesis to where grow() is
};

Result<> Tree::Builder::collect(std::span<const Node> nodes, const Bounds& bounds) {
  if (nodes.size() > bounds.nodes) return fail(Errc::too_large, "too many ledger entries");
  std::vector<Node>& all = tree_.nodes_;
  all.assign(nodes.begin(), nodes.end());
  std::sort(all.begin(), all.end(), [](const Node& a, const Node& b) { return a.hash < b.hash; });
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (all[i].hash == all[i - 1].hash && !(all[i] == all[i - 1])) {
      return fail(Errc::malformed, "two ledger entries with one hash");
    }
  }
  all.erase(std::unique(all.begin(), all.end()), all.end());
  for (Index e = 0; e < tree_.size(); ++e) {
    if (all[e].kind != Kind::genesis) continue;
    if (tree_.genesis_ != none) return fail(Errc::conflict, "a ledger with a second genesis");
    tree_.genesis_ = e;
  }
  if (tree_.genesis_ == none) return fail(Errc::not_found, "a ledger without genesis");
  const Node& root = all[tree_.genesis_];
  if (!founders_hold(root)) return fail(Errc::malformed, "genesis names no founder, or one key for two");
  keys_.reserve(all.size() * 2 + root.founders.size());
  for (const Node& n : all) {
    keys_.push_back(n.signer);
    keys_.push_back(n.key);
  }
  for (const Founder& f : root.founders) keys_.push_back(f.key);
  std::sort(keys_.begin(), keys_.end());
  keys_.erase(std::unique(keys_.begin(), keys_.end()), keys_.end());
  tree_.keys_ = static_cast<Index>(keys_.size());
  return {};
}

Tree::Index Tree::Builder::grant(Index entry, const DeviceId& key, Role role, Index sponsor, bool root) {
  Member m;
  m.key = key;
  m.role = role;
  m.key_id = key_id(key);
  m.grant = entry;
  m.sponsor = sponsor;
  m.root = root;
  tree_.members_.push_back(std::move(m));
  taken_[tree_.members_.back().key_id] = 1;
  return static_cast<Index>(tree_.members_.size() - 1);
}

// As which member the entry's signer would stand below parent; none: it has no right to.
Tree::Index Tree::Builder::signer_at(Index parent, Index entry) const {
  const DeviceId& signer = tree_.nodes_[entry].signer;
  const std::vector<Member>& members = tree_.members_;
  if (parent == tree_.genesis_) {
    const auto founder = std::find_if(members.begin(), members.begin() + founders_,
                                      [&](const Member& m) { return m.key == signer; });
    return founder == members.begin() + founders_ ? none : static_cast<Index>(founder - members.begin());
  }
  Index owner = tree_.places_[parent].owner;
  if (members[owner].key == signer) return owner;
  Index heir = granted_[parent];
  return heir != none && members[heir].key == signer ? heir : none;
}

// What an entry says follows from itself, and its signer's role from what granted it: both for good.
bool Tree::Builder::is_reserved(const Node& n, const Member& signer) const {
  if (signer.role == Role::administrator) return false;
  const Reserved& reserved = tree_.nodes_[tree_.genesis_].reserved;
  switch (n.kind) {
    case Kind::add:
      return n.role == Role::administrator ? reserved.elevate : reserved.add;
    case Kind::revoke:
      return reserved.revoke && n.key != signer.key;
    case Kind::claim:
    case Kind::release:
      return reserved.claim;
    case Kind::genesis:
    case Kind::handover:
      return false;
  }
  return false;
}

bool Tree::Builder::admit(Index entry, Index parent, const Bounds& bounds) {
  const Node& n = tree_.nodes_[entry];
  Place& p = tree_.places_[entry];
  Index owner = signer_at(parent, entry);
  if (owner == none || n.keep.size() > max_keep || is_reserved(n, tree_.members_[owner])) return false;
  p.target = key_id(n.key);
  bool grants = n.kind == Kind::add || n.kind == Kind::handover;
  if (grants && taken_[p.target] != 0) return false;
  const Place& before = tree_.places_[parent];
  p.index = before.owner == owner ? before.index + 1 : 1;
  if (p.index > bounds.own) return false;
  p.parent = parent;
  p.owner = owner;
  p.depth = before.depth + 1;
  tree_.members_[owner].own.push_back(entry);
  if (n.kind == Kind::add) granted_[entry] = grant(entry, n.key, n.role, owner, false);
  if (n.kind == Kind::handover) {
    const Member& m = tree_.members_[owner];
    granted_[entry] = grant(entry, n.key, m.role, owner, m.root);
  }
  return true;
}

// Down from genesis without recursion: a hostile tree may be one long line.
void Tree::Builder::grow(const Bounds& bounds) {
  Index size = tree_.size();
  tree_.places_.assign(size, Place{});
  children_.assign(size, {});
  granted_.assign(size, none);
  taken_.assign(tree_.keys_, 0);
  for (Index e = 0; e < size; ++e) {
    Index parent = e == tree_.genesis_ ? none : tree_.find(tree_.nodes_[e].parent);
    if (parent != none) children_[parent].push_back(e);
  }
  const Node& root = tree_.nodes_[tree_.genesis_];
  for (const Founder& f : root.founders) grant(tree_.genesis_, f.key, f.role, none, founders_++ == 0);

  struct Step {
    Index entry;
    std::size_t child;
  };
  Index clock = 0;
  std::vector<Step> path{{tree_.genesis_, 0}};
  tree_.places_[tree_.genesis_].enter = clock++;
  while (!path.empty()) {
    Step& step = path.back();
    if (step.child < children_[step.entry].size()) {
      Index child = children_[step.entry][step.child++];
      if (!admit(child, step.entry, bounds)) continue;
      tree_.places_[child].enter = clock++;
      path.push_back({child, 0});
    } else {
      tree_.places_[step.entry].leave = clock++;
      if (granted_[step.entry] != none) taken_[tree_.members_[granted_[step.entry]].key_id] = 0;
      path.pop_back();
    }
  }
}

// A member, then those that it handed over to, each followed by its own heirs: what comparing ranks that grow by a hash
// with each handover would give, without ever writing one down.
void Tree::Builder::order_family(Index eldest, const std::vector<std::vector<Index>>& heirs,
                                 std::vector<Index>& order) const {
  std::vector<Index> waiting{eldest};
  while (!waiting.empty()) {
    Index m = waiting.back();
    waiting.pop_back();
    order.push_back(m);
    waiting.insert(waiting.end(), heirs[m].rbegin(), heirs[m].rend());
  }
}

// Puts the members in order of rank and renumbers them.
void Tree::Builder::rank() {
  std::vector<Member>& members = tree_.members_;
  auto grant_depth = [&](Index m) { return tree_.places_[members[m].grant].depth; };
  auto senior = [&](Index a, Index b) {
    if (a < founders_ || b < founders_) return a < b;  // the founders as genesis names them, then all others
    if (grant_depth(a) != grant_depth(b)) return grant_depth(a) < grant_depth(b);
    return members[a].grant < members[b].grant;
  };
  std::vector<Index> eldest;
  std::vector<std::vector<Index>> heirs(members.size());
  for (Index m = 0; m < members.size(); ++m) {
    bool by_handover = members[m].sponsor != none && tree_.nodes_[members[m].grant].kind == Kind::handover;
    (by_handover ? heirs[members[m].sponsor] : eldest).push_back(m);
  }
  std::sort(eldest.begin(), eldest.end(), senior);
  for (std::vector<Index>& h : heirs) {
    std::sort(h.begin(), h.end(), [&](Index a, Index b) { return members[a].grant < members[b].grant; });
  }
  std::vector<Index> order;
  order.reserve(members.size());
  for (Index m : eldest) order_family(m, heirs, order);

  std::vector<Index> rank_of(members.size());
  std::vector<Member> ranked(members.size());
  for (Index r = 0; r < order.size(); ++r) rank_of[order[r]] = r;
  for (Index m = 0; m < members.size(); ++m) ranked[rank_of[m]] = std::move(members[m]);
  for (Member& m : ranked) {
    if (m.sponsor != none) m.sponsor = rank_of[m.sponsor];
    std::sort(m.own.begin(), m.own.end(), [&](Index a, Index b) { return tree_.earlier(a, b); });
  }
  for (Place& p : tree_.places_) {
    if (p.owner != none) p.owner = rank_of[p.owner];
  }
  members = std::move(ranked);
}

void Tree::Builder::resolve_heads() {
  for (Index e = 0; e < tree_.size(); ++e) {
    const Node& n = tree_.nodes_[e];
    if (n.kind != Kind::revoke || tree_.places_[e].owner == none) continue;
    for (std::size_t i = 0; i < n.keep.size(); ++i) {
      Index head = tree_.find(n.keep[i]);
      if (head != none && tree_.places_[head].owner != none) tree_.places_[e].heads[i] = head;
    }
  }
}

Result<Tree> Tree::build(std::span<const Node> nodes, const Bounds& bounds) {
  Tree tree;
  Builder builder(tree);
  BUD_CHECK(builder.collect(nodes, bounds));
  builder.grow(bounds);
  builder.rank();
  builder.resolve_heads();
  return tree;
}

Tree::Index Tree::find(const EntryHash& hash) const {
  auto at = std::lower_bound(nodes_.begin(), nodes_.end(), hash,
                             [](const Node& n, const EntryHash& h) { return n.hash < h; });
  return at != nodes_.end() && at->hash == hash ? static_cast<Index>(at - nodes_.begin()) : none;
}

bool Tree::kept_by(Index revoke, Index e) const {
  for (Index head : places_[revoke].heads) {
    if (head != none && places_[head].owner == places_[e].owner && above(e, head)) return true;
  }
  return false;
}

}  // namespace bud::core::ledger
