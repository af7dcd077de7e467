#include "core/ledgers.h"

#include "wire/labels.h"

namespace bud::core {
namespace {

constexpr std::size_t cached_accounts = 1024;

// What an address book may show of a key: enough to tell two devices apart.
std::string short_name(const DeviceId& id) { return to_hex(id.view().first(4)); }

void describe_members(AccountView& v) {
  // From the most junior up, so that where a key was granted twice the most senior grant is the one that is kept.
  for (auto m = v.state.members.rbegin(); m != v.state.members.rend(); ++m) {
    if (m->role != ledger::Role::device) continue;
    auto e = v.entries.find(m->grant);
    if (e == v.entries.end()) continue;
    v.identities[m->key] = e->second.body().identity;
    v.added[m->key] = e->second.body().time;
  }
}

std::shared_ptr<const AccountView> judge(const AccountId& account, std::map<EntryHash, wire::Entry> entries,
                                         ledger::Memory memory) {
  auto v = std::make_shared<AccountView>();
  v->account = account;
  std::vector<ledger::Node> nodes;
  nodes.reserve(entries.size());
  for (const auto& [hash, e] : entries) nodes.push_back(to_node(e));
  auto state = ledger::evaluate(nodes);
  if (!state) return nullptr;
  v->entries = std::move(entries);
  v->state = std::move(*state);
  v->memory = std::move(memory);
  v->memory.observe(v->state);
  v->digest = digest_of(v->state);
  v->seal_for = v->memory.seal_for(v->state);
  v->held = v->memory.held(v->state);
  describe_members(*v);
  return v;
}

}  // namespace

ledger::Node to_node(const wire::Entry& entry) {
  const wire::EntryBody& b = entry.body();
  ledger::Node n;
  n.hash = entry.hash();
  n.parent = b.prev;
  n.signer = b.signer;
  n.kind = static_cast<ledger::Kind>(b.kind);
  if (b.kind == wire::EntryKind::genesis)
    n.founders = {{b.recovery, ledger::Role::recovery}, {b.key, ledger::Role::device}};
  else
    n.key = b.key;
  n.role = static_cast<ledger::Role>(b.role);
  n.keep = b.keep;
  using Ref = decltype(n.ref);
  if (b.kind == wire::EntryKind::claim) n.ref = Ref{b.blinded.bytes};
  if (b.kind == wire::EntryKind::release) n.ref = Ref{b.released.bytes};
  return n;
}

LedgerDigest digest_of(const ledger::State& state) {
  crypto::Hasher h(wire::label::ledger_digest);
  for (const EntryHash& e : state.needed) h.add(e.view());
  return h.finish_as<LedgerDigest>();
}

bool AccountView::claims(const wire::ClaimOpening& opening, std::string_view address) const {
  return state.claims.contains(wire::blind(opening, address));
}

const wire::Entry* AccountView::grant_of(const DeviceId& device) const {
  for (const ledger::Standing& m : state.members) {
    if (m.key != device) continue;
    auto e = entries.find(m.grant);
    return e == entries.end() ? nullptr : &e->second;
  }
  return nullptr;
}

std::vector<Bytes> AccountView::proof(const DeviceId& device, std::size_t room) const {
  std::set<EntryHash> wanted{EntryHash{account.bytes}};
  std::size_t size = 0;
  auto want = [&](const EntryHash& h) {
    auto e = entries.find(h);
    if (e == entries.end() || !wanted.insert(h).second) return;
    size += e->second.bytes().size() + 4;
  };
  // First the device's path and the revokes with theirs; then, while there is room, all that is needed.
  auto want_path = [&](const wire::Entry* e) {
    while (e != nullptr) {
      want(e->hash());
      auto up = entries.find(e->body().prev);
      e = up == entries.end() ? nullptr : &up->second;
    }
  };
  want_path(grant_of(device));
  for (const EntryHash& h : state.applied)
    if (auto e = entries.find(h); e != entries.end()) want_path(&e->second);
  for (const EntryHash& h : state.needed) {
    if (size >= room) break;
    want(h);
  }
  std::vector<Bytes> out;
  std::size_t used = 0;
  for (const EntryHash& h : wanted) {
    auto e = entries.find(h);
    if (e == entries.end() || (used += e->second.bytes().size() + 4) > room) continue;
    out.push_back(e->second.bytes());
  }
  return out;
}

Result<std::shared_ptr<const AccountView>> Ledgers::view(const AccountId& account) {
  if (auto cached = cache_.find(account); cached != cache_.end()) return cached->second;
  BUD_TRY(std::shared_ptr<const AccountView> v, read(account));
  if (cache_.size() >= cached_accounts) cache_.clear();
  cache_[account] = v;
  return v;
}

Result<std::shared_ptr<const AccountView>> Ledgers::read(const AccountId& account) {
  std::map<EntryHash, wire::Entry> entries;
  BUD_CHECK(each<EntryRow>(context_.db(), Table::ledger, {key::account(account), {}, false, SIZE_MAX},
                           [&](std::uint64_t, EntryRow& row) {
                             if (auto e = wire::trust_stored_entry(row.bytes)) entries.emplace(e->hash(), std::move(*e));
                             return true;
                           }));
  if (entries.empty()) return std::shared_ptr<const AccountView>();
  BUD_TRY(AccountRow row, load_or_new<AccountRow>(context_.db(), Table::accounts, key::account(account)));
  return judge(account, std::move(entries), std::move(row.memory));
}

Result<wire::Entry> Ledgers::verify(ByteView bytes) {
  BUD_TRY(wire::UnverifiedEntry entry, wire::decode_entry(bytes));
  // (A store that cannot be read is met by whoever takes the entry in; until then it is unknown.)
  if (const auto known = view(entry.account()); known && *known)
    if (auto e = (*known)->entries.find(entry.hash()); e != (*known)->entries.end() && std::ranges::equal(e->second.bytes(), bytes))
      return wire::Entry(e->second);
  return wire::verify(std::move(entry));
}

Result<bool> Ledgers::absorb(const AccountId& account, std::span<const wire::Entry> offered) {
  BUD_TRY(std::shared_ptr<const AccountView> before, view(account));
  std::vector<const wire::Entry*> fresh;
  for (const wire::Entry& e : offered)
    if (e.account() == account && !(before && before->entries.contains(e.hash()))) fresh.push_back(&e);
  if (fresh.empty()) return false;
  std::map<EntryHash, wire::Entry> entries;
  if (before) entries = before->entries;
  for (const wire::Entry* e : fresh) entries.emplace(e->hash(), *e);
  auto genesis = entries.find(EntryHash{account.bytes});
  if (genesis == entries.end()) return false;  // nothing can be judged before it is here

  // What hangs together, within the store's bounds: the replica decides what is kept.
  BUD_TRY(ledger::Replica replica, ledger::Replica::open(to_node(genesis->second)));
  std::vector<ledger::Node> nodes;
  for (const auto& [hash, e] : entries) nodes.push_back(to_node(e));
  const ledger::Memory memory = before ? before->memory : ledger::Memory{};
  replica.take(ledger::parents_first(nodes), memory);
  replica.trim(memory);
  std::erase_if(entries, [&](const auto& e) { return replica.find(e.first) == nullptr; });

  std::shared_ptr<const AccountView> after = judge(account, std::move(entries), memory);
  if (!after) return false;
  for (const wire::Entry* e : fresh)
    if (after->entries.contains(e->hash()))
      BUD_CHECK(save(context_.db(), Table::ledger, key::entry(account, e->hash()), EntryRow{e->bytes()}));
  if (before)
    for (const auto& [hash, e] : before->entries)
      if (!after->entries.contains(hash)) BUD_CHECK(context_.db().erase(Table::ledger, key::entry(account, hash)));
  BUD_TRY(AccountRow row, load_or_new<AccountRow>(context_.db(), Table::accounts, key::account(account)));
  row.memory = after->memory;
  BUD_CHECK(save(context_.db(), Table::accounts, key::account(account), row));
  cache_[account] = after;
  if (before && !std::includes(after->seal_for.begin(), after->seal_for.end(), before->seal_for.begin(), before->seal_for.end()))
    context_.devices_removed = true;
  const bool moved = !before || before->digest != after->digest;
  if (moved) BUD_CHECK(announce(before.get(), *after));
  return moved;
}

Result<> Ledgers::announce(const AccountView* before, const AccountView& after) {
  if (after.account == context_.own.account && context_.own.state != AccountState::none) return announce_own(before, after);
  if (before == nullptr) return {};
  BUD_TRY(std::optional<ContactRow> contact,
          load<ContactRow>(context_.db(), Table::contacts, key::account(after.account)));
  if (!contact) return {};
  context_.changes.contacts.push_back(after.account);
  for (const DeviceId& d : after.seal_for)
    if (!before->seal_for.contains(d))
      BUD_CHECK(alerts_.raise(AlertKind::contact_devices_changed, after.account, d,
                              "A contact has a new device (" + short_name(d) + "); what you write from now on goes to it too."));
  for (const DeviceId& d : before->seal_for)
    if (!after.seal_for.contains(d))
      BUD_CHECK(alerts_.raise(AlertKind::contact_devices_changed, after.account, d,
                              "A contact's device (" + short_name(d) + ") was removed; nothing is sent to it any more."));
  if (!after.held.empty() && before->held.empty())
    BUD_CHECK(alerts_.raise(AlertKind::disputed, after.account, *after.held.begin(),
                            "Two sides claim a contact's account: a device that was removed is back. Nothing is sent to it until you decide."));
  return {};
}

Result<> Ledgers::announce_own(const AccountView* before, const AccountView& after) {
  context_.changes.account = true;
  const DeviceId& self = context_.keys.device();
  for (const DeviceId& d : after.state.active)
    if (d != self && before != nullptr && !before->state.active.contains(d))
      BUD_CHECK(alerts_.raise(AlertKind::device_added, after.account, d,
                              "Your account has a new device (" + short_name(d) + "). If you did not add it, revoke it now."));
  if (before != nullptr)
    for (const DeviceId& d : before->state.active)
      if (d != self && !after.state.active.contains(d))
        BUD_CHECK(alerts_.raise(AlertKind::device_revoked, after.account, d,
                                "Device " + short_name(d) + " was removed from your account."));
  if (!after.held.empty())
    BUD_CHECK(alerts_.raise(AlertKind::disputed, after.account, *after.held.begin(),
                            "A device that was removed from your account is back in its ledger. Nothing is sent to it; use your recovery words to settle it."));
  const bool in = after.state.active.contains(self);
  if (context_.own.state == AccountState::member && !in) {
    context_.own.state = AccountState::removed;
    context_.own_changed = true;
    BUD_CHECK(alerts_.raise(AlertKind::this_device_removed, after.account, self,
                            "This device was removed from your account. It can read what it has, and sends nothing any more."));
  } else if (context_.own.state == AccountState::removed && in) {
    context_.own.state = AccountState::member;
    context_.own_changed = true;
  }
  return {};
}

}  // namespace bud::core
