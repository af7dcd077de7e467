// org.budstikke.Account1.
#pragma once

#include "service/context.h"
#include "service/lookups.h"
#include "service/watchers.h"

namespace bud::service {

class Account {
 public:
  static constexpr const char* interface = "org.budstikke.Account1";
  static const sd_bus_vtable vtable[];

  Account(Context& context, Lookups& lookups, Watchers& watchers)
      : context_(context), lookups_(lookups), watchers_(watchers) {}
  [[nodiscard]] Result<> serve();

 private:
  // While the vault is locked nobody can tell: its methods say so.
  bool exists(std::string_view path) const;

  Result<> account_id(bus::Writer& out) const;
  Result<> state(bus::Writer& out) const;
  Result<> addresses(bus::Writer& out) const;
  Result<> name(bus::Writer& out) const;
  Result<> device_id(bus::Writer& out) const;
  Result<> devices(bus::Writer& out) const;

  Result<> resolve(bus::Call& call, bus::Reply& reply);
  Result<> open_thread(bus::Call& call, bus::Writer& out);
  Result<> watch(bus::Call& call, bus::Writer& out);
  Result<> fetch(bus::Call& call, bus::Writer& out);
  Result<> acknowledge(bus::Call& call, bus::Writer& out);
  Result<> cursor(bus::Call& call, bus::Writer& out);

  Result<ThreadId> open_group(const std::vector<AccountId>& contacts, const bus::Dict& options);
  Result<bus::ObjectPath> resolved(const std::string& address, Lookups::Outcome outcome);

  Context& context_;
  Lookups& lookups_;
  Watchers& watchers_;
  bus::Slot objects_, list_;
};

}  // namespace bud::service
