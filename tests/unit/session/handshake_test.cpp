#include "core/session/handshake.h"

#include "crypto/kdf.h"
#include "support/hostile_keys.h"
#include "support/outcome.h"
#include "support/session_pair.h"
#include "wire/labels.h"

#include <gtest/gtest.h>

namespace bud::core {
namespace {

using test::code;
using test::noon;
using test::open_text;
using test::seal_text;

TEST(Handshake, BothEndsHaveTheSameSession) {
  test::Pair p(1);
  EXPECT_EQ(p.a.id, p.b.id);
  EXPECT_EQ(p.a.transcript, p.b.transcript);
  EXPECT_EQ(p.a.number, p.b.number);
  EXPECT_TRUE(equal(p.a.root.expose(), p.b.root.expose()));
  EXPECT_TRUE(p.a.initiator);
  EXPECT_FALSE(p.b.initiator);
}

TEST(Handshake, TheResponderLearnsWhoItIs) {
  test::Pair p(2);
  Accepted a = std::move(*accept(p.bob.own(), p.bob.prekey, test::header_of(p.first), noon));
  EXPECT_EQ(a.account, p.alice.account);
  EXPECT_EQ(a.device, p.alice.signing.id());
  EXPECT_EQ(a.identity, p.alice.identity.public_key());
  EXPECT_EQ(a.session.number, 1u);
}

// PROTOCOL.md's formulas once more, written down here from the primitives alone.
TEST(Handshake, FollowsThePublishedDerivation) {
  test::Pair p(3);
  const wire::Header h = test::header_of(p.first);
  const crypto::Secret<32> dh1 = *p.bob.identity.agree(h.ratchet), dh2 = *p.bob.prekey.dh.agree(h.ratchet),
                           dh3 = *p.bob.prekey.dh.agree(p.alice.identity.public_key()),
                           shared = *p.bob.prekey.kem.decapsulate(h.handshake->kem);
  const auto t0 = crypto::Hasher(wire::label::handshake_t0, 64)
                      .add(p.bob.account.view())
                      .add(p.bob.signing.id().view())
                      .add(p.bob.identity.public_key().view())
                      .add(wire::encode(p.bob.prekey.bundle))
                      .add(h.ratchet.view())
                      .add(h.handshake->kem.view())
                      .finish_as<Transcript>();
  EXPECT_TRUE(equal(p.a.id.view(), t0.view().first(16)));
  const Bytes identity = wire::Writer()
                             .fixed(p.alice.account)
                             .fixed(p.alice.signing.id())
                             .fixed(p.alice.identity.public_key())
                             .u64(1)
                             .take();
  const auto t = crypto::Hasher(wire::label::handshake_t, 64)
                     .add(t0.view())
                     .add(h.handshake->sealed_identity)
                     .add(identity)
                     .finish_as<Transcript>();
  EXPECT_EQ(p.a.transcript, t);
  auto joined = [](std::initializer_list<const crypto::Secret<32>*> parts) {
    Bytes out;
    for (const auto* s : parts) append(out, s->expose());
    return out;
  };
  crypto::Secret<56> seal;
  crypto::hkdf(seal, {}, joined({&dh1, &dh2, &shared}), wire::label::handshake_identity, t0.view());
  auto opened = crypto::open(*crypto::Secret<32>::from(seal.expose().first(32)),
                             *crypto::Nonce::from(seal.expose().subspan(32)), t0.view(), h.handshake->sealed_identity);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(equal(opened->expose(), identity));
  crypto::Secret<64> root;
  crypto::hkdf(root, {}, joined({&dh1, &dh2, &dh3, &shared}), wire::label::handshake_root, t.view());
  EXPECT_TRUE(equal(p.a.root.expose(), root.expose().first(32)));
}

TEST(Handshake, AnotherPrekeyDoesNotOpenIt) {
  test::Pair p(4);
  const wire::Header h = test::header_of(p.first);
  Prekey other = Prekey::generate(noon, p.random);
  EXPECT_EQ(code(accept(p.bob.own(), other, h, noon)), Errc::cannot_open);
  other.bundle.id = p.bob.prekey.bundle.id;
  EXPECT_EQ(code(accept(p.bob.own(), other, h, noon)), Errc::cannot_open);
  // One half of it, or the right keys under another time: the exact bundle is in T0.
  Prekey half{p.bob.prekey.bundle, p.bob.prekey.dh.clone(), other.kem.clone()};
  EXPECT_EQ(code(accept(p.bob.own(), half, h, noon)), Errc::cannot_open);
  Prekey later{p.bob.prekey.bundle, p.bob.prekey.dh.clone(), p.bob.prekey.kem.clone()};
  later.bundle.time.ms += 1;
  EXPECT_EQ(code(accept(p.bob.own(), later, h, noon)), Errc::cannot_open);
}

TEST(Handshake, AnotherDeviceDoesNotOpenIt) {
  test::Pair p(5);
  const wire::Header h = test::header_of(p.first);
  OwnDevice other_account{p.alice.account, p.bob.signing.id(), p.bob.identity};
  OwnDevice other_device{p.bob.account, p.alice.signing.id(), p.bob.identity};
  OwnDevice other_identity{p.bob.account, p.bob.signing.id(), p.alice.identity};
  for (const OwnDevice& own : {other_account, other_device, other_identity})
    EXPECT_EQ(code(accept(own, p.bob.prekey, h, noon)), Errc::cannot_open);
}

TEST(Handshake, TheSessionIsNamedByItsTranscript) {
  test::Pair p(12);
  wire::Header h = test::header_of(p.first);
  h.session.bytes[15] ^= 1;
  EXPECT_EQ(code(accept(p.bob.own(), p.bob.prekey, h, noon)), Errc::cannot_open);
}

TEST(Handshake, AHeaderWithoutOneIsNoHandshake) {
  test::Pair p(6);
  wire::Header h = test::header_of(p.first);
  h.handshake.reset();
  EXPECT_EQ(code(accept(p.bob.own(), p.bob.prekey, h, noon)), Errc::cannot_open);
}

TEST(Handshake, ADeviceThatJoinsHasNoAccountYet) {
  crypto::SeededRandom random = test::seeded(7);
  test::PairDevice sponsor(random), joiner(random);
  joiner.account = {};
  Session s = std::move(*initiate(sponsor.own(), joiner.peer(), 1, nullptr, noon, random));
  const Bytes copy = seal_text(s, "offer", random);
  Accepted a = std::move(*accept(joiner.own(), joiner.prekey, test::header_of(copy), noon));
  EXPECT_EQ(open_text(a.session, copy), "offer");
}

TEST(Handshake, BadKeysOfThePeerBeginNothing) {
  crypto::SeededRandom random = test::seeded(8);
  test::PairDevice alice(random), bob(random);
  for (const test::HostileKey& bad : test::hostile_dh_keys()) {
    PeerDevice peer = bob.peer();
    peer.identity = *crypto::DhPublic::from(bad.bytes);
    EXPECT_EQ(code(initiate(alice.own(), peer, 1, nullptr, noon, random)), Errc::bad_key) << bad.what;
    peer = bob.peer();
    peer.bundle.dh = *crypto::DhPublic::from(bad.bytes);
    EXPECT_EQ(code(initiate(alice.own(), peer, 1, nullptr, noon, random)), Errc::bad_key) << bad.what;
  }
  PeerDevice peer = bob.peer();
  peer.bundle.kem = test::hostile_kem_key(peer.bundle.kem);
  EXPECT_EQ(code(initiate(alice.own(), peer, 1, nullptr, noon, random)), Errc::bad_key);
}

TEST(Handshake, AdmissionTagsAreForWhoeverHoldsTheKey) {
  crypto::SeededRandom random = test::seeded(9);
  test::PairDevice alice(random), bob(random);
  AdmissionKey key, other;
  random.fill(key.expose_mutable());
  random.fill(other.expose_mutable());
  Session tagged = std::move(*initiate(alice.own(), bob.peer(), 1, &key, noon, random));
  Session stranger = std::move(*initiate(alice.own(), bob.peer(), 2, nullptr, noon, random));
  const wire::Header h = test::header_of(seal_text(tagged, "x", random));
  const Transcript t0 = handshake_t0(bob.own(), bob.prekey.bundle, h);
  EXPECT_EQ(h.handshake->admission, admission_tag(key, t0));
  EXPECT_NE(h.handshake->admission, admission_tag(other, t0));
  EXPECT_TRUE(stranger.handshake->admission.is_zero());
}

TEST(Handshake, EveryCopyCarriesItUntilTheAnswerHasOpened) {
  test::Pair p(10);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(test::header_of(seal_text(p.a, "more", p.random)).handshake);
  // Any of them may be the first to arrive.
  const Bytes fifth = seal_text(p.a, "fifth", p.random);
  Accepted late = std::move(*accept(p.bob.own(), p.bob.prekey, test::header_of(fifth), noon));
  EXPECT_EQ(open_text(late.session, fifth), "fifth");
  EXPECT_EQ(open_text(late.session, p.first), "first");
  EXPECT_FALSE(p.a.answered());
  p.answer();
  EXPECT_TRUE(p.a.answered());
  EXPECT_FALSE(test::header_of(seal_text(p.a, "warm", p.random)).handshake);
}

TEST(Handshake, AFirstFlightOffersNothing) {
  test::Pair p(11);
  p.a.offer_wanted = true;
  const wire::Header h = test::header_of(seal_text(p.a, "x", p.random));
  EXPECT_FALSE(h.offer);
  EXPECT_FALSE(h.answer);
  EXPECT_FALSE(offers_next(p.a, noon));
}

// Both begin at once: both sessions can be read, and both ends send on the same one.
TEST(Handshake, BothBeginAtOnce) {
  for (std::uint8_t seed = 20; seed < 30; ++seed) {
    test::Pair p(seed);
    Session from_bob = std::move(*initiate(p.bob.own(), p.alice.peer(), 1, nullptr, noon, p.random));
    const Bytes copy = seal_text(from_bob, "crossing", p.random);
    Accepted at_alice = std::move(*accept(p.alice.own(), p.alice.prekey, test::header_of(copy), noon));
    ASSERT_EQ(open_text(at_alice.session, copy), "crossing");
    EXPECT_NE(preferred(p.a, at_alice.session), preferred(at_alice.session, p.a));
    EXPECT_EQ(preferred(p.a, at_alice.session), preferred(p.b, from_bob));
    EXPECT_EQ(preferred(p.a, at_alice.session), p.a.transcript < at_alice.session.transcript);
  }
}

TEST(Handshake, LateHandshake) {
  crypto::SeededRandom random = test::seeded(31);
  test::PairDevice alice(random), bob(random);
  Session held_back = std::move(*initiate(alice.own(), bob.peer(), 4, nullptr, noon, random));
  Session later = std::move(*initiate(alice.own(), bob.peer(), 5, nullptr, noon, random));
  const Bytes old_copy = seal_text(held_back, "weeks ago", random), copy = seal_text(later, "now", random);
  Accepted now = std::move(*accept(bob.own(), bob.prekey, test::header_of(copy), noon));
  Accepted old = std::move(*accept(bob.own(), bob.prekey, test::header_of(old_copy), noon + days(20)));
  EXPECT_EQ(open_text(old.session, old_copy, noon + days(20)), "weeks ago");  // read …
  EXPECT_FALSE(preferred(old.session, now.session));                          // … and never sent upon
  EXPECT_TRUE(preferred(now.session, old.session));
}

}  // namespace
}  // namespace bud::core
