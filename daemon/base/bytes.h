// Bytes that are no secret, and fixed-size names made of them. Secrets are crypto/secret.h's.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bud {

using ByteView = std::span<const std::uint8_t>;
using ByteSpan = std::span<std::uint8_t>;
using Bytes = std::vector<std::uint8_t>;

// A public value of N bytes; the tag keeps a device id from being passed where an account id is meant.
template <class Tag, std::size_t N>
struct Fixed {
  static constexpr std::size_t size = N;
  std::array<std::uint8_t, N> bytes{};

  constexpr auto operator<=>(const Fixed&) const = default;
  ByteView view() const { return bytes; }
  bool is_zero() const {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
  }

  // nullopt where the length is not exactly N.
  static std::optional<Fixed> from(ByteView v) {
    if (v.size() != N) return std::nullopt;
    Fixed f;
    std::copy(v.begin(), v.end(), f.bytes.begin());
    return f;
  }
};

using DeviceId = Fixed<struct DeviceIdTag, 32>;        // the device's Ed25519 public key itself
using AccountId = Fixed<struct AccountIdTag, 32>;      // the hash of the account's genesis entry
using EntryHash = Fixed<struct EntryHashTag, 32>;      // an entry of a ledger or of a roster
using LedgerDigest = Fixed<struct LedgerDigestTag, 32>;
using RosterDigest = Fixed<struct RosterDigestTag, 32>;
using BlindedAddress = Fixed<struct BlindedAddressTag, 32>;
using ThreadId = Fixed<struct ThreadIdTag, 32>;
using MessageId = Fixed<struct MessageIdTag, 16>;
using ContentHash = Fixed<struct ContentHashTag, 32>;
using EnvelopeHash = Fixed<struct EnvelopeHashTag, 32>;
using SessionId = Fixed<struct SessionIdTag, 16>;      // first bytes of T0

// Lower-case hexadecimal, both ways; nullopt for an odd length or another character.
std::string to_hex(ByteView v);
std::optional<Bytes> from_hex(std::string_view text);

inline ByteView as_bytes(std::string_view s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}
inline std::string_view as_text(ByteView v) {
  return {reinterpret_cast<const char*>(v.data()), v.size()};
}
inline void append(Bytes& to, ByteView v) { to.insert(to.end(), v.begin(), v.end()); }
inline bool equal(ByteView a, ByteView b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

}  // namespace bud

template <class Tag, std::size_t N>
struct std::hash<bud::Fixed<Tag, N>> {
  // The values are outputs of a hash or random points: their first bytes do. Where an outsider chooses them, use a
  // std::map, whose order cannot be ground into collisions.
  std::size_t operator()(const bud::Fixed<Tag, N>& f) const noexcept {
    static_assert(N >= sizeof(std::size_t));
    std::size_t h;
    std::memcpy(&h, f.bytes.data(), sizeof h);
    return h;
  }
};
