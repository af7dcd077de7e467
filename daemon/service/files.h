// Files of messages, as the objects on the bus ask for them: sent, opened, and how far each is. As long as the vault is
// unlocked.
#pragma once

#include "blobs/uploads.h"
#include "service/file_readers.h"
#include "service/file_sender.h"

namespace bud::service {

class Files {
 public:
  // All outlive it. `changed` is called from the loop, some times a second at the most for one message: its progress,
  // or the state of its files.
  [[nodiscard]] static Result<std::unique_ptr<Files>> open(bus::Event& event, bridging::Timers& timers, Random& random,
                                                           const store::StateFolder& folder, core::Engine& engine,
                                                           bridging::Bridges& bridges,
                                                           std::function<void(const MessageId&)> changed);
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  void send(UniqueFd source, FileSender::Request request, FileSender::Done done) {
    sender_.send(std::move(source), std::move(request), std::move(done));
  }
  // FileReaders::open. Errc::not_found; Errc::busy where the message has not been sent yet.
  [[nodiscard]] Result<UniqueFd> open_file(const MessageId& message, std::uint32_t index);

  // Sealed bytes that are where they are to go, of so many; both 0 where nothing moves.
  struct Moved {
    std::uint64_t done = 0, total = 0;
  };
  [[nodiscard]] Moved moved(const MessageId& message) const;
  // The numbers of org.budstikke.Message1.Files.
  enum class State : std::uint32_t { sending = 1, elsewhere = 2, fetching = 3, here = 4, failed = 5 };
  struct FileState {
    State state = State::elsewhere;
    std::string words;  // failed: why
  };
  [[nodiscard]] FileState state(const core::MessageInfo& message, std::uint32_t index);

  // What follows from a call of the engine, and from a bridge that came up or was taken away.
  void core_changed(const core::Changes& changes);
  void bridge_up(const std::string& bridge);
  void bridge_removed(const std::string& bridge);

 private:
  Files(bus::Event& event, bridging::Timers& timers, Random& random, core::Engine& engine, bridging::Bridges& bridges,
        blobs::Staging staging, std::function<void(const MessageId&)> changed);
  void note(const MessageId& message, std::uint64_t done, std::uint64_t total);
  void tell(const MessageId& message);

  bus::Event& event_;
  core::Engine& engine_;
  blobs::Staging staging_;
  std::function<void(const MessageId&)> changed_;
  std::map<MessageId, Moved> moved_;
  std::set<MessageId> to_tell_;
  bus::Source telling_;
  blobs::Uploads uploads_;
  FileReaders readers_;
  FileSender sender_;
};

}  // namespace bud::service
