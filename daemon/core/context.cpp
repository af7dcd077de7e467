#include "core/context.h"

namespace bud::core {

Result<> Keyring::load(crypto::Arena& arena, const KeysRow& row) {
  BUD_TRY(signing_, crypto::ArenaSecret::store(arena, row.signing.expose()));
  BUD_TRY(identity_, crypto::ArenaSecret::store(arena, row.identity.expose()));
  device_ = signing().id();
  identity_public_ = crypto::DhKey::from_secret(row.identity.clone()).public_key();
  return {};
}

crypto::SigningKey Keyring::signing() const { return crypto::SigningKey::from_expanded(signing_.expose()); }

crypto::DhKey Keyring::identity() const {
  return crypto::DhKey(identity_public_, *crypto::Secret<32>::from(identity_.expose()));
}

std::optional<SplitAddress> split_address(std::string_view address) {
  const std::size_t colon = address.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == address.size() || address.size() > wire::max_address)
    return std::nullopt;
  return SplitAddress{std::string(address.substr(0, colon)), std::string(address.substr(colon + 1))};
}

Result<> want_lookup(Context& context, std::string_view address) {
  std::optional<SplitAddress> split = split_address(address);
  if (!split) return {};
  BUD_TRY(std::optional<BridgeRow> bridge, load<BridgeRow>(context.db(), Table::bridges, key::text(split->bridge)));
  if (bridge) context.changes.lookups.insert({std::move(split->bridge), std::move(split->rest)});
  return {};
}

Result<std::vector<std::string>> addresses_of(Context& context, const AccountId& account) {
  BUD_TRY(ContactRow contact, load_or_new<ContactRow>(context.db(), Table::contacts, key::account(account)));
  BUD_TRY(AccountRow known, load_or_new<AccountRow>(context.db(), Table::accounts, key::account(account)));
  std::vector<std::string> all = std::move(contact.addresses);
  const auto add = [&](const std::string& address) {
    if (std::find(all.begin(), all.end(), address) == all.end()) all.push_back(address);
  };
  for (const std::string& address : known.addresses) add(address);
  for (const std::string& address : known.hints) add(address);
  if (account == context.own.account)
    for (const wire::AddressOpening& o : context.own.openings) add(o.address);
  return all;
}

Result<Bytes> register_value(Context& context, wire::RegisterKind kind, ByteView subject) {
  Result<RegisterRow> row = load_or_new<RegisterRow>(context.db(), Table::registers, key::a_register(kind, subject));
  if (row) return std::move(row->value.value);
  // The other devices have it still (registers.h).
  return row.error().code == Errc::damaged ? Result<Bytes>(Bytes()) : Result<Bytes>(forward(row));
}

Result<bool> is_blocked(Context& context, const AccountId& account) {
  if (account == context.own.account) return false;
  BUD_TRY(const Bytes value, register_value(context, wire::RegisterKind::blocked, account.view()));
  return !value.empty();
}

Result<std::vector<wire::Route>> own_routes(Context& context) {
  std::vector<wire::Route> routes;
  BUD_CHECK(each<BridgeRow>(context.db(), Table::bridges, {}, [&](std::uint64_t, BridgeRow& b) {
    if (b.known) routes.push_back({b.config.name + ":" + b.identity.address, b.identity.device});
    return routes.size() < wire::max_routes;
  }));
  std::sort(routes.begin(), routes.end(), [](const wire::Route& a, const wire::Route& b) { return a.address < b.address; });
  return routes;
}

}  // namespace bud::core
