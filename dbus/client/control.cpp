#include "client/control.h"

#include "client/names.h"
#include "client/parse.h"

namespace bud::client {
namespace {

constexpr std::size_t max_alerts = 4096;  // of one answer
constexpr std::size_t max_code = 32;

bus::Target control(const char* interface) {
  return {control_name, control_path, interface};
}

}  // namespace

// --- Vault1

Vault::Vault(Connection& connection) : Proxy(connection, control("org.budstikke.Vault1")) {}

Result<Vault::State> Vault::state() const {
  BUD_TRY(const bus::Dict all, connection_.get_all(target_));
  State s;
  BUD_TRY(const std::uint32_t n, bus::get_or<std::uint32_t>(all, "State", 0));
  if (n <= static_cast<std::uint32_t>(VaultState::unlocked)) s.state = static_cast<VaultState>(n);
  BUD_TRY(s.protection, bus::get_or<std::string>(all, "Protection", {}));
  return s;
}

Result<> Vault::create(const SecretBuffer& passphrase, const std::string& protection) const {
  BUD_TRY(const SecretFile file, SecretFile::create(passphrase));
  return run("Create", [&](bus::Writer& w) { w.fd(file.fd()).dict({{"protection", protection}}); });
}

Result<> Vault::unlock(const SecretBuffer& passphrase) const {
  BUD_TRY(const SecretFile file, SecretFile::create(passphrase));
  return run("Unlock", [&](bus::Writer& w) { w.fd(file.fd()).dict({}); });
}

// --- Accounts1

Accounts::Accounts(Connection& connection) : Proxy(connection, control("org.budstikke.Accounts1")) {}

Result<ObjectPath> Accounts::create(const std::string& name) const {
  bus::Dict options;
  if (!name.empty()) options["name"] = name;
  BUD_TRY(const bus::Message answer, call("Create", [&](bus::Writer& w) { w.dict(options); }));
  return bus::Reader(answer).path();
}

Result<SecretBuffer> Accounts::recovery_words(const ObjectPath& account) const {
  BUD_TRY(const bus::Message answer, call("RecoveryWords", [&](bus::Writer& w) { w.path(account); }));
  BUD_TRY(const UniqueFd words, bus::Reader(answer).fd());
  // The descriptor's place is shared with whoever wrote it.
  if (::lseek(words.get(), 0, SEEK_SET) < 0) return fail(Errc::malformed, "The recovery words came in no file");
  return SecretBuffer::read(words.get());
}

Result<bool> Accounts::has_recovery_words(const ObjectPath& account) const {
  auto answer = call("RecoveryWords", [&](bus::Writer& w) { w.path(account); });
  if (answer) return true;
  if (answer.error().code == Errc::not_found) return false;
  return forward(answer);
}

Result<> Accounts::recovery_words_kept(const ObjectPath& account) const {
  return run("RecoveryWordsKept", [&](bus::Writer& w) { w.path(account); });
}

Result<> Accounts::join(std::string_view address) const {
  return run("Join", [&](bus::Writer& w) { w.string(address).dict({}); });
}

Result<JoinStatus> Accounts::join_status() const {
  BUD_TRY(const bus::Message answer, call("JoinStatus"));
  BUD_TRY(const bus::Dict status, bus::Reader(answer).dict());
  return parse_join_status(status);
}

Result<> Accounts::confirm_join(std::string_view code) const {
  return run("ConfirmJoin", [&](bus::Writer& w) { w.string(code); });
}

// --- Devices1

Devices::Devices(Connection& connection) : Proxy(connection, control("org.budstikke.Devices1")) {}

Result<> Devices::open_join_window(std::uint32_t seconds) const {
  return run("OpenJoinWindow", [&](bus::Writer& w) { w.u32(seconds).dict({}); });
}

Result<std::vector<JoinRequest>> Devices::requests() const {
  BUD_TRY(const std::vector<bus::Dict> all, list("Requests"));
  return parse_all(all, parse_join_request);
}

Result<std::string> Devices::approve(std::uint64_t request, std::string_view code) const {
  BUD_TRY(const bus::Message answer, call("Approve", [&](bus::Writer& w) { w.u64(request).string(code); }));
  return bus::Reader(answer).string(max_code);
}

Result<> Devices::reject(std::uint64_t request) const {
  return run("Reject", [&](bus::Writer& w) { w.u64(request); });
}

Result<> Devices::revoke(ByteView device) const {
  return run("Revoke", [&](bus::Writer& w) { w.bytes(device).dict({}); });
}

// --- Alerts1

Alerts::Alerts(Connection& connection) : Proxy(connection, control("org.budstikke.Alerts1")) {}

Result<std::vector<Alert>> Alerts::list() const {
  std::vector<Alert> all;
  std::uint64_t after = 0;
  while (true) {
    BUD_TRY(const bus::Message answer, call("List", [&](bus::Writer& w) { w.u64(after).u32(0); }));
    bus::Reader reader(answer);
    BUD_TRY(const std::vector<bus::Dict> dicts, reader.dicts(max_alerts));
    BUD_TRY(const std::vector<Alert> page, parse_all(dicts, parse_alert));
    BUD_TRY(const std::uint64_t next, reader.u64());
    all.insert(all.end(), page.begin(), page.end());
    if (page.empty() || next <= after) return all;
    after = next;
  }
}

Result<> Alerts::acknowledge(std::uint64_t id) const {
  return run("Acknowledge", [&](bus::Writer& w) { w.u64(id); });
}

// --- Bridges1

Bridges::Bridges(Connection& connection) : Proxy(connection, control("org.budstikke.Bridges1")) {}

Result<> Bridges::add(std::string_view name, std::string_view kind, const bus::Dict& config) const {
  return run("Add", [&](bus::Writer& w) { w.string(name).string(kind).dict(config); });
}

Result<> Bridges::remove(std::string_view name) const {
  return run("Remove", [&](bus::Writer& w) { w.string(name).dict({}); });
}

Result<std::vector<Bridge>> Bridges::list() const {
  BUD_TRY(const std::vector<bus::Dict> all, Proxy::list("List"));
  return parse_all(all, parse_bridge);
}

Result<Bridges::Probe> Bridges::probe(std::string_view name) const {
  BUD_TRY(const bus::Message answer, call("Probe", [&](bus::Writer& w) { w.string(name); }));
  BUD_TRY(const bus::Dict result, bus::Reader(answer).dict());
  Probe probe;
  BUD_TRY(probe.ok, bus::get_or(result, "ok", false));
  BUD_TRY(probe.text, bus::get_or<std::string>(result, "text", {}));
  return probe;
}

}  // namespace bud::client
