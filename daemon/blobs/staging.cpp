#include "blobs/staging.h"

#include "crypto/hash.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

namespace bud::blobs {
namespace {

constexpr std::string_view fresh = ".new", sent = ".out", received_here = ".in";
// Of this device alone: nobody else ever sees such a name.
constexpr crypto::Label staged_name{"budstikke/1/blob/staged-name"};
using Name = Fixed<struct StagedNameTag, 16>;

std::string with(const std::string& name, std::string_view suffix) {
  return name + std::string(suffix);
}

struct Cached {
  timespec used;
  std::uint64_t size;
  std::string name;
};

bool before(const Cached& a, const Cached& b) {
  return std::tie(a.used.tv_sec, a.used.tv_nsec) < std::tie(b.used.tv_sec, b.used.tv_nsec);
}

}  // namespace

std::string name_of(const wire::Blob& blob) {
  return to_hex(crypto::Hasher(staged_name, Name::size)
                    .add(blob.key.view())
                    .add(blob.hash.view())
                    .add_u64(blob.size)
                    .finish_as<Name>()
                    .view());
}

Result<Staging> Staging::open(const store::StateFolder& state) {
  const std::string path = state.file("blobs");
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return store::fail_errno("make the folder " + path, errno);
  auto folder = std::make_shared<UniqueFd>(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!*folder) return store::fail_errno("open the folder " + path, errno);
  BUD_CHECK(state.sync());
  return Staging(std::move(folder));
}

Result<UniqueFd> Staging::open_file(const std::string& name, int flags) const {
  UniqueFd file(::openat(folder_->get(), name.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
  if (!file && errno == ENOENT) return fail(Errc::not_found, "the file is not on this device");
  if (!file) return store::fail_errno("open a file of the state folder", errno);
  return file;
}

void Staging::remove(const std::string& name) const {
  (void)::unlinkat(folder_->get(), name.c_str(), 0);
}

void Staging::each(const std::function<void(const std::string&)>& visit) const {
  const int fd = ::openat(folder_->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::fdopendir(fd), ::closedir);
  if (!folder) {
    ::close(fd);
    return;
  }
  while (const dirent* const entry = ::readdir(folder.get())) visit(entry->d_name);
}

// --- What goes out

Result<UniqueFd> Staging::create(const std::string& name) const {
  return open_file(with(name, fresh), O_RDWR | O_CREAT | O_EXCL);
}

Result<std::function<Result<>()>> Staging::finish(const std::string& name, int file) const {
  const auto own = std::make_shared<UniqueFd>(::fcntl(file, F_DUPFD_CLOEXEC, 3));
  if (!*own) return store::fail_errno("write a file of the state folder", errno);
  return [folder = folder_, own, name]() -> Result<> {
    if (::fsync(own->get()) != 0 ||
        ::renameat(folder->get(), with(name, fresh).c_str(), folder->get(), with(name, sent).c_str()) != 0 ||
        ::fsync(folder->get()) != 0)
      return store::fail_errno("write a file of the state folder", errno);
    return {};
  };
}

void Staging::give_up(const std::string& name) const {
  remove(with(name, fresh));
}

Result<UniqueFd> Staging::open_sent(const std::string& name) const {
  return open_file(with(name, sent), O_RDONLY);
}

void Staging::drop_sent(const std::string& name) const {
  remove(with(name, sent));
}

void Staging::sweep(const std::set<std::string>& needed) const {
  each([&](const std::string& name) {
    const bool unneeded = name.ends_with(sent) && !needed.contains(name.substr(0, name.size() - sent.size()));
    if (unneeded || name.ends_with(fresh)) remove(name);
  });
}

// --- What has come

Result<UniqueFd> Staging::receive(const std::string& name) const {
  return open_file(with(name, received_here), O_WRONLY | O_APPEND | O_CREAT);
}

Result<UniqueFd> Staging::open_received(const std::string& name) const {
  BUD_TRY(UniqueFd file, open_file(with(name, received_here), O_RDONLY));
  (void)::futimens(file.get(), nullptr);
  return file;
}

std::uint64_t Staging::received(const std::string& name) const {
  struct stat info {};
  const bool there = ::fstatat(folder_->get(), with(name, received_here).c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
  return there && S_ISREG(info.st_mode) ? static_cast<std::uint64_t>(info.st_size) : 0;
}

void Staging::drop_received(const std::string& name) const {
  remove(with(name, received_here));
}

void Staging::make_room(std::uint64_t bytes, const std::set<std::string>& in_use) const {
  std::vector<Cached> all;
  std::uint64_t total = bytes;
  each([&](const std::string& name) {
    struct stat info {};
    if (!name.ends_with(received_here) || ::fstatat(folder_->get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
      return;
    total += static_cast<std::uint64_t>(info.st_size);
    if (!in_use.contains(name.substr(0, name.size() - received_here.size())))
      all.push_back({info.st_mtim, static_cast<std::uint64_t>(info.st_size), name});
  });
  std::sort(all.begin(), all.end(), before);
  for (const Cached& one : all) {
    if (total <= cache_bound) break;
    remove(one.name);
    total -= one.size;
  }
}

}  // namespace bud::blobs
