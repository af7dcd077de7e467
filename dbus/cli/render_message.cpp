// Messages of each kind, as JSON and as lines.
//
// Everything in them was chosen by others. A line of a message's text stands four columns in; what the program says of
// it, two, so that no text looks like it. Where words of others stand in such a line they come last, or are names.
#include "cli/render.h"
#include "cli/text.h"
#include "cli/words.h"
#include "client/names.h"

namespace bud::cli {
namespace {

constexpr std::size_t indent = 4;

void write(Json& json, const std::vector<client::ObjectPath>& accounts) {
  json.array();
  for (const client::ObjectPath& path : accounts) json.text(account_word(path));
  json.end();
}

void write(Json& json, std::string_view word_key, const std::vector<bus::Tally>& tallies) {
  json.array();
  for (const bus::Tally& t : tallies) {
    json.object().key(word_key).text(t.text).key("accounts");
    write(json, t.accounts);
    json.end();
  }
  json.end();
}

void write_styles(Json& json, const std::vector<bus::TextRange>& styles) {
  json.key("styles").array();
  for (const bus::TextRange& s : styles) {
    json.object().key("start").number(s.start).key("length").number(s.length).key("style").number(s.style);
    json.key("argument").text(s.argument).end();
  }
  json.end();
}

void write_changes(Json& json, const std::vector<client::Change>& changes) {
  json.key("changes").array();
  for (const client::Change& c : changes) {
    json.object().key("kind").text(word(c.kind));
    if (!c.account.text.empty()) json.key("account").text(account_word(c.account));
    if (c.kind == client::ChangeKind::created || c.kind == client::ChangeKind::renamed) json.key("name").text(c.name);
    json.end();
  }
  json.end();
}

std::string line(const std::string& text) {
  return "  " + text + "\n";
}

std::string people_count(const bus::Tally& tally, People& people) {
  return std::to_string(tally.accounts.size()) + (tally.accounts.empty() ? "" : ": " + people.shown(tally.accounts));
}

std::string lines_of(const client::Poll& poll, People& people) {
  std::string out;
  for (std::size_t i = 0; i < poll.options.size(); ++i)
    out += line(std::to_string(i + 1) + ".  [" + people_count(poll.options[i], people) + "]  " +
                escape(poll.options[i].text));
  return out + line(poll.multiple ? "(a poll: several may be chosen)" : "(a poll)");
}

std::string lines_of(const client::Card& card) {
  std::string out = line("introduces account " + short_hex(card.account) + ", who is called as above");
  for (const std::string& address : card.addresses) out += line("found at " + escape(address));
  return out;
}

std::string line_of(const client::Change& change, People& people) {
  const std::string who = change.account.text.empty() ? "" : people.shown(change.account);
  switch (change.kind) {
    case client::ChangeKind::created:
      return line("created the group: " + escape(change.name));
    case client::ChangeKind::added:
      return line("added " + who);
    case client::ChangeKind::removed:
      return line("removed " + who);
    case client::ChangeKind::left:
      return line("left the group");
    case client::ChangeKind::renamed:
      return line("renamed the group: " + escape(change.name));
    case client::ChangeKind::unknown:
      break;
  }
  return line("changed the group in a way that this version does not know");
}

std::string body(const client::MessageView& m, People& people) {
  if (m.retracted) return line("(retracted)");
  std::string out;
  if (m.reply) out += line("> to " + people.shown(m.reply->author) + ": " + escape(m.reply->excerpt));
  for (const client::Change& change : m.changes) out += line_of(change, people);
  if (m.type == client::MessageType::change && m.changes.empty()) out += line("changed the group");
  if (m.type != client::MessageType::change && (!m.text.empty() || m.files.empty()))
    out += std::string(indent, ' ') + escape_lines(m.text, indent) + "\n";
  for (const client::FileView& f : m.files)
    out += line("file of " + size_text(f.size) + (f.error.empty() ? "" : " (" + escape(f.error) + ")") + ": " + escape(f.name));
  if (m.poll) out += lines_of(*m.poll, people);
  if (m.card) out += lines_of(*m.card);
  if (m.type == client::MessageType::attachment) out += line("(a file)");
  if (m.type == client::MessageType::unknown) out += line("(of a kind that this version does not know)");
  for (const bus::Tally& reaction : m.reactions)
    out += line("* " + people.shown(reaction.accounts) + ": " + escape(reaction.text));
  return out;
}

}  // namespace

std::string account_word(const client::ObjectPath& path) {
  return client::is_own(path) ? "you" : client::last_part(path);
}

void write_fields(Json& json, const client::Progress& progress) {
  json.key("state").text(word(progress.state)).key("delivered").number(progress.delivered);
  json.key("total").number(progress.total);
}

void write_fields(Json& json, const client::MessageView& m, People& people) {
  json.key("message").text(client::last_part(m.path)).key("thread").text(client::last_part(m.thread));
  json.key("own").boolean(m.own);
  if (!m.own) {
    const People::Person& author = people.contact(m.author);
    json.key("author").text(client::last_part(m.author)).key("author_name").text(author.name);
    json.key("author_address").text(author.address);
  }
  json.key("time").time(m.time).key("type").text(word(m.type)).key("text").text(m.text);
  if (!m.files.empty()) {
    json.key("files").array();
    for (const client::FileView& f : m.files) write(json, f);
    json.end();
  }
  write_fields(json, m.progress);
  if (!m.styles.empty()) write_styles(json, m.styles);
  if (m.edited.ms != 0) json.key("edited").time(m.edited);
  if (m.retracted) json.key("retracted").boolean(true);
  if (m.reply) {
    json.key("reply").object().key("message").text(client::last_part(m.reply->message));
    json.key("author").text(account_word(m.reply->author)).key("excerpt").text(m.reply->excerpt).end();
  }
  if (!m.reactions.empty()) write(json.key("reactions"), "emoji", m.reactions);
  if (m.poll) {
    write(json.key("poll").object().key("multiple").boolean(m.poll->multiple).key("options"), "text", m.poll->options);
    json.end();
  }
  if (m.card) {
    json.key("card").object().key("account").hex(m.card->account).key("name").text(m.card->name);
    json.key("addresses").texts(m.card->addresses).end();
  }
  if (!m.changes.empty()) write_changes(json, m.changes);
  if (!m.read_by.empty()) write(json.key("read_by"), m.read_by);
  if (m.missing != 0) json.key("missing").number(m.missing);
  if (m.expire != 0) json.key("expire").number(m.expire);
}

std::string lines(const client::MessageView& m, People& people, bool ids) {
  std::string out = format_time(m.time) + "  " + (m.own ? "you" : people.shown(m.author));
  if (m.own && m.progress.state != client::Delivery::unknown) out += "  (" + progress_text(m.progress) + ")";
  if (m.edited.ms != 0) out += "  (edited)";
  if (m.expire != 0) out += "  (goes " + std::to_string(m.expire) + " s after it was read)";
  if (ids) out += "  [" + client::last_part(m.path) + "]";
  out += "\n";
  if (m.missing != 0) out += line("(before it " + std::to_string(m.missing) + " that have not come yet)");
  out += body(m, people);
  if (!m.read_by.empty()) out += line("read by " + people.shown(m.read_by));
  return out;
}

}  // namespace bud::cli
