#!/usr/bin/env python3
"""check.py --open on a spool batch that this folder's code has sealed: what it opens, and what it must not.

  spool_test.py LIBSODIUM.so"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).resolve().parent.parent / "check.py"
sys.path.insert(0, str(CHECK.parent))
from checker import objects as o  # noqa: E402
from checker.primitives import H, Sodium  # noqa: E402
from checker.sessions import Device, begin  # noqa: E402

SODIUM = sys.argv.pop(1)


def entry(sodium, seed, cosigner_seed=None, **fields):
    if cosigner_seed:
        fields["cosignature"] = sodium.sign(cosigner_seed, "entry/cosign", o.cosigned(fields))
    body = o.write_entry_body(fields)
    return o.ENTRY.write({"body": body, "signature": sodium.sign(seed, "entry/sign", body)})


class Peers:
    """Alice's account of one device that writes, and Bob's device, that reads."""

    def __init__(self):
        self.sodium = sodium = Sodium(SODIUM)
        self.seed, self.recovery_seed, bob_seed = (os.urandom(32) for _ in range(3))
        secret, bob_secret, dh = (os.urandom(32) for _ in range(3))
        self.identity = sodium.x25519_public(secret)
        key = sodium.ed25519_public(self.seed)
        self.genesis = entry(sodium, self.seed, self.recovery_seed, kind=1, account=bytes(32), prev=bytes(32), signer=key,
                             time=1, nonce=os.urandom(32), key=key, recovery=sodium.ed25519_public(self.recovery_seed),
                             identity=self.identity)
        self.account = o.read_entry(self.genesis)["hash"]
        self.alice = Device(self.account, key, self.identity, secret)
        self.bob = Device(os.urandom(32), sodium.ed25519_public(bob_seed), sodium.x25519_public(bob_secret))
        kem_seed = os.urandom(64)
        self.bundle = {"id": 7, "time": 1, "dh": sodium.x25519_public(dh), "kem": sodium.kem_pair(kem_seed)[0]}
        self.keys = {"account": self.bob.account.hex(), "device": self.bob.device.hex(), "identity_secret": bob_secret.hex(),
                     "identity_public": self.bob.identity.hex(),
                     "prekeys": [{"bundle": o.BUNDLE.write(self.bundle).hex(), "dh_secret": dh.hex(),
                                  "kem_seed": kem_seed.hex()}]}
        self.session = begin(sodium, self.alice, self.bob, self.bundle, 5, os.urandom(32), os.urandom(32))[1]

    def revoke_of_alice(self):
        recovery = self.sodium.ed25519_public(self.recovery_seed)
        return entry(self.sodium, self.recovery_seed, kind=4, account=self.account, prev=self.account, signer=recovery, time=2,
                     key=self.alice.device, keep=[])

    def copy(self, text, lamport, entries=None, needed=(), hash_of=None):
        content = o.write_content({
            "kind": 1, "id": os.urandom(16), "thread": o.thread_of_two(self.account, self.bob.account), "author": self.account,
            "to": [self.bob.account], "time": 3, "lamport": lamport, "from": "", "to_address": "", "previous": [],
            "roster": bytes(32), "expire": 0, "fallback": "", "needs": False, "body": {"text": text, "ranges": []}})
        gossip = {"mine": o.digest(needed), "yours": bytes(32), "yours_sequence": 0, "features": 0, "counter": 1, "seen": 0,
                  "members": [], "introduction": {"entries": entries or [self.genesis], "openings": [], "routes": [],
                                                  "name": "A"}}
        padded = o.write_padded({"gossip": gossip, "hash": H(32, "content/hash", hash_of or content), "content": content})
        return self.session.seal(padded, os.urandom(24))["copy"]

    def check(self, *copies):
        batch = b"BUDSPOOL1\n" + len(copies).to_bytes(4, "big") + b"".join(len(c).to_bytes(4, "big") + c for c in copies)
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("keys.json", "batch")]
            pathlib.Path(paths[0]).write_text(json.dumps(self.keys), "utf-8")
            pathlib.Path(paths[1]).write_bytes(batch)
            run = subprocess.run([sys.executable, "-B", CHECK, "--sodium", SODIUM, "--open", *paths], capture_output=True,
                                 encoding="utf-8", env=os.environ | {"PYTHONUTF8": "1"}, check=False)
        return run.returncode, [json.loads(line) for line in run.stdout.splitlines()], run.stderr


class Open(unittest.TestCase):
    def setUp(self):
        self.peers = Peers()

    def refuses(self, why, *copies):
        code, lines, told = self.peers.check(*copies)
        self.assertEqual((code, lines), (1, []))
        self.assertIn(why, told)

    def test_texts_in_any_order(self):
        first, second = self.peers.copy("hei", 1), self.peers.copy("på deg 🔥", 2)
        author = self.peers.account.hex()
        self.assertEqual(self.peers.check(second, first)[:2], (0, [{"author": author, "text": "på deg 🔥", "lamport": 2},
                                                                   {"author": author, "text": "hei", "lamport": 1}]))

    def test_a_copy_of_another_device_is_passed_over(self):
        other = Peers().copy("not for Bob", 1)
        self.refuses("for another device", other)
        self.assertEqual(len(self.peers.check(other, self.peers.copy("hei", 1))[1]), 1)

    def test_a_flipped_bit(self):
        copy = bytearray(self.peers.copy("hei", 1))
        copy[-1] ^= 1
        self.refuses("AEAD", bytes(copy))

    def test_a_revoked_device(self):
        revoke = self.peers.revoke_of_alice()
        needed = [o.read_entry(revoke)["hash"]]
        self.refuses("not active", self.peers.copy("hei", 1, [self.peers.genesis, revoke], needed))

    def test_a_ledger_that_is_not_mine(self):
        self.refuses("`mine`", self.peers.copy("hei", 1, needed=[bytes(32)]))

    def test_an_entry_with_a_bad_signature(self):
        genesis = self.peers.genesis
        self.refuses("entry/sign", self.peers.copy("hei", 1, [genesis[:-1] + bytes([genesis[-1] ^ 1])]))

    def test_a_content_with_another_hash(self):
        self.refuses("hash", self.peers.copy("hei", 1, hash_of=b"another"))


if __name__ == "__main__":
    unittest.main()
