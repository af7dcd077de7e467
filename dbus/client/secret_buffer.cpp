#include "client/secret_buffer.h"

#include "bus/error.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <new>

namespace bud::client {
namespace {

tl::unexpected<Error> failed(std::string_view doing) {
  return tl::unexpected(bus::error_from_errno(-errno, doing));
}

Result<> write_all(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t n = ::write(fd, data, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return failed("write a secret");
    data += n;
    size -= static_cast<std::size_t>(n);
  }
  return {};
}

}  // namespace

struct SecretBuffer::Page {
  std::size_t size = 0;
  std::array<char, capacity> bytes{};
};

void SecretBuffer::Unmap::operator()(Page* page) const {
  ::explicit_bzero(page, sizeof *page);
  ::munmap(page, sizeof *page);
}

SecretBuffer::SecretBuffer() {
  void* memory = ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  // Best effort: where the limit on locked memory is used up the secret is still wiped.
  (void)::mlock(memory, sizeof(Page));
  (void)::madvise(memory, sizeof(Page), MADV_DONTDUMP);
  page_.reset(new (memory) Page);
}

Result<SecretBuffer> SecretBuffer::read(int fd) {
  SecretBuffer secret;
  while (true) {
    const std::size_t room = capacity - secret.page_->size;
    char extra = 0;
    // When it is full one byte more tells the end from too much.
    const ssize_t n =
        room > 0 ? ::read(fd, secret.page_->bytes.data() + secret.page_->size, room) : ::read(fd, &extra, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("read a secret");
    if (n == 0) return secret;
    if (room == 0) return fail(Errc::too_large, "A passphrase has at most 1024 bytes");
    secret.page_->size += static_cast<std::size_t>(n);
  }
}

bool SecretBuffer::push(char c) {
  if (page_->size == capacity) return false;
  page_->bytes[page_->size++] = c;
  return true;
}

void SecretBuffer::pop() {
  if (page_->size > 0) page_->bytes[--page_->size] = 0;
}

std::size_t SecretBuffer::size() const {
  return page_->size;
}

std::string_view SecretBuffer::expose() const {
  return {page_->bytes.data(), page_->size};
}

bool SecretBuffer::equals(const SecretBuffer& other) const {
  // Beyond its size a buffer holds zeros only.
  std::size_t difference = size() ^ other.size();
  for (std::size_t i = 0; i < capacity; ++i)
    difference |= static_cast<std::size_t>(page_->bytes[i] ^ other.page_->bytes[i]);
  return difference == 0;
}

void SecretBuffer::drop_newline() {
  if (expose().ends_with('\n')) pop();
}

Result<> SecretBuffer::write_to(int fd) const {
  return write_all(fd, page_->bytes.data(), page_->size);
}

Result<SecretFile> SecretFile::create(const SecretBuffer& secret) {
  SecretFile file(UniqueFd(::memfd_create("budstikke-secret", MFD_CLOEXEC)));
  if (!file.fd_) return failed("make a file in memory");
  BUD_CHECK(secret.write_to(file.fd()));
  if (::lseek(file.fd(), 0, SEEK_SET) < 0) return failed("rewind a file in memory");
  return file;
}

SecretFile::~SecretFile() {
  if (!fd_) return;
  constexpr std::array<char, SecretBuffer::capacity> zeros{};
  (void)!::pwrite(fd_.get(), zeros.data(), zeros.size(), 0);
}

}  // namespace bud::client
