#include "wire/record.h"

#include "corruption.h"
#include "support/outcome.h"
#include "support/wire_samples.h"

#include <gtest/gtest.h>

namespace bud::wire {
namespace {

using test::code;

struct RecordTest : ::testing::Test {
  crypto::SeededRandom random = test::seeded(3);
  test::SampleKeys keys{random};
  RecordBody body = test::sample_record(keys, random);
  Bytes record = sign_record(body, keys.first);
  JoinRecordBody join_body = test::sample_join_record(keys, random);
  Bytes join = sign_join_record(join_body, keys.second);
};

TEST_F(RecordTest, ComesBackAsItWas) {
  Result<Record> r = decode_and_verify_record(record);
  ASSERT_TRUE(r) << r.error().text;
  EXPECT_EQ(sign_record(r->body, keys.first), record);
  EXPECT_EQ(r->body.routes, body.routes);
  EXPECT_EQ(r->body.entries, body.entries);
  EXPECT_EQ(r->entries.size(), body.entries.size());
  EXPECT_EQ(encode(r->body.bundle), encode(body.bundle));
  EXPECT_EQ(r->bytes, record);
  EXPECT_EQ(peek_record_type(record), ObjectType::record);
}

TEST_F(RecordTest, AJoinRecordComesBackAsItWas) {
  Result<JoinRecord> r = decode_and_verify_join_record(join);
  ASSERT_TRUE(r) << r.error().text;
  EXPECT_EQ(sign_join_record(r->body, keys.second), join);
  EXPECT_EQ(r->body.commitment, join_body.commitment);
  EXPECT_EQ(r->body.route, join_body.route);
  EXPECT_EQ(peek_record_type(join), ObjectType::join_record);
}

TEST_F(RecordTest, TruncationsAndTrailingBytesAreRefused) {
  test::each_truncation(record, [](ByteView b) { EXPECT_EQ(code(decode_and_verify_record(b)), Errc::malformed); });
  test::each_truncation(join, [](ByteView b) {
    EXPECT_EQ(code(decode_and_verify_join_record(b)), Errc::malformed);
    (void)peek_record_type(b);
  });
}

TEST_F(RecordTest, BitFlip) {
  body.entries.resize(1);  // one is as good as nine, and nine times as fast
  record = sign_record(body, keys.first);
  test::each_bit_flip(record, [](ByteView b, std::size_t bit) { EXPECT_FALSE(decode_and_verify_record(b)) << bit; });
  test::each_bit_flip(join, [](ByteView b, std::size_t bit) { EXPECT_FALSE(decode_and_verify_join_record(b)) << bit; });
}

TEST_F(RecordTest, OnlyItsDeviceCanSignIt) {
  EXPECT_EQ(code(decode_and_verify_record(sign_record(body, keys.second))), Errc::bad_signature);
  EXPECT_EQ(code(decode_and_verify_join_record(sign_join_record(join_body, keys.first))), Errc::bad_signature);
}

// Entries prove themselves: one that is damaged, or another account's, spoils nothing and is left out.
TEST_F(RecordTest, ABadEntryIsLeftOut) {
  const std::size_t good = body.entries.size();
  body.entries.push_back(body.entries[0]);
  body.entries.back().back() ^= 1;
  EntryBody other = test::genesis_body(keys, random);
  body.entries.push_back(sign_entry(other, keys.first).bytes());
  body.entries.push_back(Bytes(10));
  Result<Record> r = decode_and_verify_record(sign_record(body, keys.first));
  ASSERT_TRUE(r);
  EXPECT_EQ(r->body.entries.size(), good + 3);
  EXPECT_EQ(r->entries.size(), good);
}

TEST_F(RecordTest, IsBounded) {
  auto outcome = [&] { return code(decode_and_verify_record(sign_record(body, keys.first))); };
  const RecordBody before = body;
  body.routes.assign(max_routes, Route{std::string(max_address, 'a'), std::string(max_transport_name, 'd')});
  EXPECT_EQ(outcome(), std::nullopt);
  body.routes.push_back(body.routes[0]);
  EXPECT_EQ(outcome(), Errc::malformed);
  body = before;
  body.routes[0].device += std::string(max_transport_name, 'd');
  EXPECT_EQ(outcome(), Errc::malformed);
  body = before;
  body.address = std::string(max_address + 1, 'a');
  EXPECT_EQ(outcome(), Errc::malformed);
  body = before;
  body.address = "spool:\xff";
  EXPECT_EQ(outcome(), Errc::malformed);
  body = before;
  body.entries.assign(1, Bytes(max_entry + 1));
  EXPECT_EQ(outcome(), Errc::malformed);
  body.entries.assign(60, Bytes(max_entry));  // over 48 KiB in all
  EXPECT_EQ(outcome(), Errc::malformed);
}

// CVE-2022-39251's kind of mistake: whatever one object is, it is no other, even with that other's signature on it.
TEST_F(RecordTest, TypeConfusion) {
  auto signed_as = [&](const Bytes& object, crypto::Label l, const crypto::SigningKey& key) {
    Reader r(object);
    const ByteView inner = r.vector(max_record);
    return Writer().vector(inner).fixed(key.sign(l, inner)).take();
  };
  const Bytes entry = body.entries[0];
  EXPECT_FALSE(decode_and_verify_join_record(signed_as(record, label::join_sign, keys.first)));
  EXPECT_FALSE(decode_and_verify_record(signed_as(join, label::record_sign, keys.second)));
  EXPECT_FALSE(decode_and_verify_record(signed_as(entry, label::record_sign, keys.first)));
  EXPECT_FALSE(decode_and_verify_entry(signed_as(record, label::entry_sign, keys.first)));
  EXPECT_FALSE(decode_and_verify_entry(signed_as(join, label::entry_sign, keys.second)));
  EXPECT_EQ(code(decode_and_verify_record(signed_as(record, label::join_sign, keys.first))), Errc::bad_signature);
  EXPECT_EQ(code(decode_and_verify_join_record(signed_as(join, label::record_sign, keys.second))), Errc::bad_signature);
  EXPECT_EQ(peek_record_type(entry), std::nullopt);
}

}  // namespace
}  // namespace bud::wire
