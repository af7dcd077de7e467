// Delivered receipts: collected for a moment, so that they do not say when exactly somebody's device woke up, then sent to
// the author's account's devices.
#pragma once

#include "core/outbox.h"

namespace bud::core {

class Receipts {
 public:
  Receipts(Context& context, Fanout& fanout, Outbox& outbox) : context_(context), fanout_(fanout), outbox_(outbox) {}

  // This device has a message of that account's device on disk.
  [[nodiscard]] Result<> owe(const AccountId& account, const DeviceId& device, const ContentHash& content);
  [[nodiscard]] Result<> receive(const wire::Receipt& receipt, const AccountId& from, const DeviceId& device);
  [[nodiscard]] Result<> send_due();
  [[nodiscard]] Result<std::optional<Time>> next_due();

 private:
  Context& context_;
  Fanout& fanout_;
  Outbox& outbox_;
};

}  // namespace bud::core
