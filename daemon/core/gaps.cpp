#include "core/gaps.h"

namespace bud::core {
namespace {

constexpr Duration patience = minutes(1);  // what is late only comes by itself
constexpr std::uint32_t most_asked = 12;   // doubling from a minute: some three days
constexpr Time never{UINT64_MAX};          // still missed, and shown so
constexpr std::size_t wants_of_a_thread = 256;
constexpr std::size_t answer_room = 40 * 1024;

WantRow message_want(const ThreadId& thread, const wire::Previous& p) {
  WantRow want;
  want.thread = thread;
  want.what.bytes = p.hash.bytes;
  want.account = p.author;
  return want;
}

}  // namespace

Result<> Gaps::note(const wire::Content& c) {
  for (const wire::Previous& p : c.previous) {
    BUD_TRY(std::optional<PlaceRow> here, messages_.place(p.hash));
    BUD_TRY(std::optional<AsideRow> aside, load<AsideRow>(context_.db(), Table::aside, key::aside(c.thread, p.hash)));
    WantRow want = message_want(c.thread, p);
    BUD_TRY(std::optional<WantRow> known, load<WantRow>(context_.db(), Table::wants, key::want(want)));
    if (here || aside || known) continue;
    BUD_TRY(bool room, room_in(c.thread));
    if (!room) return {};
    want.due = context_.now() + patience;
    BUD_CHECK(save(context_.db(), Table::wants, key::want(want), want));
  }
  return {};
}

Result<bool> Gaps::room_in(const ThreadId& thread) {
  std::size_t wants = 0;
  BUD_CHECK(each<WantRow>(context_.db(), Table::wants, {key::thread(thread), {}, false, wants_of_a_thread},
                          [&](std::uint64_t, WantRow&) { return ++wants < wants_of_a_thread; }));
  return wants < wants_of_a_thread;
}

Result<> Gaps::found(const ThreadId& thread, const ContentHash& hash) {
  return context_.db().erase(Table::wants, key::want(message_want(thread, {hash, {}})));
}

Result<> Gaps::refused(const ThreadId& thread, const ContentHash& hash, const AccountId& by) {
  const RowKey k = key::want(message_want(thread, {hash, {}}));
  BUD_TRY(std::optional<WantRow> want, load<WantRow>(context_.db(), Table::wants, k));
  return want && want->account == by ? context_.db().erase(Table::wants, k) : Result<>{};
}

Result<bool> Gaps::missed(const ThreadId& thread, const ContentHash& hash) {
  BUD_TRY(std::optional<WantRow> want, load<WantRow>(context_.db(), Table::wants, key::want(message_want(thread, {hash, {}}))));
  return want.has_value();
}

// --- rosters ---

Result<> Gaps::note_roster(const ThreadId& group, const RosterDigest& digest, const Recipient& from) {
  BUD_TRY(std::shared_ptr<const Roster> roster, rosters_.view(group));
  if (roster) {
    BUD_TRY(auto members, rosters_.members_at(group, digest));
    if (members) return {};
  }
  WantRow want;
  want.kind = WantKind::roster;
  want.thread = group;
  want.what.bytes = digest.bytes;
  BUD_TRY(std::optional<WantRow> known, load<WantRow>(context_.db(), Table::wants, key::want(want)));
  BUD_TRY(bool room, room_in(group));
  if (known || !room) return {};
  want.account = from.account;
  want.device = from.device;
  want.due = roster ? context_.now() + patience : context_.now();
  return save(context_.db(), Table::wants, key::want(want), want);
}

Result<> Gaps::roster_moved(const ThreadId& group) {
  std::vector<WantRow> wants;
  BUD_CHECK(each<WantRow>(context_.db(), Table::wants, {key::thread(group), {}, false, SIZE_MAX}, [&](std::uint64_t, WantRow& want) {
    if (want.kind == WantKind::roster) wants.push_back(std::move(want));
    return true;
  }));
  for (const WantRow& want : wants) {
    BUD_TRY(auto members, rosters_.members_at(group, RosterDigest{want.what.bytes}));
    if (members) BUD_CHECK(context_.db().erase(Table::wants, key::want(want)));
  }
  return {};
}

Result<> Gaps::ask_for_roster(const WantRow& want) {
  wire::Content c = control_content(context_, wire::ContentKind::thread_change, wire::ThreadChange{true, {}, {}});
  c.thread = want.thread;
  const Recipient to{want.account, want.device};
  return fanout_.send(make_letter(c, false), {&to, 1});
}

// --- asking ---

Result<> Gaps::ask(const WantRow& want, std::vector<ContentHash> hashes) {
  BUD_TRY(std::vector<Recipient> devices, fanout_.devices(want.account));
  wire::Content c = control_content(context_, wire::ContentKind::history, wire::History{std::move(hashes), {}, {}});
  c.thread = want.thread;
  // Another device each time: the one that wrote it may be gone. Who cannot be reached is looked up for the next time.
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const Recipient& to = devices[(want.asked + i) % devices.size()];
    BUD_TRY(bool reachable, fanout_.reachable(to, SessionChoice::preferred));
    if (reachable) return fanout_.send(make_letter(c, false), {&to, 1});
  }
  return {};
}

Result<> Gaps::asked(WantRow& want) {
  ++want.asked;
  want.due = want.asked < most_asked ? context_.now() + Duration{patience.ms << want.asked} : never;
  return save(context_.db(), Table::wants, key::want(want), want);
}

Result<> Gaps::ask_due() {
  const Time now = context_.now();
  std::map<std::pair<ThreadId, AccountId>, std::vector<WantRow>> due;
  std::vector<WantRow> rosters;
  BUD_CHECK(each<WantRow>(context_.db(), Table::wants, {}, [&](std::uint64_t, WantRow& want) {
    if (want.due > now) return true;
    if (want.kind == WantKind::roster)
      rosters.push_back(std::move(want));
    else if (want.kind == WantKind::message)
      due[{want.thread, want.account}].push_back(std::move(want));
    return true;
  }));
  for (auto& [of, wants] : due) {
    std::vector<ContentHash> hashes;
    for (WantRow& want : wants) {
      hashes.push_back(ContentHash{want.what.bytes});
      if (hashes.size() >= wire::max_hashes) break;
    }
    BUD_CHECK(ask(wants.front(), std::move(hashes)));
    for (WantRow& want : wants) BUD_CHECK(asked(want));
  }
  for (WantRow& want : rosters) {
    BUD_CHECK(ask_for_roster(want));
    BUD_CHECK(asked(want));
  }
  return {};
}

Result<std::optional<Time>> Gaps::next_due() {
  std::optional<Time> due;
  BUD_CHECK(each<WantRow>(context_.db(), Table::wants, {}, [&](std::uint64_t, WantRow& want) {
    if (want.due != never && (!due || want.due < *due)) due = want.due;
    return true;
  }));
  return due;
}

// --- answering ---

Result<bool> Gaps::written_for(const wire::Content& c, const AccountId& account) {
  if (account == context_.own.account) return true;
  if (c.roster == RosterDigest{}) return c.to.size() == 1 && c.to.front() == account;
  BUD_TRY(auto members, rosters_.members_at(c.thread, c.roster));
  return members && members->contains(account);
}

Result<bool> Gaps::is_in(const ThreadId& thread, const AccountId& account) {
  if (account == context_.own.account || thread == wire::thread_of_two(context_.own.account, account)) return true;
  BUD_TRY(std::shared_ptr<const Roster> roster, rosters_.view(thread));
  return roster && roster->has(account);
}

Result<> Gaps::answer(const wire::History& history, const ThreadId& thread, const Recipient& to) {
  BUD_TRY(bool inside, is_in(thread, to.account));
  if (!inside) return {};
  wire::History told;
  std::size_t size = 0;
  for (const ContentHash& hash : history.asked) {
    BUD_TRY(std::optional<MessageRow> row, messages_.by_hash(hash));
    if (!row || size + row->content.size() > answer_room) continue;
    Result<wire::Content> c = wire::decode_content(row->content);
    if (!c || c->thread != thread || c->author != context_.own.account) continue;
    BUD_TRY(bool theirs, written_for(*c, to.account));
    if (!theirs) {
      told.refused.push_back(hash);
      continue;
    }
    size += row->content.size();
    told.told.push_back(std::move(row->content));
  }
  if (told.told.empty() && told.refused.empty()) return {};
  wire::Content c = control_content(context_, wire::ContentKind::history, std::move(told));
  c.thread = thread;
  return fanout_.send(make_letter(c, false), {&to, 1});
}

}  // namespace bud::core
