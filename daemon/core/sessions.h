// The sessions with each device, and what is known of it, as rows.
#pragma once

#include "core/context.h"

namespace bud::core {

// How a device is reached: a bridge of ours, and its own names there.
struct Way {
  std::string bridge, address, device;
};

class Sessions {
 public:
  explicit Sessions(Context& context) : context_(context) {}

  // A row of its own name where nothing is known yet.
  [[nodiscard]] Result<PeerRow> peer(const AccountId& account, const DeviceId& device);
  [[nodiscard]] Result<> save_peer(const PeerRow& peer);
  // The first of its routes whose bridge we have too; `after` a bridge: the first of those behind it. nullopt: none.
  [[nodiscard]] Result<std::optional<Way>> way_to(const PeerRow& peer, std::string_view after = {});

  [[nodiscard]] Result<std::vector<Session>> all(const AccountId& account, const DeviceId& device);
  // The one to send on, if any.
  [[nodiscard]] Result<std::optional<Session>> preferred(const AccountId& account, const DeviceId& device);
  [[nodiscard]] Result<std::optional<Session>> find(const OwnerRow& owner, const SessionId& id);
  [[nodiscard]] Result<std::optional<OwnerRow>> owner(const SessionId& id);
  [[nodiscard]] Result<> store(const AccountId& account, const DeviceId& device, const Session& session);
  // As store, for a session that is new: indexed, and the least preferred beyond 40 given up.
  [[nodiscard]] Result<> add(const AccountId& account, const DeviceId& device, const Session& session);
  [[nodiscard]] Result<> erase_all(const AccountId& account, const DeviceId& device);

  // Above all known for the pair, and above those of a store that was put back: time has passed it.
  static std::uint64_t next_number(const PeerRow& peer, Time now) { return std::max(peer.top_number + 1, now.ms); }

 private:
  Context& context_;
};

}  // namespace bud::core
