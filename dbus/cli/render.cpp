#include "cli/render.h"

#include "cli/table.h"
#include "cli/text.h"
#include "cli/words.h"
#include "client/names.h"

namespace bud::cli {
namespace {

// The fields of a message that is being written already.
void write_progress(Json& json, const client::Progress& progress) {
  json.key("state").text(word(progress.state)).key("delivered").number(progress.delivered);
  json.key("total").number(progress.total);
}

void write_message(Json& json, const client::MessageView& m, People& people) {
  json.key("message").text(client::last_part(m.path)).key("thread").text(client::last_part(m.thread));
  json.key("own").boolean(m.own);
  if (!m.own) {
    const People::Person& author = people.contact(m.author);
    json.key("author").text(client::last_part(m.author)).key("author_name").text(author.name);
    json.key("author_address").text(author.address);
  }
  json.key("time").time(m.time).key("text").text(m.text);
  if (!m.files.empty()) {
    json.key("files").array();
    for (const client::FileView& f : m.files) write(json, f);
    json.end();
  }
  write_progress(json, m.progress);
}

}  // namespace

void write(Json& json, const client::FileView& f) {
  json.object().key("name").text(f.name).key("media_type").text(f.media_type).key("size").number(f.size);
  if (f.state != client::FileState::unknown) json.key("state").text(word(f.state));
  if (!f.error.empty()) json.key("error").text(f.error);
  json.end();
}

void write(Json& json, const client::Device& d) {
  json.object().key("device").hex(d.id).key("state").text(word(d.state)).key("this").boolean(d.this_device);
  json.key("added").time(d.added).end();
}

void write(Json& json, const client::ContactView& c) {
  json.object().key("contact").text(client::last_part(c.path)).key("account").hex(c.id).key("name").text(c.name);
  json.key("addresses")
      .texts(c.addresses)
      .key("verified")
      .boolean(c.verified)
      .key("disputed")
      .boolean(c.disputed)
      .key("blocked")
      .boolean(c.blocked)
      .end();
}

void write(Json& json, const client::ThreadView& t) {
  json.object().key("thread").text(client::last_part(t.path)).key("name").text(t.name);
  json.key("unread").number(t.unread).key("members").array();
  for (const client::ObjectPath& member : t.members) json.text(client::last_part(member));
  json.end().key("muted").boolean(t.muted_until != Time{});
  if (t.muted_until != client::always) json.key("muted_until").time(t.muted_until);
  json.key("pinned").boolean(t.pinned).key("archived").boolean(t.archived).key("draft").text(t.draft).end();
}

void write(Json& json, const client::MessageView& m, People& people) {
  json.object();
  write_message(json, m, people);
  json.end();
}

void write(Json& json, const client::Event& e, People& people) {
  json.object().key("cursor").number(e.cursor).key("kind").text(word(e.kind));
  if (e.kind == client::EventKind::message) {
    write_message(json, e.message, people);
  } else if (e.kind == client::EventKind::message_state) {
    json.key("message").text(client::last_part(e.message.path)).key("thread").text(client::last_part(e.message.thread));
    write_progress(json, e.message.progress);
  } else if (e.kind == client::EventKind::contact) {
    json.key("contact").text(client::last_part(e.contact));
  }
  json.end();
}

void write(Json& json, const client::Alert& a) {
  json.object().key("id").number(a.id).key("kind").text(a.kind).key("text").text(a.text).key("time").time(a.time);
  json.key("account").hex(a.account).key("device").hex(a.device).key("acknowledged").boolean(a.acknowledged).end();
}

void write(Json& json, const client::JoinStatus& s) {
  json.object().key("state").text(word(s.state));
  if (!s.code.empty()) json.key("code").text(s.code);
  json.end();
}

void write(Json& json, const client::JoinRequest& r) {
  json.object().key("request").number(r.id).key("device").hex(r.device).key("time").time(r.time);
  json.key("state").text(word(r.state)).key("attempts").number(r.attempts).end();
}

void write(Json& json, const client::Bridge& b) {
  json.object().key("name").text(b.name).key("kind").text(b.kind).key("state").text(word(b.state));
  json.key("address").text(b.address).key("text").text(b.text).end();
}

std::string devices_table(const std::vector<client::Device>& devices) {
  Table table({"DEVICE", "STATE", "ADDED", ""});
  for (const client::Device& d : devices) {
    table.row({short_hex(d.id), std::string(word(d.state)), format_time(d.added), d.this_device ? "this device" : ""});
  }
  return table.text();
}

std::string progress_text(const client::Progress& p) {
  std::string text(word(p.state));
  if (p.total == 0) return text;
  if (p.state == client::Delivery::delivered || p.delivered > 0) {
    text = "delivered to " + std::to_string(p.delivered) + " of " + std::to_string(p.total);
  } else {
    text += ", for " + std::to_string(p.total);
  }
  return text + (p.total == 1 ? " device" : " devices");
}

std::string lines(const client::MessageView& m, People& people) {
  constexpr std::size_t indent = 4;
  std::string out = format_time(m.time) + "  " + (m.own ? "you" : escape(people.contact(m.author).label()));
  if (m.own && m.progress.state != client::Delivery::unknown) out += "  (" + progress_text(m.progress) + ")";
  out += "\n";
  if (!m.text.empty() || m.files.empty()) out += std::string(indent, ' ') + escape_lines(m.text, indent) + "\n";
  for (const client::FileView& f : m.files)
    out += std::string(indent, ' ') + "[" + escape(f.name) + ", " + size_text(f.size) +
           (f.error.empty() ? "" : ": " + escape(f.error)) + "]\n";
  return out;
}

std::string lines(const client::Event& e, People& people) {
  switch (e.kind) {
    case client::EventKind::message:
      return lines(e.message, people);
    case client::EventKind::message_state:
      return "message " + client::last_part(e.message.path) + ": " + progress_text(e.message.progress) + "\n";
    case client::EventKind::contact:
      return "contact " + escape(people.contact(e.contact).label()) + " changed\n";
    case client::EventKind::unknown:
      break;
  }
  return "event " + std::to_string(e.cursor) + " of a kind that this version does not know\n";
}

}  // namespace bud::cli
