// Peer-to-peer connections over a descriptor that was handed over.
#include "bus/bus.h"
#include "bus/error.h"

#include <systemd/sd-id128.h>

namespace bud::bus {
namespace {

int start_server(sd_bus* bus, bool* heard) {
  sd_id128_t id;
  int r = sd_id128_randomize(&id);
  if (r >= 0) r = sd_bus_set_server(bus, 1, id);
  if (r >= 0) r = sd_bus_set_anonymous(bus, 1);
  if (r < 0) return r;
  return sd_bus_add_filter(
      bus, nullptr,
      [](sd_bus_message*, void* flag, sd_bus_error*) {
        *static_cast<bool*>(flag) = true;
        return 0;
      },
      heard);
}

}  // namespace

Result<Bus> Bus::peer(UniqueFd fd, bool server) {
  sd_bus* raw = nullptr;
  int r = sd_bus_new(&raw);
  if (r < 0) return tl::unexpected(error_from_errno(r, "make a connection"));
  Bus bus(raw);
  // Descriptors pass, and the peer, who holds our other end, needs no privileges.
  if (r >= 0) r = sd_bus_negotiate_fds(raw, 1);
  if (r >= 0) r = sd_bus_set_trusted(raw, 1);
  if (r >= 0) r = sd_bus_set_fd(raw, fd.get(), fd.get());
  if (r >= 0) (void)fd.release();  // sd-bus closes it from here on
  if (r >= 0 && server) {
    bus.heard_ = std::make_unique<bool>(false);
    r = start_server(raw, bus.heard_.get());
  }
  if (r >= 0) r = sd_bus_start(raw);
  if (r < 0) return tl::unexpected(error_from_errno(r, "speak D-Bus with the peer"));
  return bus;
}

Result<Bus> Bus::serve(UniqueFd fd) {
  return peer(std::move(fd), true);
}
Result<Bus> Bus::connect(UniqueFd fd) {
  return peer(std::move(fd), false);
}

Result<> Bus::may_send() const {
  if (heard_ && !*heard_) return fail(Errc::busy, "The peer has not spoken yet");
  return {};
}

}  // namespace bud::bus
