// One slow job at a time beside the loop: Argon2id takes a second, and a passphrase comes when its writer writes it.
#pragma once

#include "base/unique_fd.h"
#include "bus/event.h"

#include <thread>

namespace bud::service {

// Threads: of the loop, but for `job`, which runs in a thread of its own and touches nothing that the loop uses.
class Background {
 public:
  explicit Background(bus::Event& event) : event_(event) {}
  // Waits for a job that runs; its `done` is not called any more.
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  bool busy() const { return thread_.joinable(); }
  // `done` is called from the loop when `job` has returned. Errc::busy while one runs.
  [[nodiscard]] Result<> run(std::function<void()> job, std::function<void()> done);

 private:
  void finished();
  bus::Event& event_;
  UniqueFd wake_;
  bus::Source source_;
  std::thread thread_;
  std::function<void()> done_;
};

}  // namespace bud::service
