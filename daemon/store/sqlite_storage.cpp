#include "store/sqlite_storage.h"

#include "crypto/hash.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace bud::store {
namespace {

constexpr std::string_view store_name = "store.db", fresh_name = "store.db.new", log_suffix = "-wal";

bool file_exists(const std::string& path) {
  struct stat s;
  return lstat(path.c_str(), &s) == 0;
}

// The header's row that tells whether a master key is this store's: a sealed nothing, under a place no table has.
constexpr core::Table no_table{};
constexpr std::string_view key_check = "key_check";

Result<> write_key_check(Database& db, const RowSealer& sealer) {
  BUD_TRY(Statement insert, db.prepare("INSERT INTO header (name, value) VALUES ('key_check', ?1)"));
  const Bytes sealed = sealer.seal(no_table, as_bytes(key_check), {});
  BUD_CHECK(insert.bind(1, sealed).step());
  return {};
}

Result<> check_key(Database& db, const RowSealer& sealer) {
  BUD_TRY(Statement select, db.prepare("SELECT value FROM header WHERE name = 'key_check'"));
  BUD_TRY(const bool row, select.step());
  if (row && sealer.open(no_table, as_bytes(key_check), select.blob(0))) return {};
  return fail(Errc::damaged,
              "the store does not open with this vault's key: they are not of one device, or the store is damaged; "
              "restore both from the same backup");
}

Result<> make_empty_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return fail_errno("make " + path, errno);
  close(fd);
  return {};
}

// Built under another name and renamed when whole: a store.db that is empty or half made is never one of ours, and so
// is known to be damaged.
Result<> create(const StateFolder& folder, const RowSealer& sealer) {
  const std::string fresh = folder.file(fresh_name);
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) unlink((fresh + suffix).c_str());
  BUD_CHECK(make_empty_file(fresh));
  {
    BUD_TRY(Database db, Database::open(fresh));
    BUD_CHECK(migrate(db, migrations()));
    BUD_CHECK(write_key_check(db, sealer));
    if (sqlite3_wal_checkpoint_v2(db.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr) != SQLITE_OK)
      return tl::unexpected<Error>(describe(sqlite3_extended_errcode(db.handle())));
  }
  if (std::rename(fresh.c_str(), folder.file(store_name).c_str()) != 0) return fail_errno("name the new store", errno);
  return folder.sync();
}

Result<> check_file(const std::string& file) {
  struct stat s;
  if (lstat(file.c_str(), &s) != 0) return fail_errno("look at " + file, errno);
  if (!S_ISREG(s.st_mode) || s.st_size == 0) return tl::unexpected<Error>(describe(SQLITE_NOTADB));
  if ((s.st_mode & 07777) != 0600 && chmod(file.c_str(), 0600) != 0) return fail_errno("protect " + file, errno);
  return {};
}

Result<> find_or_create(const StateFolder& folder, const RowSealer& sealer, SqliteStorage::IfMissing missing) {
  const std::string file = folder.file(store_name);
  if (file_exists(file)) return check_file(file);
  if (exists(folder))
    return fail(Errc::damaged,
                "the store file is gone but its log, store.db-wal, is still there: restore a backup of both");
  if (missing == SqliteStorage::IfMissing::create) return create(folder, sealer);
  return fail(Errc::not_found,
              "there is no store in " + folder.path() +
                  ": restore it from a backup; if none was ever made, remove the file vault and begin anew");
}

// Follows every key that begins with the same bytes, and precedes the rest: longer than any stored key.
Bytes last_under(Bytes prefix) {
  prefix.resize(max_key + 1, 0xff);
  return prefix;
}

std::uint64_t trailing_number(ByteView key) {
  if (key.size() < 8) return 0;
  std::uint64_t n = 0;
  for (std::uint8_t b : key.last(8)) n = n << 8 | b;
  return n;
}

std::size_t index_of(core::Table table) {
  return static_cast<std::size_t>(table) - 1;
}

}  // namespace

bool exists(const StateFolder& folder) {
  const std::string file = folder.file(store_name);
  return file_exists(file) || file_exists(file + std::string(log_suffix));
}

Result<std::unique_ptr<SqliteStorage>> SqliteStorage::open(const StateFolder& folder, const crypto::Secret<32>& master,
                                                           IfMissing missing, crypto::Arena& arena, Random& random) {
  BUD_TRY(RowSealer sealer, RowSealer::create(master, arena, random));
  BUD_CHECK(find_or_create(folder, sealer, missing));
  const std::string file = folder.file(store_name);
  BUD_TRY(Database db, Database::open(file));
  BUD_CHECK(migrate(db, migrations()));
  BUD_CHECK(check_key(db, sealer));
  std::unique_ptr<SqliteStorage> storage(new SqliteStorage(file, std::move(db), std::move(sealer)));
  BUD_CHECK(storage->prepare_transactions());
  return storage;
}

SqliteStorage::SqliteStorage(std::string file, Database db, RowSealer sealer)
    : file_(std::move(file)), db_(std::move(db)), sealer_(std::move(sealer)) {}

SqliteStorage::~SqliteStorage() {
  rollback();
}

Result<> SqliteStorage::prepare_transactions() {
  BUD_TRY(begin_, db_.prepare("BEGIN IMMEDIATE"));
  BUD_TRY(commit_, db_.prepare("COMMIT"));
  BUD_TRY(rollback_, db_.prepare("ROLLBACK"));
  BUD_CHECK(db_.execute("PRAGMA journal_size_limit = " + std::to_string(max_log)));
  sqlite3_limit(db_.handle(), SQLITE_LIMIT_LENGTH, static_cast<int>(max_value + 1024));
  sqlite3_wal_hook(
      db_.handle(),
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<SqliteStorage*>(self)->log_pages_ = static_cast<std::size_t>(pages);
        return SQLITE_OK;
      },
      this);
  return {};
}

Result<> SqliteStorage::begin() {
  if (open_) return fail(Errc::internal, "a transaction within a transaction");
  BUD_CHECK(run(begin_));
  open_ = true;
  return {};
}

Result<> SqliteStorage::commit() {
  if (!open_ || visiting_ > 0) return fail(Errc::internal, "a commit outside a transaction, or within a scan");
  Result<> done = refused_ ? Result<>(tl::unexpected<Error>(*refused_)) : still_in_place();
  if (done) done = run(commit_);
  if (!done) {
    rollback();
    return done;
  }
  open_ = false;
  // What was committed stands, whatever becomes of this; if the log cannot be moved now, the next commit tries again.
  if (log_bytes() > max_log) (void)move_log();
  return {};
}

void SqliteStorage::rollback() noexcept {
  if (db_.in_transaction()) {
    (void)rollback_.step();
    rollback_.reset();
  }
  open_ = false;
  refused_.reset();
}

// Steps once; what SQLite refuses within a transaction ends it.
Result<bool> SqliteStorage::step(Statement& statement) {
  Result<bool> row = statement.step();
  if (!row && open_ && !refused_) refused_ = row.error();
  return row;
}

Result<> SqliteStorage::run(Statement& statement) {
  Use use(statement);
  BUD_CHECK(step(statement));
  return {};
}

// SQLite would go on writing into files that have no name any more, and lose it all at the next start.
Result<> SqliteStorage::still_in_place() const {
  int moved = 0;
  sqlite3_file_control(db_.handle(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  if (moved != 0 || !file_exists(file_ + std::string(log_suffix)))
    return fail(Errc::storage, "the store has vanished: " + file_ + " was moved or removed; put it back and restart");
  return {};
}

Result<> SqliteStorage::ready_to_write() const {
  if (refused_) return tl::unexpected<Error>(*refused_);
  if (!open_) return fail(Errc::internal, "a change outside a transaction");
  if (visiting_ > 0) return fail(Errc::internal, "a change within a scan");
  return {};
}

Result<Statement> SqliteStorage::prepare(core::Table table, Op op) {
  const std::string name = table_name(table);
  switch (op) {
    case Op::get:
      return db_.prepare("SELECT v FROM " + name + " WHERE k = ?1");
    case Op::put:
      return db_.prepare("INSERT INTO " + name +
                         " (k, v) VALUES (?1, ?2) ON CONFLICT (k) DO UPDATE SET v = excluded.v");
    case Op::erase:
      return db_.prepare("DELETE FROM " + name + " WHERE k = ?1");
    case Op::scan_up:
      return db_.prepare("SELECT k, v FROM " + name + " WHERE k >= ?1 AND k <= ?2 ORDER BY k");
    case Op::scan_down:
      return db_.prepare("SELECT k, v FROM " + name + " WHERE k >= ?1 AND k <= ?2 ORDER BY k DESC");
    case Op::erase_range:
      return db_.prepare("DELETE FROM " + name + " WHERE k >= ?1 AND k <= ?2");
  }
  return fail(Errc::internal, "no such operation");
}

Result<Statement*> SqliteStorage::statement(core::Table table, Op op) {
  if (index_of(table) >= statements_.size()) return fail(Errc::internal, "no such table");
  Statement& cached = statements_[index_of(table)][static_cast<std::size_t>(op)];
  if (!cached) {
    BUD_TRY(cached, prepare(table, op));
  }
  return &cached;
}

Result<std::optional<crypto::SecretBytes>> SqliteStorage::get(core::Table table, const core::RowKey& key) {
  if (refused_) return tl::unexpected<Error>(*refused_);
  BUD_TRY(const Bytes stored, sealer_.stored_key(table, key));
  BUD_TRY(Statement * select, statement(table, Op::get));
  Use use(*select);
  BUD_TRY(const bool found, step(select->bind(1, stored)));
  if (!found) return std::nullopt;
  BUD_TRY(crypto::SecretBytes value, sealer_.open(table, stored, select->blob(0)));
  return value;
}

Result<> SqliteStorage::put(core::Table table, const core::RowKey& key, ByteView value) {
  BUD_CHECK(ready_to_write());
  if (value.size() > max_value) return fail(Errc::too_large, "a row of more than 16 MiB");
  BUD_TRY(const Bytes stored, sealer_.stored_key(table, key));
  BUD_TRY(Statement * insert, statement(table, Op::put));
  const Bytes sealed = sealer_.seal(table, stored, value);
  return run(insert->bind(1, stored).bind(2, sealed));
}

Result<> SqliteStorage::erase(core::Table table, const core::RowKey& key) {
  BUD_CHECK(ready_to_write());
  BUD_TRY(const Bytes stored, sealer_.stored_key(table, key));
  BUD_TRY(Statement * remove, statement(table, Op::erase));
  return run(remove->bind(1, stored));
}

Result<> SqliteStorage::erase_all(core::Table table, const core::RowKey& prefix) {
  BUD_CHECK(ready_to_write());
  BUD_TRY(const Bytes first, sealer_.stored_key(table, prefix));
  BUD_TRY(Statement * remove, statement(table, Op::erase_range));
  const Bytes last = last_under(first);
  return run(remove->bind(1, first).bind(2, last));
}

Result<> SqliteStorage::scan(core::Table table, const Scan& scan, const Visitor& visit) {
  if (refused_) return tl::unexpected<Error>(*refused_);
  BUD_TRY(const Bytes prefix, sealer_.stored_key(table, scan.prefix));
  Bytes first = prefix, last = last_under(prefix);
  if (scan.from) {
    BUD_TRY(Bytes from, sealer_.stored_key(table, *scan.from));
    if (!std::equal(prefix.begin(), prefix.end(), from.begin(),
                    from.begin() + static_cast<std::ptrdiff_t>(std::min(prefix.size(), from.size()))))
      return fail(Errc::internal, "a scan from outside its prefix");
    if (scan.descending)
      last = last_under(std::move(from));
    else
      first = std::move(from);
  }
  const Op op = scan.descending ? Op::scan_down : Op::scan_up;
  BUD_TRY(Statement * cached, statement(table, op));
  Statement own;  // a visitor that scans the same table
  if (cached->busy()) {
    BUD_TRY(own, prepare(table, op));
  }
  Statement& rows = own ? own : *cached;
  Use use(rows);
  return visit_rows(table, rows.bind(1, first).bind(2, last), scan.limit, visit);
}

Result<> SqliteStorage::visit_rows(core::Table table, Statement& rows, std::size_t limit, const Visitor& visit) {
  struct Count {
    std::size_t& n;
    explicit Count(std::size_t& counter) : n(counter) { ++n; }
    ~Count() { --n; }
  } visiting(visiting_);
  for (std::size_t i = 0; i < limit; ++i) {
    BUD_TRY(const bool row, step(rows));
    if (!row) return {};
    const ByteView key = rows.blob(0);
    if (!visit(trailing_number(key), sealer_.open(table, key, rows.blob(1)))) return {};
  }
  return {};
}

Result<> SqliteStorage::move_log() {
  const int code = sqlite3_wal_checkpoint_v2(db_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code != SQLITE_OK) return tl::unexpected<Error>(describe(code));
  log_pages_ = 0;
  return {};
}

Result<> SqliteStorage::checkpoint() {
  if (open_ || visiting_ > 0) return fail(Errc::internal, "a checkpoint within a transaction or a scan");
  return move_log();
}

Result<> SqliteStorage::check() {
  BUD_TRY(Statement statement, db_.prepare("PRAGMA quick_check(1)"));
  BUD_TRY(const bool row, statement.step());
  if (!row || statement.text(0) != "ok") return tl::unexpected<Error>(describe(SQLITE_CORRUPT));
  return {};
}

}  // namespace bud::store
