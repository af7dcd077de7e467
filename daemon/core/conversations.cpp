#include "core/conversations.h"

#include "base/text.h"

namespace bud::core {
namespace {

constexpr std::size_t max_idempotency_key = 64;
constexpr std::size_t max_excerpt = 256;
constexpr std::size_t asides_of_a_thread = 1024, asides_in_all = 8192;
constexpr Duration aside_life = days(30);
constexpr Duration witness_least = seconds(5), witness_spread = minutes(2);
// One that claims a number out of all proportion must not use the numbers up for everybody else.
constexpr std::uint64_t max_lamport = std::uint64_t{1} << 62;

// At most `room` bytes, cut between characters.
std::string excerpt_of(const std::string& text, std::size_t room) {
  if (text.size() <= room) return text;
  std::size_t end = room;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

std::string text_of(const wire::Content& c) {
  if (const auto* text = std::get_if<wire::Text>(&c.body)) return text->text;
  if (const auto* files = std::get_if<wire::Attachment>(&c.body))
    return files->caption.text.empty() ? files->files.front().name : files->caption.text;
  if (const auto* poll = std::get_if<wire::Poll>(&c.body)) return poll->question;
  if (const auto* sticker = std::get_if<wire::Sticker>(&c.body)) return sticker->emoji;
  if (const auto* card = std::get_if<wire::ContactCard>(&c.body)) return card->name;
  return c.fallback;
}

Result<> check_text(const wire::Text& text) {
  if (text.text.empty() || !valid_text(text.text)) return fail(Errc::malformed, "a text is UTF-8 and not empty");
  if (text.text.size() > wire::max_text) return fail(Errc::too_large, "a text has at most 32 KiB");
  return {};
}

// What the other ends would not read is not sent.
Result<Letter> checked_letter(const wire::Content& content) {
  Letter letter = make_letter(content, true);
  if (Result<wire::Content> back = wire::decode_content(letter.content); !back) {
    if (back.error().code == Errc::too_large) return fail(Errc::too_large, "that is more than one message can hold");
    return fail(Errc::malformed, "that is more, or less, than a message of this kind can hold");
  }
  return letter;
}

}  // namespace

// --- writing ---

Result<> Conversations::add_reply(wire::Content& c, const std::optional<MessageId>& to) {
  if (!to) return {};
  BUD_TRY(auto target, messages_.target(*to));
  if (target.first.thread != c.thread) return fail(Errc::malformed, "the message that is answered stands in another thread");
  c.reply = wire::Reply{target.first.id, target.second, target.first.author, excerpt_of(text_of(target.first), max_excerpt)};
  return {};
}

Result<MessageId> Conversations::say(const ThreadId& id, wire::ContentKind kind, wire::ContentBody body, const SendOptions& options,
                                     const std::string& fallback, const std::optional<MessageId>& message) {
  if (!context_.member())
    return fail(Errc::not_allowed, context_.own.state == AccountState::removed ? "this device was removed from its account"
                                                                               : "this device has no account yet");
  if (options.idempotency_key.size() > max_idempotency_key)
    return fail(Errc::malformed, "an idempotency key has at most 64 bytes");
  BUD_TRY(ThreadRow thread, threads_.get(id));
  BUD_CHECK(check_may_speak(thread, kind));
  const RowKey once = key::message_by_idempotency(id, options.idempotency_key);
  if (!options.idempotency_key.empty()) {
    BUD_TRY(std::optional<PlaceRow> before, load<PlaceRow>(context_.db(), Table::message_index, once));
    if (before) return before->id;
  }
  wire::Content c;
  c.kind = kind;
  c.id = message ? *message : context_.random<MessageId>();
  c.thread = id;
  c.author = context_.own.account;
  c.to = thread.members;
  c.time = context_.now();
  c.lamport = thread.lamport + 1;
  if (!context_.own.openings.empty()) c.from_address = context_.own.openings.front().address;
  if (!thread.members.empty()) {
    BUD_TRY(c.to_address, contacts_.address_for_own_devices(thread.members.front()));
  }
  if (thread.group) {
    BUD_TRY(std::shared_ptr<const Roster> roster, rosters_.view(id));
    c.roster = roster->digest;
  }
  c.previous = thread.heads;
  c.expire = options.expire;
  BUD_CHECK(add_reply(c, options.reply_to));
  c.fallback = fallback;
  c.body = std::move(body);
  BUD_TRY(Letter letter, checked_letter(c));
  BUD_CHECK(messages_.keep(c, letter.content, letter.hash, context_.keys.device(), true));
  BUD_CHECK(threads_.note(thread, c, letter.hash));
  BUD_CHECK(reading_.written(c, letter.hash));
  if (!options.idempotency_key.empty())
    BUD_CHECK(save(context_.db(), Table::message_index, once, PlaceRow{id, c.lamport, c.id}));
  BUD_CHECK(dispatch(thread, c, std::move(letter)));
  return c.id;
}

// A change of the roster is the roster's to allow.
Result<> Conversations::check_may_speak(const ThreadRow& thread, wire::ContentKind kind) {
  if (!thread.group || kind == wire::ContentKind::thread_change) return {};
  BUD_TRY(std::shared_ptr<const Roster> roster, rosters_.view(thread.thread));
  if (!roster || !roster->has(context_.own.account)) return fail(Errc::not_allowed, "this account is not in the group");
  if (!roster->may_post(context_.own.account)) return fail(Errc::not_allowed, "only administrators write in this group");
  return {};
}

Result<std::vector<wire::MemberDigest>> Conversations::digests_of(const std::vector<AccountId>& members) {
  std::vector<wire::MemberDigest> out;
  for (const AccountId& account : members) {
    BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(account));
    if (!view) continue;
    wire::MemberDigest m{account, {}};
    std::copy_n(view->digest.bytes.begin(), m.digest.bytes.size(), m.digest.bytes.begin());
    out.push_back(m);
  }
  return out;
}

// To everybody who is in the thread, and to the own other devices.
Result<> Conversations::dispatch(const ThreadRow& thread, const wire::Content& c, Letter letter) {
  BUD_TRY(std::vector<Recipient> recipients, fanout_.devices(context_.own.account));
  BUD_TRY(std::vector<AccountId> members, threads_.members(thread));
  std::vector<Recipient> unknown;
  for (const AccountId& member : members) {
    if (!thread.group) BUD_CHECK(contacts_.add(member, {}, true));
    BUD_TRY(std::vector<Recipient> theirs, fanout_.devices(member));
    recipients.insert(recipients.end(), theirs.begin(), theirs.end());
    if (theirs.empty()) unknown.push_back({member, {}});
  }
  if (thread.group) {
    BUD_TRY(letter.members, digests_of(members));
  }
  BUD_CHECK(fanout_.send(letter, recipients));
  for (const Recipient& anyone : unknown) BUD_CHECK(fanout_.wait(letter.hash, anyone));
  if (stands_alone(c)) context_.changes.messages.push_back(c.id);
  return {};
}

Result<MessageId> Conversations::send(const ThreadId& thread, wire::Text text, const SendOptions& options) {
  BUD_CHECK(check_text(text));
  return say(thread, wire::ContentKind::text, std::move(text), options);
}

Result<std::pair<wire::Content, wire::Target>> Conversations::own_target(const MessageId& id) {
  BUD_TRY(auto target, messages_.target(id));
  if (target.first.author != context_.own.account) return fail(Errc::not_allowed, "only who wrote a message can change it");
  const wire::Target named{id, target.second};
  return std::pair(std::move(target.first), named);
}

Result<> Conversations::edit(const MessageId& message, wire::Text text) {
  BUD_CHECK(check_text(text));
  BUD_TRY(auto target, own_target(message));
  if (target.first.kind != wire::ContentKind::text && target.first.kind != wire::ContentKind::attachment)
    return fail(Errc::not_allowed, "only a text can be edited");
  BUD_CHECK(say(target.first.thread, wire::ContentKind::edit, wire::Edit{target.second, std::move(text)}, {}));
  return {};
}

Result<> Conversations::retract(const MessageId& message) {
  BUD_TRY(auto target, own_target(message));
  if (target.first.kind == wire::ContentKind::thread_change)
    return fail(Errc::not_allowed, "a change of a group's members cannot be taken back; make another");
  BUD_CHECK(say(target.first.thread, wire::ContentKind::retraction, wire::Retraction{target.second}, {}));
  return {};
}

Result<> Conversations::react(const MessageId& message, const std::string& emoji, bool set) {
  if (emoji.empty() || emoji.size() > wire::max_reaction || !valid_text(emoji))
    return fail(Errc::malformed, "a reaction is one emoji, of 64 bytes at the most");
  BUD_TRY(auto target, messages_.target(message));
  BUD_CHECK(say(target.first.thread, wire::ContentKind::reaction,
                wire::Reaction{{message, target.second}, emoji, set}, {}));
  return {};
}

Result<MessageId> Conversations::send_poll(const ThreadId& thread, wire::Poll poll, const SendOptions& options) {
  if (poll.question.empty()) return fail(Errc::malformed, "a poll has a question");
  if (poll.options.size() < 2 || poll.options.size() > wire::max_options)
    return fail(Errc::malformed, "a poll has 2 to 20 options");
  return say(thread, wire::ContentKind::poll, std::move(poll), options);
}

Result<> Conversations::vote(const MessageId& message, std::vector<std::uint8_t> choices) {
  BUD_TRY(auto target, messages_.target(message));
  const auto* poll = std::get_if<wire::Poll>(&target.first.body);
  if (poll == nullptr) return fail(Errc::not_found, "that message is no poll");
  std::sort(choices.begin(), choices.end());
  choices.erase(std::unique(choices.begin(), choices.end()), choices.end());
  if (!choices.empty() && choices.back() >= poll->options.size()) return fail(Errc::malformed, "the poll has no such option");
  if (!poll->multiple && choices.size() > 1) return fail(Errc::malformed, "the poll takes one option");
  BUD_CHECK(say(target.first.thread, wire::ContentKind::vote, wire::Vote{{message, target.second}, std::move(choices)}, {}));
  return {};
}

Result<MessageId> Conversations::send_card(const ThreadId& thread, const AccountId& contact, const SendOptions& options) {
  BUD_TRY(ContactInfo info, contacts_.info(contact));
  wire::ContactCard card{contact, std::move(info.name), {}};
  BUD_TRY(const std::string address, contacts_.address_for_own_devices(contact));
  if (!address.empty()) card.addresses.push_back(address);
  return say(thread, wire::ContentKind::contact_card, std::move(card), options);
}

// --- taking in ---

// The session alone says who sent: content that claims another author is not shown (attack `sender-spoof`).
Result<bool> Conversations::well_formed(const Incoming& in) {
  const wire::Content& c = in.content;
  if (c.author != in.account || c.lamport == 0 || c.lamport > max_lamport) return false;
  if (c.roster != RosterDigest{}) return c.to.empty();
  const AccountId& own = context_.own.account;
  if (c.to.size() != 1) return false;
  const AccountId& other = in.account == own ? c.to.front() : in.account;
  return (in.account == own || c.to.front() == own) && other != own && c.thread == wire::thread_of_two(own, other);
}

// In a group by its roster as it is known here and now: before and after are nobody's word. What comes too early is
// reconsidered as the roster moves; what comes too late is shown if somebody who may speak has seen it in time.
Result<Conversations::Standing> Conversations::standing(const wire::Content& c) {
  if (c.roster == RosterDigest{}) return Standing::may_speak;
  BUD_TRY(std::shared_ptr<const Roster> roster, rosters_.view(c.thread));
  if (!roster || !roster->has(context_.own.account)) return Standing::not_now;
  const auto* change = std::get_if<wire::ThreadChange>(&c.body);
  if (change == nullptr) return roster->may_post(c.author) ? Standing::may_speak : Standing::not_now;
  if (roster->has(c.author)) return Standing::may_speak;
  // Who leaves says so, and is in no more: the change itself counts.
  const bool counts = std::any_of(change->entries.begin(), change->entries.end(), [&](const Bytes& bytes) {
    Result<wire::UnverifiedRosterEntry> e = wire::decode_roster_entry(bytes);
    return e && e->body.author == c.author && roster->state.effective.contains(e->hash());
  });
  return counts ? Standing::may_speak : Standing::not_now;
}

Result<ThreadRow> Conversations::thread_for(const wire::Content& c, const AccountId& from) {
  if (c.roster != RosterDigest{}) return threads_.open_group(c.thread);
  const bool ours = from == context_.own.account;
  const AccountId& other = ours ? c.to.front() : from;
  BUD_CHECK(contacts_.add(other, ours ? c.to_address : std::string(), ours));
  if (ours) BUD_CHECK(contacts_.take_address(other, c.to_address));
  return threads_.open(other);
}

Result<Conversations::Taken> Conversations::receive(const Incoming& in) {
  BUD_TRY(bool fits, well_formed(in));
  if (!fits) return Taken::refused;
  BUD_TRY(std::optional<PlaceRow> known, messages_.place(in.hash));
  if (known) return Taken::shown;
  BUD_TRY(std::optional<PlaceRow> same_id, messages_.place(in.content.id));
  if (same_id) return Taken::refused;
  if (in.content.roster != RosterDigest{})
    BUD_CHECK(gaps_.note_roster(in.content.thread, in.content.roster, {in.account, in.device}));
  BUD_TRY(Standing may, standing(in.content));
  if (may == Standing::not_now) {
    // Somebody who may speak has named it already?
    BUD_TRY(bool named, gaps_.missed(in.content.thread, in.hash));
    if (!named) {
      BUD_CHECK(set_aside(in));
      return Taken::aside;
    }
  }
  BUD_CHECK(show(in));
  return Taken::shown;
}

Result<> Conversations::show(const Incoming& in) {
  BUD_TRY(ThreadRow thread, thread_for(in.content, in.account));
  BUD_CHECK(messages_.keep(in.content, in.encoded, in.hash, in.device, false));
  const bool first = thread.floor == 0;
  BUD_CHECK(threads_.note(thread, in.content, in.hash));
  BUD_CHECK(reading_.written(in.content, in.hash));
  BUD_CHECK(context_.db().erase(Table::aside, key::aside(in.content.thread, in.hash)));
  BUD_CHECK(gaps_.found(in.content.thread, in.hash));
  BUD_CHECK(vouch(in.content));
  return first ? Result<>{} : gaps_.note(in.content);  // what was before this device came in is not missed
}

// --- set aside ---

Result<> Conversations::set_aside(const Incoming& in) {
  std::size_t rows = 0;
  BUD_CHECK(each<AsideRow>(context_.db(), Table::aside, {key::thread(in.content.thread), {}, false, asides_of_a_thread},
                           [&](std::uint64_t, AsideRow&) { return ++rows < asides_of_a_thread; }));
  std::size_t all = 0;
  BUD_CHECK(each<AsideRow>(context_.db(), Table::aside, {{}, {}, false, asides_in_all},
                           [&](std::uint64_t, AsideRow&) { return ++all < asides_in_all; }));
  if (rows >= asides_of_a_thread || all >= asides_in_all) return {};
  return save(context_.db(), Table::aside, key::aside(in.content.thread, in.hash),
              AsideRow{in.encoded, in.account, in.device, context_.now()});
}

Result<bool> Conversations::receive_from_removed(const Incoming& in) {
  BUD_TRY(bool fits, well_formed(in));
  BUD_TRY(std::optional<PlaceRow> known, messages_.place(in.hash));
  BUD_TRY(std::optional<PlaceRow> same_id, messages_.place(in.content.id));
  if (known) return true;
  if (!fits || same_id) return false;
  // Somebody who may speak has named it already?
  BUD_TRY(bool named, gaps_.missed(in.content.thread, in.hash));
  BUD_CHECK(named ? show(in) : set_aside(in));
  return named;
}

Result<> Conversations::reconsider(const ThreadId& group) {
  std::vector<AsideRow> rows;
  BUD_CHECK(each<AsideRow>(context_.db(), Table::aside, {key::thread(group), {}, false, SIZE_MAX}, [&](std::uint64_t, AsideRow& row) {
    rows.push_back(std::move(row));
    return true;
  }));
  for (const AsideRow& row : rows) {
    Result<wire::Content> c = wire::decode_content(row.content);
    if (!c) continue;
    const ContentHash hash = wire::content_hash(row.content);
    BUD_TRY(std::optional<PlaceRow> known, messages_.place(hash));  // vouched for by one before it
    BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(row.account));
    if (known || !view || !view->seal_for.contains(row.device)) continue;
    BUD_TRY(const Standing may, standing(*c));
    if (may == Standing::may_speak) BUD_CHECK(show({*c, row.content, hash, row.account, row.device}));
  }
  return {};
}

Result<bool> Conversations::has_doubtful_heads(const ThreadRow& thread) {
  BUD_TRY(std::shared_ptr<const Roster> roster, rosters_.view(thread.thread));
  for (const wire::Previous& head : thread.heads) {
    if (thread.group && roster && !roster->has(head.author)) return true;
    BUD_TRY(std::optional<MessageRow> row, messages_.by_hash(head.hash));
    BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(head.author));
    if (row && view && !view->seal_for.contains(row->device)) return true;
  }
  return false;
}

Result<> Conversations::doubt(const ThreadId& id) {
  BUD_TRY(ThreadRow thread, threads_.get(id));
  BUD_TRY(bool doubtful, has_doubtful_heads(thread));
  if (!doubtful) return {};
  WantRow want;
  want.kind = WantKind::witness;
  want.thread = id;
  const std::uint64_t r = context_.random<Fixed<struct WitnessTag, 8>>().bytes[0];
  want.due = context_.now() + Duration{witness_least.ms + r * witness_spread.ms / 255};
  return save(context_.db(), Table::wants, key::want(want), want);
}

Result<> Conversations::witness_due() {
  std::vector<WantRow> due;
  BUD_CHECK(each<WantRow>(context_.db(), Table::wants, {}, [&](std::uint64_t, WantRow& want) {
    if (want.kind == WantKind::witness && want.due <= context_.now()) due.push_back(std::move(want));
    return true;
  }));
  for (const WantRow& want : due) {
    BUD_CHECK(context_.db().erase(Table::wants, key::want(want)));
    BUD_TRY(ThreadRow thread, threads_.get(want.thread));
    BUD_TRY(bool doubtful, has_doubtful_heads(thread));
    BUD_TRY(ThreadInfo info, threads_.info(want.thread));
    if (!doubtful || !info.in || !context_.member()) continue;
    BUD_CHECK(say(want.thread, wire::ContentKind::thread_change, wire::ThreadChange{}, {}));
  }
  return {};
}

Result<> Conversations::forget_asides() {
  std::vector<RowKey> old;
  BUD_CHECK(each<AsideRow>(context_.db(), Table::aside, {}, [&](std::uint64_t, AsideRow& row) {
    if (elapsed(row.came, context_.now()) < aside_life) return true;
    if (Result<wire::Content> c = wire::decode_content(row.content))
      old.push_back(key::aside(c->thread, wire::content_hash(row.content)));
    return true;
  }));
  for (const RowKey& k : old) BUD_CHECK(context_.db().erase(Table::aside, k));
  return {};
}

// Whoever may speak had seen these: they were written in time. (Who vouches for the words of somebody who was put out after
// that could as well say them.)
Result<> Conversations::vouch(const wire::Content& c) {
  for (const wire::Previous& p : c.previous) {
    BUD_TRY(std::optional<AsideRow> row, load<AsideRow>(context_.db(), Table::aside, key::aside(c.thread, p.hash)));
    if (!row || row->account != p.author) continue;
    BUD_TRY(wire::Content vouched, wire::decode_content(row->content));
    BUD_CHECK(show({vouched, row->content, p.hash, row->account, row->device}));
  }
  return {};
}

Result<> Conversations::receive_history(const wire::History& history, const ThreadId& thread, const AccountId& from,
                                        const DeviceId& device) {
  if (!history.asked.empty()) return gaps_.answer(history, thread, {from, device});
  for (const ContentHash& hash : history.refused) BUD_CHECK(gaps_.refused(thread, hash, from));
  for (const Bytes& encoded : history.told) {
    const ContentHash hash = wire::content_hash(encoded);
    BUD_TRY(bool missed, gaps_.missed(thread, hash));
    Result<wire::Content> c = wire::decode_content(encoded);
    if (!missed || !c || c->thread != thread) continue;  // unasked (attack `key-gift`)
    BUD_TRY(std::optional<ThreadRow> row, threads_.find(thread));
    if (row && c->lamport < row->floor) {
      BUD_CHECK(gaps_.found(thread, hash));  // from before this device came in: that far back nothing is missed
      continue;
    }
    BUD_CHECK(receive({*c, encoded, hash, from, device}));
  }
  return {};
}

}  // namespace bud::core
