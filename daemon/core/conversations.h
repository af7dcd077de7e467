// Contacts and threads of two: what is written, what is shown, and how far each copy has come.
#pragma once

#include "core/events.h"
#include "core/fanout.h"

namespace bud::core {

[[nodiscard]] FileInfo file_info(const wire::File& file);

class Conversations {
 public:
  Conversations(Context& context, Alerts& alerts, Ledgers& ledgers, Fanout& fanout, Events& events)
      : context_(context), alerts_(alerts), ledgers_(ledgers), fanout_(fanout), events_(events) {}

  // --- contacts ---
  // Makes a contact of a known account. `accepted`: by our own doing, not by a stranger's message.
  [[nodiscard]] Result<> add_contact(const AccountId& account, const std::string& address, bool accepted);
  [[nodiscard]] Result<ContactInfo> contact(const AccountId& account);
  [[nodiscard]] Result<std::vector<ContactInfo>> contacts();

  // --- threads ---
  [[nodiscard]] Result<ThreadRow> open(const AccountId& other);
  [[nodiscard]] Result<ThreadInfo> thread(const ThreadId& id);
  [[nodiscard]] Result<std::vector<ThreadInfo>> threads();

  // --- messages ---
  [[nodiscard]] Result<MessageId> send(const ThreadId& thread, const std::string& text, const std::string& idempotency_key);
  // Any body, as send() does with a text, under an id that was drawn before.
  [[nodiscard]] Result<> send_body(const ThreadId& thread, const MessageId& id, wire::ContentKind kind, wire::ContentBody body,
                                   const std::string& fallback, const std::string& idempotency_key);
  // A text that has opened and was judged: from a contact, or from another own device. False where it was here already,
  // or contradicts itself (its thread is not that of the two accounts).
  [[nodiscard]] Result<bool> receive(const wire::Content& content, const Bytes& encoded, const ContentHash& hash,
                                     const AccountId& from, const DeviceId& device);
  [[nodiscard]] Result<std::vector<MessageInfo>> messages(const ThreadId& thread, std::uint64_t before, std::size_t max);
  [[nodiscard]] Result<MessageInfo> message(const MessageId& id);
  // A file of a message: where it lies, and what opens it. Errc::not_found.
  [[nodiscard]] Result<wire::File> file(const MessageId& id, std::size_t index);
  [[nodiscard]] Result<std::vector<Event>> events(std::uint64_t after, std::size_t max);

  // --- deliveries ---
  [[nodiscard]] Result<std::optional<DeliveryRow>> delivery(const ContentHash& hash, const AccountId& a, const DeviceId& d);
  // Saves, and tells clients when the message's state is another one.
  [[nodiscard]] Result<> set_delivery(const ContentHash& hash, DeliveryRow row, DeliveryState state);
  [[nodiscard]] Result<std::optional<MessageRow>> by_hash(const ContentHash& hash);

 private:
  [[nodiscard]] Result<std::string> address_for_own_devices(const AccountId& contact);
  [[nodiscard]] Result<> take_address(const AccountId& contact, const std::string& address);
  [[nodiscard]] Result<wire::Content> compose(ThreadRow& thread, const MessageId& id, wire::ContentKind kind, wire::ContentBody body);
  [[nodiscard]] Result<> keep(ThreadRow& thread, const wire::Content& content, const Bytes& encoded, const ContentHash& hash,
                              const DeviceId& device, bool here);
  [[nodiscard]] Result<MessageInfo> describe(const MessageRow& row);
  [[nodiscard]] Result<ThreadInfo> describe(const ThreadRow& row);
  [[nodiscard]] Result<ContactInfo> describe(const ContactRow& row);

  Context& context_;
  Alerts& alerts_;
  Ledgers& ledgers_;
  Fanout& fanout_;
  Events& events_;
};

}  // namespace bud::core
