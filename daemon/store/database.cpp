#include "store/database.h"

#include <sqlite3.h>

#include <utility>

namespace bud::store {

Error describe(int code) {
  // Since 3.45 SQLite reads long rows past its cache, and so meets the end of a file that was cut short.
  if (code == SQLITE_IOERR_SHORT_READ) return describe(SQLITE_CORRUPT);
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:       // our statements are right: it is the file's tables that are not ours
    case SQLITE_CONSTRAINT:  // nor do they break a rule that stands in an undamaged one
      return {
          Errc::damaged,
          "the store is damaged: stop the daemon, keep a copy of its folder, then restore a backup or link this device "
          "anew"};
    case SQLITE_FULL:
      return {Errc::storage, "the disk is full: free some space and try again; what was stored before stands"};
    case SQLITE_READONLY:
      return {Errc::storage, "the store cannot be written: its disk or file is read-only"};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {Errc::storage, "the store cannot be opened: see to the folder and its permissions"};
    case SQLITE_NOMEM:
      return {Errc::storage, "not enough memory for the store"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return {Errc::busy, "another program holds the store open"};
    case SQLITE_TOOBIG:
      return {Errc::too_large, "more than a row of the store holds"};
    case SQLITE_IOERR:
      if (code == SQLITE_IOERR_DATA || code == SQLITE_IOERR_CORRUPTFS)
        return {Errc::damaged, "the disk returned other bytes than were written: restore a backup onto a healthy one"};
      return {Errc::storage, "the disk failed to read or write the store: see to it and try again"};
    default:
      return {Errc::internal, std::string("the store: ") + sqlite3_errstr(code)};
  }
}

namespace {

[[nodiscard]] tl::unexpected<Error> fail_code(int code) {
  return tl::unexpected<Error>(describe(code));
}

}  // namespace

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

Statement& Statement::bind(int index, ByteView bytes) {
  // A null pointer would bind NULL, which is no empty blob.
  const void* data = bytes.empty() ? static_cast<const void*>("") : bytes.data();
  sqlite3_bind_blob64(statement_, index, data, bytes.size(), SQLITE_STATIC);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fail_code(code);
}

ByteView Statement::blob(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  return {data, data == nullptr ? 0 : static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return text == nullptr ? std::string() : std::string(text);
}

void Statement::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

bool Statement::busy() const {
  return sqlite3_stmt_busy(statement_) != 0;
}

Result<Database> Database::open(const std::string& file) {
  sqlite3* handle = nullptr;
  // One thread at a time is the interface's rule, so SQLite's mutexes are left out.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  Database db(handle);
  if (code != SQLITE_OK) return fail_code(code);
  for (int off : {SQLITE_DBCONFIG_ENABLE_FKEY, SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW,
                  SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_DQS_DDL,
                  SQLITE_DBCONFIG_DQS_DML})
    sqlite3_db_config(handle, off, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // The only reader and writer: with this before the first access, WAL needs no shared-memory file and no lock calls.
  BUD_CHECK(db.execute("PRAGMA locking_mode = EXCLUSIVE"));
  BUD_CHECK(db.execute("PRAGMA cell_size_check = ON"));
  BUD_CHECK(db.execute("PRAGMA mmap_size = 0"));  // a read past the end of a shortened file is an error, not SIGBUS
  BUD_CHECK(db.execute("PRAGMA temp_store = MEMORY"));
  BUD_CHECK(db.execute("PRAGMA cache_size = -4096"));  // KiB
  return db;
}

Result<> Database::make_durable() {
  BUD_TRY(Statement mode, prepare("PRAGMA journal_mode = WAL"));
  BUD_TRY(const bool row, mode.step());
  if (!row || mode.text(0) != "wal") return fail(Errc::storage, "the disk of the store takes no write-ahead log");
  BUD_CHECK(execute("PRAGMA synchronous = FULL"));
  BUD_CHECK(execute("PRAGMA secure_delete = ON"));
  BUD_CHECK(execute("PRAGMA wal_autocheckpoint = 0"));
  return {};
}

Database::~Database() {
  if (handle_ != nullptr) sqlite3_close(handle_);
}

Result<> Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail_code(code);
  return {};
}

Result<std::int64_t> Database::integer(const std::string& sql) {
  BUD_TRY(Statement statement, prepare(sql));
  BUD_TRY(const bool row, statement.step());
  if (!row) return fail(Errc::internal, "the store: no row from " + sql);
  return statement.integer(0);
}

Result<Statement> Database::prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.c_str(), static_cast<int>(sql.size()) + 1, SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  if (code != SQLITE_OK) return fail_code(code);
  return Statement(statement);
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(handle_) == 0;
}

}  // namespace bud::store
