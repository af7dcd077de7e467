#include "service/message.h"

#include "service/message_values.h"

namespace bud::service {

const sd_bus_vtable Messages::vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("Thread", "o", bus::property<&Messages::thread>, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Author", "o", bus::property<&Messages::author>, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Own", "b", bus::property<&Messages::own>, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Time", "t", bus::property<&Messages::time>, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Text", "s", bus::property<&Messages::text>, 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION | SD_BUS_VTABLE_SENSITIVE),
    SD_BUS_PROPERTY("Content", "a{sv}", bus::property<&Messages::content>, 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION | SD_BUS_VTABLE_SENSITIVE),
    SD_BUS_PROPERTY("State", "u", bus::property<&Messages::state>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("DeliveredTo", "u", bus::property<&Messages::delivered_to>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Total", "u", bus::property<&Messages::total>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Devices", "aa{sv}", bus::property<&Messages::devices>, 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION),
    SD_BUS_PROPERTY("Files", "aa{sv}", bus::property<&Messages::files>, 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION | SD_BUS_VTABLE_SENSITIVE),
    SD_BUS_PROPERTY("BytesDone", "t", bus::property<&Messages::bytes_done>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("BytesTotal", "t", bus::property<&Messages::bytes_total>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_VTABLE_END};

Result<> Messages::serve() {
  BUD_TRY(objects_, context_.chat.add_fallback<&Messages::exists>(paths::messages, interface, vtable, *this));
  return {};
}

bool Messages::exists(std::string_view path) const {
  const std::optional<MessageId> id = paths::message(path);
  if (!id) return false;
  const Result<core::Engine*> engine = context_.core.engine();
  if (!engine) return true;
  const Result<core::MessageInfo> message = (*engine)->message(*id);
  return message || message.error().code != Errc::not_found;
}

Result<core::MessageInfo> Messages::at(std::string_view path) const {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  const std::optional<MessageId> id = paths::message(path);
  if (!id) return fail(Errc::not_found, "there is no such message");
  return engine->message(*id);
}

Result<Progress> Messages::progress_at(std::string_view path) const {
  BUD_TRY(const core::MessageInfo message, at(path));
  BUD_TRY(const core::AccountInfo own, context_.core.own_account());
  return progress(message, own.device);
}

Result<> Messages::thread(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::MessageInfo message, at(path));
  out.path(paths::of(message.thread));
  return {};
}

Result<> Messages::author(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::MessageInfo message, at(path));
  BUD_TRY(const core::AccountInfo account, context_.core.own_account());
  context_.index.name(message);
  out.path(author_path(message, account));
  return {};
}

Result<> Messages::own(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::MessageInfo message, at(path));
  out.boolean(message.outgoing);
  return {};
}

Result<> Messages::time(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::MessageInfo message, at(path));
  out.u64(message.time.ms);
  return {};
}

Result<> Messages::text(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::MessageInfo message, at(path));
  out.string(message.text);
  return {};
}

Result<> Messages::content(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::MessageInfo message, at(path));
  BUD_TRY(const core::AccountInfo account, context_.core.own_account());
  context_.index.name(message);
  out.dict(to_dict(message, account));
  return {};
}

Result<> Messages::state(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const Progress now, progress_at(path));
  out.u32(now.state);
  return {};
}

Result<> Messages::delivered_to(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const Progress now, progress_at(path));
  out.u32(now.delivered);
  return {};
}

Result<> Messages::total(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const Progress now, progress_at(path));
  out.u32(now.total);
  return {};
}

Result<> Messages::devices(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::MessageInfo message, at(path));
  out.dicts(to_dicts(message.deliveries));
  return {};
}

Result<> Messages::files(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::MessageInfo message, at(path));
  BUD_TRY(Files* const files, context_.core.files());
  std::vector<bus::Dict> all = to_dicts(message.files);
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    const Files::FileState state = files->state(message, i);
    all[i].emplace("state", static_cast<std::uint32_t>(state.state));
    if (!state.words.empty()) all[i].emplace("error", state.words);
  }
  out.dicts(all);
  return {};
}

Result<Files::Moved> Messages::moved_at(std::string_view path) const {
  BUD_TRY(const core::MessageInfo message, at(path));
  BUD_TRY(Files* const files, context_.core.files());
  return files->moved(message.id);
}

Result<> Messages::bytes_done(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const Files::Moved moved, moved_at(path));
  out.u64(moved.done);
  return {};
}

Result<> Messages::bytes_total(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const Files::Moved moved, moved_at(path));
  out.u64(moved.total);
  return {};
}

}  // namespace bud::service
