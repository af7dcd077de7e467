#include "wire/roster.h"

#include "corruption.h"
#include "support/hostile_keys.h"
#include "support/outcome.h"
#include "support/wire_samples.h"

#include <gtest/gtest.h>

namespace bud::wire {
namespace {

using test::code;

struct RosterEntryTest : ::testing::Test {
  crypto::SeededRandom random = test::seeded(6);
  crypto::SigningKey device = crypto::SigningKey::generate(random), other = crypto::SigningKey::generate(random);
  std::vector<RosterBody> bodies = test::sample_roster_bodies(random);
  enum Sample : std::size_t { genesis, add, elevate, remove, leave, rename };

  // What a body comes to when a device has signed it as it is.
  std::optional<Errc> outcome(const RosterBody& body) {
    return code(decode_and_verify_roster_entry(sign_roster_entry(body, device).bytes()));
  }
  std::optional<Errc> outcome_of_bytes(const Bytes& body) {
    Bytes part = body;
    append(part, device.id().view());
    const crypto::Signature signature = device.sign(label::roster_sign, part);
    return code(decode_and_verify_roster_entry(Writer().vector(body).fixed(device.id()).fixed(signature).take()));
  }
  std::optional<Errc> changed(std::size_t sample, auto change) {
    RosterBody b = bodies[sample];
    change(b);
    return outcome(b);
  }
};

TEST_F(RosterEntryTest, EveryKindComesBackAsItWas) {
  const RosterEntry root = sign_roster_entry(bodies[genesis], device);
  EXPECT_EQ(root.group(), ThreadId{root.hash().bytes});
  for (const RosterBody& body : bodies) {
    const RosterEntry made = sign_roster_entry(body, device);
    Result<RosterEntry> read = decode_and_verify_roster_entry(made.bytes());
    ASSERT_TRUE(read) << static_cast<int>(body.kind) << ": " << read.error().text;
    EXPECT_EQ(encode(read->body()), encode(body));
    EXPECT_EQ(read->bytes(), made.bytes());
    EXPECT_EQ(read->hash(), made.hash());
    EXPECT_EQ(read->group(), root.group());
    EXPECT_EQ(read->device(), device.id());
    Result<RosterEntry> stored = trust_stored_roster_entry(made.bytes());
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->hash(), made.hash());
    EXPECT_EQ(stored->device(), device.id());
    EXPECT_EQ(encode(stored->body()), encode(body));
  }
}

TEST_F(RosterEntryTest, FieldsComeBackAsTheyWere) {
  const auto read = [&](std::size_t sample) {
    return decode_and_verify_roster_entry(sign_roster_entry(bodies[sample], device).bytes())->body();
  };
  EXPECT_EQ(read(genesis).policy, bodies[genesis].policy);
  EXPECT_EQ(read(genesis).members, bodies[genesis].members);
  EXPECT_EQ(read(genesis).name, "Friends");
  EXPECT_EQ(read(add).address, "matrix:@carol:example.org");
  EXPECT_EQ(read(elevate).role, RosterRole::administrator);
  EXPECT_EQ(read(remove).keep, bodies[remove].keep);
  EXPECT_EQ(read(leave).account, read(leave).author);
  EXPECT_EQ(read(rename).number, 7u);
}

TEST_F(RosterEntryTest, TruncationsAndTrailingBytesAreRefused) {
  for (const RosterBody& body : bodies)
    test::each_truncation(sign_roster_entry(body, device).bytes(), [](ByteView bytes) {
      EXPECT_EQ(code(decode_and_verify_roster_entry(bytes)), Errc::malformed) << bytes.size();
      EXPECT_EQ(code(trust_stored_roster_entry(bytes)), Errc::malformed);
    });
}

TEST_F(RosterEntryTest, BitFlip) {
  for (const RosterBody& body : bodies)
    test::each_bit_flip(sign_roster_entry(body, device).bytes(), [&](ByteView bytes, std::size_t bit) {
      EXPECT_FALSE(decode_and_verify_roster_entry(bytes)) << "kind " << static_cast<int>(body.kind) << ", bit " << bit;
    });
}

TEST_F(RosterEntryTest, AnyDeviceSignsTheSameStatement) {
  for (const RosterBody& body : bodies) {
    const RosterEntry one = sign_roster_entry(body, device);
    const Result<RosterEntry> two = sign_again(one, other);
    ASSERT_TRUE(two);
    EXPECT_EQ(two->hash(), one.hash());
    EXPECT_EQ(two->device(), other.id());
    EXPECT_NE(two->bytes(), one.bytes());
    EXPECT_EQ(two->bytes(), sign_roster_entry(body, other).bytes());
    EXPECT_TRUE(decode_and_verify_roster_entry(two->bytes()));
  }
}

TEST_F(RosterEntryTest, ASignatureIsOfOneDeviceUnderOneLabel) {
  const Bytes body = encode(bodies[add]);
  Bytes part = body;
  append(part, device.id().view());
  const auto signed_as = [&](const DeviceId& id, crypto::Label l, const Bytes& m, const crypto::SigningKey& key) {
    return code(decode_and_verify_roster_entry(Writer().vector(body).fixed(id).fixed(key.sign(l, m)).take()));
  };
  ASSERT_EQ(signed_as(device.id(), label::roster_sign, part, device), std::nullopt);
  EXPECT_EQ(signed_as(device.id(), label::roster_sign, body, device), Errc::bad_signature);
  EXPECT_EQ(signed_as(device.id(), label::entry_sign, part, device), Errc::bad_signature);
  EXPECT_EQ(signed_as(device.id(), label::roster_sign, part, other), Errc::bad_signature);
  EXPECT_EQ(signed_as(other.id(), label::roster_sign, part, other), Errc::bad_signature) << "the device is signed too";
}

TEST_F(RosterEntryTest, HostileDeviceKeysAreRefused) {
  const Bytes body = encode(bodies[add]);
  for (const test::HostileKey& h : test::hostile_signing_keys()) {
    const Bytes entry = Writer().vector(body).raw(h.bytes).fixed(crypto::Signature{}).take();
    EXPECT_EQ(code(decode_and_verify_roster_entry(entry)), Errc::bad_key) << h.what;
  }
}

TEST_F(RosterEntryTest, AGenesisStandsForItself) {
  ASSERT_EQ(outcome(bodies[genesis]), std::nullopt);
  EXPECT_EQ(changed(genesis, [](RosterBody& b) { b.group.bytes[3] = 1; }), Errc::malformed);
  EXPECT_EQ(changed(genesis, [](RosterBody& b) { b.prev.bytes[3] = 1; }), Errc::malformed);
  EXPECT_EQ(changed(genesis, [](RosterBody& b) { b.seat.bytes[0] ^= 1; }), Errc::malformed);
  EXPECT_EQ(changed(genesis, [](RosterBody& b) { b.members[1] = b.members[0]; }), Errc::malformed);
  EXPECT_EQ(changed(genesis, [](RosterBody& b) { b.members[1].account = b.author; }), Errc::malformed);
  EXPECT_EQ(changed(genesis, [](RosterBody& b) { b.members[1].account = {}; }), Errc::malformed);
  EXPECT_EQ(changed(genesis, [](RosterBody& b) { b.members.clear(); }), std::nullopt);
}

TEST_F(RosterEntryTest, EveryOtherEntryHasGroupParentAndSubject) {
  for (const std::size_t sample : {add, elevate, remove, leave, rename}) {
    EXPECT_EQ(changed(sample, [](RosterBody& b) { b.group = {}; }), Errc::malformed);
    EXPECT_EQ(changed(sample, [](RosterBody& b) { b.prev = {}; }), Errc::malformed);
    if (sample != rename) {
      EXPECT_EQ(changed(sample, [](RosterBody& b) { b.account = {}; }), Errc::malformed);
    }
  }
  for (std::size_t sample = 0; sample < bodies.size(); ++sample)
    EXPECT_EQ(changed(sample, [](RosterBody& b) { b.author = {}; }), Errc::malformed);
}

TEST_F(RosterEntryTest, BoundsHold) {
  EXPECT_EQ(changed(genesis, [](RosterBody& b) { b.name.assign(max_name, 'n'); }), std::nullopt);
  EXPECT_EQ(changed(genesis, [](RosterBody& b) { b.name.assign(max_name + 1, 'n'); }), Errc::malformed);
  EXPECT_EQ(changed(rename, [](RosterBody& b) { b.name.assign(max_name + 1, 'n'); }), Errc::malformed);
  EXPECT_EQ(changed(rename, [](RosterBody& b) { b.name = std::string("a\0b", 3); }), Errc::malformed);
  EXPECT_EQ(changed(add, [](RosterBody& b) { b.address.assign(max_address, 'a'); }), std::nullopt);
  EXPECT_EQ(changed(add, [](RosterBody& b) { b.address.assign(max_address + 1, 'a'); }), Errc::malformed);
  EXPECT_EQ(changed(remove, [](RosterBody& b) { b.keep.push_back(b.keep[0]); }), Errc::malformed);
  const auto members = [&](std::size_t n, std::size_t address) {
    return changed(genesis, [&](RosterBody& b) {
      b.members.clear();
      for (std::size_t i = 0; i < n; ++i)
        b.members.push_back({test::random_fixed<AccountId>(random), std::string(address, 'a')});
    });
  };
  EXPECT_EQ(members(255, 20), std::nullopt);
  EXPECT_EQ(members(256, 20), Errc::malformed);
  EXPECT_EQ(members(255, 100), Errc::malformed) << "more bytes than an entry holds";
}

TEST_F(RosterEntryTest, UnknownKindsRolesRightsAndVersionsAreRefused) {
  const auto with = [&](std::size_t sample, std::size_t at, std::uint8_t value) {
    Bytes b = encode(bodies[sample]);
    b[at] = value;
    return outcome_of_bytes(b);
  };
  ASSERT_EQ(with(add, 0, 1), std::nullopt);
  EXPECT_EQ(with(add, 0, 2), Errc::malformed);
  EXPECT_EQ(with(add, 1, 1), Errc::malformed) << "no ledger entry";
  for (const std::uint8_t kind : std::initializer_list<std::uint8_t>{0, 3, 6, 7})
    EXPECT_EQ(with(add, 2, kind), Errc::malformed);
  const std::size_t fields = 3 + 32 * 3 + 16 + 8, role = fields + 32 + 16, policy = fields + 32;
  ASSERT_EQ(encode(bodies[elevate])[role], 2);
  EXPECT_EQ(with(elevate, role, 0), Errc::malformed);
  EXPECT_EQ(with(elevate, role, 3), Errc::malformed);
  ASSERT_EQ(encode(bodies[genesis])[policy], 2);
  for (std::size_t right = policy; right < policy + 4; ++right) {
    EXPECT_EQ(with(genesis, right, 0), Errc::malformed);
    EXPECT_EQ(with(genesis, right, 3), Errc::malformed);
  }
}

TEST_F(RosterEntryTest, ASeatIsAnAccountsAndItsNonces) {
  const RosterBody& b = bodies[add];
  EXPECT_EQ(seat_id(b.account, b.account_seat),
            crypto::Hasher(label::roster_seat).add(b.account.view()).add(b.account_seat.view()).finish_as<SeatId>());
  EXPECT_NE(seat_id(b.account, b.account_seat), seat_id(b.account, b.seat));
  EXPECT_NE(seat_id(b.account, b.account_seat), seat_id(b.author, b.account_seat));
}

}  // namespace
}  // namespace bud::wire
