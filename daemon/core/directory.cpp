#include "core/directory.h"

#include "wire/labels.h"

namespace bud::core {
namespace {

constexpr std::size_t max_accounts_served = 8;  // at one address, beyond those known
constexpr std::size_t ledger_room = 12 * 1024;  // of a record: what every transport's directory holds
constexpr Duration ask_again_after = minutes(10);
constexpr Duration republish_least = hours(20);

std::string short_name(const DeviceId& id) { return to_hex(id.view().first(4)); }

// A record speaks for the bridge that served it, and for no other.
void learn_route(PeerRow& peer, const std::string& served_at, const std::vector<wire::Route>& routes) {
  const std::string bridge = served_at.substr(0, served_at.find(':') + 1);
  const auto here = [&](const wire::Route& r) { return r.address.starts_with(bridge); };
  const auto place = std::find_if(peer.routes.begin(), peer.routes.end(), here) - peer.routes.begin();
  std::erase_if(peer.routes, here);
  auto at = peer.routes.begin() + place;  // none of those before it went
  for (const wire::Route& r : routes)
    if (here(r) && peer.routes.size() < wire::max_routes) at = std::next(peer.routes.insert(at, r));
}

}  // namespace

wire::JoinCommitment join_commitment(const DeviceId& device, const crypto::DhPublic& identity, const wire::JoinNonce& nonce) {
  return crypto::Hasher(wire::label::join_commit)
      .add(device.view())
      .add(identity.view())
      .add(nonce.view())
      .finish_as<wire::JoinCommitment>();
}

bool Directory::own_address(const std::string& address) const {
  return std::any_of(context_.own.openings.begin(), context_.own.openings.end(),
                     [&](const wire::AddressOpening& o) { return o.address == address; });
}

// --- what is served ---

Result<> Directory::served(const std::string& address, std::span<const wire::Record> records) {
  BUD_TRY(AddressRow row, load_or_new<AddressRow>(context_.db(), Table::addresses, key::text(address)));
  // Entries first, of all records: what one device does not carry another may.
  std::set<AccountId> accounts;
  for (const wire::Record& r : records) {
    if (!accounts.contains(r.body.account) && accounts.size() >= max_accounts_served) continue;
    accounts.insert(r.body.account);
    BUD_CHECK(ledgers_.absorb(r.body.account, r.entries));
  }
  std::set<AccountId> matched;
  for (const wire::Record& r : records) {
    if (!accounts.contains(r.body.account)) continue;
    BUD_TRY(bool match, take(address, r, row));
    if (match) matched.insert(r.body.account);
  }
  row.looked_up = context_.now();
  BUD_CHECK(pin(address, row, matched));
  for (const AccountId& account : matched) {
    BUD_TRY(AccountRow known, load_or_new<AccountRow>(context_.db(), Table::accounts, key::account(account)));
    if (std::find(known.addresses.begin(), known.addresses.end(), address) == known.addresses.end() && known.addresses.size() < 64) {
      known.addresses.push_back(address);
      BUD_CHECK(save(context_.db(), Table::accounts, key::account(account), known));
    }
    BUD_CHECK(send_waiting(account));
  }
  return {};
}

Result<bool> Directory::take(const std::string& address, const wire::Record& record, const AddressRow& pinned) {
  const wire::RecordBody& b = record.body;
  BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(b.account));
  if (!view || !view->seal_for.contains(b.device)) {
    BUD_CHECK(unlisted(address, record, pinned));
    return false;
  }
  // An address is the account's only if both say so (attack `one-sided-claim`).
  const bool match = b.address == address && view->claims(b.opening, address);
  if (b.device == context_.keys.device()) {
    // Our own hand, and newer than we know: this store was put back, and the prekey there is one that it does not have.
    if (b.sequence > context_.own.record_sequence) {
      context_.own.record_sequence = b.sequence;
      BUD_CHECK(republish());
    }
    return match;
  }
  BUD_TRY(PeerRow peer, sessions_.peer(b.account, b.device));
  if (b.sequence < peer.sequence) {
    BUD_CHECK(alerts_.raise(AlertKind::ledger_rollback, b.account, b.device,
                            "The directory at " + address + " serves an older record of device " + short_name(b.device) +
                                " than before. What was known stays in force."));
    return match;
  }
  if (b.sequence > peer.sequence || !peer.bundle) {
    peer.bundle = b.bundle;
    peer.sequence = b.sequence;
    peer.record_time = b.time;
  }
  learn_route(peer, address, b.routes);
  peer.record_seen = context_.now();
  BUD_CHECK(sessions_.save_peer(peer));
  return match;
}

Result<> Directory::unlisted(const std::string& address, const wire::Record& record, const AddressRow& pinned) {
  const AccountId& account = record.body.account;
  BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(account));
  if (view && view->was_member(record.body.device)) return {};  // a removed device whose record was left lying
  BUD_TRY(std::optional<ContactRow> contact, load<ContactRow>(context_.db(), Table::contacts, key::account(account)));
  const bool ours = own_address(address) || (account == context_.own.account && account != AccountId{});
  if (!ours && !contact && pinned.account == AccountId{}) return {};
  return alerts_.raise(AlertKind::unlisted_device, account, record.body.device,
                       std::string("The directory at ") + address + " names a device (" + short_name(record.body.device) + ") that " +
                           (ours ? "your account's" : "the contact's") +
                           " own devices do not vouch for. Nothing is sent to it, and nothing from it is shown.");
}

Result<> Directory::pin(const std::string& address, AddressRow row, const std::set<AccountId>& matched) {
  if (own_address(address)) {
    for (const AccountId& a : matched)
      if (a != context_.own.account)
        BUD_CHECK(alerts_.raise(AlertKind::directory_mismatch, a, {},
                                "The directory at " + address + ", your own address, serves another account there. People who look you up may be shown it."));
    row.account = context_.own.account;
  } else if (row.account == AccountId{}) {
    row.ambiguous = matched.size() > 1;
    if (matched.size() == 1) row.account = *matched.begin();
  } else if (!matched.empty() && !matched.contains(row.account)) {
    row.reset = true;
    BUD_CHECK(alerts_.raise(AlertKind::contact_reset, row.account, {},
                            "The address " + address + " now leads to another account. Nothing is sent there until you accept it."));
  } else if (matched.size() > 1) {
    BUD_CHECK(alerts_.raise(AlertKind::directory_mismatch, row.account, {},
                            "The directory at " + address + " serves a second account beside the one you know. The known one stays."));
  }
  return save(context_.db(), Table::addresses, key::text(address), row);
}

Result<> Directory::failed(const std::string& address) {
  // No answer is no answer: what is known stays, and what waited goes with it where it can.
  BUD_TRY(AddressRow row, load_or_new<AddressRow>(context_.db(), Table::addresses, key::text(address)));
  if (row.account == AccountId{}) return {};
  return send_waiting(row.account);
}

Result<> Directory::send_waiting(const AccountId& account) {
  BUD_CHECK(fanout_.send_to_found(account));
  std::set<DeviceId> devices;
  BUD_CHECK(each<WaitingRow>(context_.db(), Table::waiting, {key::account(account), {}, false, SIZE_MAX},
                             [&](std::uint64_t, WaitingRow& row) {
                               devices.insert(row.device);
                               return true;
                             }));
  devices.erase(DeviceId{});  // none was found
  for (const DeviceId& d : devices) BUD_CHECK(fanout_.send_waiting(account, d, true));
  return {};
}

Result<AccountId> Directory::resolve(const std::string& address) {
  if (!split_address(address)) return fail(Errc::malformed, "an address is written bridge:name, as in spool:alice");
  BUD_TRY(std::optional<AddressRow> row, load<AddressRow>(context_.db(), Table::addresses, key::text(address)));
  if (row && row->reset)
    return fail(Errc::not_approved, "another account is served at " + address + " than before; look at the alerts before you write there");
  if (row && row->ambiguous)
    return fail(Errc::not_approved, "several accounts are served at " + address + "; compare the safety number with the person you mean");
  if (!row || row->account == AccountId{}) return fail(Errc::no_such_address, "no account was found at " + address);
  return row->account;
}

Result<> Directory::refresh(const AccountId& account, Duration age) {
  BUD_TRY(std::vector<std::string> addresses, addresses_of(context_, account));
  for (const std::string& address : addresses) {
    BUD_TRY(AddressRow known, load_or_new<AddressRow>(context_.db(), Table::addresses, key::text(address)));
    if (elapsed(known.looked_up, context_.now()) < age) continue;
    BUD_CHECK(want_lookup(context_, address));
  }
  return {};
}

Result<> Directory::ask_again(bool at_once) {
  const Time now = context_.now();
  if (!at_once && now >= asked_ && elapsed(asked_, now) < ask_again_after) return {};
  asked_ = now;
  std::set<AccountId> accounts;
  BUD_CHECK(each<WaitingRow>(context_.db(), Table::waiting, {}, [&](std::uint64_t, WaitingRow& row) {
    accounts.insert(row.account);
    return true;
  }));
  for (const AccountId& account : accounts) BUD_CHECK(refresh(account, {}));
  return {};
}

// --- what is published ---

Result<> Directory::republish() {
  // By the clock where it is ahead, so that a store that was put back does not fall behind its own record.
  context_.own.record_sequence = std::max(context_.own.record_sequence + 1, context_.now().ms);
  context_.own.record_time = context_.now();
  context_.own_changed = true;
  return each<BridgeRow>(context_.db(), Table::bridges, {}, [&](std::uint64_t, BridgeRow& b) {
    if (b.known) context_.changes.publish.insert(b.config.name);
    return true;
  });
}

Time Directory::republish_due() const {
  return context_.own.record_time + Duration{republish_least.ms + hours(context_.own.record_time.ms % 8).ms};
}

Result<> Directory::republish_when_due() {
  if (!context_.member() || context_.now() < republish_due()) return {};
  return republish();
}

Result<Bytes> Directory::device_record(const wire::AddressOpening& opening) {
  wire::RecordBody b;
  b.account = context_.own.account;
  b.device = context_.keys.device();
  b.sequence = context_.own.record_sequence;
  b.time = context_.own.record_time;
  BUD_TRY(b.bundle, prekeys_.current());
  // Only the way by this bridge: one directory does not publish where else a person can be found. Contacts are told the
  // others in-session.
  BUD_TRY(b.routes, own_routes(context_));
  std::erase_if(b.routes, [&](const wire::Route& r) { return r.address != opening.address; });
  b.address = opening.address;
  b.opening = opening.opening;
  BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(b.account));
  if (view) b.entries = view->proof(b.device, ledger_room);
  return wire::sign_record(b, context_.keys.signing());
}

Result<Bytes> Directory::join_record(const BridgeRow& bridge) {
  wire::JoinRecordBody b;
  b.device = context_.keys.device();
  b.identity = context_.keys.identity().public_key();
  b.time = context_.own.record_time;
  BUD_TRY(b.bundle, prekeys_.current());
  b.route = {bridge.config.name + ":" + bridge.identity.address, bridge.identity.device};
  b.commitment = join_commitment(b.device, b.identity, context_.own.join_nonce);
  return wire::sign_join_record(b, context_.keys.signing());
}

Result<std::optional<Publication>> Directory::publication(const BridgeRow& bridge) {
  std::optional<Publication> none;
  if (!bridge.known || bridge.published >= context_.own.record_sequence) return none;
  Publication p{bridge.identity.address, bridge.identity.device, context_.own.record_sequence, {}};
  const std::string address = bridge.config.name + ":" + bridge.identity.address;
  if (context_.own.state == AccountState::joining) {
    if (context_.own.join_address != address) return none;
    BUD_TRY(p.record, join_record(bridge));
    return std::optional<Publication>(std::move(p));
  }
  if (!context_.member()) return none;
  for (const wire::AddressOpening& o : context_.own.openings) {
    if (o.address != address) continue;
    BUD_TRY(p.record, device_record(o));
    return std::optional<Publication>(std::move(p));
  }
  return none;
}

}  // namespace bud::core
