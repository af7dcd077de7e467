"""PROTOCOL.md, section 2. BLAKE2b, HKDF and all arithmetic on points of edwards25519 are Python's; X25519, XChaCha20-
Poly1305, ML-KEM-768 and the making of signatures are libsodium's, by ctypes."""
import ctypes
import hashlib
import hmac


class Refused(Exception):
    """What must not be taken; `reason` is one of README.md's."""
    reason = "malformed"


class Malformed(Refused):
    pass


class BadKey(Refused):
    reason = "bad_key"


class BadSignature(Refused):
    reason = "bad_signature"


class CannotOpen(Refused):
    reason = "cannot_open"


# Labels.
def prefix(label):
    return bytes([len(label)]) + label.encode("ascii")


def H(size, label, message, key=b""):
    return hashlib.blake2b(prefix("budstikke/1/" + label) + message, digest_size=size, key=key).digest()


def hkdf(size, salt, material, info):
    extracted = hmac.digest(salt or bytes(64), material, "sha512")
    out = block = b""
    while len(out) < size:
        block = hmac.digest(extracted, block + info + bytes([len(out) // 64 + 1]), "sha512")
        out += block
    return out[:size]


def KDF(size, salt, material, label, context):
    return hkdf(size, salt, material, prefix("budstikke/1/" + label) + context)


# edwards25519 (RFC 8032, section 5.1), in extended coordinates: X, Y, Z, T = X*Y/Z.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
IDENTITY = (0, 1, 1, 0)


def add(a, b):
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    x, t, z, y = f - e, h - g, h + g, f + e
    return x * t % P, z * y % P, t * z % P, x * y % P


def multiply(n, point):
    out = IDENTITY
    while n:
        if n & 1:
            out = add(out, point)
        point = add(point, point)
        n >>= 1
    return out


def encode(point):
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode(data):
    """The point, or None where the bytes are no point's canonical encoding."""
    n = int.from_bytes(data, "little")
    y, sign = n & (1 << 255) - 1, n >> 255
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def is_ed25519(key):
    point = decode(key)
    return point is not None and encode(point) != encode(IDENTITY) and encode(multiply(ORDER, point)) == encode(IDENTITY)


def equation_holds(key, signature, message):
    """Section 2's rule for a signature, without that for the key: also true of a key of mixed order."""
    a, r, s = decode(key), decode(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER or encode(multiply(8, r)) == encode(IDENTITY):
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    return encode(multiply(s, BASE)) == encode(add(r, multiply(h, a)))


def check_ed25519(key):
    if not is_ed25519(key):
        raise BadKey("Ed25519")


def verify(key, label, message, signature):
    if not equation_holds(key, signature, H(64, label, message)):
        raise BadSignature(label)


# Keys of the other two kinds.
LOW_ORDER = {0, 1, P - 1,
             int.from_bytes(bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"), "little"),
             int.from_bytes(bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"), "little")}


def check_x25519(key):
    n = int.from_bytes(key, "little")
    if n >= P or n in LOW_ORDER:
        raise BadKey("X25519")


def check_mlkem(key):
    packed = int.from_bytes(key[:1152], "little")
    if any((packed >> 12 * i & 0xFFF) >= 3329 for i in range(768)):
        raise BadKey("ML-KEM-768")


def exact(*parts):
    """libsodium trusts its callers with sizes."""
    for size, data in parts:
        if not isinstance(data, bytes) or len(data) != size:
            raise ValueError(f"not {size} bytes")


class Sodium:
    def __init__(self, path):
        self.lib = ctypes.CDLL(path)
        if self.lib.sodium_init() < 0:
            raise OSError("sodium_init")

    def _call(self, name, *arguments):
        return getattr(self.lib, name)(*arguments) == 0

    def x25519(self, private, public):
        exact((32, private), (32, public))
        out = ctypes.create_string_buffer(32)
        self._call("crypto_scalarmult_curve25519", out, private, public)  # false too where the result is zero
        if out.raw == bytes(32):
            raise BadKey("an agreement of zero")
        return out.raw

    def x25519_public(self, private):
        exact((32, private))
        out = ctypes.create_string_buffer(32)
        self._call("crypto_scalarmult_curve25519_base", out, private)
        return out.raw

    def ed25519_public(self, seed):
        exact((32, seed))
        public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
        self._call("crypto_sign_ed25519_seed_keypair", public, secret, seed)
        return public.raw

    def sign(self, seed, label, message):
        exact((32, seed))
        public, secret, out = (ctypes.create_string_buffer(n) for n in (32, 64, 64))
        self._call("crypto_sign_ed25519_seed_keypair", public, secret, seed)
        self._call("crypto_sign_ed25519_detached", out, None, H(64, label, message), ctypes.c_ulonglong(64), secret)
        return out.raw

    def seal(self, key, nonce, ad, message):
        exact((32, key), (24, nonce))
        out = ctypes.create_string_buffer(len(message) + 16)
        self._call("crypto_aead_xchacha20poly1305_ietf_encrypt", out, None, message, ctypes.c_ulonglong(len(message)),
                   ad, ctypes.c_ulonglong(len(ad)), None, nonce, key)
        return out.raw

    def open(self, key, nonce, ad, sealed):
        exact((32, key), (24, nonce))
        if len(sealed) < 16:
            raise CannotOpen("shorter than a tag")
        out = ctypes.create_string_buffer(max(1, len(sealed) - 16))
        if not self._call("crypto_aead_xchacha20poly1305_ietf_decrypt", out, None, None, sealed,
                          ctypes.c_ulonglong(len(sealed)), ad, ctypes.c_ulonglong(len(ad)), nonce, key):
            raise CannotOpen("AEAD")
        return out.raw[:len(sealed) - 16]

    def kem_pair(self, seed):
        exact((64, seed))
        public, secret = ctypes.create_string_buffer(1184), ctypes.create_string_buffer(2400)
        self._call("crypto_kem_mlkem768_seed_keypair", public, secret, seed)
        return public.raw, secret.raw

    def encapsulate(self, public, m):
        exact((1184, public), (32, m))
        ciphertext, secret = ctypes.create_string_buffer(1088), ctypes.create_string_buffer(32)
        if not self._call("crypto_kem_mlkem768_enc_deterministic", ciphertext, secret, public, m):
            raise BadKey("ML-KEM-768")
        return ciphertext.raw, secret.raw

    def decapsulate(self, seed, ciphertext):
        exact((64, seed), (1088, ciphertext))
        out = ctypes.create_string_buffer(32)
        self._call("crypto_kem_mlkem768_dec", out, ciphertext, self.kem_pair(seed)[1])
        return out.raw

    def argon2id(self, passphrase, salt, passes, memory):
        exact((16, salt))
        out = ctypes.create_string_buffer(32)
        if not self._call("crypto_pwhash", out, ctypes.c_ulonglong(32), passphrase, ctypes.c_ulonglong(len(passphrase)), salt,
                          ctypes.c_ulonglong(passes), ctypes.c_size_t(memory), ctypes.c_int(2)):
            raise OSError("crypto_pwhash")
        return out.raw
