#include "cli/text.h"

#include <locale.h>
#include <wchar.h>

#include <array>
#include <cstdio>
#include <ctime>

namespace bud::cli {
namespace {

struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

// RFC 3629, section 4.
CodePoint first_code_point(std::string_view s) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t n = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  const CodePoint invalid{lead, 1, false};
  if (lead < 0xC2 || lead > 0xF4 || s.size() < n) return invalid;
  char32_t value = lead & (0x7Fu >> n);
  for (std::size_t i = 1; i < n; ++i) {
    if ((at(i) & 0xC0) != 0x80) return invalid;
    value = value << 6 | (at(i) & 0x3Fu);
  }
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  if (value < least[n] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return invalid;
  return {value, n, true};
}

// wcwidth of the C.UTF-8 locale, whatever locale the program runs in; 1 for all where the system has none.
int width_of(char32_t c) {
  static const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (utf8 == nullptr) return 1;
  const locale_t before = ::uselocale(utf8);
  const int width = ::wcwidth(static_cast<wchar_t>(c));
  ::uselocale(before);
  return width;
}

bool in(char32_t c, char32_t first, char32_t last) {
  return c >= first && c <= last;
}

bool is_hidden(char32_t c) {
  if (c < 0x20 || in(c, 0x7F, 0x9F)) return true;
  if (c < 0x300) return c == 0xAD;  // the soft hyphen
  // Joiners (U+200C, U+200D) stay: scripts and emoji need them.
  return c == 0x61C || c == 0x180E || c == 0x200B || in(c, 0x200E, 0x200F) || in(c, 0x2028, 0x202E) ||
         in(c, 0x2060, 0x206F) || c == 0xFEFF || in(c, 0xFFF0, 0xFFFB) || in(c, 0xE0000, 0xE0FFF) || width_of(c) < 0;
}

void append_escaped(std::string& out, char32_t c, bool valid) {
  if (c == U'\n' && valid) {
    out += "\\n";
  } else if (c == U'\t' && valid) {
    out += "\\t";
  } else {
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, valid ? "\\u{%x}" : "\\x%02x", static_cast<unsigned>(c));
    out += buffer;
  }
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint c = first_code_point(text);
    if (!c.valid || is_hidden(c.value)) {
      append_escaped(out, c.value, c.valid);
    } else {
      out += text.substr(0, c.bytes);
    }
    text.remove_prefix(c.bytes);
  }
  return out;
}

std::string escape_lines(std::string_view text, std::size_t indent) {
  std::string out;
  while (true) {
    const std::size_t end = text.find('\n');
    out += escape(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    out += '\n';
    out.append(indent, ' ');
    text.remove_prefix(end + 1);
  }
}

std::size_t columns(std::string_view text) {
  std::size_t n = 0;
  while (!text.empty()) {
    const CodePoint c = first_code_point(text);
    const int width = c.valid ? width_of(c.value) : 1;
    if (width > 0) n += static_cast<std::size_t>(width);
    text.remove_prefix(c.bytes);
  }
  return n;
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
  if (bytes < 1024 * 1024) return std::to_string(bytes / 1024) + " KiB";
  const std::uint64_t tenths = bytes * 10 / (1024 * 1024);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MiB";
}

std::string short_hex(ByteView id) {
  return to_hex(id.first(std::min<std::size_t>(id.size(), 8)));
}

std::string format_time(Time time) {
  constexpr std::uint64_t year_10000 = 253'402'300'800'000;  // in milliseconds; four digits are enough until then
  if (time.ms == 0 || time.ms >= year_10000) return "-";
  const std::time_t seconds_since = static_cast<std::time_t>(time.ms / 1000);
  std::tm local{};
  char buffer[32];
  if (::localtime_r(&seconds_since, &local) == nullptr) return "-";
  return std::strftime(buffer, sizeof buffer, "%Y-%m-%d %H:%M:%S", &local) > 0 ? buffer : "-";
}

}  // namespace bud::cli
