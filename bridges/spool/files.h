// Files handled as if everybody else who can reach the folder were hostile: relative to open folders, never through a
// link, never larger than what is asked for, never waiting on a pipe. Thread-safe; nothing here throws but bad_alloc.
#pragma once

#include "spool/outcome.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spool {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { reset(); }
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  void reset() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

// A folder in a folder; errno is that of openat(2) where the result is not open.
Fd open_folder(int parent, const std::string& name);

enum class ReadProblem {
  gone,     // no such file (any more)
  foreign,  // a link, a folder, a pipe, empty or too large: not what belongs here
  refused,  // we may not read it
  failed,   // the file system failed: nothing is known
};
struct ReadFailure {
  ReadProblem problem;
  std::string words;
};
struct FileBytes {
  std::vector<std::uint8_t> bytes;
  struct stat stat = {};
};
// A regular file of 1 to `limit` bytes.
tl::expected<FileBytes, ReadFailure> read_file(int folder, const std::string& name, std::size_t limit);

// Calls `visit` with each name but "." and "..", until it returns false.
Outcome<void> list_names(int folder, const std::function<bool(std::string_view)>& visit);

// False with errno.
bool write_all(int fd, std::span<const std::uint8_t> bytes);

// All of `bytes` into a new file, synced to disk; nothing stays behind where it fails.
Outcome<void> write_new_file(int folder, const std::string& name, std::span<const std::uint8_t> bytes, mode_t mode);

}  // namespace spool
