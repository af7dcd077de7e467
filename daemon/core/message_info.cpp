#include "core/message_info.h"

#include "wire/roster.h"

#include <algorithm>

namespace bud::core {
namespace {

std::vector<TextStyle> styles(const std::vector<wire::TextRange>& ranges) {
  std::vector<TextStyle> out;
  for (const wire::TextRange& r : ranges) out.push_back({r.start, r.length, r.style, r.argument});
  return out;
}

void set_text(MessageInfo& m, const wire::Text& text) {
  m.text = text.text;
  m.styles = styles(text.ranges);
}

struct Body {
  MessageInfo& m;
  void tell(const wire::RosterBody& b) {
    switch (b.kind) {
      case wire::RosterKind::genesis: return m.changes.push_back({ChangeKind::created, {}, b.name});
      case wire::RosterKind::add: return m.changes.push_back({ChangeKind::added, b.account, {}});
      case wire::RosterKind::remove:
        return m.changes.push_back({b.account == b.author ? ChangeKind::left : ChangeKind::removed, b.account, {}});
      case wire::RosterKind::rename: return m.changes.push_back({ChangeKind::renamed, {}, b.name});
    }
  }
  void operator()(const wire::Text& t) { set_text(m, t); }
  void operator()(const wire::Attachment& a) {
    m.kind = MessageKind::attachment;
    set_text(m, a.caption);
    for (const wire::File& file : a.files) m.files.push_back(file_info(file));
  }
  void operator()(const wire::Poll& p) {
    m.kind = MessageKind::poll;
    m.text = p.question;
    m.poll = PollInfo{p.options, p.multiple, std::vector<std::vector<AccountId>>(p.options.size())};
  }
  void operator()(const wire::Sticker& s) {
    m.kind = MessageKind::sticker;
    m.text = s.emoji;
  }
  void operator()(const wire::ContactCard& c) {
    m.kind = MessageKind::contact_card;
    m.text = c.name;
    m.card = CardInfo{c.account, c.name, c.addresses};
  }
  void operator()(const wire::ThreadChange& c) {
    m.kind = MessageKind::change;
    for (const Bytes& bytes : c.entries)
      if (Result<wire::UnverifiedRosterEntry> e = wire::decode_roster_entry(bytes)) tell(e->body);
  }
  // Also of kinds that stand in no thread: they are never asked about.
  template <class Other>
  void operator()(const Other&) {
    m.kind = MessageKind::unknown;
  }
};

void leave(std::vector<AccountId>& accounts, const AccountId& who) { std::erase(accounts, who); }

void react(MessageInfo& m, const AccountId& who, const wire::Reaction& r) {
  auto at = std::find_if(m.reactions.begin(), m.reactions.end(), [&](const ReactionInfo& x) { return x.emoji == r.emoji; });
  if (at == m.reactions.end()) at = m.reactions.insert(at, {r.emoji, {}});
  leave(at->accounts, who);
  if (r.set) at->accounts.push_back(who);
  if (at->accounts.empty()) m.reactions.erase(at);
}

void vote(MessageInfo& m, const AccountId& who, const wire::Vote& v) {
  if (!m.poll || (!m.poll->multiple && v.choices.size() > 1)) return;
  if (std::any_of(v.choices.begin(), v.choices.end(), [&](std::uint8_t c) { return c >= m.poll->votes.size(); })) return;
  for (std::vector<AccountId>& option : m.poll->votes) leave(option, who);
  for (const std::uint8_t choice : v.choices) m.poll->votes[choice].push_back(who);
}

// Who wrote it, and where it stood, is left.
void retract(MessageInfo& m) {
  MessageInfo bare;
  bare.id = m.id;
  bare.thread = m.thread;
  bare.author = m.author;
  bare.author_device = m.author_device;
  bare.time = m.time;
  bare.lamport = m.lamport;
  bare.kind = m.kind;
  bare.outgoing = m.outgoing;
  bare.retracted = true;
  m = std::move(bare);
}

}  // namespace

FileInfo file_info(const wire::File& f) {
  return {f.name,  f.media_type, f.blob.size, f.width, f.height, f.duration_ms, f.voice, f.blob.locations.empty(), f.thumbnail};
}

MessageInfo describe_content(const wire::Content& c) {
  MessageInfo m;
  m.id = c.id;
  m.thread = c.thread;
  m.author = c.author;
  m.time = c.time;
  m.lamport = c.lamport;
  m.expire = c.expire;
  if (c.reply) m.reply = ReplyInfo{c.reply->id, c.reply->author, c.reply->excerpt};
  std::visit(Body{m}, c.body);
  if (m.kind == MessageKind::unknown) m.text = c.fallback;
  return m;
}

void apply_related(MessageInfo& m, const wire::Content& later) {
  if (m.retracted || later.thread != m.thread) return;
  if (const auto* reaction = std::get_if<wire::Reaction>(&later.body)) return react(m, later.author, *reaction);
  if (const auto* v = std::get_if<wire::Vote>(&later.body)) return vote(m, later.author, *v);
  if (later.author != m.author) return;
  if (const auto* edit = std::get_if<wire::Edit>(&later.body)) {
    if (m.kind != MessageKind::text && m.kind != MessageKind::attachment) return;
    set_text(m, edit->text);
    m.edited = later.time;
  } else if (std::holds_alternative<wire::Retraction>(later.body)) {
    retract(m);
  }
}

}  // namespace bud::core
