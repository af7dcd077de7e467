#include "service/devices.h"

namespace bud::service {
namespace {

constexpr std::uint32_t longest_window = 300;  // seconds
constexpr std::size_t max_code = 16;
constexpr auto sensitive = SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE;

}  // namespace

const sd_bus_vtable Devices::vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("OpenJoinWindow", SD_BUS_ARGS("u", seconds, "a{sv}", options), SD_BUS_NO_RESULT,
                            bus::method<&Devices::open_join_window>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("CloseJoinWindow", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
                            bus::method<&Devices::close_join_window>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Requests", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", requests),
                            bus::method<&Devices::requests>, sensitive),
    SD_BUS_SIGNAL_WITH_ARGS("RequestsChanged", SD_BUS_NO_ARGS, 0),
    SD_BUS_METHOD_WITH_ARGS("Approve", SD_BUS_ARGS("t", request, "s", code), SD_BUS_RESULT("s", second_code),
                            bus::method<&Devices::approve>, sensitive),
    SD_BUS_METHOD_WITH_ARGS("Reject", SD_BUS_ARGS("t", request), SD_BUS_NO_RESULT, bus::method<&Devices::reject>,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Revoke", SD_BUS_ARGS("ay", device, "a{sv}", options), SD_BUS_NO_RESULT,
                            bus::method<&Devices::revoke>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END};

Result<> Devices::serve() {
  BUD_TRY(object_, context_.control.add_object(paths::control, interface, vtable, *this));
  return {};
}

Result<> Devices::open_join_window(bus::Call& call, bus::Writer&) {
  BUD_TRY(const core::AccountInfo own, context_.core.own_account());
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::uint32_t asked, call.args.u32());
  BUD_TRY(const bus::Dict options, read_options(call, {}));
  if (asked > longest_window) return fail(Errc::malformed, "a join window is open for at most 300 seconds");
  return engine->open_join_window(seconds(asked == 0 ? longest_window : asked));
}

Result<> Devices::close_join_window(bus::Call&, bus::Writer&) {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  return engine->close_join_window();
}

Result<> Devices::requests(bus::Call&, bus::Writer& out) {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::vector<core::JoinRequest> all, engine->join_requests());
  out.dicts(to_dicts(all));
  return {};
}

Result<> Devices::approve(bus::Call& call, bus::Writer& out) {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::uint64_t request, call.args.u64());
  BUD_TRY(const std::string code, call.args.string(max_code));
  BUD_TRY(const std::string second, engine->approve_join(request, code));
  out.string(second);
  return {};
}

Result<> Devices::reject(bus::Call& call, bus::Writer&) {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::uint64_t request, call.args.u64());
  return engine->reject_join(request);
}

Result<> Devices::revoke(bus::Call& call, bus::Writer&) {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const ByteView bytes, call.args.byte_view(bus::Bounds().bytes));
  const std::optional<DeviceId> device = DeviceId::from(bytes);
  if (!device) return fail(Errc::malformed, "a device's id has 32 bytes");
  BUD_TRY(const bus::Dict options, read_options(call, {}));
  return engine->revoke_device(*device);
}

}  // namespace bud::service
