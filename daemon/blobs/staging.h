// The sealed bytes of files on this disk: those that go out until a bridge has them, and those that have come, as a
// cache. Nothing here is ever a plaintext, and no name says anything: who reads the folder sees how many files there
// are, how large their sealed bytes are, and when they were used.
//
//   blobs/NAME.new    being sealed; of a process that ended, if it is there at the start
//   blobs/NAME.out    sealed and synced; some message needs it
//   blobs/NAME.in     fetched from its beginning on, perhaps not to its end
//
// NAME is 32 lower-case hexadecimal digits. Errors: Errc::storage.
#pragma once

#include "base/unique_fd.h"
#include "store/folder.h"
#include "wire/bodies.h"

#include <memory>
#include <set>

namespace bud::blobs {

// Received files beyond this go, the least recently used first.
inline constexpr std::uint64_t cache_bound = std::uint64_t{1} << 30;

// A name for what was received: by what its message says of it, so that it is found again. It follows from the key, so
// that it tells nothing of the file.
[[nodiscard]] std::string name_of(const wire::Blob& blob);

class Staging {
 public:
  // Makes the folder (mode 0700).
  [[nodiscard]] static Result<Staging> open(const store::StateFolder& state);

  // --- what goes out
  [[nodiscard]] Result<UniqueFd> create(const std::string& name) const;
  // Makes what was sealed last: its bytes and then its name are on disk on return. That takes as long as the disk does:
  // what is returned is run beside the loop, and needs nothing of this object.
  [[nodiscard]] Result<std::function<Result<>()>> finish(const std::string& name, int file) const;
  void give_up(const std::string& name) const;
  [[nodiscard]] Result<UniqueFd> open_sent(const std::string& name) const;
  void drop_sent(const std::string& name) const;
  // What no message needs goes, and what was not sealed to its end. Once, at the start.
  void sweep(const std::set<std::string>& needed) const;

  // --- what has come
  // For appending; made where it is missing.
  [[nodiscard]] Result<UniqueFd> receive(const std::string& name) const;
  // For reading; a use, for the cache. Errc::not_found.
  [[nodiscard]] Result<UniqueFd> open_received(const std::string& name) const;
  // 0 where there is nothing of it.
  [[nodiscard]] std::uint64_t received(const std::string& name) const;
  void drop_received(const std::string& name) const;
  // Until `bytes` more fit below the bound; what is in use stays.
  void make_room(std::uint64_t bytes, const std::set<std::string>& in_use) const;

 private:
  explicit Staging(std::shared_ptr<UniqueFd> folder) : folder_(std::move(folder)) {}
  [[nodiscard]] Result<UniqueFd> open_file(const std::string& name, int flags) const;
  void remove(const std::string& name) const;
  void each(const std::function<void(const std::string& name)>& visit) const;

  std::shared_ptr<UniqueFd> folder_;
};

}  // namespace bud::blobs
