// Rows with aligned columns, for a terminal or a pipe: no colours, nothing but text.
#pragma once

#include <string>
#include <vector>

namespace bud::cli {

class Table {
 public:
  // Headings; none for a list of names and values.
  explicit Table(std::vector<std::string> headings = {});
  // Cells are escaped here.
  void row(std::vector<std::string> cells);
  bool empty() const { return rows_.size() == (has_headings_ ? 1u : 0u); }
  std::string text() const;

 private:
  bool has_headings_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace bud::cli
