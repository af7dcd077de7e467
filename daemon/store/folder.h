// The folder that holds all of a daemon's state, and the proof that no second daemon works in it.
#pragma once

#include "base/environment.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace bud::store {

// While one of these lives, the folder is this process's alone: whatever reads or writes state asks for one.
// The lock is flock(2)'s on a file named "lock"; the kernel drops it with the process, however that ends. A child of
// fork() shares it until it execs: one that a killed daemon was just starting may hold it a moment longer than the
// daemon.
class StateFolder {
 public:
  // Makes the folder and its missing parents (mode 0700), or tightens its mode to that.
  // Errc::busy: another process holds it, and did for all of `patience`. Errc::not_allowed: it belongs to another user.
  // Errc::storage: the disk said no.
  [[nodiscard]] static Result<StateFolder> open(std::string path, Duration patience = {});
  ~StateFolder();
  StateFolder(StateFolder&& other) noexcept;
  StateFolder& operator=(StateFolder&& other) = delete;

  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }
  // After this, files made, renamed or removed here stay so over a power cut.
  [[nodiscard]] Result<> sync() const;

 private:
  StateFolder(std::string path, int folder, int lock) : path_(std::move(path)), folder_(folder), lock_(lock) {}
  std::string path_;
  int folder_, lock_;  // descriptors; -1 when moved from
};

// Errc::storage, with what the system said: "cannot <what>: No space left on device".
[[nodiscard]] tl::unexpected<Error> fail_errno(std::string_view what, int error);

}  // namespace bud::store
