// From a caller's descriptor into a sealed file, a slice at a time.
#pragma once

#include "base/unique_fd.h"
#include "crypto/hash.h"
#include "wire/bodies.h"

#include <memory>

namespace bud::blobs {

class Sealer {
 public:
  enum class Step : std::uint8_t {
    more,  // call again
    wait,  // the pipe is empty: call again when source() can be read
    done,
  };

  // The source is a regular file, read from its beginning whatever its offset, or a pipe, read to its end; anything
  // else is Errc::malformed. The target is empty. Over `limit` bytes are Errc::too_large, at once where that can be
  // seen.
  [[nodiscard]] static Result<std::unique_ptr<Sealer>> begin(UniqueFd source, UniqueFd target, crypto::Secret<32> key,
                                                             std::uint64_t limit);

  // Seals a quarter of a megabyte, or as much as there is. Errc::storage for either side.
  [[nodiscard]] Result<Step> step();

  int source() const { return source_.get(); }
  int target() const { return target_.get(); }
  // Plain bytes read so far.
  std::uint64_t size() const { return size_; }
  // After Step::done, once.
  [[nodiscard]] wire::BlobHash hash() { return hasher_.finish_as<wire::BlobHash>(); }
  // All of the file where it is at most wire::max_inlined, else empty.
  [[nodiscard]] crypto::SecretBytes take_plain() { return std::move(plain_); }

 private:
  // Bytes of a chunk that is not full yet, or not known to be followed by anything.
  struct Chunk {
    crypto::SecretBytes bytes;
    std::size_t filled = 0;
  };
  Sealer(UniqueFd source, UniqueFd target, crypto::Secret<32> key, std::uint64_t limit, bool seekable);
  [[nodiscard]] Result<Step> read();
  [[nodiscard]] Result<> full();
  [[nodiscard]] Result<Step> pad();
  [[nodiscard]] Result<> seal(ByteView plain, bool last);

  UniqueFd source_, target_;
  crypto::Secret<32> key_;
  std::uint64_t limit_;
  bool seekable_;
  bool ended_ = false;
  std::uint64_t size_ = 0, index_ = 0;
  crypto::Hasher hasher_;
  Chunk waiting_, next_;  // `waiting_` is full or empty
  crypto::SecretBytes plain_;
  Bytes sealed_;
};

}  // namespace bud::blobs
