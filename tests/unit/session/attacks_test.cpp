// The known attacks on a session, each under its name.
#include "crypto/kdf.h"
#include "support/hostile_keys.h"
#include "support/outcome.h"
#include "support/session_pair.h"

#include <gtest/gtest.h>

namespace bud::core {
namespace {

using test::code;
using test::header_of;
using test::noon;
using test::open_text;
using test::seal_text;
using test::stored;

// A session of which each end's next copy carries an answer and an offer.
struct SessionAttack : ::testing::Test {
  test::Pair p{100};
  void SetUp() override {
    p.answer();
    p.offer_both_ways();
    p.a.offer_wanted = true;
  }
  Bytes loaded(std::string_view text = "loaded") {
    Bytes copy = seal_text(p.a, text, p.random);
    if (!header_of(copy).offer || !header_of(copy).answer) std::abort();
    return copy;
  }
};

TEST_F(SessionAttack, KemStrip) {
  const Bytes copy = loaded();
  for (const bool answer : {true, false}) {
    wire::Header h = header_of(copy);
    if (answer)
      h.answer.reset();
    else
      h.offer.reset();
    EXPECT_EQ(open_text(p.b, test::with_header(copy, h)), std::nullopt);
  }
  EXPECT_EQ(open_text(p.b, copy), "loaded");
}

TEST_F(SessionAttack, KemSwap) {
  const Bytes copy = loaded();
  const crypto::KemPublic mine = crypto::KemKey::generate(p.random).public_key();
  wire::Header h = header_of(copy);
  h.offer = wire::KemOffer{wire::kem_id(mine), mine};  // the server's own, so that the answer would be for it
  EXPECT_EQ(open_text(p.b, test::with_header(copy, h)), std::nullopt);
  h = header_of(copy);
  h.answer->ciphertext = crypto::encapsulate(*crypto::KemPublic::from(mine.view()), p.random)->ciphertext;
  EXPECT_EQ(open_text(p.b, test::with_header(copy, h)), std::nullopt);
  h = header_of(copy);
  h.answer->id.bytes[0] ^= 1;
  EXPECT_EQ(open_text(p.b, test::with_header(copy, h)), std::nullopt);
  EXPECT_EQ(open_text(p.b, copy), "loaded");
}

// An offer of a whole chain's copies is taken from the first that opens, whoever held which back.
TEST_F(SessionAttack, KemFieldsAreAdoptedOnlyFromWhatOpens) {
  const Bytes copy = loaded();
  wire::Header h = header_of(copy);
  h.offer->id.bytes[1] ^= 1;
  ASSERT_EQ(open_text(p.b, test::with_header(copy, h)), std::nullopt);
  EXPECT_FALSE(p.b.peer_offer);
  ASSERT_EQ(open_text(p.b, copy), "loaded");
  EXPECT_EQ(p.b.peer_offer->id, header_of(copy).offer->id);
}

TEST_F(SessionAttack, BitFlip) {
  const Bytes copy = loaded();
  const Bytes before = test::row(p.b);
  Bytes flipped = copy;
  for (std::size_t bit = 0; bit < copy.size() * 8; ++bit) {
    const std::uint8_t mask = static_cast<std::uint8_t>(1u << (bit % 8));
    flipped[bit / 8] ^= mask;
    ASSERT_EQ(open_text(p.b, flipped), std::nullopt) << "bit " << bit;
    flipped[bit / 8] ^= mask;
  }
  EXPECT_EQ(test::row(p.b), before);
  EXPECT_EQ(open_text(p.b, copy), "loaded");  // the rest lives on
}

TEST(SessionAttacks, BitFlipOfAFirstFlight) {
  test::Pair p(101);
  for (std::size_t bit = 0; bit < p.first.size() * 8; ++bit) {
    Bytes flipped = p.first;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1u << (bit % 8)));
    Result<wire::CopyView> v = wire::decode_copy(flipped);
    if (!v || !v->header.handshake) continue;
    Result<Accepted> a = accept(p.bob.own(), p.bob.prekey, v->header, noon);
    if (a) {
      ASSERT_EQ(open_text(a->session, flipped), std::nullopt) << "bit " << bit;
    } else {
      ASSERT_EQ(code(a), Errc::cannot_open);
    }
  }
}

// X25519 ignores bit 255 and reduces what is not below p: the same keys would follow from another first message.
TEST(SessionAttacks, HandshakeReplay) {
  test::Pair p(102);
  wire::Header h = header_of(p.first);
  const crypto::DhPublic sent = h.ratchet;
  h.ratchet.bytes[31] |= 0x80;
  ASSERT_NE(h.ratchet, sent);
  EXPECT_TRUE(equal(p.bob.identity.agree(h.ratchet)->expose(), p.bob.identity.agree(sent)->expose()))
      << "this is the attack";
  EXPECT_EQ(code(accept(p.bob.own(), p.bob.prekey, h, noon)), Errc::cannot_open);
  // Not even where the server fits the session id, the first bytes of the other T0, to it.
  const Transcript t0 = handshake_t0(p.bob.own(), p.bob.prekey.bundle, h);
  h.session = *SessionId::from(t0.view().first(SessionId::size));
  EXPECT_EQ(code(accept(p.bob.own(), p.bob.prekey, h, noon)), Errc::cannot_open);
  for (const test::HostileKey& bad : test::hostile_dh_keys()) {
    h.ratchet = *crypto::DhPublic::from(bad.bytes);
    h.session = *SessionId::from(handshake_t0(p.bob.own(), p.bob.prekey.bundle, h).view().first(SessionId::size));
    EXPECT_EQ(code(accept(p.bob.own(), p.bob.prekey, h, noon)), Errc::cannot_open) << bad.what;
  }
  // The first message itself, once more, is the same session by name: whoever keeps T0 knows it again.
  Accepted again = std::move(*accept(p.bob.own(), p.bob.prekey, header_of(p.first), noon));
  EXPECT_EQ(again.session.id, p.b.id);
  EXPECT_EQ(open_text(p.b, p.first), std::nullopt);
}

// The same by a sender who holds every key, and seals the identity under the T0 of the second encoding: nothing but the
// check of the key is between this and a session.
TEST(SessionAttacks, HandshakeUnderASecondEncoding) {
  test::Pair p(108);
  const auto forge = [&](const crypto::DhPublic& ephemeral) {
    wire::Header h = header_of(p.first);
    const crypto::DhPublic sent = h.ratchet;
    h.ratchet = ephemeral;
    const Transcript t0 = handshake_t0(p.bob.own(), p.bob.prekey.bundle, h);
    h.session = *SessionId::from(t0.view().first(SessionId::size));
    Bytes input;
    for (const crypto::Secret<32>& part : {p.bob.identity.agree(sent)->clone(), p.bob.prekey.dh.agree(sent)->clone(),
                                           p.bob.prekey.kem.decapsulate(h.handshake->kem)->clone()})
      append(input, part.expose());
    crypto::Secret<56> seal;
    crypto::hkdf(seal, {}, input, wire::label::handshake_identity, t0.view());
    h.handshake->sealed_identity = crypto::seal(*crypto::Secret<32>::from(seal.expose().first(32)),
                                                *crypto::Nonce::from(seal.expose().subspan(32)), t0.view(),
                                                wire::Writer()
                                                    .fixed(p.alice.account)
                                                    .fixed(p.alice.signing.id())
                                                    .fixed(p.alice.identity.public_key())
                                                    .u64(1)
                                                    .take());
    return h;
  };
  crypto::DhPublic key = header_of(p.first).ratchet;
  ASSERT_TRUE(accept(p.bob.own(), p.bob.prekey, forge(key), noon)) << "the forger knows how";
  key.bytes[31] |= 0x80;
  EXPECT_EQ(code(accept(p.bob.own(), p.bob.prekey, forge(key), noon)), Errc::cannot_open);
}

TEST_F(SessionAttack, ZeroPoint) {
  ASSERT_EQ(open_text(p.b, loaded()), "loaded");
  ASSERT_EQ(open_text(p.a, seal_text(p.b, "turn", p.random)), "turn");
  const Bytes next = seal_text(p.a, "next", p.random);
  for (const test::HostileKey& bad : test::hostile_dh_keys()) {
    wire::Header h = header_of(next);
    h.ratchet = *crypto::DhPublic::from(bad.bytes);
    EXPECT_EQ(open_text(p.b, test::with_header(next, h)), std::nullopt) << bad.what;
  }
  EXPECT_EQ(open_text(p.b, next), "next");
}

// X25519 would take both of these; a device that claims such a key, or steps to one, is refused all the same.
TEST_F(SessionAttack, KeysUnderASecondEncoding) {
  const auto second_encoding = [](const crypto::DhKey& key) {
    crypto::DhPublic pub = key.public_key();
    pub.bytes[31] |= 0x80;
    return crypto::DhKey(pub, key.secret().clone());
  };
  const crypto::DhKey identity = second_encoding(p.alice.identity);
  Session begun =
      std::move(*initiate({p.alice.account, p.alice.signing.id(), identity}, p.bob.peer(), 7, nullptr, noon, p.random));
  EXPECT_EQ(code(accept(p.bob.own(), p.bob.prekey, header_of(seal_text(begun, "x", p.random)), noon)),
            Errc::cannot_open);

  Session honest = stored(p.a);
  const Bytes good = seal_text(honest, "good", p.random);
  (void)seal_text(p.a, "begins the chain", p.random);
  p.a.sending->ratchet = second_encoding(p.a.sending->ratchet);
  EXPECT_EQ(open_text(p.b, seal_text(p.a, "bad", p.random)), std::nullopt);
  EXPECT_EQ(open_text(p.b, good), "good");
}

TEST_F(SessionAttack, ReplayAndDouble) {
  const Bytes copy = loaded();
  ASSERT_EQ(open_text(p.b, copy), "loaded");
  EXPECT_EQ(open_text(p.b, copy), std::nullopt);
  ASSERT_EQ(open_text(p.a, seal_text(p.b, "turn", p.random)), "turn");
  ASSERT_EQ(open_text(p.b, seal_text(p.a, "next", p.random)), "next");
  EXPECT_EQ(open_text(p.b, copy), std::nullopt);
  EXPECT_EQ(open_text(p.b, p.first), std::nullopt);
}

TEST_F(SessionAttack, Reflection) {
  const Bytes copy = loaded();
  EXPECT_EQ(open_text(p.a, copy), std::nullopt) << "a device's own copy, sent back to it";
  EXPECT_EQ(open_text(p.a, p.first), std::nullopt);
}

// Counters far ahead cost what the bound allows, at most: 2,000 steps of a chain are some 2 ms.
TEST_F(SessionAttack, SkipFlood) {
  const Bytes same_chain = loaded();
  ASSERT_EQ(open_text(p.b, same_chain), "loaded");
  ASSERT_EQ(open_text(p.a, seal_text(p.b, "turn", p.random)), "turn");
  const Bytes new_chain = seal_text(p.a, "next", p.random);
  constexpr std::uint32_t far = UINT32_MAX;
  const auto began = std::chrono::steady_clock::now();
  for (const Bytes* copy : {&same_chain, &new_chain})
    for (const auto& [previous, number] : std::vector<std::pair<std::uint32_t, std::uint32_t>>{
             {0, far}, {far, 0}, {far, far}, {2001, 2001}, {0, 2'000'000}, {far, 1}, {0, 2000}, {2000, 0}}) {
      wire::Header h = header_of(*copy);
      h.previous = previous;
      h.number = number;
      EXPECT_EQ(open_text(p.b, test::with_header(*copy, h)), std::nullopt) << previous << ' ' << number;
    }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
  EXPECT_TRUE(p.b.skipped.empty());
  EXPECT_EQ(open_text(p.b, new_chain), "next");
}

// Two senders with the same randomness: whatever differs then, differs because of who sends.
TEST(SessionAttacks, NameTheSender) {
  crypto::SeededRandom keys = test::seeded(103);
  test::PairDevice bob(keys), alice(keys), carol(keys);
  crypto::SeededRandom once = test::seeded(104), again = test::seeded(104);
  Session from_alice = std::move(*initiate(alice.own(), bob.peer(), 1, nullptr, noon, once));
  Session from_carol = std::move(*initiate(carol.own(), bob.peer(), 900, nullptr, noon, again));
  const Bytes one = seal_text(from_alice, "hello", once), two = seal_text(from_carol, "hello", again);
  ASSERT_EQ(one.size(), two.size());
  wire::Header a = header_of(one), c = header_of(two);
  // T0, and so the session id, is computed from what a server sees; no try of a sender's ids tells it anything.
  EXPECT_EQ(handshake_t0(bob.own(), bob.prekey.bundle, a), handshake_t0(bob.own(), bob.prekey.bundle, c));
  EXPECT_TRUE(equal(handshake_t0(bob.own(), bob.prekey.bundle, a).view().first(16), a.session.view()));
  EXPECT_NE(a.handshake->sealed_identity, c.handshake->sealed_identity);
  a.handshake->sealed_identity = c.handshake->sealed_identity;
  EXPECT_EQ(wire::encode(a), wire::encode(c)) << "nothing but the sealed identity depends on the sender";
}

TEST(SessionAttacks, TypeConfusion) {
  test::Pair p(105);
  crypto::SeededRandom random = test::seeded(106);
  test::SampleKeys keys(random);
  std::vector<Bytes> others = test::sample_entries(keys, random);
  others.push_back(wire::sign_record(test::sample_record(keys, random), keys.first));
  others.push_back(wire::sign_join_record(test::sample_join_record(keys, random), keys.second));
  for (const wire::Content& c : test::sample_contents(random)) others.push_back(wire::encode(c));
  for (const Bytes& object : others) EXPECT_FALSE(wire::decode_copy(object));
  // A copy is no other object, and what it holds opens under its own header alone: another class is another copy.
  EXPECT_FALSE(wire::decode_and_verify_entry(p.first));
  EXPECT_FALSE(wire::decode_and_verify_record(p.first));
  EXPECT_FALSE(wire::decode_and_verify_join_record(p.first));
  EXPECT_FALSE(wire::decode_content(p.first));
  wire::Header h = header_of(p.first);
  h.message_class = wire::MessageClass::call;
  Accepted a = std::move(*accept(p.bob.own(), p.bob.prekey, h, noon));
  EXPECT_EQ(open_text(a.session, test::with_header(p.first, h)), std::nullopt);
}

// Copies of one session are nothing to another, also between the same two devices.
TEST(SessionAttacks, CopiesOfAnotherSession) {
  test::Pair p(107);
  Session other = std::move(*initiate(p.alice.own(), p.bob.peer(), 2, nullptr, noon, p.random));
  const Bytes copy = seal_text(other, "other", p.random);
  EXPECT_EQ(open_text(p.b, copy), std::nullopt);
  wire::Header h = header_of(copy);
  h.session = p.b.id;
  EXPECT_EQ(open_text(p.b, test::with_header(copy, h)), std::nullopt);
}

// A stored end brought back seals under keys it has used already; fresh nonces keep that from being the end of secrecy.
TEST_F(SessionAttack, RestoreNeverRepeatsANonce) {
  ASSERT_EQ(open_text(p.b, loaded()), "loaded");
  Session snapshot = stored(p.a);
  const Bytes one = seal_text(p.a, "one text", p.random), two = seal_text(snapshot, "two text", p.random);
  ASSERT_EQ(header_of(one).number, header_of(two).number);
  const wire::CopyView v = *wire::decode_copy(one), w = *wire::decode_copy(two);
  EXPECT_NE(v.nonce, w.nonce);
  EXPECT_EQ(open_text(p.b, one), "one text");
  EXPECT_EQ(open_text(p.b, two), std::nullopt);
}

}  // namespace
}  // namespace bud::core
