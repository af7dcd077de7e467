// What could not be opened is said to its sender, who seals it again. PROTOCOL.md, "Healing".
#pragma once

#include "core/receipts.h"

namespace bud::core {

class Healing {
 public:
  Healing(Context& context, Sessions& sessions, Prekeys& prekeys, Fanout& fanout, Messages& messages)
      : context_(context), sessions_(sessions), prekeys_(prekeys), fanout_(fanout), messages_(messages) {}

  // A copy in a known session that did not open. The first is reported at once, then one report an hour, doubling to a
  // day: garbage costs its sender's victim one small message (attack `error-lever`).
  [[nodiscard]] Result<> note(const OwnerRow& owner, const wire::CopyView& copy, const EnvelopeHash& envelope);
  // Reports what is due. A whole pause without a fault, and the next one is reported at once again.
  [[nodiscard]] Result<> send_due();
  [[nodiscard]] Result<std::optional<Time>> next_due();

  // A contact's (or own) device could not open these. Only envelopes that were sealed for that very device are sealed
  // again, once each, over the session that carried the error.
  [[nodiscard]] Result<> receive(const wire::DecryptError& error, const AccountId& from, const DeviceId& device);

 private:
  Context& context_;
  Sessions& sessions_;
  Prekeys& prekeys_;
  Fanout& fanout_;
  Messages& messages_;
};

}  // namespace bud::core
