#include "cli/people.h"

#include "cli/text.h"
#include "client/names.h"

namespace bud::cli {

std::string People::Person::label() const {
  if (address.empty()) return name;
  return name.empty() ? address : name + " <" + address + ">";
}

const People::Person& People::contact(const client::ObjectPath& path) {
  const auto found = known_.find(path);
  if (found != known_.end()) return found->second;
  Person person;
  const auto view = client::Contact(connection_, path).view();
  if (view) {
    person.name = view->name;
    if (!view->addresses.empty()) person.address = view->addresses.front();
  }
  if (person.name.empty() && person.address.empty()) person.name = client::last_part(path);
  return known_.emplace(path, std::move(person)).first->second;
}

std::string People::shown(const client::ObjectPath& path) {
  return client::is_own(path) ? "you" : escape(contact(path).label());
}

std::string People::shown(const std::vector<client::ObjectPath>& paths) {
  std::string all;
  for (const client::ObjectPath& path : paths) all += (all.empty() ? "" : ", ") + shown(path);
  return all;
}

}  // namespace bud::cli
