// Just enough of JSON to write vectors that a person can read and a diff can show: objects keep their order.
#pragma once

#include "base/bytes.h"

#include <string>
#include <utility>
#include <vector>

namespace bud::vectors {

class Json {
 public:
  static Json object() { return Json(Kind::object, {}); }
  static Json array() { return Json(Kind::array, {}); }
  static Json hex(ByteView v) { return Json(Kind::scalar, '"' + to_hex(v) + '"'); }
  template <class Tag, std::size_t N>
  static Json hex(const Fixed<Tag, N>& v) {
    return hex(v.view());
  }
  static Json number(std::uint64_t n) { return Json(Kind::scalar, std::to_string(n)); }
  static Json flag(bool b) { return Json(Kind::scalar, b ? "true" : "false"); }
  // Of printable ASCII and UTF-8.
  static Json text(std::string_view t) {
    std::string out = "\"";
    for (char c : t) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    return Json(Kind::scalar, out + '"');
  }

  Json& set(std::string name, Json value) {
    items_.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  Json& push(Json value) { return set({}, std::move(value)); }
  bool empty() const { return items_.empty(); }

  // A line for each scalar; short containers without containers in them on one line.
  std::string dump(std::size_t indent = 0) const {
    if (kind_ == Kind::scalar) return text_;
    const char open = kind_ == Kind::object ? '{' : '[', close = kind_ == Kind::object ? '}' : ']';
    const std::string line = flat();
    if (items_.empty() || (simple() && line.size() + indent <= 118)) return line;
    std::string out(1, open);
    for (std::size_t i = 0; i < items_.size(); ++i)
      out += (i > 0 ? ",\n" : "\n") + std::string(indent + 1, ' ') + name(items_[i].first) +
             items_[i].second.dump(indent + 1);
    return out + '\n' + std::string(indent, ' ') + close;
  }

 private:
  enum class Kind : std::uint8_t { scalar, object, array };
  Json(Kind kind, std::string text) : kind_(kind), text_(std::move(text)) {}
  std::string name(const std::string& n) const { return kind_ == Kind::object ? '"' + n + "\": " : std::string(); }
  bool simple() const {
    for (const auto& [n, v] : items_)
      if (v.kind_ != Kind::scalar) return false;
    return true;
  }
  std::string flat() const {
    if (kind_ == Kind::scalar) return text_;
    std::string out(1, kind_ == Kind::object ? '{' : '[');
    for (std::size_t i = 0; i < items_.size(); ++i)
      out += (i > 0 ? ", " : "") + name(items_[i].first) + items_[i].second.flat();
    return out + (kind_ == Kind::object ? '}' : ']');
  }

  Kind kind_;
  std::string text_;
  std::vector<std::pair<std::string, Json>> items_;
};

}  // namespace bud::vectors
