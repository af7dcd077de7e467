// What passes between a device and its servers, and when: asked of the servers' side, and of the device's disk.
#pragma once

#include "core/transport.h"
#include "wire/header.h"

#include <map>
#include <set>
#include <span>

namespace bud::sim {

class Device;
class World;

class Traffic {
 public:
  explicit Traffic(World& world) : world_(world) {}

  // --- told as it happens ---
  // A copy is handed to a bridge's worker.
  void pushes(Device& device, const core::OutboxItem& item);
  // What a server has answered, and what its bridge makes of it.
  void answered(Device& device, const std::string& bridge, std::uint64_t item, core::PushStatus status);
  void reports(Device& device, const std::string& bridge, std::span<const core::PushResult> results);
  // Copies that a device says it has stored.
  void delivered(Device& device, std::span<const Bytes> copies);
  void acknowledges(Device& device, const std::string& bridge, ByteView cursor);

 private:
  // A session, by the first of its copies that left either end.
  struct Talk {
    std::size_t ends[2];          // the devices' indices
    std::uint64_t restored[2];    // how often each had been put back by then
    bool joining = false;         // one of the two had no account yet: such a session may be given up
    std::set<std::size_t> known;  // devices that have opened a copy of it
  };
  struct Sealed {
    SessionId session;
    std::size_t to;
    Time since;
  };
  const Device& other_end(const Talk& talk, const Device& device) const;
  // Must this device be able to open what comes in that session?
  bool must_open(Device& device, const Sealed& sealed, const Talk& talk) const;

  World& world_;
  std::map<SessionId, Talk> talks_;
  std::map<EnvelopeHash, Sealed> sealed_;
  std::map<std::pair<std::size_t, std::uint64_t>, EnvelopeHash> numbers_;  // by device
  std::set<std::tuple<std::size_t, std::string, std::uint64_t>> taken_;    // pushes that a server has said yes to
};

}  // namespace bud::sim
