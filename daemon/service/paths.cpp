#include "service/paths.h"

namespace bud::service::paths {
namespace {

constexpr std::size_t shown = 16;  // bytes of an id that stand in a path

bus::ObjectPath below(const char* folder, ByteView id) {
  return {std::string(folder) + "/" + to_hex(id.first(shown))};
}

std::optional<Bytes> last_part(const char* folder, std::string_view path) {
  const std::string prefix = std::string(folder) + "/";
  if (!path.starts_with(prefix)) return std::nullopt;
  const std::string_view hex = path.substr(prefix.size());
  std::optional<Bytes> id = hex.size() == 2 * shown ? from_hex(hex) : std::nullopt;
  if (!id || to_hex(*id) != hex) return std::nullopt;  // one spelling for each object
  return id;
}

}  // namespace

bus::ObjectPath of(const AccountId& contact) {
  return below(contacts, contact.view());
}
bus::ObjectPath of(const ThreadId& thread) {
  return below(threads, thread.view());
}
bus::ObjectPath of(const MessageId& message) {
  return below(messages, message.view());
}

bool is_contact(std::string_view path) {
  return last_part(contacts, path).has_value();
}
bool is_thread(std::string_view path) {
  return last_part(threads, path).has_value();
}

std::optional<MessageId> message(std::string_view path) {
  const std::optional<Bytes> id = last_part(messages, path);
  return id ? MessageId::from(*id) : std::nullopt;
}

}  // namespace bud::service::paths
