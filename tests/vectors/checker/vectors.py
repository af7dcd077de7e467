"""One function for each file of vectors: it recomputes what the file says and calls `case` once for each thing checked."""
import json
import pathlib

from . import primitives as p
from . import objects as o
from . import sessions as s
from .ledger import ROSTER, Ledger, Limits, Memory
from .objects import plain, raw

FILES = {}
PRIMITIVES = {}


def of(name, table=FILES):
    return lambda f: table.setdefault(name, f)


class Mismatch(Exception):
    pass


def same(got, wanted, what):
    if plain(got) != wanted:
        raise Mismatch(f"{what}: {str(plain(got))[:200]} is not {str(wanted)[:200]}")


def same_fields(got, wanted, what, *but):
    same({k: v for k, v in got.items() if k not in but}, {k: v for k, v in wanted.items() if k not in but}, what)


def refused(row, take, name="bytes"):
    """`take` must refuse the row, for the row's reason; where that is a copy that does not open, for any."""
    try:
        take(raw(row[name]))
    except p.Refused as e:
        if row["reason"] not in (e.reason, "cannot_open"):
            raise Mismatch(f"{row['what']}: refused as {e.reason} ({e}), not {row['reason']}") from e
        return
    raise Mismatch(f"{row['what']}: taken")


class Run:
    """Counts the cases of a file, and tells of those that do not hold."""

    def __init__(self, sodium, data):
        self.sodium, self.data, self.cases, self.wrong = sodium, data, 0, []

    def each(self, rows, check):
        for i, row in enumerate(rows):
            self.one(i, lambda row=row: check(row))

    def one(self, name, check):
        self.cases += 1
        try:
            check()
        except Exception as e:  # whatever went wrong, the vector does not hold
            self.wrong.append(f"{name}: {type(e).__name__}: {e}")


@of("codec.json")
def codec(run):
    def length(row):
        same(o.length_prefix(row["length"]), row["prefix"], "prefix")
        whole = raw(row["prefix"]) + bytes(row["length"])
        same(len(o.Vec(1 << 30).decode(whole)), row["length"], "length")
        if row["length"]:  # and against a bound
            refused({"what": "a bound", "reason": "malformed", "bytes": whole}, o.Vec(row["length"] - 1).decode)
    run.each(run.data["lengths"], length)
    run.each(run.data["refused"], lambda row: refused(row, o.Vec((1 << 30) - 1).decode))
    run.each(run.data["text"], lambda row: same(o.text(raw(row)).encode(), row, "text"))
    run.each(run.data["not_text"], lambda row: refused({"what": row, "reason": "malformed", "bytes": row}, o.text))


def after_suite(label):
    return label.removeprefix("budstikke/1/")


@of("hashes.json")
def hashes(run):
    def signature(row):
        label, message = after_suite(row["label"]), raw(row["message"])
        same(p.H(64, label, message), row["digest"], "digest")
        same(run.sodium.ed25519_public(raw(row["seed"])), row["public"], "public")
        same(run.sodium.sign(raw(row["seed"]), label, message), row["signature"], "signature")
        p.check_ed25519(raw(row["public"]))
        p.verify(raw(row["public"]), label, message, raw(row["signature"]))
    run.each(run.data["hashes"], lambda row: same(
        p.H(row["size"], after_suite(row["label"]), raw(row["message"]), raw(row.get("key", ""))), row["hash"], "hash"))
    run.each(run.data["signatures"], signature)
    run.each(run.data["kdf"], lambda row: same(
        p.KDF(len(row["output"]) // 2, raw(row["salt"]), raw(row["input"]), after_suite(row["label"]), raw(row["context"])),
        row["output"], "output"))
    names = {
        "thread_of_two": lambda n: same(o.thread_of_two(raw(n["a"]), raw(n["b"])), n["thread"], "thread"),
        "blinded": lambda n: same(o.blinded(raw(n["opening"]), n["address"]), n["blinded"], "blinded"),
        "recipient": lambda n: same(s.recipient_tag(raw(n["device"])), n["recipient"], "recipient"),
        "kem_id": lambda n: same(s.kem_id(raw(n["key"])), n["id"], "id"),
    }
    for name, row in run.data["names"].items():
        run.one(name, lambda name=name, row=row: names[name](row))
    for name, check in (("ed25519", p.check_ed25519), ("x25519", p.check_x25519), ("mlkem", p.check_mlkem)):
        run.each(run.data["refused_" + name], lambda row, check=check: refused(row, check))


def check_keys(run):
    for name, key in run.data["keys"].items():
        if "seed" in key:
            run.one(name, lambda key=key: same(run.sodium.ed25519_public(raw(key["seed"])), key["id"], "id"))
        else:
            run.one(name, lambda key=key: same(run.sodium.x25519_public(raw(key["private"])), key["public"], "public"))


@of("entries.json")
def entries(run):
    check_keys(run)
    seeds = {key["id"]: raw(key["seed"]) for key in run.data["keys"].values() if "seed" in key}

    def entry(row):
        e, fields = o.read_entry(raw(row["entry"])), row["fields"]
        same_fields(e, fields, "fields", "body", "signature", "hash", "of")
        same(e["hash"], row["hash"], "hash")
        same(e["of"], row["account"], "account")
        if fields["kind"] <= 3:
            same(o.cosigned(fields), row["cosigned"], "cosigned")
            made = run.sodium.sign(seeds[o.cosigner(fields)], "entry/cosign", o.cosigned(fields))
            same(made, fields["cosignature"], "cosignature")
        body = o.write_entry_body(fields)
        same(body, row["body"], "body")
        made = o.ENTRY.write({"body": body, "signature": run.sodium.sign(seeds[fields["signer"]], "entry/sign", body)})
        same(made, row["entry"], "entry")

    def not_entry(row):
        refused(row, o.read_entry)
        if row["reason"] == "bad_key":  # for its keys, that is: its signatures hold
            o.check_entry_signatures(o.parse_entry(raw(row["bytes"])))
    run.each(run.data["entries"], entry)
    run.each(run.data["refused"], not_entry)
    run.each(run.data["digests"], lambda row: same(o.digest(map(raw, row["hashes"])), row["digest"], "digest"))


@of("records.json")
def records(run):
    check_keys(run)

    def record(name, kind, label, seed):
        row = run.data[name]
        same_fields(o.read_record(raw(row["bytes"]), kind), row["fields"], "fields")
        body = kind.write(row["fields"])
        signature = run.sodium.sign(raw(run.data["keys"][seed]["seed"]), label, body)
        same(o.SIGNED.write({"body": body, "signature": signature}), row["bytes"], "bytes")

    def not_record(row):
        """As both kinds; the reason is that of the kind whose type it has."""
        kinds = [o.RECORD, o.JOIN_RECORD]
        kind = o.Reader(raw(row["bytes"])).vector(65536)[1]
        refused(row, lambda data: o.read_record(data, kinds.pop(kind - 2)))
        refused(row | {"reason": "malformed"}, lambda data: o.read_record(data, kinds.pop()))
    run.one("record", lambda: record("record", o.RECORD, "record/sign", "first"))
    run.one("join_record", lambda: record("join_record", o.JOIN_RECORD, "join-record/sign", "second"))
    run.each(run.data["record"]["fields"]["entries"], lambda e: o.read_entry(raw(e)))
    run.each(run.data["refused"], not_record)


# Sections 12 to 14.
def device(sodium, row):
    same(sodium.ed25519_public(raw(row["device_seed"])), row["device"], "device")
    same(sodium.x25519_public(raw(row["identity_private"])), row["identity"], "identity")
    same(sodium.x25519_public(raw(row["prekey_private"])), row["bundle"]["dh"], "prekey")
    same(sodium.kem_pair(raw(row["kem_seed"]))[0], row["bundle"]["kem"], "kem")
    same(o.BUNDLE.write(row["bundle"]), row["bundle_bytes"], "bundle")
    o.check_bundle(o.BUNDLE.decode(raw(row["bundle_bytes"])))
    prekey = (raw(row["bundle_bytes"]), raw(row["prekey_private"]), raw(row["kem_seed"]))
    return s.Device(raw(row["account"]), raw(row["device"]), raw(row["identity"]), raw(row["identity_private"]),
                    {row["bundle"]["id"]: prekey})


def both_ends(sodium, row):
    """The two devices and A's session; all values between are compared on the way."""
    a, b = device(sodium, row["initiator"]), device(sodium, row["responder"])
    bundle = o.BUNDLE.decode(raw(row["responder"]["bundle_bytes"]))
    given = ("initiator", "responder", "number", "ephemeral_private", "encapsulation", "admission_key")
    values, session = s.begin(sodium, a, b, bundle, row["number"], raw(row["ephemeral_private"]), raw(row["encapsulation"]),
                              raw(row.get("admission_key")))
    same_fields(values, row, "handshake", *given)
    return a, b, session


def check_sealed(session, row):
    """Seals what is in the row and compares it, and every value between."""
    plaintext = row["plaintext"]
    content = o.write_content(plaintext["content"])
    same(content, plaintext["content_bytes"], "content")
    same(p.H(32, "content/hash", content), plaintext["hash"], "content hash")
    padded = o.write_padded({"gossip": plaintext["gossip"], "hash": plaintext["hash"], "content": content})
    same(padded, plaintext["padded"], "padded")
    step = row.get("root_step", {})
    if "answered_seed" in step:
        same(session.sodium.kem_pair(raw(step["answered_seed"]))[0], session.peer_offer["key"].hex(), "answered_seed")
    values = session.seal(padded, raw(row["nonce"]), *(raw(step.get(n)) for n in
                                                       ("ratchet_private", "encapsulation", "offered_seed")))
    same_fields(values.get("root_step", {}), step, "root_step", "answered_seed")
    same_fields(values, row, "sealed", "plaintext", "root_step")


def check_opened(session, row):
    padded = session.open(raw(row["copy"]))
    same(padded, row["plaintext"]["padded"], "opened")
    plaintext = o.read_padded(padded)
    same(plaintext["gossip"], row["plaintext"]["gossip"], "gossip")
    same(p.H(32, "content/hash", plaintext["content"]), plain(plaintext["hash"]), "content hash")
    same(o.read_content(plaintext["content"]), row["plaintext"]["content"], "content")


def accepted(sodium, a, b, number, row):
    who, of_a, session = s.accept(sodium, b, raw(row["copy"]))
    same([who.account, who.device, who.identity, of_a], plain([a.account, a.device, a.identity, number]), "identity")
    return session


def first_flight(run, row, first):
    a, b, at_a = both_ends(run.sodium, row)
    check_sealed(at_a, first)
    at_b = accepted(run.sodium, a, b, row["number"], first)
    check_opened(at_b, first)
    same([at_b.t, at_b.id, at_b.root], [row["t"], row["session"], row["root"]], "the responder's session")
    return at_a, at_b


@of("handshake.json")
def handshake(run):
    run.each(run.data["cases"], lambda case: first_flight(run, case["handshake"], case["first"]))
    b = device(run.sodium, run.data["cases"][0]["handshake"]["responder"])

    def take(data):
        s.accept(run.sodium, b, data)[2].open(data)
    run.each(run.data["refused"], lambda row: refused(row, take))


@of("ratchet.json")
def ratchet(run):
    ends = {}

    def start():
        ends["initiator"], ends["responder"] = first_flight(run, run.data["handshake"], run.data["first"])
    run.one("first", start)
    receiver = {"initiator": "responder", "responder": "initiator"}
    late = []

    def step(i, row):
        check_sealed(ends[row["from"]], row["sealed"])
        if i == 5:
            before = plain(vars(ends["responder"]) | {"sodium": None})
            run.each(run.data["refused"], lambda bad: refused(bad, ends["responder"].open))
            same(vars(ends["responder"]) | {"sodium": None}, before, "state after what was refused")
        if row["delivered"] == "at once":
            check_opened(ends[receiver[row["from"]]], row["sealed"])
        else:
            late.append(row)
    for i, row in enumerate(run.data["steps"]):
        run.one(i, lambda i=i, row=row: step(i, row))
    for row in late:
        run.one("late", lambda row=row: check_opened(ends[receiver[row["from"]]], row["sealed"]))
        run.one("twice", lambda row=row: refused({"what": "a copy again", "reason": "cannot_open", "bytes":
                                                  row["sealed"]["copy"]}, ends[receiver[row["from"]]].open))


@of("copies.json")
def copies(run):
    first, second = run.data["copies"]

    def both():
        at_a, at_b = first_flight(run, run.data["handshake"], first)
        check_sealed(at_b, second)
        check_opened(at_a, second)
    run.one("handshake", both)
    introduction = first["plaintext"]["gossip"]["introduction"]
    run.each(introduction["entries"], lambda e: o.read_entry(raw(e)))
    run.each(run.data["refused"], lambda row: refused(row, o.read_padded, "padded"))


@of("padding.json")
def padding(run):
    def plaintext(row):
        same(o.write_padded(row), row["padded"], "padded")
        same(o.read_padded(raw(row["padded"])), {k: row[k] for k in ("gossip", "hash", "content")}, "plaintext")
        same(p.H(32, "content/hash", raw(row["content"])), row["hash"], "content hash")
    run.each(run.data["sizes"], lambda row: same(o.pad(row[0]), row[1], row[0]))
    run.each(run.data["plaintexts"], plaintext)
    run.each(run.data["refused"], lambda row: refused(row, o.read_padded))


@of("content.json")
def contents(run):
    def content(row):
        same(o.write_content(row["fields"]), row["bytes"], "bytes")
        same(o.read_content(raw(row["bytes"])), row["fields"], "fields")
        same(p.H(32, "content/hash", raw(row["bytes"])), row["hash"], "hash")
    run.each(run.data["contents"], content)
    run.each(run.data["refused"], lambda row: refused(row, o.read_content))


@of("joining.json")
def joining(run):
    genesis = o.read_entry(raw(run.data["genesis"]))

    def case(row):
        n = [raw(row[f]) for f in ("joiner", "joiner_identity", "joiner_nonce")]
        same(run.sodium.ed25519_public(raw(row["joiner_seed"])), row["joiner"], "joiner")
        same(run.sodium.ed25519_public(raw(row["sponsor_seed"])), row["sponsor"], "sponsor")
        same([genesis["hash"], genesis["key"], o.digest([])], [row["account"], row["sponsor"], row["digest"]], "genesis")
        same(s.commitment(*n), row["commitment"], "commitment")
        known = [raw(row[f]) for f in ("account", "digest", "parent", "sponsor", "sponsor_nonce", "commitment")]
        transcript = b"".join(known + n)
        same(transcript, row["transcript"], "transcript")
        for name in ("first", "second"):
            hashed = p.H(32, f"join/{name}-code", transcript)
            same([hashed, s.code(hashed)], [row[name]["hash"], row[name]["code"]], name)
        fields = {"kind": 2, "account": row["account"], "prev": row["parent"], "signer": row["sponsor"], "role": 1,
                  "key": row["joiner"], "identity": row["joiner_identity"], "cosignature": row["cosignature"]}
        same(o.cosigned(fields), row["cosigned"], "cosigned")
        same(run.sodium.sign(raw(row["joiner_seed"]), "entry/cosign", o.cosigned(fields)), row["cosignature"], "cosignature")
        add = o.read_entry(raw(row["add"]))
        same_fields(add, fields, "add", "time", "body", "signature", "hash", "of")
        body = o.write_entry_body(fields | {"time": add["time"]})
        signature = run.sodium.sign(raw(row["sponsor_seed"]), "entry/sign", body)
        same(o.ENTRY.write({"body": body, "signature": signature}), row["add"], "add")
        same(Ledger([genesis, add]).active, {raw(row["sponsor"]), raw(row["joiner"])}, "members")
    run.each(run.data["cases"], case)


@of("ledger.json")
def ledgers(run):
    """README.md says what the letters are."""
    names = {2: ("key", "role"), 3: ("key",), 5: ("blinded",), 6: ("released",)}

    def entry(number, row):
        kind, behind = row[0], row[3:]
        if kind == 1:
            return {"hash": number, "kind": 1, "key": 1, "recovery": 0}
        fields = {"key": behind[0], "keep": behind[1:]} if kind == 4 else dict(zip(names[kind], behind, strict=True))
        return {"hash": number, "kind": kind, "prev": row[1], "signer": row[2]} | fields

    def mask(nodes):
        return f"{sum(1 << n.entry['hash'] for n in nodes):x}"

    def case(row):
        limits = Limits(**dict(zip(("row", "live", "room"), row["c"], strict=True))) if "c" in row else Limits()
        every = [entry(i, e) for i, e in enumerate(row["e"])]
        ledger = Ledger(every, limits)
        got = {"a": sorted(ledger.active), "r": sorted(ledger.recoveries), "d": sorted(ledger.disputed),
               "l": sorted(ledger.claims), "n": mask(ledger.needed), "x": mask(ledger.counted), "p": mask(ledger.applied)}
        same_fields(got, row, "ledger", "f", "c", "e", "o")
        if "o" in row:
            batches, held, sealed_for = row["o"]
            memory, seen = Memory(), [e for e in every if e["kind"] == 1]
            for batch in batches:
                seen += [every[i] for i in batch]
                state = Ledger(seen, limits)
                memory.see(state)
            same([sorted(memory.held(state)), sorted(state.active - memory.held(state))], [held, sealed_for], "memory")
    run.each(run.data["cases"], case)


# Sections 19 and 20.
def roster_node(e):
    """As section 8 sees it: a seat in the place of a key."""
    seat = o.seat_id
    node = {"hash": e["hash"], "kind": e["kind"], "prev": e["prev"], "signer": seat(e["author"], e["seat"])}
    if e["kind"] == 1:
        members = [(seat(m["account"], e["seat"]), 1) for m in e["members"]]
        kinds = {"add": 2, "remove": 4, "rename": 5}
        reserved = {"elevate"} | {kinds[name] for name in kinds if e[name] == 2}
        return node | {"founders": [(node["signer"], 2), *members], "reserved": reserved}
    if e["kind"] == 5:
        return node | {"blinded": None}
    node["key"] = seat(e["account"], e["account_seat"])
    return node | ({"role": e["role"]} if e["kind"] == 2 else {"keep": e["keep"]})


def sitters(entries):
    """seat id by granting entry: account and address"""
    all_of = {}
    for e in entries.values():
        if e["kind"] == 1:
            for m in [{"account": e["author"], "address": e["address"]}, *e["members"]]:
                all_of[None, o.seat_id(m["account"], e["seat"])] = m
        if e["kind"] == 2:
            all_of[e["hash"], o.seat_id(e["account"], e["account_seat"])] = e
    return all_of


def judge_roster(entries):
    state, named = Ledger([roster_node(e) for e in entries.values()], ROSTER), sitters(entries)
    members = {}
    for m in state.up:
        sitter = named[m.grant.entry["hash"] if m.grant else None, m.key]
        member = members.setdefault(sitter["account"], {"administrator": False, "address": "", "seats": []})
        member["administrator"] |= m.role == 2
        member["address"] = member["address"] or sitter["address"]
        member["seats"] += [m.key] if m.key not in member["seats"] else []
    [name] = [e["name"] for e in entries.values() if e["kind"] == 1]
    last = 0
    for e in sorted((entries[n.entry["hash"]] for n in state.counted), key=lambda e: (e.get("number", 0), e["hash"])):
        if e["kind"] == 5 and e["number"] - last <= 1000:
            name, last = e["name"], e["number"]
    return {"members": [{"account": a, **members[a]} for a in sorted(members)], "name": name,
            "digest": o.roster_digest(n.entry["hash"] for n in state.needed)}


@of("rosters.json")
def rosters(run):
    check_keys(run)
    seeds = {key["id"]: raw(key["seed"]) for key in run.data["keys"].values()}

    def entry(row):
        for name, key in (("entry", "device"), ("again", "other")):
            e, fields = o.read_roster_entry(raw(row[name])), row["fields"]
            same_fields(e, fields, "fields", "body", "device", "signature", "hash", "of")
            same([e["hash"], e["of"]], [row["hash"], row["group"]], "hash")
            same(o.seat_id(e["author"], e["seat"]), row["author_seat"], "author's seat")
            if "seat_id" in row:
                same(o.seat_id(e["account"], e["account_seat"]), row["seat_id"], "seat")
            body, device = o.write_roster_body(fields), raw(run.data["keys"][key]["id"])
            same(body, row["body"], "body")
            signature = run.sodium.sign(seeds[device.hex()], "roster/sign", body + device)
            same(o.ROSTER_ENTRY.write({"body": body, "device": device, "signature": signature}), row[name], name)

    def judged(row):
        entries = {e["hash"]: e for e in map(o.read_roster_entry, map(raw, row["entries"]))}
        same_fields(judge_roster(entries), row, row["what"], "what", "entries")
    run.each(run.data["entries"], entry)
    run.each(run.data["refused"], lambda row: refused(row, o.read_roster_entry))
    run.each(run.data["judged"], judged)


# Known answers of others, in primitives/.
@of("blake2b.json", PRIMITIVES)
def blake2b(run):
    run.each(run.data, lambda row: same(
        p.hashlib.blake2b(raw(row["in"]), key=raw(row["key"]), digest_size=len(row["out"]) // 2).digest(), row["out"], "out"))


@of("ed25519_points.json", PRIMITIVES)
def points(run):
    run.each(run.data, lambda row: same(p.is_ed25519(raw(row["point"])), row["kind"] == "good", row["kind"]))


@of("hkdf_sha512.json", PRIMITIVES)
def hkdf(run):
    run.each(run.data, lambda row: same(p.hkdf(row["size"], raw(row["salt"]), raw(row["ikm"]), raw(row["info"])),
                                        row["okm"], "okm"))


@of("labelled.json", PRIMITIVES)
def labelled(run):
    def sign(row):
        digest = p.hashlib.blake2b(p.prefix(row["label"]) + raw(row["message"])).digest()
        same(p.equation_holds(raw(row["id"]), raw(row["signature"]), digest), True, "signature")
        same(run.sodium.ed25519_public(raw(row["seed"])), row["id"], "id")

    def hkdf_end(row):  # of a long one, `out` is only the end
        info = p.prefix(row["label"]) + raw(row["context"])
        same(p.hkdf(row["size"], raw(row["salt"]), raw(row["ikm"]), info)[-(len(row["out"]) // 2):], row["out"], "hkdf")
    checks = {
        "hash": lambda r: same(p.hashlib.blake2b(p.prefix(r["label"]) + raw(r["data"]), key=raw(r["key"]),
                                                 digest_size=len(r["out"]) // 2).digest(), r["out"], "hash"),
        "hkdf": hkdf_end,
        "sign": sign,
        "argon2id": lambda r: same(run.sodium.argon2id(raw(r["passphrase"]), raw(r["salt"]), r["passes"], r["memory"]),
                                   r["out"], "argon2id"),
    }
    run.each(run.data, lambda row: checks[row["kind"]](row))


@of("mlkem_768_keygen.json", PRIMITIVES)
def keygen(run):
    run.each(run.data, lambda row: same(run.sodium.kem_pair(raw(row["seed"]))[0], row["ek"], "ek"))


@of("mlkem_768_encaps.json", PRIMITIVES)
def encaps(run):
    def take(ek):
        p.check_mlkem(o.Fixed(1184).decode(ek))

    def case(row):
        if row["result"] == "invalid":
            wrong_size = len(row["ek"]) != 2 * 1184
            return refused({"what": row["comment"], "reason": "malformed" if wrong_size else "bad_key", "bytes": row["ek"]}, take)
        take(raw(row["ek"]))
        return same(list(run.sodium.encapsulate(raw(row["ek"]), raw(row["m"]))), [row["c"], row["K"]], "c and K")
    run.each(run.data, case)


@of("mlkem_768_decaps.json", PRIMITIVES)
def decaps(run):
    def take(row):
        return run.sodium.decapsulate(o.Fixed(64).decode(raw(row["seed"])), o.Fixed(1088).decode(raw(row["c"])))

    def case(row):
        if row["result"] == "invalid":
            return refused({"what": row["comment"], "reason": "malformed", "bytes": ""}, lambda _: take(row))
        return same(take(row), row["K"], "K")
    run.each(run.data, case)


@of("x25519.json", PRIMITIVES)
def x25519(run):
    """Section 2 refuses more public keys than RFC 7748: those that are not canonical, and those of low order."""
    def take(row):
        p.check_x25519(raw(row["public"]))
        return run.sodium.x25519(raw(row["private"]), raw(row["public"]))

    def case(row):
        if {"NonCanonicalPublic", "LowOrderPublic", "ZeroSharedSecret"} & set(row["flags"]):
            return refused({"what": row["comment"], "reason": "bad_key", "bytes": ""}, lambda _: take(row))
        if raw(row["public"])[31] & 0x80:
            return refused({"what": "bit 255", "reason": "bad_key", "bytes": ""}, lambda _: take(row))
        return same(take(row), row["shared"], "shared")
    run.each(run.data, case)


@of("xchacha20_poly1305.json", PRIMITIVES)
def xchacha(run):
    def case(row):
        sealed = raw(row["ct"] + row["tag"])
        opening = [raw(row["key"]), raw(row["iv"]), raw(row["aad"])]
        if "InvalidNonceSize" in row["flags"]:
            return refused({"what": "nonce", "reason": "malformed", "bytes": row["iv"]}, o.Fixed(24).decode)
        if row["result"] == "invalid":
            return refused({"what": row["comment"], "reason": "cannot_open", "bytes": sealed},
                           lambda data: run.sodium.open(*opening, data))
        same(run.sodium.seal(*opening, raw(row["msg"])), sealed.hex(), "sealed")
        return same(run.sodium.open(*opening, sealed), row["msg"], "opened")
    run.each(run.data, case)


def check_all(sodium, folder, out):
    """Every JSON file of the folder and of primitives/ in it; true where all hold."""
    good = True
    for place, table in ((folder, FILES), (folder / "primitives", PRIMITIVES)):
        there = {f.name for f in place.glob("*.json")}
        for name in sorted(there | table.keys()):
            if name not in there or name not in table:
                print(f"{place / name}: {'not there' if name in table else 'nothing here checks it'}", file=out)
                good = False
                continue
            run = Run(sodium, json.loads((place / name).read_text("utf-8")))
            run.one("the file", lambda: table[name](run))
            run.cases -= 1
            print(f"{(place / name).relative_to(folder)}: {run.cases} cases, {len(run.wrong)} wrong", file=out)
            for line in run.wrong[:10]:
                print("  " + line, file=out)
            good = good and run.cases > 0 and not run.wrong
    return good


def folder():
    return pathlib.Path(__file__).resolve().parent.parent
