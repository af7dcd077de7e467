// Alerts: stored until acknowledged, one for each thing that is wrong.
#pragma once

#include "core/context.h"

namespace bud::core {

class Alerts {
 public:
  explicit Alerts(Context& context) : context_(context) {}

  // Nothing happens where one of this kind about this account and device is waiting already. Beyond 512 waiting ones no
  // more are stored: who floods with ghosts fills nobody's disk. About a blocked account nothing is raised.
  [[nodiscard]] Result<> raise(AlertKind kind, const AccountId& account, const DeviceId& device, std::string text);
  [[nodiscard]] Result<std::vector<Alert>> list();
  // Errc::not_found. What it was.
  [[nodiscard]] Result<Alert> acknowledge(std::uint64_t id);

 private:
  Context& context_;
};

}  // namespace bud::core
