#include "service/manager.h"

#include "service/version.h"

namespace bud::service {

const sd_bus_vtable Manager::vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("Version", "s", bus::property<&Manager::version>, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Accounts", "ao", bus::property<&Manager::accounts>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Locked", "b", bus::property<&Manager::locked>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Bridges", "aa{sv}", bus::property<&Manager::bridges>, 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION | SD_BUS_VTABLE_SENSITIVE),
    SD_BUS_VTABLE_END};

Result<> Manager::serve() {
  BUD_TRY(object_, context_.chat.add_object(paths::manager, interface, vtable, *this));
  BUD_TRY(manager_, context_.chat.add_object_manager(paths::manager));
  return {};
}

Result<> Manager::version(bus::Writer& out) const {
  out.string(version_text);
  return {};
}

Result<> Manager::accounts(bus::Writer& out) const {
  std::vector<bus::ObjectPath> all;
  if (context_.core.own_account()) all.push_back({paths::account});
  out.paths(all);
  return {};
}

Result<> Manager::locked(bus::Writer& out) const {
  out.boolean(!context_.core.running());
  return {};
}

Result<> Manager::bridges(bus::Writer& out) const {
  Result<std::vector<bus::Dict>> all = bridges_.describe();
  if (!all && all.error().code == Errc::locked) {
    out.dicts({});
    return {};
  }
  if (!all) return forward(all);
  out.dicts(*all);
  return {};
}

}  // namespace bud::service
