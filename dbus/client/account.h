// org.budstikke.Account1 and org.budstikke.Contact1.
#pragma once

#include "client/connection.h"
#include "client/types.h"

namespace bud::client {

class Account : public Proxy {
 public:
  Account(Connection& connection, const ObjectPath& path);

  Result<AccountView> view() const;
  Result<std::vector<Device>> devices() const;
  Result<ObjectPath> resolve(std::string_view address) const;
  // With one contact.
  Result<ObjectPath> open_thread(const ObjectPath& contact) const;
  // A new one. Options as OpenThread has them: name, add, remove, rename, post.
  Result<ObjectPath> create_group(const std::vector<ObjectPath>& contacts, bus::Dict options) const;
  // Watch(), and Available wakes the connection's wait.
  Result<> watch() const;
  struct Page {
    std::vector<Event> events;
    std::uint64_t next = 0;
  };
  Result<Page> fetch(std::uint64_t cursor, std::uint32_t max) const;
  Result<> acknowledge(std::string_view client, std::uint64_t cursor) const;
  Result<std::uint64_t> cursor(std::string_view client) const;
  // A change of the devices wakes the connection's wait.
  Result<> wake_on_change() const { return wake_on_properties(); }
};

class Contact : public Proxy {
 public:
  Contact(Connection& connection, const ObjectPath& path);

  Result<ContactView> view() const;
  Result<std::vector<Device>> devices() const;
  Result<> set_name(std::string_view name) const;
  Result<> set_blocked(bool blocked) const;
};

}  // namespace bud::client
