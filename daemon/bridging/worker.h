// One worker process and the connection to it: org.budstikke.Bridge1 as functions, org.budstikke.BridgeHost1 as calls
// of a listener.
#pragma once

#include "bridging/context.h"
#include "bridging/process.h"
#include "bus/bus.h"
#include "bus/method.h"

#include <budstikke/bridge.h>

#include <map>
#include <optional>

namespace bud::bridging {

// How an operation ended; a status of `enum` in budstikke/bridge.h, unknown ones turned into BUD_UNKNOWN_OUTCOME.
struct Answer {
  bud_status status = BUD_UNKNOWN_OUTCOME;
  Duration retry_after;
  std::string words;
};

class Worker {
 public:
  // Called from the loop. What it is given was checked against the bounds of the interface, and is believed no further.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void worker_ready() = 0;
    virtual Result<> worker_delivers(std::vector<Bytes> copies, Bytes cursor) = 0;
    virtual Result<> worker_stores(const std::string& key, ByteView value) = 0;
    virtual void worker_saw_change(const std::string& address) = 0;
    virtual void worker_reports(bud_status status, const std::string& words) = 0;
    virtual void worker_logs(std::uint32_t level, const std::string& text) = 0;
    // The process has ended and is reaped. The last call; no answers come any more. The worker may be dropped in it.
    virtual void worker_gone(const std::string& why) = 0;
  };

  // Event and listener outlive it.
  static Result<std::unique_ptr<Worker>> start(bus::Event& event, Listener& listener, const std::string& program,
                                               const std::vector<std::string>& arguments);
  // Ends the process: politely for half a second, then by SIGKILL. It may take that long.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Ends it from inside a callback; worker_gone() follows.
  void kill(const std::string& why);

  // Each has its answer called once, unless the worker goes first. A worker that does not answer is killed.
  using State = std::map<std::string, Bytes>;
  void configure(const std::string& json, const State& state, Duration timeout,
                 std::function<void(Answer, Identity)> done);
  void publish(const core::Publication& publication, Duration timeout, std::function<void(Answer)> done);
  void lookup(const std::string& address, Duration timeout, std::function<void(Answer, std::vector<Bytes>)> done);
  // One status for each item.
  void push(std::span<const core::OutboxItem> items, Duration timeout,
            std::function<void(Answer, std::vector<bud_status>)> done);
  void ack(ByteView cursor);

  static const sd_bus_vtable vtable[];

 private:
  Worker(bus::Event& event, Listener& listener, Child child);
  Result<> serve();
  void call(const char* member, const bus::Bus::Write& write, Duration timeout,
            std::function<Result<>(bus::Reader& out)> read);

  Result<> on_ready(bus::Call& call, bus::Writer& out);
  Result<> on_deliver(bus::Call& call, bus::Writer& out);
  Result<> on_store_state(bus::Call& call, bus::Writer& out);
  Result<> on_changed(bus::Call& call, bus::Writer& out);
  Result<> on_report(bus::Call& call, bus::Writer& out);
  Result<> on_log(bus::Call& call, bus::Writer& out);
  void ended(int code, int status);
  void gone_if_both();

  bus::Event& event_;
  Listener& listener_;
  pid_t pid_ = 0;  // 0: reaped
  UniqueFd socket_;
  std::optional<bus::Bus> bus_;
  bool connected_ = true;
  bool ready_ = false;
  std::string why_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, bus::Slot> calls_;
  bus::Slot object_, disconnected_;
  bus::Source child_, give_up_;
};

}  // namespace bud::bridging
