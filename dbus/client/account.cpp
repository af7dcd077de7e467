#include "client/account.h"

#include "client/names.h"
#include "client/parse.h"

namespace bud::client {
namespace {
constexpr std::size_t max_events = 4096;  // of one answer, whatever was asked for
}

Account::Account(Connection& connection, const ObjectPath& path)
    : Proxy(connection, {chat_name, path.text, "org.budstikke.Account1"}) {}

Result<AccountView> Account::view() const {
  BUD_TRY(const bus::Dict all, connection_.get_all(target_));
  return parse_account(path(), all);
}

Result<std::vector<Device>> Account::devices() const {
  BUD_TRY(const std::vector<bus::Dict> all, list_property("Devices"));
  return parse_all(all, parse_device);
}

Result<ObjectPath> Account::resolve(std::string_view address) const {
  BUD_TRY(const bus::Message answer, call("Resolve", [&](bus::Writer& w) { w.string(address).dict({}); }));
  return bus::Reader(answer).path();
}

Result<ObjectPath> Account::open_thread(const ObjectPath& contact) const {
  BUD_TRY(const bus::Message answer, call("OpenThread", [&](bus::Writer& w) { w.paths({contact}).dict({}); }));
  return bus::Reader(answer).path();
}

Result<ObjectPath> Account::create_group(const std::vector<ObjectPath>& contacts, bus::Dict options) const {
  options["group"] = true;
  BUD_TRY(const bus::Message answer, call("OpenThread", [&](bus::Writer& w) { w.paths(contacts).dict(options); }));
  return bus::Reader(answer).path();
}

Result<> Account::watch() const {
  BUD_CHECK(wake_on("Available"));
  return run("Watch");
}

Result<Account::Page> Account::fetch(std::uint64_t cursor, std::uint32_t max) const {
  BUD_TRY(const bus::Message answer, call("Fetch", [&](bus::Writer& w) { w.u64(cursor).u32(max); }));
  bus::Reader reader(answer);
  BUD_TRY(const std::vector<bus::Dict> events, reader.dicts(max_events, message_bounds));
  Page page;
  BUD_TRY(page.events, parse_all(events, parse_event));
  BUD_TRY(page.next, reader.u64());
  return page;
}

Result<> Account::acknowledge(std::string_view client, std::uint64_t cursor) const {
  return run("Acknowledge", [&](bus::Writer& w) { w.string(client).u64(cursor); });
}

Result<std::uint64_t> Account::cursor(std::string_view client) const {
  BUD_TRY(const bus::Message answer, call("Cursor", [&](bus::Writer& w) { w.string(client); }));
  return bus::Reader(answer).u64();
}

Contact::Contact(Connection& connection, const ObjectPath& path)
    : Proxy(connection, {chat_name, path.text, "org.budstikke.Contact1"}) {}

Result<ContactView> Contact::view() const {
  BUD_TRY(const bus::Dict all, connection_.get_all(target_));
  return parse_contact(path(), all);
}

Result<std::vector<Device>> Contact::devices() const {
  BUD_TRY(const std::vector<bus::Dict> all, list_property("Devices"));
  return parse_all(all, parse_device);
}

Result<> Contact::set_name(std::string_view name) const {
  return run("SetName", [&](bus::Writer& w) { w.string(name); });
}

Result<> Contact::set_blocked(bool blocked) const {
  return run("SetBlocked", [&](bus::Writer& w) { w.boolean(blocked); });
}

}  // namespace bud::client
