// Looks for secrets in the memory of a process: all that its mappings hold, read through /proc/PID/mem.
//
// What is looked for is kept masked, so that a process can look through its own memory without finding the search.
#pragma once

#include "base/bytes.h"
#include "base/unique_fd.h"

#include <sys/types.h>

#include <string>
#include <unordered_map>
#include <vector>

namespace bud::test {

struct Mapping {
  std::uint64_t begin = 0, end = 0;
  std::string name;  // "[heap]", "[stack]", a path, or "anonymous"
  std::uint64_t held = 0;   // bytes of it that are in memory or swapped out
  bool not_dumped = false;  // MADV_DONTDUMP
  bool locked = false;      // mlock(2)

  bool is_of_file() const { return !name.empty() && name[0] == '/'; }
};
// Of /proc/PID/smaps; 0: this process. Throws where it cannot be read.
std::vector<Mapping> mappings_of(pid_t pid);

struct Hit {
  std::string secret;
  std::size_t offset = 0;  // in the secret
  std::uint64_t address = 0;
  Mapping where;
};

class MemoryScan {
 public:
  // Found is any stretch of it of 23 bytes: it is looked for in pieces of 16, eight bytes apart. Shorter secrets, down
  // to 16 bytes, are found whole. Pieces that are hardly random (zeros, repetitions) are left out.
  void add(const std::string& name, ByteView secret);
  void add(const std::string& name, std::string_view secret) { add(name, as_bytes(secret)); }
  std::size_t pieces() const { return pieces_.size(); }

  // In the memory of a process, 0: this one. Throws where it may not be read. A sanitizer's shadow is left out: it says
  // what may be done with the memory, and holds none of it.
  std::vector<Hit> of(pid_t pid) const;
  // In a file: a core dump.
  std::vector<Hit> of_file(const std::string& path) const;

 private:
  static constexpr std::size_t piece_size = 16;
  struct Piece {
    std::array<std::uint8_t, piece_size> masked{};
    std::string secret;
    std::size_t offset = 0;
  };
  class Buffer;
  [[gnu::noinline]] std::vector<Hit> search_all(pid_t pid) const;
  std::size_t next_start(const std::uint8_t* bytes, std::size_t from, std::size_t end) const;
  void search(const Buffer& masked, std::size_t size, std::uint64_t address, const Mapping& where,
              std::vector<Hit>& hits) const;
  std::vector<Piece> pieces_;
  // By the first two bytes of each.
  std::vector<std::uint8_t> starts_ = std::vector<std::uint8_t>(65536);
  std::unordered_multimap<std::uint32_t, std::size_t> by_start_;
};

// A line for each secret in each mapping, for people.
std::string describe(const std::vector<Hit>& hits);

}  // namespace bud::test
