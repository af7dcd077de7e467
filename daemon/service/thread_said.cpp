// What org.budstikke.Thread1 does: saying things, about messages too, and changing a group.
#include "service/thread.h"
#include "wire/bounds.h"

#include <algorithm>

namespace bud::service {
namespace {

constexpr std::size_t max_key = 64;
constexpr std::size_t max_styles = 256;

bool has(const bus::Dict& dict, std::string_view key) {
  return dict.find(key) != dict.end();
}

std::size_t code_points(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

Result<std::vector<core::TextStyle>> read_styles(const bus::Dict& content, const std::string& text) {
  BUD_TRY(const std::vector<bus::TextRange> ranges, bus::get_or<std::vector<bus::TextRange>>(content, "styles", {}));
  const std::size_t end = code_points(text);
  std::vector<core::TextStyle> styles;
  for (const bus::TextRange& r : ranges) {
    if (r.start > end || r.length > end - r.start) return fail(Errc::malformed, "a style reaches beyond the text");
    styles.push_back({r.start, r.length, r.style, r.argument});
  }
  return styles;
}

Result<std::string> read_text(const bus::Dict& content) {
  BUD_TRY(std::string text, bus::get<std::string>(content, "text"));
  if (text.empty()) return fail(Errc::malformed, "there is no text");
  return text;
}

Result<MessageId> send_poll(core::Engine& engine, const ThreadId& thread, const bus::Dict& content,
                            const core::SendOptions& options) {
  BUD_TRY(const bus::Nested nested, bus::get<bus::Nested>(content, "poll"));
  const bus::Dict& poll = *nested;
  BUD_CHECK(bus::only(poll, {"question", "options", "multiple"}));
  BUD_TRY(const std::string question, bus::get<std::string>(poll, "question"));
  BUD_TRY(const std::vector<std::string> choices, bus::get<std::vector<std::string>>(poll, "options"));
  BUD_TRY(const bool multiple, bus::get_or(poll, "multiple", false));
  return engine.send_poll(thread, question, choices, multiple, options);
}

}  // namespace

// --- Saying

Result<core::SendOptions> Threads::read_send_options(const bus::Dict& content, const bus::Dict& options) const {
  core::SendOptions send;
  BUD_TRY(send.idempotency_key, bus::get_or<std::string>(options, "idempotency-key", {}));
  if (send.idempotency_key.size() > max_key) return fail(Errc::too_large, "an idempotency key has at most 64 bytes");
  BUD_TRY(send.expire, bus::get_or<std::uint32_t>(content, "expire", 0));
  BUD_TRY(const bus::ObjectPath* const reply, bus::find<bus::ObjectPath>(content, "reply-to"));
  if (reply == nullptr) return send;
  send.reply_to = paths::message(reply->text);
  if (!send.reply_to) return fail(Errc::not_found, "there is no such message to reply to");
  return send;
}

Result<> Threads::send(bus::Call& call, bus::Writer& out) {
  BUD_TRY(const ThreadId thread, id(call.path()));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const bus::Dict content, call.args.dict({max_styles, wire::max_text}));
  BUD_TRY(const bus::Dict options, read_options(call, {"idempotency-key"}));
  BUD_CHECK(bus::only(content, {"text", "styles", "poll", "contact", "reply-to", "expire"}));
  const bool text = has(content, "text") || has(content, "styles");
  if (int{text} + int{has(content, "poll")} + int{has(content, "contact")} != 1)
    return fail(Errc::malformed, "a message is one of a text, a poll and a contact");
  BUD_TRY(const core::SendOptions how, read_send_options(content, options));
  Result<MessageId> sent = fail(Errc::malformed, "");
  if (text) {
    BUD_TRY(const std::string words, read_text(content));
    BUD_TRY(const std::vector<core::TextStyle> styles, read_styles(content, words));
    sent = engine->send(thread, words, styles, how);
  } else if (has(content, "poll")) {
    sent = send_poll(*engine, thread, content, how);
  } else {
    BUD_TRY(const bus::ObjectPath path, bus::get<bus::ObjectPath>(content, "contact"));
    const std::optional<AccountId> contact = context_.index.person(path.text);
    if (!contact) return fail(Errc::not_found, "there is no such contact");
    sent = engine->send_contact(thread, *contact, how);
  }
  if (!sent) return tl::unexpected(sent.error());
  out.path(paths::of(*sent));
  return {};
}

// --- About a message

Result<MessageId> Threads::read_message(bus::Call& call) const {
  BUD_TRY(const ThreadId thread, id(call.path()));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const bus::ObjectPath path, call.args.path());
  const std::optional<MessageId> message = paths::message(path.text);
  if (message) {
    const Result<core::MessageInfo> info = engine->message(*message);
    if (info && info->thread == thread) return *message;
    if (!info && info.error().code != Errc::not_found) return tl::unexpected(info.error());
  }
  return fail(Errc::not_found, "there is no such message in this thread");
}

Result<> Threads::edit(bus::Call& call, bus::Writer&) {
  BUD_TRY(const MessageId message, read_message(call));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const bus::Dict content, call.args.dict({max_styles, wire::max_text}));
  BUD_CHECK(bus::only(content, {"text", "styles"}));
  BUD_TRY(const std::string text, read_text(content));
  BUD_TRY(const std::vector<core::TextStyle> styles, read_styles(content, text));
  return engine->edit(message, text, styles);
}

Result<> Threads::retract(bus::Call& call, bus::Writer&) {
  BUD_TRY(const MessageId message, read_message(call));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  return engine->retract(message);
}

Result<> Threads::react(bus::Call& call, bus::Writer&) {
  BUD_TRY(const MessageId message, read_message(call));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::string emoji, call.args.string(wire::max_reaction));
  BUD_TRY(const bool set, call.args.boolean());
  return engine->react(message, emoji, set);
}

Result<> Threads::vote(bus::Call& call, bus::Writer&) {
  BUD_TRY(const MessageId message, read_message(call));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  std::vector<std::uint8_t> choices;
  BUD_CHECK(call.args.array("u", wire::max_options, [&]() -> Result<> {
    BUD_TRY(const std::uint32_t choice, call.args.u32());
    if (choice >= wire::max_options) return fail(Errc::malformed, "the poll has no such option");
    choices.push_back(static_cast<std::uint8_t>(choice));
    return {};
  }));
  return engine->vote(message, choices);
}

Result<> Threads::mark_read(bus::Call& call, bus::Writer&) {
  BUD_TRY(const MessageId message, read_message(call));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  return engine->mark_read(message);
}

Result<> Threads::set_typing(bus::Call& call, bus::Writer&) {
  BUD_TRY(const ThreadId thread, id(call.path()));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const bool active, call.args.boolean());
  return engine->set_typing(thread, active);
}

// --- Groups

Result<AccountId> Threads::read_person(bus::Call& call) const {
  BUD_TRY(const bus::ObjectPath path, call.args.path());
  const std::optional<AccountId> person = context_.index.person(path.text);
  if (!person) return fail(Errc::not_found, "there is no such contact");
  return *person;
}

Result<> Threads::add_member(bus::Call& call, bus::Writer&) {
  BUD_TRY(const ThreadId thread, id(call.path()));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const AccountId contact, read_person(call));
  BUD_TRY(const bus::Dict options, read_options(call, {"administrator"}));
  BUD_TRY(const bool administrator, bus::get_or(options, "administrator", false));
  return engine->add_member(thread, contact, administrator);
}

Result<> Threads::remove_member(bus::Call& call, bus::Writer&) {
  BUD_TRY(const ThreadId thread, id(call.path()));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const AccountId contact, read_person(call));
  return engine->remove_member(thread, contact);
}

Result<> Threads::leave(bus::Call& call, bus::Writer&) {
  BUD_TRY(const ThreadId thread, id(call.path()));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  return engine->leave_group(thread);
}

Result<> Threads::rename(bus::Call& call, bus::Writer&) {
  BUD_TRY(const ThreadId thread, id(call.path()));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::string name, call.args.string(wire::max_name));
  return engine->rename_group(thread, name);
}

}  // namespace bud::service
