// What the process ends with: README.md has the table for people.
#pragma once

#include "base/result.h"

namespace bud::cli {

enum class ExitCode : int {
  ok = 0,
  usage = 1,        // the command line, or an argument that the daemon refused
  unreachable = 2,  // no bus, or no daemon on it
  locked = 3,       // or never made
  not_found = 4,
  not_allowed = 5,
  wrong_secret = 6,
  offline = 7,  // no server answered, or the time was up
  storage = 8,  // the disk refused, or what it holds is damaged
  other = 9,
};

// `unreachable`: that the daemon is not running (client::Connection::unreachable).
ExitCode exit_code(Errc code, bool unreachable);
// The error's name in JSON: the last part of its D-Bus name, or "Unreachable".
std::string error_name(Errc code, bool unreachable);
// What a person can do about it, as a command; empty where the error's own words have to do.
std::string_view advice(Errc code, bool unreachable);
// For --help.
std::string_view exit_codes_help();

}  // namespace bud::cli
