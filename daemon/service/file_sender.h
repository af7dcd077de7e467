// From a client's descriptor to a message: the file is read and sealed a slice at a time, between everything else that
// the loop does; synced beside it; and handed to the core, which has it on disk when the caller is answered.
#pragma once

#include "blobs/sealer.h"
#include "blobs/staging.h"
#include "bus/event.h"
#include "core/engine.h"
#include "service/background.h"

#include <deque>

namespace bud::service {

class FileSender {
 public:
  struct Request {
    ThreadId thread;
    std::string caption, idempotency_key;
    wire::File file;  // as the client describes it
  };
  using Done = std::function<void(const Result<MessageId>&)>;

  // All outlive it.
  FileSender(bus::Event& event, Random& random, core::Engine& engine, const blobs::Staging& staging)
      : event_(event), random_(random), engine_(engine), staging_(staging), background_(event) {}
  // What is not done is answered with Errc::locked, and leaves nothing behind.
  ~FileSender();
  FileSender(const FileSender&) = delete;
  FileSender& operator=(const FileSender&) = delete;

  // `done` is called once: from the loop, from here, or from the destructor. Errc::too_large, Errc::busy (eight at a
  // time), Errc::malformed (no file or pipe, or one to which nothing came for a minute), and those of
  // Engine::begin_attachment.
  void send(UniqueFd source, Request request, Done done);

 private:
  struct Job {
    Request request;
    Done done;
    std::string name;
    crypto::Secret<32> key;
    std::unique_ptr<blobs::Sealer> sealer;
    bus::Source turn, patience;
    Result<> synced;
  };
  [[nodiscard]] Result<> begin(UniqueFd source, Job& job);
  [[nodiscard]] Result<> plan(std::uint64_t id, blobs::Sealer::Step after);
  void step(std::uint64_t id);
  void sync_next();
  void synced(std::uint64_t id);
  void end(std::uint64_t id, const Result<MessageId>& result);

  bus::Event& event_;
  Random& random_;
  core::Engine& engine_;
  const blobs::Staging& staging_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, std::shared_ptr<Job>> jobs_;
  std::deque<std::uint64_t> sealed_;  // that wait for the disk
  std::optional<std::uint64_t> syncing_;
  Background background_;  // its job is over before the rest goes
};

}  // namespace bud::service
