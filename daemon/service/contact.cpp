#include "service/contact.h"

#include "wire/bounds.h"

namespace bud::service {

const sd_bus_vtable Contacts::vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("AccountId", "ay", bus::property<&Contacts::account_id>, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Addresses", "as", bus::property<&Contacts::addresses>, 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION | SD_BUS_VTABLE_SENSITIVE),
    SD_BUS_PROPERTY("Name", "s", bus::property<&Contacts::name>, 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION | SD_BUS_VTABLE_SENSITIVE),
    SD_BUS_PROPERTY("Devices", "aa{sv}", bus::property<&Contacts::devices>, 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION),
    SD_BUS_PROPERTY("Verified", "b", bus::property<&Contacts::verified>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Disputed", "b", bus::property<&Contacts::disputed>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("OwnName", "s", bus::property<&Contacts::own_name>, 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION | SD_BUS_VTABLE_SENSITIVE),
    SD_BUS_PROPERTY("Blocked", "b", bus::property<&Contacts::blocked>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_METHOD_WITH_ARGS("SetName", SD_BUS_ARGS("s", name), SD_BUS_NO_RESULT, bus::method<&Contacts::set_name>,
                            SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
    SD_BUS_METHOD_WITH_ARGS("SetBlocked", SD_BUS_ARGS("b", blocked), SD_BUS_NO_RESULT,
                            bus::method<&Contacts::set_blocked>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END};

Result<> Contacts::serve() {
  BUD_TRY(objects_, context_.chat.add_fallback<&Contacts::exists>(paths::contacts, interface, vtable, *this));
  BUD_TRY(list_, context_.chat.add_enumerator(paths::contacts, [this] { return context_.index.contact_paths(); }));
  return {};
}

bool Contacts::exists(std::string_view path) const {
  return context_.core.running() ? context_.index.person(path).has_value() : paths::is_contact(path);
}

Result<AccountId> Contacts::id(std::string_view path) const {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  (void)engine;
  const std::optional<AccountId> account = context_.index.person(path);
  if (!account) return fail(Errc::not_found, "there is no such contact");
  return *account;
}

Result<core::ContactInfo> Contacts::at(std::string_view path) const {
  BUD_TRY(const AccountId account, id(path));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  return engine->person(account);
}

Result<> Contacts::account_id(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::ContactInfo contact, at(path));
  out.bytes(contact.account.view());
  return {};
}

Result<> Contacts::addresses(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::ContactInfo contact, at(path));
  out.strings(contact.addresses);
  return {};
}

Result<> Contacts::name(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::ContactInfo contact, at(path));
  out.string(contact.name);
  return {};
}

Result<> Contacts::devices(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::ContactInfo contact, at(path));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::vector<core::DeviceInfo> all, engine->devices(contact.account));
  out.dicts(to_dicts(all));
  return {};
}

Result<> Contacts::verified(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::ContactInfo contact, at(path));
  out.boolean(contact.verified);
  return {};
}

Result<> Contacts::disputed(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::ContactInfo contact, at(path));
  out.boolean(contact.disputed);
  return {};
}

Result<> Contacts::own_name(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::ContactInfo contact, at(path));
  out.string(contact.own_name);
  return {};
}

Result<> Contacts::blocked(bus::Writer& out, std::string_view path) const {
  BUD_TRY(const core::ContactInfo contact, at(path));
  out.boolean(contact.blocked);
  return {};
}

Result<> Contacts::set_name(bus::Call& call, bus::Writer&) {
  BUD_TRY(const AccountId account, id(call.path()));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::string name, call.args.string(wire::max_name));
  return engine->set_contact_name(account, name);
}

Result<> Contacts::set_blocked(bus::Call& call, bus::Writer&) {
  BUD_TRY(const AccountId account, id(call.path()));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const bool blocked, call.args.boolean());
  return engine->set_blocked(account, blocked);
}

}  // namespace bud::service
