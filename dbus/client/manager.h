// org.budstikke.Manager1, and the objects that it lists.
#pragma once

#include "client/connection.h"
#include "client/types.h"

namespace bud::client {

class Manager : public Proxy {
 public:
  explicit Manager(Connection& connection);

  struct State {
    std::string version;
    std::vector<ObjectPath> accounts;
    bool locked = false;
  };
  Result<State> state() const;
  // The path of the account on this device. Errc::locked, and Errc::not_found where there is none.
  Result<ObjectPath> account() const;
  // Errc::locked where the vault is locked: there is nothing to list then.
  Result<std::vector<ContactView>> contacts() const;
  Result<std::vector<ThreadView>> threads() const;

 private:
  using Found = std::function<Result<>(const ObjectPath&, const bus::Dict& properties)>;
  Result<> each(std::string_view interface, const Found& found) const;
};

}  // namespace bud::client
