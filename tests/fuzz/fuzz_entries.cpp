// Ledger entries as they are carried: one behind the other, each behind its length. What holds of each, and of the
// graph that those which verify make. The mutator signs what it changes, and whatever hangs below it.
#include "core/ledgers.h"
#include "fuzz/support/harness.h"
#include "fuzz/support/ledger_checks.h"
#include "fuzz/support/mutator.h"
#include "fuzz/support/ring.h"
#include "support/hostile_keys.h"

namespace bud::fuzz {
namespace {

namespace label = wire::label;
using wire::EntryBody;
using wire::EntryKind;

constexpr std::size_t most_entries = 32;

std::vector<Bytes> split(ByteView input) {
  std::vector<Bytes> all;
  wire::Reader r(input);
  while (r.remaining() > 0 && all.size() < most_entries) {
    const ByteView one = r.vector(2 * wire::max_entry);
    if (r.failed()) break;
    all.emplace_back(one.begin(), one.end());
  }
  return all;
}
Bytes join(const std::vector<Bytes>& entries) {
  wire::Writer w;
  for (const Bytes& e : entries) w.vector(e);
  return w.take();
}

// --- what holds of one ---

std::optional<wire::Entry> check_entry(ByteView raw) {
  const Result<wire::UnverifiedEntry> read = wire::decode_entry(raw);
  const Result<wire::Entry> verified = wire::decode_and_verify_entry(raw);
  if (!read) {
    BUD_HOLDS(failed_with(read, Errc::malformed) && failed_with(verified, Errc::malformed));
    return std::nullopt;
  }
  BUD_HOLDS(raw.size() <= wire::max_entry + 2 + crypto::Signature::size);
  BUD_HOLDS(read->body.keep.size() <= wire::max_keep);
  BUD_HOLDS(wire::encode(read->body) == read->body_bytes);
  BUD_HOLDS(equal(wire::Writer().vector(read->body_bytes).fixed(read->signature).take(), raw));
  const Result<wire::Entry> trusted = wire::trust_stored_entry(raw);
  BUD_HOLDS(trusted && equal(trusted->bytes(), raw));
  if (!verified) {
    const Errc code = verified.error().code;
    BUD_HOLDS(code == Errc::malformed || code == Errc::bad_key || code == Errc::bad_signature);
    return std::nullopt;
  }
  // Only the ring signs, and it signs in one way.
  const crypto::SigningKey* signer = ring().find(read->body.signer);
  BUD_HOLDS(signer != nullptr);
  BUD_HOLDS(wire::sign_entry(read->body, *signer).bytes() == verified->bytes());
  BUD_HOLDS(equal(verified->bytes(), raw));
  BUD_HOLDS(verified->hash() == trusted->hash() && verified->account() == trusted->account());
  BUD_HOLDS(!verified->account().is_zero());
  return *verified;
}

// --- making them ---

Bytes sign(EntryBody body) {
  const crypto::SigningKey* cosigner = ring().find(body.kind == EntryKind::genesis ? body.recovery : body.key);
  if (cosigner != nullptr) body.cosignature = wire::cosign(body, *cosigner);
  const crypto::SigningKey* signer = ring().find(body.signer);
  return wire::sign_entry(body, signer != nullptr ? *signer : ring().signing[0]).bytes();
}

struct Item {
  Bytes raw;
  std::optional<EntryBody> body;
  EntryHash hash;

  explicit Item(Bytes bytes) : raw(std::move(bytes)) {
    if (Result<wire::UnverifiedEntry> e = wire::decode_entry(raw)) {
      body = std::move(e->body);
      hash = crypto::hash<EntryHash>(label::entry_hash, e->body_bytes);
    }
  }
};

using Renamed = std::map<EntryHash, EntryHash>;

template <class F>
bool rename(F& field, const Renamed& names) {
  const auto to = names.find(EntryHash{field.bytes});
  if (to == names.end()) return false;
  field.bytes = to->second.bytes;
  return true;
}

// Whatever named an entry that was changed names it as it is now, and is signed anew.
void settle(std::vector<Item>& items, Renamed names) {
  for (std::size_t pass = 0; pass < 8 && !names.empty(); ++pass) {
    Renamed next;
    for (Item& item : items) {
      if (!item.body) continue;
      bool moved = rename(item.body->prev, names);
      moved = rename(item.body->account, names) || moved;
      moved = rename(item.body->released, names) || moved;
      for (EntryHash& keep : item.body->keep) moved = rename(keep, names) || moved;
      if (!moved) continue;
      const EntryHash before = item.hash;
      item = Item(sign(*item.body));
      next[before] = item.hash;
    }
    names = std::move(next);
  }
}

EntryHash any_hash(std::vector<Item>& items, Dice& dice) {
  return percent(dice, 95) ? pick(items, dice).hash : test::random_fixed<EntryHash>(dice);
}
DeviceId any_key(Dice& dice) {
  static const std::vector<test::HostileKey> hostile = test::hostile_signing_keys();
  if (percent(dice, 5)) return *DeviceId::from(hostile[dice.below(hostile.size())].bytes);
  return ring().any(dice).id();
}
crypto::DhPublic any_identity(Dice& dice) {
  static const std::vector<test::HostileKey> hostile = test::hostile_dh_keys();
  if (percent(dice, 10)) return *crypto::DhPublic::from(hostile[dice.below(hostile.size())].bytes);
  return ring().any_dh(dice).public_key();
}

EntryKind any_kind(Dice& dice) {
  return static_cast<EntryKind>(2 + dice.below(5));
}

// One more, by somebody who may sign below its parent, as a rule.
Item grown(std::vector<Item>& items, Dice& dice) {
  const Item& parent = pick(items, dice);
  EntryBody b;
  b.kind = any_kind(dice);
  b.prev = parent.hash;
  b.account = AccountId{items[0].hash.bytes};
  b.signer = any_key(dice);
  if (parent.body && percent(dice, 70)) {
    const EntryBody& p = *parent.body;
    const bool grants = p.kind == EntryKind::add || p.kind == EntryKind::handover;
    b.signer = grants && percent(dice, 50) ? p.key : p.signer;
    if (p.kind == EntryKind::genesis && percent(dice, 30)) b.signer = p.recovery;
  }
  b.key = any_key(dice);
  b.role = percent(dice, 20) ? wire::Role::recovery : wire::Role::device;
  if (b.role == wire::Role::device) b.identity = any_identity(dice);
  b.time = {dice.next()};
  if (b.kind == EntryKind::revoke)
    for (std::size_t n = dice.below(wire::max_keep + 2); n > 0; --n) b.keep.push_back(any_hash(items, dice));
  b.blinded.bytes[0] = static_cast<std::uint8_t>(dice.below(4));
  b.released = any_hash(items, dice);
  return Item(sign(b));
}

void change_field(EntryBody& b, std::vector<Item>& items, Dice& dice) {
  switch (dice.below(11)) {
    case 0:
      b.prev = any_hash(items, dice);
      break;
    case 1:
      b.signer = any_key(dice);
      break;
    case 2:
      b.key = any_key(dice);
      break;
    case 3:
      b.identity = percent(dice, 30) ? crypto::DhPublic{} : any_identity(dice);
      break;
    case 4:
      b.role = b.role == wire::Role::device ? wire::Role::recovery : wire::Role::device;
      break;
    case 5:
      b.kind = static_cast<EntryKind>(1 + dice.below(6));
      break;
    case 6:
      b.keep.push_back(any_hash(items, dice));
      break;
    case 7:
      b.keep.clear();
      break;
    case 8:
      b.released = any_hash(items, dice);
      break;
    case 9:
      b.account = percent(dice, 50) ? AccountId{} : AccountId{any_hash(items, dice).bytes};
      break;
    default:
      b.time = {dice.next()};
      break;  // another hash, and so another rank
  }
}

// The body's bytes as they come, under a signature that holds: what only a codec's fault could let through.
Bytes signed_blindly(const Item& item) {
  wire::Reader r(item.raw);
  const Bytes body = blindly(r.vector(2 * wire::max_entry), wire::max_entry + 16);
  const crypto::SigningKey* signer = item.body ? ring().find(item.body->signer) : nullptr;
  const crypto::SigningKey& key = signer != nullptr ? *signer : ring().signing[0];
  return wire::Writer().vector(body).fixed(key.sign(label::entry_sign, body)).take();
}

std::optional<Bytes> mutate(ByteView input, Dice& dice, std::size_t most) {
  std::vector<Item> items;
  for (Bytes& raw : split(input)) items.emplace_back(std::move(raw));
  if (items.empty()) return std::nullopt;
  Item& item = pick(items, dice);
  const EntryHash before = item.hash;
  switch (dice.below(8)) {
    case 0:
    case 1:
    case 2:
      items.push_back(grown(items, dice));
      break;
    case 3:
    case 4: {
      if (!item.body) return std::nullopt;
      EntryBody body = *item.body;
      change_field(body, items, dice);
      item = Item(sign(body));
      settle(items, {{before, item.hash}});
      break;
    }
    case 5:
      item = Item(signed_blindly(item));
      settle(items, {{before, item.hash}});
      break;
    case 6:
      if (items.size() > 1) items.erase(items.begin() + static_cast<std::ptrdiff_t>(dice.below(items.size())));
      break;
    default:
      std::swap(item, pick(items, dice));
      break;
  }
  std::vector<Bytes> all;
  for (Item& one : items) all.push_back(std::move(one.raw));
  while (all.size() > 1 && join(all).size() > most) all.pop_back();
  return join(all);
}

}  // namespace

void run(ByteView input) {
  (void)check_entry(input);
  std::vector<core::ledger::Node> nodes;
  AccountId account;
  for (const Bytes& raw : split(input)) {
    const std::optional<wire::Entry> e = check_entry(raw);
    if (!e) continue;
    if (nodes.empty() && e->body().kind == EntryKind::genesis) account = e->account();
    if (e->account() == account && !account.is_zero()) nodes.push_back(core::to_node(*e));
  }
  if (!nodes.empty()) check_ledger(nodes, {}, Feed(input.last(std::min<std::size_t>(input.size(), 64))));
}

void write_seeds(Seeds& seeds) {
  EntryBody genesis;
  genesis.signer = genesis.key = ring().signing[0].id();
  genesis.identity = ring().dh[0].public_key();
  genesis.recovery = ring().signing[1].id();
  std::vector<Item> items{Item(sign(genesis))};
  seeds.add("genesis", join({items[0].raw}));
  const auto below = [&](std::size_t parent, EntryKind kind, std::size_t signer, std::size_t key) {
    EntryBody b;
    b.kind = kind;
    b.account = AccountId{items[0].hash.bytes};
    b.prev = items[parent].hash;
    b.signer = ring().signing[signer].id();
    b.key = ring().signing[key].id();
    b.identity = ring().dh[key % ring().dh.size()].public_key();
    return b;
  };
  const auto sow = [&](std::string_view name, const EntryBody& b) {
    items.emplace_back(sign(b));
    seeds.add(name, join({items[0].raw, items.back().raw}));
  };
  EntryBody paper = below(0, EntryKind::add, 1, 4);
  paper.role = wire::Role::recovery;
  paper.identity = {};
  sow("add", below(0, EntryKind::add, 0, 2));
  sow("add-recovery", paper);
  sow("handover", below(1, EntryKind::handover, 2, 3));
  EntryBody revoke = below(1, EntryKind::revoke, 0, 2);
  revoke.keep = {items[3].hash};
  sow("revoke", revoke);
  EntryBody claim = below(1, EntryKind::claim, 0, 0);
  claim.blinded.bytes[0] = 1;
  sow("claim", claim);
  EntryBody release = below(5, EntryKind::release, 0, 0);
  release.released = items[5].hash;
  sow("release", release);
  std::vector<Bytes> all;
  for (const Item& i : items) all.push_back(i.raw);
  seeds.add("ledger", join(all));
  std::reverse(all.begin(), all.end());
  seeds.add("ledger-backwards", join(all));
}

}  // namespace bud::fuzz

BUD_FUZZ_MUTATOR(bud::fuzz::mutate)
