#include "spool/batch.h"

#include <algorithm>
#include <string_view>

namespace spool {
namespace {

constexpr std::string_view magic = "BUDSPOOL1\n";

void put_u32(std::vector<std::uint8_t>& to, std::size_t n) {
  for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<std::uint8_t>(n >> shift));
}

// Takes four bytes off the front; false where there are fewer.
bool take_u32(std::span<const std::uint8_t>& from, std::uint32_t& n) {
  if (from.size() < 4) return false;
  n = 0;
  for (int i = 0; i < 4; ++i) n = n << 8 | from[static_cast<std::size_t>(i)];
  from = from.subspan(4);
  return true;
}

}  // namespace

std::vector<std::uint8_t> encode_batch(std::span<const bud_bytes> copies) {
  std::vector<std::uint8_t> file(magic.begin(), magic.end());
  put_u32(file, copies.size());
  for (const bud_bytes& copy : copies) {
    put_u32(file, copy.size);
    file.insert(file.end(), copy.data, copy.data + copy.size);
  }
  return file;
}

Outcome<std::vector<bud_bytes>> decode_batch(std::span<const std::uint8_t> file) {
  if (file.size() < magic.size() || !std::equal(magic.begin(), magic.end(), file.begin()))
    return failure(BUD_INVALID, "no batch of a spool");
  file = file.subspan(magic.size());
  std::uint32_t count = 0;
  if (!take_u32(file, count)) return failure(BUD_INVALID, "cut short");
  if (count == 0 || count > max_copies) return failure(BUD_INVALID, "too many copies, or none");
  std::vector<bud_bytes> copies;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint32_t size = 0;
    if (!take_u32(file, size)) return failure(BUD_INVALID, "cut short");
    if (size == 0 || size > max_copy) return failure(BUD_INVALID, "a copy is empty or too large");
    if (file.size() < size) return failure(BUD_INVALID, "cut short");
    copies.push_back({file.data(), size});
    file = file.subspan(size);
  }
  if (!file.empty()) return failure(BUD_INVALID, "longer than it says");
  return copies;
}

}  // namespace spool
