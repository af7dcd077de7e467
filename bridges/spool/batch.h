// The file that carries a batch of copies to one device. README.md has the format.
#pragma once

#include "spool/outcome.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace spool {

constexpr std::uint32_t max_copies = 100;
constexpr std::uint32_t max_copy = 64 * 1024;
constexpr std::size_t max_batch_file = 10 + 4 + max_copies * (4 + std::size_t{max_copy});

// At least one copy, within the bounds above: the caller has seen to it.
std::vector<std::uint8_t> encode_batch(std::span<const bud_bytes> copies);

// The copies point into `file`. BUD_INVALID for anything that encode_batch() would not have written.
Outcome<std::vector<bud_bytes>> decode_batch(std::span<const std::uint8_t> file);

}  // namespace spool
