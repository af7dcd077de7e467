// What somebody who has the files, and not the key, can see and do.
#include <gtest/gtest.h>

#include <filesystem>

#include "store_fixture.h"
#include "support/outcome.h"

namespace bud::test {
namespace {

using core::RowKey;
using core::Table;

const std::string secret_text = "the herring is in the third barrel";
const std::string secret_name = "spool:alice@example.org";

bool any_file_holds(const std::string& folder, std::string_view needle) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const Bytes bytes = read_file(entry.path());
    if (as_text(bytes).find(needle) != std::string_view::npos) return true;
  }
  return false;
}

TEST(Sealing, NoFileShowsContentOrNames) {
  Store store;
  must(store.open());
  must(store.put(Table::addresses, RowKey().blind(secret_name), secret_text));
  must(store.put(Table::bridges, RowKey().plain(as_bytes("a plain part shows")), "x"));
  EXPECT_TRUE(any_file_holds(store.scratch.path(), "a plain part shows")) << "else this test looks in the wrong place";
  EXPECT_FALSE(any_file_holds(store.scratch.path(), secret_text));
  EXPECT_FALSE(any_file_holds(store.scratch.path(), secret_name));
  store.close();
  EXPECT_FALSE(any_file_holds(store.scratch.path(), secret_text));
  EXPECT_FALSE(any_file_holds(store.scratch.path(), secret_name));
}

TEST(Sealing, ABlindPartIsBoundToItsTableAndPlace) {
  Store store;
  auto sealer = must(store::RowSealer::create(master_key(), *store.arena, store.random));
  const auto key = [&](Table table, const RowKey& k) { return must(sealer.stored_key(table, k)); };
  const Bytes alice = key(Table::contacts, RowKey().blind("alice"));
  EXPECT_EQ(alice.size(), 16u);
  EXPECT_EQ(alice, key(Table::contacts, RowKey().blind("alice")));
  EXPECT_NE(alice, key(Table::contacts, RowKey().blind("bob")));
  EXPECT_NE(alice, key(Table::addresses, RowKey().blind("alice")));
  const Bytes twice = key(Table::contacts, RowKey().blind("alice").blind("alice"));
  ASSERT_EQ(twice.size(), 32u);
  EXPECT_TRUE(equal(ByteView(twice).first(16), alice)) << "a prefix's bytes come first";
  EXPECT_FALSE(equal(ByteView(twice).last(16), alice));
  auto other = must(store::RowSealer::create(master_key(8), *store.arena, store.random));
  EXPECT_NE(alice, must(other.stored_key(Table::contacts, RowKey().blind("alice"))));
}

TEST(Sealing, TheSameValueNeverLooksTheSame) {
  Store store;
  auto sealer = must(store::RowSealer::create(master_key(), *store.arena, store.random));
  const Bytes one = sealer.seal(Table::meta, {}, as_bytes("x")), two = sealer.seal(Table::meta, {}, as_bytes("x"));
  EXPECT_EQ(one.size(), 24u + 1 + 16);
  EXPECT_FALSE(equal(ByteView(one).first(24), ByteView(two).first(24)));
  EXPECT_FALSE(equal(ByteView(one).subspan(24), ByteView(two).subspan(24)));
}

TEST(Sealing, EveryBitAndEveryLengthOfARowCounts) {
  Store store;
  auto sealer = must(store::RowSealer::create(master_key(), *store.arena, store.random));
  const Bytes key = {1, 2, 3}, sealed = sealer.seal(Table::meta, key, as_bytes("value"));
  ASSERT_TRUE(sealer.open(Table::meta, key, sealed));
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes flipped = sealed;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_EQ(test::code(sealer.open(Table::meta, key, flipped)), Errc::damaged) << bit;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size)
    EXPECT_EQ(test::code(sealer.open(Table::meta, key, ByteView(sealed).first(size))), Errc::damaged) << size;
  EXPECT_FALSE(sealer.open(Table::ledger, key, sealed)) << "another table";
  EXPECT_FALSE(sealer.open(Table::meta, Bytes{1, 2}, sealed)) << "another key";
  EXPECT_FALSE(
      must(store::RowSealer::create(master_key(8), *store.arena, store.random)).open(Table::meta, key, sealed));
}

TEST(Sealing, RowsCannotBeSwappedCopiedOrMoved) {
  Store store;
  must(store.open());
  must(store.put(Table::contacts, numbered(1), "one"));
  must(store.put(Table::contacts, numbered(2), "two"));
  must(store.put(Table::contacts, numbered(3), "three"));
  must(store.put(Table::alerts, numbered(1), "alert"));
  store.close();
  raw_sql(store.file(),
          "UPDATE contacts SET v = (SELECT v FROM contacts AS c WHERE c.k = x'0000000000000002') "
          "WHERE k = x'0000000000000001'");
  raw_sql(store.file(), "UPDATE alerts SET v = (SELECT v FROM contacts WHERE k = x'0000000000000002')");
  must(store.open());
  EXPECT_EQ(test::code(store.storage->get(Table::contacts, numbered(1))), Errc::damaged);
  EXPECT_EQ(test::code(store.storage->get(Table::alerts, numbered(1))), Errc::damaged);

  // The damaged row is handed to a scan in its place; the others live, and it can be put anew.
  std::vector<std::string> seen;
  must(store.storage->scan(Table::contacts, {}, [&](std::uint64_t n, Result<crypto::SecretBytes> value) {
    seen.push_back(std::to_string(n) + (value ? std::string(as_text(value->expose())) : "!"));
    return true;
  }));
  EXPECT_EQ(seen, (std::vector<std::string>{"1!", "2two", "3three"}));
  must(store.put(Table::contacts, numbered(1), "again"));
  EXPECT_EQ(store.get(Table::contacts, numbered(1)), "again");
}

TEST(Sealing, TheKeysLiveInTheArenaAndLeaveIt) {
  Store store;
  must(store.open());
  EXPECT_EQ(store.arena->used(), 2u);
  store.close();
  EXPECT_EQ(store.arena->used(), 0u);
}

}  // namespace
}  // namespace bud::test
