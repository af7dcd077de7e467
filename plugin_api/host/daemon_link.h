// The worker's calls to the daemon: org.budstikke.BridgeHost1.
#pragma once

#include "base/bytes.h"
#include "bus/bus.h"

#include <budstikke/bridge.h>

#include <map>

namespace bud::worker {

// A call that the daemon refuses is a mistake of ours or of the plugin, and ends the worker; so does a connection that
// has gone. What has a callback tells its outcome instead.
class DaemonLink {
 public:
  DaemonLink(bus::Event& event, bus::Bus& bus) : event_(event), bus_(bus) {}

  void ready();
  void deliver(const bud_bytes* copies, std::uint32_t count, bud_bytes cursor);
  void store_state(const std::string& key, ByteView value, std::function<void(bool stored)> done);
  void changed(const std::string& address);
  void report(bud_status status, const std::string& words);
  // Thinned out where a plugin says too much.
  void log(std::uint32_t level, const std::string& text);
  // Logs, and ends the worker: the daemon starts another.
  void give_up(const std::string& why);

 private:
  void call(const char* member, const bus::Bus::Write& write, std::function<void(bool ok)> done = {});

  bus::Event& event_;
  bus::Bus& bus_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, bus::Slot> open_;
  std::uint32_t lines_ = 0;
  bus::Source next_lines_;
};

}  // namespace bud::worker
