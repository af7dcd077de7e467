// org.budstikke.Alerts1.
#pragma once

#include "service/context.h"

namespace bud::service {

class Alerts {
 public:
  static constexpr const char* interface = "org.budstikke.Alerts1";
  static const sd_bus_vtable vtable[];

  explicit Alerts(Context& context) : context_(context) {}
  [[nodiscard]] Result<> serve();

 private:
  Result<> list(bus::Call& call, bus::Writer& out);
  Result<> acknowledge(bus::Call& call, bus::Writer& out);

  Context& context_;
  bus::Slot object_;
};

}  // namespace bud::service
