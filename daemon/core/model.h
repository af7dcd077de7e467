// What the core tells the service layer, as plain values: no keys, no rows, no bus.
#pragma once

#include "base/bytes.h"
#include "base/environment.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace bud::core {

enum class AccountState : std::uint8_t {
  none,     // no account yet on this device
  joining,  // has asked to be added to one
  member,
  removed,  // was revoked: reads what it has, sends nothing
};

struct AccountInfo {
  AccountState state = AccountState::none;
  AccountId account;
  DeviceId device;
  std::string name;
  std::vector<std::string> addresses;  // claimed, with bridge prefix
  bool recovery_words_shown = false;
};

struct DeviceInfo {
  DeviceId device;
  bool active = false;      // sealed for
  bool held = false;        // active by the ledger, held back by this device's memory
  bool this_device = false;
  Time added;               // by the clock of the device that added it
};

struct ContactInfo {
  AccountId account;
  std::string name;            // that the user gave, else as its devices say
  std::vector<std::string> addresses;
  bool verified = false;
  bool disputed = false;
  bool blocked = false;        // nothing of theirs is shown, and nothing goes back
  std::string own_name;        // that the user gave; empty: none
};

// Who may do a thing in a group.
enum class Who : std::uint8_t { everybody = 1, administrators = 2 };
struct GroupPolicy {
  Who add = Who::everybody, remove = Who::administrators, rename = Who::everybody, post = Who::everybody;
};

struct ThreadInfo {
  ThreadId thread;
  std::vector<AccountId> members;  // without the own account
  std::string name;                // a group's, or the other's
  std::uint32_t unread = 0;
  bool group = false;
  bool in = true;                  // whether the own account is (still) in it
  std::vector<AccountId> administrators;  // of a group; the own account too
  GroupPolicy policy;
  Time muted_until;                // zero: not muted; `always`: until it is said otherwise
  bool pinned = false;
  bool archived = false;           // stays so, whatever comes, until it is said otherwise
  std::string draft;               // not sent yet
};
inline constexpr Time always{UINT64_MAX};

enum class DeliveryState : std::uint8_t {
  waiting = 1,    // no copy yet: its record is being asked for
  queued = 2,     // sealed, in the outbox
  pushed = 3,     // the transport has it
  delivered = 4,  // the device's sealed receipt is here
  dropped = 5,    // the device was revoked, or the copy expired or was refused
};

struct DeliveryInfo {
  AccountId account;
  DeviceId device;   // zero: none of the account's devices is known yet
  bool own = false;  // a device of the own account
  DeliveryState state = DeliveryState::waiting;
  Time changed;
};

enum class MessageKind : std::uint8_t {
  text = 1, attachment = 2, poll = 3, sticker = 4, contact_card = 5,
  change = 6,   // of a group
  unknown = 7,  // written by a newer program: `text` is what it gave to be shown instead
};

struct TextStyle {
  std::uint32_t start = 0, length = 0;  // code points
  std::uint8_t style = 0;               // 1 bold, 2 italic, 3 strike, 4 monospace, 5 link, 6 mention
  std::string argument;                 // the URL, or the account id in hexadecimal
};

struct ReplyInfo {
  MessageId id;
  AccountId author;
  std::string excerpt;
};

struct ReactionInfo {
  std::string emoji;
  std::vector<AccountId> accounts;
};

struct PollInfo {
  std::vector<std::string> options;
  bool multiple = false;
  std::vector<std::vector<AccountId>> votes;  // for each option
};

struct CardInfo {
  AccountId account;
  std::string name;
  std::vector<std::string> addresses;
};

enum class ChangeKind : std::uint8_t { created = 1, added = 2, removed = 3, left = 4, renamed = 5 };
struct ChangeInfo {
  ChangeKind kind = ChangeKind::created;
  AccountId account;  // added, removed
  std::string name;   // created, renamed
};

// What a person writes besides its kind.
struct SendOptions {
  std::string idempotency_key;     // at most 64 bytes; empty: none
  std::optional<MessageId> reply_to;
  std::uint32_t expire = 0;        // seconds from reading, 0: never
};

// A file of a message, as its sender describes it.
struct FileInfo {
  std::string name;          // for people: no path, whatever it looks like
  std::string media_type;
  std::uint64_t size = 0;
  std::uint32_t width = 0, height = 0, duration_ms = 0;
  bool voice = false;
  bool inlined = false;      // came with the message itself
  Bytes thumbnail;
};

struct MessageInfo {
  MessageId id;
  ThreadId thread;
  AccountId author;
  DeviceId author_device;
  Time time;                // the author's
  std::uint64_t lamport = 0;
  std::string text;         // a poll's question, a file's caption; empty where it was retracted
  bool outgoing = false;    // written by this account, on this or another device
  std::vector<DeliveryInfo> deliveries;  // of messages sent by this device
  MessageKind kind = MessageKind::text;
  std::vector<TextStyle> styles;
  std::optional<Time> edited;      // when its author says so
  bool retracted = false;
  std::optional<ReplyInfo> reply;
  std::vector<ReactionInfo> reactions;
  std::optional<PollInfo> poll;
  std::optional<CardInfo> card;
  std::vector<ChangeInfo> changes;
  std::vector<AccountId> read_by;  // of own messages
  std::uint32_t missing = 0;       // messages that its author had seen before it, and that are not here
  std::uint32_t expire = 0;        // seconds from reading, 0: never
  std::vector<FileInfo> files;
  bool pending = false;     // its files are not all where they are kept: nobody else has it yet
  std::string failed;       // pending: why it was given up; for a person
};

enum class EventKind : std::uint8_t {
  message = 1,
  message_state = 2,    // how far an own message has come, or who has read it
  contact_changed = 3,
  message_changed = 4,  // edited, retracted, reacted to, voted on, expired
};
struct Event {
  std::uint64_t cursor = 0;  // of this event: fetching from it gives what comes after
  EventKind kind = EventKind::message;
  Time time;
  MessageInfo message;  // all but contact_changed; of one that is gone only the id
  AccountId contact;    // contact_changed
};

struct TypingInfo {
  ThreadId thread;
  AccountId account;
  bool active = false;
};

enum class AlertKind : std::uint8_t {
  device_request = 1, device_added = 2, device_revoked = 3, unlisted_device = 4, ledger_rollback = 5,
  directory_mismatch = 6, contact_devices_changed = 7, contact_reset = 8, disputed = 9, stale_prekey = 10, gap = 11,
  bridge_deaf = 12, this_device_removed = 13, removed_device_spoke = 14, store_damaged = 15,
};
struct Alert {
  std::uint64_t id = 0;
  AlertKind kind = AlertKind::device_request;
  Time time;
  AccountId account;
  DeviceId device;  // zero where none is meant
  std::string text; // for a person, complete
  bool acknowledged = false;
};

enum class JoinPhase : std::uint8_t {
  none = 0,
  waiting,    // record published, no sponsor has answered
  show_code,  // first code is to be shown here and typed into the sponsor; the second is asked for here
  confirmed,  // second code was right; waits to be welcomed
  done,
};
struct JoinStatus {
  JoinPhase phase = JoinPhase::none;
  std::string code;  // six digits in show_code
};

struct JoinRequest {
  std::uint64_t id = 0;
  DeviceId device;
  Time time;
  bool ready = false;     // the joiner has revealed: a code can be tried
  bool approved = false;  // the first code was right; waits for the joiner
  std::uint32_t attempts_left = 0;
};

struct BridgeConfig {
  std::string name;  // also the prefix of its addresses
  std::string kind;  // which plugin
  std::string json;  // its configuration
};

// What changed in the last committed call. The listener may call the core again, but not from inside the callback's caller.
struct Changes {
  bool events = false;               // something new to fetch
  bool account = false;              // own account or its devices
  bool join = false;                 // JoinStatus or a JoinRequest
  std::vector<AccountId> contacts;   // new or changed
  std::vector<ThreadId> threads;     // new or changed
  std::vector<MessageId> messages;   // state of own messages, or what they say
  std::vector<TypingInfo> typing;    // as somebody types, or stops
  std::vector<Alert> alerts;         // raised
  std::vector<std::uint64_t> answered;  // alerts that were acknowledged, here or on another device of the account
  std::vector<std::string> settings; // by name
  std::set<std::string> outbox;      // bridges with copies to push
  std::set<std::string> publish;     // bridges with a record to publish
  std::set<std::string> uploads;     // bridges with a staged file to take
  std::set<std::string> unstaged;    // staged files that nothing needs any more
  std::set<std::pair<std::string, std::string>> lookups;  // (bridge, address) that the core wants looked up
};

class Listener {
 public:
  virtual ~Listener() = default;
  virtual void changed(const Changes& changes) = 0;
};

}  // namespace bud::core
