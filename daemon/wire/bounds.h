// The largest of everything that comes from outside. PROTOCOL.md repeats them; a peer that exceeds one is refused.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bud::wire {

inline constexpr std::uint8_t protocol_version = 1;

// The second byte of every object: no object can be read as another.
enum class ObjectType : std::uint8_t {
  entry = 1,
  record = 2,
  join_record = 3,
  copy = 4,
  plaintext = 5,
  content = 6,
  roster_entry = 7
};

inline constexpr std::size_t max_address = 255;        // bytes of "bridge:rest"
inline constexpr std::size_t max_transport_name = 255; // a transport's own device name
inline constexpr std::size_t max_routes = 8;
inline constexpr std::size_t max_keep = 4;
inline constexpr std::size_t max_entry = 1024;
inline constexpr std::size_t max_roster_entry = 32 * 1024;  // whole
inline constexpr std::size_t max_record = 64 * 1024;
inline constexpr std::size_t max_record_ledger = 48 * 1024;
inline constexpr std::size_t max_entries = 1280;       // needed 1,024 and 256 others
inline constexpr std::size_t max_copy = 64 * 1024;
inline constexpr std::size_t max_plaintext = 60 * 1024;
inline constexpr std::size_t max_content = 48 * 1024;
inline constexpr std::size_t max_text = 32 * 1024;
inline constexpr std::size_t max_name = 128;
inline constexpr std::size_t max_members = 256;
inline constexpr std::size_t max_previous = 16;
inline constexpr std::size_t max_hashes = 512;         // receipts, decrypt-errors, requests for what is missing and answers
inline constexpr std::size_t max_reaction = 64;        // one emoji, however many code points
inline constexpr std::size_t max_files = 16;           // of one attachment
inline constexpr std::size_t max_file_name = 255;
inline constexpr std::size_t max_media_type = 127;     // RFC 6838, 4.2
inline constexpr std::size_t max_thumbnail = 8 * 1024;
inline constexpr std::size_t max_locations = 8;        // of one blob
inline constexpr std::size_t max_location = 512;       // bytes of "bridge:rest"
inline constexpr std::size_t max_inlined = 32 * 1024;  // of a file that stands in its content
inline constexpr std::uint64_t max_blob = std::uint64_t{1} << 40;  // plain bytes of a file: sums over it never overflow
inline constexpr std::size_t max_question = 1024;
inline constexpr std::size_t max_options = 20;
inline constexpr std::size_t max_option = 256;
inline constexpr std::size_t max_card_addresses = 16;
inline constexpr std::size_t max_registers = 1024;     // in one content
inline constexpr std::size_t max_register_subject = 64;
inline constexpr std::size_t max_register_value = 8 * 1024;

}  // namespace bud::wire
