// The codec underneath everything: a script of reads over any bytes. What was read, written again, is what stood there;
// the first fault sticks; nothing is handed out beyond its bound. What counts as text is worked out here once more,
// from the other end.
#include "base/text.h"
#include "fuzz/support/feed.h"
#include "fuzz/support/harness.h"

namespace bud::fuzz {
namespace {

enum Op : std::uint8_t { u8, u16, u32, u64, raw, fixed, vector, text, flag, list, op_count };
using Id = Fixed<struct FuzzIdTag, 32>;

void step(Feed& script, wire::Reader& r, wire::Writer& w) {
  const auto op = static_cast<Op>(script.below(op_count));
  const std::size_t bound = script.u16();
  switch (op) {
    case u8:
      w.u8(r.u8());
      break;
    case u16:
      w.u16(r.u16());
      break;
    case u32:
      w.u32(r.u32());
      break;
    case u64:
      w.u64(r.u64());
      break;
    case raw: {
      const ByteView v = r.raw(bound);
      BUD_HOLDS(v.size() == (r.failed() ? 0 : bound));
      w.raw(v);
      break;
    }
    case fixed:
      w.fixed(r.fixed<Id>());
      break;
    case vector: {
      const ByteView v = r.vector(bound);
      BUD_HOLDS(v.size() <= bound);
      w.vector(v);
      break;
    }
    case text: {
      const std::string t = r.text(bound);
      BUD_HOLDS(t.size() <= bound && valid_text(t));
      w.text(t);
      break;
    }
    case flag:
      w.u8(r.flag() ? 1 : 0);
      break;
    default: {
      wire::Writer inner;
      std::size_t n = 0;
      r.list(bound, 64, [&](wire::Reader& in) {
        ++n;
        const ByteView one = in.vector(bound);
        inner.vector(one).u16(in.u16());
      });
      BUD_HOLDS(n <= 64);
      w.vector(inner.bytes());
      break;
    }
  }
}

// RFC 3629, table of section 3: a code point's one encoding.
Bytes encoded(std::uint32_t c) {
  const auto byte = [](std::uint32_t b) { return static_cast<std::uint8_t>(b); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xc0 | c >> 6), byte(0x80 | (c & 63))};
  if (c < 0x10000) return {byte(0xe0 | c >> 12), byte(0x80 | (c >> 6 & 63)), byte(0x80 | (c & 63))};
  return {byte(0xf0 | c >> 18), byte(0x80 | (c >> 12 & 63)), byte(0x80 | (c >> 6 & 63)), byte(0x80 | (c & 63))};
}

// Read without any care, and written again.
bool written_in_one_way(ByteView bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const std::uint8_t lead = bytes[i];
    const std::size_t n = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    std::uint32_t c = n == 1 ? lead : lead & (0x7fu >> n);
    for (std::size_t k = 1; k < n; ++k) c = c << 6 | (i + k < bytes.size() ? bytes[i + k] & 63u : 0);
    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return false;
    const Bytes again = encoded(c);
    if (again.size() > bytes.size() - i || !equal(bytes.subspan(i, again.size()), again)) return false;
    i += again.size();
  }
  return true;
}

void check_text(ByteView bytes) {
  BUD_HOLDS(valid_text(as_text(bytes)) == written_in_one_way(bytes));
  const std::string hex = to_hex(bytes);
  BUD_HOLDS(hex.size() == 2 * bytes.size() && from_hex(hex) == Bytes(bytes.begin(), bytes.end()));
  if (const std::optional<Bytes> read = from_hex(as_text(bytes))) BUD_HOLDS(to_hex(*read) == as_text(bytes));
}

}  // namespace

void run(ByteView input) {
  Feed script(input);
  const std::size_t steps = script.below(64);
  Feed ops(script.bytes(steps * 3));
  const ByteView data = script.rest();
  check_text(data);
  wire::Reader r(data);
  wire::Writer w;
  for (std::size_t i = 0; i < steps && !r.failed(); ++i) step(ops, r, w);
  if (r.failed()) {
    BUD_HOLDS(r.remaining() == 0 && r.u64() == 0 && r.vector(9).empty() && !r.flag());
    BUD_HOLDS(failed_with(r.finish("input"), Errc::malformed));
    return;
  }
  BUD_HOLDS(equal(w.bytes(), data.first(data.size() - r.remaining())));
  BUD_HOLDS(r.remaining() == r.rest().size() && r.finish("input").has_value() == (r.remaining() == 0));
}

void write_seeds(Seeds& seeds) {
  const auto script = [](std::initializer_list<std::pair<Op, std::uint16_t>> ops, wire::Writer data) {
    wire::Writer w;
    w.u8(static_cast<std::uint8_t>(ops.size()));
    for (const auto& [op, bound] : ops) w.u8(op).u16(bound);
    return w.raw(data.bytes()).take();
  };
  using W = wire::Writer;
  seeds.add("numbers",
            script({{u8, 0}, {u16, 0}, {u32, 0}, {u64, 0}, {flag, 0}}, W().u8(1).u16(2).u32(3).u64(4).u8(1)));
  seeds.add("short-vector", script({{vector, 63}}, W().vector(Bytes(63, 7))));
  seeds.add("middle-vector", script({{vector, 400}}, W().vector(Bytes(64, 7))));
  seeds.add("long-vector", script({{vector, 20000}}, W().vector(Bytes(16384, 7))));
  seeds.add("text", script({{text, 100}}, W().text("å \xf0\x9f\x94\xa5 \xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf")));
  seeds.add("list", script({{list, 200}, {raw, 2}},
                           W().vector(W().vector(Bytes(3, 1)).u16(9).vector({}).u16(8).bytes()).u16(5)));
  seeds.add("not-shortest", script({{vector, 100}}, W().u16(0x4001).u8(7)));
  seeds.add("hex", script({}, W().raw(as_bytes("0123456789abcdef"))));
  seeds.add("fixed", script({{fixed, 0}}, W().raw(Bytes(32, 9))));
}

}  // namespace bud::fuzz
