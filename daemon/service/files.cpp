#include "service/files.h"

#include "service/log.h"

namespace bud::service {
namespace {

constexpr std::size_t most_remembered = 1024;
constexpr Duration between_news{250};

}  // namespace

Result<std::unique_ptr<Files>> Files::open(bus::Event& event, bridging::Timers& timers, Random& random,
                                           const store::StateFolder& folder, core::Engine& engine,
                                           bridging::Bridges& bridges, std::function<void(const MessageId&)> changed) {
  BUD_TRY(blobs::Staging staging, blobs::Staging::open(folder));
  BUD_TRY(const std::set<std::string> needed, engine.staged_files());
  staging.sweep(needed);
  return std::unique_ptr<Files>(
      new Files(event, timers, random, engine, bridges, std::move(staging), std::move(changed)));
}

Files::Files(bus::Event& event, bridging::Timers& timers, Random& random, core::Engine& engine,
             bridging::Bridges& bridges, blobs::Staging staging, std::function<void(const MessageId&)> changed)
    : event_(event),
      engine_(engine),
      staging_(std::move(staging)),
      changed_(std::move(changed)),
      uploads_(
          timers, random, engine, bridges, staging_,
          [this](const MessageId& message, std::uint64_t done, std::uint64_t total) { note(message, done, total); },
          [](const std::string& words) { log(LogLevel::warning, words.substr(0, 300)); }),
      readers_(
          event, timers, random, bridges, staging_,
          {[this](const MessageId& message, std::uint64_t done, std::uint64_t total) { note(message, done, total); },
           [this](const MessageId& message) { tell(message); }}),
      sender_(event, random, engine, staging_) {}

Result<UniqueFd> Files::open_file(const MessageId& message, std::uint32_t index) {
  BUD_TRY(const core::MessageInfo info, engine_.message(message));
  if (index >= info.files.size()) return fail(Errc::not_found, "the message has no such file");
  if (info.pending) return fail(Errc::busy, "the file is still on its way out");
  BUD_TRY(const wire::File file, engine_.file(message, index));
  return readers_.open(message, index, file.blob);
}

Files::Moved Files::moved(const MessageId& message) const {
  const auto found = moved_.find(message);
  return found != moved_.end() ? found->second : Moved{};
}

Files::FileState Files::state(const core::MessageInfo& message, std::uint32_t index) {
  if (message.pending) return {message.failed.empty() ? State::sending : State::failed, message.failed};
  const Result<wire::File> file = engine_.file(message.id, index);
  if (!file) return {State::failed, file.error().text};
  const FileReaders::Place place = readers_.place(file->blob);
  if (place == FileReaders::Place::here) return {State::here, {}};
  if (place == FileReaders::Place::fetching) return {State::fetching, {}};
  std::string failure = readers_.failure(message.id, index);
  return {failure.empty() ? State::elsewhere : State::failed, std::move(failure)};
}

void Files::core_changed(const core::Changes& changes) {
  for (const std::string& name : changes.unstaged) staging_.drop_sent(name);
  for (const std::string& bridge : changes.uploads) uploads_.kick(bridge);
}

void Files::bridge_up(const std::string& bridge) {
  uploads_.retry_now(bridge);
  readers_.downloads().retry_now();
}

void Files::bridge_removed(const std::string& bridge) {
  uploads_.removed(bridge);
  readers_.downloads().removed(bridge);
}

void Files::note(const MessageId& message, std::uint64_t done, std::uint64_t total) {
  if (moved_.size() >= most_remembered && !moved_.contains(message)) moved_.erase(moved_.begin());
  moved_[message] = {done, total};
  tell(message);
}

void Files::tell(const MessageId& message) {
  to_tell_.insert(message);
  if (telling_) return;
  auto later = event_.after(between_news, [this] {
    const bus::Source fired = std::move(telling_);
    for (const MessageId& one : std::exchange(to_tell_, {})) changed_(one);
  });
  if (later) telling_ = std::move(*later);
}

}  // namespace bud::service
