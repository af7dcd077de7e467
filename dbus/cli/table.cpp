#include "cli/table.h"

#include "cli/text.h"

#include <algorithm>

namespace bud::cli {

Table::Table(std::vector<std::string> headings) : has_headings_(!headings.empty()) {
  if (has_headings_) rows_.push_back(std::move(headings));
}

void Table::row(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = escape(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  }
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - columns(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace bud::cli
