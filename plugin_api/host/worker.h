// org.budstikke.Bridge1, served for a shared object.
#pragma once

#include "bus/bus.h"
#include "bus/method.h"
#include "host/abi_host.h"
#include "host/plugin.h"

#include <optional>

namespace bud::worker {

class Worker {
 public:
  Worker(bus::Event& event, bus::Bus& bus) : daemon_(event, bus), operations_(event) {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Loads the bridge, serves it, and says Ready. All outlive this.
  Result<> start(bus::Event& event, bus::Bus& bus, const std::string& plugin_path);
  // For what ends the worker before it has begun.
  void give_up(const std::string& why) { daemon_.give_up(why); }

  static const sd_bus_vtable vtable[];

 private:
  Result<> configure(bus::Call& call, bus::Reply& reply);
  Result<> publish(bus::Call& call, bus::Reply& reply);
  Result<> lookup(bus::Call& call, bus::Reply& reply);
  Result<> push(bus::Call& call, bus::Reply& reply);
  Result<> put_blob(bus::Call& call, bus::Reply& reply);
  Result<> get_blob(bus::Call& call, bus::Reply& reply);
  Result<> ack(bus::Call& call, bus::Writer& out);

  // What a completion's result adds to the answer; called with NULL where there is none.
  using WriteResult = std::function<void(bus::Writer& out, const void* result)>;
  Result<std::uint64_t> begin(std::uint32_t timeout_ms, bus::Reply& reply, bud_status with_result, WriteResult write);
  Result<> configured() const;

  DaemonLink daemon_;
  Operations operations_;
  std::unique_ptr<AbiHost> host_;
  std::optional<Plugin> plugin_;
  Plugin::Bridge bridge_;
  const bud_directory* directory_ = nullptr;
  const bud_push* push_ = nullptr;
  const bud_blob* blob_ = nullptr;
  bool configured_ = false;
  bus::Slot object_;
};

}  // namespace bud::worker
