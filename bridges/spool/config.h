#pragma once

#include "spool/outcome.h"

#include <string>
#include <string_view>

namespace spool {

// {"folder": "/absolute/path", "address": "alice"}
struct Config {
  std::string folder;
  std::string address;
};

// BUD_INVALID, with words that say what to change, for anything else: unknown or doubled members included.
Outcome<Config> parse_config(std::string_view json);

}  // namespace spool
