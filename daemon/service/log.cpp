#include "service/log.h"

#include <unistd.h>

#include <cstdio>
#include <string>

namespace bud::service {

void log(LogLevel level, std::string_view text) {
  static const bool terminal = ::isatty(STDERR_FILENO) == 1;
  std::string line = terminal ? std::string() : "<" + std::to_string(static_cast<int>(level)) + ">";
  for (const char c : text) line.push_back(c == '\n' ? ' ' : c);
  line.push_back('\n');
  std::fwrite(line.data(), 1, line.size(), stderr);  // one write: lines of several threads do not mix
}

}  // namespace bud::service
