#include "cli/words.h"

#include <array>

namespace bud::cli {
namespace {

template <class E, std::size_t N>
std::string_view pick(E value, const std::array<std::string_view, N>& names) {
  const auto i = static_cast<std::size_t>(value);
  return i < N ? names[i] : names[0];
}

}  // namespace

std::string_view word(client::VaultState state) {
  return pick(state, std::array<std::string_view, 4>{"unknown", "empty", "locked", "unlocked"});
}
std::string_view word(client::AccountState state) {
  return pick(state, std::array<std::string_view, 3>{"unknown", "member", "removed"});
}
std::string_view word(client::DeviceState state) {
  return pick(state, std::array<std::string_view, 4>{"unknown", "active", "revoked", "held"});
}
std::string_view word(client::JoinState state) {
  return pick(state, std::array<std::string_view, 6>{"unknown", "idle", "waiting", "code", "confirmed", "joined"});
}
std::string_view word(client::RequestState state) {
  return pick(state, std::array<std::string_view, 4>{"unknown", "unanswered", "wants-code", "approved"});
}
std::string_view word(client::Delivery state) {
  return pick(state, std::array<std::string_view, 6>{"unknown", "waiting", "queued", "pushed", "delivered", "failed"});
}
std::string_view word(client::BridgeState state) {
  return pick(state,
              std::array<std::string_view, 6>{"unknown", "starting", "ready", "offline", "needs-login", "failed"});
}
std::string_view word(client::FileState state) {
  return pick(state, std::array<std::string_view, 6>{"unknown", "sending", "elsewhere", "fetching", "here", "failed"});
}
std::string_view word(client::EventKind kind) {
  return pick(kind, std::array<std::string_view, 5>{"unknown", "message", "state", "contact", "changed"});
}
std::string_view word(client::MessageType type) {
  return pick(type,
              std::array<std::string_view, 7>{"unknown", "text", "attachment", "poll", "sticker", "contact", "change"});
}
std::string_view word(client::ChangeKind kind) {
  return pick(kind, std::array<std::string_view, 6>{"unknown", "created", "added", "removed", "left", "renamed"});
}

}  // namespace bud::cli
