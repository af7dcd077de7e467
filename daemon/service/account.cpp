#include "service/account.h"

#include "service/message_values.h"
#include "wire/bounds.h"

namespace bud::service {
namespace {

constexpr std::size_t max_address = 512;
constexpr std::size_t max_client = 128;

constexpr auto hidden_property = SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION | SD_BUS_VTABLE_SENSITIVE;
constexpr auto sensitive = SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE;

Result<std::string> read_client(bus::Call& call) {
  BUD_TRY(std::string client, call.args.string(max_client));
  if (client.empty()) return fail(Errc::malformed, "a client's name is not empty");
  return client;
}

}  // namespace

const sd_bus_vtable Account::vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("AccountId", "ay", bus::property<&Account::account_id>, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("State", "u", bus::property<&Account::state>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Addresses", "as", bus::property<&Account::addresses>, 0, hidden_property),
    SD_BUS_PROPERTY("Name", "s", bus::property<&Account::name>, 0, hidden_property),
    SD_BUS_PROPERTY("DeviceId", "ay", bus::property<&Account::device_id>, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Devices", "aa{sv}", bus::property<&Account::devices>, 0,
                    SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION),
    SD_BUS_METHOD_WITH_ARGS("Resolve", SD_BUS_ARGS("s", address, "a{sv}", options), SD_BUS_RESULT("o", contact),
                            bus::method<&Account::resolve>, sensitive),
    SD_BUS_METHOD_WITH_ARGS("OpenThread", SD_BUS_ARGS("ao", contacts, "a{sv}", options), SD_BUS_RESULT("o", thread),
                            bus::method<&Account::open_thread>, sensitive),
    SD_BUS_METHOD_WITH_ARGS("Watch", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, bus::method<&Account::watch>,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_SIGNAL_WITH_ARGS("Available", SD_BUS_ARGS("t", cursor), 0),
    SD_BUS_SIGNAL_WITH_ARGS("Typing", SD_BUS_ARGS("o", thread, "o", account, "b", active), 0),
    SD_BUS_METHOD_WITH_ARGS("Fetch", SD_BUS_ARGS("t", cursor, "u", max), SD_BUS_RESULT("aa{sv}", events, "t", next),
                            bus::method<&Account::fetch>, sensitive),
    SD_BUS_METHOD_WITH_ARGS("Acknowledge", SD_BUS_ARGS("s", client, "t", cursor), SD_BUS_NO_RESULT,
                            bus::method<&Account::acknowledge>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Cursor", SD_BUS_ARGS("s", client), SD_BUS_RESULT("t", cursor),
                            bus::method<&Account::cursor>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END};

Result<> Account::serve() {
  BUD_TRY(objects_, context_.chat.add_fallback<&Account::exists>(paths::accounts, interface, vtable, *this));
  BUD_TRY(list_, context_.chat.add_enumerator(paths::accounts, [this] {
    return context_.core.own_account() ? std::vector<std::string>{paths::account} : std::vector<std::string>{};
  }));
  return {};
}

bool Account::exists(std::string_view path) const {
  return path == paths::account && (!context_.core.running() || context_.core.own_account());
}

// --- Properties

Result<> Account::account_id(bus::Writer& out) const {
  BUD_TRY(const core::AccountInfo own, context_.core.own_account());
  out.bytes(own.account.view());
  return {};
}

Result<> Account::state(bus::Writer& out) const {
  BUD_TRY(const core::AccountInfo own, context_.core.own_account());
  out.u32(own.state == core::AccountState::member ? 1 : 2);
  return {};
}

Result<> Account::addresses(bus::Writer& out) const {
  BUD_TRY(const core::AccountInfo own, context_.core.own_account());
  out.strings(own.addresses);
  return {};
}

Result<> Account::name(bus::Writer& out) const {
  BUD_TRY(const core::AccountInfo own, context_.core.own_account());
  out.string(own.name);
  return {};
}

Result<> Account::device_id(bus::Writer& out) const {
  BUD_TRY(const core::AccountInfo own, context_.core.own_account());
  out.bytes(own.device.view());
  return {};
}

Result<> Account::devices(bus::Writer& out) const {
  BUD_TRY(const core::AccountInfo own, context_.core.own_account());
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::vector<core::DeviceInfo> all, engine->devices(own.account));
  out.dicts(to_dicts(all));
  return {};
}

// --- Contacts and threads

Result<> Account::resolve(bus::Call& call, bus::Reply& reply) {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::string address, call.args.string(max_address));
  BUD_TRY(const bus::Dict options, read_options(call, {}));
  const std::size_t colon = address.find(':');
  if (colon == 0 || colon == std::string::npos || colon + 1 == address.size()) {
    return fail(Errc::malformed, "an address is written bridge:name, as in spool:alice");
  }
  const std::string bridge = address.substr(0, colon);
  BUD_TRY(const std::vector<core::BridgeConfig> bridges, engine->bridges());
  if (std::none_of(bridges.begin(), bridges.end(), [&](const auto& b) { return b.name == bridge; })) {
    return fail(Errc::unsupported, "no bridge with this prefix is configured: add one first");
  }
  const auto later = std::make_shared<bus::Reply>(std::move(reply));
  const Result<> asked =
      lookups_.ask(bridge, address.substr(colon + 1), [this, later, address](Result<Lookups::Outcome> outcome) {
        if (!outcome) return later->fail(outcome.error());
        const Result<bus::ObjectPath> path = resolved(address, *outcome);
        if (!path) return later->fail(path.error());
        later->ok([&](bus::Writer& out) { out.path(*path); });
      });
  if (!asked) later->fail(asked.error());
  return {};
}

Result<bus::ObjectPath> Account::resolved(const std::string& address, Lookups::Outcome outcome) {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  const Result<AccountId> found = engine->resolve(address);
  if (!found && found.error().code == Errc::no_such_address && outcome == Lookups::Outcome::failed) {
    return fail(Errc::offline, "the directory did not answer, and nothing is known from before: try again later");
  }
  if (!found) return tl::unexpected(found.error());
  const Result<core::AccountInfo> own = context_.core.own_account();
  if (own && own->account == *found) return bus::ObjectPath{paths::account};
  context_.index.add(*found);  // its path answers as soon as the caller knows it
  return paths::of(*found);
}

namespace {

Result<core::Who> read_who(const bus::Dict& options, std::string_view key, core::Who otherwise) {
  BUD_TRY(const std::string* const word, bus::find<std::string>(options, key));
  if (word == nullptr) return otherwise;
  if (*word == "everybody") return core::Who::everybody;
  if (*word == "administrators") return core::Who::administrators;
  return fail(Errc::malformed, "\"" + std::string(key) + "\" is either everybody or administrators");
}

}  // namespace

Result<ThreadId> Account::open_group(const std::vector<AccountId>& contacts, const bus::Dict& options) {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::string name, bus::get_or<std::string>(options, "name", {}));
  core::GroupPolicy policy;
  BUD_TRY(policy.add, read_who(options, "add", policy.add));
  BUD_TRY(policy.remove, read_who(options, "remove", policy.remove));
  BUD_TRY(policy.rename, read_who(options, "rename", policy.rename));
  BUD_TRY(policy.post, read_who(options, "post", policy.post));
  return engine->create_group(name, policy, contacts);
}

Result<> Account::open_thread(bus::Call& call, bus::Writer& out) {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::vector<bus::ObjectPath> named, call.args.paths({wire::max_members - 1, 0}));
  BUD_TRY(const bus::Dict options, read_options(call, {"group", "name", "add", "remove", "rename", "post"}));
  BUD_TRY(const bool group, bus::get_or(options, "group", named.size() > 1));
  std::vector<AccountId> contacts;
  for (const bus::ObjectPath& path : named) {
    const std::optional<AccountId> contact = context_.index.person(path.text);
    if (!contact) return fail(Errc::not_found, "there is no such contact");
    contacts.push_back(*contact);
  }
  if (!group && contacts.size() != 1) return fail(Errc::malformed, "a thread that is no group is with one contact");
  if (!group && options.size() > options.count("group")) return fail(Errc::malformed, "that is an option of groups");
  BUD_TRY(const ThreadId thread, group ? open_group(contacts, options) : engine->open_thread(contacts[0]));
  context_.index.add(thread);  // its path answers as soon as the caller knows it
  out.path(paths::of(thread));
  return {};
}

// --- The inbox

Result<> Account::watch(bus::Call& call, bus::Writer&) {
  BUD_TRY(const core::AccountInfo own, context_.core.own_account());
  return watchers_.add(std::string(call.sender()));
}

Result<> Account::fetch(bus::Call& call, bus::Writer& out) {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const core::AccountInfo own, context_.core.own_account());
  BUD_TRY(const std::uint64_t cursor, call.args.u64());
  BUD_TRY(const std::uint32_t max, call.args.u32());
  std::vector<core::Event> events;
  if (cursor != UINT64_MAX) {
    BUD_TRY(events, engine->events(cursor, page_size(max)));
  }
  std::vector<bus::Dict> page;
  std::uint64_t next = cursor;
  std::size_t bytes = 0;
  for (const core::Event& event : events) {
    bytes += size_of(event.message);
    if (!page.empty() && bytes > max_page_bytes) break;
    if (!event.message.thread.is_zero()) context_.index.name(event.message);
    page.push_back(to_dict(event, own));
    next = event.cursor;
  }
  out.dicts(page).u64(next);
  return {};
}

Result<> Account::acknowledge(bus::Call& call, bus::Writer&) {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::string client, read_client(call));
  BUD_TRY(const std::uint64_t cursor, call.args.u64());
  return engine->acknowledge_events(client, cursor);
}

Result<> Account::cursor(bus::Call& call, bus::Writer& out) {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::string client, read_client(call));
  BUD_TRY(const std::uint64_t cursor, engine->client_cursor(client));
  out.u64(cursor);
  return {};
}

}  // namespace bud::service
