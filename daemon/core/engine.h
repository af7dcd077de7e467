// The core as a whole: one device of one account, without bus, file, socket, clock or thread. Every call is one
// transaction: on return what it did is on disk, on an error nothing of it is, and the listener is told after the commit.
//
// Threads: one. Errors: besides those named at a function, Errc::storage and Errc::damaged from the store. What is asked of
// people in words is in the error's text.
#pragma once

#include "core/files.h"
#include "core/model.h"
#include "core/storage.h"
#include "core/transport.h"
#include "crypto/arena.h"

#include <functional>
#include <memory>

namespace bud::core {

// Runs independent jobs and returns when all are done. Jobs are pure: any order, any thread gives the same bytes.
class Executor {
 public:
  virtual ~Executor() = default;
  virtual void run(std::size_t jobs, const std::function<void(std::size_t)>& job) = 0;
};
class SequentialExecutor final : public Executor {
 public:
  void run(std::size_t jobs, const std::function<void(std::size_t)>& job) override {
    for (std::size_t i = 0; i < jobs; ++i) job(i);
  }
};

// All outlive the engine.
struct Environment {
  Storage& storage;
  Clock& clock;
  Random& random;
  Executor& executor;
  crypto::Arena& arena;
  Listener& listener;
};

class Engine final : public TransportPort {
 public:
  // Loads the device's keys into the arena. A fresh store gets a fresh device.
  [[nodiscard]] static Result<std::unique_ptr<Engine>> open(const Environment& environment);
  ~Engine() override;

  // --- account ---
  [[nodiscard]] Result<AccountInfo> account();
  // Errc::conflict: there is one; Errc::offline: no bridge is up yet to give it an address.
  [[nodiscard]] Result<> create_account(const std::string& name);
  // 24 words (BIP-39 English) of the root recovery key, separated by spaces. Errc::not_found on a device that does not
  // hold them. `shown` is remembered: after it they are not kept.
  [[nodiscard]] Result<crypto::SecretBytes> recovery_words();
  [[nodiscard]] Result<> recovery_words_shown();

  // --- joining, on the new device ---
  // Asks the account at `address` (of a bridge that is up) to add this device. Errc::conflict: has an account.
  [[nodiscard]] Result<> begin_join(const std::string& address);
  [[nodiscard]] Result<JoinStatus> join_status();
  // Errc::wrong_secret: three tries, then the join starts over (Errc::not_allowed).
  [[nodiscard]] Result<> confirm_join(const std::string& second_code);
  [[nodiscard]] Result<> cancel_join();

  // --- joining, on a device of the account ---
  // At most an hour. Errc::busy: too soon after three wrong codes. Errc::not_allowed: no member.
  [[nodiscard]] Result<> open_join_window(Duration length);
  [[nodiscard]] Result<> close_join_window();
  [[nodiscard]] Result<std::vector<JoinRequest>> join_requests();
  // The second code, to be typed into the new device. Errc::wrong_secret, Errc::not_found, Errc::not_allowed (no tries
  // left, no window).
  [[nodiscard]] Result<std::string> approve_join(std::uint64_t request, const std::string& first_code);
  [[nodiscard]] Result<> reject_join(std::uint64_t request);

  // --- devices ---
  [[nodiscard]] Result<std::vector<DeviceInfo>> devices(const AccountId& account);
  // Of the own account. What the device had granted before stays (`keep` names its newest entries known here).
  // Errc::not_found, Errc::not_allowed (this device is not a member).
  [[nodiscard]] Result<> revoke_device(const DeviceId& device);

  // --- contacts and threads ---
  // The account that was found at the address, from what is known: call after a lookup. Errc::no_such_address: no account
  // there; Errc::not_approved: several, or another one than before (contact-reset): a person must decide.
  [[nodiscard]] Result<AccountId> resolve(const std::string& address);
  [[nodiscard]] Result<std::vector<ContactInfo>> contacts();
  [[nodiscard]] Result<ContactInfo> contact(const AccountId& account);
  // What is known of anybody, contact or not (a member of a group that the user never met); empty where nothing is.
  [[nodiscard]] Result<ContactInfo> person(const AccountId& account);
  [[nodiscard]] Result<ThreadId> open_thread(const AccountId& contact);
  [[nodiscard]] Result<std::vector<ThreadInfo>> threads();
  [[nodiscard]] Result<ThreadInfo> thread(const ThreadId& thread);
  // The same idempotency key (at most 64 bytes, empty: none) in the same thread gives the same message. Errc::too_large,
  // Errc::not_found, Errc::not_allowed (removed, not a member yet).
  [[nodiscard]] Result<MessageId> send(const ThreadId& thread, const std::string& text, const std::string& idempotency_key);
  [[nodiscard]] Result<MessageId> send(const ThreadId& thread, const std::string& text, const std::vector<TextStyle>& styles,
                                       const SendOptions& options);
  // Errc::not_allowed: somebody else's message. Errc::not_found: no message, or none that can be written about.
  [[nodiscard]] Result<> edit(const MessageId& message, const std::string& text, const std::vector<TextStyle>& styles);
  [[nodiscard]] Result<> retract(const MessageId& message);
  [[nodiscard]] Result<> react(const MessageId& message, const std::string& emoji, bool set);
  [[nodiscard]] Result<MessageId> send_poll(const ThreadId& thread, const std::string& question,
                                            const std::vector<std::string>& options, bool multiple, const SendOptions& send);
  [[nodiscard]] Result<> vote(const MessageId& message, const std::vector<std::uint8_t>& choices);
  // Introduces a contact to everybody in the thread.
  [[nodiscard]] Result<MessageId> send_contact(const ThreadId& thread, const AccountId& contact, const SendOptions& options);
  // --- groups ---
  // Of contacts; the own account is in it, and administers it. Errc::too_large: more than 256; Errc::not_found: no contact.
  [[nodiscard]] Result<ThreadId> create_group(const std::string& name, const GroupPolicy& policy, const std::vector<AccountId>& members);
  // All: Errc::not_found (no such group), Errc::not_allowed (by its policy, or because this account is not in it).
  // To add a member again as an administrator raises it. Errc::conflict: is in it already.
  [[nodiscard]] Result<> add_member(const ThreadId& group, const AccountId& account, bool administrator);
  [[nodiscard]] Result<> remove_member(const ThreadId& group, const AccountId& account);
  [[nodiscard]] Result<> leave_group(const ThreadId& group);
  [[nodiscard]] Result<> rename_group(const ThreadId& group, const std::string& name);

  // --- reading ---
  // Up to and with this message. Whoever wrote what is newly read is told, once for the account.
  [[nodiscard]] Result<> mark_read(const MessageId& message);
  // Said to whom there is a session with, and never stored.
  [[nodiscard]] Result<> set_typing(const ThreadId& thread, bool active);
  // Newest first, those with a Lamport number below `before` (0: from the newest).
  [[nodiscard]] Result<std::vector<MessageInfo>> messages(const ThreadId& thread, std::uint64_t before, std::size_t max);
  [[nodiscard]] Result<MessageInfo> message(const MessageId& id);

  // --- the person's own state, the same on all devices of the account (PROTOCOL.md, "Registers") ---
  // Each stands on this device at once, and on the others as soon as they hear of it; the last word wins. Saying what is so
  // already does nothing. Errc::not_found: no such contact or thread. Errc::not_allowed: this device is no member of an
  // account, or a hostile one has used up the numbers. Errc::too_large: too many of this kind are set already.
  // UTF-8 of at most 128 bytes (Errc::malformed); overrides what the account's devices say. Empty: theirs again.
  [[nodiscard]] Result<> set_contact_name(const AccountId& account, const std::string& name);
  // From a blocked account messages are taken and never shown, no receipt of any kind goes back, and no alert is raised.
  // What comes after it was unblocked is shown again, and nothing from before.
  [[nodiscard]] Result<> set_blocked(const AccountId& account, bool blocked);
  // That safety numbers were compared; the comparison itself is the caller's.
  [[nodiscard]] Result<> set_verified(const AccountId& account, bool verified);
  // Zero: not muted; `always`.
  [[nodiscard]] Result<> set_muted(const ThreadId& thread, Time until);
  [[nodiscard]] Result<> set_pinned(const ThreadId& thread, bool pinned);
  [[nodiscard]] Result<> set_archived(const ThreadId& thread, bool archived);
  // UTF-8 (Errc::malformed) of at most 8 KiB (Errc::too_large); empty: none. Each change goes to all devices: call it when
  // the user pauses, not for every key.
  [[nodiscard]] Result<> set_draft(const ThreadId& thread, const std::string& text);
  [[nodiscard]] Result<std::string> draft(const ThreadId& thread);
  // For clients, by names of 1 to 64 characters of a-z, 0-9, dot and hyphen (Errc::malformed); at most 256 of them, of 8 KiB
  // (Errc::too_large). Empty: not set.
  [[nodiscard]] Result<> set_setting(const std::string& name, ByteView value);
  [[nodiscard]] Result<Bytes> setting(const std::string& name);
  // --- files ---
  // The most bytes that a file may have to be sent there now. Errors: send()'s.
  [[nodiscard]] Result<std::uint64_t> largest_file(const ThreadId& thread);
  // The message that this idempotency key stands for already.
  [[nodiscard]] Result<std::optional<MessageId>> find_sent(const ThreadId& thread, const std::string& idempotency_key);
  // What is small enough to go without a bridge that keeps blobs goes at once; the rest when its staged bytes are uploaded.
  // Errors: send()'s; Errc::too_large where no bridge that leads to the thread's devices takes one, Errc::busy.
  [[nodiscard]] Result<MessageId> begin_attachment(NewAttachment attachment);
  // What this bridge is to take, the oldest first; and that it has (where it keeps it, without its kind in front), or that it
  // never will, with words for people. Names that are not (or no more) waited for are ignored.
  [[nodiscard]] Result<std::vector<Upload>> uploads(const std::string& bridge);
  [[nodiscard]] Result<> uploaded(const std::string& bridge, const std::string& staged, const std::string& location);
  [[nodiscard]] Result<> upload_refused(const std::string& bridge, const std::string& staged, const std::string& why);
  // The staged files that are needed: what else was left by a crash is nobody's.
  [[nodiscard]] Result<std::set<std::string>> staged_files();
  // A file of a message that was sent or has come. It holds the key. Errc::not_found.
  [[nodiscard]] Result<wire::File> file(const MessageId& message, std::size_t index);

  // --- the durable inbox of clients ---
  [[nodiscard]] Result<std::vector<Event>> events(std::uint64_t after, std::size_t max);
  [[nodiscard]] Result<std::uint64_t> last_event();
  [[nodiscard]] Result<std::uint64_t> client_cursor(const std::string& client);
  // Errc::malformed: no such event yet, or a name that is empty or over 128 bytes. Errc::too_large: too many clients.
  [[nodiscard]] Result<> acknowledge_events(const std::string& client, std::uint64_t cursor);

  // --- alerts ---
  [[nodiscard]] Result<std::vector<Alert>> alerts();
  // On all devices, where it is not about this one alone: also where they have raised the same one by then.
  [[nodiscard]] Result<> acknowledge_alert(std::uint64_t id);

  // --- bridges ---
  [[nodiscard]] Result<std::vector<BridgeConfig>> bridges();
  [[nodiscard]] Result<> add_bridge(const BridgeConfig& config);  // Errc::conflict: that name is taken
  [[nodiscard]] Result<> remove_bridge(const std::string& name);

  // --- time ---
  // Does what is due: receipts, prekeys, republishing, re-pushing, windows that close. `next_due()` says when to call again.
  [[nodiscard]] Result<> tick();
  Time next_due() const;

  // --- TransportPort ---
  [[nodiscard]] Result<> bridge_ready(const std::string& bridge, const BridgeIdentity& identity) override;
  [[nodiscard]] Result<std::vector<OutboxItem>> outbox(const std::string& bridge, std::uint64_t after, std::size_t max_items,
                                                       std::size_t max_bytes) override;
  [[nodiscard]] Result<> pushed(const std::string& bridge, std::span<const PushResult> results) override;
  [[nodiscard]] Result<> deliver(const std::string& bridge, std::span<const Bytes> copies, ByteView cursor) override;
  [[nodiscard]] Result<Bytes> cursor(const std::string& bridge) override;
  [[nodiscard]] Result<std::optional<Publication>> publication(const std::string& bridge) override;
  [[nodiscard]] Result<> published(const std::string& bridge, std::uint64_t sequence) override;
  [[nodiscard]] Result<> records(const std::string& bridge, const std::string& address, std::span<const Bytes> records) override;
  [[nodiscard]] Result<> lookup_failed(const std::string& bridge, const std::string& address) override;
  [[nodiscard]] Result<std::map<std::string, Bytes>> bridge_state(const std::string& bridge) override;
  [[nodiscard]] Result<> store_bridge_state(const std::string& bridge, const std::string& key, ByteView value) override;

 private:
  struct Parts;
  explicit Engine(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace bud::core
