// blobs/<name>: sealed bytes that are too large for a copy, one file a blob. README.md has the layout.
#pragma once

#include "spool/folder.h"

namespace spool {

constexpr std::uint64_t max_blob = std::uint64_t{4} * 1024 * 1024 * 1024;
// Of one call: some milliseconds on a disk.
constexpr std::uint64_t blob_slice = 1024 * 1024;
// A blob that is being put is synced to disk at each multiple of this before anything is written behind it: after a
// power cut what lies below the last multiple is there, whatever the file's size says.
constexpr std::uint64_t blob_step = 8 * blob_slice;

// 32 lower-case hexadecimal digits.
bool is_blob(std::string_view name);

// One blob on its way into the spool.
class BlobWriter {
 public:
  // Carries on by one slice, and says how many bytes are there; all of them: the blob is whole, in its place and
  // synced.
  Outcome<std::uint64_t> put(const Folder& folder, const std::string& name, int source, std::uint64_t total);

 private:
  Outcome<Fd> open_part(int blobs, const std::string& name, std::uint64_t total);
  Outcome<void> finish(const Folder& folder, int blobs, int part, const std::string& name);

  // Written by this process, without a gap: resumed where it stands.
  std::string name_;
  std::uint64_t written_ = 0;
};

struct BlobSlice {
  std::uint64_t added = 0;
  bool end = false;
};
// Appends a slice of the blob to `target`, which holds `offset` bytes of it. BUD_GONE where the spool positively has no
// such blob; BUD_TOO_LARGE where it is larger than `limit`; BUD_INVALID where it is shorter than `offset`, or no blob
// at all.
Outcome<BlobSlice> get_blob(const Folder& folder, const std::string& name, int target, std::uint64_t offset,
                            std::uint64_t limit);

// Removes what was begun by us and not gone on with for 30 days.
void sweep_blobs(const Folder& folder, std::int64_t now_s);

}  // namespace spool
