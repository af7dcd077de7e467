#include "store/schema.h"

#include <initializer_list>

namespace bud::store {
namespace {

// A table of sealed rows, for each of the names.
std::string row_tables(std::initializer_list<const char*> names) {
  std::string sql;
  for (const char* name : names)
    sql += std::string("CREATE TABLE ") + name + " (k BLOB PRIMARY KEY, v BLOB NOT NULL) STRICT, WITHOUT ROWID;";
  return sql;
}

// The header's rows are readable without a key; they say nothing about people.
std::string version_1() {
  return "CREATE TABLE header (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;" +
         row_tables({"meta",          "ledger",     "accounts",     "session_index", "peers",   "sessions",
                     "prekeys",       "handshakes", "contacts",     "addresses",     "threads", "messages",
                     "message_index", "deliveries", "outbox",       "pushed",        "events",  "clients",
                     "alerts",        "bridges",    "bridge_state", "receipts",      "waiting", "envelopes",
                     "seen",          "healing",    "joining"});
}

// Groups, registers, what threads relate to each other, and files on their way.
std::string version_2() {
  return row_tables({"rosters", "roster_waiting", "roster_states", "registers", "aside", "related", "reads", "expiring", "blobs"});
}

Result<> check_identity(Database& db, std::int64_t version) {
  BUD_TRY(const std::int64_t id, db.integer("PRAGMA application_id"));
  BUD_TRY(const std::int64_t tables, db.integer("SELECT count(*) FROM sqlite_schema"));
  const bool empty = version == 0 && id == 0 && tables == 0;
  const bool ours = version > 0 && id == application_id && tables > 0;
  if (!empty && !ours)
    return fail(Errc::damaged,
                "the store file is damaged, or is another program's: keep a copy of it, then restore a backup");
  return {};
}

Result<> run(Database& db, const Migration& step) {
  BUD_CHECK(db.execute("BEGIN IMMEDIATE"));
  Result<> done = db.execute(step.sql + "PRAGMA application_id = " + std::to_string(application_id) +
                             "; PRAGMA user_version = " + std::to_string(step.to_version) + "; COMMIT");
  if (!done && db.in_transaction()) (void)db.execute("ROLLBACK");
  return done;
}

}  // namespace

const std::vector<Migration>& migrations() {
  static const std::vector<Migration> steps = {{1, version_1()}, {2, version_2()}};
  return steps;
}

Result<> migrate(Database& db, std::span<const Migration> steps) {
  BUD_TRY(const std::int64_t version, db.integer("PRAGMA user_version"));
  if (version > steps.back().to_version)
    return fail(Errc::unsupported, "the store was written by a newer budstikked (schema " + std::to_string(version) +
                                       ", this one knows " + std::to_string(steps.back().to_version) +
                                       "): install that version again");
  BUD_CHECK(check_identity(db, version));
  BUD_CHECK(db.make_durable());
  for (const Migration& step : steps)
    if (step.to_version > version) BUD_CHECK(run(db, step));
  return {};
}

const char* table_name(core::Table table) {
  using core::Table;
  switch (table) {
    case Table::meta:
      return "meta";
    case Table::ledger:
      return "ledger";
    case Table::accounts:
      return "accounts";
    case Table::session_index:
      return "session_index";
    case Table::peers:
      return "peers";
    case Table::sessions:
      return "sessions";
    case Table::prekeys:
      return "prekeys";
    case Table::handshakes:
      return "handshakes";
    case Table::contacts:
      return "contacts";
    case Table::addresses:
      return "addresses";
    case Table::threads:
      return "threads";
    case Table::messages:
      return "messages";
    case Table::message_index:
      return "message_index";
    case Table::deliveries:
      return "deliveries";
    case Table::outbox:
      return "outbox";
    case Table::pushed:
      return "pushed";
    case Table::events:
      return "events";
    case Table::clients:
      return "clients";
    case Table::alerts:
      return "alerts";
    case Table::bridges:
      return "bridges";
    case Table::bridge_state:
      return "bridge_state";
    case Table::receipts:
      return "receipts";
    case Table::waiting:
      return "waiting";
    case Table::envelopes:
      return "envelopes";
    case Table::seen:
      return "seen";
    case Table::healing:
      return "healing";
    case Table::joining:
      return "joining";
    case Table::rosters:
      return "rosters";
    case Table::roster_waiting:
      return "roster_waiting";
    case Table::roster_states:
      return "roster_states";
    case Table::registers:
      return "registers";
    case Table::aside:
      return "aside";
    case Table::related:
      return "related";
    case Table::reads:
      return "reads";
    case Table::expiring:
      return "expiring";
    case Table::blobs:
      return "blobs";
  }
  return nullptr;
}

}  // namespace bud::store
