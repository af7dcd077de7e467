// What registers mean: whom the user has named, blocked, verified or accepted, what is muted, pinned, archived or
// begun, settings, and which alerts were answered. One about somebody or something that is not known here yet is kept,
// and applies once it is.
#pragma once

#include "core/registers.h"

namespace bud::core {

class OwnState {
 public:
  OwnState(Context& context, Alerts& alerts, Registers& registers)
      : context_(context), alerts_(alerts), registers_(registers) {}

  // --- contacts: Errc::not_found where it is none ---
  [[nodiscard]] Result<> set_contact_name(const AccountId& account, const std::string& name);
  [[nodiscard]] Result<> set_blocked(const AccountId& account, bool blocked);
  [[nodiscard]] Result<> set_verified(const AccountId& account, bool verified);
  // The user writes to them, or has looked them up. Nothing where that is known, or where this device has no account.
  [[nodiscard]] Result<> accept(const AccountId& account);

  // --- threads: Errc::not_found where there is none ---
  [[nodiscard]] Result<> set_muted(const ThreadId& thread, Time until);
  [[nodiscard]] Result<> set_pinned(const ThreadId& thread, bool pinned);
  [[nodiscard]] Result<> set_archived(const ThreadId& thread, bool archived);
  [[nodiscard]] Result<> set_draft(const ThreadId& thread, const std::string& text);
  [[nodiscard]] Result<std::string> draft(const ThreadId& thread);

  // --- settings ---
  [[nodiscard]] Result<> set_setting(const std::string& name, ByteView value);
  [[nodiscard]] Result<Bytes> setting(const std::string& name);

  [[nodiscard]] Result<> acknowledge_alert(std::uint64_t id);

  // What another device of the account has changed.
  [[nodiscard]] Result<> apply(const wire::Register& change);

 private:
  [[nodiscard]] Result<> set(wire::RegisterKind kind, ByteView subject, ByteView value);
  [[nodiscard]] Result<> set_of_contact(wire::RegisterKind kind, const AccountId& account, ByteView value);
  [[nodiscard]] Result<> set_of_thread(wire::RegisterKind kind, const ThreadId& thread, ByteView value);
  [[nodiscard]] Result<> apply_to_contact(const wire::Register& change);
  [[nodiscard]] Result<> apply_to_thread(const ThreadId& thread);
  [[nodiscard]] Result<> answered(const wire::Register& change);

  Context& context_;
  Alerts& alerts_;
  Registers& registers_;
};

// A number, or a time, as a register holds it; zero where it holds none.
[[nodiscard]] std::uint64_t register_number(ByteView value);
[[nodiscard]] Time register_time(ByteView value);

}  // namespace bud::core
