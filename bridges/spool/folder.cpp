#include "spool/folder.h"

#include "spool/names.h"

#include <fcntl.h>

#include <algorithm>
#include <cstdio>

namespace spool {
namespace {

constexpr char marker_name[] = "budstikke-spool";
constexpr std::string_view marker_text = "budstikke spool 1\n";
constexpr std::int64_t abandoned_after_s = 36 * 3600;

bool belongs_to_a_new_spool(std::string_view name) {
  return name == "directory" || name == "mail" || name == "tmp" || name == "blobs" || name == "lost+found" || name.front() == '.';
}

}  // namespace

Outcome<Folder> Folder::open_root(const std::string& path) {
  Folder folder;
  folder.path_ = path;
  folder.root_ = Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.root_.open()) return errno_failure("the spool folder " + path + " cannot be opened");
  struct stat info = {};
  if (fstat(folder.root_.get(), &info) != 0) return errno_failure("the spool folder " + path + " does not answer");
  folder.identity_ = {info.st_dev, info.st_ino};
  folder.root_mode_ = info.st_mode;
  return folder;
}

Outcome<void> Folder::check_marker() const {
  const auto marker = read_file(root_.get(), marker_name, 256);
  if (!marker && marker.error().problem == ReadProblem::gone)
    return failure(BUD_RETRY_LATER, "the folder " + path_ + " holds no spool (no file " + marker_name +
                                        "); is its disk or share mounted? If it was emptied for good, see the spool's "
                                        "README for making it anew");
  if (!marker) return failure(BUD_RETRY_LATER, path_ + "/" + marker_name + " cannot be read: " + marker.error().words);
  if (!std::equal(marker_text.begin(), marker_text.end(), marker->bytes.begin(), marker->bytes.end()))
    return failure(BUD_RETRY_LATER, path_ + "/" + marker_name + " is not of a kind that this program knows");
  return {};
}

Outcome<void> Folder::open_parts() {
  const std::pair<const char*, Fd*> parts[] = {{"directory", &directory_}, {"mail", &mail_}, {"tmp", &tmp_}};
  for (const auto& [name, fd] : parts) {
    *fd = open_folder(root_.get(), name);
    if (!fd->open()) return errno_failure("the spool's folder " + path_ + "/" + name);
  }
  return {};
}

Outcome<Folder> Folder::open(const std::string& path) {
  Outcome<Folder> folder = open_root(path);
  if (!folder) return folder;
  if (Outcome<> fine = folder->check_marker(); !fine) return tl::unexpected<Failure>(fine.error());
  if (Outcome<> fine = folder->open_parts(); !fine) return tl::unexpected<Failure>(fine.error());
  return folder;
}

// The marker comes last: where it stands, the rest is there.
Outcome<void> Folder::create_parts() {
  std::string foreign;
  Outcome<> listed = list_names(root_.get(), [&](std::string_view name) {
    if (!belongs_to_a_new_spool(name)) foreign = name;
    return foreign.empty();
  });
  if (!listed) return listed;
  if (!foreign.empty())
    return failure(BUD_RETRY_LATER, "the folder " + path_ + " is neither empty nor a spool; choose another one");
  const std::pair<const char*, Fd*> parts[] = {{"directory", &directory_}, {"mail", &mail_}, {"tmp", &tmp_}};
  for (const auto& [name, fd] : parts) {
    Outcome<Fd> made = make_folder(root_.get(), name, shared_folder_mode());
    if (!made) return tl::unexpected<Failure>(made.error());
    *fd = std::move(*made);
  }
  if (Outcome<Fd> blobs = make_blobs(); !blobs) return tl::unexpected<Failure>(blobs.error());
  return put(root_.get(), marker_name, {reinterpret_cast<const std::uint8_t*>(marker_text.data()), marker_text.size()});
}

Outcome<Folder> Folder::open_or_create(const std::string& path) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return errno_failure("the spool folder " + path);
  Outcome<Folder> folder = open_root(path);
  if (!folder) return folder;
  if (faccessat(folder->root_.get(), marker_name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) return open(path);
  if (Outcome<> made = folder->create_parts(); !made) return tl::unexpected<Failure>(made.error());
  return folder;
}

Outcome<Fd> Folder::make_folder(int parent, const std::string& name, mode_t mode) const {
  Fd fd = open_folder(parent, name);
  if (fd.open()) return fd;
  if (errno != ENOENT) return errno_failure("a folder of the spool");
  const bool ours = mkdirat(parent, name.c_str(), 0700) == 0;
  if (!ours && errno != EEXIST) return errno_failure("making a folder of the spool");
  fd = open_folder(parent, name);
  if (!fd.open()) return errno_failure("a folder of the spool");
  if (ours && (fchmod(fd.get(), mode) != 0 || fsync(fd.get()) != 0 || fsync(parent) != 0))
    return errno_failure("making a folder of the spool");
  return fd;
}

Outcome<void> Folder::put(int target, const std::string& name, std::span<const std::uint8_t> bytes) const {
  const std::optional<std::string> temporary = random_hex16();
  if (!temporary) return failure(BUD_RETRY_LATER, "the kernel's random generator failed");
  if (Outcome<> written = write_new_file(tmp_.get(), *temporary, bytes, file_mode()); !written) return written;
  if (renameat(tmp_.get(), temporary->c_str(), target, name.c_str()) != 0) {
    auto failed = errno_failure("writing to the spool");
    unlinkat(tmp_.get(), temporary->c_str(), 0);
    return failed;
  }
  if (fsync(target) != 0) {
    auto failed = errno_failure("syncing the spool");
    failed.value().status = BUD_UNKNOWN_OUTCOME;
    return failed;
  }
  return {};
}

void Folder::sweep(std::int64_t now_s) const {
  int seen = 0;
  (void)list_names(tmp_.get(), [&](std::string_view found) {
    const std::string name(found);
    struct stat info = {};
    if (fstatat(tmp_.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && info.st_uid == geteuid() &&
        info.st_mtim.tv_sec < now_s - abandoned_after_s)
      unlinkat(tmp_.get(), name.c_str(), 0);
    return ++seen < 10'000;
  });
}

}  // namespace spool
