// org.budstikke.Devices1: letting devices in, and signing them out.
#pragma once

#include "service/context.h"

namespace bud::service {

class Devices {
 public:
  static constexpr const char* interface = "org.budstikke.Devices1";
  static const sd_bus_vtable vtable[];

  explicit Devices(Context& context) : context_(context) {}
  [[nodiscard]] Result<> serve();

 private:
  Result<> open_join_window(bus::Call& call, bus::Writer& out);
  Result<> close_join_window(bus::Call& call, bus::Writer& out);
  Result<> requests(bus::Call& call, bus::Writer& out);
  Result<> approve(bus::Call& call, bus::Writer& out);
  Result<> reject(bus::Call& call, bus::Writer& out);
  Result<> revoke(bus::Call& call, bus::Writer& out);

  Context& context_;
  bus::Slot object_;
};

}  // namespace bud::service
