#include "core/ledger/evaluate.h"

#include <algorithm>

namespace bud::core::ledger {

using Index = Tree::Index;

class Judgement {
 public:
  Judgement(std::shared_ptr<const Tree> tree, const Bounds& bounds);
  State run();

 private:
  // A member's state while it is judged; Tree::Member says what it is.
  struct Verdict {
    bool granted = false, revoked = false, weakened = false, settled = false;
    std::vector<Index> kept;  // own entries that count, the earliest first
  };

  const Node& node(Index e) const { return tree_->node(e); }
  const Tree::Place& place(Index e) const { return tree_->place(e); }
  const std::vector<Tree::Member>& members() const { return tree_->members(); }
  bool revokes_other(Index e) const {
    return node(e).kind == Kind::revoke && place(e).target != members()[place(e).owner].key_id;
  }

  void strong();
  void cut_by_seniors(Index m, std::vector<Index>& keep);
  void cut_by_own_end(Index m, std::vector<Index>& keep);
  void settle();
  void evidence();
  void weak();
  void weaken(Index revoke, Index target);
  bool standing(Index m) const;
  bool counts(Index e) const { return standing(place(e).owner) && left_[e] != 0; }
  bool up(Index m) const {
    const Verdict& v = verdicts_[m];
    return v.granted && !v.revoked && !v.weakened && standing(m);
  }

  void report_members(State& state) const;
  void report_claims(State& state) const;
  void report_disputes(State& state) const;

  std::shared_ptr<const Tree> tree_;
  Bounds bounds_;
  std::vector<Verdict> verdicts_;            // by rank
  std::vector<std::vector<Index>> revokes_;  // counted ones, by the key_id of their target
  std::vector<std::vector<Index>> named_;    // members, the most senior first, by key_id
  std::vector<char> effective_;              // by entry
  std::vector<char> proof_;                  // by entry: does not count, but shows why others do not
  std::vector<char> left_;                   // by entry: no weak revoke took it away
  std::vector<char> applied_;                // by entry
};

Judgement::Judgement(std::shared_ptr<const Tree> tree, const Bounds& bounds)
    : tree_(std::move(tree)),
      bounds_(bounds),
      verdicts_(members().size()),
      revokes_(tree_->keys()),
      named_(tree_->keys()),
      effective_(tree_->size(), 0),
      proof_(tree_->size(), 0),
      left_(tree_->size(), 1),
      applied_(tree_->size(), 0) {
  for (Index m = 0; m < members().size(); ++m) named_[members()[m].key_id].push_back(m);
}

// Whoever signed a revoke found here outranks m: it was judged before.
void Judgement::cut_by_seniors(Index m, std::vector<Index>& keep) {
  for (Index revoke : revokes_[members()[m].key_id]) {
    verdicts_[m].revoked = true;
    applied_[revoke] = 1;
    std::erase_if(keep, [&](Index e) { return !tree_->kept_by(revoke, e); });
  }
}

// A key may end itself. Where it did so twice, on two branches, nobody can say which end is meant: what both share is
// left, and neither successor. Where rows fork, an end shares what it keeps, too: who leaves a group with one device
// does not undo what their other devices wrote beside.
void Judgement::cut_by_own_end(Index m, std::vector<Index>& keep) {
  constexpr std::size_t telling = 2;
  std::vector<Index> ends;
  for (Index e : keep) {
    bool self_revoke = node(e).kind == Kind::revoke && !revokes_other(e);
    if (node(e).kind != Kind::handover && !self_revoke) continue;
    ends.push_back(e);
    if (ends.size() == telling) break;
  }
  for (Index end : ends) {
    verdicts_[m].revoked = true;
    proof_[end] = 1;
    const bool keeps = node(tree_->genesis()).forked_rows && node(end).kind == Kind::revoke;
    for (Index head : place(end).heads) {
      if (keeps && head != Tree::none && place(head).owner == m) proof_[head] = 1;
    }
    std::erase_if(keep, [&](Index e) { return !tree_->above(e, end) && !(keeps && tree_->kept_by(end, e)); });
  }
}

// By rank, so that all that may void a member's entries is decided before the member is reached.
void Judgement::strong() {
  std::size_t live = 0, room = bounds_.total;
  for (Index m = 0; m < members().size(); ++m) {
    const Tree::Member& member = members()[m];
    Verdict& verdict = verdicts_[m];
    verdict.granted = member.sponsor == Tree::none || effective_[member.grant] != 0;
    if (!verdict.granted) continue;
    std::vector<Index> keep = member.own;
    cut_by_seniors(m, keep);
    cut_by_own_end(m, keep);
    if (!verdict.revoked) {
      if (live == bounds_.live) {
        verdict.granted = false;
        continue;
      }
      ++live;
    }
    // Only what is left takes up room: junk of a revoked key crowds nobody out.
    if (keep.size() > std::min(bounds_.own, room)) keep.resize(std::min(bounds_.own, room));
    room -= keep.size();
    for (Index e : keep) {
      effective_[e] = 1;
      if (revokes_other(e)) revokes_[place(e).target].push_back(e);
    }
    verdict.kept = std::move(keep);
  }
}

void Judgement::settle() {
  for (Index m = 0; m < members().size(); ++m) {
    for (Index revoke : revokes_[members()[m].key_id]) {
      Index signer = place(revoke).owner;
      if (members()[signer].root && signer < m) verdicts_[m].settled = true;
    }
  }
}

// Keep-heads stay even where another revoke cuts deeper, and whatever proves something needs what it hangs on.
void Judgement::evidence() {
  for (Index e = 0; e < tree_->size(); ++e) {
    if (effective_[e] == 0 || node(e).kind != Kind::revoke) continue;
    for (Index head : place(e).heads) {
      if (head != Tree::none && members()[place(head).owner].key_id == place(e).target) proof_[head] = 1;
    }
  }
  std::vector<Index> heads;
  for (Index e = 0; e < tree_->size(); ++e) {
    if (proof_[e] != 0) heads.push_back(e);
  }
  for (Index e : heads) {
    for (Index up = place(e).parent; up != tree_->genesis() && effective_[up] == 0 && proof_[up] == 0;
         up = place(up).parent) {
      proof_[up] = 1;
    }
  }
}

// Every grant between genesis and m is left to the sponsor that signed it.
bool Judgement::standing(Index m) const {
  for (; members()[m].sponsor != Tree::none; m = members()[m].sponsor) {
    if (left_[members()[m].grant] == 0) return false;
  }
  return true;
}

void Judgement::weaken(Index revoke, Index target) {
  applied_[revoke] = 1;
  verdicts_[target].weakened = true;
  for (Index e : verdicts_[target].kept) {
    if (!tree_->spared_by(revoke, e)) left_[e] = 0;
  }
}

// By rank again: only juniors of m, whose turn is still to come, could take from its own row; seniors may already have
// taken the grants it stands on.
void Judgement::weak() {
  for (Index m = 0; m < members().size(); ++m) {
    if (!verdicts_[m].granted || !standing(m)) continue;
    for (Index e : verdicts_[m].kept) {
      if (!revokes_other(e)) continue;
      for (Index target : named_[place(e).target]) {
        if (target > m) break;
        if (verdicts_[target].granted) weaken(e, target);
      }
    }
  }
}

void Judgement::report_members(State& state) const {
  for (Index m = 0; m < members().size(); ++m) {
    const Tree::Member& member = members()[m];
    const Verdict& v = verdicts_[m];
    Standing s{member.key, member.role, node(member.grant).hash, SIZE_MAX, v.granted, v.revoked, v.weakened,
               v.settled,  up(m)};
    if (member.sponsor != Tree::none) s.sponsor = member.sponsor;
    if (s.up) {
      (member.role == Role::device ? state.active : state.recovery).insert(member.key);
      State::Lineage lineage{m, {}};
      for (Index i = m; members()[i].sponsor != Tree::none; i = members()[i].sponsor) {
        lineage.grants.push_back(members()[i].grant);
      }
      state.standing_.push_back(std::move(lineage));
    }
    state.members.push_back(s);
  }
}

void Judgement::report_claims(State& state) const {
  std::set<EntryHash> released;
  for (Index e = 0; e < tree_->size(); ++e) {
    if (effective_[e] != 0 && node(e).kind == Kind::release) released.insert(EntryHash{node(e).ref.bytes});
  }
  for (Index e = 0; e < tree_->size(); ++e) {
    if (effective_[e] == 0 || node(e).kind != Kind::claim) continue;
    if (counts(e) && released.count(node(e).hash) == 0) state.claims.insert(BlindedAddress{node(e).ref.bytes});
  }
}

// A dispute needs no revoke that counts: one that was voided by the very key it accuses is what it is about.
void Judgement::report_disputes(State& state) const {
  std::vector<std::vector<Index>> grants(tree_->keys());  // of standing members, by the key that signed them
  std::vector<char> stands(tree_->keys(), 0), seen(tree_->size(), 0);
  for (const State::Lineage& l : state.standing_) {
    stands[members()[l.member].key_id] = 1;
    for (Index g : l.grants) {
      if (seen[g] == 0) grants[members()[place(g).owner].key_id].push_back(g);
      seen[g] = 1;
    }
  }
  std::vector<char> disputed(tree_->keys(), 0);
  for (Index e = 0; e < tree_->size(); ++e) {
    if (place(e).owner == Tree::none || !revokes_other(e) || disputed[place(e).target] != 0) continue;
    Index key = place(e).target;
    if (named_[key].empty() || named_[key].front() > place(e).owner) continue;
    bool asks = stands[key] != 0 ||
                std::any_of(grants[key].begin(), grants[key].end(), [&](Index g) { return !tree_->spared_by(e, g); });
    if (!asks) continue;
    disputed[key] = 1;
    state.disputed.insert(node(e).key);
  }
}

State Judgement::run() {
  strong();
  settle();
  evidence();
  weak();
  State state;
  state.tree_ = tree_;
  for (Index e = 0; e < tree_->size(); ++e) {
    if (effective_[e] != 0) state.effective.insert(state.effective.end(), node(e).hash);
    if (effective_[e] != 0 || proof_[e] != 0) state.needed.push_back(node(e).hash);
    if (applied_[e] != 0) state.applied.insert(state.applied.end(), node(e).hash);
  }
  report_members(state);
  report_claims(state);
  report_disputes(state);
  return state;
}

std::set<DeviceId> State::asks_down(const EntryHash& revoke) const {
  std::set<DeviceId> down;
  Index e = tree_->find(revoke);
  if (e == Tree::none || !tree_->placed(e) || tree_->node(e).kind != Kind::revoke) return down;
  Index target = tree_->place(e).target;
  for (const Lineage& l : standing_) {
    const Tree::Member& m = tree_->members()[l.member];
    bool lost = m.key_id == target;
    for (Index g : l.grants) {
      bool by_target = tree_->members()[tree_->place(g).owner].key_id == target;
      lost = lost || (by_target && !tree_->spared_by(e, g));
    }
    if (lost) down.insert(m.key);
  }
  return down;
}

bool State::settled(const EntryHash& entry) const {
  Index e = tree_->find(entry);
  return e != Tree::none && tree_->place(e).owner != Tree::none && members[tree_->place(e).owner].settled;
}

Result<State> evaluate(std::span<const Node> nodes, const Bounds& bounds) {
  BUD_TRY(Tree tree, Tree::build(nodes, bounds));
  return Judgement(std::make_shared<const Tree>(std::move(tree)), bounds).run();
}

}  // namespace bud::core::ledger
