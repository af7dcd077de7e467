#include "host/text.h"

#include "base/text.h"

#include <cstring>

namespace bud::worker {
namespace {

constexpr std::size_t max_text = 1024;

bool continues_a_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

}  // namespace

std::string printable(const char* text) {
  if (text == nullptr) return {};
  std::size_t size = strnlen(text, max_text + 1);
  if (size > max_text) {
    size = max_text;
    while (size > 0 && continues_a_character(text[size])) --size;
  }
  std::string line(text, size);
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  if (valid_text(line)) return line;
  for (char& c : line)
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  return line;
}

}  // namespace bud::worker
