// From a sealed file that may still be growing into a pipe, chunk by chunk, as its reader takes them.
//
// Each chunk is checked before anything of it is handed on, and the last bytes are handed on only once the hash of all
// is right: who has read as many bytes as the message says has the file, and who was cut off before has not.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"
#include "crypto/hash.h"
#include "wire/bodies.h"

namespace bud::blobs {

class Opener {
 public:
  enum class Step : std::uint8_t {
    more,         // call again
    wait_reader,  // call again when target() can be written
    wait_bytes,   // call again when more of the file is there
    done,         // all was handed over
    closed,       // the reader has gone
  };
  // The pipe's writing end, which does not block.
  Opener(const wire::Blob& blob, UniqueFd target);

  // One chunk. `there` bytes of the sealed file are there. Errc::cannot_open: they are not what was sent from offset()
  // on; with others in their place it can go on. Errc::damaged: what was sealed is not what the message says, and
  // nothing helps.
  [[nodiscard]] Result<Step> step(int sealed, std::uint64_t there);

  int target() const { return target_.get(); }
  // Of the sealed bytes: what stands below it was opened.
  std::uint64_t offset() const;

 private:
  [[nodiscard]] Result<Step> hand_over();
  [[nodiscard]] Result<> take(crypto::SecretBytes plain);

  crypto::Secret<32> key_;
  wire::BlobHash expected_;
  std::uint64_t size_, padded_, chunks_;
  UniqueFd target_;
  crypto::Hasher hasher_;
  std::uint64_t index_ = 0;
  crypto::SecretBytes held_;  // the last bytes of the file, until the hash is known
  crypto::SecretBytes out_;   // to be written, from written_ on
  std::size_t written_ = 0;
};

}  // namespace bud::blobs
