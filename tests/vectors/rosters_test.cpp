// Holds the implementation to the vectors of rosters, reading them as a stranger's program would: from the file.
#include "core/roster.h"
#include "fields.h"
#include "read.h"

namespace bud::vectors {
namespace {

using namespace wire;
using test::code;

TEST(Vectors, RosterEntries) {
  const auto d = load("rosters.json");
  const auto key = [&](const char* name) {
    return crypto::SigningKey::from_seed(*crypto::Secret<32>::from(hex(d["keys"][name]["seed"])));
  };
  const crypto::SigningKey device = key("device"), other = key("other");
  for (const Value& v : d["entries"].GetArray()) {
    Result<RosterEntry> e = decode_and_verify_roster_entry(hex(v["entry"]));
    ASSERT_TRUE(e) << e.error().text;
    EXPECT_EQ(e->hash(), fixed<EntryHash>(v["hash"]));
    EXPECT_EQ(e->group(), fixed<ThreadId>(v["group"]));
    EXPECT_EQ(e->device(), device.id());
    EXPECT_EQ(encode(e->body()), hex(v["body"]));
    EXPECT_TRUE(same(fields(e->body()), v["fields"]));
    EXPECT_EQ(e->body().author_seat(), fixed<SeatId>(v["author_seat"]));
    if (v.HasMember("seat_id")) {
      EXPECT_EQ(seat_id(e->body().account, e->body().account_seat), fixed<SeatId>(v["seat_id"]));
    }
    EXPECT_EQ(sign_roster_entry(e->body(), device).bytes(), hex(v["entry"]));
    Result<RosterEntry> again = sign_again(*e, other);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->bytes(), hex(v["again"]));
    EXPECT_EQ(decode_and_verify_roster_entry(hex(v["again"]))->hash(), e->hash());
  }
  for (const Value& v : d["refused"].GetArray())
    EXPECT_EQ(code(decode_and_verify_roster_entry(hex(v["bytes"]))), reason(v)) << text(v["what"]);
}

TEST(Vectors, RostersJudged) {
  const auto d = load("rosters.json");
  ASSERT_GE(d["judged"].Size(), 40u);
  for (const Value& v : d["judged"].GetArray()) {
    SCOPED_TRACE(text(v["what"]));
    std::map<EntryHash, RosterEntry> entries;
    for (const Value& bytes : v["entries"].GetArray()) {
      const Result<RosterEntry> e = decode_and_verify_roster_entry(hex(bytes));
      ASSERT_TRUE(e);
      entries.emplace(e->hash(), *e);
    }
    const Result<core::Roster> roster = core::judge_roster(std::move(entries));
    ASSERT_TRUE(roster);
    EXPECT_EQ(roster->name, text(v["name"]));
    EXPECT_EQ(roster->digest, fixed<RosterDigest>(v["digest"]));
    ASSERT_EQ(roster->members.size(), v["members"].Size());
    for (const Value& m : v["members"].GetArray()) {
      const auto member = roster->members.find(fixed<AccountId>(m["account"]));
      ASSERT_NE(member, roster->members.end());
      EXPECT_EQ(member->second.administrator, m["administrator"].GetBool());
      EXPECT_EQ(member->second.address, text(m["address"]));
      EXPECT_TRUE(same(hex_list(member->second.seats), m["seats"]));
    }
  }
}

}  // namespace
}  // namespace bud::vectors
