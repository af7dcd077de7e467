#include "service/values.h"

#include "service/paths.h"

namespace bud::service {
namespace {

Bytes bytes_of(ByteView id) {
  return Bytes(id.begin(), id.end());
}

}  // namespace

Progress progress(const core::MessageInfo& message, const DeviceId& this_device) {
  using core::DeliveryState;
  Progress p;
  if (!message.outgoing || message.author_device != this_device) return p;
  if (!message.failed.empty()) {
    p.state = 5;
    return p;
  }
  std::map<AccountId, bool> reached;  // by recipient
  DeliveryState slowest = DeliveryState::dropped;
  for (const core::DeliveryInfo& d : message.deliveries) {
    if (d.own) continue;
    ++p.total;
    const bool delivered = d.state == DeliveryState::delivered;
    if (delivered) ++p.delivered;
    reached[d.account] |= delivered;
    slowest = std::min(slowest, d.state);
  }
  const bool everybody =
      p.total > 0 && std::all_of(reached.begin(), reached.end(), [](const auto& one) { return one.second; });
  if (p.total == 0) {
    p.state = 1;
  } else if (everybody) {
    p.state = 4;
  } else if (slowest == DeliveryState::dropped) {
    p.state = 5;
  } else {
    p.state = std::min(3u, static_cast<std::uint32_t>(slowest));
  }
  return p;
}

bus::Dict to_dict(const core::DeviceInfo& device) {
  bus::Dict d{{"id", bytes_of(device.device.view())},
              {"state", device.held     ? 3u
                        : device.active ? 1u
                                        : 2u},
              {"this", device.this_device}};
  if (device.added.ms != 0) d.emplace("added", device.added.ms);
  return d;
}

bus::Dict to_dict(const core::FileInfo& file) {
  bus::Dict d{{"name", file.name}, {"media_type", file.media_type}, {"size", file.size}};
  if (file.width != 0 && file.height != 0) {
    d.emplace("width", file.width);
    d.emplace("height", file.height);
  }
  if (file.duration_ms != 0) d.emplace("duration", file.duration_ms);
  if (file.voice) d.emplace("voice", true);
  if (!file.thumbnail.empty()) d.emplace("thumbnail", file.thumbnail);
  return d;
}

bus::Dict to_dict(const core::DeliveryInfo& delivery) {
  return {{"account", bytes_of(delivery.account.view())},
          {"device", bytes_of(delivery.device.view())},
          {"own", delivery.own},
          {"state", static_cast<std::uint32_t>(delivery.state)},
          {"changed", delivery.changed.ms}};
}

bus::Dict to_dict(const core::Alert& alert) {
  bus::Dict d{{"id", alert.id},
              {"kind", std::string(kind_name(alert.kind))},
              {"text", alert.text},
              {"time", alert.time.ms},
              {"acknowledged", alert.acknowledged}};
  if (!alert.account.is_zero()) d.emplace("account", bytes_of(alert.account.view()));
  if (!alert.device.is_zero()) d.emplace("device", bytes_of(alert.device.view()));
  return d;
}

bus::Dict to_dict(const core::JoinRequest& request) {
  return {{"id", request.id},
          {"device", bytes_of(request.device.view())},
          {"time", request.time.ms},
          {"state", request.approved ? 3u
                    : request.ready  ? 2u
                                     : 1u},
          {"attempts", request.attempts_left}};
}

bus::Dict to_dict(const core::JoinStatus& status, const core::AccountInfo& own) {
  bus::Dict d{{"state", static_cast<std::uint32_t>(status.phase) + 1}};
  if (status.phase == core::JoinPhase::show_code) d.emplace("code", status.code);
  const bool in_account = own.state == core::AccountState::member || own.state == core::AccountState::removed;
  if (status.phase == core::JoinPhase::done && in_account) d.emplace("account", bus::ObjectPath{paths::account});
  return d;
}

std::string_view kind_name(core::AlertKind kind) {
  switch (kind) {
    case core::AlertKind::device_request:
      return "device-request";
    case core::AlertKind::device_added:
      return "device-added";
    case core::AlertKind::device_revoked:
      return "device-revoked";
    case core::AlertKind::unlisted_device:
      return "unlisted-device";
    case core::AlertKind::ledger_rollback:
      return "ledger-rollback";
    case core::AlertKind::directory_mismatch:
      return "directory-mismatch";
    case core::AlertKind::contact_devices_changed:
      return "contact-devices-changed";
    case core::AlertKind::contact_reset:
      return "contact-reset";
    case core::AlertKind::disputed:
      return "disputed";
    case core::AlertKind::stale_prekey:
      return "stale-prekey";
    case core::AlertKind::gap:
      return "gap";
    case core::AlertKind::bridge_deaf:
      return "bridge-deaf";
    case core::AlertKind::this_device_removed:
      return "this-device-removed";
    case core::AlertKind::removed_device_spoke:
      return "removed-device-spoke";
    case core::AlertKind::store_damaged:
      return "store-damaged";
  }
  return "unknown";
}

}  // namespace bud::service
