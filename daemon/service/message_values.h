// What was said, as the dictionaries of dbus/interfaces.
#pragma once

#include "service/values.h"

namespace bud::service {

// The own account, or an org.budstikke.Contact1.
bus::ObjectPath path_of(const AccountId& account, const core::AccountInfo& own);
inline bus::ObjectPath author_path(const core::MessageInfo& message, const core::AccountInfo& own) {
  return path_of(message.author, own);
}

// As org.budstikke.Thread1.Messages has it. Whoever is named in it must be in the index.
bus::Dict to_dict(const core::MessageInfo& message, const core::AccountInfo& own);
// As org.budstikke.Account1.Fetch has it.
bus::Dict to_dict(const core::Event& event, const core::AccountInfo& own);
// How large it is on the bus, at least: what grows with what others say is counted.
std::size_t size_of(const core::MessageInfo& message);

}  // namespace bud::service
