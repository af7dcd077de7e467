#include "spool/files.h"

#include <dirent.h>
#include <fcntl.h>

#include <memory>

namespace spool {
namespace {

ReadFailure read_failure(const char* what) {
  const int e = errno;
  const ReadProblem problem = e == ENOENT                               ? ReadProblem::gone
                              : e == EACCES || e == EPERM               ? ReadProblem::refused
                              : e == ELOOP || e == ENXIO || e == ENODEV ? ReadProblem::foreign
                                                                        : ReadProblem::failed;
  return {problem, std::string(what) + ": " + (e == ELOOP ? "a symbolic link" : std::strerror(e))};
}

}  // namespace

bool write_all(int fd, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

Fd open_folder(int parent, const std::string& name) {
  return Fd(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

tl::expected<FileBytes, ReadFailure> read_file(int folder, const std::string& name, std::size_t limit) {
  using Failed = tl::unexpected<ReadFailure>;
  const Fd fd(openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd.open()) return Failed(read_failure("opening"));
  FileBytes file;
  if (fstat(fd.get(), &file.stat) != 0) return Failed(read_failure("fstat"));
  if (!S_ISREG(file.stat.st_mode)) return Failed(ReadFailure{ReadProblem::foreign, "no regular file"});
  if (file.stat.st_size <= 0) return Failed(ReadFailure{ReadProblem::foreign, "empty"});
  if (static_cast<std::uint64_t>(file.stat.st_size) > limit)
    return Failed(ReadFailure{ReadProblem::foreign, "larger than " + std::to_string(limit) + " bytes"});
  file.bytes.resize(static_cast<std::size_t>(file.stat.st_size));
  std::size_t have = 0;
  while (have < file.bytes.size()) {
    const ssize_t n = read(fd.get(), file.bytes.data() + have, file.bytes.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Failed(read_failure("reading"));
    if (n == 0) break;  // somebody cuts it short under us: what is there is judged as it is
    have += static_cast<std::size_t>(n);
  }
  file.bytes.resize(have);
  if (have == 0) return Failed(ReadFailure{ReadProblem::foreign, "empty"});
  return file;
}

Outcome<void> list_names(int folder, const std::function<bool(std::string_view)>& visit) {
  const int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno_failure("listing a folder of the spool");
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(fdopendir(fd), closedir);  // takes the descriptor over
  if (!dir) {
    auto failed = errno_failure("listing a folder of the spool");
    close(fd);
    return failed;
  }
  while (true) {
    errno = 0;
    const dirent* entry = readdir(dir.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != ".." && !visit(name)) return {};
  }
  if (errno != 0) return errno_failure("listing a folder of the spool");
  return {};
}

Outcome<void> write_new_file(int folder, const std::string& name, std::span<const std::uint8_t> bytes, mode_t mode) {
  Fd fd(openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.open()) return errno_failure("writing to the spool");
  // fchmod, since the umask of a daemon is not what the folder's owner decided.
  if (write_all(fd.get(), bytes) && fchmod(fd.get(), mode) == 0 && fsync(fd.get()) == 0) return {};
  auto failed = errno_failure("writing to the spool");
  unlinkat(folder, name.c_str(), 0);
  return failed;
}

}  // namespace spool
