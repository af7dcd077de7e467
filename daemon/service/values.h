// What the core says, as the dictionaries and numbers of dbus/interfaces.
#pragma once

#include "bus/value.h"
#include "core/model.h"

namespace bud::service {

// Of an own message that this device sent: how far it got, counting the recipients' devices only.
struct Progress {
  std::uint32_t state = 0;  // 1 waiting, 2 queued, 3 pushed, 4 delivered, 5 failed; 0 for any other message
  std::uint32_t delivered = 0, total = 0;
};
Progress progress(const core::MessageInfo& message, const DeviceId& this_device);

bus::Dict to_dict(const core::DeviceInfo& device);
bus::Dict to_dict(const core::DeliveryInfo& delivery);
bus::Dict to_dict(const core::Alert& alert);
bus::Dict to_dict(const core::JoinRequest& request);
bus::Dict to_dict(const core::JoinStatus& status, const core::AccountInfo& own);

// As org.budstikke.Message1.Files has it, without its state.
bus::Dict to_dict(const core::FileInfo& file);

std::string_view kind_name(core::AlertKind kind);

template <class T>
std::vector<bus::Dict> to_dicts(const std::vector<T>& all) {
  std::vector<bus::Dict> dicts;
  dicts.reserve(all.size());
  for (const T& one : all) dicts.push_back(to_dict(one));
  return dicts;
}

}  // namespace bud::service
