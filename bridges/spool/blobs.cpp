#include "spool/blobs.h"

#include "spool/names.h"

#include <fcntl.h>

#include <algorithm>

namespace spool {
namespace {

constexpr std::size_t buffer_size = 128 * 1024;
constexpr std::int64_t abandoned_after_s = 30 * 24 * 3600;
constexpr std::string_view unfinished = ".part";

std::string part_of(const std::string& name) {
  return name + std::string(unfinished);
}

bool ours(const struct stat& info) {
  return S_ISREG(info.st_mode) && info.st_uid == geteuid() && info.st_nlink == 1;
}

// Up to `size` bytes from `source` at `offset` to where `target` stands; how many there were. -1 with errno.
std::int64_t copy(int source, std::uint64_t offset, int target, std::uint64_t size) {
  std::vector<std::uint8_t> buffer(std::min<std::uint64_t>(buffer_size, size));
  std::uint64_t copied = 0;
  while (copied < size) {
    const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), size - copied);
    const ssize_t n = pread(source, buffer.data(), wanted, static_cast<off_t>(offset + copied));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    if (n == 0) break;
    if (!write_all(target, {buffer.data(), static_cast<std::size_t>(n)})) return -1;
    copied += static_cast<std::uint64_t>(n);
  }
  return static_cast<std::int64_t>(copied);
}

// What is below it was synced before anything was written behind.
std::uint64_t last_step(std::uint64_t size) {
  return size == 0 ? 0 : (size - 1) / blob_step * blob_step;
}

}  // namespace

bool is_blob(std::string_view name) {
  return name.size() == 32 && is_device(name.substr(0, 16)) && is_device(name.substr(16));
}

// --- Putting

Outcome<Fd> BlobWriter::open_part(int blobs, const std::string& name, std::uint64_t total) {
  Fd part(
      openat(blobs, part_of(name).c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600));
  if (!part.open()) return errno_failure("writing a blob to the spool");
  struct stat info = {};
  if (fstat(part.get(), &info) != 0) return errno_failure("writing a blob to the spool");
  if (!ours(info)) return failure(BUD_RETRY_LATER, "somebody else has put something where a blob is to be written");
  const auto size = static_cast<std::uint64_t>(info.st_size);
  const bool known = name_ == name && written_ == size;
  const std::uint64_t keep = size > total ? 0 : known ? size : last_step(size);
  if (keep != size && ftruncate(part.get(), static_cast<off_t>(keep)) != 0) return errno_failure("resuming a blob");
  if (lseek(part.get(), static_cast<off_t>(keep), SEEK_SET) < 0) return errno_failure("resuming a blob");
  name_ = name;
  written_ = keep;
  return part;
}

Outcome<void> BlobWriter::finish(const Folder& folder, int blobs, int part, const std::string& name) {
  if (fchmod(part, folder.file_mode()) != 0 || fsync(part) != 0 ||
      renameat(blobs, part_of(name).c_str(), blobs, name.c_str()) != 0 || fsync(blobs) != 0)
    return errno_failure("writing a blob to the spool");
  name_.clear();
  return {};
}

Outcome<std::uint64_t> BlobWriter::put(const Folder& folder, const std::string& name, int source, std::uint64_t total) {
  using Failed = tl::unexpected<Failure>;
  if (!is_blob(name)) return failure(BUD_INVALID, "no name of a blob");
  if (total == 0 || total > max_blob) return failure(BUD_TOO_LARGE, "the spool keeps files of up to 4 GiB");
  Outcome<Fd> blobs = folder.make_blobs();
  if (!blobs) return Failed(blobs.error());
  struct stat there = {};
  if (fstatat(blobs->get(), name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0) {
    // Ours: put by a process that ended before it could say so.
    if (ours(there) && static_cast<std::uint64_t>(there.st_size) == total) return total;
    return failure(BUD_RETRY_LATER, "somebody else has put something where a blob is to be written");
  }
  Outcome<Fd> part = open_part(blobs->get(), name, total);
  if (!part) return Failed(part.error());
  const std::uint64_t wanted = std::min(blob_slice, total - written_);
  const std::int64_t copied = copy(source, written_, part->get(), wanted);
  if (copied < 0) return errno_failure("writing a blob to the spool");
  written_ += static_cast<std::uint64_t>(copied);
  if (static_cast<std::uint64_t>(copied) != wanted) return failure(BUD_INVALID, "the blob ends before its end");
  if (written_ % blob_step == 0 && fdatasync(part->get()) != 0) return errno_failure("syncing a blob");
  if (written_ < total) return written_;
  if (Outcome<> finished = finish(folder, blobs->get(), part->get(), name); !finished) return Failed(finished.error());
  return total;
}

// --- Getting

Outcome<BlobSlice> get_blob(const Folder& folder, const std::string& name, int target, std::uint64_t offset,
                            std::uint64_t limit) {
  using Failed = tl::unexpected<Failure>;
  if (!is_blob(name)) return failure(BUD_INVALID, "no blob of a spool");
  Fd blobs = folder.open_blobs();
  if (!blobs.open() && errno != ENOENT) return errno_failure("the spool's blobs");
  Fd blob(blobs.open() ? openat(blobs.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
                       : -1);
  if (!blob.open() && errno == ENOENT) {
    Outcome<Folder> again = Folder::open(folder.path());  // else ENOENT says nothing about the blob
    if (!again) return Failed(again.error());
    if (again->identity() != folder.identity()) return failure(BUD_RETRY_LATER, "the spool was exchanged meanwhile");
    return failure(BUD_GONE, "the spool has no such file, or not yet");
  }
  if (!blob.open() && (errno == ELOOP || errno == ENXIO)) return failure(BUD_INVALID, "no file stands in its place");
  if (!blob.open()) return errno_failure("reading a blob");
  struct stat info = {};
  if (fstat(blob.get(), &info) != 0) return errno_failure("reading a blob");
  if (!S_ISREG(info.st_mode)) return failure(BUD_INVALID, "no file stands in its place");
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (size > limit) return failure(BUD_TOO_LARGE, "the file in the spool is larger than its sender said");
  if (size < offset || size == 0) return failure(BUD_INVALID, "the file in the spool is shorter than its sender said");
  const std::int64_t copied = copy(blob.get(), offset, target, std::min(blob_slice, size - offset));
  if (copied < 0) return errno_failure("fetching a blob");
  const auto added = static_cast<std::uint64_t>(copied);
  return BlobSlice{added, offset + added >= size || added == 0};
}

void sweep_blobs(const Folder& folder, std::int64_t now_s) {
  const Fd blobs = folder.open_blobs();
  if (!blobs.open()) return;
  int seen = 0;
  (void)list_names(blobs.get(), [&](std::string_view found) {
    const std::string name(found);
    struct stat info = {};
    if (name.ends_with(unfinished) && fstatat(blobs.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
        ours(info) && info.st_mtim.tv_sec < now_s - abandoned_after_s)
      unlinkat(blobs.get(), name.c_str(), 0);
    return ++seen < 10'000;
  });
}

}  // namespace spool
