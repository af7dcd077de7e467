// What the engine does for a person's own state, the same on all devices.
#include "core/parts.h"

namespace bud::core {

Result<> Engine::set_contact_name(const AccountId& account, const std::string& name) {
  return parts_->run([&] { return parts_->own_state.set_contact_name(account, name); });
}
Result<> Engine::set_blocked(const AccountId& account, bool blocked) {
  return parts_->run([&] { return parts_->own_state.set_blocked(account, blocked); });
}
Result<> Engine::set_verified(const AccountId& account, bool verified) {
  return parts_->run([&] { return parts_->own_state.set_verified(account, verified); });
}
Result<> Engine::set_muted(const ThreadId& thread, Time until) {
  return parts_->run([&] { return parts_->own_state.set_muted(thread, until); });
}
Result<> Engine::set_pinned(const ThreadId& thread, bool pinned) {
  return parts_->run([&] { return parts_->own_state.set_pinned(thread, pinned); });
}
Result<> Engine::set_archived(const ThreadId& thread, bool archived) {
  return parts_->run([&] { return parts_->own_state.set_archived(thread, archived); });
}
Result<> Engine::set_draft(const ThreadId& thread, const std::string& text) {
  return parts_->run([&] { return parts_->own_state.set_draft(thread, text); });
}
Result<std::string> Engine::draft(const ThreadId& thread) { return parts_->own_state.draft(thread); }
Result<> Engine::set_setting(const std::string& name, ByteView value) {
  return parts_->run([&] { return parts_->own_state.set_setting(name, value); });
}
Result<Bytes> Engine::setting(const std::string& name) { return parts_->own_state.setting(name); }

}  // namespace bud::core
