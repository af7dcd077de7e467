// What stands in every fixture: a row in each table of its version, with blind, plain and numbered parts, and values of several sizes.
#pragma once

#include "core/storage.h"

#include <string>
#include <vector>

namespace bud::test {

struct FixtureRow {
  core::Table table;
  core::RowKey key;
  std::string value;
};

// Of a version with so many tables.
inline std::vector<FixtureRow> fixture_rows(std::uint8_t tables) {
  std::vector<FixtureRow> rows;
  for (std::uint8_t table = 1; table <= tables; ++table) {
    core::RowKey key;
    key.blind("account " + std::to_string(table)).plain(Bytes(16, table)).number(table);
    rows.push_back({static_cast<core::Table>(table), key, "value " + std::to_string(table)});
  }
  rows.push_back({core::Table::messages, core::RowKey().number(1), std::string(10'000, 'm')});
  rows.push_back({core::Table::meta, core::RowKey().blind("empty"), ""});
  return rows;
}

}  // namespace bud::test
