"""PROTOCOL.md, sections 11 (what is hashed), 12 and 13. Sealing is handed its randomness and also returns every value between,
under the names of the vectors; time, where it only lets more happen or keeps less, is left to the caller."""
import copy as copying
from dataclasses import dataclass, field

from .objects import (BUNDLE, check_bundle, read_copy, write_header)
from .primitives import (KDF, CannotOpen, H, Refused, check_ed25519, check_mlkem, check_x25519)

HIGHEST_NUMBER = 2**62
MOST_SKIPPED = 2000


def recipient_tag(device):
    return H(16, "copy/recipient", device)


def kem_id(key):
    return H(32, "ratchet/kem-id", key)[:8]


def admission_tag(t0, key=None):
    return H(16, "handshake/admission", t0, key) if key else bytes(16)


# Section 11.
def commitment(device, identity, nonce):
    return H(32, "join/commit", device + identity + nonce)


def code(hashed):
    return f"{int.from_bytes(hashed[:8], 'big') % 1_000_000:06}"


# Section 12.
@dataclass
class Device:
    """What a device knows of itself; of a peer, or without a prekey, the private halves are not there."""
    account: bytes
    device: bytes
    identity: bytes
    identity_secret: bytes = None
    prekeys: dict = field(default_factory=dict)  # id: (bundle as encoded, dh secret, KEM seed)


def derive(b, bundle, ephemeral, ct, dh1, dh2, ss):
    """T0, and the key and nonce under which A's identity is sealed: all that can be had before A is known."""
    t0 = H(64, "handshake/T0", b.account + b.device + b.identity + bundle + ephemeral + ct)
    keys = KDF(56, b"", dh1 + dh2 + ss, "handshake/identity", t0)
    return t0, keys[:32], keys[32:]


def finish(t0, sealed, identity, dh1, dh2, dh3, ss):
    t = H(64, "handshake/T", t0 + sealed + identity)
    keys = KDF(64, b"", dh1 + dh2 + dh3 + ss, "handshake/root", t)
    return t, keys[:32], keys[32:]


def begin(sodium, a, b, bundle, number, ephemeral_private, encapsulation, admission_key=None):
    """A's side: the values between, and A's session."""
    check_bundle(bundle)
    encoded = BUNDLE.write(bundle)
    ephemeral = sodium.x25519_public(ephemeral_private)
    ct, ss = sodium.encapsulate(bundle["kem"], encapsulation)
    dh1, dh2 = sodium.x25519(ephemeral_private, b.identity), sodium.x25519(ephemeral_private, bundle["dh"])
    dh3 = sodium.x25519(a.identity_secret, bundle["dh"])
    t0, key, nonce = derive(b, encoded, ephemeral, ct, dh1, dh2, ss)
    identity = a.account + a.device + a.identity + number.to_bytes(8, "big")
    sealed = sodium.seal(key, nonce, t0, identity)
    t, root, chain = finish(t0, sealed, identity, dh1, dh2, dh3, ss)
    values = {"ephemeral": ephemeral, "ct": ct, "ss": ss, "dh1": dh1, "dh2": dh2, "dh3": dh3, "t0": t0,
              "identity_key": key, "identity_nonce": nonce, "identity": identity, "sealed": sealed, "t": t, "root": root,
              "chain": chain, "session": t0[:16], "admission": admission_tag(t0, admission_key)}
    handshake = {"prekey": bundle["id"], "ct": ct, "admission": values["admission"], "sealed": sealed}
    session = Session(sodium, t, t0[:16], a.device, b.device, root, handshake=handshake,
                      sending=Sending(ephemeral_private, ephemeral, chain))
    return values, session


def accept(sodium, b, copy):
    """B's side: who A says it is (account, device, identity key, number), and the session, which counts only if the copy that
    carried the handshake opens in it."""
    header = read_copy(copy)[0]
    handshake = header.get("handshake")
    if handshake is None or handshake["prekey"] not in b.prekeys:
        raise CannotOpen("no handshake, or its prekey is not there")
    encoded, dh_secret, kem_seed = b.prekeys[handshake["prekey"]]
    ephemeral, ct = header["ratchet"], handshake["ct"]
    check_x25519(ephemeral)
    dh1, dh2 = sodium.x25519(b.identity_secret, ephemeral), sodium.x25519(dh_secret, ephemeral)
    ss = sodium.decapsulate(kem_seed, ct)
    t0, key, nonce = derive(b, encoded, ephemeral, ct, dh1, dh2, ss)
    if header["session"] != t0[:16]:
        raise CannotOpen("the session id is not T0's")
    identity = sodium.open(key, nonce, t0, handshake["sealed"])
    a = Device(identity[:32], identity[32:64], identity[64:96])
    number = int.from_bytes(identity[96:], "big")
    check_ed25519(a.device)
    check_x25519(a.identity)
    if number > HIGHEST_NUMBER or a.device == b.device:
        raise CannotOpen("a number too high, or a handshake of one's own")
    t, root, chain = finish(t0, handshake["sealed"], identity, dh1, dh2, sodium.x25519(dh_secret, a.identity), ss)
    session = Session(sodium, t, t0[:16], b.device, a.device, root, receiving=Receiving(ephemeral, chain), step_due=True)
    return a, number, session


# Section 13.
@dataclass
class Sending:
    private: bytes
    public: bytes
    chain: bytes
    number: int = 0
    previous: int = 0  # PN
    answer: dict = None
    offer: dict = None


@dataclass
class Receiving:
    public: bytes
    chain: bytes
    number: int = 0


@dataclass
class Session:
    sodium: object
    t: bytes
    id: bytes
    own: bytes
    peer: bytes
    root: bytes
    sending: Sending = None
    receiving: Receiving = None
    handshake: dict = None  # repeated until it is answered
    step_due: bool = False
    skipped: dict = field(default_factory=dict)  # (ratchet key, number): message key
    offers: dict = field(default_factory=dict)   # id: seed, own ones that wait
    peer_offer: dict = None

    def chain_step(self, chain):
        """13.2; Sending or Receiving: the message key."""
        both = H(64, "ratchet/chain", b"", chain.chain)
        chain.chain, chain.number = both[:32], chain.number + 1
        return both[32:]

    def root_step(self, private, public, secret):
        dh = self.sodium.x25519(private, public)
        keys = KDF(64, self.root, dh + secret, "ratchet/step", self.t)
        values = {"dh": dh, "input": dh + secret, "root_before": self.root, "root": keys[:32], "chain": keys[32:]}
        self.root = keys[:32]
        return values

    # 13.3
    def seal(self, padded, nonce, ratchet_private=None, encapsulation=None, offered_seed=None):
        values = {}
        if self.step_due:
            values["root_step"] = self.new_sending_chain(ratchet_private, encapsulation, offered_seed)
        chain = self.sending
        header = {"class": 1, "ttl": 0, "recipient": recipient_tag(self.peer), "session": self.id, "ratchet": chain.public,
                  "pn": chain.previous, "number": chain.number}
        header |= {name: part for name, part in (("handshake", self.handshake), ("answer", chain.answer),
                                                 ("offer", chain.offer)) if part}
        before, message_key = chain.chain, self.chain_step(chain)
        encoded = write_header(header)
        ad = encoded + self.t
        copy = encoded + nonce + self.sodium.seal(message_key, nonce, ad, padded)
        return values | {"chain_key": before, "next_chain_key": chain.chain, "message_key": message_key, "header": header,
                         "header_bytes": encoded, "nonce": nonce, "ad": ad, "copy": copy}

    def new_sending_chain(self, private, encapsulation, offered_seed):
        values = {"ratchet_private": private, "peer_ratchet": self.receiving.public}
        answer, secret = None, b""
        if self.peer_offer:
            ciphertext, secret = self.sodium.encapsulate(self.peer_offer["key"], encapsulation)
            answer = {"id": self.peer_offer["id"], "ciphertext": ciphertext}
            values |= {"encapsulation": encapsulation, "kem_secret": secret}
            self.peer_offer = None
        step = self.root_step(private, self.receiving.public, secret)
        offer = None
        if offered_seed:
            if self.offers or self.handshake:
                raise ValueError("an offer while one waits, or before the handshake is answered")
            key = self.sodium.kem_pair(offered_seed)[0]
            offer = {"id": kem_id(key), "key": key}
            self.offers[offer["id"]] = offered_seed
            values["offered_seed"] = offered_seed
        previous = self.sending.number if self.sending else 0
        self.sending = Sending(private, self.sodium.x25519_public(private), step["chain"], 0, previous, answer, offer)
        self.step_due = False
        return values | step

    # 13.4
    def open(self, copy):
        """The padded plaintext; where it raises Refused, nothing has changed."""
        header, encoded, nonce, ciphertext = read_copy(copy)
        if header["recipient"] != recipient_tag(self.own) or header["session"] != self.id:
            raise CannotOpen("another's")
        trial = copying.copy(self)
        for name in ("receiving", "skipped", "offers"):
            setattr(trial, name, copying.copy(getattr(self, name)))
        key = trial.message_key(header)
        padded = self.sodium.open(key, nonce, encoded + self.t, ciphertext)
        self.__dict__.update(trial.__dict__)
        return padded

    def message_key(self, header):
        name = (header["ratchet"], header["number"])
        if name in self.skipped:
            return self.skipped.pop(name)
        if self.receiving is None or header["ratchet"] != self.receiving.public:
            stepped = self.new_receiving_chain(header)
        elif header["number"] < self.receiving.number:
            raise CannotOpen("a number of the past")
        else:
            stepped = 0
        self.step_over(header["number"], stepped)
        return self.chain_step(self.receiving)

    def new_receiving_chain(self, header):
        if self.step_due:
            raise CannotOpen("a chain before this end has sent since the last began")
        check_x25519(header["ratchet"])
        secret = b""
        if "answer" in header:
            if header["answer"]["id"] not in self.offers:
                raise CannotOpen("an answer to no offer that waits")
            secret = self.sodium.decapsulate(self.offers.pop(header["answer"]["id"]), header["answer"]["ciphertext"])
        stepped = self.step_over(header["pn"], 0) if self.receiving else 0
        step = self.root_step(self.sending.private, header["ratchet"], secret)
        self.receiving = Receiving(header["ratchet"], step["chain"])
        self.step_due, self.handshake = True, None
        offer = header.get("offer")
        if offer and offer["id"] == kem_id(offer["key"]):
            try:
                check_mlkem(offer["key"])
                self.peer_offer = offer
            except Refused:
                pass  # the copy is taken, its offer is not
        return stepped

    def step_over(self, number, already):
        n = max(0, number - self.receiving.number)
        if n + already > MOST_SKIPPED:
            raise CannotOpen("too many keys to step over")
        for _ in range(n):
            at = self.receiving.number
            self.skipped[self.receiving.public, at] = self.chain_step(self.receiving)
        return n + already
