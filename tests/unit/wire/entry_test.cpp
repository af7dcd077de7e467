#include "wire/entry.h"

#include "corruption.h"
#include "support/outcome.h"
#include "support/wire_samples.h"

#include <gtest/gtest.h>

namespace bud::wire {
namespace {

using test::code;

struct EntryTest : ::testing::Test {
  crypto::SeededRandom random = test::seeded(1);
  test::SampleKeys keys{random};
  std::vector<EntryBody> bodies = test::sample_bodies(keys, random);
  Entry genesis = sign_entry(bodies[0], keys.first);

  // What a body comes to when its signer has signed it as it is.
  std::optional<Errc> outcome(const EntryBody& body, const crypto::SigningKey& signer) {
    return code(decode_and_verify_entry(sign_entry(body, signer).bytes()));
  }
};

TEST_F(EntryTest, EveryKindComesBackAsItWas) {
  for (const EntryBody& body : bodies) {
    const Entry made = sign_entry(body, keys.first);
    Result<Entry> read = decode_and_verify_entry(made.bytes());
    ASSERT_TRUE(read) << static_cast<int>(body.kind) << ": " << read.error().text;
    EXPECT_EQ(encode(read->body()), encode(body));
    EXPECT_EQ(read->bytes(), made.bytes());
    EXPECT_EQ(read->hash(), made.hash());
    EXPECT_EQ(read->account(), genesis.account());
    Result<Entry> stored = trust_stored_entry(made.bytes());
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->hash(), made.hash());
    EXPECT_LE(made.bytes().size(), max_entry);
  }
  EXPECT_EQ(AccountId{genesis.hash().bytes}, genesis.account());
}

TEST_F(EntryTest, TruncationsAndTrailingBytesAreRefused) {
  for (const EntryBody& body : bodies)
    test::each_truncation(sign_entry(body, keys.first).bytes(), [](ByteView bytes) {
      EXPECT_EQ(code(decode_and_verify_entry(bytes)), Errc::malformed) << bytes.size();
      EXPECT_EQ(code(trust_stored_entry(bytes)), Errc::malformed);
    });
}

TEST_F(EntryTest, BitFlip) {
  for (const EntryBody& body : bodies)
    test::each_bit_flip(sign_entry(body, keys.first).bytes(), [&](ByteView bytes, std::size_t bit) {
      EXPECT_FALSE(decode_and_verify_entry(bytes)) << "kind " << static_cast<int>(body.kind) << ", bit " << bit;
    });
}

TEST_F(EntryTest, TheHashIsOfTheStatementAlone) {
  EntryBody b = bodies.back();
  const Entry one = sign_entry(b, keys.first);
  EXPECT_EQ(one.hash(), crypto::hash<EntryHash>(label::entry_hash, encode(b)));
  b.time.ms += 1;
  EXPECT_NE(sign_entry(b, keys.first).hash(), one.hash());
}

TEST_F(EntryTest, AnotherSignerIsRefused) {
  for (const EntryBody& body : bodies) EXPECT_EQ(outcome(body, keys.second), Errc::bad_signature);
}

TEST_F(EntryTest, ASignatureUnderAnotherLabelIsRefused) {
  const Bytes body = encode(bodies.back());
  for (crypto::Label l : {label::entry_cosign, label::entry_hash, label::record_sign})
    EXPECT_EQ(code(decode_and_verify_entry(Writer().vector(body).fixed(keys.first.sign(l, body)).take())),
              Errc::bad_signature);
}

TEST_F(EntryTest, TheCosignatureMustBeTheNewKeysOwn) {
  for (EntryBody body : bodies) {
    if (body.kind != EntryKind::genesis && body.kind != EntryKind::add && body.kind != EntryKind::handover) continue;
    body.cosignature = cosign(body, keys.first);
    EXPECT_EQ(outcome(body, keys.first), Errc::bad_signature);
    body.cosignature = {};
    EXPECT_EQ(outcome(body, keys.first), Errc::bad_signature);
  }
}

// What a key agreed to cannot be used for anything else: not below another entry, by another sponsor, as another kind.
TEST_F(EntryTest, ACosignatureIsForOneGrantOnly) {
  EntryBody b = bodies[1];
  ASSERT_EQ(outcome(b, keys.first), std::nullopt);
  auto changed = [&](auto change) {
    EntryBody other = b;
    change(other);
    return outcome(other, other.signer == keys.first.id() ? keys.first : keys.root);
  };
  EXPECT_EQ(changed([&](EntryBody& o) { o.prev.bytes[0] ^= 1; }), Errc::bad_signature);
  EXPECT_EQ(changed([&](EntryBody& o) { o.account.bytes[0] ^= 1; }), Errc::bad_signature);
  EXPECT_EQ(changed([&](EntryBody& o) { o.signer = keys.root.id(); }), Errc::bad_signature);
  EXPECT_EQ(changed([&](EntryBody& o) { o.kind = EntryKind::handover; }), Errc::bad_signature);
  EXPECT_EQ(changed([&](EntryBody& o) { o.identity = keys.first_identity.public_key(); }), Errc::bad_signature);
  // Its time is the sponsor's to say.
  EXPECT_EQ(changed([&](EntryBody& o) { o.time.ms += 1; }), std::nullopt);
}

TEST_F(EntryTest, AGenesisStandsForItself) {
  auto changed = [&](auto change) {
    EntryBody b = bodies[0];
    change(b);
    b.cosignature = b.recovery == keys.first.id() ? cosign(b, keys.first) : cosign(b, keys.root);
    return outcome(b, b.signer == keys.second.id() ? keys.second : keys.first);
  };
  EXPECT_EQ(changed([](EntryBody&) {}), std::nullopt);
  EXPECT_EQ(changed([&](EntryBody& b) { b.signer = keys.second.id(); }), Errc::malformed);
  EXPECT_EQ(changed([&](EntryBody& b) { b.recovery = keys.first.id(); }), Errc::malformed);
  EXPECT_EQ(changed([](EntryBody& b) { b.account.bytes[3] = 1; }), Errc::malformed);
  EXPECT_EQ(changed([](EntryBody& b) { b.prev.bytes[3] = 1; }), Errc::malformed);
}

TEST_F(EntryTest, EveryOtherEntryHasAccountAndParent) {
  for (std::size_t i = 1; i < bodies.size(); ++i) {
    EntryBody b = bodies[i];
    b.account = {};
    EXPECT_EQ(outcome(b, keys.first), Errc::malformed);
    b = bodies[i];
    b.prev = {};
    EXPECT_EQ(outcome(b, keys.first), Errc::malformed);
  }
}

TEST_F(EntryTest, DevicesHaveAnIdentityKeyAndPapersHaveNone) {
  EntryBody device = bodies[1], paper = bodies[2];
  device.identity = {};
  device.cosignature = cosign(device, keys.second);
  EXPECT_EQ(outcome(device, keys.first), Errc::bad_key);
  paper.identity = keys.first_identity.public_key();
  paper.cosignature = cosign(paper, keys.paper);
  EXPECT_EQ(outcome(paper, keys.first), Errc::malformed);
}

TEST_F(EntryTest, UnknownKindsRolesAndVersionsAreRefused) {
  const Bytes body = encode(bodies[1]);
  auto with = [&](std::size_t at, std::uint8_t value) {
    Bytes b = body;
    b[at] = value;
    return code(decode_and_verify_entry(Writer().vector(b).fixed(keys.first.sign(label::entry_sign, b)).take()));
  };
  ASSERT_EQ(with(0, 1), std::nullopt);
  EXPECT_EQ(with(0, 0), Errc::malformed);
  EXPECT_EQ(with(0, 2), Errc::malformed);
  EXPECT_EQ(with(1, 2), Errc::malformed);
  EXPECT_EQ(with(2, 0), Errc::malformed);
  EXPECT_EQ(with(2, 7), Errc::malformed);
  const std::size_t role = 3 + 32 * 3 + 8;
  ASSERT_EQ(body[role], 1);
  EXPECT_EQ(with(role, 0), Errc::malformed);
  EXPECT_EQ(with(role, 3), Errc::malformed);
}

TEST_F(EntryTest, ARevokeKeepsAtMostFour) {
  EntryBody b = bodies[6];
  ASSERT_EQ(b.keep.size(), max_keep);
  b.keep.push_back(b.keep[0]);
  EXPECT_EQ(outcome(b, keys.first), Errc::malformed);
}

TEST_F(EntryTest, ClaimsAreBlinded) {
  const ClaimOpening opening = test::random_fixed<ClaimOpening>(random);
  EXPECT_EQ(blind(opening, "spool:alice"),
            crypto::Hasher(label::claim).add(opening.view()).add(as_bytes("spool:alice")).finish_as<BlindedAddress>());
  EXPECT_NE(blind(opening, "spool:alice"), blind(opening, "spool:alicf"));
  EXPECT_NE(blind(opening, "spool:alice"), blind(ClaimOpening{}, "spool:alice"));
}

}  // namespace
}  // namespace bud::wire
