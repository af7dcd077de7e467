#include "service/interfaces.h"

#include "bus/introspect.h"
#include "service/account.h"
#include "service/accounts.h"
#include "service/alerts.h"
#include "service/contact.h"
#include "service/devices.h"
#include "service/manager.h"
#include "service/message.h"
#include "service/thread.h"
#include "service/vault.h"

namespace bud::service {
namespace {

struct Served {
  const char* interface;
  const sd_bus_vtable* vtable;
};

template <class T>
constexpr Served served() {
  return {T::interface, T::vtable};
}

constexpr Served all[] = {
    served<Manager>(), served<Account>(),  served<Contacts>(), served<Threads>(), served<Messages>(),
    served<Vault>(),   served<Accounts>(), served<Devices>(),  served<Alerts>(),  served<Bridges>(),
};

}  // namespace

std::optional<std::string> introspect(const std::string& interface) {
  std::string found;
  for (const Served& one : all) {
    if (interface.empty() || interface == one.interface) found += bus::introspection(one.interface, one.vtable);
  }
  if (found.empty()) return std::nullopt;
  return bus::introspection_document(found);
}

}  // namespace bud::service
