// The host's side of the ABI: bud_host and its extensions, over sd-event and the link to the daemon.
#pragma once

#include "base/unique_fd.h"
#include "host/daemon_link.h"
#include "host/operations.h"

namespace bud::worker {

class AbiHost {
 public:
  // Both outlive it. `on_wake` runs on the loop after a wake().
  static Result<std::unique_ptr<AbiHost>> create(bus::Event& event, DaemonLink& daemon, Operations& operations,
                                                 std::function<void()> on_wake);
  AbiHost(const AbiHost&) = delete;
  AbiHost& operator=(const AbiHost&) = delete;

  const bud_host* abi() const { return &host_; }
  // The clock of the ABI's deadlines.
  static std::uint64_t now_ms();
  // What was stored in earlier runs.
  void restore(std::map<std::string, Bytes> state) { state_ = std::move(state); }
  // False for another cursor than that of the outstanding delivery.
  bool acknowledge(ByteView cursor);

 private:
  AbiHost(bus::Event& event, DaemonLink& daemon, Operations& operations);
  friend struct AbiCalls;

  std::uint64_t add_fd(int fd, std::uint32_t events, bud_io_function f, void* user);
  bool modify_fd(std::uint64_t id, std::uint32_t events);
  bool watch(std::uint64_t id);
  std::uint64_t add_timer(std::uint64_t delay_ms, bud_timer_function f, void* user);
  void put(const std::string& key, bud_bytes value, bud_stored_function stored, void* user);
  void deliver(const bud_bytes* copies, std::uint32_t count, bud_bytes cursor);

  struct FdWatch {
    int fd = -1;
    std::uint32_t events = 0;
    bud_io_function f = nullptr;
    void* user = nullptr;
    bus::Source source;
  };

  bus::Event& event_;
  DaemonLink& daemon_;
  Operations& operations_;
  bud_host host_{};
  UniqueFd wake_fd_;
  bus::Source wake_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, FdWatch> fds_;
  std::map<std::uint64_t, bus::Source> timers_;
  std::map<std::string, Bytes> state_;
  Bytes outstanding_;  // the cursor that waits for its ack; empty: none
};

}  // namespace bud::worker
