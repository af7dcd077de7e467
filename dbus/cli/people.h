// Who somebody is, for people: looked up once for each account.
#pragma once

#include "client/account.h"

#include <map>

namespace bud::cli {

class People {
 public:
  explicit People(client::Connection& connection) : connection_(connection) {}

  struct Person {
    std::string name, address;
    // "Name <address>", or what there is of it; not escaped yet.
    std::string label() const;
  };
  // Of a contact's path; an account that cannot be looked up has its path's last part as its name.
  const Person& contact(const client::ObjectPath& path);
  // "you" for the own account, else that label; escaped.
  std::string shown(const client::ObjectPath& path);
  std::string shown(const std::vector<client::ObjectPath>& paths);  // "Bob <spool:bob>, you"

 private:
  client::Connection& connection_;
  std::map<client::ObjectPath, Person> known_;
};

}  // namespace bud::cli
