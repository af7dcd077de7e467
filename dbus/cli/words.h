// The names of the daemon's enumerations: the same in JSON and for people.
#pragma once

#include "client/types.h"

namespace bud::cli {

std::string_view word(client::VaultState state);
std::string_view word(client::AccountState state);
std::string_view word(client::DeviceState state);
std::string_view word(client::JoinState state);
std::string_view word(client::RequestState state);
std::string_view word(client::Delivery state);
std::string_view word(client::BridgeState state);
std::string_view word(client::FileState state);
std::string_view word(client::EventKind kind);
std::string_view word(client::MessageType type);
std::string_view word(client::ChangeKind kind);

}  // namespace bud::cli
