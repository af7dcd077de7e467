// Two devices with keys from a seed, and what tests of a session between them need.
#pragma once

#include "core/session/handshake.h"
#include "core/session/ratchet.h"
#include "support/wire_samples.h"

namespace bud::test {

constexpr Time noon{1'750'000'000'000};

struct PairDevice {
  AccountId account;
  crypto::SigningKey signing;
  crypto::DhKey identity;
  core::Prekey prekey;

  explicit PairDevice(Random& random)
      : account(random_fixed<AccountId>(random)),
        signing(crypto::SigningKey::generate(random)),
        identity(crypto::DhKey::generate(random)),
        prekey(core::Prekey::generate(noon, random)) {}
  core::OwnDevice own() const { return {account, signing.id(), identity}; }
  core::PeerDevice peer() const { return {account, signing.id(), identity.public_key(), prekey.bundle}; }
};

// As a row of the store would bring it back: every test that goes through here tests the row too.
inline core::Session stored(const core::Session& session) {
  return std::move(*core::decode_session(core::encode(session).expose()));
}
inline Bytes row(const core::Session& session) {
  const crypto::SecretBytes s = core::encode(session);
  return Bytes(s.expose().begin(), s.expose().end());
}

inline Bytes seal_text(core::Session& session, std::string_view text, Random& random, Time now = noon,
                       const core::RatchetBounds& bounds = {}) {
  return std::move(*core::seal(session, {wire::MessageClass::normal, 0, {}, now}, as_bytes(text), random, bounds));
}

// nullopt where it does not open; the session is then as it was, or the text says otherwise.
inline std::optional<std::string> open_text(core::Session& session, ByteView copy, Time now = noon,
                                            const core::RatchetBounds& bounds = {}) {
  const Bytes before = row(session);
  Result<wire::CopyView> view = wire::decode_copy(copy);
  if (!view) return std::nullopt;
  Result<crypto::SecretBytes> plain = core::open(session, *view, now, bounds);
  if (plain) return std::string(as_text(plain->expose()));
  if (plain.error().code != Errc::cannot_open) return "an error that says more than it may";
  if (row(session) != before) return "the session was changed by what did not open";
  return std::nullopt;
}

// A session begun by alice, and bob's end of it, which has opened her first copy.
struct Pair {
  crypto::SeededRandom random;
  PairDevice alice, bob;
  core::Session a, b;
  Bytes first;

  explicit Pair(std::uint8_t seed)
      : random(seeded(seed)),
        alice(random),
        bob(random),
        a(std::move(*core::initiate(alice.own(), bob.peer(), 1, nullptr, noon, random))),
        first(seal_text(a, "first", random)) {
    core::Accepted accepted = std::move(*core::accept(bob.own(), bob.prekey, wire::decode_copy(first)->header, noon));
    b = std::move(accepted.session);
    if (open_text(b, first) != "first") std::abort();
  }
  // One there and one back: both ends have a chain of each kind.
  void answer() {
    if (open_text(a, seal_text(b, "answer", random)) != "answer") std::abort();
  }
  // So that every part of a header has been there once: offers both ways, and their answers.
  void offer_both_ways() {
    for (int i = 0; i < 2; ++i) {
      a.offer_wanted = b.offer_wanted = true;
      if (open_text(b, seal_text(a, "to b", random)) != "to b" || open_text(a, seal_text(b, "to a", random)) != "to a")
        std::abort();
    }
  }
};

// The copy with another header around the same nonce and ciphertext.
inline Bytes with_header(ByteView copy, const wire::Header& header) {
  const wire::CopyView v = *wire::decode_copy(copy);
  return wire::Writer().raw(wire::encode(header)).fixed(v.nonce).raw(v.ciphertext).take();
}
inline wire::Header header_of(ByteView copy) {
  return wire::decode_copy(copy)->header;
}

}  // namespace bud::test
