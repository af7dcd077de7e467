// The spool's folder, opened anew for each operation, so that a folder that was removed, renamed or unmounted is
// noticed at once, and is never written to behind everybody's back.
#pragma once

#include "spool/files.h"

#include <functional>

namespace spool {

using Log = std::function<void(const std::string&)>;

class Folder {
 public:
  // What must be there: the marker file and the three folders beside it. BUD_RETRY_LATER, with words, where it is not.
  static Outcome<Folder> open(const std::string& path);
  // The same, but an empty or missing folder (not its parent) is made into a spool. Only for a device that has never
  // used it: later an empty folder is a mount point whose file system is away.
  static Outcome<Folder> open_or_create(const std::string& path);

  const std::string& path() const { return path_; }
  // Changes when another folder stands at the path.
  std::pair<dev_t, ino_t> identity() const { return identity_; }

  int directory() const { return directory_.get(); }
  int mail() const { return mail_.get(); }
  // Not open, with errno, where it is missing: spools made by an older version have none until somebody puts a blob.
  Fd open_blobs() const { return open_folder(root_.get(), "blobs"); }
  Outcome<Fd> make_blobs() const { return make_folder(root_.get(), "blobs", shared_folder_mode()); }
  // The permissions of the spool's own folder, handed down. Folders into which others put files are sticky, so that
  // nobody can remove another's; files can be written by their owner alone.
  mode_t shared_folder_mode() const { return (root_mode_ & (0777 | S_ISGID)) | S_ISVTX; }
  mode_t own_folder_mode() const { return root_mode_ & (0755 | S_ISGID); }
  mode_t file_mode() const { return root_mode_ & 0644; }

  // Opens a folder, making it first where it does not exist.
  Outcome<Fd> make_folder(int parent, const std::string& name, mode_t mode) const;
  // Writes under tmp/, syncs, renames to `name` in `target`, over what is there, and syncs `target`.
  // BUD_UNKNOWN_OUTCOME where only the last step failed.
  Outcome<void> put(int target, const std::string& name, std::span<const std::uint8_t> bytes) const;
  // Removes what crashed writers have left in tmp/ more than 36 hours ago, as far as it is ours to remove.
  void sweep(std::int64_t now_s) const;

 private:
  static Outcome<Folder> open_root(const std::string& path);
  Outcome<void> open_parts();
  Outcome<void> check_marker() const;
  Outcome<void> create_parts();

  std::string path_;
  std::pair<dev_t, ino_t> identity_;
  mode_t root_mode_ = 0;
  Fd root_, directory_, mail_, tmp_;
};

}  // namespace spool
