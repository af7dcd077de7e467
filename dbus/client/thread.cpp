#include "client/thread.h"

#include "client/names.h"
#include "client/parse.h"

namespace bud::client {
namespace {
constexpr std::size_t max_messages = 4096;  // of one answer
}

Thread::Thread(Connection& connection, const ObjectPath& path)
    : Proxy(connection, {chat_name, path.text, "org.budstikke.Thread1"}) {}

Result<ThreadView> Thread::view() const {
  BUD_TRY(const bus::Dict all, connection_.get_all(target_));
  return parse_thread(path(), all);
}

Result<ObjectPath> Thread::send(const bus::Dict& content, std::string_view idempotency_key) const {
  bus::Dict options;
  if (!idempotency_key.empty()) options["idempotency-key"] = std::string(idempotency_key);
  BUD_TRY(const bus::Message answer, call("Send", [&](bus::Writer& w) { w.dict(content).dict(options); }));
  return bus::Reader(answer).path();
}

Result<> Thread::edit(const ObjectPath& message, std::string_view text) const {
  return run("Edit", [&](bus::Writer& w) { w.path(message).dict({{"text", std::string(text)}}); });
}
Result<> Thread::retract(const ObjectPath& message) const {
  return run("Retract", [&](bus::Writer& w) { w.path(message); });
}
Result<> Thread::react(const ObjectPath& message, std::string_view emoji, bool set) const {
  return run("React", [&](bus::Writer& w) { w.path(message).string(emoji).boolean(set); });
}
Result<> Thread::vote(const ObjectPath& message, const std::vector<std::uint32_t>& choices) const {
  return run("Vote", [&](bus::Writer& w) {
    w.path(message).open('a', "u");
    for (const std::uint32_t choice : choices) w.u32(choice);
    w.close();
  });
}
Result<> Thread::mark_read(const ObjectPath& message) const {
  return run("MarkRead", [&](bus::Writer& w) { w.path(message); });
}
Result<> Thread::set_typing(bool active) const {
  return run("SetTyping", [&](bus::Writer& w) { w.boolean(active); });
}

Result<> Thread::add_member(const ObjectPath& contact, bool administrator) const {
  const bus::Dict options = administrator ? bus::Dict{{"administrator", true}} : bus::Dict();
  return run("AddMember", [&](bus::Writer& w) { w.path(contact).dict(options); });
}
Result<> Thread::remove_member(const ObjectPath& contact) const {
  return run("RemoveMember", [&](bus::Writer& w) { w.path(contact); });
}
Result<> Thread::leave() const {
  return run("Leave");
}
Result<> Thread::rename(std::string_view name) const {
  return run("Rename", [&](bus::Writer& w) { w.string(name); });
}

Result<> Thread::set_muted(Time until) const {
  return run("SetMuted", [&](bus::Writer& w) { w.u64(until.ms); });
}
Result<> Thread::set_pinned(bool pinned) const {
  return run("SetPinned", [&](bus::Writer& w) { w.boolean(pinned); });
}
Result<> Thread::set_archived(bool archived) const {
  return run("SetArchived", [&](bus::Writer& w) { w.boolean(archived); });
}
Result<> Thread::set_draft(std::string_view text) const {
  return run("SetDraft", [&](bus::Writer& w) { w.string(text); });
}

Result<Thread::Page> Thread::messages(std::uint64_t before, std::uint32_t max) const {
  BUD_TRY(const bus::Message answer, call("Messages", [&](bus::Writer& w) { w.u64(before).u32(max); }));
  bus::Reader reader(answer);
  BUD_TRY(const std::vector<bus::Dict> all, reader.dicts(max_messages, message_bounds));
  Page page;
  BUD_TRY(page.messages, (parse_all<MessageView>(all, parse_message)));
  BUD_TRY(page.next, reader.u64());
  return page;
}

}  // namespace bud::client
