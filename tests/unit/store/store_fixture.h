// A real store in a scratch folder, that can be closed, looked into and opened again.
#pragma once

#include "store/sqlite_storage.h"

#include "crypto/random.h"
#include "support/scratch_folder.h"
#include "support/seeded_random.h"

#include <sqlite3.h>

#include <stdexcept>

namespace bud::test {

inline const bool crypto_started = (crypto::initialize(), true);

using store::SqliteStorage;
using store::StateFolder;

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().text);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}
inline void must(Result<> result) {
  if (!result) throw std::runtime_error(result.error().text);
}

inline crypto::Secret<32> master_key(std::uint8_t fill = 7) {
  crypto::Secret<32> key;
  for (std::uint8_t& b : key.expose_mutable()) b = fill;
  return key;
}

inline core::RowKey numbered(std::uint64_t n) {
  core::RowKey key;
  key.number(n);
  return key;
}

struct Store {
  ScratchFolder scratch;
  crypto::SystemRandom random;
  std::unique_ptr<crypto::Arena> arena = must(crypto::Arena::create());
  std::optional<StateFolder> folder;
  std::unique_ptr<SqliteStorage> storage;

  Store() { folder.emplace(must(StateFolder::open(scratch.path()))); }
  std::string file(std::string_view name = "store.db") const { return scratch.file(name); }

  Result<> open(SqliteStorage::IfMissing missing = SqliteStorage::IfMissing::create, std::uint8_t master = 7) {
    storage.reset();
    auto opened = SqliteStorage::open(*folder, master_key(master), missing, *arena, random);
    if (!opened) return forward(opened);
    storage = std::move(*opened);
    return {};
  }
  void close() { storage.reset(); }

  // One transaction that puts one row.
  Result<> put(core::Table table, const core::RowKey& key, std::string_view value) {
    BUD_TRY(auto transaction, core::Transaction::open(*storage));
    BUD_CHECK(storage->put(table, key, as_bytes(value)));
    return transaction.commit();
  }
  std::string get(core::Table table, const core::RowKey& key) {
    auto value = storage->get(table, key);
    if (!value) return "error: " + value.error().text;
    return *value ? std::string(as_text((*value)->expose())) : "none";
  }
};

// SQL on a closed store's file, past everything that the store does. The first column of the first row, or "".
inline std::string raw_sql(const std::string& file, const std::string& sql) {
  sqlite3* db = nullptr;
  sqlite3_open(file.c_str(), &db);
  std::string first;
  char* error = nullptr;
  sqlite3_exec(
      db, sql.c_str(),
      [](void* out, int, char** values, char**) {
        auto& text = *static_cast<std::string*>(out);
        if (text.empty() && values[0] != nullptr) text = values[0];
        return 0;
      },
      &first, &error);
  const std::string failed = error == nullptr ? "" : error;
  sqlite3_free(error);
  sqlite3_close(db);
  if (!failed.empty()) throw std::runtime_error(failed);
  return first;
}

}  // namespace bud::test
