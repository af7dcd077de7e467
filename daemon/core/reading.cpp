#include "core/reading.h"

namespace bud::core {
namespace {

constexpr std::uint32_t typing_ttl = 30;  // seconds

}  // namespace

Result<std::set<AccountId>> Reading::newly_read(const ThreadId& thread, std::uint64_t from, std::uint64_t to) {
  std::set<AccountId> authors;
  std::vector<ExpiringRow> expiring;
  BUD_CHECK(each<MessageRow>(
      context_.db(), Table::messages, {key::thread(thread), key::thread(thread).number(from + 1), false, SIZE_MAX},
      [&](std::uint64_t, MessageRow& row) {
        Result<wire::Content> c = wire::decode_content(row.content);
        if (!c) return true;
        if (c->lamport > to) return false;
        if (c->author == context_.own.account) return true;
        if (stands_alone(*c)) authors.insert(c->author);
        if (c->expire != 0) expiring.push_back({context_.now() + seconds(c->expire), wire::content_hash(row.content)});
        return true;
      }));
  for (const ExpiringRow& row : expiring)
    BUD_CHECK(save(context_.db(), Table::expiring, key::expiring(row.due, row.hash), row));
  return authors;
}

Result<bool> Reading::mark_read(const MessageId& message) {
  if (!context_.member()) return fail(Errc::not_allowed, "this device is not a member of its account");
  BUD_TRY(auto target, messages_.target(message));
  const wire::Content& c = target.first;
  BUD_TRY(ThreadRow thread, threads_.get(c.thread));
  const std::uint64_t before = thread.read_up_to;
  BUD_TRY(bool further, threads_.set_read(thread, c.lamport));
  if (!further) return false;
  BUD_TRY(std::set<AccountId> authors, newly_read(c.thread, before, c.lamport));
  std::vector<Recipient> recipients;
  for (const AccountId& author : authors) {
    BUD_TRY(std::vector<Recipient> theirs, fanout_.devices(author));
    recipients.insert(recipients.end(), theirs.begin(), theirs.end());
  }
  wire::Receipt receipt{wire::ReceiptType::read, {}, {{c.thread, c.lamport}}};
  if (!recipients.empty())
    BUD_CHECK(control_.send(control_content(context_, wire::ContentKind::receipt, std::move(receipt)), recipients));
  BUD_CHECK(registers_.set(wire::RegisterKind::read_up_to, c.thread.view(), wire::Writer().u64(c.lamport).bytes()));
  return true;
}

Result<> Reading::read_elsewhere(const ThreadId& id, std::uint64_t up_to) {
  BUD_TRY(std::optional<ThreadRow> thread, threads_.find(id));
  if (!thread) return {};
  const std::uint64_t before = thread->read_up_to;
  BUD_TRY(bool further, threads_.set_read(*thread, up_to));
  if (further) BUD_CHECK(newly_read(id, before, up_to));
  return {};
}

Result<bool> Reading::in_thread(const ThreadRow& thread, const AccountId& account) {
  BUD_TRY(std::vector<AccountId> members, threads_.members(thread));
  return std::find(members.begin(), members.end(), account) != members.end();
}

Result<bool> Reading::receive(const wire::Receipt& receipt, const AccountId& from) {
  if (from == context_.own.account) return false;  // own devices say it with a register
  bool theirs = false;
  for (const wire::ReadMark& mark : receipt.marks) {
    BUD_TRY(std::optional<ThreadRow> thread, threads_.find(mark.thread));
    if (!thread) continue;
    BUD_TRY(bool in, in_thread(*thread, from));
    if (!in) continue;
    theirs = true;
    // As far as they say, and not only as far as there is something here: what they have read may be on its way still,
    // from another own device. Who claims to have read what is not written yet fools themselves.
    BUD_CHECK(messages_.set_read(mark.thread, from, mark.lamport));
  }
  return theirs;
}

// --- typing ---

Result<> Reading::set_typing(const ThreadId& id, bool active) {
  if (!context_.member()) return fail(Errc::not_allowed, "this device is not a member of its account");
  BUD_TRY(ThreadRow thread, threads_.get(id));
  BUD_TRY(std::vector<AccountId> members, threads_.members(thread));
  std::vector<Recipient> recipients;
  for (const AccountId& member : members) {
    BUD_TRY(std::vector<Recipient> theirs, fanout_.devices(member));
    recipients.insert(recipients.end(), theirs.begin(), theirs.end());
  }
  wire::Content c = control_content(context_, wire::ContentKind::typing, wire::Typing{active});
  c.thread = id;
  Letter letter = make_letter(c, false);
  letter.message_class = wire::MessageClass::ephemeral;
  letter.ttl = typing_ttl;
  return fanout_.send(letter, recipients);
}

Result<> Reading::receive_typing(const wire::Content& c, const AccountId& from) {
  const auto* typing = std::get_if<wire::Typing>(&c.body);
  BUD_TRY(std::optional<ThreadRow> thread, threads_.find(c.thread));
  if (typing == nullptr || !thread || from == context_.own.account) return {};
  BUD_TRY(bool in, in_thread(*thread, from));
  if (in) context_.changes.typing.push_back({c.thread, from, typing->active});
  return {};
}

// --- expiry ---

Result<> Reading::written(const wire::Content& c, const ContentHash& hash) {
  if (c.expire == 0 || c.author != context_.own.account) return {};
  const ExpiringRow row{context_.now() + seconds(c.expire), hash};
  return save(context_.db(), Table::expiring, key::expiring(row.due, hash), row);
}

Result<> Reading::expire(const ContentHash& hash) {
  std::vector<DeliveryRow> deliveries;
  BUD_CHECK(each<DeliveryRow>(context_.db(), Table::deliveries, {key::content(hash), {}, false, SIZE_MAX},
                              [&](std::uint64_t, DeliveryRow& d) {
                                deliveries.push_back(std::move(d));
                                return true;
                              }));
  for (DeliveryRow& d : deliveries) BUD_CHECK(outbox_.give_up(hash, std::move(d)));
  return messages_.erase(hash);
}

Result<> Reading::expire_due() {
  std::vector<ExpiringRow> due;
  const Time now = context_.now();
  BUD_CHECK(each<ExpiringRow>(context_.db(), Table::expiring, {}, [&](std::uint64_t, ExpiringRow& row) {
    if (row.due > now) return false;  // sorted by it
    due.push_back(std::move(row));
    return true;
  }));
  for (const ExpiringRow& row : due) {
    BUD_CHECK(context_.db().erase(Table::expiring, key::expiring(row.due, row.hash)));
    BUD_CHECK(expire(row.hash));
  }
  return {};
}

Result<std::optional<Time>> Reading::next_due() {
  std::optional<Time> due;
  BUD_CHECK(each<ExpiringRow>(context_.db(), Table::expiring, {{}, {}, false, 1}, [&](std::uint64_t, ExpiringRow& row) {
    due = row.due;
    return false;
  }));
  return due;
}

}  // namespace bud::core
