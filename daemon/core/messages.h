// What was said in threads, as it is kept: contents by their place, what later ones say of them, and how far the copies of
// own ones have come.
#pragma once

#include "core/events.h"
#include "core/fanout.h"

namespace bud::core {

class Messages {
 public:
  Messages(Context& context, Events& events) : context_(context), events_(events) {}

  // --- contents ---
  // Stores a content of a thread, files it under what it is about, and tells clients.
  [[nodiscard]] Result<> keep(const wire::Content& content, const Bytes& encoded, const ContentHash& hash, const DeviceId& device,
                              bool here);
  // Was it ever here? (It may be gone since.)
  [[nodiscard]] Result<std::optional<PlaceRow>> place(const ContentHash& hash);
  [[nodiscard]] Result<std::optional<PlaceRow>> place(const MessageId& id);
  [[nodiscard]] Result<std::optional<MessageRow>> by_hash(const ContentHash& hash);
  [[nodiscard]] Result<std::optional<MessageRow>> at(const PlaceRow& place);
  // Errc::not_found: none that can be written about.
  [[nodiscard]] Result<std::pair<wire::Content, ContentHash>> target(const MessageId& id);
  // Takes it off the disk, with all that was said of it. That it was here stays known.
  [[nodiscard]] Result<> erase(const ContentHash& hash);

  // --- for clients ---
  [[nodiscard]] Result<std::vector<MessageInfo>> list(const ThreadId& thread, std::uint64_t before, std::size_t max);
  [[nodiscard]] Result<MessageInfo> info(const MessageId& id);
  [[nodiscard]] Result<std::vector<Event>> events(std::uint64_t after, std::size_t max);
  // How many of others stand above a Lamport number.
  [[nodiscard]] Result<std::uint32_t> unread(const ThreadId& thread, std::uint64_t above);

  // --- deliveries ---
  [[nodiscard]] Result<std::optional<DeliveryRow>> delivery(const ContentHash& hash, const AccountId& a, const DeviceId& d);
  // Saves, and tells clients when the message's state is another one.
  [[nodiscard]] Result<> set_delivery(const ContentHash& hash, DeliveryRow row, DeliveryState state);
  // An account has read what was written here up to that Lamport number.
  [[nodiscard]] Result<> set_read(const ThreadId& thread, const AccountId& reader, std::uint64_t up_to);

 private:
  [[nodiscard]] Result<MessageInfo> describe(const MessageRow& row);
  [[nodiscard]] Result<> fold(MessageInfo& info, const ContentHash& hash);
  [[nodiscard]] Result<std::vector<wire::Content>> related(const ContentHash& hash);
  [[nodiscard]] Result<std::uint32_t> missing(const wire::Content& content);

  Context& context_;
  Events& events_;
};

// A kind that stands in a thread by itself; the others say something of one that does, or only that it was here.
[[nodiscard]] bool stands_alone(const wire::Content& content);
// The message that a content is about; nullptr where it is about none.
[[nodiscard]] const wire::Target* target_of(const wire::Content& content);
// In the order in which a thread is shown: the same on every device.
[[nodiscard]] bool earlier(const wire::Content& a, const wire::Content& b);

}  // namespace bud::core
