// What the daemon is called on the bus, and where its objects are (dbus/interfaces/org.budstikke.Manager1.xml).
#pragma once

#include "bus/value.h"

namespace bud::client {

inline constexpr const char* chat_name = "org.budstikke.Budstikke1";
inline constexpr const char* control_name = "org.budstikke.Control1";
inline constexpr const char* root_path = "/org/budstikke/Budstikke1";
inline constexpr const char* control_path = "/org/budstikke/Control1";

bus::ObjectPath contact_path(ByteView account_id);
// "/…/thread/ab12" from "ab12", where that is 32 hexadecimal digits; a path of the kind as it is. Errc::malformed for
// anything else.
Result<bus::ObjectPath> object_path(std::string_view kind, std::string_view text);
// Whether it is an own account's path.
bool is_own(const bus::ObjectPath& path);
// The last part of a path.
std::string last_part(const bus::ObjectPath& path);

}  // namespace bud::client
