// Sealed copies on their way: queued until a bridge has pushed them, then kept until the recipient's receipt, and pushed
// again when none comes.
#pragma once

#include "core/messages.h"

namespace bud::core {

class Outbox {
 public:
  Outbox(Context& context, Ledgers& ledgers, Sessions& sessions, Fanout& fanout, Messages& messages)
      : context_(context), ledgers_(ledgers), sessions_(sessions), fanout_(fanout), messages_(messages) {}

  [[nodiscard]] Result<std::vector<OutboxItem>> batch(const std::string& bridge, std::uint64_t after, std::size_t max_items,
                                                      std::size_t max_bytes);
  [[nodiscard]] Result<> pushed(const std::string& bridge, std::span<const PushResult> results);
  // A receipt of this device for this content: its copy is done with.
  [[nodiscard]] Result<> delivered(const ContentHash& content, const AccountId& account, const DeviceId& device);
  // Its copy, if it is still on its way, goes no further.
  [[nodiscard]] Result<> give_up(const ContentHash& content, DeliveryRow delivery);
  // Pushes again what is due, or seals it anew where the recipient could not have opened it; gives up after 30 days.
  [[nodiscard]] Result<> push_again();
  // Nothing more goes to a device that is no longer sealed for.
  [[nodiscard]] Result<> drop_unsealed();
  // A bridge is taken away: what was queued for it goes by another, or waits to be sealed anew.
  [[nodiscard]] Result<> move_away(const std::string& bridge);
  [[nodiscard]] Result<std::optional<Time>> next_due();

 private:
  [[nodiscard]] Result<> after_push(OutboxRow row, PushStatus status);
  [[nodiscard]] Result<> to_pushed(OutboxRow row);
  [[nodiscard]] Result<> queue(OutboxRow row, Way way);
  [[nodiscard]] Result<> drop(const OutboxRow& row);
  [[nodiscard]] Result<> forget_copy(const ContentHash& content, const DeliveryRow& delivery);
  [[nodiscard]] Result<> drop_waiting();
  [[nodiscard]] Result<bool> must_reseal(const OutboxRow& row);

  Context& context_;
  Ledgers& ledgers_;
  Sessions& sessions_;
  Fanout& fanout_;
  Messages& messages_;
};

}  // namespace bud::core
