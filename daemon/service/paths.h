// Where each object is on the bus, and which one a path means. (org.budstikke.Manager1's XML is the rule.)
#pragma once

#include "base/bytes.h"
#include "bus/value.h"

namespace bud::service {

inline constexpr const char* chat_name = "org.budstikke.Budstikke1";
inline constexpr const char* control_name = "org.budstikke.Control1";

namespace paths {

inline constexpr const char* manager = "/org/budstikke/Budstikke1";
inline constexpr const char* accounts = "/org/budstikke/Budstikke1/account";
inline constexpr const char* account = "/org/budstikke/Budstikke1/account/1";  // a device is in one account
inline constexpr const char* contacts = "/org/budstikke/Budstikke1/contact";
inline constexpr const char* threads = "/org/budstikke/Budstikke1/thread";
inline constexpr const char* messages = "/org/budstikke/Budstikke1/message";
inline constexpr const char* control = "/org/budstikke/Control1";

bus::ObjectPath of(const AccountId& contact);
bus::ObjectPath of(const ThreadId& thread);
bus::ObjectPath of(const MessageId& message);

// Whether a path is written as one of these; whether the object is there is another question.
bool is_contact(std::string_view path);
bool is_thread(std::string_view path);
std::optional<MessageId> message(std::string_view path);

}  // namespace paths
}  // namespace bud::service
