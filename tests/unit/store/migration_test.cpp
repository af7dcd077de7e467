// Schema versions: a file of each one that was ever written still opens, with all that it holds.
#include <gtest/gtest.h>

#include <filesystem>

#include "fixture_rows.h"
#include "store_fixture.h"
#include "support/outcome.h"

namespace bud::test {
namespace {

using store::Database;
using store::migrate;
using store::Migration;

TEST(Migration, AStoreOfEachVersionOpensWithAllItsRows) {
  const std::map<std::string, std::uint8_t> tables_of{{"1", 27}, {"2", 37}};
  ASSERT_EQ(tables_of.size(), store::migrations().size()) << "a version without a fixture";
  for (const auto& [version, tables] : tables_of) {
    SCOPED_TRACE("version " + version);
    Store store;
    const std::string fixture = "/tests/unit/store/fixtures/store-v" + version + ".db";
    std::filesystem::copy_file(BUD_SOURCE_DIR + fixture, store.file());
    ASSERT_EQ(raw_sql(store.file(), "PRAGMA user_version"), version);
    must(store.open(SqliteStorage::IfMissing::refuse));
    for (const FixtureRow& row : fixture_rows(tables)) EXPECT_EQ(store.get(row.table, row.key), row.value);
    for (int table = 1; table <= store::table_count; ++table)
      must(store.put(static_cast<core::Table>(table), numbered(1), "x"));
    must(store.storage->check());
  }
}

TEST(Migration, ANewStoreIsOfTheNewestVersionWithAllTables) {
  Store store;
  must(store.open());
  store.close();
  EXPECT_EQ(raw_sql(store.file(), "PRAGMA user_version"), std::to_string(store::migrations().back().to_version));
  EXPECT_EQ(raw_sql(store.file(), "SELECT count(*) FROM sqlite_schema"), std::to_string(1 + store::table_count));
  for (int table = 1; table <= store::table_count; ++table) {
    const std::string name = store::table_name(static_cast<core::Table>(table));
    EXPECT_EQ(raw_sql(store.file(),
                      "SELECT sql LIKE '%STRICT, WITHOUT ROWID' FROM sqlite_schema WHERE name = '" + name + "'"),
              "1")
        << name;
  }
}

// Were one forgotten, its first use would fail on somebody's disk.
TEST(Migration, EveryTableCanBeUsedAndNoOther) {
  Store store;
  must(store.open());
  for (int table = 1; table <= store::table_count; ++table)
    must(store.put(static_cast<core::Table>(table), numbered(1), "x"));
  for (int none : {0, store::table_count + 1, 255}) {
    EXPECT_EQ(store::table_name(static_cast<core::Table>(none)), nullptr);
    EXPECT_EQ(test::code(store.storage->get(static_cast<core::Table>(none), numbered(1))), Errc::internal);
  }
}

TEST(Migration, ANewerStoreIsRefusedAndLeftAsItIs) {
  Store store;
  must(store.open());
  must(store.put(core::Table::meta, numbered(1), "x"));
  store.close();
  raw_sql(store.file(), "PRAGMA journal_mode = DELETE; PRAGMA user_version = 99");
  const Bytes before = read_file(store.file());
  const Result<> newer = store.open();
  ASSERT_FALSE(newer);
  EXPECT_EQ(test::code(newer), Errc::unsupported);
  EXPECT_NE(newer.error().text.find("99"), std::string::npos);
  EXPECT_EQ(read_file(store.file()), before);
}

TEST(Migration, AnotherProgramsDatabaseIsRefusedAndLeftAsItIs) {
  for (const char* sql : {"CREATE TABLE t (x); PRAGMA user_version = 1", "CREATE TABLE t (x)",
                          "CREATE TABLE t (x); PRAGMA user_version = 1; PRAGMA application_id = 5"}) {
    Store store;
    raw_sql(store.file(), sql);
    const Bytes before = read_file(store.file());
    EXPECT_EQ(test::code(store.open()), Errc::damaged) << sql;
    EXPECT_EQ(read_file(store.file()), before);
  }
}

TEST(Migration, OursWithoutItsTablesIsDamaged) {
  Store store;
  must(store.open());
  store.close();
  raw_sql(store.file(), "DROP TABLE header");
  EXPECT_EQ(test::code(store.open()), Errc::damaged);
  raw_sql(store.file(), "PRAGMA user_version = 0");
  EXPECT_EQ(test::code(store.open()), Errc::damaged);
}

struct Steps : testing::Test {
  ScratchFolder scratch;
  std::string file = scratch.file("test.db");
  void SetUp() override { write_file(file, {}); }
  Result<> run(const std::vector<Migration>& steps) {
    BUD_TRY(Database db, Database::open(file));
    return migrate(db, steps);
  }
  const Migration one{1, "CREATE TABLE a (x);"}, two{2, "ALTER TABLE a ADD COLUMN y; INSERT INTO a VALUES (1, 2);"};
};

TEST_F(Steps, RunOnceEachAndInOrder) {
  must(run({one}));
  must(run({one, two}));
  must(run({one, two}));
  EXPECT_EQ(raw_sql(file, "SELECT count(*) || sum(y) FROM a"), "12");
  EXPECT_EQ(raw_sql(file, "PRAGMA user_version"), "2");
}

TEST_F(Steps, AFailedOneLeavesTheVersionBefore) {
  must(run({one}));
  const Migration bad{2, "ALTER TABLE a ADD COLUMN y; INSERT INTO nowhere VALUES (1);"};
  {
    Database db = must(Database::open(file));
    EXPECT_FALSE(migrate(db, std::vector<Migration>{one, bad}));
    EXPECT_FALSE(db.in_transaction());
  }
  EXPECT_EQ(raw_sql(file, "PRAGMA user_version"), "1");
  EXPECT_EQ(raw_sql(file, "SELECT count(*) FROM pragma_table_info('a')"), "1") << "half a step";
  must(run({one, two}));
  EXPECT_EQ(raw_sql(file, "PRAGMA user_version"), "2");
}

}  // namespace
}  // namespace bud::test
