// Files that clients have open: fetched where they are not here, opened chunk by chunk into a pipe as it is read.
#pragma once

#include "blobs/downloads.h"
#include "blobs/opener.h"
#include "bus/event.h"

namespace bud::service {

class FileReaders final : private blobs::Downloads::Observer {
 public:
  struct Hooks {
    // Sealed bytes of a file of this message that are here, of so many.
    std::function<void(const MessageId&, std::uint64_t there, std::uint64_t total)> moved;
    std::function<void(const MessageId&)> changed;  // the state of one of its files
  };
  // All outlive it.
  FileReaders(bus::Event& event, bridging::Timers& timers, Random& random, bridging::Bridges& bridges,
              const blobs::Staging& staging, Hooks hooks)
      : event_(event),
        staging_(staging),
        hooks_(std::move(hooks)),
        downloads_(timers, random, bridges, staging, *this) {}
  FileReaders(const FileReaders&) = delete;
  FileReaders& operator=(const FileReaders&) = delete;

  // A pipe that ends behind the file's last byte; one that ends before was cut, and why is in failure(). Errc::busy:
  // too many are open; and those of Downloads::want.
  [[nodiscard]] Result<UniqueFd> open(const MessageId& message, std::uint32_t index, const wire::Blob& blob);

  enum class Place : std::uint8_t { elsewhere, fetching, here };
  [[nodiscard]] Place place(const wire::Blob& blob) const;
  // Why a file could not be read, the last time; empty where nothing is known.
  [[nodiscard]] std::string failure(const MessageId& message, std::uint32_t index) const;

  blobs::Downloads& downloads() { return downloads_; }

 private:
  using File = std::pair<MessageId, std::uint32_t>;
  struct Reader {
    File file;
    std::string name;
    blobs::Opener opener;
    UniqueFd sealed;
    bus::Source turn;
  };
  void pump(std::uint64_t id);
  [[nodiscard]] Result<blobs::Opener::Step> some(Reader& reader);
  [[nodiscard]] Result<> plan(std::uint64_t id, blobs::Opener::Step after);
  void close(std::uint64_t id);
  void fail(std::uint64_t id, const Error& why);
  void remember(const File& file, const std::string& why);

  void blob_moved(const std::string& name, std::uint64_t there, std::uint64_t total) override;
  void blob_failed(const std::string& name, const Error& why) override;

  bus::Event& event_;
  const blobs::Staging& staging_;
  Hooks hooks_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, std::unique_ptr<Reader>> readers_;
  std::map<File, std::string> failures_;
  blobs::Downloads downloads_;
};

}  // namespace bud::service
