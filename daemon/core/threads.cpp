#include "core/threads.h"

#include "core/own_state.h"

namespace bud::core {

Result<std::optional<ThreadRow>> Threads::find(const ThreadId& id) {
  return load<ThreadRow>(context_.db(), Table::threads, key::thread(id));
}

Result<ThreadRow> Threads::get(const ThreadId& id) {
  BUD_TRY(std::optional<ThreadRow> row, find(id));
  if (!row) return fail(Errc::not_found, "no such thread");
  return std::move(*row);
}

Result<> Threads::save_row(const ThreadRow& row) {
  context_.changes.threads.push_back(row.thread);
  return save(context_.db(), Table::threads, key::thread(row.thread), row);
}

Result<ThreadRow> Threads::open(const AccountId& other) {
  ThreadRow fresh;
  fresh.thread = wire::thread_of_two(context_.own.account, other);
  BUD_TRY(std::optional<ThreadRow> row, find(fresh.thread));
  if (row) return std::move(*row);
  fresh.members = {other};
  return make(std::move(fresh));
}

// How far it was read may be known from another own device.
Result<ThreadRow> Threads::make(ThreadRow fresh) {
  BUD_TRY(const Bytes read, register_value(context_, wire::RegisterKind::read_up_to, fresh.thread.view()));
  fresh.read_up_to = register_number(read);
  BUD_CHECK(save_row(fresh));
  return fresh;
}

Result<ThreadRow> Threads::open_group(const ThreadId& group) {
  BUD_TRY(std::optional<ThreadRow> row, find(group));
  if (row) return std::move(*row);
  ThreadRow fresh;
  fresh.thread = group;
  fresh.group = true;
  return make(std::move(fresh));
}

Result<std::vector<AccountId>> Threads::members(const ThreadRow& row) {
  if (!row.group) return std::vector<AccountId>(row.members);
  BUD_TRY(std::shared_ptr<const Roster> roster, rosters_.view(row.thread));
  std::vector<AccountId> out;
  if (roster)
    for (const auto& [account, member] : roster->members)
      if (account != context_.own.account) out.push_back(account);
  return out;
}

Result<> Threads::describe_group(ThreadInfo& t, const ThreadRow& row) {
  BUD_TRY(std::shared_ptr<const Roster> roster, rosters_.view(row.thread));
  t.group = true;
  t.in = roster && roster->has(context_.own.account);
  if (!roster) return {};
  const auto who = [](wire::Right right) { return right == wire::Right::administrators ? Who::administrators : Who::everybody; };
  t.policy = {who(roster->policy.add), who(roster->policy.remove), who(roster->policy.rename), who(roster->policy.post)};
  for (const auto& [account, member] : roster->members)
    if (member.administrator) t.administrators.push_back(account);
  if (!roster->name.empty()) t.name = roster->name;
  return {};
}

Result<ThreadInfo> Threads::describe(const ThreadRow& row) {
  ThreadInfo t;
  t.thread = row.thread;
  t.unread = row.unread;
  BUD_TRY(t.members, members(row));
  for (const AccountId& m : t.members) {
    BUD_TRY(const std::string name, contacts_.name(m));
    t.name += (t.name.empty() ? "" : ", ") + name;
  }
  if (row.group) BUD_CHECK(describe_group(t, row));
  using enum wire::RegisterKind;
  BUD_TRY(const Bytes muted, register_value(context_, mute, row.thread.view()));
  BUD_TRY(const Bytes pinned, register_value(context_, pin, row.thread.view()));
  BUD_TRY(const Bytes archived, register_value(context_, archive, row.thread.view()));
  BUD_TRY(const Bytes begun, register_value(context_, draft, row.thread.view()));
  t.muted_until = register_time(muted);
  t.pinned = !pinned.empty();
  t.archived = !archived.empty();
  t.draft = as_text(begun);
  return t;
}

Result<ThreadInfo> Threads::info(const ThreadId& id) {
  BUD_TRY(ThreadRow row, get(id));
  return describe(row);
}

Result<std::vector<ThreadInfo>> Threads::all() {
  std::vector<ThreadRow> rows;
  BUD_CHECK(each<ThreadRow>(context_.db(), Table::threads, {}, [&](std::uint64_t, ThreadRow& row) {
    rows.push_back(std::move(row));
    return true;
  }));
  std::vector<ThreadInfo> out;
  for (const ThreadRow& row : rows) {
    BUD_TRY(ThreadInfo t, describe(row));
    out.push_back(std::move(t));
  }
  return out;
}

Result<> Threads::note(ThreadRow& row, const wire::Content& c, const ContentHash& hash) {
  if (row.floor == 0) row.floor = c.lamport;
  row.lamport = std::max(row.lamport, c.lamport);
  std::erase_if(row.heads, [&](const wire::Previous& h) {
    return std::find(c.previous.begin(), c.previous.end(), h) != c.previous.end();
  });
  row.heads.push_back({hash, c.author});
  if (row.heads.size() > wire::max_previous) row.heads.erase(row.heads.begin());
  if (c.author != context_.own.account && stands_alone(c) && c.lamport > row.read_up_to) ++row.unread;
  return save_row(row);
}

Result<bool> Threads::set_read(ThreadRow& row, std::uint64_t up_to) {
  if (up_to <= row.read_up_to) return false;
  row.read_up_to = up_to;
  BUD_TRY(row.unread, messages_.unread(row.thread, up_to));
  BUD_CHECK(save_row(row));
  return true;
}

}  // namespace bud::core
