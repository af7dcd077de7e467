#include "service/alerts.h"

namespace bud::service {

const sd_bus_vtable Alerts::vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("List", SD_BUS_ARGS("t", after, "u", max), SD_BUS_RESULT("aa{sv}", alerts, "t", next),
                            bus::method<&Alerts::list>, SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
    SD_BUS_METHOD_WITH_ARGS("Acknowledge", SD_BUS_ARGS("t", id), SD_BUS_NO_RESULT, bus::method<&Alerts::acknowledge>,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_SIGNAL_WITH_ARGS("Raised", SD_BUS_ARGS("t", id, "s", kind), 0), SD_BUS_VTABLE_END};

Result<> Alerts::serve() {
  BUD_TRY(object_, context_.control.add_object(paths::control, interface, vtable, *this));
  return {};
}

Result<> Alerts::list(bus::Call& call, bus::Writer& out) {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::uint64_t after, call.args.u64());
  BUD_TRY(const std::uint32_t max, call.args.u32());
  BUD_TRY(std::vector<core::Alert> all, engine->alerts());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  std::vector<bus::Dict> page;
  std::uint64_t next = after;
  for (const core::Alert& alert : all) {
    if (alert.id <= after) continue;
    if (page.size() == page_size(max)) break;
    page.push_back(to_dict(alert));
    next = alert.id;
  }
  out.dicts(page).u64(next);
  return {};
}

Result<> Alerts::acknowledge(bus::Call& call, bus::Writer&) {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::uint64_t id, call.args.u64());
  return engine->acknowledge_alert(id);
}

}  // namespace bud::service
