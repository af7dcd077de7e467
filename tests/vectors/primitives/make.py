#!/usr/bin/env python3
"""Writes the vectors of this folder: make.py WYCHEPROOF BLAKE2

WYCHEPROOF and BLAKE2 are clones of github.com/C2SP/wycheproof (Apache-2.0; dac1dd47) and github.com/BLAKE2/BLAKE2
(CC0; ed1974ea). Of their files the cases that this project's interface can be asked are taken as they are, without the
fields that it does not need. labelled.json and ed25519_points.json are computed here, by Python's hashlib, the package
`cryptography`, and the arithmetic of RFC 8032, section 5.1: none of it shares code with libsodium.
"""
import hashlib
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def upstream(clone, path):
    return json.loads(subprocess.check_output(["git", "-C", clone, "show", "HEAD:" + path]))


def cases(clone, name):
    for group in upstream(clone, f"testvectors_v1/{name}_test.json")["testGroups"]:
        for test in group["tests"]:
            yield test


def keep(test, *fields):
    return {f: test.get(f, "") for f in ("tcId", "comment", "result", "flags", *fields)}


def write(name, value):
    with open(os.path.join(HERE, name), "w") as out:
        rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in value)
        out.write("[\n" + rows + "\n]\n")


def first_of_each(tests, group_of, most):
    seen = {}
    for test in tests:
        group = group_of(test)
        seen[group] = seen.get(group, 0) + 1
        if seen[group] <= most:
            yield test


def take_wycheproof(clone):
    write("x25519.json", [keep(t, "public", "private", "shared") for t in cases(clone, "x25519")])
    write("xchacha20_poly1305.json",
          [keep(t, "key", "iv", "aad", "msg", "ct", "tag") for t in cases(clone, "xchacha20_poly1305")])
    # HKDF is only ever called with a label: one byte of length and its text, at the head of the info. These fit that.
    fitting = [t for t in cases(clone, "hkdf_sha512")
               if t["result"] == "valid" and t["info"] and int(t["info"][:2], 16) < len(t["info"]) // 2]
    write("hkdf_sha512.json", [keep(t, "ikm", "salt", "info", "size", "okm") for t in fitting])

    def kind(t):
        return (t["result"], t.get("comment", "").rstrip("0123456789"), tuple(t.get("flags", [])), len(t.get("seed", t.get("ek", ""))))

    decaps = first_of_each(cases(clone, "mlkem_768"), lambda t: kind(t) + (len(t["c"]),), 3)
    write("mlkem_768_decaps.json", [keep(t, "seed", "c", "K") for t in decaps])
    encaps = first_of_each(cases(clone, "mlkem_768_encaps"), lambda t: kind(t)[:1] + kind(t)[2:], 12)
    write("mlkem_768_encaps.json", [keep(t, "ek", "m", "c", "K") for t in encaps])
    keygen = list(cases(clone, "mlkem_768_keygen_seed"))[:8]
    write("mlkem_768_keygen.json", [{"tcId": t["tcId"], "seed": t["seed"], "ek": t["ek"]} for t in keygen])


def take_blake2(clone):
    # Those whose input begins with a zero byte, which is an empty label.
    tests = [t for t in upstream(clone, "testvectors/blake2-kat.json") if t["hash"] == "blake2b" and t["in"][:2] == "00"]
    tests = [t for t in tests if len(t["in"]) // 2 % 16 in (1, 15)]
    write("blake2b.json", [{"in": t["in"], "key": t["key"], "out": t["out"]} for t in tests])


# --- Ed25519, RFC 8032, section 5.1 ---
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)


def root_x(y, sign):
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * I % P
    if (x * x - square) % P:
        return None
    return x if x & 1 == sign or x == 0 else P - x


def add(a, b):
    t = D * a[0] * b[0] * a[1] * b[1] % P
    return ((a[0] * b[1] + a[1] * b[0]) * pow(1 + t, P - 2, P) % P,
            (a[1] * b[1] + a[0] * b[0]) * pow(1 - t, P - 2, P) % P)


def times(n, a):
    r = (0, 1)
    while n:
        if n & 1:
            r = add(r, a)
        a, n = add(a, a), n >> 1
    return r


def encode(a, y=None, sign=None):
    y = a[1] if y is None else y
    return (y | (a[0] & 1 if sign is None else sign) << 255).to_bytes(32, "little").hex()


def torsion():
    y = 2
    while True:  # any point times L lies among the eight; one of order eight makes them all
        x = root_x(y, 0)
        if x is not None:
            t = times(L, (x, y))
            if times(4, t) != (0, 1):
                return [times(i, t) for i in range(8)]
        y += 1


def ed25519_points():
    base = (root_x(4 * pow(5, P - 2, P) % P, 0), 4 * pow(5, P - 2, P) % P)
    eight = torsion()
    assert len(set(eight)) == 8 and times(8, eight[1]) == (0, 1) and times(L, base) == (0, 1)
    rows = [{"kind": "torsion", "point": encode(t)} for t in eight]
    # Encodings that a careless decoder takes for a point: y not below p, and x = 0 with a sign.
    for y in range(P, 2**255):
        for sign in (0, 1):
            rows.append({"kind": "not canonical", "point": encode((0, 0), y, sign)})
    rows += [{"kind": "not canonical", "point": encode((0, 0), y, 1)} for y in (1, P - 1)]
    for n in (1, 2, 12345, int.from_bytes(hashlib.sha256(b"mixed").digest(), "little") % L):
        a = times(n, base)
        rows.append({"kind": "good", "point": encode(a)})
        rows += [{"kind": "mixed order", "point": encode(add(a, t))} for t in eight[1:]]
    off = [y for y in range(2, 60) if root_x(y, 0) is None][:8]
    rows += [{"kind": "not on the curve", "point": encode((0, 0), y, 0)} for y in off]
    write("ed25519_points.json", rows)


def labelled():
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    rows = []
    for label, key, data, size in [("budstikke/1/test/hash", b"", b"", 32), ("budstikke/1/test/hash", b"", b"abc", 32),
                                   ("budstikke/1/test/mac", bytes(range(32)), b"abc" * 100, 16),
                                   ("x" * 255, bytes(64), b"\xff" * 129, 64)]:
        head = bytes([len(label)]) + label.encode()
        out = hashlib.blake2b(head + data, digest_size=size, key=key).hexdigest()
        rows.append({"kind": "hash", "label": label, "key": key.hex(), "data": data.hex(), "out": out})
    for label, salt, ikm, context, size in [("budstikke/1/test/kdf", b"", b"k" * 32, b"", 32),
                                            ("budstikke/1/test/kdf", b"salt", b"k" * 96, b"context", 64),
                                            ("budstikke/1/test/kdf", bytes(200), b"", bytes(300), 255 * 64)]:
        info = bytes([len(label)]) + label.encode() + context
        out = HKDF(hashes.SHA512(), size, salt, info).derive(ikm)
        if size > 1000:
            out = out[-64:]  # of that long one, its end
        rows.append({"kind": "hkdf", "label": label, "salt": salt.hex(), "ikm": ikm.hex(), "context": context.hex(),
                     "size": size, "out": out.hex()})
    for seed, label, message in [(bytes(32), "budstikke/1/test/sign", b""), (bytes(range(32)), "budstikke/1/test/sign", b"abc"),
                                 (b"\xff" * 32, "s", b"m" * 1000)]:
        key = Ed25519PrivateKey.from_private_bytes(seed)
        digest = hashlib.blake2b(bytes([len(label)]) + label.encode() + message, digest_size=64).digest()
        rows.append({"kind": "sign", "seed": seed.hex(), "label": label, "message": message.hex(),
                     "id": key.public_key().public_bytes_raw().hex(), "signature": key.sign(digest).hex()})
    for passphrase, salt, passes, kib in [(b"correct horse", bytes(range(16)), 1, 8), (b"", bytes(16), 3, 64),
                                          (b"\x00\xff" * 200, b"saltsaltsaltsalt", 2, 1024)]:
        out = Argon2id(salt=salt, length=32, iterations=passes, lanes=1, memory_cost=kib).derive(passphrase)
        rows.append({"kind": "argon2id", "passphrase": passphrase.hex(), "salt": salt.hex(), "passes": passes,
                     "memory": kib * 1024, "out": out.hex()})
    write("labelled.json", rows)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    take_wycheproof(sys.argv[1])
    take_blake2(sys.argv[2])
    ed25519_points()
    labelled()
