// org.budstikke.Contact1, for all contacts, and for everybody else who is named on the bus.
#pragma once

#include "service/context.h"

namespace bud::service {

class Contacts {
 public:
  static constexpr const char* interface = "org.budstikke.Contact1";
  static const sd_bus_vtable vtable[];

  explicit Contacts(Context& context) : context_(context) {}
  [[nodiscard]] Result<> serve();

 private:
  bool exists(std::string_view path) const;
  Result<AccountId> id(std::string_view path) const;
  Result<core::ContactInfo> at(std::string_view path) const;
  Result<> account_id(bus::Writer& out, std::string_view path) const;
  Result<> addresses(bus::Writer& out, std::string_view path) const;
  Result<> name(bus::Writer& out, std::string_view path) const;
  Result<> devices(bus::Writer& out, std::string_view path) const;
  Result<> verified(bus::Writer& out, std::string_view path) const;
  Result<> disputed(bus::Writer& out, std::string_view path) const;
  Result<> own_name(bus::Writer& out, std::string_view path) const;
  Result<> blocked(bus::Writer& out, std::string_view path) const;
  Result<> set_name(bus::Call& call, bus::Writer& out);
  Result<> set_blocked(bus::Call& call, bus::Writer& out);

  Context& context_;
  bus::Slot objects_, list_;
};

}  // namespace bud::service
