// A pseudo-terminal, and a console whose three streams are files of the test's own.
#pragma once

#include "base/unique_fd.h"
#include "cli/console.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace bud::test {

// The side of the person who types; `name` is what the program opens.
struct Terminal {
  UniqueFd person{::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
  std::string name;
  UniqueFd held;  // keeps the other side open

  Terminal() {
    if (::grantpt(person.get()) != 0 || ::unlockpt(person.get()) != 0) throw std::runtime_error("no pseudo-terminal");
    name = ::ptsname(person.get());
    held = UniqueFd(::open(name.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  }
  void type(std::string_view text) const {
    if (::write(person.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      throw std::runtime_error("write");
  }
  // What was shown so far; at least until `end` is seen.
  std::string shown_until(std::string_view end) const {
    std::string all;
    char c = 0;
    while (all.find(end) == std::string::npos && ::read(person.get(), &c, 1) == 1) all += c;
    return all;
  }
};

inline UniqueFd memory_file(std::string_view text = {}) {
  UniqueFd file(::memfd_create("test", MFD_CLOEXEC));
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::lseek(file.get(), 0, SEEK_SET) != 0) {
    throw std::runtime_error("memfd");
  }
  return file;
}
inline std::string contents(const UniqueFd& file) {
  std::string all;
  char buffer[4096];
  off_t at = 0;
  for (ssize_t n; (n = ::pread(file.get(), buffer, sizeof buffer, at)) > 0; at += n)
    all.append(buffer, static_cast<std::size_t>(n));
  return all;
}

// Nothing here is a terminal, unless `terminal` names one to ask for passphrases on.
struct Streams {
  explicit Streams(std::string_view input = {}, std::string terminal = "/nonexistent")
      : in(memory_file(input)), console(in.get(), out.get(), err.get(), std::move(terminal)) {}
  UniqueFd in, out = memory_file(), err = memory_file();
  cli::Console console;
};

}  // namespace bud::test
