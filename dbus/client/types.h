// What the daemon says, as plain values. Numbers that this version does not know are 0 (unknown), and what is missing
// is empty: an older client reads a newer daemon's answers.
#pragma once

#include "base/environment.h"
#include "bus/value.h"

#include <optional>

namespace bud::client {

using bus::ObjectPath;

enum class VaultState : std::uint32_t { unknown, empty, locked, unlocked };
enum class AccountState : std::uint32_t { unknown, member, removed };
enum class DeviceState : std::uint32_t { unknown, active, revoked, held };
enum class JoinState : std::uint32_t { unknown, idle, waiting, code, confirmed, joined };
enum class RequestState : std::uint32_t { unknown, unanswered, wants_code, approved };
enum class Delivery : std::uint32_t { unknown, waiting, queued, pushed, delivered, failed };
enum class BridgeState : std::uint32_t { unknown, starting, ready, offline, needs_login, failed };
enum class EventKind : std::uint32_t { unknown, message, message_state, contact, message_changed };
enum class MessageType { unknown, text, attachment, poll, sticker, contact, change };
enum class ChangeKind { unknown, created, added, removed, left, renamed };

struct Device {
  Bytes id;
  DeviceState state = DeviceState::unknown;
  bool this_device = false;
  Time added;
};
struct AccountView {
  ObjectPath path;
  Bytes id, device;
  AccountState state = AccountState::unknown;
  std::string name;
  std::vector<std::string> addresses;
};
struct ContactView {
  ObjectPath path;
  Bytes id;
  std::string name;
  std::vector<std::string> addresses;
  bool verified = false, disputed = false, blocked = false;
};
struct ThreadView {
  ObjectPath path;
  std::string name;
  std::vector<ObjectPath> members;  // without the own account
  std::uint32_t unread = 0;
  bool group = false, in = true;
  std::vector<ObjectPath> administrators;  // the own account too
  Time muted_until;  // zero: not muted; `always`
  bool pinned = false, archived = false;
  std::string draft;
};
inline constexpr Time always{UINT64_MAX};
struct Progress {
  Delivery state = Delivery::unknown;
  std::uint32_t delivered = 0, total = 0;
};
struct Reply {
  ObjectPath message, author;
  std::string excerpt;
};
struct Poll {
  std::vector<bus::Tally> options;
  bool multiple = false;
};
struct Card {
  Bytes account;
  std::string name;
  std::vector<std::string> addresses;
};
struct Change {
  ChangeKind kind = ChangeKind::unknown;
  ObjectPath account;
  std::string name;
};
struct MessageView {
  ObjectPath path, thread, author;
  bool own = false;
  std::string text;
  Time time;
  Progress progress;
  MessageType type = MessageType::text;
  std::vector<bus::TextRange> styles;
  Time edited;  // zero: never
  bool retracted = false;
  std::optional<Reply> reply;
  std::vector<bus::Tally> reactions;
  std::optional<Poll> poll;
  std::optional<Card> card;
  std::vector<Change> changes;
  std::vector<ObjectPath> read_by;
  std::uint32_t missing = 0, expire = 0;
  bool gone = false;  // of an event: there is no more of it than its path
};
struct Copy {
  Bytes account, device;
  bool own = false;
  Delivery state = Delivery::unknown;
  Time changed;
};
// By kind: a message; a message's progress (its path, thread, progress and readers); a contact's path.
struct Event {
  std::uint64_t cursor = 0;
  EventKind kind = EventKind::unknown;
  MessageView message;
  ObjectPath contact;
};
struct Alert {
  std::uint64_t id = 0;
  std::string kind, text;
  Time time;
  Bytes account, device;
  bool acknowledged = false;
};
struct JoinStatus {
  JoinState state = JoinState::unknown;
  std::string code;
  ObjectPath account;
};
struct JoinRequest {
  std::uint64_t id = 0;
  Bytes device;
  Time time;
  RequestState state = RequestState::unknown;
  std::uint32_t attempts = 0;
};
struct Bridge {
  std::string name, kind;
  BridgeState state = BridgeState::unknown;
  std::string address, text;
};

}  // namespace bud::client
