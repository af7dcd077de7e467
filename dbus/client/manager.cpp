#include "client/manager.h"

#include "client/names.h"
#include "client/parse.h"

namespace bud::client {
namespace {
constexpr std::size_t max_objects = 65536, max_interfaces = 32, max_name = 255;
}

Manager::Manager(Connection& connection) : Proxy(connection, {chat_name, root_path, "org.budstikke.Manager1"}) {}

Result<Manager::State> Manager::state() const {
  BUD_TRY(const bus::Dict all, connection_.get_all(target_));
  State state;
  BUD_TRY(state.version, bus::get_or<std::string>(all, "Version", {}));
  BUD_TRY(state.accounts, bus::get_or<std::vector<ObjectPath>>(all, "Accounts", {}));
  BUD_TRY(state.locked, bus::get_or(all, "Locked", false));
  return state;
}

Result<ObjectPath> Manager::account() const {
  BUD_TRY(const State s, state());
  if (s.locked) return fail(Errc::locked, "The vault is locked, or was never made");
  if (s.accounts.empty()) return fail(Errc::not_found, "There is no account on this device yet");
  return s.accounts.front();
}

Result<> Manager::each(std::string_view interface, const Found& found) const {
  BUD_CHECK(account());
  BUD_TRY(
      const bus::Message answer,
      connection_.call({target_.destination, target_.path, "org.freedesktop.DBus.ObjectManager"}, "GetManagedObjects"));
  bus::Reader r(answer);
  return r.array("{oa{sa{sv}}}", max_objects, [&] {
    return r.entry("oa{sa{sv}}", [&]() -> Result<> {
      BUD_TRY(const ObjectPath path, r.path());
      return r.array("{sa{sv}}", max_interfaces, [&] {
        return r.entry("sa{sv}", [&]() -> Result<> {
          BUD_TRY(const std::string name, r.string(max_name));
          BUD_TRY(const bus::Dict properties, r.dict(message_bounds));
          return name == interface ? found(path, properties) : Result<>();
        });
      });
    });
  });
}

Result<std::vector<ContactView>> Manager::contacts() const {
  std::vector<ContactView> all;
  BUD_CHECK(each("org.budstikke.Contact1", [&](const ObjectPath& path, const bus::Dict& properties) -> Result<> {
    BUD_TRY(ContactView one, parse_contact(path, properties));
    all.push_back(std::move(one));
    return {};
  }));
  return all;
}

Result<std::vector<ThreadView>> Manager::threads() const {
  std::vector<ThreadView> all;
  BUD_CHECK(each("org.budstikke.Thread1", [&](const ObjectPath& path, const bus::Dict& properties) -> Result<> {
    BUD_TRY(ThreadView one, parse_thread(path, properties));
    all.push_back(std::move(one));
    return {};
  }));
  return all;
}

}  // namespace bud::client
