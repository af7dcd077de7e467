#include "core/session/ratchet.h"

#include "crypto/kdf.h"
#include "support/hostile_keys.h"
#include "support/outcome.h"
#include "support/session_pair.h"
#include "wire/labels.h"

#include <gtest/gtest.h>

namespace bud::core {
namespace {

using test::code;
using test::header_of;
using test::noon;
using test::open_text;
using test::seal_text;
using test::stored;

// Root and chain as PROTOCOL.md has them, from the primitives.
std::pair<Bytes, Bytes> step_root(const crypto::Secret<32>& root, ByteView input, const Transcript& t) {
  crypto::Secret<64> out;
  crypto::hkdf(out, root.expose(), input, wire::label::ratchet_step, t.view());
  ByteView v = out.expose();
  return {Bytes(v.begin(), v.begin() + 32), Bytes(v.begin() + 32, v.end())};
}

TEST(Ratchet, TwoEndsTalk) {
  test::Pair p(1);
  for (int i = 0; i < 40; ++i) {
    const std::string to_a = "to a " + std::to_string(i), to_b = "to b " + std::to_string(i);
    ASSERT_EQ(open_text(p.a, seal_text(p.b, to_a, p.random)), to_a);
    ASSERT_EQ(open_text(p.b, seal_text(p.a, to_b, p.random)), to_b);
    p.a = stored(p.a);
    p.b = stored(p.b);
  }
}

TEST(Ratchet, EachTurnHasAFreshKeyAndCountsFromZero) {
  test::Pair p(2);
  p.answer();
  const wire::Header one = header_of(seal_text(p.a, "1", p.random)), two = header_of(seal_text(p.a, "2", p.random));
  EXPECT_EQ(one.ratchet, two.ratchet);
  EXPECT_EQ(one.number, 0u);
  EXPECT_EQ(two.number, 1u);
  EXPECT_EQ(one.previous, 1u);
  EXPECT_NE(one.ratchet, header_of(p.first).ratchet);
}

TEST(Ratchet, OutOfOrderLostAndDoubled) {
  test::Pair p(3);
  p.answer();
  std::vector<Bytes> copies;
  for (int i = 0; i < 10; ++i) copies.push_back(seal_text(p.a, std::to_string(i), p.random));
  for (int i : {5, 0, 9, 3, 1, 8}) {
    EXPECT_EQ(open_text(p.b, copies[static_cast<std::size_t>(i)]), std::to_string(i));
    p.b = stored(p.b);
  }
  for (int i : {5, 0, 9, 3})
    EXPECT_EQ(open_text(p.b, copies[static_cast<std::size_t>(i)]), std::nullopt) << "opened twice";
  // The chain is over, and two of its copies still on their way.
  ASSERT_EQ(open_text(p.a, seal_text(p.b, "turn", p.random)), "turn");
  ASSERT_EQ(open_text(p.b, seal_text(p.a, "next chain", p.random)), "next chain");
  for (int i : {2, 7}) EXPECT_EQ(open_text(p.b, copies[static_cast<std::size_t>(i)]), std::to_string(i));
  EXPECT_EQ(p.b.skipped.size(), 2u);  // 4 and 6 never came
}

// A copy of a chain can only be told from the next chain's PN: those it says were sent stay readable.
TEST(Ratchet, ANewChainThatArrivesFirstLeavesTheOldOneReadable) {
  test::Pair p(4);
  p.answer();
  const Bytes one = seal_text(p.a, "one", p.random), two = seal_text(p.a, "two", p.random);
  ASSERT_EQ(open_text(p.b, one), "one");
  ASSERT_EQ(open_text(p.a, seal_text(p.b, "turn", p.random)), "turn");
  const Bytes three = seal_text(p.a, "three", p.random);
  EXPECT_EQ(open_text(p.b, three), "three");
  EXPECT_EQ(open_text(p.b, two), "two");
}

TEST(Ratchet, KeysOfCopiesThatNeverCameAreKeptThirtyDays) {
  test::Pair p(5);
  p.answer();
  const Bytes lost = seal_text(p.a, "lost", p.random), also = seal_text(p.a, "also", p.random),
              here = seal_text(p.a, "here", p.random);
  ASSERT_EQ(open_text(p.b, here), "here");
  Session later = stored(p.b);
  EXPECT_EQ(open_text(later, lost, noon + days(30)), std::nullopt);
  EXPECT_EQ(open_text(p.b, lost, noon + Duration{days(30).ms - 1}), "lost");
  ASSERT_EQ(open_text(p.b, seal_text(p.a, "much later", p.random), noon + days(31)), "much later");
  EXPECT_TRUE(p.b.skipped.empty());
  EXPECT_EQ(open_text(p.b, also, noon + days(31)), std::nullopt);
}

// Two thousand losses do not stop what comes after them.
TEST(Ratchet, TheOldestSkippedKeysGiveWay) {
  const RatchetBounds bounds{.max_skipped = 10};
  test::Pair p(6);
  p.answer();
  std::vector<Bytes> lost;
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 6; ++i) lost.push_back(seal_text(p.a, "lost", p.random));
    ASSERT_EQ(open_text(p.b, seal_text(p.a, "here", p.random), noon, bounds), "here") << round;
    EXPECT_LE(p.b.skipped.size(), 10u);
  }
  EXPECT_EQ(open_text(p.b, lost.front(), noon, bounds), std::nullopt);
  EXPECT_EQ(open_text(p.b, lost.back(), noon, bounds), "lost");
}

TEST(Ratchet, ASkipOverTheBoundIsRefusedAndOneBelowItIsNot) {
  const RatchetBounds bounds{.max_skipped = 10};
  test::Pair p(7);
  p.answer();
  std::vector<Bytes> copies;
  for (int i = 0; i < 12; ++i) copies.push_back(seal_text(p.a, std::to_string(i), p.random));
  EXPECT_EQ(open_text(p.b, copies[11], noon, bounds), std::nullopt);
  EXPECT_EQ(open_text(p.b, copies[10], noon, bounds), "10");
  EXPECT_EQ(open_text(p.b, copies[11], noon, bounds), "11");
}

TEST(Ratchet, AResponderThatHasOpenedNothingCannotSend) {
  Session empty;
  crypto::SeededRandom random = test::seeded(8);
  EXPECT_EQ(code(seal(empty, {wire::MessageClass::normal, 0, {}, noon}, {}, random)), Errc::internal);
}

// --- ML-KEM rekeying ---

TEST(Ratchet, AnOfferIsAnsweredAndBothRootsHaveItsSecret) {
  test::Pair p(9);
  p.answer();
  p.a.offer_wanted = true;
  EXPECT_TRUE(offers_next(p.a, noon));
  const Bytes with_offer = seal_text(p.a, "offer", p.random);
  ASSERT_TRUE(header_of(with_offer).offer);
  EXPECT_FALSE(header_of(with_offer).answer);
  EXPECT_FALSE(offers_next(p.a, noon));
  EXPECT_EQ(p.a.offers.size(), 1u);
  ASSERT_EQ(open_text(p.b, with_offer), "offer");
  ASSERT_TRUE(p.b.peer_offer);

  const Session before = stored(p.a);
  const Bytes with_answer = seal_text(p.b, "answer", p.random);
  const wire::Header h = header_of(with_answer);
  ASSERT_TRUE(h.answer);
  EXPECT_EQ(h.answer->id, header_of(with_offer).offer->id);
  EXPECT_FALSE(p.b.peer_offer);
  ASSERT_EQ(open_text(p.a, with_answer), "answer");
  EXPECT_TRUE(p.a.offers.empty()) << "its private half must not outlive its use";

  const crypto::Secret<32> dh = *before.sending->ratchet.agree(h.ratchet);
  const crypto::Secret<32> kem =
      *crypto::KemKey::from_seed(before.offers[0].seed.clone()).decapsulate(h.answer->ciphertext);
  Bytes both(dh.expose().begin(), dh.expose().end());
  append(both, kem.expose());
  const auto with = step_root(before.root, both, before.transcript),
             without = step_root(before.root, dh.expose(), before.transcript);
  EXPECT_TRUE(equal(p.a.root.expose(), with.first));
  EXPECT_TRUE(equal(p.b.root.expose(), with.first));
  EXPECT_FALSE(equal(p.a.root.expose(), without.first));
}

TEST(Ratchet, BothMayOfferAtOnce) {
  test::Pair p(10);
  p.answer();
  p.offer_both_ways();
  p.a.offer_wanted = p.b.offer_wanted = true;
  const Bytes to_b = seal_text(p.a, "b", p.random);
  EXPECT_TRUE(header_of(to_b).offer);
  EXPECT_TRUE(header_of(to_b).answer);
  ASSERT_EQ(open_text(p.b, to_b), "b");
  EXPECT_TRUE(equal(p.a.root.expose(), p.b.root.expose()));
  const Bytes to_a = seal_text(p.b, "a", p.random);
  EXPECT_TRUE(header_of(to_a).answer);
  EXPECT_TRUE(header_of(to_a).offer);
  ASSERT_EQ(open_text(p.a, to_a), "a");
  EXPECT_TRUE(equal(p.a.root.expose(), p.b.root.expose()));
}

TEST(Ratchet, EveryCopyOfAChainRepeatsItsKemFields) {
  test::Pair p(11);
  p.answer();
  p.offer_both_ways();
  p.a.offer_wanted = true;
  const Bytes one = seal_text(p.a, "one", p.random), two = seal_text(p.a, "two", p.random);
  ASSERT_TRUE(header_of(one).offer && header_of(one).answer);
  EXPECT_EQ(header_of(one).offer->id, header_of(two).offer->id);
  EXPECT_EQ(header_of(one).answer->ciphertext, header_of(two).answer->ciphertext);
  EXPECT_EQ(open_text(p.b, two), "two");  // any may come first
  EXPECT_TRUE(p.b.peer_offer);
  EXPECT_EQ(open_text(p.b, one), "one");
}

TEST(Ratchet, OffersAreDueByCopiesByTimeAndByWish) {
  const RatchetBounds bounds{.offer_after_copies = 3};
  test::Pair p(12);
  p.answer();
  auto turn = [&](Time now) {
    const Bytes to_b = seal_text(p.a, "b", p.random, now, bounds);
    EXPECT_EQ(open_text(p.b, to_b, now, bounds), "b");
    const Bytes to_a = seal_text(p.b, "a", p.random, now, bounds);
    EXPECT_EQ(open_text(p.a, to_a, now, bounds), "a");
    return header_of(to_b).offer.has_value();
  };
  EXPECT_FALSE(turn(noon));  // two copies so far: the first and its answer
  EXPECT_TRUE(turn(noon));
  EXPECT_FALSE(turn(noon));
  EXPECT_TRUE(turn(noon + days(7)));
}

TEST(Ratchet, NoSecondOfferWhileOneWaits) {
  test::Pair p(13);
  p.answer();
  p.a.offer_wanted = true;
  const Bytes offered = seal_text(p.a, "x", p.random);
  p.a.offer_wanted = true;
  EXPECT_EQ(header_of(seal_text(p.a, "y", p.random)).offer->id, header_of(offered).offer->id);
  EXPECT_EQ(p.a.offers.size(), 1u);
}

TEST(Ratchet, ABadOfferIsLeftUnansweredAndStopsNothing) {
  for (const bool other_id : {false, true}) {
    test::Pair p(14);
    p.answer();
    p.a.offer_wanted = true;
    (void)seal_text(p.a, "begins the chain", p.random);
    wire::KemOffer& offer = *p.a.sending->offer;
    if (other_id)
      offer.id.bytes[0] ^= 1;
    else
      offer = {wire::kem_id(test::hostile_kem_key(offer.key)), test::hostile_kem_key(offer.key)};
    ASSERT_EQ(open_text(p.b, seal_text(p.a, "with a bad offer", p.random)), "with a bad offer");
    EXPECT_FALSE(p.b.peer_offer);
    EXPECT_EQ(open_text(p.a, seal_text(p.b, "goes on", p.random)), "goes on");
  }
}

TEST(Ratchet, ACopyThatIsLateIsNotHeard) {
  test::Pair p(18);
  p.answer();
  const Bytes late = seal_text(p.a, "late", p.random), next = seal_text(p.a, "next", p.random);
  ASSERT_EQ(open_text(p.b, next, noon + hours(1)), "next");
  EXPECT_EQ(p.b.heard, noon + hours(1));
  ASSERT_EQ(open_text(p.b, late, noon + hours(2)), "late");
  EXPECT_EQ(p.b.heard, noon + hours(1));
}

// --- the row ---

TEST(SessionRow, ComesBackAsItWasInEveryState) {
  test::Pair p(15);
  auto same = [](const Session& s) { EXPECT_EQ(test::row(stored(s)), test::row(s)); };
  same(p.a);
  same(p.b);
  p.answer();
  same(p.a);
  same(p.b);
  p.offer_both_ways();
  (void)seal_text(p.a, "lost", p.random);
  ASSERT_EQ(open_text(p.b, seal_text(p.a, "here", p.random)), "here");
  ASSERT_FALSE(p.b.skipped.empty());
  same(p.a);
  same(p.b);
}

TEST(SessionRow, WhatIsNotOneIsDamaged) {
  test::Pair p(16);
  p.answer();
  p.offer_both_ways();
  const Bytes row = test::row(p.a);
  for (std::size_t n = 0; n < row.size(); ++n) EXPECT_EQ(code(decode_session(ByteView(row).first(n))), Errc::damaged);
  Bytes longer = row;
  longer.push_back(0);
  EXPECT_EQ(code(decode_session(longer)), Errc::damaged);
  Bytes version = row;
  version[0] = 3;
  EXPECT_EQ(code(decode_session(version)), Errc::damaged);
}

TEST(SessionRow, OfVersion1IsReadWithNothingHeard) {
  test::Pair p(17);
  p.answer();
  ASSERT_NE(p.a.heard, Time{});
  Bytes row = test::row(p.a);
  row[0] = 1;
  const std::ptrdiff_t heard = 1 + SessionId::size + Transcript::size + 8 + 1 + 8;
  row.erase(row.begin() + heard, row.begin() + heard + 8);
  Result<Session> old = decode_session(row);
  ASSERT_TRUE(old);
  EXPECT_EQ(old->heard, Time{});
  old->heard = p.a.heard;
  EXPECT_EQ(test::row(*old), test::row(p.a));
}

}  // namespace
}  // namespace bud::core
