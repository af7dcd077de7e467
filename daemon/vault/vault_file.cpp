#include "vault/vault_file.h"

#include "crypto/hash.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace bud::vault {
namespace {

constexpr std::string_view magic = "BUDVAULT";
constexpr std::uint8_t version = 1;
using Check = Fixed<struct VaultCheckTag, 16>;

Check check_of(ByteView bytes) {
  return crypto::hash<Check>({"budstikke/1/vault/check"}, bytes);
}

void append_u64(Bytes& to, std::uint64_t n) {
  for (int shift = 56; shift >= 0; shift -= 8) to.push_back(static_cast<std::uint8_t>(n >> shift));
}

// Takes fields off the front of bytes whose length was checked.
struct Reader {
  ByteView rest;
  ByteView take(std::size_t n) {
    const ByteView field = rest.first(n);
    rest = rest.subspan(n);
    return field;
  }
  std::uint64_t u64() {
    std::uint64_t n = 0;
    for (std::uint8_t b : take(8)) n = n << 8 | b;
    return n;
  }
  template <class F>
  F fixed() {
    return *F::from(take(F::size));
  }
};

tl::unexpected<Error> damaged() {
  return fail(Errc::damaged,
              "the vault file is damaged: restore the file vault from a backup; without it the store cannot be opened");
}

class OpenFile {
 public:
  explicit OpenFile(int fd) : fd_(fd) {}
  ~OpenFile() {
    if (fd_ >= 0) close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Result<> write_all(int fd, ByteView bytes, std::string_view what) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR) return store::fail_errno(what, errno);
    if (n > 0) bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  if (fsync(fd) != 0) return store::fail_errno(what, errno);
  return {};
}

}  // namespace

Bytes VaultFile::associated_data() const {
  Bytes out;
  append(out, as_bytes(magic));
  out.push_back(version);
  out.push_back(static_cast<std::uint8_t>(protection));
  append_u64(out, cost.passes);
  append_u64(out, cost.memory);
  append(out, salt.view());
  return out;
}

Bytes VaultFile::encode() const {
  Bytes out = associated_data();
  append(out, nonce.view());
  append(out, sealed.view());
  append(out, check_of(out).view());
  return out;
}

Result<VaultFile> VaultFile::decode(ByteView bytes) {
  // A version's fields are its own business, so that it is asked first; the check then covers a flipped bit in it.
  if (bytes.size() < magic.size() + 1 + Check::size || as_text(bytes.first(magic.size())) != magic) return damaged();
  const Check check = *Check::from(bytes.last(Check::size));
  if (check_of(bytes.first(bytes.size() - Check::size)) != check) return damaged();
  Reader reader{bytes.subspan(magic.size())};
  const std::uint8_t found = reader.take(1)[0];
  if (found != version)
    return fail(Errc::unsupported, "the vault was written by a newer budstikked: install that version again");
  if (bytes.size() != size) return damaged();
  VaultFile file;
  file.protection = static_cast<Protection>(reader.take(1)[0]);
  if (file.protection != Protection::passphrase && file.protection != Protection::key_file)
    return fail(Errc::unsupported, "the vault has a protection that this budstikked does not know");
  file.cost.passes = reader.u64();
  file.cost.memory = reader.u64();
  file.salt = reader.fixed<decltype(file.salt)>();
  file.nonce = reader.fixed<crypto::Nonce>();
  file.sealed = reader.fixed<decltype(file.sealed)>();
  if (file.cost.passes > max_passes || file.cost.memory > max_memory) return damaged();
  return file;
}

Result<std::optional<crypto::SecretBytes>> read_small(const std::string& path, std::size_t bound) {
  const OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.get() < 0 && errno == ENOENT) return std::nullopt;
  if (file.get() < 0 && errno == ELOOP) return fail(Errc::damaged, path + " is a link, where a file was left");
  if (file.get() < 0) return store::fail_errno("open " + path, errno);
  struct stat s;
  if (fstat(file.get(), &s) != 0) return store::fail_errno("look at " + path, errno);
  if (!S_ISREG(s.st_mode) || s.st_size < 0 || static_cast<std::uint64_t>(s.st_size) > bound)
    return fail(Errc::damaged, path + " is not what was left there: restore it from a backup");
  crypto::SecretBytes bytes(static_cast<std::size_t>(s.st_size));
  std::size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t n = read(file.get(), bytes.expose_mutable().data() + got, bytes.size() - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return store::fail_errno("read " + path, errno);
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  bytes.truncate(got);
  return bytes;
}

Result<> write_small(const store::StateFolder& folder, std::string_view name, ByteView bytes) {
  const std::string path = folder.file(name), fresh = path + ".new", what = "write " + path;
  unlink(fresh.c_str());
  {
    const OpenFile file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file.get() < 0) return store::fail_errno(what, errno);
    if (Result<> written = write_all(file.get(), bytes, what); !written) {
      unlink(fresh.c_str());
      return written;
    }
  }
  if (std::rename(fresh.c_str(), path.c_str()) != 0) return store::fail_errno(what, errno);
  return folder.sync();
}

}  // namespace bud::vault
