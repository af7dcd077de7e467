#include "client/parse.h"

#include <algorithm>
#include <array>

namespace bud::client {
namespace {

// Reads fields one after the other; the first that has another type makes the whole malformed.
class Fields {
 public:
  explicit Fields(const bus::Dict& dict) : dict_(dict) {}

  template <class T>
  Fields& read(std::string_view key, T& into) {
    if (!state_) return *this;
    Result<const T*> found = bus::find<T>(dict_, key);
    if (!found) {
      state_ = tl::unexpected(std::move(found.error()));
    } else if (*found != nullptr) {
      into = **found;
    }
    return *this;
  }
  // A word that stands at this place among `words`.
  template <class E, std::size_t N>
  Fields& word(std::string_view key, E& into, const std::array<std::string_view, N>& words) {
    std::string text;
    read(key, text);
    if (text.empty()) return *this;
    const auto found = std::find(words.begin(), words.end(), text);
    into = found != words.end() ? static_cast<E>(found - words.begin()) : E{};
    return *this;
  }
  // A dictionary in the dictionary.
  template <class T>
  Fields& nested(std::string_view key, std::optional<T>& into, Result<T> (*parse)(const bus::Dict&)) {
    bus::Nested inner;
    if (dict_.find(key) == dict_.end()) return *this;
    read(key, inner);
    return take(parse(*inner), [&](T one) { into = std::move(one); });
  }
  template <class T>
  Fields& list(std::string_view key, std::vector<T>& into, Result<T> (*parse)(const bus::Dict&)) {
    std::vector<bus::Nested> all;
    read(key, all);
    for (const bus::Nested& one : all) take(parse(*one), [&](T parsed) { into.push_back(std::move(parsed)); });
    return *this;
  }
  Fields& time(std::string_view key, Time& into) { return read(key, into.ms); }
  // An enumeration whose last known value is `last`.
  template <class E>
  Fields& number(std::string_view key, E& into, E last) {
    std::uint32_t n = 0;
    read(key, n);
    into = n <= static_cast<std::uint32_t>(last) ? static_cast<E>(n) : E{};
    return *this;
  }
  Fields& progress(const char* state, const char* delivered, const char* total, Progress& into) {
    return number(state, into.state, Delivery::failed).read(delivered, into.delivered).read(total, into.total);
  }
  template <class T>
  Result<T> done(T value) const {
    if (!state_) return tl::unexpected(state_.error());
    return value;
  }

 private:
  template <class T, class F>
  Fields& take(Result<T> parsed, F keep) {
    if (!state_) return *this;
    if (parsed) {
      keep(std::move(*parsed));
    } else {
      state_ = tl::unexpected(std::move(parsed.error()));
    }
    return *this;
  }

  const bus::Dict& dict_;
  Result<> state_;
};

}  // namespace

Result<Device> parse_device(const bus::Dict& dict) {
  Device d;
  return Fields(dict)
      .read("id", d.id)
      .number("state", d.state, DeviceState::held)
      .read("this", d.this_device)
      .time("added", d.added)
      .done(d);
}

Result<AccountView> parse_account(const ObjectPath& path, const bus::Dict& properties) {
  AccountView a;
  a.path = path;
  return Fields(properties)
      .read("AccountId", a.id)
      .read("DeviceId", a.device)
      .number("State", a.state, AccountState::removed)
      .read("Name", a.name)
      .read("Addresses", a.addresses)
      .done(a);
}

Result<ContactView> parse_contact(const ObjectPath& path, const bus::Dict& properties) {
  ContactView c;
  c.path = path;
  return Fields(properties)
      .read("AccountId", c.id)
      .read("Name", c.name)
      .read("Addresses", c.addresses)
      .read("Verified", c.verified)
      .read("Disputed", c.disputed)
      .read("Blocked", c.blocked)
      .done(c);
}

Result<ThreadView> parse_thread(const ObjectPath& path, const bus::Dict& properties) {
  ThreadView t;
  t.path = path;
  return Fields(properties)
      .read("Name", t.name)
      .read("Members", t.members)
      .read("Unread", t.unread)
      .read("Group", t.group)
      .read("In", t.in)
      .read("Administrators", t.administrators)
      .time("MutedUntil", t.muted_until)
      .read("Pinned", t.pinned)
      .read("Archived", t.archived)
      .read("Draft", t.draft)
      .done(t);
}

Result<FileView> parse_file(const bus::Dict& dict) {
  FileView f;
  return Fields(dict)
      .read("name", f.name)
      .read("media_type", f.media_type)
      .read("size", f.size)
      .number("state", f.state, FileState::failed)
      .read("error", f.error)
      .done(f);
}

namespace {

constexpr std::array<std::string_view, 7> types{"unknown", "text",    "attachment", "poll",
                                                "sticker", "contact", "change"};
constexpr std::array<std::string_view, 6> change_kinds{"unknown", "created", "added", "removed", "left", "renamed"};

Result<Reply> parse_reply(const bus::Dict& dict) {
  Reply r;
  return Fields(dict).read("message", r.message).read("author", r.author).read("excerpt", r.excerpt).done(r);
}
Result<Poll> parse_poll(const bus::Dict& dict) {
  Poll p;
  return Fields(dict).read("options", p.options).read("multiple", p.multiple).done(p);
}
Result<Card> parse_card(const bus::Dict& dict) {
  Card c;
  return Fields(dict).read("account", c.account).read("name", c.name).read("addresses", c.addresses).done(c);
}
Result<Change> parse_change(const bus::Dict& dict) {
  Change c;
  return Fields(dict).word("kind", c.kind, change_kinds).read("account", c.account).read("name", c.name).done(c);
}

}  // namespace

Result<MessageView> parse_message(const bus::Dict& dict) {
  MessageView m;
  std::vector<std::string> names, media;
  std::vector<std::uint64_t> sizes;
  BUD_CHECK(Fields(dict).read("file_names", names).read("file_types", media).read("file_sizes", sizes).done(0));
  for (std::size_t i = 0; i < names.size(); ++i)
    m.files.push_back({names[i], i < media.size() ? media[i] : "", i < sizes.size() ? sizes[i] : 0, FileState::unknown, {}});
  return Fields(dict)
      .read("message", m.path)
      .read("thread", m.thread)
      .read("author", m.author)
      .read("own", m.own)
      .read("text", m.text)
      .time("time", m.time)
      .progress("state", "delivered", "total", m.progress)
      .word("type", m.type, types)
      .read("styles", m.styles)
      .time("edited", m.edited)
      .read("retracted", m.retracted)
      .nested("reply", m.reply, parse_reply)
      .read("reactions", m.reactions)
      .nested("poll", m.poll, parse_poll)
      .nested("card", m.card, parse_card)
      .list("changes", m.changes, parse_change)
      .read("read-by", m.read_by)
      .read("missing", m.missing)
      .read("expire", m.expire)
      .read("gone", m.gone)
      .done(m);
}

Result<MessageView> parse_message(const ObjectPath& path, const bus::Dict& properties) {
  bus::Nested content;
  BUD_TRY(content, bus::get_or<bus::Nested>(properties, "Content", {}));
  BUD_TRY(MessageView m, parse_message(*content));
  m.path = path;
  return Fields(properties)
      .read("Thread", m.thread)
      .read("Author", m.author)
      .read("Own", m.own)
      .read("Text", m.text)
      .time("Time", m.time)
      .progress("State", "DeliveredTo", "Total", m.progress)
      .read("BytesDone", m.bytes_done)
      .read("BytesTotal", m.bytes_total)
      .done(m);
}

Result<Copy> parse_copy(const bus::Dict& dict) {
  Copy c;
  return Fields(dict)
      .read("account", c.account)
      .read("device", c.device)
      .read("own", c.own)
      .number("state", c.state, Delivery::failed)
      .time("changed", c.changed)
      .done(c);
}

Result<Event> parse_event(const bus::Dict& dict) {
  Event e;
  Fields fields(dict);
  fields.read("cursor", e.cursor).number("kind", e.kind, EventKind::message_changed).read("contact", e.contact);
  BUD_TRY(e.message, parse_message(dict));
  return fields.done(e);
}

Result<Alert> parse_alert(const bus::Dict& dict) {
  Alert a;
  return Fields(dict)
      .read("id", a.id)
      .read("kind", a.kind)
      .read("text", a.text)
      .time("time", a.time)
      .read("account", a.account)
      .read("device", a.device)
      .read("acknowledged", a.acknowledged)
      .done(a);
}

Result<JoinStatus> parse_join_status(const bus::Dict& dict) {
  JoinStatus s;
  return Fields(dict)
      .number("state", s.state, JoinState::joined)
      .read("code", s.code)
      .read("account", s.account)
      .done(s);
}

Result<JoinRequest> parse_join_request(const bus::Dict& dict) {
  JoinRequest r;
  return Fields(dict)
      .read("id", r.id)
      .read("device", r.device)
      .time("time", r.time)
      .number("state", r.state, RequestState::approved)
      .read("attempts", r.attempts)
      .done(r);
}

Result<Bridge> parse_bridge(const bus::Dict& dict) {
  Bridge b;
  return Fields(dict)
      .read("name", b.name)
      .read("kind", b.kind)
      .number("state", b.state, BridgeState::failed)
      .read("address", b.address)
      .read("text", b.text)
      .done(b);
}

}  // namespace bud::client
