// The store's file after somebody was at it: bytes changed anywhere, its end cut off, its log (WAL) likewise. An input
// is a list of changes to a store that is whole. Whatever was done, what is read is what was written under that key, or
// nothing.
#include "fuzz/support/feed.h"
#include "fuzz/support/harness.h"
#include "store/sqlite_storage.h"
#include "support/scratch_folder.h"
#include "support/wire_samples.h"
#include "unit/store/fixture_rows.h"

#include <filesystem>
#include <map>
#include <set>

namespace bud::fuzz {
namespace {

using store::SqliteStorage;

crypto::Secret<32> master() {
  crypto::Secret<32> key;
  key.expose_mutable()[0] = 7;
  return key;
}

// A store, closed and whole; and one that still has its newest rows in the log.
struct Original {
  std::vector<test::FixtureRow> rows = test::fixture_rows(store::table_count);
  Bytes closed, open, log;

  Original() {
    const test::ScratchFolder scratch;
    const store::StateFolder folder = must(store::StateFolder::open(scratch.path()));
    const auto arena = must(crypto::Arena::create());
    crypto::SeededRandom random = test::seeded(220);
    auto storage = must(SqliteStorage::open(folder, master(), SqliteStorage::IfMissing::create, *arena, random));
    put(*storage, 0, rows.size() / 2);
    must(storage->checkpoint());
    put(*storage, rows.size() / 2, rows.size());
    open = test::read_file(folder.file("store.db"));
    log = test::read_file(folder.file("store.db-wal"));
    storage.reset();
    closed = test::read_file(folder.file("store.db"));
  }
  void put(SqliteStorage& storage, std::size_t from, std::size_t to) {
    auto transaction = must(core::Transaction::open(storage));
    for (std::size_t i = from; i < to; ++i) must(storage.put(rows[i].table, rows[i].key, as_bytes(rows[i].value)));
    must(transaction.commit());
  }
};
const Original& original() {
  static const Original made;
  return made;
}

void damage(Bytes& file, Feed& feed) {
  if (file.empty()) return;
  const std::uint8_t what = feed.u8();
  const std::size_t at = (feed.u8() * std::size_t{4096} + feed.u16() % 4096u) % file.size();
  if (what == 255) return file.resize(at);
  const ByteView bytes = feed.bytes(1 + what % 16u);
  for (std::size_t i = 0; i < bytes.size() && at + i < file.size(); ++i) file[at + i] = bytes[i];
}

void check_error(const Error& e) {
  // Damage, a newer version, or a disk that does not answer as it should: each with words for a person.
  BUD_HOLDS(e.code == Errc::damaged || e.code == Errc::unsupported || e.code == Errc::storage || e.code == Errc::busy);
  BUD_HOLDS(e.text.size() > 20);
}

void check_values(SqliteStorage& storage) {
  for (const test::FixtureRow& row : original().rows) {
    const auto value = storage.get(row.table, row.key);
    if (!value)
      check_error(value.error());
    else if (*value)
      BUD_HOLDS(as_text((*value)->expose()) == row.value);
  }
  for (std::uint8_t t = 1; t <= store::table_count; ++t) {
    std::set<std::string> written;
    for (const test::FixtureRow& row : original().rows)
      if (row.table == static_cast<core::Table>(t)) written.insert(row.value);
    std::size_t seen = 0;
    const Result<> scanned = storage.scan(static_cast<core::Table>(t), {{}, {}, false, 64},
                                          [&](std::uint64_t, Result<crypto::SecretBytes> value) {
                                            BUD_HOLDS(++seen <= 64);
                                            if (value)
                                              BUD_HOLDS(written.contains(std::string(as_text(value->expose()))));
                                            else
                                              BUD_HOLDS(value.error().code == Errc::damaged);
                                            return true;
                                          });
    if (!scanned) check_error(scanned.error());
  }
}

Result<> write_a_row(SqliteStorage& storage) {
  BUD_TRY(core::Transaction transaction, core::Transaction::open(storage));
  BUD_CHECK(storage.put(core::Table::meta, core::RowKey().blind("new"), as_bytes("new")));
  return transaction.commit();
}

}  // namespace

void run(ByteView input) {
  static const test::ScratchFolder scratch;
  static const store::StateFolder folder = must(store::StateFolder::open(scratch.path()));
  static const std::unique_ptr<crypto::Arena> arena = must(crypto::Arena::create());
  Feed feed(input);
  const bool with_log = feed.flag();
  Bytes file = with_log ? original().open : original().closed, log = original().log;
  for (int i = 0; i < 32 && !feed.empty(); ++i) damage(with_log && feed.flag() ? log : file, feed);
  test::write_file(folder.file("store.db"), file);
  std::error_code ignored;
  std::filesystem::remove(folder.file("store.db-wal"), ignored);
  if (with_log) test::write_file(folder.file("store.db-wal"), log);

  crypto::SeededRandom random = test::seeded(221);
  const auto storage = SqliteStorage::open(folder, master(), SqliteStorage::IfMissing::refuse, *arena, random);
  if (!storage) return check_error(storage.error());
  check_values(**storage);
  if (const Result<> whole = (*storage)->check(); !whole) check_error(whole.error());
  const Result<> written = write_a_row(**storage);
  if (!written) return check_error(written.error());
  const auto read = (*storage)->get(core::Table::meta, core::RowKey().blind("new"));
  if (read && *read) BUD_HOLDS(as_text((*read)->expose()) == "new");
}

void write_seeds(Seeds& seeds) {
  using W = wire::Writer;
  seeds.add("whole", W().u8(0).bytes());
  seeds.add("whole-with-log", W().u8(1).bytes());
  seeds.add("version", W().u8(0).u8(3).u8(0).u16(60).u32(9).bytes());
  seeds.add("application", W().u8(0).u8(3).u8(0).u16(68).u32(9).bytes());
  seeds.add("short", W().u8(0).u8(255).u8(3).u16(100).bytes());
  seeds.add("page", W().u8(0).u8(15).u8(4).u16(0).u64(0x0d00000001000000).u64(~std::uint64_t{0}).bytes());
  seeds.add("log-frame", W().u8(1).u8(1).u8(7).u8(0).u16(40).u64(1).bytes());
  seeds.add("log-short", W().u8(1).u8(1).u8(255).u8(1).u16(0).bytes());
}

}  // namespace bud::fuzz
