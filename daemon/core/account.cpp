#include "core/account.h"

#include "base/text.h"
#include "core/receipts.h"
#include "crypto/words.h"

namespace bud::core {
namespace {

const RowKey recovery_key = key::meta("recovery");

}  // namespace

Result<> Account::create(const std::string& name) {
  if (context_.own.state != AccountState::none) return fail(Errc::conflict, "this device has an account, or is joining one");
  if (name.size() > wire::max_name || !valid_text(name))
    return fail(Errc::malformed, "a name is UTF-8 of at most 128 bytes");
  BUD_TRY(std::vector<wire::Route> routes, own_routes(context_));
  if (routes.empty()) return fail(Errc::offline, "no bridge is up yet; an account needs one to be found by");

  RecoveryRow recovery;
  context_.env.random.fill(recovery.seed.expose_mutable());
  const crypto::SigningKey root = crypto::SigningKey::from_seed(recovery.seed);
  const crypto::SigningKey self = context_.keys.signing();
  wire::EntryBody b;
  b.kind = wire::EntryKind::genesis;
  b.signer = b.key = self.id();
  b.identity = context_.keys.identity().public_key();
  b.recovery = root.id();
  b.nonce = context_.random<decltype(b.nonce)>();
  b.time = context_.now();
  b.cosignature = wire::cosign(b, root);
  const wire::Entry genesis = wire::sign_entry(b, self);

  context_.own.account = genesis.account();
  context_.own.state = AccountState::member;
  context_.own.name = name;
  context_.own.tip = genesis.hash();
  context_.own_changed = true;
  context_.changes.account = true;
  BUD_CHECK(save(context_.db(), Table::meta, recovery_key, recovery));
  BUD_CHECK(ledgers_.absorb(genesis.account(), {&genesis, 1}));
  BUD_CHECK(prekeys_.current());
  for (const wire::Route& route : routes) BUD_CHECK(claim(route.address));
  return directory_.refresh(context_.own.account, {});
}

Result<> Account::sign(wire::EntryBody b) {
  const crypto::SigningKey self = context_.keys.signing();
  b.account = context_.own.account;
  b.prev = context_.own.tip;
  b.signer = self.id();
  b.time = context_.now();
  const wire::Entry entry = wire::sign_entry(b, self);
  BUD_CHECK(ledgers_.absorb(context_.own.account, {&entry, 1}));
  BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(context_.own.account));
  if (!view->state.effective.contains(entry.hash()) && b.key != self.id())
    return fail(Errc::not_allowed, "the account's ledger has no room for more of this device's entries; hand over to a new device");
  context_.own.tip = entry.hash();
  context_.own_changed = true;
  return {};
}

Result<> Account::claim(const std::string& address) {
  if (!context_.member()) return {};
  for (const wire::AddressOpening& o : context_.own.openings)
    if (o.address == address) return {};
  wire::AddressOpening opening{address, context_.random<wire::ClaimOpening>()};
  wire::EntryBody b;
  b.kind = wire::EntryKind::claim;
  b.blinded = wire::blind(opening.opening, address);
  BUD_CHECK(sign(std::move(b)));
  context_.own.openings.push_back(std::move(opening));
  context_.changes.account = true;
  BUD_CHECK(directory_.republish());
  return tell_own_devices();
}

Result<AccountInfo> Account::info() {
  AccountInfo i;
  i.state = context_.own.state;
  i.account = context_.own.account;
  i.device = context_.keys.device();
  i.name = context_.own.name;
  for (const wire::AddressOpening& o : context_.own.openings) i.addresses.push_back(o.address);
  i.recovery_words_shown = context_.own.words_shown;
  return i;
}

Result<crypto::SecretBytes> Account::recovery_words() {
  BUD_TRY(std::optional<RecoveryRow> row, load<RecoveryRow>(context_.db(), Table::meta, recovery_key));
  if (!row) return fail(Errc::not_found, "this device does not hold the recovery words: they were shown already, or made on another device");
  return crypto::recovery_words(row->seed);
}

Result<> Account::recovery_words_shown() {
  BUD_CHECK(context_.db().erase(Table::meta, recovery_key));
  context_.own.words_shown = true;
  context_.own_changed = true;
  context_.changes.account = true;
  return {};
}

Result<std::vector<DeviceInfo>> Account::devices(const AccountId& account) {
  BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(account));
  std::vector<DeviceInfo> out;
  if (!view) return out;
  for (const auto& [device, identity] : view->identities)
    out.push_back({device, view->seal_for.contains(device), view->held.contains(device), device == context_.keys.device(),
                   view->added.at(device)});
  std::sort(out.begin(), out.end(), [](const DeviceInfo& a, const DeviceInfo& b) {
    return std::tie(a.added, a.device) < std::tie(b.added, b.device);
  });
  return out;
}

std::vector<EntryHash> Account::newest_of(const AccountView& view, const DeviceId& device) const {
  std::set<EntryHash> continued;
  for (const auto& [hash, e] : view.entries)
    if (e.body().signer == device) continued.insert(e.body().prev);
  std::vector<EntryHash> heads;
  for (const auto& [hash, e] : view.entries)
    if (e.body().signer == device && e.body().kind != wire::EntryKind::genesis && !continued.contains(hash) && heads.size() < wire::max_keep)
      heads.push_back(hash);
  return heads;
}

Result<> Account::revoke(const DeviceId& device) {
  if (!context_.member()) return fail(Errc::not_allowed, "this device is not a member of the account");
  BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(context_.own.account));
  if (!view->state.active.contains(device)) return fail(Errc::not_found, "no such device in the account");
  wire::EntryBody b;
  b.kind = wire::EntryKind::revoke;
  b.key = device;
  if (device != context_.keys.device()) b.keep = newest_of(*view, device);
  BUD_CHECK(sign(std::move(b)));
  BUD_CHECK(directory_.republish());
  return tell_own_devices();
}

Result<> Account::tell_own_devices() {
  BUD_TRY(std::vector<Recipient> devices, fanout_.devices(context_.own.account));
  if (devices.empty()) return {};
  return fanout_.send(make_letter(control_content(context_, wire::ContentKind::nothing, wire::Nothing{}), false), devices);
}

}  // namespace bud::core
