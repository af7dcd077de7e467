"""Opens first copies (PROTOCOL.md, sections 12 to 15) that a real daemon left, with the private keys of the device they are for.
The file is a copy, or a batch of the spool bridge (bridges/spool/README.md)."""
import json
import sys

from . import objects as o
from .ledger import Ledger
from .primitives import CannotOpen, H, Malformed, Refused
from .sessions import Device, accept, recipient_tag

TEXT, JOIN_OFFER = 1, 32
MAGIC = b"BUDSPOOL1\n"


def copies_in(data):
    if not data.startswith(MAGIC):
        return [data]
    r = o.Reader(data[len(MAGIC):])
    count = o.U32.read(r)
    if not 1 <= count <= 100:
        raise Malformed("a batch of too few or too many")
    copies = []
    for _ in range(count):
        size = o.U32.read(r)
        if not 1 <= size <= 65536:
            raise Malformed("a copy of no size")
        copies.append(r.take(size))
    r.end()
    return copies


def device_of(sodium, keys):
    """From KEYS.json: account (zero while joining), device, identity_secret, identity_public, and prekeys of bundle, dh_secret
    and kem_seed, all in hexadecimal."""
    prekeys = {}
    for k in keys["prekeys"]:
        encoded, dh_secret, seed = (bytes.fromhex(k[n]) for n in ("bundle", "dh_secret", "kem_seed"))
        bundle = o.BUNDLE.decode(encoded)
        o.check_bundle(bundle)
        if bundle["dh"] != sodium.x25519_public(dh_secret) or bundle["kem"] != sodium.kem_pair(seed)[0]:
            raise ValueError("a prekey's private half is another's")
        prekeys[bundle["id"]] = (encoded, dh_secret, seed)
    me = Device(*(bytes.fromhex(keys[n]) for n in ("account", "device", "identity_public", "identity_secret")), prekeys)
    if sodium.x25519_public(me.identity_secret) != me.identity:
        raise ValueError("the identity key's private half is another's")
    return me


def check_membership(gossip, peer, content, joining):
    """Section 12: A's device is listed with just its identity key. The ledger is that of the introduction; a device that joins
    is told of it only in the welcome, and takes an offer of the account that it names."""
    introduction = gossip.get("introduction", {"entries": [], "openings": []})
    entries = [o.read_entry(e) for e in introduction["entries"]]
    if joining and not entries:
        if content["kind"] != JOIN_OFFER or content["body"]["account"] != peer.account:
            raise CannotOpen("no ledger, and no offer to join the sender's account")
        return
    if any(e["of"] != peer.account for e in entries) or not any(e["kind"] == 1 for e in entries):
        raise CannotOpen("the introduction's entries are not the sender's account from its genesis")
    ledger = Ledger(entries)
    if gossip["mine"] != o.digest(n.entry["hash"] for n in ledger.needed):
        raise CannotOpen("the introduction's ledger is not the one that `mine` is the digest of")
    genesis = next(e for e in entries if e["kind"] == 1)
    up = {(m.key, (m.grant.entry if m.grant else genesis)["identity"]) for m in ledger.up}
    if peer.device not in ledger.active or (peer.device, peer.identity) not in up:
        raise CannotOpen("the sender's device is not active with this identity key")
    for opening in introduction["openings"]:
        if o.blinded(opening["opening"], opening["address"]) not in ledger.claims:
            raise CannotOpen("an opening of no claim of the ledger")  # a receiver would leave it out: nobody should send it


def check_text(content, me, peer):
    """Section 15: the thread of the author's account and the other one, which `to` names."""
    other = content["to"][0] if len(content["to"]) == 1 else None
    if other is None or content["thread"] != o.thread_of_two(peer.account, other) or me.account not in (peer.account, other):
        raise CannotOpen("a text of another thread than that of its two accounts")
    if not 1 <= content["lamport"] <= 2**62:
        raise CannotOpen("lamport")


def open_content(padded, me, peer):
    plaintext = o.read_padded(padded)
    if H(32, "content/hash", plaintext["content"]) != plaintext["hash"]:
        raise CannotOpen("a content whose hash is not the one beside it")
    content = o.read_content(plaintext["content"])
    check_membership(plaintext["gossip"], peer, content, me.account == bytes(32))
    if "personal" in plaintext["gossip"]:
        o.check_bundle(plaintext["gossip"]["personal"])
    if content["author"] != peer.account:
        raise CannotOpen("`author` is not the session's account")
    if content["kind"] == TEXT:
        check_text(content, me, peer)
    return content


def open_files(sodium, keys_path, paths):
    """True where something opened. Texts go to standard output, what else there was to standard error."""
    with open(keys_path, encoding="utf-8") as f:
        me = device_of(sodium, json.load(f))
    sessions, opened = {}, 0
    for path in paths:
        with open(path, "rb") as f:
            data = f.read()
        for number, copy in enumerate(copies_in(data), 1):
            try:
                header = o.read_copy(copy)[0]
                if header["recipient"] != recipient_tag(me.device):
                    raise CannotOpen("for another device")
                peer, session = sessions.get(header["session"]) or accept(sodium, me, copy)[::2]
                content = open_content(session.open(copy), me, peer)
            except Refused as e:
                print(f"{path}, copy {number}: not opened: {e}", file=sys.stderr)
                continue
            sessions[header["session"]] = (peer, session)
            opened += 1
            author = content["author"].hex()
            if content["kind"] == TEXT:
                line = {"author": author, "text": content["body"]["text"], "lamport": content["lamport"]}
                print(json.dumps(line, ensure_ascii=False))
            else:
                print(f"{path}, copy {number}: a content of kind {content['kind']} by {author}", file=sys.stderr)
    return opened > 0
