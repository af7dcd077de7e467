// The tables of the store file, and how an older file becomes one of today.
//
// A file says in SQLite's own header what it is: application_id is ours, user_version the schema's version. Both can be
// read without any key. Steps are append only: a released step never changes, a change of shape is a new step, with a
// fixture of the version before it (tests/unit/store/fixtures).
#pragma once

#include "core/storage.h"
#include "store/database.h"

#include <span>

namespace bud::store {

inline constexpr std::int64_t application_id = 0x42756473;  // "Buds"

struct Migration {
  int to_version;
  std::string sql;
};

// From version 0, an empty file, onwards; versions rise by one.
[[nodiscard]] const std::vector<Migration>& migrations();

// Runs what the file lacks, each step in a transaction of its own together with the version that it leads to.
// Errc::unsupported: written by a newer program. Errc::damaged: not a store of ours, or its version contradicts it.
[[nodiscard]] Result<> migrate(Database& db, std::span<const Migration> steps);

// Its name in the file; nullptr where the number is none. A row is (k: stored key, v: sealed value).
// A table that is added to core::Table gets a name here (the compiler asks for it) and a migration of its own.
[[nodiscard]] const char* table_name(core::Table table);
inline constexpr int table_count = static_cast<int>(core::Table::wants);  // the last one

}  // namespace bud::store
