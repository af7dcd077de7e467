#include "core/conversations.h"

#include "base/text.h"

namespace bud::core {
namespace {

constexpr std::size_t max_heads = 4;
constexpr std::size_t max_idempotency_key = 64;
// One that claims a number out of all proportion must not use the numbers up for everybody else.
constexpr std::uint64_t max_lamport = std::uint64_t{1} << 62;

void add_unique(std::vector<std::string>& to, const std::string& item) {
  if (!item.empty() && std::find(to.begin(), to.end(), item) == to.end() && to.size() < 64) to.push_back(item);
}

}  // namespace

FileInfo file_info(const wire::File& f) {
  return {f.name,  f.media_type, f.blob.size, f.width, f.height, f.duration_ms, f.voice, f.blob.locations.empty(), f.thumbnail};
}

// --- contacts ---

Result<> Conversations::add_contact(const AccountId& account, const std::string& address, bool accepted) {
  BUD_TRY(std::optional<ContactRow> row, load<ContactRow>(context_.db(), Table::contacts, key::account(account)));
  ContactRow contact = row ? std::move(*row) : ContactRow{account, {}, false, false, context_.now()};
  const std::size_t addresses = contact.addresses.size();
  add_unique(contact.addresses, address);
  if (row && addresses == contact.addresses.size() && (contact.accepted || !accepted)) return {};
  contact.accepted = contact.accepted || accepted;
  context_.changes.contacts.push_back(account);
  return save(context_.db(), Table::contacts, key::account(account), contact);
}

Result<ContactInfo> Conversations::describe(const ContactRow& row) {
  ContactInfo c{row.account, {}, row.addresses, row.verified, false};
  BUD_TRY(AccountRow account, load_or_new<AccountRow>(context_.db(), Table::accounts, key::account(row.account)));
  c.name = account.name;
  BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(row.account));
  c.disputed = view && !view->held.empty();
  return c;
}

Result<ContactInfo> Conversations::contact(const AccountId& account) {
  BUD_TRY(std::optional<ContactRow> row, load<ContactRow>(context_.db(), Table::contacts, key::account(account)));
  if (!row) return fail(Errc::not_found, "no such contact");
  return describe(*row);
}

Result<std::vector<ContactInfo>> Conversations::contacts() {
  std::vector<ContactRow> rows;
  BUD_CHECK(each<ContactRow>(context_.db(), Table::contacts, {}, [&](std::uint64_t, ContactRow& row) {
    rows.push_back(std::move(row));
    return true;
  }));
  std::vector<ContactInfo> out;
  for (const ContactRow& row : rows) {
    BUD_TRY(ContactInfo c, describe(row));
    out.push_back(std::move(c));
  }
  return out;
}

// --- threads ---

Result<ThreadRow> Conversations::open(const AccountId& other) {
  const ThreadId id = wire::thread_of_two(context_.own.account, other);
  BUD_TRY(std::optional<ThreadRow> row, load<ThreadRow>(context_.db(), Table::threads, key::thread(id)));
  if (row) return std::move(*row);
  ThreadRow fresh{id, {other}, 0, {}, 0};
  BUD_CHECK(save(context_.db(), Table::threads, key::thread(id), fresh));
  context_.changes.threads.push_back(id);
  return fresh;
}

Result<ThreadInfo> Conversations::describe(const ThreadRow& row) {
  ThreadInfo t{row.thread, row.members, {}, row.unread};
  for (const AccountId& m : row.members) {
    BUD_TRY(AccountRow account, load_or_new<AccountRow>(context_.db(), Table::accounts, key::account(m)));
    t.name += (t.name.empty() ? "" : ", ") + (account.name.empty() ? to_hex(m.view().first(4)) : account.name);
  }
  return t;
}

Result<ThreadInfo> Conversations::thread(const ThreadId& id) {
  BUD_TRY(std::optional<ThreadRow> row, load<ThreadRow>(context_.db(), Table::threads, key::thread(id)));
  if (!row) return fail(Errc::not_found, "no such thread");
  return describe(*row);
}

Result<std::vector<ThreadInfo>> Conversations::threads() {
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

// For the own other devices, which may not know where the contact is found. What a ledger claims is not enough: whoever
// wrote it can claim anybody's address (attack `one-sided-claim`).
Result<std::string> Conversations::address_for_own_devices(const AccountId& contact) {
  BUD_TRY(std::vector<std::string> addresses, addresses_of(context_, contact));
  for (const std::string& address : addresses) {
    BUD_TRY(AddressRow row, load_or_new<AddressRow>(context_.db(), Table::addresses, key::text(address)));
    if (row.account == contact && !row.reset) return address;
  }
  return std::string();
}

// The address leads to that account on the device that wrote: so it does here, unless it led to another before.
Result<> Conversations::take_address(const AccountId& contact, const std::string& address) {
  if (!split_address(address)) return {};
  BUD_TRY(AddressRow row, load_or_new<AddressRow>(context_.db(), Table::addresses, key::text(address)));
  if (row.account == contact) return {};
  if (row.account != AccountId{})
    return alerts_.raise(AlertKind::directory_mismatch, contact, {},
                         "Another device of yours writes to another account at " + address +
                             " than this one was led to. Compare the safety number with the person you mean.");
  row.account = contact;
  row.ambiguous = false;
  return save(context_.db(), Table::addresses, key::text(address), row);
}

// --- messages ---

Result<wire::Content> Conversations::compose(ThreadRow& thread, const MessageId& id, wire::ContentKind kind, wire::ContentBody body) {
  wire::Content c;
  c.kind = kind;
  c.id = id;
  c.thread = thread.thread;
  c.author = context_.own.account;
  c.to = thread.members;
  c.time = context_.now();
  c.lamport = thread.lamport + 1;
  if (!context_.own.openings.empty()) c.from_address = context_.own.openings.front().address;
  BUD_TRY(c.to_address, address_for_own_devices(thread.members.front()));
  c.previous = thread.heads;
  c.body = std::move(body);
  return c;
}

Result<> Conversations::keep(ThreadRow& thread, const wire::Content& c, const Bytes& encoded, const ContentHash& hash,
                             const DeviceId& device, bool here) {
  const PlaceRow place{thread.thread, c.lamport, c.id};
  BUD_CHECK(save(context_.db(), Table::messages, key::message(place), MessageRow{encoded, device, context_.now(), here}));
  BUD_CHECK(save(context_.db(), Table::message_index, key::message_by_id(c.id), place));
  BUD_CHECK(save(context_.db(), Table::message_index, key::message_by_hash(hash), place));
  thread.lamport = std::max(thread.lamport, c.lamport);
  std::erase_if(thread.heads, [&](const wire::Previous& h) {
    return std::find(c.previous.begin(), c.previous.end(), h) != c.previous.end();
  });
  thread.heads.push_back({hash, c.author});
  if (thread.heads.size() > max_heads) thread.heads.erase(thread.heads.begin());
  BUD_CHECK(save(context_.db(), Table::threads, key::thread(thread.thread), thread));
  context_.changes.threads.push_back(thread.thread);
  return events_.add(EventKind::message, c.id, {});
}

Result<MessageId> Conversations::send(const ThreadId& id, const std::string& text, const std::string& idempotency_key) {
  if (!context_.member())
    return fail(Errc::not_allowed, context_.own.state == AccountState::removed ? "this device was removed from its account"
                                                                               : "this device has no account yet");
  if (text.empty() || !valid_text(text)) return fail(Errc::malformed, "a text is UTF-8 and not empty");
  if (text.size() > wire::max_text) return fail(Errc::too_large, "a text has at most 32 KiB");
  if (idempotency_key.size() > max_idempotency_key) return fail(Errc::malformed, "an idempotency key has at most 64 bytes");
  BUD_TRY(std::optional<ThreadRow> thread, load<ThreadRow>(context_.db(), Table::threads, key::thread(id)));
  if (!thread) return fail(Errc::not_found, "no such thread");
  const RowKey once = key::message_by_idempotency(id, idempotency_key);
  if (!idempotency_key.empty()) {
    BUD_TRY(std::optional<PlaceRow> before, load<PlaceRow>(context_.db(), Table::message_index, once));
    if (before) return before->id;
  }
  const MessageId fresh = context_.random<MessageId>();
  BUD_CHECK(send_body(id, fresh, wire::ContentKind::text, wire::Text{text, {}}, {}, idempotency_key));
  return fresh;
}

Result<> Conversations::send_body(const ThreadId& id, const MessageId& message, wire::ContentKind kind, wire::ContentBody body,
                                  const std::string& fallback, const std::string& idempotency_key) {
  BUD_TRY(std::optional<ThreadRow> thread, load<ThreadRow>(context_.db(), Table::threads, key::thread(id)));
  if (!thread) return fail(Errc::not_found, "no such thread");
  BUD_TRY(std::vector<Recipient> recipients, fanout_.devices(context_.own.account));
  std::vector<Recipient> unknown;
  for (const AccountId& member : thread->members) {
    BUD_CHECK(add_contact(member, {}, true));
    BUD_TRY(std::vector<Recipient> theirs, fanout_.devices(member));
    recipients.insert(recipients.end(), theirs.begin(), theirs.end());
    if (theirs.empty()) unknown.push_back({member, {}});
  }
  BUD_TRY(wire::Content content, compose(*thread, message, kind, std::move(body)));
  content.fallback = fallback;
  const Letter letter = make_letter(content, true);
  BUD_CHECK(keep(*thread, content, letter.content, letter.hash, context_.keys.device(), true));
  if (!idempotency_key.empty())
    BUD_CHECK(save(context_.db(), Table::message_index, key::message_by_idempotency(id, idempotency_key),
                   PlaceRow{id, content.lamport, content.id}));
  BUD_CHECK(fanout_.send(letter, recipients));
  for (const Recipient& anyone : unknown) BUD_CHECK(fanout_.wait(letter.hash, anyone));
  context_.changes.messages.push_back(content.id);
  return {};
}

Result<bool> Conversations::receive(const wire::Content& c, const Bytes& encoded, const ContentHash& hash,
                                    const AccountId& from, const DeviceId& device) {
  // The session alone says who sent: content that claims another author is not shown (attack `sender-spoof`).
  if (c.author != from || c.to.size() != 1 || c.lamport == 0 || c.lamport > max_lamport) return false;
  const AccountId& own = context_.own.account;
  const AccountId& other = from == own ? c.to.front() : from;
  if ((from != own && c.to.front() != own) || other == own || c.thread != wire::thread_of_two(own, other)) return false;
  BUD_TRY(std::optional<PlaceRow> known, load<PlaceRow>(context_.db(), Table::message_index, key::message_by_hash(hash)));
  BUD_TRY(std::optional<PlaceRow> same_id, load<PlaceRow>(context_.db(), Table::message_index, key::message_by_id(c.id)));
  if (known || same_id) return false;
  BUD_CHECK(add_contact(other, from == own ? c.to_address : std::string(), from == own));
  if (from == own) BUD_CHECK(take_address(other, c.to_address));
  BUD_TRY(ThreadRow thread, open(other));
  if (from != own) ++thread.unread;
  BUD_CHECK(keep(thread, c, encoded, hash, device, false));
  return true;
}

Result<MessageInfo> Conversations::describe(const MessageRow& row) {
  BUD_TRY(wire::Content c, wire::decode_content(row.content));
  MessageInfo m;
  m.id = c.id;
  m.thread = c.thread;
  m.author = c.author;
  m.author_device = row.device;
  m.time = c.time;
  m.lamport = c.lamport;
  m.outgoing = c.author == context_.own.account;
  if (const auto* text = std::get_if<wire::Text>(&c.body)) {
    m.text = text->text;
  } else if (const auto* attachment = std::get_if<wire::Attachment>(&c.body)) {
    m.text = attachment->caption.text;
    for (const wire::File& file : attachment->files) m.files.push_back(file_info(file));
  } else {
    m.text = c.fallback;
  }
  if (!row.here) return m;
  BUD_CHECK(each<DeliveryRow>(context_.db(), Table::deliveries, {key::content(wire::content_hash(row.content)), {}, false, SIZE_MAX},
                              [&](std::uint64_t, DeliveryRow& d) {
                                m.deliveries.push_back({d.account, d.device, d.account == m.author, d.state, d.changed});
                                return true;
                              }));
  return m;
}

Result<std::vector<MessageInfo>> Conversations::messages(const ThreadId& id, std::uint64_t before, std::size_t max) {
  Storage::Scan scan{key::thread(id), {}, true, SIZE_MAX};
  if (before != 0) scan.from = key::thread(id).number(before);
  std::vector<MessageRow> rows;
  std::vector<std::uint64_t> numbers;
  // All of one Lamport number belong to one page, since the next begins below it.
  BUD_CHECK(each<MessageRow>(context_.db(), Table::messages, scan, [&](std::uint64_t, MessageRow& row) {
    Result<wire::Content> c = wire::decode_content(row.content);
    if (!c || (before != 0 && c->lamport >= before)) return true;
    if (rows.size() >= max && c->lamport != numbers.back()) return false;
    numbers.push_back(c->lamport);
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

Result<MessageInfo> Conversations::message(const MessageId& id) {
  BUD_TRY(std::optional<PlaceRow> place, load<PlaceRow>(context_.db(), Table::message_index, key::message_by_id(id)));
  if (!place) return fail(Errc::not_found, "no such message");
  BUD_TRY(std::optional<MessageRow> row, load<MessageRow>(context_.db(), Table::messages, key::message(*place)));
  if (!row) return fail(Errc::not_found, "no such message");
  return describe(*row);
}

Result<wire::File> Conversations::file(const MessageId& id, std::size_t index) {
  BUD_TRY(std::optional<PlaceRow> place, load<PlaceRow>(context_.db(), Table::message_index, key::message_by_id(id)));
  if (!place) return fail(Errc::not_found, "no such message");
  BUD_TRY(std::optional<MessageRow> row, load<MessageRow>(context_.db(), Table::messages, key::message(*place)));
  if (!row) return fail(Errc::not_found, "no such message");
  BUD_TRY(wire::Content c, wire::decode_content(row->content));
  auto* const attachment = std::get_if<wire::Attachment>(&c.body);
  if (attachment == nullptr || index >= attachment->files.size()) return fail(Errc::not_found, "the message has no such file");
  return std::move(attachment->files[index]);
}

Result<std::vector<Event>> Conversations::events(std::uint64_t after, std::size_t max) {
  BUD_TRY(auto rows, events_.after(after, max));
  std::vector<Event> out;
  for (auto& [cursor, row] : rows) {
    Event e{cursor, row.kind, row.time, {}, row.contact};
    if (row.kind != EventKind::contact_changed) {
      Result<MessageInfo> m = message(row.message);
      if (!m && m.error().code == Errc::storage) return forward(m);
      if (m) e.message = std::move(*m);  // else its row is damaged, or gone: the cursor still moves over it
    }
    out.push_back(std::move(e));
  }
  return out;
}

// --- deliveries ---

Result<std::optional<DeliveryRow>> Conversations::delivery(const ContentHash& hash, const AccountId& a, const DeviceId& d) {
  return load<DeliveryRow>(context_.db(), Table::deliveries, key::delivery(hash, a, d));
}

Result<> Conversations::set_delivery(const ContentHash& hash, DeliveryRow row, DeliveryState state) {
  const bool changed = row.state != state;
  row.state = state;
  if (changed) row.changed = context_.now();
  BUD_CHECK(save(context_.db(), Table::deliveries, key::delivery(hash, row.account, row.device), row));
  if (!changed) return {};
  BUD_TRY(std::optional<PlaceRow> place, load<PlaceRow>(context_.db(), Table::message_index, key::message_by_hash(hash)));
  if (!place) return {};
  context_.changes.messages.push_back(place->id);
  return events_.add(EventKind::message_state, place->id, {});
}

Result<std::optional<MessageRow>> Conversations::by_hash(const ContentHash& hash) {
  BUD_TRY(std::optional<PlaceRow> place, load<PlaceRow>(context_.db(), Table::message_index, key::message_by_hash(hash)));
  if (!place) return std::optional<MessageRow>();
  return load<MessageRow>(context_.db(), Table::messages, key::message(*place));
}

}  // namespace bud::core
