#include "blobs/opener.h"

#include "crypto/stream.h"
#include "store/folder.h"
#include "wire/labels.h"
#include "wire/plaintext.h"

#include <cerrno>

namespace bud::blobs {
namespace {

tl::unexpected<Error> not_what_was_said() {
  return fail(Errc::damaged, "the file is not the one that the message speaks of: its sender has sealed another one");
}

}  // namespace

Opener::Opener(const wire::Blob& blob, UniqueFd target)
    : key_(std::move(*crypto::Secret<32>::from(blob.key.view()))),
      expected_(blob.hash),
      size_(blob.size),
      padded_(wire::padded_size(blob.size)),
      chunks_(crypto::stream_chunks(padded_)),
      target_(std::move(target)),
      hasher_(wire::label::blob_hash, wire::BlobHash::size) {}

std::uint64_t Opener::offset() const {
  return index_ * crypto::sealed_stream_chunk;
}

Result<Opener::Step> Opener::hand_over() {
  const ByteView rest = out_.expose().subspan(written_);
  const ssize_t n = ::write(target_.get(), rest.data(), rest.size());
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Step::wait_reader;
  if (n < 0 && errno == EINTR) return Step::more;
  if (n < 0) return Step::closed;
  written_ += static_cast<std::size_t>(n);
  if (written_ == out_.size()) {
    out_ = {};
    written_ = 0;
  }
  return Step::more;
}

Result<> Opener::take(crypto::SecretBytes plain) {
  const std::uint64_t start = index_ * crypto::stream_chunk;
  const std::size_t real = start >= size_ ? 0 : std::min<std::uint64_t>(plain.size(), size_ - start);
  const ByteView padding = plain.expose().subspan(real);
  if (!std::all_of(padding.begin(), padding.end(), [](std::uint8_t b) { return b == 0; })) return not_what_was_said();
  plain.truncate(real);
  hasher_.add(plain.expose());
  const bool ends_here = real > 0 && start + real == size_;
  if (ends_here)
    held_ = std::move(plain);
  else if (real > 0)
    out_ = std::move(plain);
  if (++index_ < chunks_) return {};
  if (hasher_.finish_as<wire::BlobHash>() != expected_) return not_what_was_said();
  out_ = std::move(held_);
  return {};
}

Result<Opener::Step> Opener::step(int sealed, std::uint64_t there) {
  if (!out_.empty()) return hand_over();
  if (index_ == chunks_) return Step::done;
  const bool last = index_ + 1 == chunks_;
  const std::size_t plain = last ? padded_ - index_ * crypto::stream_chunk : crypto::stream_chunk;
  Bytes bytes(plain + crypto::aead_overhead);
  if (there < offset() + bytes.size()) return Step::wait_bytes;
  for (std::size_t have = 0; have < bytes.size();) {
    const ssize_t n = ::pread(sealed, bytes.data() + have, bytes.size() - have, static_cast<off_t>(offset() + have));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return store::fail_errno("read a file of the state folder", errno);
    if (n == 0) return Step::wait_bytes;
    have += static_cast<std::size_t>(n);
  }
  BUD_TRY(crypto::SecretBytes opened, crypto::open_chunk(key_, wire::label::blob_chunk, {index_, last}, bytes));
  BUD_CHECK(take(std::move(opened)));
  return Step::more;
}

}  // namespace bud::blobs
