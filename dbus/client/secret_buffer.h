// A passphrase or the recovery words, on their way between a person and the daemon.
//
// The one place of a client where a secret lies: kept out of swap and core dumps where the system allows it, wiped
// when it is dropped, never copied and never a std::string.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

#include <cstddef>
#include <memory>
#include <string_view>

namespace bud::client {

class SecretBuffer {
 public:
  // Bytes: the longest passphrase that the daemon takes, and the newline of the line that it may stand on.
  static constexpr std::size_t capacity = 1025;

  SecretBuffer();
  ~SecretBuffer() = default;
  SecretBuffer(SecretBuffer&&) noexcept = default;
  SecretBuffer& operator=(SecretBuffer&&) noexcept = default;

  // Reads to the descriptor's end. Errc::too_large over the capacity.
  static Result<SecretBuffer> read(int fd);

  // False where it is full.
  [[nodiscard]] bool push(char c);
  void pop();
  std::size_t size() const;
  // Points into the buffer.
  std::string_view expose() const;
  // In a time that does not depend on where they differ.
  bool equals(const SecretBuffer& other) const;
  // Cuts the newline at its end, if there is one.
  void drop_newline();

  Result<> write_to(int fd) const;

 private:
  struct Page;
  struct Unmap {
    void operator()(Page* page) const;
  };
  std::unique_ptr<Page, Unmap> page_;
};

// A descriptor that the daemon can read a secret from, which then ends. Overwritten when it is dropped: call that
// after the daemon has answered.
class SecretFile {
 public:
  static Result<SecretFile> create(const SecretBuffer& secret);
  ~SecretFile();
  SecretFile(SecretFile&&) noexcept = default;
  SecretFile& operator=(SecretFile&&) = delete;
  int fd() const { return fd_.get(); }

 private:
  explicit SecretFile(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace bud::client
