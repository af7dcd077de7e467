// The store as a file: its modes, its life over restarts, its log and its bounds.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "store_fixture.h"
#include "support/outcome.h"

namespace bud::test {
namespace {

using core::RowKey;
using core::Table;
using core::Transaction;
using IfMissing = SqliteStorage::IfMissing;

TEST(SqliteStorage, KeepsItsRowsOverARestart) {
  Store store;
  EXPECT_FALSE(store::exists(*store.folder));
  must(store.open());
  EXPECT_TRUE(store::exists(*store.folder));
  must(store.put(Table::contacts, RowKey().blind("alice").number(4), "hello"));
  must(store.open(IfMissing::refuse));
  EXPECT_EQ(store.get(Table::contacts, RowKey().blind("alice").number(4)), "hello");
  must(store.storage->check());
}

TEST(SqliteStorage, ItsFilesAreTheOwnersAlone) {
  Store store;
  must(store.open());
  must(store.put(Table::meta, numbered(1), "x"));
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(store.scratch.path())) {
    struct stat s;
    ASSERT_EQ(stat(entry.path().c_str(), &s), 0);
    EXPECT_EQ(s.st_mode & 0777, 0600u) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 3) << "store.db, store.db-wal, lock";
  store.close();
  ASSERT_EQ(chmod(store.file().c_str(), 0644), 0);
  must(store.open());
  struct stat s;
  ASSERT_EQ(stat(store.file().c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0600u);
}

TEST(SqliteStorage, ChecksItsKeyBeforeAnythingElse) {
  Store store;
  must(store.open());
  const Result<> other = store.open(IfMissing::create, 8);
  ASSERT_FALSE(other);
  EXPECT_EQ(test::code(other), Errc::damaged);
  EXPECT_NE(other.error().text.find("vault"), std::string::npos);
  must(store.open());
}

TEST(SqliteStorage, IsNotMadeAnewWhereOneIsExpectedOrHalfLeft) {
  Store store;
  EXPECT_EQ(test::code(store.open(IfMissing::refuse)), Errc::not_found);
  EXPECT_FALSE(std::filesystem::exists(store.file()));
  write_file(store.file("store.db-wal"), as_bytes("log"));
  EXPECT_EQ(test::code(store.open()), Errc::damaged);
  EXPECT_FALSE(std::filesystem::exists(store.file())) << "a fresh file under an old log";
}

TEST(SqliteStorage, AHalfMadeOneFromACrashIsSetAside) {
  Store store;
  write_file(store.file("store.db.new"), as_bytes("half"));
  write_file(store.file("store.db.new-wal"), as_bytes("a log"));
  must(store.open());
  must(store.put(Table::meta, numbered(1), "x"));
  EXPECT_FALSE(std::filesystem::exists(store.file("store.db.new")));
  EXPECT_FALSE(std::filesystem::exists(store.file("store.db.new-wal")));
}

TEST(SqliteStorage, LosesNothingThatWasCommittedWhenItIsDroppedInATransaction) {
  Store store;
  must(store.open());
  must(store.put(Table::meta, numbered(1), "stands"));
  must(store.storage->begin());
  must(store.storage->put(Table::meta, numbered(2), as_bytes("does not")));
  must(store.open());
  EXPECT_EQ(store.get(Table::meta, numbered(1)), "stands");
  EXPECT_EQ(store.get(Table::meta, numbered(2)), "none");
}

TEST(SqliteStorage, BoundsKeysAndValues) {
  Store store;
  must(store.open());
  Transaction transaction = must(Transaction::open(*store.storage));
  const Bytes largest(store::max_value), larger(store::max_value + 1);
  must(store.storage->put(Table::meta, numbered(1), largest));
  EXPECT_EQ(test::code(store.storage->put(Table::meta, numbered(2), larger)), Errc::too_large);
  const RowKey longest = RowKey().plain(Bytes(store::max_key, 1)),
               longer = RowKey().plain(Bytes(store::max_key + 1, 1));
  must(store.storage->put(Table::meta, longest, {}));
  EXPECT_EQ(test::code(store.storage->put(Table::meta, longer, {})), Errc::too_large);
  EXPECT_EQ(test::code(store.storage->get(Table::meta, longer)), Errc::too_large);
  RowKey seven;
  for (std::uint64_t i = 0; i < 7; ++i) seven.number(i);
  EXPECT_EQ(test::code(store.storage->erase(Table::meta, seven)), Errc::too_large);
  must(transaction.commit());  // what was too large was never the disk's matter
  EXPECT_EQ(must(store.storage->get(Table::meta, numbered(1)))->size(), largest.size());
  EXPECT_TRUE(must(store.storage->get(Table::meta, longest)));
}

TEST(SqliteStorage, RefusesAScanFromOutsideItsPrefix) {
  Store store;
  must(store.open());
  const auto none = [](std::uint64_t, Result<crypto::SecretBytes>) { return true; };
  EXPECT_EQ(test::code(store.storage->scan(Table::meta, {numbered(1), numbered(2)}, none)), Errc::internal);
  EXPECT_EQ(test::code(store.storage->scan(Table::meta, {numbered(1), RowKey()}, none)), Errc::internal);
}

TEST(SqliteStorage, MovesItsLogWhenAskedAndWhenItOutgrowsItsBound) {
  Store store;
  must(store.open());
  const std::string value(2 * 1024 * 1024, 'v');
  must(store.put(Table::messages, numbered(1), value));
  EXPECT_GT(store.storage->log_bytes(), value.size()) << "no checkpoint in a commit of ordinary size";
  must(store.storage->checkpoint());
  EXPECT_EQ(store.storage->log_bytes(), 0u);
  EXPECT_GT(std::filesystem::file_size(store.file()), value.size());
  for (std::uint64_t n = 0; n < 30; ++n) {
    must(store.put(Table::messages, numbered(n), value));
    EXPECT_LE(store.storage->log_bytes(), SqliteStorage::max_log);
  }
  EXPECT_LE(std::filesystem::file_size(store.file("store.db-wal")), SqliteStorage::max_log + 2 * value.size());
  EXPECT_EQ(store.get(Table::messages, numbered(29)), value);

  must(store.storage->begin());
  EXPECT_EQ(test::code(store.storage->checkpoint()), Errc::internal);
}

// A log that a great transaction has blown up is cut to its bound once it has been moved into the store's file.
TEST(SqliteStorage, GivesBackTheRoomOfALongLog) {
  Store store;
  must(store.open());
  const std::string value(2 * 1024 * 1024, 'v');
  {
    auto transaction = must(core::Transaction::open(*store.storage));
    for (std::uint64_t n = 0; n < 20; ++n) must(store.storage->put(Table::messages, numbered(n), as_bytes(value)));
    must(transaction.commit());
  }
  ASSERT_GT(std::filesystem::file_size(store.file("store.db-wal")), 2 * SqliteStorage::max_log);
  must(store.put(Table::meta, numbered(1), "x"));
  EXPECT_LE(std::filesystem::file_size(store.file("store.db-wal")), SqliteStorage::max_log);
  EXPECT_EQ(store.get(Table::messages, numbered(19)), value);
}

TEST(SqliteStorage, SaysSoWhenItsFilesVanish) {
  for (const char* gone : {"store.db", "store.db-wal"}) {
    Store store;
    must(store.open());
    must(store.put(Table::meta, numbered(1), "x"));
    std::filesystem::rename(store.file(gone), store.file("elsewhere"));
    const Result<> lost = store.put(Table::meta, numbered(2), "y");
    ASSERT_FALSE(lost) << gone;
    EXPECT_EQ(test::code(lost), Errc::storage);
    EXPECT_NE(lost.error().text.find("vanished"), std::string::npos);
    std::filesystem::rename(store.file("elsewhere"), store.file(gone));
    must(store.put(Table::meta, numbered(3), "z"));
    EXPECT_EQ(store.get(Table::meta, numbered(2)), "none");
  }
}

TEST(SqliteStorage, SetsSqliteUpAsItSays) {
  Store store;
  must(store.open());
  store.close();
  auto db = must(store::Database::open(store.file()));
  must(db.make_durable());
  const std::pair<const char*, std::int64_t> settings[] = {
      {"synchronous", 2},  {"secure_delete", 1},           {"temp_store", 2},      {"cache_size", -4096},
      {"mmap_size", 0},    {"trusted_schema", 0},          {"cell_size_check", 1}, {"wal_autocheckpoint", 0},
      {"foreign_keys", 0}, {"application_id", 0x42756473}, {"user_version", 2}};
  for (const auto& [name, value] : settings) EXPECT_EQ(must(db.integer(std::string("PRAGMA ") + name)), value) << name;
  EXPECT_FALSE(db.execute("SELECT \"no such column\"")) << "a misspelt name is no string";
}

}  // namespace
}  // namespace bud::test
