// Strangers' text on a terminal. Names, messages and the words of servers are chosen by others: on a terminal they may
// neither move the cursor nor look like something that they are not.
#pragma once

#include "base/bytes.h"
#include "base/environment.h"

#include <string>
#include <string_view>

namespace bud::cli {

// For one line: control characters (C0, DEL, C1), line and paragraph separators, bidirectional controls (UAX #9, table
// of explicit formatting characters, and the implicit marks), invisible format characters and bytes that are no UTF-8
// are shown as \n, \t or \u{202e}. What is left prints as itself and stays within its line.
std::string escape(std::string_view text);
// As escape, but keeps line breaks, each with `indent` spaces after it: no line of the text stands where the program's
// own lines begin.
std::string escape_lines(std::string_view text, std::size_t indent);
// How many columns a terminal needs for escaped text (wcwidth(3) in a UTF-8 locale).
std::size_t columns(std::string_view text);

// The beginning of an id, 16 hexadecimal digits: enough for people and for commands that take a prefix.
std::string short_hex(ByteView id);
// "3 bytes", "12 KiB", "1.4 MiB".
std::string size_text(std::uint64_t bytes);
// "2026-11-24 06:19:41", local time; "-" for 0 and for what is no time.
std::string format_time(Time time);

}  // namespace bud::cli
