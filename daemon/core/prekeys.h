// This device's own prekeys: a current one, changed every day; older ones until nothing sealed to them can be under way;
// personal ones, each for one peer and one use. PROTOCOL.md, "Prekeys".
#pragma once

#include "core/context.h"

namespace bud::core {

class Prekeys {
 public:
  explicit Prekeys(Context& context) : context_(context) {}

  // The current bundle; made on first use.
  [[nodiscard]] Result<wire::PrekeyBundle> current();
  [[nodiscard]] Result<wire::PrekeyBundle> make_personal(const DeviceId& peer);
  [[nodiscard]] Result<std::optional<PrekeyRow>> find(std::uint64_t id);
  [[nodiscard]] Result<> erase(std::uint64_t id);
  // A day old: a new one takes its place. True where it did, and the record has to be published.
  [[nodiscard]] Result<bool> rotate();
  // `drained` more time has passed in which every bridge was up and empty; `published`: the successor can be known. What
  // has had its 72 hours goes.
  [[nodiscard]] Result<> age(Duration drained);

 private:
  [[nodiscard]] Result<wire::PrekeyBundle> make(std::optional<DeviceId> only_for);
  Context& context_;
};

[[nodiscard]] Prekey to_prekey(const PrekeyRow& row);

}  // namespace bud::core
