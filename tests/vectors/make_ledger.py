#!/usr/bin/python3
"""Writes tests/vectors/ledger.json: ledgers and what they say, as an executable model of the rule judges them.

  make_ledger.py --model DIR [--cases N] [--seed S] [--out FILE]

DIR holds the model: ledger.py (Entry, evaluate, Observer), props.py (World, attack) and scenarios.py. The model is not
part of this tree; the file it makes is, and the program here shares no code with what it is held against.

The file is {"format", "cases": [case, ...]}. A case is an object:
  f  where it comes from
  c  [own, live, total] where the bounds are not the default ones
  e  entries in ascending order of hash, one flat array of numbers for each; an entry's number is its place in this list
       genesis [1]                          (first device: key 1; root recovery key: key 0)
       add [2, parent, signer, key, role]   handover [3, parent, signer, key]
       revoke [4, parent, signer, key, kept entry, ...]
       claim [5, parent, signer, address]   release [6, parent, signer, claim]
     keys and addresses are numbers too; -1 is an entry that is not in the list
  a, r, l, d  keys of active devices, of recovery keys that stand, addresses claimed, keys disputed (each ascending)
  n, x, p     hexadecimal sets of entries (bit i: entry i): needed, effective, applied revokes; genesis never in them
  o  an observer: [[entries of each delivery], ...], keys it holds, keys it seals for
"""
import argparse
import contextlib
import io
import json
import os
import random
import runpy
import sys

KINDS = {"genesis": 1, "add": 2, "handover": 3, "revoke": 4, "claim": 5, "release": 6}
ROLES = {"device": 1, "recovery": 2}


class Writer:
    def __init__(self, model):
        self.model, self.cases, self.seen = model, [], set()

    def case(self, source, entries, caps=None, deliveries=None):
        """Judges the entries, and adds the case unless the same one is there already."""
        entries = sorted({e.h: e for e in entries}.values(), key=lambda e: e.h)
        at = {e.h: i for i, e in enumerate(entries)}
        key = Numbers(["R", "A"])
        address = Numbers()
        case = {"f": source}
        if caps:
            case["c"] = [caps["per_key"], caps["live"], caps["total"]]
        case["e"] = [self.entry(e, at, key, address) for e in entries]
        lawful = self.lawful(entries)
        state = self.model.evaluate([e for e in entries if e.h in lawful], **(caps or {}))
        case["a"], case["r"], case["d"] = (sorted(key(k) for k in s) for s in (state.active, state.recovery, state.disputed))
        case["l"] = sorted(address(c) for c in state.claims)
        case["n"], case["x"], case["p"] = (self.mask(s, at) for s in (state.needed, state.effective, state.applied))
        if deliveries:
            genesis = next(e for e in entries if e.kind == "genesis")
            observer = self.model.Observer(genesis, **(caps or {}))
            for batch in deliveries:
                observer.take([e for e in batch if e.h in lawful])
            case["o"] = [[[at[e.h] for e in b] for b in deliveries],
                         sorted(key(k) for k in observer.held()), sorted(key(k) for k in observer.seal_for())]
        line = json.dumps(case, separators=(",", ":"))
        if line not in self.seen:
            self.seen.add(line)
            self.cases.append(line)

    @staticmethod
    def lawful(entries):
        """Without what breaks the two rules that the model leaves out: four keep-heads at most, and a grant names a key
        that no ancestor has granted. (What hangs below hangs on nothing, then.)"""
        by_hash = {e.h: e for e in entries}
        return {e.h for e in entries if len(e.keep) <= 4 and
                not (e.kind in ("add", "handover") and e.key in ancestors_keys(by_hash, e))}

    @staticmethod
    def mask(hashes, at):
        return "%x" % sum(1 << at[h] for h in hashes)

    @staticmethod
    def entry(e, at, key, address):
        kind = KINDS[e.kind]
        if e.kind == "genesis":
            assert (e.key, e.ref) == ("A", "R")
            return [kind]
        row = [kind, at.get(e.prev, -1), key(e.signer)]
        if e.kind == "add":
            row += [key(e.key), ROLES[e.role]]
        elif e.kind == "handover":
            row += [key(e.key)]
        elif e.kind == "revoke":
            row += [key(e.key)] + [at.get(h, -1) for h in e.keep]
        elif e.kind == "claim":
            row += [address(e.ref)]
        else:
            row += [at.get(e.ref, -1)]
        return row


class Numbers:
    """Numbers names in the order in which they are met."""

    def __init__(self, names=()):
        self.of = {n: i for i, n in enumerate(names)}

    def __call__(self, name):
        return self.of.setdefault(name, len(self.of))


def batches(rnd, entries):
    """The entries in some order, cut into a few deliveries."""
    entries = list(entries)
    if rnd.random() < 0.5:
        rnd.shuffle(entries)
    out = []
    while entries:
        n = rnd.randint(1, max(1, len(entries)))
        out.append(entries[:n])
        entries = entries[n:]
    return out


def ancestors_keys(by_hash, entry):
    keys, h = {"A", "R"}, entry.prev
    while h in by_hash:
        if by_hash[h].kind in ("add", "handover"):
            keys.add(by_hash[h].key)
        h = by_hash[h].prev
    return keys


def offences(model, rnd, entries):
    """Entries that break those rules, and entries that hang on them."""
    rows = [(e.signer, e.h) for e in entries if e.kind != "genesis"] + [(e.key, e.h) for e in entries if e.kind == "add"]
    keys = sorted({e.key for e in entries if e.key} | {"R"})
    hashes = [e.h for e in entries]
    out = []
    for _ in range(rnd.randint(1, 3)):
        if not rows:
            break
        signer, at = rnd.choice(rows)
        if rnd.random() < 0.5:
            e = model.Entry(rnd.choice(["add", "handover"]), signer, at, key=rnd.choice(keys + [signer]))
            rows.append((e.key, e.h))
        else:
            e = model.Entry("revoke", signer, at, key=rnd.choice(keys), keep=tuple(rnd.choice(hashes) for _ in range(rnd.randint(3, 6))))
        rows.append((signer, e.h))
        out.append(e)
    return out


def regrants(model, rnd, world, entries):
    """Keys that a thief holds, granted once more elsewhere: the same key is then two members. Only where no ancestor has
    granted the key: the model has no rule about that."""
    by_hash = {e.h: e for e in entries}
    granted = [e for e in entries if e.kind in ("add", "handover")]
    out = []
    for _ in range(rnd.randint(1, 5)):
        if not granted:
            break
        again, at = rnd.choice(granted), rnd.choice(granted)
        e = model.Entry(rnd.choice(["add", "add", "handover"]), at.key, at.h, key=again.key, nonce=rnd.getrandbits(32))
        if e.key in ancestors_keys(by_hash, e):
            continue
        by_hash[e.h] = e
        out.append(e)
        granted.append(e)
        below = rnd.choice(["revoke", "claim", "add", "self"])
        if below == "revoke":
            f = model.Entry("revoke", e.key, e.h, key=rnd.choice(world.keys + [g.key for g in granted]),
                            keep=tuple(rnd.sample(sorted(by_hash), min(2, len(by_hash)))), nonce=rnd.getrandbits(32))
        elif below == "claim":
            f = model.Entry("claim", e.key, e.h, ref="m:again", nonce=rnd.getrandbits(32))
        elif below == "self":
            f = model.Entry("revoke", e.key, e.h, key=e.key, nonce=rnd.getrandbits(32))
        else:
            f = model.Entry("add", e.key, e.h, key=world.fresh("Q"), nonce=rnd.getrandbits(32))
        by_hash[f.h] = f
        out.append(f)
    return out


def random_trees(model, writer, rnd, until):
    while len(writer.cases) < until:
        world = model.World(rnd, small=rnd.random() < 0.6)
        long = rnd.random() < 0.12
        world.honest(rnd.randint(1, 24 if long else 9))
        stolen = rnd.sample(world.keys, rnd.randint(1, min(len(world.keys), 5)))
        evil, _ = model.attack(world, stolen, rnd.randint(0, 30 if long else 9))
        entries = list(world.es.values()) + evil
        if rnd.random() < 0.3:
            entries += regrants(model, rnd, world, entries)
        if rnd.random() < 0.15:
            entries += offences(model, rnd, entries)
        if rnd.random() < 0.4:
            senior = rnd.choice(world.keys[: max(1, len(world.keys) // 2)])
            for k in stolen:
                if k != senior:
                    world.sign(senior, "revoke", key=k, keep=tuple(world.chain[k][-1:]))
            entries += list(world.es.values())
        if rnd.random() < 0.15:
            entries = [e for e in entries if e.kind == "genesis" or rnd.random() < 0.9]
        deliver = batches(rnd, entries) if rnd.random() < 0.25 else None
        writer.case("tree", entries, world.caps or None, deliver)


PATTERNS = ((("T",), "A"), (("T",), "B"), (("T", "U"), "A"), (("A",), "R"), (("T", "C"), "A"), (("A", "B", "T"), "R"))


def theft_patterns(model, writer, rnd, count):
    """One fixed account; up to three entries by what was stolen, at any place, beside the owner's answer."""
    E = model.Entry
    g = E("genesis", "A", key="A", ref="R")
    b = E("add", "A", g.h, key="B")
    t = E("add", "A", b.h, key="T")
    c = E("add", "B", b.h, key="C")
    u = E("add", "T", t.h, key="U")
    k = E("revoke", "T", u.h, key="U")
    account = [g, b, t, c, u, k]
    row = {"A": [b, t], "B": [c], "T": [u, k], "C": [], "U": [], "R": []}
    grant = {"A": g, "R": g, "B": b, "T": t, "C": c, "U": u}
    until = len(writer.cases) + count
    while len(writer.cases) < until:
        stolen, owner = rnd.choice(PATTERNS)
        answer, tip = [], (row[owner] or [grant[owner]])[-1].h
        for key in stolen:
            r = E("revoke", owner, tip, key=key, keep=tuple(e.h for e in row[key][-1:]))
            answer.append(r)
            tip = r.h
        spots = {key: [grant[key].h] + [e.h for e in row[key]] for key in stolen}
        evil, ghosts = [], []
        for _ in range(rnd.randint(1, 3)):
            signer = rnd.choice(sorted(spots))
            at = rnd.choice(spots[signer])
            kind = rnd.choice(["add", "handover", "revoke", "revoke", "revoke"])
            if kind == "revoke":
                target = rnd.choice(["R", "A", "B", "C", "T", "U"] + ghosts)
                kept = rnd.choice([(), (t.h,), (b.h,), (k.h,), (u.h,)]) if target != signer else ()
                e = E(kind, signer, at, key=target, keep=kept)
            else:
                ghost = "XYZ"[len(ghosts)]
                ghosts.append(ghost)
                e = E(kind, signer, at, key=ghost, role=rnd.choice(["device", "recovery"]) if kind == "add" else "device")
                spots[ghost] = [e.h]
            evil.append(e)
            spots[signer].append(e.h)
        with_answer = answer if rnd.random() < 0.7 else []
        before = [account + evil, with_answer] if rnd.random() < 0.5 else [account + with_answer, evil]
        writer.case("theft", account + evil + with_answer, None, [d for d in before if d])


def told(path, writer, largest=200):
    """The model's own scenarios, each as it stands in the end and on its way there."""
    with contextlib.redirect_stdout(io.StringIO()):
        names = runpy.run_path(os.path.join(path, "scenarios.py"))
    for value in list(names.values()):
        entries = getattr(value, "es", None)
        if not isinstance(entries, list) or not 1 < len(entries) <= largest:
            continue
        for n in range(2, len(entries) + 1):
            writer.case("scenario", entries[:n], None, [[e] for e in entries[:n]])


class Model:
    def __init__(self, path):
        sys.path.insert(0, path)
        import ledger
        import props
        self.Entry, self.evaluate, self.Observer = ledger.Entry, ledger.evaluate, ledger.Observer
        self.World, self.attack = props.World, props.attack


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--model", required=True, help="folder of the executable model")
    args.add_argument("--cases", type=int, default=12000)
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--out", default=os.path.join(here, "ledger.json"))
    args = args.parse_args()
    sys.dont_write_bytecode = True
    model = Model(args.model)
    rnd = random.Random(args.seed)
    writer = Writer(model)
    told(args.model, writer)
    theft_patterns(model, writer, rnd, args.cases // 4)
    random_trees(model, writer, rnd, args.cases)
    with open(args.out, "w", encoding="ascii") as out:
        out.write('{"format":1,"cases":[\n' + ",\n".join(writer.cases) + "\n]}\n")
    print(f"{len(writer.cases)} cases, {os.path.getsize(args.out)} bytes")


if __name__ == "__main__":
    main()
