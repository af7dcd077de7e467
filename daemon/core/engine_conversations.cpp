// What the engine does for chat clients: contacts, threads, and what is said in them.
#include "core/parts.h"

namespace bud::core {
namespace {

wire::Text to_text(const std::string& text, const std::vector<TextStyle>& styles) {
  wire::Text t{text, {}};
  for (const TextStyle& s : styles) t.ranges.push_back({s.start, s.length, s.style, s.argument});
  return t;
}

}  // namespace

// --- contacts and threads ---

Result<AccountId> Engine::resolve(const std::string& address) {
  return parts_->run([&]() -> Result<AccountId> {
    BUD_TRY(AccountId account, parts_->directory.resolve(address));
    if (account != parts_->context.own.account) {
      BUD_CHECK(parts_->contacts.add(account, address, true));
      BUD_CHECK(parts_->own_state.accept(account));
    }
    return account;
  });
}
Result<std::vector<ContactInfo>> Engine::contacts() { return parts_->contacts.all(); }
Result<ContactInfo> Engine::contact(const AccountId& account) { return parts_->contacts.info(account); }
Result<ContactInfo> Engine::person(const AccountId& account) { return parts_->contacts.person(account); }

Result<ThreadId> Engine::open_thread(const AccountId& contact) {
  return parts_->run([&]() -> Result<ThreadId> {
    if (!parts_->context.member()) return fail(Errc::not_allowed, "this device has no account yet");
    BUD_CHECK(parts_->contacts.info(contact));
    BUD_TRY(ThreadRow row, parts_->threads.open(contact));
    return row.thread;
  });
}
Result<std::vector<ThreadInfo>> Engine::threads() { return parts_->threads.all(); }
Result<ThreadInfo> Engine::thread(const ThreadId& thread) { return parts_->threads.info(thread); }

Result<MessageId> Engine::send(const ThreadId& thread, const std::string& text, const std::string& idempotency_key) {
  return send(thread, text, {}, {idempotency_key, {}, 0});
}
Result<MessageId> Engine::send(const ThreadId& thread, const std::string& text, const std::vector<TextStyle>& styles,
                               const SendOptions& options) {
  return parts_->say(thread, [&] { return parts_->conversations.send(thread, to_text(text, styles), options); });
}
Result<> Engine::edit(const MessageId& message, const std::string& text, const std::vector<TextStyle>& styles) {
  return parts_->run([&] { return parts_->conversations.edit(message, to_text(text, styles)); });
}
Result<> Engine::retract(const MessageId& message) {
  return parts_->run([&] { return parts_->conversations.retract(message); });
}
Result<> Engine::react(const MessageId& message, const std::string& emoji, bool set) {
  return parts_->run([&] { return parts_->conversations.react(message, emoji, set); });
}
Result<MessageId> Engine::send_poll(const ThreadId& thread, const std::string& question, const std::vector<std::string>& options,
                                    bool multiple, const SendOptions& send) {
  return parts_->say(thread, [&] { return parts_->conversations.send_poll(thread, {question, options, multiple}, send); });
}
Result<> Engine::vote(const MessageId& message, const std::vector<std::uint8_t>& choices) {
  return parts_->run([&] { return parts_->conversations.vote(message, choices); });
}
Result<MessageId> Engine::send_contact(const ThreadId& thread, const AccountId& contact, const SendOptions& options) {
  return parts_->say(thread, [&] { return parts_->conversations.send_card(thread, contact, options); });
}
Result<ThreadId> Engine::create_group(const std::string& name, const GroupPolicy& policy, const std::vector<AccountId>& members) {
  return parts_->run([&] { return parts_->groups.create(name, policy, members); });
}
Result<> Engine::add_member(const ThreadId& group, const AccountId& account, bool administrator) {
  return parts_->run([&] { return parts_->groups.add(group, account, administrator); });
}
Result<> Engine::remove_member(const ThreadId& group, const AccountId& account) {
  return parts_->run([&] { return parts_->groups.remove(group, account); });
}
Result<> Engine::leave_group(const ThreadId& group) {
  return parts_->run([&] { return parts_->groups.leave(group); });
}
Result<> Engine::rename_group(const ThreadId& group, const std::string& name) {
  return parts_->run([&] { return parts_->groups.rename(group, name); });
}
Result<> Engine::mark_read(const MessageId& message) {
  return parts_->run([&]() -> Result<> {
    BUD_CHECK(parts_->reading.mark_read(message));
    return {};
  });
}
Result<> Engine::set_typing(const ThreadId& thread, bool active) {
  return parts_->run([&] { return parts_->reading.set_typing(thread, active); });
}
Result<std::vector<MessageInfo>> Engine::messages(const ThreadId& thread, std::uint64_t before, std::size_t max) {
  return parts_->messages.list(thread, before, max);
}
Result<MessageInfo> Engine::message(const MessageId& id) {
  BUD_TRY(std::optional<MessageInfo> pending, parts_->attachments.pending(id));
  return pending ? std::move(*pending) : parts_->messages.info(id);
}

// --- clients ---

Result<std::vector<Event>> Engine::events(std::uint64_t after, std::size_t max) { return parts_->messages.events(after, max); }
Result<std::uint64_t> Engine::last_event() { return parts_->events.last(); }
Result<std::uint64_t> Engine::client_cursor(const std::string& client) { return parts_->events.cursor(client); }
Result<> Engine::acknowledge_events(const std::string& client, std::uint64_t cursor) {
  return parts_->run([&] { return parts_->events.acknowledge(client, cursor); });
}
Result<std::vector<Alert>> Engine::alerts() { return parts_->alerts.list(); }
Result<> Engine::acknowledge_alert(std::uint64_t id) {
  return parts_->run([&] { return parts_->own_state.acknowledge_alert(id); });
}

}  // namespace bud::core
