// The names of files and folders in a spool. All names that are read are somebody else's: only those that these
// functions would have made are ever opened.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spool {

// A file name for an address: [a-z0-9._@+-] stand for themselves (but no dot in front), every other byte is %XX in
// capitals, so that two addresses never share a name, not on a file system that ignores case either. nullopt for an
// empty address, one with control characters, and one whose name would be over 250 bytes.
std::optional<std::string> escape_address(std::string_view address);

// 16 lower-case hexadecimal digits: a device's name on the spool.
bool is_device(std::string_view name);
// From the kernel's generator. nullopt: it failed.
std::optional<std::string> random_hex16();

// A batch's file name: milliseconds since 1970 in 15 digits, '-', 16 hexadecimal digits. Sorts by the sender's clock,
// which orders and decides nothing else.
std::string batch_name(std::uint64_t now_ms, std::string_view random_hex16);
bool is_batch(std::string_view name);

}  // namespace spool
