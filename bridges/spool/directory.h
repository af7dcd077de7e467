// directory/<escaped address>/<device>: one record a file.
#pragma once

#include "spool/folder.h"

namespace spool {

constexpr std::size_t max_record = 64 * 1024;
constexpr std::size_t max_devices = 256;  // at one address
constexpr std::size_t max_listing_bytes = 4 * 1024 * 1024;

Outcome<void> publish(const Folder& folder, const std::string& address, const std::string& device,
                      std::span<const std::uint8_t> record);

// A text that changes when a file of the address is put, replaced or removed. Empty where nothing is there.
using Fingerprint = std::string;

struct Listing {
  std::vector<std::vector<std::uint8_t>> records;
  Fingerprint fingerprint;
};
// All records at an address; none is an answer only where the spool is there and the address is not. What no record can
// be is left out, with a log line. BUD_RETRY_LATER where a record may exist that could not be read, or where there are
// more than the bounds allow: nobody is hidden by a flood.
Outcome<Listing> lookup(const Folder& folder, const std::string& address, const Log& log);
Outcome<Fingerprint> fingerprint(const Folder& folder, const std::string& address);

}  // namespace spool
