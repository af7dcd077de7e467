#include "cli/render.h"

#include "cli/table.h"
#include "cli/text.h"
#include "cli/words.h"
#include "client/names.h"

namespace bud::cli {
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
  json.end().key("group").boolean(t.group).key("in").boolean(t.in).key("administrators").array();
  for (const client::ObjectPath& one : t.administrators) json.text(account_word(one));
  json.end().key("muted").boolean(t.muted_until != Time{});
  if (t.muted_until != client::always) json.key("muted_until").time(t.muted_until);
  json.key("pinned").boolean(t.pinned).key("archived").boolean(t.archived).key("draft").text(t.draft).end();
}

void write(Json& json, const client::MessageView& m, People& people) {
  json.object();
  write_fields(json, m, people);
  json.end();
}

void write(Json& json, const client::Event& e, People& people) {
  json.object().key("cursor").number(e.cursor).key("kind").text(word(e.kind));
  if (e.message.gone) {
    json.key("message").text(client::last_part(e.message.path)).key("gone").boolean(true);
  } else if (e.kind == client::EventKind::message || e.kind == client::EventKind::message_changed) {
    write_fields(json, e.message, people);
  } else if (e.kind == client::EventKind::message_state) {
    json.key("message").text(client::last_part(e.message.path)).key("thread").text(client::last_part(e.message.thread));
    write_fields(json, e.message.progress);
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

std::string lines(const client::Event& e, People& people, bool ids) {
  if (e.message.gone) return "message " + client::last_part(e.message.path) + " is no longer there\n";
  switch (e.kind) {
    case client::EventKind::message:
      return lines(e.message, people, ids);
    case client::EventKind::message_changed:
      return "changed: " + lines(e.message, people, ids);
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
