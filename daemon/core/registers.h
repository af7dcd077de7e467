// Own-device registers: a person's own state, the same on every device of the account. Of two values of a register the
// one with the greater (Lamport number, device id, value) stands, whatever the order in which they come, so that what
// devices have is the union of what they had. The value itself decides last: a device whose store was put back may give
// out a number a second time. PROTOCOL.md, "Registers"; what a value means is own_state.h's.
#pragma once

#include "core/control.h"

#include <set>

namespace bud::core {

class Registers {
 public:
  Registers(Context& context, Fanout& fanout, Control& control)
      : context_(context), fanout_(fanout), control_(control) {}

  // An empty value takes it back. False where it is so already. Errc::not_allowed: no member; or the numbers are used
  // up. Errc::malformed: not of its kind's form. Errc::too_large: no room for another of its kind.
  [[nodiscard]] Result<bool> set(wire::RegisterKind kind, ByteView subject, ByteView value);
  [[nodiscard]] Result<Bytes> get(wire::RegisterKind kind, ByteView subject) {
    return register_value(context_, kind, subject);
  }
  // Of one kind; those that were taken back are among them.
  [[nodiscard]] Result<std::vector<wire::Register>> each(wire::RegisterKind kind);

  // From another device of the own account, and of no other (attack `sync-inject`). What changed by it.
  [[nodiscard]] Result<std::vector<wire::Register>> receive(const wire::RegisterSync& sync, const DeviceId& from);

  // All that there is, to a device that was let in.
  [[nodiscard]] Result<> send_all(const DeviceId& device) { return send_all(device, false); }
  // The digest alone, to the other devices: at start, but not twice within a minute.
  [[nodiscard]] Result<> announce_at_start() { return announce(minutes(1)); }
  // What time brings: the digest once a day, and once more to devices that differed when something was under way to
  // them.
  [[nodiscard]] Result<> send_due();
  [[nodiscard]] Result<std::optional<Time>> next_due();

 private:
  struct Batch;  // what one content brings, or one call
  [[nodiscard]] Result<RegistersRow> load_all();
  [[nodiscard]] Result<> count_anew(RegistersRow& all);
  [[nodiscard]] Result<> put(Batch& batch, const wire::Register& value);
  [[nodiscard]] Result<> make_room(Batch& batch);
  [[nodiscard]] Result<bool> room_for(const RegistersRow& all, wire::RegisterKind kind);
  [[nodiscard]] Result<std::vector<wire::Register>> of_pool(std::size_t pool);
  [[nodiscard]] Result<> finish(Batch& batch);
  [[nodiscard]] Result<> compare(const wire::RegisterSync& sync, const DeviceId& from, const RegistersRow& all);
  [[nodiscard]] Result<> send_all(const DeviceId& device, bool asks);
  [[nodiscard]] Result<> announce(Duration at_least);
  [[nodiscard]] Result<> send_digest(std::span<const Recipient> to);
  [[nodiscard]] wire::Content content_of(wire::RegisterSync sync);

  Context& context_;
  Fanout& fanout_;
  Control& control_;
};

}  // namespace bud::core
