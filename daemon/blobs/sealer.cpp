#include "blobs/sealer.h"

#include "crypto/stream.h"
#include "store/folder.h"
#include "wire/labels.h"
#include "wire/plaintext.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

namespace bud::blobs {
namespace {

constexpr std::size_t slice = 4;  // chunks

Result<> write_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return store::fail_errno("write a file of the state folder", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

tl::unexpected<Error> over(std::uint64_t limit) {
  return fail(Errc::too_large,
              "the file is larger than the bridges that lead to everybody in this thread take: they take " +
                  std::to_string(limit) + " bytes");
}

// A description of its own, so that reading it does not wait, whatever the caller's says.
Result<UniqueFd> open_anew(int pipe) {
  UniqueFd own(::open(("/proc/self/fd/" + std::to_string(pipe)).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!own) return fail(Errc::malformed, "the pipe cannot be read");
  return own;
}

}  // namespace

Result<std::unique_ptr<Sealer>> Sealer::begin(UniqueFd source, UniqueFd target, crypto::Secret<32> key,
                                              std::uint64_t limit) {
  struct stat info {};
  const int mode = ::fcntl(source.get(), F_GETFL);
  if (::fstat(source.get(), &info) != 0 || mode < 0 || (mode & O_ACCMODE) == O_WRONLY || (mode & O_PATH) != 0)
    return fail(Errc::malformed, "the descriptor cannot be read");
  const bool regular = S_ISREG(info.st_mode);
  if (!regular && !S_ISFIFO(info.st_mode)) return fail(Errc::malformed, "a file is sent from a regular file or a pipe");
  if (regular && static_cast<std::uint64_t>(info.st_size) > limit) return over(limit);
  if (!regular) {
    BUD_TRY(source, open_anew(source.get()));
  }
  return std::unique_ptr<Sealer>(new Sealer(std::move(source), std::move(target), std::move(key), limit, regular));
}

Sealer::Sealer(UniqueFd source, UniqueFd target, crypto::Secret<32> key, std::uint64_t limit, bool seekable)
    : source_(std::move(source)),
      target_(std::move(target)),
      key_(std::move(key)),
      limit_(limit),
      seekable_(seekable),
      hasher_(wire::label::blob_hash, wire::BlobHash::size),
      waiting_{crypto::SecretBytes(crypto::stream_chunk), 0},
      next_{crypto::SecretBytes(crypto::stream_chunk), 0} {}

Result<> Sealer::seal(ByteView plain, bool last) {
  sealed_.resize(plain.size() + crypto::aead_overhead);
  crypto::seal_chunk(sealed_, key_, wire::label::blob_chunk, {index_++, last}, plain);
  return write_all(target_.get(), sealed_);
}

// `next_` is: what waited is known not to be the last.
Result<> Sealer::full() {
  if (waiting_.filled != 0) BUD_CHECK(seal(waiting_.bytes.expose(), false));
  std::swap(waiting_, next_);
  next_.filled = 0;
  return {};
}

Result<Sealer::Step> Sealer::read() {
  const ByteSpan room = next_.bytes.expose_mutable().subspan(next_.filled);
  const ssize_t n = seekable_ ? ::pread(source_.get(), room.data(), room.size(), static_cast<off_t>(size_))
                              : ::read(source_.get(), room.data(), room.size());
  if (n < 0 && errno == EINTR) return Step::more;
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Step::wait;
  if (n < 0) return store::fail_errno("read the file that is to be sent", errno);
  if (n == 0) {
    ended_ = true;
    return Step::more;
  }
  const ByteView got = ByteView(room).first(static_cast<std::size_t>(n));
  size_ += got.size();
  next_.filled += got.size();
  if (size_ > limit_) return over(limit_);
  hasher_.add(got);
  if (size_ <= wire::max_inlined) {
    crypto::SecretBytes longer(plain_.size() + got.size());
    const auto end = std::copy(plain_.expose().begin(), plain_.expose().end(), longer.expose_mutable().begin());
    std::copy(got.begin(), got.end(), end);
    plain_ = std::move(longer);
  } else {
    plain_ = {};
  }
  if (next_.filled == crypto::stream_chunk) BUD_CHECK(full());
  return Step::more;
}

// What is left, and zeros behind it up to the padded size.
Result<Sealer::Step> Sealer::pad() {
  const std::uint64_t padded = wire::padded_size(size_);
  const bool last = index_ + 1 == crypto::stream_chunks(padded);
  Chunk& chunk = waiting_.filled != 0 ? waiting_ : next_;
  const std::size_t length = std::min<std::uint64_t>(crypto::stream_chunk, padded - index_ * crypto::stream_chunk);
  const ByteSpan bytes = chunk.bytes.expose_mutable().first(length);
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(std::min(chunk.filled, length)), bytes.end(), std::uint8_t{0});
  chunk.filled = 0;
  BUD_CHECK(seal(bytes, last));
  return last ? Step::done : Step::more;
}

Result<Sealer::Step> Sealer::step() {
  for (const std::uint64_t until = index_ + slice; index_ < until;) {
    BUD_TRY(const Step step, ended_ ? pad() : read());
    if (step != Step::more) return step;
  }
  return Step::more;
}

}  // namespace bud::blobs
