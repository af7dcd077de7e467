#!/usr/bin/python3
"""Do the ledger's tests bite? Plants one mistake at a time in a copy of the tree, builds, and runs the tests.

  ledger.py [--only WORD] [--list]

Each must be caught by the unit tests or by the vectors, which are reported apart; exit status 1 where one survives.
Needs a tree that builds (build/deps filled where the machine has no libsodium of its own). Takes some minutes.
"""
import argparse
import os
import re
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
from planting import Copy, run

LEDGER = "daemon/core/ledger/"
TARGETS = ["ledger_test", "ledger_vectors"]

# name, file, text as it stands there (once), text of the mistake
MUTANTS = [
    # Mistakes that an executable model of the rule was tried with too.
    ("rank by hash alone", "tree.cpp",
     "    if (grant_depth(a) != grant_depth(b)) return grant_depth(a) < grant_depth(b);\n", ""),
    ("recovery keys before all", "tree.cpp",
     "    if (a < founders_ || b < founders_) return a < b;",
     "    auto paper = [&](Index m) { return m == 0 || (m > 1 && members[m].role == Role::recovery); };\n"
     "    if (paper(a) != paper(b)) return paper(a);\n"
     "    if (a < founders_ || b < founders_) return a < b;"),
    ("a revoke cuts nothing", "evaluate.cpp",
     "    std::erase_if(keep, [&](Index e) { return !tree_->kept_by(revoke, e); });\n", ""),
    ("a weak revoke leaves grants", "evaluate.cpp",
     "    if (left_[members()[m].grant] == 0) return false;\n", ""),
    ("one may saw off one's own branch", "tree.h",
     "return kept_by(revoke, e) || above(e, revoke);", "return kept_by(revoke, e);"),
    ("junk takes up room", "evaluate.cpp",
     "    room -= keep.size();", "    room -= std::min(room, member.own.size());"),
    ("of a forked end the first wins", "evaluate.cpp", "telling = 2;", "telling = 1;"),
    ("caps before cuts", "evaluate.cpp",
     "    std::vector<Index> keep = member.own;\n",
     "    std::vector<Index> keep = member.own;\n    if (keep.size() > bounds_.own) keep.resize(bounds_.own);\n"),
    ("juniors first", "evaluate.cpp",
     "  for (Index m = 0; m < members().size(); ++m) {\n    const Tree::Member& member = members()[m];\n    Verdict& verdict",
     "  for (auto m = static_cast<Index>(members().size()); m-- > 0;) {\n    const Tree::Member& member = members()[m];\n    Verdict& verdict"),
    ("digest over everything", "evaluate.cpp",
     "if (effective_[e] != 0 || proof_[e] != 0) state.needed", "if (place(e).owner != Tree::none) state.needed"),
    ("the memory forgets", "memory.cpp",
     "  std::map<DeviceId, std::size_t> by_signer;\n", "  pinned.clear();\n  std::map<DeviceId, std::size_t> by_signer;\n"),
    # Further ones.
    ("a known key may be granted again", "tree.cpp", "  if (grants && taken_[p.target] != 0) return false;\n", ""),
    ("a key is taken on other branches too", "tree.cpp",
     "      if (granted_[step.entry] != none) taken_[tree_.members_[granted_[step.entry]].key_id] = 0;\n", ""),
    # Of rosters.
    ("nothing is reserved", "tree.cpp", " || is_reserved(n, tree_.members_[owner])", ""),
    ("nobody may leave where removing is reserved", "tree.cpp", "return reserved.revoke && n.key != signer.key;",
     "return reserved.revoke;"),
    ("whoever may add may raise", "tree.cpp", "n.role == Role::administrator ? reserved.elevate : reserved.add",
     "reserved.add"),
    ("only two found", "tree.cpp", "for (const Founder& f : root.founders) grant(",
     "for (const Founder& f : root.founders) if (founders_ < 2) grant("),
    ("an end of a forked row keeps nothing beside", "evaluate.cpp", "const bool keeps = node(", "const bool keeps = false && node("),
    ("a ledger's end keeps what is beside", "evaluate.cpp", "node(tree_->genesis()).forked_rows && node(end)", "node(end)"),
    ("what an end keeps is no proof", "evaluate.cpp", "place(head).owner == m) proof_[head] = 1;",
     "place(head).owner == m) proof_[head] = 0;"),
    ("three keep-heads at most", "tree.cpp", "n.keep.size() > max_keep", "n.keep.size() >= max_keep"),
    ("a row may be one longer", "tree.cpp", "if (p.index > bounds.own)", "if (p.index > bounds.own + 1)"),
    ("heirs in no order", "tree.cpp",
     "    std::sort(h.begin(), h.end(), [&](Index a, Index b) { return members[a].grant < members[b].grant; });\n",
     "    std::reverse(h.begin(), h.end());\n"),
    ("a second genesis is overlooked", "tree.cpp",
     'return fail(Errc::conflict, "a ledger with a second genesis");', "continue;"),
    ("one more may live", "evaluate.cpp", "if (live == bounds_.live)", "if (live > bounds_.live)"),
    ("released claims stay", "evaluate.cpp", "counts(e) && released.count(node(e).hash) == 0", "counts(e)"),
    ("the fallen go on claiming", "evaluate.cpp",
     "counts(e) && released.count(node(e).hash) == 0", "released.count(node(e).hash) == 0"),
    ("ends are no proof", "evaluate.cpp", "    proof_[end] = 1;\n", ""),
    ("keep-heads are no proof", "evaluate.cpp", "place(head).owner].key_id == place(e).target) proof_[head] = 1;",
     "place(head).owner].key_id == place(e).target) proof_[head] = 0;"),
    ("proof hangs in the air", "evaluate.cpp", "      proof_[up] = 1;\n", "      proof_[up] = 0;\n"),
    ("any senior settles", "evaluate.cpp", "if (members()[signer].root && signer < m)", "if (signer < m)"),
    ("only what counts disputes", "evaluate.cpp",
     "if (place(e).owner == Tree::none || !revokes_other(e) ||", "if (effective_[e] == 0 || !revokes_other(e) ||"),
    ("a weak revoke of the fallen applies", "evaluate.cpp",
     "if (!verdicts_[m].granted || !standing(m)) continue;", "if (!verdicts_[m].granted) continue;"),
    ("a lost pin holds nothing", "memory.cpp",
     "if (e != Tree::none && state.tree().placed(e)) return", "return"),
    ("trimming forgets pins", "replica.cpp", "pin_line(tree_.find(hash));", "continue;"),
    ("the best rank is dropped first", "replica.cpp",
     "if (rank_a != rank_b) return rank_a < rank_b;", "if (rank_a != rank_b) return rank_a > rank_b;"),
    ("the newest orphans give way", "replica.cpp",
     "    waiting_.erase(orphans_.front().hash);\n    orphans_.pop_front();\n", "    return;\n"),
    ("a flood fills the pins", "memory.cpp", "if (pins >= pins_per_signer) continue;", ""),
]


class Bench(Copy):
    seconds_to_build = 600

    def __init__(self, scratch):
        super().__init__(scratch)
        self.configure()
        self.make(TARGETS)
        for name in ("unit", "vectors"):
            if self.caught_by(name):
                sys.exit(f"the {name} tests fail without any mistake planted")

    def caught_by(self, name):
        """The first test that fails; nothing where all pass."""
        program = {"unit": "tests/unit/ledger/ledger_test", "vectors": "tests/vectors/ledger_vectors"}[name]
        done = run([os.path.join(self.build, program), "--gtest_fail_fast", "--gtest_brief=1"], 300)
        if done is None:
            return "does not end"
        if done.returncode == 0:
            return None
        failed = re.search(r"\[  FAILED  \] ([\w.]+)", done.stdout)
        return failed.group(1) if failed else f"ends with {done.returncode}"

    def plant(self, file, old, new):
        """Runs all tests with the mistake in place; returns what caught it, by unit tests and by vectors."""
        with self.edited([(os.path.join(LEDGER, file), old, new)]):
            self.make(TARGETS)
            return self.caught_by("unit"), self.caught_by("vectors")


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--only", default="", help="mistakes whose name holds this word")
    args.add_argument("--list", action="store_true")
    args = args.parse_args()
    chosen = [m for m in MUTANTS if args.only in m[0]]
    if args.list:
        print("\n".join(m[0] for m in chosen))
        return
    survived, start = 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="budstikke-mutants-") as scratch:
        bench = Bench(scratch)
        for name, file, old, new in chosen:
            unit, vectors = bench.plant(file, old, new)
            survived += not (unit or vectors)
            verdict = "caught  " if unit or vectors else "SURVIVED"
            print(f"{verdict} {name:40s} unit: {unit or '-':45s} vectors: {'yes' if vectors else '-'}", flush=True)
    print(f"{len(chosen)} mistakes, {survived} survived, {time.monotonic() - start:.0f} s")
    sys.exit(1 if survived else 0)


if __name__ == "__main__":
    main()
