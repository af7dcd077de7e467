// Text that a plugin hands over, made fit for the bus and a log.
#pragma once

#include <string>

namespace bud::worker {

// One line of valid UTF-8 and at most 1 KiB: control characters and broken bytes become '?'. NULL is empty.
std::string printable(const char* text);

}  // namespace bud::worker
