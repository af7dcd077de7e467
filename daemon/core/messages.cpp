#include "core/messages.h"

#include "core/control.h"
#include "core/message_info.h"

namespace bud::core {
namespace {

constexpr std::size_t told_at_once = 64;  // of own messages that were read

}  // namespace

bool earlier(const wire::Content& a, const wire::Content& b) {
  return std::tie(a.lamport, a.author, a.id) < std::tie(b.lamport, b.author, b.id);
}

const wire::Target* target_of(const wire::Content& c) {
  if (const auto* edit = std::get_if<wire::Edit>(&c.body)) return &edit->target;
  if (const auto* retraction = std::get_if<wire::Retraction>(&c.body)) return &retraction->target;
  if (const auto* reaction = std::get_if<wire::Reaction>(&c.body)) return &reaction->target;
  if (const auto* vote = std::get_if<wire::Vote>(&c.body)) return &vote->target;
  return nullptr;
}

bool stands_alone(const wire::Content& c) {
  const auto* change = std::get_if<wire::ThreadChange>(&c.body);
  return target_of(c) == nullptr && (change == nullptr || !change->entries.empty());
}

// --- contents ---

Result<> Messages::keep(const wire::Content& c, const Bytes& encoded, const ContentHash& hash, const DeviceId& device, bool here) {
  const PlaceRow place{c.thread, c.lamport, c.id};
  BUD_CHECK(save(context_.db(), Table::messages, key::message(place), MessageRow{encoded, device, context_.now(), here}));
  BUD_CHECK(save(context_.db(), Table::message_index, key::message_by_id(c.id), place));
  BUD_CHECK(save(context_.db(), Table::message_index, key::message_by_hash(hash), place));
  const wire::Target* target = target_of(c);
  if (target == nullptr && !stands_alone(c)) return {};
  if (target == nullptr) return events_.add(EventKind::message, c.id, {});
  BUD_CHECK(save(context_.db(), Table::related, key::related(target->hash, place), RelatedRow{place}));
  BUD_TRY(std::optional<MessageRow> about, by_hash(target->hash));
  if (!about) return {};  // it is told of as it comes
  context_.changes.messages.push_back(target->id);
  return events_.add(EventKind::message_changed, target->id, {});
}

Result<std::optional<PlaceRow>> Messages::place(const ContentHash& hash) {
  return load<PlaceRow>(context_.db(), Table::message_index, key::message_by_hash(hash));
}
Result<std::optional<PlaceRow>> Messages::place(const MessageId& id) {
  return load<PlaceRow>(context_.db(), Table::message_index, key::message_by_id(id));
}
Result<std::optional<MessageRow>> Messages::at(const PlaceRow& p) {
  return load<MessageRow>(context_.db(), Table::messages, key::message(p));
}
Result<std::optional<MessageRow>> Messages::by_hash(const ContentHash& hash) {
  BUD_TRY(std::optional<PlaceRow> where, place(hash));
  if (!where) return std::optional<MessageRow>();
  return at(*where);
}

Result<std::pair<wire::Content, ContentHash>> Messages::target(const MessageId& id) {
  BUD_TRY(std::optional<PlaceRow> where, place(id));
  std::optional<MessageRow> row;
  if (where) {
    BUD_TRY(row, at(*where));
  }
  if (!row) return fail(Errc::not_found, "no such message");
  BUD_TRY(wire::Content c, wire::decode_content(row->content));
  if (!stands_alone(c)) return fail(Errc::not_found, "no such message");
  return std::pair(std::move(c), wire::content_hash(row->content));
}

Result<> Messages::erase(const ContentHash& hash) {
  BUD_TRY(std::optional<PlaceRow> where, place(hash));
  if (!where) return {};
  std::vector<PlaceRow> about;
  BUD_CHECK(each<RelatedRow>(context_.db(), Table::related, {key::related(hash), {}, false, SIZE_MAX},
                             [&](std::uint64_t, RelatedRow& row) {
                               about.push_back(row.place);
                               return true;
                             }));
  for (const PlaceRow& p : about) BUD_CHECK(context_.db().erase(Table::messages, key::message(p)));
  BUD_CHECK(context_.db().erase_all(Table::related, key::related(hash)));
  BUD_CHECK(context_.db().erase(Table::messages, key::message(*where)));
  context_.changes.messages.push_back(where->id);
  context_.changes.threads.push_back(where->thread);
  return events_.add(EventKind::message_changed, where->id, {});
}

// --- for clients ---

Result<std::vector<wire::Content>> Messages::related(const ContentHash& hash) {
  std::vector<PlaceRow> places;
  BUD_CHECK(each<RelatedRow>(context_.db(), Table::related, {key::related(hash), {}, false, SIZE_MAX},
                             [&](std::uint64_t, RelatedRow& row) {
                               places.push_back(row.place);
                               return true;
                             }));
  std::vector<wire::Content> out;
  for (const PlaceRow& p : places) {
    BUD_TRY(std::optional<MessageRow> row, at(p));
    if (!row) continue;
    if (Result<wire::Content> c = wire::decode_content(row->content)) out.push_back(std::move(*c));
  }
  std::sort(out.begin(), out.end(), earlier);
  return out;
}

Result<std::uint32_t> Messages::missing(const wire::Content& c) {
  std::uint32_t n = 0;
  for (const wire::Previous& p : c.previous) {
    WantRow want;
    want.thread = c.thread;
    want.what.bytes = p.hash.bytes;
    BUD_TRY(std::optional<WantRow> row, load<WantRow>(context_.db(), Table::wants, key::want(want)));
    if (row) ++n;
  }
  return n;
}

Result<MessageInfo> Messages::describe(const MessageRow& row) {
  BUD_TRY(wire::Content c, wire::decode_content(row.content));
  const ContentHash hash = wire::content_hash(row.content);
  MessageInfo m = describe_content(c);
  m.author_device = row.device;
  m.outgoing = c.author == context_.own.account;
  BUD_TRY(std::vector<wire::Content> about, related(hash));
  for (const wire::Content& r : about) apply_related(m, r);
  BUD_TRY(m.missing, missing(c));
  if (m.outgoing)
    BUD_CHECK(each<ReadRow>(context_.db(), Table::reads, {key::thread(c.thread), {}, false, SIZE_MAX},
                            [&](std::uint64_t, ReadRow& read) {
                              if (read.up_to >= c.lamport) m.read_by.push_back(read.account);
                              return true;
                            }));
  if (!row.here) return m;
  BUD_CHECK(each<DeliveryRow>(context_.db(), Table::deliveries, {key::content(hash), {}, false, SIZE_MAX},
                              [&](std::uint64_t, DeliveryRow& d) {
                                m.deliveries.push_back({d.account, d.device, d.account == m.author, d.state, d.changed});
                                return true;
                              }));
  return m;
}

Result<std::vector<MessageInfo>> Messages::list(const ThreadId& id, std::uint64_t before, std::size_t max) {
  if (id == ThreadId{}) return std::vector<MessageInfo>();  // what stands there is no message (control.h)
  Storage::Scan scan{key::thread(id), {}, true, SIZE_MAX};
  if (before != 0) scan.from = key::thread(id).number(before);
  std::vector<MessageRow> rows;
  std::uint64_t lowest = 0;
  // All of one Lamport number belong to one page, since the next begins below it.
  BUD_CHECK(each<MessageRow>(context_.db(), Table::messages, scan, [&](std::uint64_t, MessageRow& row) {
    Result<wire::Content> c = wire::decode_content(row.content);
    if (!c || !stands_alone(*c) || (before != 0 && c->lamport >= before)) return true;
    if (rows.size() >= max && c->lamport != lowest) return false;
    lowest = c->lamport;
    rows.push_back(std::move(row));
    return true;
  }));
  std::vector<MessageInfo> out;
  for (const MessageRow& row : rows) {
    BUD_TRY(MessageInfo m, describe(row));
    out.push_back(std::move(m));
  }
  std::sort(out.begin(), out.end(), [](const MessageInfo& a, const MessageInfo& b) {
    return std::tie(b.lamport, b.author, b.id) < std::tie(a.lamport, a.author, a.id);
  });
  return out;
}

Result<MessageInfo> Messages::info(const MessageId& id) {
  BUD_TRY(std::optional<PlaceRow> where, place(id));
  std::optional<MessageRow> row;
  if (where) {
    BUD_TRY(row, at(*where));
  }
  if (!row) return fail(Errc::not_found, "no such message");
  return describe(*row);
}

Result<std::vector<Event>> Messages::events(std::uint64_t after, std::size_t max) {
  BUD_TRY(auto rows, events_.after(after, max));
  std::vector<Event> out;
  for (auto& [cursor, row] : rows) {
    Event e{cursor, row.kind, row.time, {}, row.contact};
    if (row.kind != EventKind::contact_changed) {
      e.message.id = row.message;
      Result<MessageInfo> m = info(row.message);
      if (!m && m.error().code == Errc::storage) return forward(m);
      if (m) e.message = std::move(*m);  // else its row is damaged, or gone: the cursor still moves over it
    }
    out.push_back(std::move(e));
  }
  return out;
}

Result<std::uint32_t> Messages::unread(const ThreadId& id, std::uint64_t above) {
  std::uint32_t n = 0;
  BUD_CHECK(each<MessageRow>(context_.db(), Table::messages, {key::thread(id), key::thread(id).number(above + 1), false, SIZE_MAX},
                             [&](std::uint64_t, MessageRow& row) {
                               Result<wire::Content> c = wire::decode_content(row.content);
                               if (c && stands_alone(*c) && c->author != context_.own.account) ++n;
                               return true;
                             }));
  return n;
}

// --- deliveries ---

Result<std::optional<DeliveryRow>> Messages::delivery(const ContentHash& hash, const AccountId& a, const DeviceId& d) {
  return load<DeliveryRow>(context_.db(), Table::deliveries, key::delivery(hash, a, d));
}

Result<> Messages::set_delivery(const ContentHash& hash, DeliveryRow row, DeliveryState state) {
  const bool changed = row.state != state;
  row.state = state;
  if (changed) row.changed = context_.now();
  BUD_CHECK(save(context_.db(), Table::deliveries, key::delivery(hash, row.account, row.device), row));
  if (!changed) return {};
  BUD_TRY(std::optional<PlaceRow> where, place(hash));
  if (!where) return {};
  if (is_control(*where)) return settle_control(context_, hash);
  context_.changes.messages.push_back(where->id);
  return events_.add(EventKind::message_state, where->id, {});
}

Result<> Messages::set_read(const ThreadId& thread, const AccountId& reader, std::uint64_t up_to) {
  BUD_TRY(ReadRow row, load_or_new<ReadRow>(context_.db(), Table::reads, key::read(thread, reader)));
  if (up_to <= row.up_to) return {};
  std::vector<MessageId> own;
  BUD_CHECK(each<MessageRow>(context_.db(), Table::messages, {key::thread(thread), key::thread(thread).number(up_to), true, SIZE_MAX},
                             [&](std::uint64_t, MessageRow& message) {
                               Result<wire::Content> c = wire::decode_content(message.content);
                               if (!c) return true;
                               if (c->lamport <= row.up_to) return false;
                               if (c->lamport <= up_to && stands_alone(*c) && c->author == context_.own.account) own.push_back(c->id);
                               return own.size() < told_at_once;
                             }));
  row = {reader, up_to, context_.now()};
  BUD_CHECK(save(context_.db(), Table::reads, key::read(thread, reader), row));
  for (const MessageId& id : own) {
    context_.changes.messages.push_back(id);
    BUD_CHECK(events_.add(EventKind::message_state, id, {}));
  }
  return {};
}

}  // namespace bud::core
