// org.budstikke.Bridges1.
#pragma once

#include "service/context.h"
#include "service/lookups.h"

namespace bud::service {

class Bridges {
 public:
  static constexpr const char* interface = "org.budstikke.Bridges1";
  static const sd_bus_vtable vtable[];

  Bridges(Context& context, Lookups& lookups) : context_(context), lookups_(lookups) {}
  [[nodiscard]] Result<> serve();
  // What List answers.
  [[nodiscard]] Result<std::vector<bus::Dict>> describe() const;

 private:
  Result<> add(bus::Call& call, bus::Writer& out);
  Result<> remove(bus::Call& call, bus::Writer& out);
  Result<> list(bus::Call& call, bus::Writer& out);
  Result<> probe(bus::Call& call, bus::Reply& reply);

  Context& context_;
  Lookups& lookups_;
  bus::Slot object_;
};

}  // namespace bud::service
