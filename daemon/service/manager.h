// org.budstikke.Manager1, and the ObjectManager beside it.
#pragma once

#include "service/bridges.h"

namespace bud::service {

class Manager {
 public:
  static constexpr const char* interface = "org.budstikke.Manager1";
  static const sd_bus_vtable vtable[];

  Manager(Context& context, const Bridges& bridges) : context_(context), bridges_(bridges) {}
  [[nodiscard]] Result<> serve();

 private:
  Result<> version(bus::Writer& out) const;
  Result<> accounts(bus::Writer& out) const;
  Result<> locked(bus::Writer& out) const;
  Result<> bridges(bus::Writer& out) const;

  Context& context_;
  const Bridges& bridges_;
  bus::Slot object_, manager_;
};

}  // namespace bud::service
