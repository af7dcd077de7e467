// What the engine does for files on their way out, and for those that have come.
#include "core/parts.h"

namespace bud::core {

Result<std::uint64_t> Engine::largest_file(const ThreadId& thread) { return parts_->attachments.largest(thread); }
Result<std::optional<MessageId>> Engine::find_sent(const ThreadId& thread, const std::string& idempotency_key) {
  return parts_->attachments.find(thread, idempotency_key);
}
Result<MessageId> Engine::begin_attachment(NewAttachment attachment) {
  const ThreadId thread = attachment.thread;
  return parts_->say(thread, [&] { return parts_->attachments.begin(std::move(attachment)); });
}
Result<std::vector<Upload>> Engine::uploads(const std::string& bridge) { return parts_->attachments.uploads(bridge); }
Result<> Engine::uploaded(const std::string& bridge, const std::string& staged, const std::string& location) {
  return parts_->run([&] { return parts_->attachments.uploaded(bridge, staged, location); });
}
Result<> Engine::upload_refused(const std::string& bridge, const std::string& staged, const std::string& why) {
  return parts_->run([&] { return parts_->attachments.refused(bridge, staged, why); });
}
Result<std::set<std::string>> Engine::staged_files() { return parts_->attachments.staged(); }
Result<wire::File> Engine::file(const MessageId& message, std::size_t index) {
  return parts_->messages.file(message, index);
}

}  // namespace bud::core
