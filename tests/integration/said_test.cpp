// Everything that is said in a conversation, and a group: written over the bus of one device, and the same on all of
// them, one of which was off meanwhile.
#include "client/account.h"
#include "client/manager.h"
#include "client/names.h"
#include "client/thread.h"
#include "integration/daemon_fixture.h"
#include "service/paths.h"
#include "support/outcome.h"

namespace bud::test {
namespace {

using client::MessageView;
using client::ObjectPath;

// A device, and a client of its daemon.
struct Seat {
  Seat(const std::string& spool, const std::string& address) : device(spool, address) {}
  Device device;
  std::unique_ptr<client::Connection> connection;
  Bytes id;  // of the account

  void connect() {
    connection = must(client::Connection::open({client::BusChoice::Kind::address, device.bus_address()}), "connect");
    id = must(account().view(), "the account").id;
  }
  client::Account account() { return {*connection, {service::paths::account}}; }
  client::Thread thread(const ObjectPath& path) { return {*connection, path}; }
  ObjectPath contact(const std::string& address) {
    ObjectPath found;
    wait_until(
        [&] {
          const auto resolved = account().resolve(address);
          if (resolved) found = *resolved;
          return resolved.has_value();
        },
        "an account at the address");
    return found;
  }

  // As others see them too.
  std::string who(const ObjectPath& path) const {
    return client::last_part(client::is_own(path) ? client::contact_path(id) : path).substr(0, 8);
  }
  std::string who(const std::vector<ObjectPath>& paths) const {
    std::string all;
    for (const ObjectPath& path : paths) all += " " + who(path);
    return all;
  }
  // All of it, in words that are the same for everybody: without what is an account's own (who has read).
  std::string words(const MessageView& m) const {
    std::string out = who(m.author) + " " + client::last_part(m.path).substr(0, 8) + " " +
                      std::to_string(static_cast<int>(m.type)) + " " + std::to_string(m.time.ms) + ": " + m.text;
    for (const bus::TextRange& s : m.styles)
      out += " {" + std::to_string(s.start) + "+" + std::to_string(s.length) + " " + std::to_string(s.style) + " " +
             s.argument + "}";
    if (m.edited.ms != 0) out += " edited " + std::to_string(m.edited.ms);
    if (m.retracted) out += " retracted";
    if (m.reply)
      out += " > " + client::last_part(m.reply->message) + " " + who(m.reply->author) + " " + m.reply->excerpt;
    for (const bus::Tally& r : m.reactions) out += " " + r.text + who(r.accounts);
    if (m.poll) {
      out += m.poll->multiple ? " any of" : " one of";
      for (const bus::Tally& o : m.poll->options) out += " [" + o.text + who(o.accounts) + "]";
    }
    if (m.card) out += " card " + to_hex(m.card->account) + " " + m.card->name + " " + m.card->addresses.at(0);
    for (const client::Change& c : m.changes)
      out += " change " + std::to_string(static_cast<int>(c.kind)) +
             (c.account.text.empty() ? "" : " " + who(c.account)) + " " + c.name;
    if (m.missing != 0) out += " after " + std::to_string(m.missing);
    if (m.expire != 0) out += " expires " + std::to_string(m.expire);
    return out;
  }
  // Newest first.
  std::vector<std::string> shown(const ObjectPath& path) {
    std::vector<std::string> all;
    const auto page = thread(path).messages(0, 0);
    if (!page) return {page.error().text};
    for (const MessageView& m : page->messages) all.push_back(words(m));
    return all;
  }
  MessageView message(const ObjectPath& thread_path, const ObjectPath& path) {
    const client::Thread::Page page = must(thread(thread_path).messages(0, 0), "Messages");
    for (const MessageView& m : page.messages)
      if (m.path == path) return m;
    return {};
  }
};

struct SaidTest : testing::Test {
  ScratchFolder scratch;
  std::string spool = [this] {
    std::filesystem::create_directory(scratch.file("spool"));
    return scratch.file("spool");
  }();
  Seat laptop{spool, "alice"}, phone{spool, "alice"}, desktop{spool, "bob"}, tablet{spool, "bob"},
      carols{spool, "carol"};

  void set_up(const std::vector<Seat*>& seats) {
    for (Seat* seat : seats) seat->device.set_up();
    laptop.device.create_account("Alice");
    desktop.device.create_account("Bob");
    carols.device.create_account("Carol");
    for (Seat* seat : seats) {
      if (seat == &phone) phone.device.join(laptop.device);
      if (seat == &tablet) tablet.device.join(desktop.device);
    }
    for (Seat* seat : seats) seat->connect();
  }
  // Until all show the same, as many as there are.
  void alike(const std::vector<Seat*>& seats, const ObjectPath& thread, std::size_t messages) {
    std::vector<std::vector<std::string>> all;
    const auto same = [&] {
      all.clear();
      for (Seat* seat : seats) all.push_back(seat->shown(thread));
      return all[0].size() == messages && std::equal(all.begin() + 1, all.end(), all.begin());
    };
    try {
      wait_until(same, "the same on all devices");
    } catch (const std::runtime_error& error) {
      std::string text = error.what();
      for (const auto& one : all) {
        text += "\n--";
        for (const std::string& line : one) text += "\n" + line;
      }
      throw std::runtime_error(text);
    }
  }
};

TEST_F(SaidTest, EveryKindIsReadOnAllDevicesOfBothAlsoOnOneThatWasOff) {
  const std::vector<Seat*> seats{&laptop, &phone, &desktop, &tablet};
  set_up({&laptop, &phone, &desktop, &tablet, &carols});
  const ObjectPath path{laptop.device.thread_with("spool:bob")};
  const client::Thread thread = laptop.thread(path);
  const ObjectPath hello = must(thread.send("hello", "key"), "send");
  alike(seats, path, 1);
  EXPECT_EQ(tablet.device.stop(), 0);

  EXPECT_EQ(must(thread.send("hello", "key"), "send again"), hello);
  const bus::Dict styled{{"text", "see there"},
                         {"styles", std::vector<bus::TextRange>{{4, 5, 5, "https://example.org"}}}};
  const ObjectPath link = must(thread.send(styled, ""), "styles");
  const ObjectPath wrong = must(thread.send("at sicks", ""), "send");
  must(thread.edit(wrong, "at six"), "edit");
  const ObjectPath secret = must(thread.send("a secret", ""), "send");
  must(thread.retract(secret), "retract");
  const ObjectPath answer = must(thread.send(bus::Dict{{"text", "to you"}, {"reply-to", hello}}, ""), "reply");
  const ObjectPath fleeting =
      must(thread.send(bus::Dict{{"text", "soon gone"}, {"expire", std::uint32_t{86400}}}, ""), "expire");
  const bus::Dict question{{"question", "When?"}, {"options", std::vector<std::string>{"six", "eight"}}};
  const ObjectPath poll = must(thread.send(bus::Dict{{"poll", question}}, ""), "poll");
  const ObjectPath card = must(thread.send(bus::Dict{{"contact", laptop.contact("spool:carol")}}, ""), "contact");
  wait_until([&] { return desktop.shown(path).size() == 8; }, "all of it at bob's");
  const client::Thread back = desktop.thread(path);
  must(back.react(hello, "\xf0\x9f\x91\x8d", true), "react");
  must(back.react(link, "x", true), "react");
  must(back.react(link, "x", false), "react no longer");
  must(back.vote(poll, {1}), "vote");
  must(thread.vote(poll, {0}), "vote");
  must(back.mark_read(answer), "mark read");
  wait_until([&] { return !laptop.message(path, hello).reactions.empty(); }, "bob's reaction");

  tablet.device.start();
  alike(seats, path, 8);
  for (Seat* seat : seats) {
    EXPECT_EQ(seat->message(path, link).styles, (std::vector<bus::TextRange>{{4, 5, 5, "https://example.org"}}));
    EXPECT_EQ(seat->message(path, wrong).text, "at six");
    EXPECT_NE(seat->message(path, wrong).edited.ms, 0u);
    EXPECT_TRUE(seat->message(path, secret).retracted && seat->message(path, secret).text.empty());
    EXPECT_EQ(seat->message(path, answer).reply->excerpt, "hello");
    EXPECT_EQ(seat->message(path, fleeting).expire, 86400u);
    EXPECT_EQ(seat->message(path, hello).reactions.at(0).accounts.size(), 1u);
    EXPECT_TRUE(seat->message(path, link).reactions.empty());
    const auto votes = seat->message(path, poll).poll->options;
    EXPECT_EQ(votes.at(0).accounts.size() + votes.at(1).accounts.size(), 2u);
    EXPECT_EQ(seat->message(path, card).card->account, carols.id);
    EXPECT_EQ(seat->message(path, card).card->addresses, std::vector<std::string>{"spool:carol"});
  }
  // Alice is told once that Bob has read; Bob's tablet knows it by itself.
  for (Seat* seat : {&laptop, &phone})
    wait_until(
        [&] {
          return seat->message(path, answer).read_by == std::vector<ObjectPath>{client::contact_path(desktop.id)};
        },
        "bob's receipt");
  EXPECT_TRUE(laptop.message(path, fleeting).read_by.empty());
  wait_until([&] { return must(tablet.thread(path).view(), "view").unread == 3; }, "what bob has read");
  // The inbox of who was off tells it too.
  std::size_t changed = 0;
  for (const client::Event& e : must(tablet.account().fetch(0, 0), "Fetch").events)
    if (e.kind == client::EventKind::message_changed) ++changed;
  EXPECT_GE(changed, 3u);
}

TEST_F(SaidTest, TypingIsToldToWatchingClientsAlone) {
  set_up({&laptop, &desktop, &carols});
  const ObjectPath path{laptop.device.thread_with("spool:bob")};
  must(laptop.thread(path).send("hello", ""), "send");
  must(desktop.thread({desktop.device.thread_with("spool:alice")}).send("hello too", ""), "send");
  alike({&laptop, &desktop}, path, 2);
  bus::Bus stranger = must(bus::Bus::open(desktop.device.bus_address()), "reach the bus");
  const bus::Target source{{}, service::paths::account, "org.budstikke.Account1"};
  std::vector<std::string> told;
  std::size_t overheard = 0;
  const auto mine = must(desktop.device.bus().match_signal(source, "Typing",
                                                           [&](const bus::Message& m) {
                                                             bus::Reader args(m);
                                                             const std::string thread =
                                                                 must(args.path(), "thread").text;
                                                             const std::string who = must(args.path(), "account").text;
                                                             const bool active = must(args.boolean(), "active");
                                                             told.push_back(thread + who + (active ? " on" : " off"));
                                                           }),
                         "match");
  const auto theirs = must(stranger.match_signal(source, "Typing", [&](const bus::Message&) { ++overheard; }), "match");
  must(stranger.flush(), "flush");
  must(desktop.device.account("Watch"), "Watch");
  const auto turn = [&] {
    for (bus::Bus* bus : {&desktop.device.bus(), &stranger})
      while (sd_bus_process(bus->raw(), nullptr) > 0) {
      }
  };
  must(laptop.thread(path).set_typing(true), "typing");
  wait_until(
      [&] {
        turn();
        return !told.empty();
      },
      "Typing");
  EXPECT_EQ(told, std::vector<std::string>{path.text + client::contact_path(laptop.id).text + " on"});
  must(stranger.call({service::chat_name, service::paths::manager, "org.freedesktop.DBus.Peer"}, "Ping"), "Ping");
  turn();
  EXPECT_EQ(overheard, 0u);
  EXPECT_EQ(desktop.shown(path).size(), 2u);
}

TEST_F(SaidTest, WhatCannotBeIsRefusedInWords) {
  set_up({&laptop, &desktop, &carols});
  const ObjectPath path{laptop.device.thread_with("spool:bob")}, other{laptop.device.thread_with("spool:carol")};
  const client::Thread thread = laptop.thread(path);
  const ObjectPath hello = must(thread.send("hello", ""), "send");
  alike({&laptop, &desktop}, path, 1);
  const auto send = [&](const bus::Dict& content) { return code(thread.send(content, "")); };
  const auto poll = [&](std::vector<std::string> options) {
    return bus::Dict{{"poll", bus::Dict{{"question", "When?"}, {"options", std::move(options)}}}};
  };
  EXPECT_EQ(send({}), Errc::malformed);
  EXPECT_EQ(send({{"text", ""}}), Errc::malformed);
  EXPECT_EQ(send({{"text", std::string(32 * 1024 + 1, 'x')}}), Errc::too_large);
  EXPECT_EQ(send({{"text", "both"}, {"contact", laptop.contact("spool:carol")}}), Errc::malformed);
  EXPECT_EQ(send({{"text", "x"}, {"styles", true}}), Errc::malformed);
  EXPECT_EQ(send({{"text", "x"}, {"styles", std::vector<bus::TextRange>{{0, 2, 1, ""}}}}), Errc::malformed);
  EXPECT_EQ(send({{"text", "x"}, {"styles", std::vector<bus::TextRange>(257)}}), Errc::too_large);
  EXPECT_EQ(send({{"text", "x"}, {"hologram", true}}), Errc::unsupported);
  EXPECT_EQ(send(poll({"now"})), Errc::malformed);
  EXPECT_EQ(send(poll(std::vector<std::string>(21, "now"))), Errc::malformed);
  EXPECT_EQ(send({{"contact", path}}), Errc::not_found);
  EXPECT_EQ(send({{"text", "x"}, {"reply-to", path}}), Errc::not_found);
  EXPECT_EQ(code(laptop.thread(other).send(bus::Dict{{"text", "x"}, {"reply-to", hello}}, "")), Errc::malformed);
  EXPECT_EQ(code(laptop.thread(other).retract(hello)), Errc::not_found);
  EXPECT_EQ(code(desktop.thread(path).edit(hello, "mine")), Errc::not_allowed);
  EXPECT_EQ(code(desktop.thread(path).retract(hello)), Errc::not_allowed);
  EXPECT_EQ(code(thread.edit(hello, "")), Errc::malformed);
  EXPECT_EQ(code(thread.react(hello, "", true)), Errc::malformed);
  EXPECT_EQ(code(thread.react(hello, std::string(65, 'x'), true)), Errc::too_large);
  EXPECT_EQ(code(thread.vote(hello, {0})), Errc::not_found);
  const ObjectPath asked = must(thread.send(poll({"six", "eight"}), ""), "poll");
  EXPECT_EQ(code(thread.vote(asked, {2})), Errc::malformed);
  EXPECT_EQ(code(thread.vote(asked, {256})), Errc::malformed);  // and not 0
  EXPECT_EQ(code(thread.vote(asked, {0, 1})), Errc::malformed);
  EXPECT_EQ(code(thread.vote(asked, std::vector<std::uint32_t>(21))), Errc::too_large);
  EXPECT_EQ(code(thread.rename("no group")), Errc::not_found);
  EXPECT_EQ(code(thread.add_member(laptop.contact("spool:carol"), false)), Errc::not_found);
  const auto open = [&](const std::vector<ObjectPath>& contacts, const bus::Dict& options) {
    return code(laptop.device.account("OpenThread", [&](bus::Writer& w) { w.paths(contacts).dict(options); }));
  };
  EXPECT_EQ(open({}, {}), Errc::malformed);
  EXPECT_EQ(open({laptop.contact("spool:bob")}, {{"name", "boat"}}), Errc::malformed);
  EXPECT_EQ(open(std::vector<ObjectPath>(256, path), {}), Errc::too_large);
  EXPECT_EQ(open({laptop.contact("spool:bob"), path}, {}), Errc::not_found);
  EXPECT_EQ(open({laptop.contact("spool:bob")}, {{"group", true}, {"name", std::string(129, 'x')}}), Errc::malformed);
}

TEST_F(SaidTest, AGroupOfThreeIsTheSameOnAllDevices) {
  const std::vector<Seat*> all{&laptop, &phone, &desktop, &carols};
  set_up(all);
  const ObjectPath bob = laptop.contact("spool:bob"), carol = laptop.contact("spool:carol");
  EXPECT_EQ(code(laptop.account().create_group({bob, bob}, {})), Errc::conflict);
  EXPECT_EQ(code(laptop.account().create_group({bob}, {{"post", "nobody"}})), Errc::malformed);
  const ObjectPath boat =
      must(laptop.account().create_group({bob}, {{"name", "The boat"}, {"rename", "everybody"}}), "create");
  const client::Thread mine = laptop.thread(boat);
  must(mine.send("before carol", ""), "send");
  alike({&laptop, &phone, &desktop}, boat, 2);

  must(mine.add_member(carol, false), "add");
  EXPECT_EQ(code(mine.add_member(carol, false)), Errc::conflict);
  wait_until([&] { return carols.thread(boat).view().has_value(); }, "carol to be in the group");
  must(carols.thread(boat).send("hello from carol", ""), "send");
  must(desktop.thread(boat).rename("The ship"), "rename");
  alike({&laptop, &phone, &desktop}, boat, 5);
  wait_until([&] { return must(carols.thread(boat).view(), "view").name == "The ship"; }, "the name at carol's");
  for (Seat* seat : all) {
    const client::ThreadView view = must(seat->thread(boat).view(), "view");
    EXPECT_TRUE(view.group && view.in);
    EXPECT_EQ(view.name, "The ship");
    EXPECT_EQ(view.members.size(), 2u);
    ASSERT_EQ(view.administrators.size(), 1u);
    EXPECT_EQ(seat->who(view.administrators), laptop.who(std::vector<ObjectPath>{{service::paths::account}}));
  }
  // Bob and Carol have never met: she has a face there, and is no contact of his.
  wait_until(
      [&] {
        return must(client::Contact(*desktop.connection, client::contact_path(carols.id)).view(), "carol").name ==
               "Carol";
      },
      "her name");
  for (const client::ContactView& contact : must(client::Manager(*desktop.connection).contacts(), "contacts"))
    EXPECT_NE(contact.id, carols.id);
  EXPECT_EQ(code(desktop.account().open_thread(client::contact_path(carols.id))), Errc::not_found);

  EXPECT_EQ(code(desktop.thread(boat).remove_member(client::contact_path(carols.id))), Errc::not_allowed);
  must(mine.remove_member(carol), "remove");
  wait_until([&] { return !must(carols.thread(boat).view(), "view").in; }, "carol to be out");
  EXPECT_EQ(code(carols.thread(boat).send("let me in", "")), Errc::not_allowed);
  must(mine.send("without carol", ""), "send");
  alike({&laptop, &phone, &desktop}, boat, 7);
  must(desktop.thread(boat).leave(), "leave");
  wait_until([&] { return must(phone.thread(boat).view(), "view").members.empty(); }, "bob to be out");
  must(mine.send("alone", ""), "send");
  alike({&laptop, &phone}, boat, 9);
  const std::vector<std::string> hers = carols.shown(boat);
  for (const std::string& line : hers)
    for (const char* secret : {"before carol", "without carol", "alone"})
      EXPECT_EQ(line.find(secret), std::string::npos) << line;
  for (const std::string& line : desktop.shown(boat)) EXPECT_EQ(line.find("alone"), std::string::npos) << line;
  EXPECT_EQ(code(mine.leave()), std::nullopt);
  EXPECT_EQ(code(laptop.thread({laptop.device.thread_with("spool:bob")}).leave()), Errc::not_found);
}

}  // namespace
}  // namespace bud::test
