// What the core tells the service layer, as plain values: no keys, no rows, no bus.
#pragma once

#include "base/bytes.h"
#include "base/environment.h"

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
  std::string name;
  std::vector<std::string> addresses;
  bool verified = false;
  bool disputed = false;
};

struct ThreadInfo {
  ThreadId thread;
  std::vector<AccountId> members;  // without the own account
  std::string name;
  std::uint32_t unread = 0;
};

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
  std::string text;
  bool outgoing = false;    // written by this account, on this or another device
  std::vector<DeliveryInfo> deliveries;  // of messages sent by this device
  std::vector<FileInfo> files;
  bool pending = false;     // its files are not all where they are kept: nobody else has it yet
  std::string failed;       // pending: why it was given up; for a person
};

enum class EventKind : std::uint8_t { message = 1, message_state = 2, contact_changed = 3 };
struct Event {
  std::uint64_t cursor = 0;  // of this event: fetching from it gives what comes after
  EventKind kind = EventKind::message;
  Time time;
  MessageInfo message;  // message, message_state
  AccountId contact;    // contact_changed
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
  std::vector<MessageId> messages;   // state of own messages
  std::vector<Alert> alerts;         // raised
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
