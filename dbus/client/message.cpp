#include "client/message.h"

#include "client/names.h"
#include "client/parse.h"

namespace bud::client {

Message::Message(Connection& connection, const ObjectPath& path)
    : Proxy(connection, {chat_name, path.text, "org.budstikke.Message1"}) {}

Result<MessageView> Message::view() const {
  BUD_TRY(const bus::Dict all, connection_.get_all(target_));
  return parse_message(path(), all);
}

Result<std::vector<Copy>> Message::copies() const {
  BUD_TRY(const std::vector<bus::Dict> all, list_property("Devices"));
  return parse_all(all, parse_copy);
}

Result<std::vector<FileView>> Message::files() const {
  BUD_TRY(const std::vector<bus::Dict> all, list_property("Files"));
  return parse_all(all, parse_file);
}

}  // namespace bud::client
