#include "core/rosters.h"

namespace bud::core {
namespace {

constexpr std::size_t cached_groups = 256;
constexpr std::size_t most_states = 1024;  // of a group
// What waits, of one group and of all that anybody ever named.
constexpr std::size_t waiting_rows = 256, waiting_bytes = 1u << 20;
constexpr std::size_t waiting_rows_in_all = 2048, waiting_bytes_in_all = 8u << 20;

std::vector<ledger::Node> nodes_of(const std::map<EntryHash, wire::RosterEntry>& entries) {
  std::vector<ledger::Node> nodes;
  nodes.reserve(entries.size());
  for (const auto& [hash, e] : entries) nodes.push_back(to_node(e));
  return nodes;
}

// Those of them that hang together with the group's genesis.
std::map<EntryHash, wire::RosterEntry> connected(const std::map<EntryHash, wire::RosterEntry>& entries) {
  std::map<EntryHash, wire::RosterEntry> all;
  for (const ledger::Node& n : ledger::parents_first(nodes_of(entries))) all.emplace(n.hash, entries.at(n.hash));
  return all;
}

std::vector<const wire::RosterEntry*> parents_first(const Roster& roster) {
  const ledger::Tree& tree = roster.state.tree();
  std::vector<ledger::Tree::Index> order;
  for (ledger::Tree::Index e = 0; e < tree.size(); ++e)
    if (tree.placed(e)) order.push_back(e);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return tree.earlier(a, b); });
  std::vector<const wire::RosterEntry*> entries;
  for (const ledger::Tree::Index e : order) entries.push_back(&roster.entries.at(tree.node(e).hash));
  return entries;
}

}  // namespace

Result<std::shared_ptr<const Roster>> Rosters::view(const ThreadId& group) {
  if (auto cached = cache_.find(group); cached != cache_.end()) return cached->second;
  BUD_TRY(std::shared_ptr<const Roster> roster, read(group));
  if (cache_.size() >= cached_groups) cache_.clear();
  cache_[group] = roster;
  return roster;
}

Result<std::shared_ptr<const Roster>> Rosters::read(const ThreadId& group) {
  Entries entries;
  BUD_CHECK(each<EntryRow>(context_.db(), Table::rosters, {key::thread(group), {}, false, SIZE_MAX},
                           [&](std::uint64_t, EntryRow& row) {
                             if (auto e = wire::trust_stored_roster_entry(row.bytes))
                               entries.emplace(e->hash(), std::move(*e));
                             return true;
                           }));
  if (!entries.contains(EntryHash{group.bytes})) return std::shared_ptr<const Roster>();
  BUD_TRY(Roster roster, judge_roster(std::move(entries)));
  return std::make_shared<const Roster>(std::move(roster));
}

Result<bool> Rosters::listed(const wire::RosterEntry& entry) {
  BUD_TRY(const std::shared_ptr<const AccountView> author, ledgers_.view(entry.body().author));
  return author && author->seal_for.contains(entry.device());
}

Result<std::vector<Rosters::Candidate>> Rosters::waiting(const ThreadId& group) {
  std::vector<Candidate> all;
  BUD_CHECK(each<RosterWaitingRow>(context_.db(), Table::roster_waiting, {key::thread(group), {}, false, SIZE_MAX},
                                   [&](std::uint64_t number, RosterWaitingRow& row) {
                                     if (auto e = wire::trust_stored_roster_entry(row.bytes))
                                       all.push_back({std::move(*e), row.vouched, number, false});
                                     return true;
                                   }));
  return all;
}

// A statement that stands costs no signature again, unless the device under it is gone and this might be another's.
Result<> Rosters::offer(const Roster* known, const ThreadId& group, ByteView raw, std::vector<Candidate>& to) {
  Result<wire::UnverifiedRosterEntry> read = wire::decode_roster_entry(raw);
  if (!read || read->group() != group) return {};
  const EntryHash hash = read->hash();
  if (known != nullptr) {
    if (const auto e = known->entries.find(hash); e != known->entries.end()) {
      BUD_TRY(const bool stands, listed(e->second));
      if (stands || e->second.device() == read->device) return {};
    }
  }
  for (const Candidate& c : to)
    if (c.entry.hash() == hash && c.entry.device() == read->device) return {};
  Result<wire::RosterEntry> entry = wire::verify(std::move(*read));
  if (entry) to.push_back({std::move(*entry)});
  return {};
}

// What is known, and what of the candidates is vouched for.
Result<Rosters::Entries> Rosters::vouch(std::vector<Candidate>& candidates, const Roster* known) {
  Entries entries;
  if (known != nullptr) entries = known->entries;
  for (Candidate& c : candidates) {
    BUD_TRY(const bool is_listed, listed(c.entry));
    c.changed = c.changed || (is_listed && !c.vouched);
    c.vouched = c.vouched || is_listed;
    if (!c.vouched) continue;
    const auto [stored, fresh] = entries.emplace(c.entry.hash(), c.entry);
    if (fresh || !is_listed) continue;
    BUD_TRY(const bool stands, listed(stored->second));
    if (!stands) stored->second = c.entry;
  }
  return entries;
}

Result<RosterChange> Rosters::absorb(const ThreadId& group, std::span<const Bytes> offered) {
  BUD_TRY(const std::shared_ptr<const Roster> before, view(group));
  BUD_TRY(std::vector<Candidate> candidates, waiting(group));
  for (const Bytes& raw : offered) BUD_CHECK(offer(before.get(), group, raw, candidates));
  if (candidates.empty()) return RosterChange{before, before};
  BUD_TRY(Entries entries, vouch(candidates, before.get()));
  entries = connected(entries);
  BUD_CHECK(wait(group, candidates, entries));
  BUD_TRY(std::shared_ptr<const Roster> after, settle(before, std::move(entries)));
  return RosterChange{before, std::move(after)};
}

// Within the store's bounds: the replica decides what is kept.
Result<std::shared_ptr<const Roster>> Rosters::settle(std::shared_ptr<const Roster> before, Entries entries) {
  if (entries.empty()) return before;
  std::vector<ledger::Node> nodes = ledger::parents_first(nodes_of(entries));
  BUD_TRY(ledger::Replica replica, ledger::Replica::open(nodes.front(), ledger::roster_bounds));
  replica.take(nodes);
  replica.trim();
  std::erase_if(entries, [&](const auto& e) { return replica.find(e.first) == nullptr; });
  BUD_TRY(Roster judged, judge_roster(std::move(entries)));
  const auto after = std::make_shared<const Roster>(std::move(judged));
  for (const auto& [hash, e] : after->entries) {
    const auto stored = before ? before->entries.find(hash) : after->entries.end();
    if (before && stored != before->entries.end() && stored->second.bytes() == e.bytes()) continue;
    BUD_CHECK(save(context_.db(), Table::rosters, key::roster_entry(after->group, hash), EntryRow{e.bytes()}));
  }
  if (before)
    for (const auto& [hash, e] : before->entries)
      if (!after->entries.contains(hash))
        BUD_CHECK(context_.db().erase(Table::rosters, key::roster_entry(after->group, hash)));
  cache_[after->group] = after;
  if (!before || before->digest != after->digest) BUD_CHECK(remember(*after));
  return after;
}

Result<> Rosters::remember(const Roster& roster) {
  const RowKey at = key::roster_state(roster.group, roster.digest);
  BUD_TRY(const std::optional<RosterStateRow> there, load<RosterStateRow>(context_.db(), Table::roster_states, at));
  if (there) return {};
  std::size_t states = 0;
  std::optional<RosterStateRow> oldest;
  BUD_CHECK(each<RosterStateRow>(context_.db(), Table::roster_states, {key::thread(roster.group), {}, false, SIZE_MAX},
                                 [&](std::uint64_t, RosterStateRow& row) {
                                   ++states;
                                   if (!oldest || row.number < oldest->number) oldest = std::move(row);
                                   return true;
                                 }));
  if (states >= most_states)
    BUD_CHECK(context_.db().erase(Table::roster_states, key::roster_state(roster.group, oldest->digest)));
  const std::set<AccountId> members = roster.accounts();
  return save(context_.db(), Table::roster_states, at,
              RosterStateRow{roster.digest, context_.next_number(), {members.begin(), members.end()}});
}

// What is not vouched for, or hangs on nothing that is here.
Result<> Rosters::wait(const ThreadId& group, const std::vector<Candidate>& candidates, const Entries& settled) {
  bool more = false;
  for (const Candidate& c : candidates) {
    const bool waits = !c.vouched || !settled.contains(c.entry.hash());
    if (!waits && c.number != 0)
      BUD_CHECK(context_.db().erase(Table::roster_waiting, key::roster_waiting(group, c.number)));
    if (!waits || !c.changed) continue;
    more = more || c.number == 0;
    const std::uint64_t number = c.number != 0 ? c.number : context_.next_number();
    BUD_CHECK(save(context_.db(), Table::roster_waiting, key::roster_waiting(group, number),
                   RosterWaitingRow{group, c.entry.body().author, c.vouched, c.entry.bytes()}));
  }
  if (!more) return {};
  BUD_CHECK(bound_waiting(key::thread(group), waiting_rows, waiting_bytes));
  return bound_waiting({}, waiting_rows_in_all, waiting_bytes_in_all);
}

// The oldest give way.
Result<> Rosters::bound_waiting(const RowKey& prefix, std::size_t rows, std::size_t bytes) {
  std::map<std::uint64_t, std::pair<ThreadId, std::size_t>> all;
  std::size_t size = 0;
  BUD_CHECK(each<RosterWaitingRow>(context_.db(), Table::roster_waiting, {prefix, {}, false, SIZE_MAX},
                                   [&](std::uint64_t number, RosterWaitingRow& row) {
                                     all[number] = {row.group, row.bytes.size()};
                                     size += row.bytes.size();
                                     return true;
                                   }));
  for (auto oldest = all.begin(); oldest != all.end() && (all.size() > rows || size > bytes);
       oldest = all.erase(oldest)) {
    size -= oldest->second.second;
    BUD_CHECK(context_.db().erase(Table::roster_waiting, key::roster_waiting(oldest->second.first, oldest->first)));
  }
  return {};
}

Result<std::vector<RosterChange>> Rosters::retry(const AccountId& account) {
  std::set<ThreadId> groups;
  BUD_CHECK(each<RosterWaitingRow>(context_.db(), Table::roster_waiting, {}, [&](std::uint64_t, RosterWaitingRow& row) {
    if (row.author == account) groups.insert(row.group);
    return true;
  }));
  std::vector<RosterChange> moved;
  for (const ThreadId& group : groups) {
    BUD_TRY(RosterChange change, absorb(group, {}));
    if (change.moved()) moved.push_back(std::move(change));
  }
  return moved;
}

Result<std::optional<std::set<AccountId>>> Rosters::members_at(const ThreadId& group, const RosterDigest& digest) {
  BUD_TRY(const std::optional<RosterStateRow> row,
          load<RosterStateRow>(context_.db(), Table::roster_states, key::roster_state(group, digest)));
  if (!row) return std::optional<std::set<AccountId>>();
  return std::optional<std::set<AccountId>>(std::set<AccountId>(row->members.begin(), row->members.end()));
}

Result<std::vector<std::vector<Bytes>>> Rosters::entries(const ThreadId& group, std::size_t piece) {
  BUD_TRY(const std::shared_ptr<const Roster> roster, view(group));
  std::vector<std::vector<Bytes>> pieces;
  if (!roster) return pieces;
  std::size_t used = piece;
  for (const wire::RosterEntry* e : parents_first(*roster)) {
    const std::size_t size = e->bytes().size() + 4;
    if (pieces.empty() || used + size > piece) {
      pieces.emplace_back();
      used = 0;
    }
    used += size;
    pieces.back().push_back(e->bytes());
  }
  return pieces;
}

Result<std::vector<Bytes>> Rosters::ledgers_for(const ThreadId& group, std::size_t room) {
  BUD_TRY(const std::shared_ptr<const Roster> roster, view(group));
  std::vector<Bytes> out;
  if (!roster) return out;
  std::vector<std::pair<AccountId, DeviceId>> signers;
  for (const wire::RosterEntry* e : parents_first(*roster)) {
    const std::pair signer{e->body().author, e->device()};
    if (std::find(signers.begin(), signers.end(), signer) == signers.end()) signers.push_back(signer);
  }
  std::set<Bytes> given;
  for (std::size_t i = 0; i < signers.size(); ++i) {
    BUD_TRY(const std::shared_ptr<const AccountView> author, ledgers_.view(signers[i].first));
    if (!author) continue;
    for (Bytes& entry : author->proof(signers[i].second, room / (signers.size() - i))) {
      if (!given.insert(entry).second) continue;
      room -= std::min(room, entry.size() + 4);
      out.push_back(std::move(entry));
    }
  }
  return out;
}

}  // namespace bud::core
