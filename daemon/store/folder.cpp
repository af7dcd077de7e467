#include "store/folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

namespace bud::store {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

Result<> sync_folder(const std::string& path) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || fsync(fd.get()) != 0) return fail_errno("write the folder " + path, errno);
  return {};
}

// Each new folder is entered durably in its parent, before anything is put into it.
Result<> make_folders(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  const std::size_t slash = path.find_last_of('/');
  if (errno != ENOENT || slash == std::string::npos || slash == 0) return fail_errno("make the folder " + path, errno);
  const std::string parent = path.substr(0, slash);
  BUD_CHECK(make_folders(parent));
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return fail_errno("make the folder " + path, errno);
  return sync_folder(parent);
}

Result<> check_owner(int folder, const std::string& path) {
  struct stat s;
  if (fstat(folder, &s) != 0) return fail_errno("look at the folder " + path, errno);
  if (s.st_uid != geteuid()) return fail(Errc::not_allowed, "the folder " + path + " belongs to another user");
  if ((s.st_mode & 07777) != 0700 && fchmod(folder, 0700) != 0) return fail_errno("protect the folder " + path, errno);
  return {};
}

// 0, or an errno. flock(2) itself waits without end, or not at all.
int take(int lock, Duration patience) {
  using Steady = std::chrono::steady_clock;
  const auto deadline = Steady::now() + std::chrono::milliseconds(patience.ms);
  while (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK || Steady::now() >= deadline) return errno;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return 0;
}

}  // namespace

tl::unexpected<Error> fail_errno(std::string_view what, int error) {
  return fail(Errc::storage, "cannot " + std::string(what) + ": " + std::generic_category().message(error));
}

Result<StateFolder> StateFolder::open(std::string path, Duration patience) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  BUD_CHECK(make_folders(path));
  Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) return fail_errno("open the folder " + path, errno);
  BUD_CHECK(check_owner(folder.get(), path));
  Descriptor lock(openat(folder.get(), "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (lock.get() < 0) return fail_errno("open the lock file in " + path, errno);
  if (const int error = take(lock.get(), patience); error == EWOULDBLOCK)
    return fail(Errc::busy, "another budstikked works in " + path + ": stop it, or give this one a folder of its own");
  else if (error != 0)
    return fail_errno("lock the folder " + path, error);
  return StateFolder(std::move(path), folder.release(), lock.release());
}

StateFolder::StateFolder(StateFolder&& other) noexcept
    : path_(std::move(other.path_)), folder_(std::exchange(other.folder_, -1)), lock_(std::exchange(other.lock_, -1)) {}

StateFolder::~StateFolder() {
  if (folder_ >= 0) close(folder_);
  if (lock_ >= 0) close(lock_);
}

Result<> StateFolder::sync() const {
  if (fsync(folder_) != 0) return fail_errno("write the folder " + path_, errno);
  return {};
}

}  // namespace bud::store
