// Roster entries as they are carried: one behind the other, each behind its length. What holds of each, and of the
// group that those which verify make. The mutator signs what it changes, and whatever hangs below it.
#include "core/roster.h"
#include "fuzz/support/harness.h"
#include "fuzz/support/ledger_checks.h"
#include "fuzz/support/mutator.h"
#include "fuzz/support/ring.h"
#include "support/hostile_keys.h"

namespace bud::fuzz {
namespace {

using wire::RosterBody;
using wire::RosterEntry;
using wire::RosterKind;

constexpr std::size_t most_entries = 24;

std::vector<Bytes> split(ByteView input) {
  std::vector<Bytes> all;
  wire::Reader r(input);
  while (r.remaining() > 0 && all.size() < most_entries) {
    const ByteView one = r.vector(2 * wire::max_roster_entry);
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

std::optional<RosterEntry> check_entry(ByteView raw) {
  const Result<wire::UnverifiedRosterEntry> read = wire::decode_roster_entry(raw);
  const Result<RosterEntry> verified = wire::decode_and_verify_roster_entry(raw);
  if (!read) {
    BUD_HOLDS(failed_with(read, Errc::malformed) && failed_with(verified, Errc::malformed));
    return std::nullopt;
  }
  BUD_HOLDS(raw.size() <= wire::max_roster_entry);
  BUD_HOLDS(read->body.keep.size() <= wire::max_keep && read->body.members.size() < wire::max_members);
  BUD_HOLDS(read->body.name.size() <= wire::max_name && read->body.address.size() <= wire::max_address);
  BUD_HOLDS(wire::encode(read->body) == read->body_bytes);
  BUD_HOLDS(equal(wire::Writer().vector(read->body_bytes).fixed(read->device).fixed(read->signature).take(), raw));
  const Result<RosterEntry> trusted = wire::trust_stored_roster_entry(raw);
  BUD_HOLDS(trusted && equal(trusted->bytes(), raw));
  if (!verified) {
    const Errc code = verified.error().code;
    BUD_HOLDS(code == Errc::malformed || code == Errc::bad_key || code == Errc::bad_signature);
    return std::nullopt;
  }
  // Only the ring signs, and it signs in one way; and anybody can sign the same again.
  const crypto::SigningKey* device = ring().find(read->device);
  BUD_HOLDS(device != nullptr);
  BUD_HOLDS(wire::sign_roster_entry(read->body, *device).bytes() == verified->bytes());
  BUD_HOLDS(verified->hash() == trusted->hash() && verified->group() == trusted->group());
  BUD_HOLDS(!verified->group().is_zero());
  const Result<RosterEntry> again = wire::sign_again(*verified, ring().signing[0]);
  BUD_HOLDS(again && again->hash() == verified->hash());
  BUD_HOLDS(wire::decode_and_verify_roster_entry(again->bytes()).has_value());
  return *verified;
}

// --- what holds of a group ---

void check_group(const std::map<EntryHash, RosterEntry>& entries, ByteView choice) {
  std::vector<core::ledger::Node> nodes;
  for (const auto& [hash, e] : entries) nodes.push_back(core::to_node(e));
  const Result<core::Roster> roster = core::judge_roster(entries);
  BUD_HOLDS(roster.has_value());
  std::set<wire::SeatId> seats;
  for (const auto& [account, m] : roster->members) {
    BUD_HOLDS(!account.is_zero() && !m.seats.empty());
    for (const wire::SeatId& seat : m.seats) BUD_HOLDS(seats.insert(seat).second);
  }
  BUD_HOLDS(seats.size() == roster->seats());
  BUD_HOLDS(roster->name_number <= roster->state.effective.size() * core::max_name_step);
  // What does not count makes no difference.
  std::map<EntryHash, RosterEntry> needed;
  for (const auto& [hash, e] : entries)
    if (e.body().kind == RosterKind::genesis ||
        std::binary_search(roster->state.needed.begin(), roster->state.needed.end(), hash))
      needed.emplace(hash, e);
  const Result<core::Roster> slim = core::judge_roster(needed);
  BUD_HOLDS(slim && slim->digest == roster->digest && slim->name == roster->name);
  BUD_HOLDS(slim->accounts() == roster->accounts());
  check_ledger(nodes, core::ledger::roster_bounds, Feed(choice));
}

// --- making them ---

constexpr std::size_t accounts = 5;
AccountId account(std::size_t number) {
  AccountId a;
  a.bytes[0] = static_cast<std::uint8_t>(1 + number % accounts);
  return a;
}

struct Item {
  Bytes raw;
  std::optional<RosterBody> body;
  EntryHash hash;

  explicit Item(Bytes bytes) : raw(std::move(bytes)) {
    if (Result<wire::UnverifiedRosterEntry> e = wire::decode_roster_entry(raw)) {
      hash = e->hash();
      body = std::move(e->body);
    }
  }
};

Bytes sign(const RosterBody& body, Dice& dice) {
  return wire::sign_roster_entry(body, ring().any(dice)).bytes();
}

// Whatever named an entry that was changed names it as it is now, and is signed anew.
void settle(std::vector<Item>& items, std::map<EntryHash, EntryHash> names, Dice& dice) {
  for (std::size_t pass = 0; pass < 8 && !names.empty(); ++pass) {
    std::map<EntryHash, EntryHash> next;
    for (Item& item : items) {
      if (!item.body) continue;
      bool moved = false;
      const auto rename = [&](auto& field) {
        const auto to = names.find(EntryHash{field.bytes});
        if (to == names.end()) return;
        field.bytes = to->second.bytes;
        moved = true;
      };
      rename(item.body->prev);
      rename(item.body->group);
      for (EntryHash& keep : item.body->keep) rename(keep);
      if (!moved) continue;
      const EntryHash before = item.hash;
      item = Item(sign(*item.body, dice));
      next[before] = item.hash;
    }
    names = std::move(next);
  }
}

EntryHash any_hash(std::vector<Item>& items, Dice& dice) {
  return percent(dice, 95) ? pick(items, dice).hash : test::random_fixed<EntryHash>(dice);
}

// Somebody's seat, as some entry names it.
std::pair<AccountId, wire::SeatNonce> any_seat(std::vector<Item>& items, Dice& dice) {
  const Item& item = pick(items, dice);
  if (!item.body || percent(dice, 10))
    return {account(dice.below(accounts)), test::random_fixed<wire::SeatNonce>(dice)};
  const RosterBody& b = *item.body;
  if (b.kind == RosterKind::genesis && !b.members.empty() && percent(dice, 60))
    return {b.members[dice.below(b.members.size())].account, b.seat};
  if ((b.kind == RosterKind::add || b.kind == RosterKind::remove) && percent(dice, 50))
    return {b.account, b.account_seat};
  return {b.author, b.seat};
}

RosterKind any_kind(Dice& dice) {
  constexpr RosterKind kinds[] = {RosterKind::add, RosterKind::add, RosterKind::remove, RosterKind::rename};
  return kinds[dice.below(std::size(kinds))];
}

// One more, by somebody who may sign below its parent, as a rule.
Item grown(std::vector<Item>& items, Dice& dice) {
  const Item& parent = pick(items, dice);
  RosterBody b;
  b.kind = any_kind(dice);
  b.prev = parent.hash;
  b.group.bytes = items[0].hash.bytes;
  std::tie(b.author, b.seat) = any_seat(items, dice);
  if (parent.body && percent(dice, 70)) {
    const RosterBody& p = *parent.body;
    const bool heir = p.kind == RosterKind::add && percent(dice, 50);
    b.author = heir ? p.account : p.author;
    b.seat = heir ? p.account_seat : p.seat;
    if (p.kind == RosterKind::genesis && !p.members.empty() && percent(dice, 60))
      b.author = p.members[dice.below(p.members.size())].account;
  }
  std::tie(b.account, b.account_seat) = any_seat(items, dice);
  if (b.kind == RosterKind::add && percent(dice, 70)) dice.fill(b.account_seat.bytes);
  b.role = percent(dice, 30) ? wire::RosterRole::administrator : wire::RosterRole::member;
  b.number = percent(dice, 80) ? dice.below(2500) : dice.next();
  b.name = percent(dice, 50) ? "name" : "";
  if (b.kind == RosterKind::remove)
    for (std::size_t n = dice.below(wire::max_keep + 2); n > 0; --n) b.keep.push_back(any_hash(items, dice));
  b.time = {dice.next()};
  return Item(sign(b, dice));
}

void change_field(RosterBody& b, std::vector<Item>& items, Dice& dice) {
  switch (dice.below(10)) {
    case 0:
      b.prev = any_hash(items, dice);
      break;
    case 1:
      std::tie(b.author, b.seat) = any_seat(items, dice);
      break;
    case 2:
      std::tie(b.account, b.account_seat) = any_seat(items, dice);
      break;
    case 3:
      b.role = b.role == wire::RosterRole::member ? wire::RosterRole::administrator : wire::RosterRole::member;
      break;
    case 4: {
      wire::Right* rights[] = {&b.policy.add, &b.policy.remove, &b.policy.rename, &b.policy.post};
      wire::Right& right = *rights[dice.below(4)];
      right = right == wire::Right::anyone ? wire::Right::administrators : wire::Right::anyone;
      break;
    }
    case 5:
      b.keep.push_back(any_hash(items, dice));
      break;
    case 6:
      b.members.push_back({account(dice.below(accounts)), "spool:x"});
      break;
    case 7:
      b.number = dice.below(5000);
      break;
    case 8:
      b.group.bytes = any_hash(items, dice).bytes;
      break;
    default:
      b.time = {dice.next()};
      break;  // another hash, and so another rank
  }
}

// The body's bytes as they come, under a signature that holds: what only a codec's fault could let through.
Bytes signed_blindly(const Item& item, Dice& dice) {
  wire::Reader r(item.raw);
  const Bytes body = blindly(r.vector(2 * wire::max_roster_entry), 1024);
  const crypto::SigningKey& key = ring().any(dice);
  Bytes part = body;
  append(part, key.id().view());
  return wire::Writer().vector(body).fixed(key.id()).fixed(key.sign(wire::label::roster_sign, part)).take();
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
      RosterBody body = *item.body;
      change_field(body, items, dice);
      item = Item(sign(body, dice));
      settle(items, {{before, item.hash}}, dice);
      break;
    }
    case 5:
      item = Item(signed_blindly(item, dice));
      settle(items, {{before, item.hash}}, dice);
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
  std::map<EntryHash, RosterEntry> entries;
  ThreadId group;
  for (const Bytes& raw : split(input)) {
    const std::optional<RosterEntry> e = check_entry(raw);
    if (!e) continue;
    if (entries.empty() && e->body().kind == RosterKind::genesis) group = e->group();
    if (e->group() == group && !group.is_zero()) entries.emplace(e->hash(), *e);
  }
  if (!entries.empty()) check_group(entries, input.last(std::min<std::size_t>(input.size(), 64)));
}

void write_seeds(Seeds& seeds) {
  Dice dice(230);
  const auto signed_by_first = [](const RosterBody& b) {
    return wire::sign_roster_entry(b, ring().signing[0]).bytes();
  };
  RosterBody genesis;
  genesis.author = account(0);
  genesis.nonce.bytes[0] = 9;
  genesis.seat.bytes[0] = 9;
  genesis.name = "Friends";
  genesis.members = {{account(1), "spool:bob"}, {account(2), ""}};
  std::vector<Item> items{Item(signed_by_first(genesis))};
  seeds.add("genesis", join({items[0].raw}));
  const auto below = [&](std::size_t parent, RosterKind kind, std::size_t author, std::size_t about) {
    RosterBody b;
    b.kind = kind;
    b.group.bytes = items[0].hash.bytes;
    b.prev = items[parent].hash;
    b.author = account(author);
    b.seat = genesis.seat;
    b.account = account(about);
    b.account_seat = genesis.seat;
    return b;
  };
  const auto sow = [&](std::string_view name, const RosterBody& b) {
    items.emplace_back(signed_by_first(b));
    seeds.add(name, join({items[0].raw, items.back().raw}));
  };
  RosterBody add = below(0, RosterKind::add, 1, 3), raise = below(0, RosterKind::add, 0, 1);
  add.address = "spool:dave";
  sow("add", add);
  raise.account_seat.bytes[0] = 8;
  raise.role = wire::RosterRole::administrator;
  sow("raise", raise);
  RosterBody remove = below(0, RosterKind::remove, 0, 1), leave = below(1, RosterKind::remove, 1, 1);
  remove.keep = {items[1].hash};
  sow("remove", remove);
  sow("leave", leave);
  RosterBody rename = below(0, RosterKind::rename, 2, 0);
  rename.number = 1;
  rename.name = "Others";
  sow("rename", rename);
  std::vector<Bytes> all;
  for (const Item& i : items) all.push_back(i.raw);
  seeds.add("group", join(all));
  std::reverse(all.begin(), all.end());
  seeds.add("group-backwards", join(all));
  genesis.policy = {wire::Right::administrators, wire::Right::administrators, wire::Right::administrators,
                    wire::Right::administrators};
  std::vector<Item> strict{Item(signed_by_first(genesis))};
  for (int i = 0; i < 8; ++i) strict.push_back(grown(strict, dice));
  all.clear();
  for (const Item& i : strict) all.push_back(i.raw);
  seeds.add("strict", join(all));
}

}  // namespace bud::fuzz

BUD_FUZZ_MUTATOR(bud::fuzz::mutate)
