// Names in a spool: of addresses, devices and batches. Two addresses never share a file, and no name leads out of its
// folder.
#include "base/text.h"
#include "fuzz/support/harness.h"
#include "spool/names.h"

namespace bud::fuzz {
namespace {

// What an escaped name stands for; nothing where it is not written as it would be.
std::optional<std::string> unescape(std::string_view name) {
  std::string address;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '%') {
      address += name[i];
      continue;
    }
    if (i + 2 >= name.size()) return std::nullopt;
    std::string hex(name.substr(i + 1, 2));
    for (char& c : hex) {
      if (c >= 'a' && c <= 'f') return std::nullopt;
      if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    }
    const std::optional<Bytes> byte = from_hex(hex);
    if (!byte) return std::nullopt;
    address += static_cast<char>((*byte)[0]);
    i += 2;
  }
  return address;
}

bool tame(std::string_view name) {
  return !name.empty() && name.size() <= 250 && name[0] != '.' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._@+-%ABCDEF") == std::string_view::npos;
}

}  // namespace

void run(ByteView input) {
  const std::string_view text = as_text(input);
  if (const std::optional<std::string> name = spool::escape_address(text)) {
    BUD_HOLDS(tame(*name));
    BUD_HOLDS(unescape(*name) == text);  // so no two addresses have one name
    for (char c : text) BUD_HOLDS(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  }
  // A file that was found is opened only where its name is one that would have been made.
  if (spool::is_device(text)) BUD_HOLDS(tame(text) && text.size() == 16 && from_hex(text).has_value());
  if (spool::is_batch(text)) {
    BUD_HOLDS(tame(text) && text.size() == 32 && !spool::is_device(text));
    const std::uint64_t ms = std::stoull(std::string(text.substr(0, 15)));
    BUD_HOLDS(spool::batch_name(ms, text.substr(16)) == text);
  }
  std::uint64_t now = 0;
  for (std::uint8_t b : input.first(std::min<std::size_t>(8, input.size()))) now = now << 8 | b;
  BUD_HOLDS(spool::is_batch(spool::batch_name(now, "0123456789abcdef")));
}

void write_seeds(Seeds& seeds) {
  seeds.add("address", "alice@example.org");
  seeds.add("escaped", "../Alice %2f");
  seeds.add("dots", "..");
  seeds.add("utf8", "\xc3\xa5lice");
  seeds.add("device", "0123456789abcdef");
  seeds.add("batch", spool::batch_name(1'750'000'000'000, "0123456789abcdef"));
  seeds.add("longest", std::string(250, 'a'));
  seeds.add("too-long", std::string(84, '/'));
}

}  // namespace bud::fuzz
