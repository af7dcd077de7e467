#include "service/announcer.h"

#include "service/account.h"
#include "service/accounts.h"
#include "service/alerts.h"
#include "service/contact.h"
#include "service/devices.h"
#include "service/log.h"
#include "service/manager.h"
#include "service/message.h"
#include "service/thread.h"
#include "service/vault.h"

namespace bud::service {
namespace {

void report(const Result<>& sent) {
  if (!sent) log(LogLevel::warning, "a signal was not sent: " + sent.error().text);
}

}  // namespace

// --- The core as a whole

void Announcer::core_started() {
  Result<core::Engine*> engine = context_.core.engine();
  const Result<> loaded = engine ? context_.index.load(**engine) : forward(engine);
  if (!loaded) log(LogLevel::error, "contacts or threads cannot be listed: " + loaded.error().text);
  vault_changed();
  account_changed();
  for (const std::string& path : context_.index.contact_paths()) announced_now(path);
  for (const std::string& path : context_.index.thread_paths()) announced_now(path);
}

void Announcer::core_stopped() {
  lookups_.drop_all();
  for (const std::string& path : std::exchange(announced_, {})) report(context_.chat.object_removed(path));
  context_.index.clear();
  vault_changed();
}

void Announcer::vault_changed() {
  properties(paths::manager, Manager::interface, {"Locked", "Accounts", "Bridges"});
  report(context_.control.properties_changed(paths::control, Vault::interface, {"State", "Protection"}));
}

void Announcer::bridges_changed() {
  properties(paths::manager, Manager::interface, {"Bridges"});
}

void Announcer::core_changed(const core::Changes& changes) {
  if (changes.account) account_changed();
  for (const AccountId& contact : changes.contacts) contact_changed(contact);
  for (const ThreadId& thread : changes.threads) thread_changed(thread);
  for (const MessageId& message : changes.messages) {
    properties(paths::of(message).text, Messages::interface,
               {"Text", "Content", "State", "DeliveredTo", "Total", "Devices"});
  }
  for (const core::TypingInfo& typing : changes.typing) watchers_.tell(typing);
  if (changes.join) {
    control_signal(Accounts::interface, "JoinChanged");
    control_signal(Devices::interface, "RequestsChanged");
  }
  for (const core::Alert& alert : changes.alerts) {
    control_signal(Alerts::interface, "Raised",
                   [&](bus::Writer& out) { out.u64(alert.id).string(kind_name(alert.kind)); });
  }
  if (!changes.events) return;
  Result<core::Engine*> engine = context_.core.engine();
  const Result<std::uint64_t> newest = engine ? (*engine)->last_event() : forward(engine);
  if (newest) watchers_.tell(*newest);
}

// --- One object

void Announcer::account_changed() {
  if (!context_.core.own_account()) return;
  if (announced_now(paths::account)) return properties(paths::manager, Manager::interface, {"Accounts"});
  properties(paths::account, Account::interface, {"State", "Addresses", "Name", "Devices"});
}

void Announcer::contact_changed(const AccountId& contact) {
  const std::string path = paths::of(contact).text;
  context_.index.add(contact);
  if (announced_now(path)) return;
  properties(path, Contacts::interface, {"Addresses", "Name", "Devices", "Verified", "Disputed", "OwnName", "Blocked"});
}

void Announcer::thread_changed(const ThreadId& thread) {
  const std::string path = paths::of(thread).text;
  context_.index.add(thread);
  if (const Result<core::Engine*> engine = context_.core.engine()) {
    if (const Result<core::ThreadInfo> info = (*engine)->thread(thread)) context_.index.name(*info);
  }
  if (announced_now(path)) return;
  properties(path, Threads::interface,
             {"Members", "Name", "Unread", "In", "Administrators", "MutedUntil", "Pinned", "Archived", "Draft"});
}

// sd-bus leaves out of the signal what is only ever invalidated: names, addresses and texts.
bool Announcer::announced_now(const std::string& path) {
  if (!announced_.insert(path).second) return false;
  report(context_.chat.object_added(path));
  return true;
}

void Announcer::properties(const std::string& path, const char* interface, const std::vector<std::string>& names) {
  report(context_.chat.properties_changed(path, interface, names));
}

void Announcer::control_signal(const char* interface, const char* member, const bus::Bus::Write& write) {
  report(context_.control.emit({{}, paths::control, interface}, member, write));
}

}  // namespace bud::service
