// The presentation language of RFC 9420 (section 2.1.2): integers in network order, vectors behind the shortest
// variable-length count of their bytes. One encoding for each value; every length is checked against a bound and against
// what is there before anything is allocated; trailing bytes are refused.
#pragma once

#include "base/bytes.h"
#include "base/environment.h"
#include "base/result.h"

#include <optional>

namespace bud::wire {

class Writer {
 public:
  Writer& u8(std::uint8_t v);
  Writer& u16(std::uint16_t v);
  Writer& u32(std::uint32_t v);
  Writer& u64(std::uint64_t v);
  Writer& time(Time t) { return u64(t.ms); }
  Writer& raw(ByteView v);
  template <class Tag, std::size_t N>
  Writer& fixed(const Fixed<Tag, N>& v) {
    return raw(v.view());
  }
  Writer& vector(ByteView v);  // length below 2^30
  Writer& text(std::string_view v) { return vector(as_bytes(v)); }

  const Bytes& bytes() const { return out_; }
  Bytes take() { return std::move(out_); }

 private:
  Bytes out_;
};

// Reads what Writer wrote. The first fault sticks: everything after it reads as zero or empty, and finish() says so. So a
// decoder reads straight through, and asks once.
class Reader {
 public:
  explicit Reader(ByteView in) : in_(in) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  Time time() { return {u64()}; }
  ByteView raw(std::size_t n);
  template <class F>
  F fixed() {
    F f;
    ByteView v = raw(F::size);
    std::copy(v.begin(), v.end(), f.bytes.begin());
    return f;
  }
  // At most `bound` bytes. The view is into the input.
  ByteView vector(std::size_t bound);
  // A vector that must be text (base/text.h).
  std::string text(std::size_t bound);
  bool flag();  // 0 or 1

  // A vector of elements: `each(reader)` is called until its bytes are used up, at most `count` times.
  template <class Each>
  void list(std::size_t bound, std::size_t count, Each each) {
    Reader inner(vector(bound));
    while (!failed_ && !inner.failed_ && !inner.in_.empty()) {
      if (count-- == 0) return fault();
      each(inner);
    }
    if (inner.failed_) fault();
  }

  void fault() {
    failed_ = true;
    in_ = {};
  }
  bool failed() const { return failed_; }
  ByteView rest() const { return in_; }
  std::size_t remaining() const { return in_.size(); }
  // Errc::malformed unless all was read, and nothing more is there.
  [[nodiscard]] Result<> finish(std::string_view what);

 private:
  ByteView in_;
  bool failed_ = false;
};

}  // namespace bud::wire
