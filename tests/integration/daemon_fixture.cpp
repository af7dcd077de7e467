// What is done with a Device over its bus.
#include "integration/daemon_fixture.h"

#include "service/paths.h"

namespace bud::test {
namespace {

const std::string account_path = service::paths::account;

constexpr std::size_t max_list = 1000;
constexpr std::uint32_t code_state = 3, joined_state = 5;

std::string interface_name(const std::string& name) {
  return "org.budstikke." + name;
}

template <class T>
T value(const bus::Dict& dict, const std::string& key) {
  return must(bus::get<T>(dict, key), key.c_str());
}

bool has_answered(const std::vector<bus::Dict>& requests) {
  return !requests.empty() && value<std::uint32_t>(requests[0], "state") == 2;
}

}  // namespace

// --- Calls

Result<bus::Message> Device::call(const bus::Target& target, const std::string& member, const bus::Bus::Write& write) {
  return client_->call(target, member, write, {static_cast<std::uint64_t>(deadline.count()) * 1000});
}

Result<bus::Message> Device::control(const std::string& interface, const std::string& member,
                                     const bus::Bus::Write& write) {
  return call({service::control_name, service::paths::control, interface_name(interface)}, member, write);
}

Result<bus::Message> Device::account(const std::string& member, const bus::Bus::Write& write) {
  return call({service::chat_name, account_path, interface_name("Account1")}, member, write);
}

bus::Dict Device::properties(const std::string& path, const std::string& interface) {
  const bus::Target target{service::chat_name, path, "org.freedesktop.DBus.Properties"};
  const bus::Message all =
      must(call(target, "GetAll", [&](bus::Writer& out) { out.string(interface_name(interface)); }), "GetAll");
  return must(bus::Reader(all).dict(), "GetAll");
}

std::vector<bus::Dict> Device::dicts_property(const std::string& path, const std::string& interface,
                                              const std::string& name) {
  const bus::Message got =
      must(client_->get_property({service::chat_name, path, interface_name(interface)}, name), name.c_str());
  if (sd_bus_message_enter_container(got.raw(), 'v', "aa{sv}") <= 0)
    throw std::runtime_error("no list of dictionaries");
  return must(bus::Reader(got).dicts(max_list), name.c_str());
}

// --- The vault

Result<> Device::with_passphrase(const std::string& member, const std::string& passphrase, const bus::Dict& options) {
  const UniqueFd fd = pipe_with(passphrase);
  const auto done = control("Vault1", member, [&](bus::Writer& out) { out.fd(fd.get()).dict(options); });
  if (!done) return tl::unexpected(done.error());
  return {};
}

Result<> Device::create_vault(const std::string& passphrase) {
  return with_passphrase("Create", passphrase, {});
}
Result<> Device::create_key_file() {
  return with_passphrase("Create", "", {{"protection", "key-file"}});
}
Result<> Device::unlock(const std::string& passphrase) {
  return with_passphrase("Unlock", passphrase, {});
}

Result<> Device::lock() {
  const auto done = control("Vault1", "Lock");
  if (!done) return tl::unexpected(done.error());
  return {};
}

std::uint32_t Device::vault_state() {
  const bus::Target target{service::control_name, service::paths::control, interface_name("Vault1")};
  const bus::Message got = must(client_->get_property(target, "State"), "State");
  return std::get<std::uint32_t>(must(bus::Reader(got).variant(), "State"));
}

// --- Bridges

void Device::named_bridge(bus::Writer& out) {
  out.string("spool").dict({});
}

bus::Dict Device::bridge() {
  const bus::Message list = must(control("Bridges1", "List"), "List");
  const std::vector<bus::Dict> all = must(bus::Reader(list).dicts(max_list), "List");
  if (all.size() != 1) throw std::runtime_error("not one bridge");
  return all[0];
}

void Device::add_spool() {
  const bus::Dict config{{"folder", spool_}, {"address", address_}};
  must(control("Bridges1", "Add", [&](bus::Writer& out) { out.string("spool").string("spool").dict(config); }), "Add");
  wait_until([&] { return value<std::uint32_t>(bridge(), "state") == 2; }, "the bridge to be ready");
}

void Device::set_up() {
  start();
  must(create_key_file(), "create the vault");
  add_spool();
}

// --- The account

void Device::create_account(const std::string& name) {
  must(control("Accounts1", "Create", [&](bus::Writer& out) { out.dict({{"name", name}}); }), "Create");
}

void Device::join(Device& sponsor) {
  must(sponsor.control("Devices1", "OpenJoinWindow", [](bus::Writer& out) { out.u32(0).dict({}); }), "OpenJoinWindow");
  must(control("Accounts1", "Join", [&](bus::Writer& out) { out.string("spool:" + address_).dict({}); }), "Join");
  const auto status = [this] {
    const bus::Message answer = must(control("Accounts1", "JoinStatus"), "JoinStatus");
    return must(bus::Reader(answer).dict(), "JoinStatus");
  };
  const auto requests = [&] {
    const bus::Message answer = must(sponsor.control("Devices1", "Requests"), "Requests");
    return must(bus::Reader(answer).dicts(max_list), "Requests");
  };
  wait_until([&] { return value<std::uint32_t>(status(), "state") == code_state && has_answered(requests()); },
             "a code");
  const auto request = value<std::uint64_t>(requests()[0], "id");
  const auto code = value<std::string>(status(), "code");
  const bus::Message approved =
      must(sponsor.control("Devices1", "Approve", [&](bus::Writer& out) { out.u64(request).string(code); }), "Approve");
  const std::string second = must(bus::Reader(approved).string(16), "Approve");
  must(control("Accounts1", "ConfirmJoin", [&](bus::Writer& out) { out.string(second); }), "ConfirmJoin");
  wait_until([&] { return value<std::uint32_t>(status(), "state") == joined_state; }, "membership");
  must(sponsor.control("Devices1", "CloseJoinWindow"), "CloseJoinWindow");
}

std::vector<bus::Dict> Device::devices() {
  return dicts_property(account_path, "Account1", "Devices");
}

std::vector<bus::Dict> Device::alerts() {
  const bus::Message list = must(control("Alerts1", "List", [](bus::Writer& out) { out.u64(0).u32(0); }), "List");
  return must(bus::Reader(list).dicts(max_list), "List");
}

// --- Talking

Result<std::string> Device::resolve(const std::string& wanted) {
  auto found = account("Resolve", [&](bus::Writer& out) { out.string(wanted).dict({}); });
  if (!found) return forward(found);
  return must(bus::Reader(*found).path(), "Resolve").text;
}

std::string Device::thread_with(const std::string& wanted) {
  // The directory may not yet have what the other side has just published.
  std::string contact;
  wait_until(
      [&] {
        const Result<std::string> found = resolve(wanted);
        if (found) contact = *found;
        return found.has_value();
      },
      "an account at the address");
  const bus::Message opened =
      must(account("OpenThread", [&](bus::Writer& out) { out.paths({{contact}}).dict({}); }), "OpenThread");
  return must(bus::Reader(opened).path(), "OpenThread").text;
}

namespace {

bus::Target the_thread(const std::string& path) {
  return {service::chat_name, path, interface_name("Thread1")};
}

bus::Bus::Write what_to_send(const std::string& text, const std::string& key) {
  return [&text, &key](bus::Writer& out) {
    out.dict({{"text", text}}).dict(key.empty() ? bus::Dict{} : bus::Dict{{"idempotency-key", key}});
  };
}

}  // namespace

Result<std::string> Device::send(const std::string& thread, const std::string& text, const std::string& key) {
  auto sent = call(the_thread(thread), "Send", what_to_send(text, key));
  if (!sent) return forward(sent);
  return must(bus::Reader(*sent).path(), "Send").text;
}

Result<bus::Slot> Device::send_async(const std::string& thread, const std::string& text, const std::string& key,
                                     Duration timeout, bus::Bus::Completion done) {
  return client_->call_async(the_thread(thread), "Send", what_to_send(text, key), timeout, std::move(done));
}

Device::Fetched Device::fetch(std::uint64_t cursor) {
  return read_page(must(account("Fetch", [&](bus::Writer& out) { out.u64(cursor).u32(0); }), "Fetch"));
}

Device::Fetched Device::read_page(const bus::Message& answer) {
  bus::Reader reader(answer);
  Fetched fetched;
  fetched.events = must(reader.dicts(max_list), "Fetch");
  fetched.next = must(reader.u64(), "Fetch");
  return fetched;
}

std::vector<std::string> Device::texts_of(const Fetched& page) {
  std::vector<std::string> texts;
  for (const bus::Dict& event : page.events) {
    if (value<std::uint32_t>(event, "kind") == 1) texts.push_back(value<std::string>(event, "text"));
  }
  return texts;
}

std::vector<std::string> Device::texts_from(std::uint64_t cursor) {
  std::vector<std::string> texts;
  for (Fetched page = fetch(cursor); !page.events.empty(); page = fetch(page.next)) {
    for (std::string& text : texts_of(page)) texts.push_back(std::move(text));
  }
  return texts;
}

std::vector<std::string> Device::history(const std::string& thread) {
  std::vector<std::string> texts;
  std::uint64_t before = 0;
  do {
    const bus::Message answer =
        must(call(the_thread(thread), "Messages", [&](bus::Writer& out) { out.u64(before).u32(0); }), "Messages");
    bus::Reader reader(answer);
    for (const bus::Dict& one : must(reader.dicts(max_list), "Messages"))
      texts.push_back(value<std::string>(one, "text"));
    before = must(reader.u64(), "Messages");
  } while (before != 0);
  std::reverse(texts.begin(), texts.end());
  return texts;
}

std::size_t Device::count(const std::string& text) {
  const std::vector<std::string> all = texts_from(0);
  return static_cast<std::size_t>(std::count(all.begin(), all.end(), text));
}

void Device::wait_for(const std::string& text) {
  wait_until([&] { return count(text) > 0; }, "a message");
}

}  // namespace bud::test
