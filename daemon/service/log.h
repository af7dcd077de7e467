// The daemon's own words, for its journal: short lines about programs and files. Never a secret, a name, an address or
// a text, and nothing that a stranger could choose.
#pragma once

#include <string_view>

namespace bud::service {

enum class LogLevel { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };  // as in syslog(3)

// To standard error; with the level in front (sd-daemon(3)) unless a person reads it on a terminal.
void log(LogLevel level, std::string_view text);

}  // namespace bud::service
