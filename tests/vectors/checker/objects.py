"""PROTOCOL.md, sections 3, 4, 6, 7, 9, 10, 14 (plaintext and header), 15 and 19: one description of each object, from which it is
read and written. A value read is a dict under the names of the vectors; a value written may have hexadecimal for bytes."""
from .primitives import (H, Malformed, check_ed25519, check_mlkem, check_x25519, verify)


def raw(value):
    return bytes.fromhex(value) if isinstance(value, str) else value


def plain(value):
    """As in the JSON files: bytes in hexadecimal."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, list) else value


# Section 3.
def length_prefix(n):
    if n < 1 << 6:
        return bytes([n])
    if n < 1 << 14:
        return (n | 1 << 14).to_bytes(2, "big")
    if n < 1 << 30:
        return (n | 2 << 30).to_bytes(4, "big")
    raise ValueError("no form for a vector of 2^30 bytes")


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def left(self):
        return len(self.data) - self.at

    def take(self, n):
        if n > self.left():
            raise Malformed("cut")
        self.at += n
        return self.data[self.at - n:self.at]

    def vector(self, bound):
        first = self.take(1)
        form = first[0] >> 6
        if form == 3:
            raise Malformed("fourth form of a length")
        n = int.from_bytes(first + self.take((1, 2, 4)[form] - 1), "big") & (1 << (6, 14, 30)[form]) - 1
        if form and n < (0, 1 << 6, 1 << 14)[form]:
            raise Malformed("a length that had a shorter form")
        if n > bound:
            raise Malformed("a vector beyond its bound")
        return self.take(n)

    def end(self):
        if self.left():
            raise Malformed("bytes left over")


def text(data):
    """RFC 3629's UTF-8, which is what Python's strict decoder takes, and no zero byte."""
    if 0 in data:
        raise Malformed("a zero byte in a text")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as e:
        raise Malformed("not UTF-8") from e


class Type:
    def decode(self, data):
        reader = Reader(data)
        value = self.read(reader)
        reader.end()
        return value


class Int(Type):
    def __init__(self, size, among=None):
        self.size, self.among = size, among

    def read(self, r):
        n = int.from_bytes(r.take(self.size), "big")
        if self.among and n not in self.among:
            raise Malformed("a number that means nothing")
        return n

    def write(self, v):
        return v.to_bytes(self.size, "big")


class Flag(Type):
    def read(self, r):
        return bool(Int(1, (0, 1)).read(r))

    def write(self, v):
        return bytes([v])


class Fixed(Type):
    def __init__(self, size):
        self.size = size

    def read(self, r):
        return r.take(self.size)

    def write(self, v):
        assert len(raw(v)) == self.size
        return raw(v)


class Vec(Type):
    def __init__(self, bound):
        self.bound = bound

    def read(self, r):
        return r.vector(self.bound)

    def write(self, v):
        return length_prefix(len(raw(v))) + raw(v)


class Text(Vec):
    def read(self, r):
        return text(super().read(r))

    def write(self, v):
        return super().write(v.encode("utf-8"))


class List(Vec):
    def __init__(self, bound, most, item):
        super().__init__(bound)
        self.most, self.item = most, item

    def read(self, r):
        inner, values = Reader(super().read(r)), []
        while inner.left():
            if len(values) == self.most:
                raise Malformed("more values than may be")
            values.append(self.item.read(inner))
        return values

    def write(self, v):
        return super().write(b"".join(self.item.write(x) for x in v))


class Optional(Type):
    def __init__(self, item):
        self.item = item

    def read(self, r):
        return self.item.read(r) if Flag().read(r) else None

    def write(self, v):
        return b"\0" if v is None else b"\1" + self.item.write(v)


class Where(Type):
    """What is read of it has to be so besides."""

    def __init__(self, item, holds, why):
        self.item, self.holds, self.why = item, holds, why

    def read(self, r):
        v = self.item.read(r)
        if not self.holds(v):
            raise Malformed(self.why)
        return v

    def write(self, v):
        return self.item.write(v)


class Struct(Type):
    """Fields in order; `head` is the version and type before them, where there are some. An optional field that is not
    there is not in the dict either."""

    def __init__(self, fields, head=b""):
        self.fields, self.head = fields, head

    def read(self, r):
        if r.take(len(self.head)) != self.head:
            raise Malformed("another version or type")
        values = {name: kind.read(r) for name, kind in self.fields.items()}
        return {name: v for name, v in values.items() if v is not None}

    def write(self, v):
        return self.head + b"".join(kind.write(v.get(name)) for name, kind in self.fields.items())


U8, U16, U32, U64 = Int(1), Int(2), Int(4), Int(8)
B32 = Fixed(32)
TIME = U64

# Section 9.
BUNDLE = Struct({"id": U64, "time": TIME, "dh": B32, "kem": Fixed(1184)})


def check_bundle(bundle):
    check_x25519(bundle["dh"])
    check_mlkem(bundle["kem"])


# Section 7.
GRANT = {"key": B32, "identity": B32, "cosignature": Fixed(64)}
ENTRY_KINDS = {
    1: Struct({"nonce": B32, "recovery": B32, **GRANT}),
    2: Struct({"role": Int(1, (1, 2)), **GRANT}),
    3: Struct(GRANT),
    4: Struct({"key": B32, "keep": List(128, 4, B32)}),
    5: Struct({"blinded": B32}),
    6: Struct({"released": B32}),
}
ENTRY_HEAD = Struct({"kind": Int(1, ENTRY_KINDS), "account": B32, "prev": B32, "signer": B32, "time": TIME}, b"\1\1")
ENTRY = Struct({"body": Vec(1024), "signature": Fixed(64)})


def write_entry_body(fields):
    return ENTRY_HEAD.write(fields) + ENTRY_KINDS[fields["kind"]].write(fields)


def cosigned(fields):
    """What the key that is granted signs: kind ‖ account ‖ prev ‖ signer ‖ the fields behind `time` up to `identity`."""
    behind = ENTRY_KINDS[fields["kind"]].fields
    return b"".join([bytes([fields["kind"]]), *(raw(fields[f]) for f in ("account", "prev", "signer")),
                     *(behind[f].write(fields[f]) for f in behind if f != "cosignature")])


def cosigner(fields):
    return fields["recovery" if fields["kind"] == 1 else "key"]


def parse_entry(data):
    """The fields of a well-formed entry, with `body`, `signature`, `hash` and `of` (the account it belongs to)."""
    if len(data) > 1024:
        raise Malformed("an entry beyond its bound")
    whole = ENTRY.decode(data)
    r = Reader(whole["body"])
    e = ENTRY_HEAD.read(r)
    e |= ENTRY_KINDS[e["kind"]].read(r)
    r.end()
    genesis = e["kind"] == 1
    for name in ("account", "prev"):
        if (e[name] == bytes(32)) != genesis:
            raise Malformed(f"{name}: zero in a genesis, and in nothing else")
    if genesis and (e["signer"] != e["key"] or e["recovery"] == e["key"]):
        raise Malformed("a genesis whose keys contradict each other")
    if e.get("role") == 2 and e["identity"] != bytes(32):
        raise Malformed("a recovery key with an identity key")
    e |= {"body": whole["body"], "signature": whole["signature"], "hash": H(32, "entry/hash", whole["body"])}
    e["of"] = e["hash"] if genesis else e["account"]
    return e


def check_entry_keys(e):
    for name in ("signer", "key", "recovery"):
        if name in e:
            check_ed25519(e[name])
    if e["kind"] == 1 or e.get("role") == 1 or (e["kind"] == 3 and e["identity"] != bytes(32)):
        check_x25519(e["identity"])


def check_entry_signatures(e):
    verify(e["signer"], "entry/sign", e["body"], e["signature"])
    if e["kind"] <= 3:
        verify(cosigner(e), "entry/cosign", cosigned(e), e["cosignature"])


def read_entry(data):
    e = parse_entry(data)
    check_entry_keys(e)
    check_entry_signatures(e)
    return e


def blinded(opening, address):
    return H(32, "claim/blind", opening + address.encode("utf-8"))


def digest(hashes):
    return H(32, "ledger/digest", b"".join(sorted(hashes)))


def thread_of_two(a, b):
    return H(32, "thread/two", min(a, b) + max(a, b))


# Section 19.
RIGHT, ROLE = Int(1, (1, 2)), Int(1, (1, 2))
B16 = Fixed(16)
ROSTER_KINDS = {
    1: Struct({"nonce": B32, "add": RIGHT, "remove": RIGHT, "rename": RIGHT, "post": RIGHT, "name": Text(128), "address": Text(255),
               "members": List(32768, 255, Struct({"account": B32, "address": Text(255)}))}),
    2: Struct({"account": B32, "account_seat": B16, "role": ROLE, "address": Text(255)}),
    4: Struct({"account": B32, "account_seat": B16, "keep": List(128, 4, B32)}),
    5: Struct({"number": U64, "name": Text(128)}),
}
ROSTER_HEAD = Struct({"kind": Int(1, ROSTER_KINDS), "group": B32, "prev": B32, "author": B32, "seat": B16, "time": TIME},
                     b"\1\7")
ROSTER_ENTRY = Struct({"body": Vec(32768), "device": B32, "signature": Fixed(64)})


def seat_id(account, nonce):
    return H(32, "roster/seat", raw(account) + raw(nonce))


def write_roster_body(fields):
    return ROSTER_HEAD.write(fields) + ROSTER_KINDS[fields["kind"]].write(fields)


def read_roster_entry(data):
    """The fields, with `body`, `device`, `signature`, `hash` and `of` (the group it belongs to)."""
    if len(data) > 32768:
        raise Malformed("a roster entry beyond its bound")
    whole = ROSTER_ENTRY.decode(data)
    r = Reader(whole["body"])
    e = ROSTER_HEAD.read(r)
    e |= ROSTER_KINDS[e["kind"]].read(r)
    r.end()
    genesis, nobody = e["kind"] == 1, bytes(32)
    for name in ("group", "prev"):
        if (e[name] == nobody) != genesis:
            raise Malformed(f"{name}: zero in a genesis, and in nothing else")
    if genesis and e["seat"] != e["nonce"][:16]:
        raise Malformed("a seat that is not of the nonce")
    named = [e["author"], *(m["account"] for m in e.get("members", []))]
    if nobody in [*named, e.get("account")] or len(set(named)) < len(named):
        raise Malformed("an account that is none, or is named twice")
    check_ed25519(whole["device"])
    verify(whole["device"], "roster/sign", whole["body"] + whole["device"], whole["signature"])
    e |= whole | {"hash": H(32, "roster/hash", whole["body"])}
    e["of"] = e["hash"] if genesis else e["group"]
    return e


def roster_digest(hashes):
    return H(32, "roster/digest", b"".join(sorted(hashes)))


# Section 10.
ROUTE = Struct({"address": Text(255), "device": Text(255)})
ENTRIES, OPENING = Vec(1024), Struct({"address": Text(255), "opening": B32})
SIGNED = Struct({"body": Vec(65536), "signature": Fixed(64)})
RECORD = Struct({"account": B32, "device": B32, "sequence": U64, "time": TIME, "bundle": BUNDLE,
                 "routes": List(4112, 8, ROUTE), "address": Text(255), "opening": B32,
                 "entries": List(49152, 1280, ENTRIES)}, b"\1\2")
JOIN_RECORD = Struct({"device": B32, "identity": B32, "time": TIME, "bundle": BUNDLE, "route": ROUTE, "commitment": B32},
                     b"\1\3")


def read_record(data, kind):
    label = "record/sign" if kind is RECORD else "join-record/sign"
    whole = SIGNED.decode(data)
    record = kind.decode(whole["body"])
    check_ed25519(record["device"])
    check_bundle(record["bundle"])
    if kind is JOIN_RECORD:
        check_x25519(record["identity"])
    verify(record["device"], label, whole["body"], whole["signature"])
    return record


# Section 14.
HANDSHAKE = Struct({"prekey": U64, "ct": Fixed(1088), "admission": Fixed(16), "sealed": Fixed(120)})
ANSWER = Struct({"id": Fixed(8), "ciphertext": Fixed(1088)})
OFFER = Struct({"id": Fixed(8), "key": Fixed(1184)})
PARTS = (("handshake", HANDSHAKE), ("answer", ANSWER), ("offer", OFFER))
HEADER = Struct({"class": Int(1, range(1, 6)), "ttl": U32, "recipient": Fixed(16), "session": Fixed(16), "ratchet": B32,
                 "pn": U32, "number": U32}, b"\1\4")


def write_header(header):
    parts = [(bit, kind.write(header[name])) for bit, (name, kind) in enumerate(PARTS) if name in header]
    return HEADER.write(header) + bytes([sum(1 << bit for bit, _ in parts)]) + b"".join(p for _, p in parts)


def read_copy(data):
    """header, its bytes, nonce, ciphertext"""
    if len(data) > 65536:
        raise Malformed("a copy beyond its bound")
    r = Reader(data)
    header = HEADER.read(r)
    parts = U8.read(r)
    if parts > 7:
        raise Malformed("parts that nobody knows")
    header |= {name: kind.read(r) for bit, (name, kind) in enumerate(PARTS) if parts >> bit & 1}
    end = r.at
    return header, data[:end], r.take(24), r.take(r.left())


def pad(n):
    if n <= 256:
        return 256
    e = n.bit_length() - 1
    step = 1 << e - e.bit_length()  # floor(log2 e) + 1 is e's length in bits
    return -(-n // step) * step


INTRODUCTION = Struct({"entries": List(61440, 1280, ENTRIES), "openings": List(61440, 64, OPENING),
                       "routes": List(61440, 8, ROUTE), "name": Text(128)})
GOSSIP = Struct({"mine": B32, "yours": B32, "yours_sequence": U64, "features": U64, "counter": U64, "seen": U64,
                 "members": List(10240, 256, Struct({"account": B32, "digest": Fixed(8)})),
                 "personal": Optional(BUNDLE), "introduction": Optional(INTRODUCTION)})
PLAINTEXT = Struct({"gossip": GOSSIP, "hash": B32, "content": Vec(49152)}, b"\1\5")


def write_padded(plaintext):
    vector = Vec(61440).write(PLAINTEXT.write(plaintext))
    return vector.ljust(pad(len(vector)), b"\0")


def read_padded(data):
    r = Reader(data)
    inner = r.vector(61440)
    if len(data) != pad(r.at) or any(r.take(r.left())):
        raise Malformed("padding")
    return PLAINTEXT.decode(inner)


# Section 15.
RANGE = Struct({"start": U32, "length": U32, "style": U8, "argument": Text(2048)})
TEXT = Struct({"text": Text(32768), "ranges": List(8192, 256, RANGE)})
TARGET = Struct({"id": Fixed(16), "hash": B32})
EMOJI = Text(64)
RECEIPT = Struct({"type": Int(1, (1, 2)), "contents": List(16384, 512, B32),
                  "marks": List(20480, 512, Struct({"thread": B32, "lamport": U64}))})
BLOB = Where(Struct({"key": B32, "hash": B32, "size": U64, "locations": List(49152, 8, Text(512)), "inlined": Vec(32768)}),
             lambda b: b["size"] <= 2**40 and len(b["inlined"]) == (0 if b["locations"] else b["size"]),
             "a blob that is too large, or is not in one place, whole")
FILE = Struct({"blob": BLOB, "name": Text(255), "media_type": Text(127), "width": U32, "height": U32, "duration_ms": U32,
               "voice": Flag(), "thumbnail": Vec(8192)})
REGISTER = Struct({"kind": Int(1, range(1, 256)), "subject": Vec(64), "lamport": U64, "device": B32, "value": Vec(8192)})
BODIES = {
    1: TEXT,
    2: Struct({"target": TARGET, "text": TEXT}),
    3: Struct({"target": TARGET}),
    4: Struct({"target": TARGET, "emoji": Where(EMOJI, len, "a reaction without an emoji"), "set": Flag()}),
    5: Where(RECEIPT, lambda v: not v["contents" if v["type"] == 2 else "marks"], "a receipt with the other type's list"),
    6: Struct({"active": Flag()}),
    7: Struct({"caption": TEXT, "files": Where(List(49152, 16, FILE), len, "an attachment without a file")}),
    8: Struct({"question": Text(1024), "options": Where(List(49152, 20, Text(256)), lambda v: len(v) > 1, "no choice"),
               "multiple": Flag()}),
    9: Struct({"target": TARGET, "choices": Where(List(20, 20, Int(1, range(20))), lambda v: v == sorted(set(v)),
                                                  "options that do not rise")}),
    10: Struct({"blob": BLOB, "emoji": EMOJI, "pack": Text(128)}),
    11: Struct({"account": B32, "name": Text(128), "addresses": List(49152, 16, Text(255))}),
    13: Struct({"asks": Flag(), "entries": List(49152, 1280, Vec(32768)), "proofs": List(49152, 1280, ENTRIES)}),
    14: Struct({"state": B32, "asks": Flag(), "registers": List(49152, 1024, REGISTER)}),
    15: Struct({"asked": List(16384, 512, B32), "refused": List(16384, 512, B32), "told": List(49152, 512, Vec(49152))}),
    17: Struct({"envelopes": List(16384, 512, B32), "bundle": BUNDLE}),
    18: Struct({}),
    32: Struct({"account": B32, "digest": B32, "parent": B32, "nonce": B32, "commitment": B32}),
    33: Struct({"nonce": B32}),
    34: Struct({"signature": Fixed(64)}),
    35: Struct({"entries": List(49152, 1280, ENTRIES), "name": Text(128), "openings": List(49152, 64, OPENING)}),
}
REPLY = Struct({"id": Fixed(16), "hash": B32, "author": B32, "excerpt": Text(256)})
PREVIOUS = Struct({"hash": B32, "author": B32})
CONTENT = Struct({"kind": U16, "id": Fixed(16), "thread": B32, "author": B32, "to": List(8192, 256, B32), "time": TIME,
                  "lamport": U64, "from": Text(255), "to_address": Text(255), "previous": List(1024, 16, PREVIOUS),
                  "roster": B32, "expire": U32, "reply": Optional(REPLY), "fallback": Text(2048), "needs": Flag(),
                  "body": Vec(49152)}, b"\1\6")


def write_content(fields):
    kind = BODIES.get(fields["kind"])
    return CONTENT.write(fields | {"body": kind.write(fields["body"]) if kind else raw(fields["body"]["bytes"])})


def read_content(data):
    if len(data) > 49152:
        raise Malformed("a content beyond its bound")
    content = CONTENT.decode(data)
    kind = BODIES.get(content["kind"])
    return content | {"body": kind.decode(content["body"]) if kind else {"bytes": content["body"]}}
