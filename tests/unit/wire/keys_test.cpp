// Wherever a key enters by an object: points of low and mixed order, second encodings, and what is no key at all. All
// that is refused here is signed as it should be, so that nothing but the key can be the reason.
#include "support/hostile_keys.h"
#include "support/outcome.h"
#include "support/wire_samples.h"

#include <gtest/gtest.h>

namespace bud::wire {
namespace {

using test::code;

struct KeysTest : ::testing::Test {
  crypto::SeededRandom random = test::seeded(2);
  test::SampleKeys keys{random};
  std::vector<EntryBody> bodies = test::sample_bodies(keys, random);
  crypto::Secret<32> seed = crypto::SigningKey::generate(random).seed();
  test::MixedOrderKey mixed{seed};

  std::optional<Errc> outcome(const EntryBody& body) {
    return code(decode_and_verify_entry(sign_entry(body, keys.first).bytes()));
  }
  std::optional<Errc> outcome_mixed(const EntryBody& body) {
    const Bytes bytes = encode(body);
    return code(decode_and_verify_entry(Writer().vector(bytes).fixed(mixed.sign(label::entry_sign, bytes)).take()));
  }
};

TEST_F(KeysTest, LowOrderAndMalformedSigningKeys) {
  for (const test::HostileKey& bad : test::hostile_signing_keys()) {
    const DeviceId key = *DeviceId::from(bad.bytes);
    EXPECT_EQ(code(crypto::check_signing_public(key)), Errc::bad_key) << bad.what;
    for (EntryBody b : bodies) {
      if (b.kind == EntryKind::genesis) {
        EntryBody first = b;
        first.signer = first.key = key;
        EXPECT_EQ(outcome(first), Errc::bad_key) << bad.what;
        b.recovery = key;
        EXPECT_EQ(outcome(b), Errc::bad_key) << bad.what;
        continue;
      }
      EntryBody signer = b;
      signer.signer = key;
      EXPECT_EQ(outcome(signer), Errc::bad_key) << bad.what;
      if (b.kind == EntryKind::claim || b.kind == EntryKind::release) continue;
      b.key = key;
      EXPECT_EQ(outcome(b), Errc::bad_key) << bad.what;
    }
  }
}

TEST_F(KeysTest, MixedOrder) {
  EntryBody claim = bodies[7];
  ASSERT_EQ(claim.kind, EntryKind::claim);
  claim.signer = mixed.id();
  const Bytes bytes = encode(claim);
  // The signature holds: without the check of the key this would be an entry.
  ASSERT_TRUE(crypto::verify(mixed.id(), label::entry_sign, bytes, mixed.sign(label::entry_sign, bytes)));
  EXPECT_EQ(outcome_mixed(claim), Errc::bad_key);

  EntryBody add = bodies[1];
  add.key = mixed.id();
  add.cosignature = mixed.sign(label::entry_cosign, cosigned_part(add));
  EXPECT_EQ(outcome(add), Errc::bad_key);

  EntryBody genesis = bodies[0];
  genesis.recovery = mixed.id();
  genesis.cosignature = mixed.sign(label::entry_cosign, cosigned_part(genesis));
  EXPECT_EQ(outcome(genesis), Errc::bad_key);

  RecordBody record = test::sample_record(keys, random);
  record.device = mixed.id();
  const Bytes made = sign_record(record, keys.first);
  Reader r(made);
  const ByteView body = r.vector(max_record);
  EXPECT_EQ(code(decode_and_verify_record(Writer().vector(body).fixed(mixed.sign(label::record_sign, body)).take())),
            Errc::bad_key);
}

TEST_F(KeysTest, ZeroPoint) {
  for (const test::HostileKey& bad : test::hostile_dh_keys()) {
    const crypto::DhPublic key = *crypto::DhPublic::from(bad.bytes);
    EXPECT_EQ(code(crypto::check_dh_public(key)), Errc::bad_key) << bad.what;
    for (EntryBody b : {bodies[0], bodies[1], bodies[3]}) {
      b.identity = key;
      b.cosignature = cosign(b, b.kind == EntryKind::genesis ? keys.root : keys.second);
      // A handover to a recovery key has no identity: zero is that, and not a key.
      if (b.kind == EntryKind::handover && key.is_zero()) continue;
      EXPECT_EQ(outcome(b), Errc::bad_key) << bad.what;
    }
    RecordBody record = test::sample_record(keys, random);
    record.bundle.dh = key;
    EXPECT_EQ(code(decode_and_verify_record(sign_record(record, keys.first))), Errc::bad_key) << bad.what;
    JoinRecordBody join = test::sample_join_record(keys, random);
    join.bundle.dh = key;
    EXPECT_EQ(code(decode_and_verify_join_record(sign_join_record(join, keys.second))), Errc::bad_key) << bad.what;
    join = test::sample_join_record(keys, random);
    join.identity = key;
    EXPECT_EQ(code(decode_and_verify_join_record(sign_join_record(join, keys.second))), Errc::bad_key) << bad.what;
  }
}

// Without the list, X25519 itself would answer zero for exactly these.
TEST_F(KeysTest, AgreementWithLowOrderIsRefusedToo) {
  const crypto::DhKey own = crypto::DhKey::generate(random);
  for (const test::HostileKey& bad : test::hostile_dh_keys()) {
    const bool low = bad.what.find("canonical") == std::string::npos && bad.what.find("255") == std::string::npos &&
                     bad.what.find("ones") == std::string::npos;
    if (!low) continue;
    EXPECT_EQ(code(own.agree(*crypto::DhPublic::from(bad.bytes))), Errc::bad_key) << bad.what;
  }
}

TEST_F(KeysTest, KemKeysAreBelowTheModulus) {
  RecordBody record = test::sample_record(keys, random);
  EXPECT_EQ(code(crypto::check_kem_public(record.bundle.kem)), std::nullopt);
  record.bundle.kem = test::hostile_kem_key(record.bundle.kem);
  EXPECT_EQ(code(crypto::check_kem_public(record.bundle.kem)), Errc::bad_key);
  EXPECT_EQ(code(crypto::encapsulate(record.bundle.kem, random)), Errc::bad_key);
  EXPECT_EQ(code(decode_and_verify_record(sign_record(record, keys.first))), Errc::bad_key);
  JoinRecordBody join = test::sample_join_record(keys, random);
  join.bundle.kem = record.bundle.kem;
  EXPECT_EQ(code(decode_and_verify_join_record(sign_join_record(join, keys.second))), Errc::bad_key);
}

// RFC 8032, 5.1.7: S below the group's order; the same S plus the order is another signature of the same message.
TEST_F(KeysTest, SignaturesHaveOneEncoding) {
  Bytes entry = sign_entry(bodies[7], keys.first).bytes();
  static constexpr std::uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                             0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                             0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned>(entry[entry.size() - 32 + i]) + order[i];
    entry[entry.size() - 32 + i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  EXPECT_EQ(code(decode_and_verify_entry(entry)), Errc::bad_signature);
}

}  // namespace
}  // namespace bud::wire
