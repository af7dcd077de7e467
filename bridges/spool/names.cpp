#include "spool/names.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace spool {
namespace {

constexpr char lower_hex[] = "0123456789abcdef";

bool is_lower_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool stands_for_itself(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c) || c == '.' || c == '_' || c == '@' || c == '+' || c == '-';
}

}  // namespace

std::optional<std::string> escape_address(std::string_view address) {
  constexpr char upper_hex[] = "0123456789ABCDEF";
  std::string name;
  if (address.empty() || address.size() > 250) return std::nullopt;
  for (char c : address) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) return std::nullopt;
    if (stands_for_itself(c) && !(c == '.' && name.empty())) {
      name += c;
    } else {
      name += '%';
      name += upper_hex[byte >> 4];
      name += upper_hex[byte & 15];
    }
  }
  if (name.size() > 250) return std::nullopt;
  return name;
}

bool is_device(std::string_view name) {
  return name.size() == 16 && std::all_of(name.begin(), name.end(), is_lower_hex);
}

std::optional<std::string> random_hex16() {
  std::array<unsigned char, 8> random;
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) return std::nullopt;
  std::string hex;
  for (unsigned char byte : random) {
    hex += lower_hex[byte >> 4];
    hex += lower_hex[byte & 15];
  }
  return hex;
}

std::string batch_name(std::uint64_t now_ms, std::string_view random) {
  std::array<char, 24> digits;
  std::snprintf(digits.data(), digits.size(), "%015llu-", static_cast<unsigned long long>(now_ms % 1000000000000000u));
  return std::string(digits.data()) + std::string(random);
}

bool is_batch(std::string_view name) {
  return name.size() == 32 && std::all_of(name.begin(), name.begin() + 15, is_digit) && name[15] == '-' &&
         is_device(name.substr(16));
}

}  // namespace spool
