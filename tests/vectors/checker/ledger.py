"""PROTOCOL.md, sections 8 and 20, written from the page alone. Hashes and keys are only compared, so they may be bytes or,
as in ledger.json, numbers. Of an entry is read: hash, kind, prev, signer, and by kind key, role, keep, blinded, released;
of a genesis key and recovery, or, where it is a roster's, founders (pairs of key and role) and reserved (kinds)."""
from dataclasses import dataclass, field

GENESIS, ADD, HANDOVER, REVOKE, CLAIM, RELEASE = range(1, 7)
DEVICE, RECOVERY = 1, 2
MEMBER, ADMINISTRATOR = 1, 2


@dataclass
class Limits:
    live: int = 64  # members that are up at a time (8.3)
    row: int = 64   # entries of one member (8.1, rule 4; 8.3)
    room: int = 1024


ROSTER = Limits(live=256, row=1024, room=4096)


@dataclass(eq=False)
class Member:
    key: object
    role: int
    rank: tuple
    grant: "Node | None"      # none: the genesis
    sponsor: "Member | None"  # none: the genesis's
    signed_by_recovery: bool  # the first of these (R), or one to which R handed over, directly or through others
    granted: bool = False
    revoked: bool = False
    weakened: bool = False
    kept: list = field(default_factory=list)

    def way(self):
        """The grants from this member's own to the genesis, each with the member that it made."""
        m = self
        while m.grant is not None:
            yield m.grant, m
            m = m.sponsor


@dataclass(eq=False)
class Node:
    entry: dict
    parent: "Node | None"
    depth: int
    owner: "Member | None" = None
    grants: "Member | None" = None
    number: int = 0

    @property
    def order(self):  # "earlier"
        return self.depth, self.entry["hash"]

    def ancestors(self):
        """Itself, and up to the entry behind the genesis."""
        n = self
        while n.parent is not None:
            yield n
            n = n.parent

    def above(self, other):
        return self in other.ancestors()


class Ledger:
    def __init__(self, entries, limits=Limits()):
        self.limits = limits
        self.place({e["hash"]: e for e in entries})
        self.strong_pass()
        self.weak_pass()
        self.results()

    # 8.1, 8.2
    def place(self, entries):
        [genesis] = [e for e in entries.values() if e["kind"] == GENESIS]
        root = Node(genesis, None, 0)
        self.roster = "founders" in genesis
        founders = genesis["founders"] if self.roster else [(genesis["recovery"], RECOVERY), (genesis["key"], DEVICE)]
        self.reserved = genesis.get("reserved", ())
        self.founders = [Member(key, role, (0, i), None, None, i == 0) for i, (key, role) in enumerate(founders)]
        self.members, self.nodes = list(self.founders), {}
        children = {}
        for e in entries.values():
            if e["kind"] != GENESIS:
                children.setdefault(e["prev"], []).append(e)
        waiting = [(root, e) for e in children.get(genesis["hash"], [])]
        while waiting:
            parent, e = waiting.pop()
            node = Node(e, parent, parent.depth + 1)
            if self.may_stand(node):
                self.nodes[e["hash"]] = node
                waiting += [(node, below) for below in children.get(e["hash"], [])]
        self.members.sort(key=lambda m: m.rank)
        self.own = {m: set() for m in self.members}
        for n in self.nodes.values():
            self.own[n.owner].add(n)

    def may_stand(self, n):
        e, p = n.entry, n.parent
        if p.parent is None:
            candidates = self.founders
        else:
            candidates = [p.owner] + ([p.grants] if p.grants else [])
        n.owner = next((m for m in candidates if m.key == e["signer"]), None)
        if n.owner is None or len(e.get("keep", [])) > 4:
            return False
        if n.owner.role != ADMINISTRATOR and self.is_reserved(e):
            return False
        n.number = p.number + 1 if p.owner is n.owner else 1
        if n.number > self.limits.row:
            return False
        if e["kind"] in (ADD, HANDOVER):
            taken = {m.key for m in self.founders} | {a.grants.key for a in p.ancestors() if a.grants}
            if e["key"] in taken:
                return False
            m = n.owner
            if e["kind"] == ADD:
                n.grants = Member(e["key"], e["role"], (n.depth + 1, e["hash"]), n, m, False)
            else:
                n.grants = Member(e["key"], m.role, m.rank + (e["hash"],), n, m, m.signed_by_recovery)
            self.members.append(n.grants)
        return True

    def is_reserved(self, e):
        if e["kind"] == ADD and e["role"] == ADMINISTRATOR:
            return "elevate" in self.reserved
        return e["kind"] in self.reserved and not (e["kind"] == REVOKE and e["key"] == e["signer"])

    def line(self, hashes, m):
        ends = [self.nodes[h] for h in hashes if h in self.nodes and self.nodes[h].owner is m]
        return {a for end in ends for a in end.ancestors() if a.owner is m}

    @staticmethod
    def revokes(n):
        return n.entry["kind"] == REVOKE

    # 8.3
    def strong_pass(self):
        self.against, self.counted, self.proof, self.applied = {}, set(), set(), {}
        live, room = 0, self.limits.room
        for m in self.members:
            m.granted = m.grant is None or m.grant in self.counted
            if not m.granted:
                continue
            keep = set(self.own[m])
            for r in self.against.get(m.key, []):
                m.revoked = True
                self.applied[r] = True
                keep &= self.line(r.entry["keep"], m)
            ends = sorted((n for n in keep if n.entry["kind"] == HANDOVER or (self.revokes(n) and n.entry["key"] == m.key)),
                          key=lambda n: n.order)[:2]
            for h in ends:
                m.revoked = True
                self.proof.add(h)
                left = set(h.ancestors())
                if self.roster:
                    left |= self.line(h.entry["keep"], m)
                    self.proof |= {self.nodes[k] for k in h.entry["keep"] if k in self.nodes and self.nodes[k].owner is m}
                keep &= left
            if not m.revoked:
                if live == self.limits.live:
                    m.granted = False
                    continue
                live += 1
            m.kept = sorted(keep, key=lambda n: n.order)[:min(self.limits.row, room)]
            room -= len(m.kept)
            self.counted |= set(m.kept)
            for n in m.kept:
                if self.revokes(n) and n.entry["key"] != m.key:
                    self.against.setdefault(n.entry["key"], []).append(n)
        for n in self.counted:
            if self.revokes(n):
                kept = (self.nodes.get(h) for h in n.entry["keep"])
                self.proof |= {k for k in kept if k and k.owner.key == n.entry["key"]}
        for n in list(self.proof):
            for a in n.parent.ancestors():
                if a in self.counted or a in self.proof:
                    break
                self.proof.add(a)

    def settled(self, m):
        return any(r.owner.rank < m.rank and r.owner.signed_by_recovery for r in self.against.get(m.key, []))

    # 8.4
    def standing(self, m):
        return all(g not in self.taken for g, _ in m.way())

    def weak_pass(self):
        self.taken = set()  # where left(e) is false
        for m in self.members:
            if not (m.granted and self.standing(m)):
                continue
            for e in m.kept:
                if not self.revokes(e) or e.entry["key"] == m.key:
                    continue
                for t in self.members:
                    if t.key == e.entry["key"] and t.rank < m.rank and t.granted:
                        self.applied[e] = True
                        t.weakened = True
                        spared = self.spared(e, t)
                        self.taken |= {x for x in t.kept if x not in spared}

    def spared(self, revoke, t):
        """What a revoke leaves of t's: line(keep, t), and what is above the revoke."""
        return self.line(revoke.entry["keep"], t) | set(revoke.ancestors())

    # 8.5
    def results(self):
        self.up = [m for m in self.members
                   if m.granted and not m.revoked and not m.weakened and self.standing(m)]
        self.active = {m.key for m in self.up if m.role == DEVICE}
        self.recoveries = {m.key for m in self.up if m.role == RECOVERY}
        released = {n.entry["released"] for n in self.counted if n.entry["kind"] == RELEASE}
        self.claims = {n.entry["blinded"] for n in self.counted if n.entry["kind"] == CLAIM and self.standing(n.owner)
                       and n not in self.taken and n.entry["hash"] not in released}
        self.needed = self.counted | self.proof
        self.disputed = {e.entry["key"] for e in self.nodes.values() if self.is_disputed(e)}

    def is_disputed(self, e):
        key = e.entry.get("key")
        if not self.revokes(e) or e.owner.key == key:
            return False
        of_key = [m for m in self.members if m.key == key]  # most senior first
        return bool(of_key) and of_key[0].rank < e.owner.rank and bool(self.asks(e))

    # 8.7
    def asks(self, r):
        """Keys of members that are up and that r, taken at its word, would take out."""
        target = r.entry["key"]

        def is_hit(m):
            return m.key == target or any(g.owner.key == target and g not in self.spared(r, g.owner) for g, _ in m.way())
        return {m.key for m in self.up if is_hit(m)}


class Memory:
    """8.7, of an observer that loses nothing and where nobody accepted a revoke."""

    def __init__(self):
        self.pinned, self.per_signer = [], {}

    def see(self, ledger):
        for r in sorted(ledger.applied, key=lambda n: n.order):
            h, signer = r.entry["hash"], r.entry["signer"]
            if h not in self.pinned and len(self.pinned) < 4096 and self.per_signer.get(signer, 0) < 64:
                self.pinned.append(h)
                self.per_signer[signer] = self.per_signer.get(signer, 0) + 1

    def held(self, ledger):
        pinned = [ledger.nodes[h] for h in self.pinned]
        return set().union(*(ledger.asks(r) for r in pinned if not ledger.settled(r.owner)))
