#include "wire/codec.h"

#include "base/text.h"

#include <cassert>

namespace bud::wire {
namespace {

template <class T>
void put(Bytes& out, T v) {
  for (int shift = static_cast<int>(sizeof(T) - 1) * 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(v) >> shift));
}

std::uint64_t get(ByteView v) {
  std::uint64_t n = 0;
  for (std::uint8_t b : v) n = n << 8 | b;
  return n;
}

}  // namespace

Writer& Writer::u8(std::uint8_t v) {
  out_.push_back(v);
  return *this;
}
Writer& Writer::u16(std::uint16_t v) {
  put(out_, v);
  return *this;
}
Writer& Writer::u32(std::uint32_t v) {
  put(out_, v);
  return *this;
}
Writer& Writer::u64(std::uint64_t v) {
  put(out_, v);
  return *this;
}
Writer& Writer::raw(ByteView v) {
  append(out_, v);
  return *this;
}

Writer& Writer::vector(ByteView v) {
  const std::size_t n = v.size();
  assert(n < (1u << 30));
  if (n < 0x40)
    u8(static_cast<std::uint8_t>(n));
  else if (n < 0x4000)
    u16(static_cast<std::uint16_t>(n | 0x4000));
  else
    u32(static_cast<std::uint32_t>(n | 0x80000000u));
  return raw(v);
}

std::uint8_t Reader::u8() {
  ByteView v = raw(1);
  return v.empty() ? std::uint8_t{0} : v[0];
}
std::uint16_t Reader::u16() { return static_cast<std::uint16_t>(get(raw(2))); }
std::uint32_t Reader::u32() { return static_cast<std::uint32_t>(get(raw(4))); }
std::uint64_t Reader::u64() { return get(raw(8)); }

ByteView Reader::raw(std::size_t n) {
  if (in_.size() < n) {
    fault();
    return {};
  }
  ByteView v = in_.first(n);
  in_ = in_.subspan(n);
  return v;
}

ByteView Reader::vector(std::size_t bound) {
  if (in_.empty()) {
    fault();
    return {};
  }
  const unsigned prefix = in_[0] >> 6;
  if (prefix == 3) {
    fault();
    return {};
  }
  const std::size_t width = std::size_t{1} << prefix;
  ByteView head = raw(width);
  if (failed_) return {};
  const std::uint64_t n = get(head) & ((std::uint64_t{1} << (width * 8 - 2)) - 1);
  const bool shortest = width == 1 || (width == 2 && n >= 0x40) || (width == 4 && n >= 0x4000);
  if (!shortest || n > bound) {
    fault();
    return {};
  }
  return raw(static_cast<std::size_t>(n));
}

std::string Reader::text(std::size_t bound) {
  ByteView v = vector(bound);
  if (!valid_text(as_text(v))) {
    fault();
    return {};
  }
  return std::string(as_text(v));
}

bool Reader::flag() {
  std::uint8_t v = u8();
  if (v > 1) fault();
  return v == 1;
}

Result<> Reader::finish(std::string_view what) {
  if (failed_ || !in_.empty()) return fail(Errc::malformed, std::string("not a well-formed ") + std::string(what));
  return {};
}

}  // namespace bud::wire
