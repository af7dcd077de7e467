#include "service/file_readers.h"

#include "core/files.h"

#include <fcntl.h>
#include <sys/epoll.h>

#include <cerrno>

namespace bud::service {
namespace {

constexpr std::size_t most_open = 64;
constexpr std::size_t most_failures = 256;
constexpr int at_once = 4;  // chunks, before others have their turn
constexpr int pipe_size = 256 * 1024;

}  // namespace

Result<UniqueFd> FileReaders::open(const MessageId& message, std::uint32_t index, const wire::Blob& blob) {
  if (readers_.size() >= most_open) return bud::fail(Errc::busy, "too many files are open already");
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return bud::fail(Errc::busy, "the system has no pipe left");
  UniqueFd reading(ends[0]), writing(ends[1]);
  failures_.erase({message, index});
  if (blob.locations.empty()) {
    // At most 32 KiB: a pipe holds 64.
    if (!blob.inlined.empty() &&
        ::write(writing.get(), blob.inlined.data(), blob.inlined.size()) != static_cast<ssize_t>(blob.inlined.size()))
      return bud::fail(Errc::internal, "a pipe does not take what it holds");
    return reading;
  }
  (void)::fcntl(writing.get(), F_SETPIPE_SZ, pipe_size);  // fewer turns; where it is refused, more
  if (::fcntl(writing.get(), F_SETFL, O_NONBLOCK) != 0)
    return bud::fail(Errc::internal, "a pipe that cannot be written");
  BUD_TRY(const std::string name, downloads_.want(blob));
  Result<UniqueFd> sealed = staging_.open_received(name);
  const std::uint64_t id = next_++;
  if (sealed) {
    readers_[id].reset(
        new Reader{{message, index}, name, blobs::Opener(blob, std::move(writing)), std::move(*sealed), {}});
    const Result<> planned = plan(id, blobs::Opener::Step::more);
    if (planned) return reading;
    sealed = tl::unexpected(planned.error());
    readers_.erase(id);
  }
  downloads_.release(name);
  return forward(sealed);
}

FileReaders::Place FileReaders::place(const wire::Blob& blob) const {
  if (blob.locations.empty()) return Place::here;
  const std::string name = blobs::name_of(blob);
  if (staging_.received(name) == core::sealed_blob_size(blob.size)) return Place::here;
  return downloads_.state(name) ? Place::fetching : Place::elsewhere;
}

std::string FileReaders::failure(const MessageId& message, std::uint32_t index) const {
  const auto found = failures_.find({message, index});
  return found != failures_.end() ? found->second : std::string();
}

Result<> FileReaders::plan(std::uint64_t id, blobs::Opener::Step after) {
  Reader& reader = *readers_.at(id);
  if (after == blobs::Opener::Step::more) {
    BUD_TRY(reader.turn, event_.defer([this, id] { pump(id); }));
    return {};
  }
  // While it waits for bytes: that its reader goes is told unasked.
  const std::uint32_t events = after == blobs::Opener::Step::wait_reader ? std::uint32_t{EPOLLOUT} : 0u;
  BUD_TRY(reader.turn, event_.io(reader.opener.target(), events, [this, id](std::uint32_t ready) {
    if ((ready & EPOLLERR) != 0) return close(id);
    pump(id);
  }));
  return {};
}

Result<blobs::Opener::Step> FileReaders::some(Reader& reader) {
  for (int i = 0; i < 2 * at_once; ++i) {  // each is opened, and handed over
    const auto state = downloads_.state(reader.name);
    Result<blobs::Opener::Step> step = reader.opener.step(reader.sealed.get(), state ? state->there : 0);
    if (!step && step.error().code == Errc::cannot_open) {
      downloads_.distrust(reader.name, reader.opener.offset());
      return blobs::Opener::Step::wait_bytes;
    }
    if (!step || *step != blobs::Opener::Step::more) return step;
  }
  return blobs::Opener::Step::more;
}

void FileReaders::pump(std::uint64_t id) {
  const auto found = readers_.find(id);
  if (found == readers_.end()) return;
  found->second->turn.reset();  // a descriptor is registered once
  const Result<blobs::Opener::Step> step = some(*found->second);
  if (!step) return fail(id, step.error());
  if (*step == blobs::Opener::Step::done || *step == blobs::Opener::Step::closed) return close(id);
  if (const Result<> planned = plan(id, *step); !planned) fail(id, planned.error());
}

void FileReaders::close(std::uint64_t id) {
  const auto reader = readers_.extract(id);
  if (reader.empty()) return;
  downloads_.release(reader.mapped()->name);
  hooks_.changed(reader.mapped()->file.first);
}

void FileReaders::fail(std::uint64_t id, const Error& why) {
  const auto found = readers_.find(id);
  if (found == readers_.end()) return;
  remember(found->second->file, why.text);
  if (why.code == Errc::damaged) staging_.drop_received(found->second->name);
  close(id);
}

void FileReaders::remember(const File& file, const std::string& why) {
  if (failures_.size() >= most_failures) failures_.erase(failures_.begin());
  failures_[file] = why;
}

void FileReaders::blob_moved(const std::string& name, std::uint64_t there, std::uint64_t total) {
  std::vector<std::uint64_t> waiting;
  for (const auto& [id, reader] : readers_) {
    if (reader->name != name) continue;
    hooks_.moved(reader->file.first, there, total);
    waiting.push_back(id);
  }
  for (const std::uint64_t id : waiting) pump(id);
}

// Its readers go with it: it has forgotten them.
void FileReaders::blob_failed(const std::string& name, const Error& why) {
  for (auto at = readers_.begin(); at != readers_.end();) {
    if (at->second->name != name) {
      ++at;
      continue;
    }
    const File file = at->second->file;
    remember(file, why.text);
    at = readers_.erase(at);
    hooks_.changed(file.first);
  }
}

}  // namespace bud::service
