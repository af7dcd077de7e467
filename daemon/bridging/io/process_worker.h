// One worker process and the connection to it: org.budstikke.Bridge1 over D-Bus, peer to peer.
#pragma once

#include "bridging/io/process.h"
#include "bridging/worker.h"
#include "bus/bus.h"
#include "bus/method.h"

#include <optional>

namespace bud::bridging {

class ProcessWorker final : public Worker {
 public:
  // Event and listener outlive it.
  static Result<std::unique_ptr<Worker>> start(bus::Event& event, Listener& listener, const std::string& program,
                                               const std::vector<std::string>& arguments);
  // Ends the process: politely for half a second, then by SIGKILL. It may take that long.
  ~ProcessWorker() override;

  void kill(const std::string& why) override;
  // The process is given the timeout; one that overruns it by far hangs, and is killed.
  void configure(const std::string& json, const State& state, Duration timeout,
                 std::function<void(Answer, Identity)> done) override;
  void publish(const core::Publication& publication, Duration timeout, std::function<void(Answer)> done) override;
  void lookup(const std::string& address, Duration timeout,
              std::function<void(Answer, std::vector<Bytes>)> done) override;
  void push(std::span<const core::OutboxItem> items, Duration timeout,
            std::function<void(Answer, std::vector<bud_status>)> done) override;
  void put_blob(const BlobPut& blob, Duration timeout, std::function<void(Answer, BlobPutState)> done) override;
  void get_blob(const BlobGet& blob, Duration timeout, std::function<void(Answer, BlobGetState)> done) override;
  void ack(ByteView cursor) override;

  static const sd_bus_vtable vtable[];

 private:
  ProcessWorker(bus::Event& event, Listener& listener, Child child);
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
