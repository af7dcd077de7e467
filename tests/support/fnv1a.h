// FNV-1a in 64 bits: quick, for keys of tables and digests of runs. Nobody means harm here.
#pragma once

#include <cstdint>

namespace bud::test {

constexpr std::uint64_t fnv1a(std::uint64_t hash, std::uint8_t byte) { return (hash ^ byte) * 0x100000001b3u; }

}  // namespace bud::test
