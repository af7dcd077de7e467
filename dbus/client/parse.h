// Dictionaries and properties of dbus/interfaces, read into client/types.h. Errc::malformed for a known key that has
// another type than it was published with.
#pragma once

#include "bus/message.h"
#include "client/types.h"

namespace bud::client {

Result<Device> parse_device(const bus::Dict& dict);
Result<AccountView> parse_account(const ObjectPath& path, const bus::Dict& properties);
Result<ContactView> parse_contact(const ObjectPath& path, const bus::Dict& properties);
Result<ThreadView> parse_thread(const ObjectPath& path, const bus::Dict& properties);
// Of one message: reactions, readers, members.
inline constexpr bus::Bounds message_bounds{1024, 1024 * 1024};
// Of Thread1.Messages, and of an event of Account1.Fetch.
Result<MessageView> parse_message(const bus::Dict& dict);
Result<MessageView> parse_message(const ObjectPath& path, const bus::Dict& properties);
Result<FileView> parse_file(const bus::Dict& dict);
Result<Copy> parse_copy(const bus::Dict& dict);
Result<Event> parse_event(const bus::Dict& dict);
Result<Alert> parse_alert(const bus::Dict& dict);
Result<JoinStatus> parse_join_status(const bus::Dict& dict);
Result<JoinRequest> parse_join_request(const bus::Dict& dict);
Result<Bridge> parse_bridge(const bus::Dict& dict);

template <class T>
Result<std::vector<T>> parse_all(const std::vector<bus::Dict>& dicts, Result<T> (*parse)(const bus::Dict&)) {
  std::vector<T> all;
  all.reserve(dicts.size());
  for (const bus::Dict& dict : dicts) {
    BUD_TRY(T one, parse(dict));
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace bud::client
