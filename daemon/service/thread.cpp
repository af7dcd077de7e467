#include "service/thread.h"

#include "service/message_values.h"
#include "wire/bounds.h"

namespace bud::service {
namespace {

constexpr std::size_t most_of_one_number = 4096;
constexpr auto open = SD_BUS_VTABLE_UNPRIVILEGED;
constexpr auto sensitive = SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE;

struct Page {
  std::vector<core::MessageInfo> messages;
  std::uint64_t next = 0;
};

// A page ends between two Lamport numbers, or what shares its last one would be on no page. (Two devices that write at
// the same time use the same number; a hostile one may use it often, up to a bound.)
Result<Page> page_before(core::Engine& engine, const ThreadId& thread, std::uint64_t before, std::size_t max) {
  for (std::size_t ask = max;; ask *= 2) {
    BUD_TRY(std::vector<core::MessageInfo> all, engine.messages(thread, before, ask + 1));
    if (all.size() <= ask) return Page{std::move(all), 0};
    const std::uint64_t left = all.back().lamport;
    const auto first = std::find_if(all.begin(), all.end(), [&](const auto& m) { return m.lamport == left; });
    if (first == all.begin()) {
      if (ask < most_of_one_number) continue;
      all.pop_back();
      return Page{std::move(all), left};
    }
    all.erase(first, all.end());
    return Page{std::move(all), left + 1};
  }
}

// Cuts a page that is too long for one answer, between two numbers as well.
void cut(Page& page) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < page.messages.size(); ++i) {
    bytes += size_of(page.messages[i]);
    if (bytes <= max_page_bytes || i == 0) continue;
    const std::uint64_t last = page.messages[i - 1].lamport;
    if (page.messages[i].lamport == last) continue;
    page.messages.resize(i);
    page.next = last;
    return;
  }
}

}  // namespace

const sd_bus_vtable Threads::vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("Members", "ao", bus::property<&Threads::members>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Name", "s", bus::property<&Threads::name>, 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION | SD_BUS_VTABLE_SENSITIVE),
    SD_BUS_PROPERTY("Unread", "u", bus::property<&Threads::unread>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Group", "b", bus::property<&Threads::group>, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("In", "b", bus::property<&Threads::in>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Administrators", "ao", bus::property<&Threads::administrators>, 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Policy", "a{sv}", bus::property<&Threads::policy>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("MutedUntil", "t", bus::property<&Threads::muted_until>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Pinned", "b", bus::property<&Threads::pinned>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Archived", "b", bus::property<&Threads::archived>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Draft", "s", bus::property<&Threads::draft>, 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION | SD_BUS_VTABLE_SENSITIVE),
    SD_BUS_METHOD_WITH_ARGS("Send", SD_BUS_ARGS("a{sv}", content, "a{sv}", options), SD_BUS_RESULT("o", message),
                            bus::method<&Threads::send>, sensitive),
    SD_BUS_METHOD_WITH_ARGS("Messages", SD_BUS_ARGS("t", before, "u", max),
                            SD_BUS_RESULT("aa{sv}", messages, "t", next), bus::method<&Threads::messages>, sensitive),
    SD_BUS_METHOD_WITH_ARGS("Edit", SD_BUS_ARGS("o", message, "a{sv}", content), SD_BUS_NO_RESULT,
                            bus::method<&Threads::edit>, sensitive),
    SD_BUS_METHOD_WITH_ARGS("Retract", SD_BUS_ARGS("o", message), SD_BUS_NO_RESULT, bus::method<&Threads::retract>,
                            open),
    SD_BUS_METHOD_WITH_ARGS("React", SD_BUS_ARGS("o", message, "s", emoji, "b", set), SD_BUS_NO_RESULT,
                            bus::method<&Threads::react>, sensitive),
    SD_BUS_METHOD_WITH_ARGS("Vote", SD_BUS_ARGS("o", message, "au", choices), SD_BUS_NO_RESULT,
                            bus::method<&Threads::vote>, sensitive),
    SD_BUS_METHOD_WITH_ARGS("MarkRead", SD_BUS_ARGS("o", message), SD_BUS_NO_RESULT, bus::method<&Threads::mark_read>,
                            open),
    SD_BUS_METHOD_WITH_ARGS("SetTyping", SD_BUS_ARGS("b", active), SD_BUS_NO_RESULT, bus::method<&Threads::set_typing>,
                            open),
    SD_BUS_METHOD_WITH_ARGS("AddMember", SD_BUS_ARGS("o", contact, "a{sv}", options), SD_BUS_NO_RESULT,
                            bus::method<&Threads::add_member>, open),
    SD_BUS_METHOD_WITH_ARGS("RemoveMember", SD_BUS_ARGS("o", contact), SD_BUS_NO_RESULT,
                            bus::method<&Threads::remove_member>, open),
    SD_BUS_METHOD_WITH_ARGS("Leave", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, bus::method<&Threads::leave>, open),
    SD_BUS_METHOD_WITH_ARGS("Rename", SD_BUS_ARGS("s", name), SD_BUS_NO_RESULT, bus::method<&Threads::rename>,
                            sensitive),
    SD_BUS_METHOD_WITH_ARGS("SetMuted", SD_BUS_ARGS("t", until), SD_BUS_NO_RESULT, bus::method<&Threads::set_muted>,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("SetPinned", SD_BUS_ARGS("b", pinned), SD_BUS_NO_RESULT, bus::method<&Threads::set_pinned>,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("SetArchived", SD_BUS_ARGS("b", archived), SD_BUS_NO_RESULT,
                            bus::method<&Threads::set_archived>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("SetDraft", SD_BUS_ARGS("s", text), SD_BUS_NO_RESULT, bus::method<&Threads::set_draft>,
                            sensitive),
    SD_BUS_VTABLE_END};

Result<> Threads::serve() {
  BUD_TRY(objects_, context_.chat.add_fallback<&Threads::exists>(paths::threads, interface, vtable, *this));
  BUD_TRY(list_, context_.chat.add_enumerator(paths::threads, [this] { return context_.index.thread_paths(); }));
  return {};
}

bool Threads::exists(std::string_view path) const {
  return context_.core.running() ? context_.index.thread(path).has_value() : paths::is_thread(path);
}

Result<ThreadId> Threads::id(std::string_view path) const {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  (void)engine;
  const std::optional<ThreadId> thread = context_.index.thread(path);
  if (!thread) return fail(Errc::not_found, "there is no such thread");
  return *thread;
}

Result<core::ThreadInfo> Threads::at(std::string_view path) const {
  BUD_TRY(const ThreadId thread, id(path));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  return engine->thread(thread);
}

Result<> Threads::members(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::ThreadInfo thread, at(path));
  std::vector<bus::ObjectPath> all;
  for (const AccountId& member : thread.members) all.push_back(paths::of(member));
  out.paths(all);
  return {};
}

Result<> Threads::name(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::ThreadInfo thread, at(path));
  out.string(thread.name);
  return {};
}

Result<> Threads::unread(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::ThreadInfo thread, at(path));
  out.u32(thread.unread);
  return {};
}

Result<> Threads::muted_until(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::ThreadInfo thread, at(path));
  out.u64(thread.muted_until.ms);
  return {};
}

Result<> Threads::pinned(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::ThreadInfo thread, at(path));
  out.boolean(thread.pinned);
  return {};
}

Result<> Threads::archived(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::ThreadInfo thread, at(path));
  out.boolean(thread.archived);
  return {};
}

Result<> Threads::draft(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::ThreadInfo thread, at(path));
  out.string(thread.draft);
  return {};
}

Result<> Threads::set_muted(bus::Call& call, bus::Writer&) {
  BUD_TRY(const ThreadId thread, id(call.path()));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::uint64_t until, call.args.u64());
  return engine->set_muted(thread, Time{until});
}

Result<> Threads::set_pinned(bus::Call& call, bus::Writer&) {
  BUD_TRY(const ThreadId thread, id(call.path()));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const bool pinned, call.args.boolean());
  return engine->set_pinned(thread, pinned);
}

Result<> Threads::set_archived(bus::Call& call, bus::Writer&) {
  BUD_TRY(const ThreadId thread, id(call.path()));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const bool archived, call.args.boolean());
  return engine->set_archived(thread, archived);
}

Result<> Threads::set_draft(bus::Call& call, bus::Writer&) {
  BUD_TRY(const ThreadId thread, id(call.path()));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::string text, call.args.string(wire::max_register_value));
  return engine->set_draft(thread, text);
}

Result<> Threads::group(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::ThreadInfo thread, at(path));
  out.boolean(thread.group);
  return {};
}

Result<> Threads::in(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::ThreadInfo thread, at(path));
  out.boolean(thread.in);
  return {};
}

Result<> Threads::administrators(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::ThreadInfo thread, at(path));
  BUD_TRY(const core::AccountInfo own, context_.core.own_account());
  std::vector<bus::ObjectPath> all;
  for (const AccountId& account : thread.administrators) all.push_back(path_of(account, own));
  out.paths(all);
  return {};
}

Result<> Threads::policy(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::ThreadInfo thread, at(path));
  const auto word = [](core::Who who) {
    return std::string(who == core::Who::administrators ? "administrators" : "everybody");
  };
  const core::GroupPolicy& p = thread.policy;
  out.dict(thread.group ? bus::Dict{{"add", word(p.add)},
                                    {"remove", word(p.remove)},
                                    {"rename", word(p.rename)},
                                    {"post", word(p.post)}}
                        : bus::Dict());
  return {};
}

Result<> Threads::messages(bus::Call& call, bus::Writer& out) {
  BUD_TRY(const ThreadId thread, id(call.path()));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::uint64_t before, call.args.u64());
  BUD_TRY(const std::uint32_t max, call.args.u32());
  BUD_TRY(const core::AccountInfo own, engine->account());
  BUD_TRY(Page page, page_before(*engine, thread, before, page_size(max)));
  cut(page);
  std::vector<bus::Dict> all;
  for (const core::MessageInfo& message : page.messages) {
    context_.index.name(message);
    all.push_back(to_dict(message, own));
  }
  out.dicts(all).u64(page.next);
  return {};
}

}  // namespace bud::service
