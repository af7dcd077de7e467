// Core dumps, for tests that look for secrets in them.
#pragma once

#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace bud::test {

// As many as the system lets this process have.
inline void allow_core_dumps() {
  rlimit limit{};
  ::getrlimit(RLIMIT_CORE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_CORE, &limit);
}

// Where the kernel hands dumps to a program, or has a folder for them, none is written to where a process works.
inline bool core_dumps_stay_here() {
  std::string pattern;
  std::ifstream("/proc/sys/kernel/core_pattern") >> pattern;
  return !pattern.empty() && pattern.find_first_of("|/") == std::string::npos;
}

inline std::optional<std::string> core_dump_in(const std::string& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    char header[18] = {};
    // An ELF file of type ET_CORE.
    if (in.read(header, sizeof header) && std::string(header + 1, 3) == "ELF" && header[16] == 4)
      return entry.path().string();
  }
  return std::nullopt;
}

}  // namespace bud::test
