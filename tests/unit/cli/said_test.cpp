// Everything that is said besides a plain text, and groups: what is called, and what is shown.
#include "unit/cli/daemon.h"

namespace bud::cli {
namespace {

using test::Daemon;
using test::Outcome;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string carol = test::root + "/contact/" + std::string(32, 'e');
const std::string other_message = test::root + "/message/" + std::string(31, 'd') + "e";

bus::Dict poll() {
  return {{"options",
           std::vector<bus::Tally>{{"six\n  9.  [99: Bob]  seven", {{test::bob}, {test::account}}}, {"eight", {}}}},
          {"multiple", true}};
}

bus::Dict said(const std::string& type, const std::string& text) {
  return {{"message", bus::ObjectPath{test::message}},
          {"thread", bus::ObjectPath{test::thread}},
          {"author", bus::ObjectPath{test::bob}},
          {"type", type},
          {"text", text}};
}

struct Saying : Daemon {
  std::vector<std::string> called;
  bus::Dict content;
  std::vector<bus::Dict> page;

  Saying() {
    service.set(test::message, "Message1", "Thread", bus::Value(bus::ObjectPath{test::thread}));
    service.set(test::thread, "Thread1", "Name", bus::Value(std::string("boat")));
    service.set(test::thread, "Thread1", "Members", bus::Value(std::vector<bus::ObjectPath>{{test::bob}, {carol}}));
    service.set(test::thread, "Thread1", "Group", bus::Value(true));
    service.set(test::thread, "Thread1", "Administrators", bus::Value(std::vector<bus::ObjectPath>{{test::account}}));
    service.set(carol, "Contact1", "AccountId", bus::Value(Bytes(32, 0xee)));
    service.set(carol, "Contact1", "Name", bus::Value(std::string("Carol\x1b[A")));
    service.list(test::thread, "Thread1");
    page = {said("text", "hello")};
    service.on("Thread1", "Messages", [this](bus::Reader&, bus::Writer& out) -> Result<> {
      out.dicts(page).u64(0);
      return {};
    });
    service.on("Account1", "Resolve", [](bus::Reader&, bus::Writer& out) -> Result<> {
      out.path({test::bob});
      return {};
    });
    service.on("Account1", "OpenThread", [this](bus::Reader& args, bus::Writer& out) -> Result<> {
      BUD_TRY(const auto contacts, args.paths());
      BUD_TRY(content, args.dict());
      called.push_back("OpenThread " + std::to_string(contacts.size()));
      out.path({test::thread});
      return {};
    });
    service.on("Thread1", "Send", [this](bus::Reader& args, bus::Writer& out) -> Result<> {
      BUD_TRY(content, args.dict());
      out.path({test::message});
      return {};
    });
    for (const char* member : {"Edit", "Retract", "React", "Vote", "MarkRead", "AddMember", "RemoveMember"})
      about(member);
    service.on("Thread1", "Leave", [this](bus::Reader&, bus::Writer&) -> Result<> {
      called.emplace_back("Leave");
      return {};
    });
    service.on("Thread1", "Rename", [this](bus::Reader& args, bus::Writer&) -> Result<> {
      BUD_TRY(const std::string name, args.string(128));
      called.push_back("Rename " + name);
      return {};
    });
  }

  // A call that names an object first; what follows in words.
  void about(const std::string& member) {
    service.on("Thread1", member, [this, member](bus::Reader& args, bus::Writer&) -> Result<> {
      BUD_TRY(const bus::ObjectPath path, args.path());
      std::string words = member + " " + path.text.substr(path.text.rfind('/') + 1).substr(0, 2);
      if (member == "Edit" || member == "AddMember") {
        BUD_TRY(const bus::Dict dict, args.dict());
        for (const auto& [key, value] : dict) words += " " + key;
      } else if (member == "React") {
        BUD_TRY(const std::string emoji, args.string(64));
        BUD_TRY(const bool set, args.boolean());
        words += " " + emoji + (set ? " on" : " off");
      } else if (member == "Vote") {
        BUD_CHECK(args.array("u", 20, [&]() -> Result<> {
          BUD_TRY(const std::uint32_t choice, args.u32());
          words += " " + std::to_string(choice);
          return {};
        }));
      }
      called.push_back(words);
      return {};
    });
  }
  std::string shown(const bus::Dict& message) {
    page = {message};
    return run({"thread", "show", test::thread_id}).out;
  }
};

TEST_F(Saying, CommandsAboutAMessage) {
  EXPECT_EQ(run({"react", test::message_id, "x"}).code, 0);
  EXPECT_EQ(run({"react", "dddd", "x", "--remove"}).code, 0);
  EXPECT_EQ(run({"edit", test::message_id, "-"}, "better").code, 0);
  EXPECT_EQ(run({"retract", test::message_id, "--json"}).out, "{}\n");
  EXPECT_EQ(run({"vote", test::message_id, "1", "3"}).code, 0);
  EXPECT_EQ(run({"vote", test::message_id}).code, 0);
  EXPECT_EQ(run({"vote", test::message_id, "0"}).code, 1);
  EXPECT_EQ(run({"mark-read", test::thread_id}).code, 0);
  EXPECT_EQ(run({"mark-read", "cccc", "--up-to", "dddd"}).code, 0);
  EXPECT_THAT(called, ElementsAre("React dd x on", "React dd x off", "Edit dd text", "Retract dd", "Vote dd 0 2",
                                  "Vote dd", "MarkRead dd", "MarkRead dd"));
}

TEST_F(Saying, AMessageIsNamedByTheBeginningOfItsId) {
  EXPECT_EQ(run({"retract", "ddd"}).code, 1);
  EXPECT_EQ(run({"retract", "eeee"}).code, 4);
  bus::Dict another = said("text", "hi");
  another["message"] = bus::ObjectPath{other_message};
  page.push_back(another);
  EXPECT_EQ(run({"retract", "dddd"}).code, 1);
  EXPECT_TRUE(called.empty());
  EXPECT_THAT(run({"thread", "show", "cccc", "--ids"}).out, HasSubstr("Bob <spool:bob>  [" + test::message_id + "]\n"));
}

TEST_F(Saying, WhatIsSent) {
  EXPECT_EQ(run({"reply", "dddd", "I do", "--expire", "60"}).code, 0);
  EXPECT_EQ(content,
            (bus::Dict{{"text", "I do"}, {"expire", std::uint32_t{60}}, {"reply-to", bus::ObjectPath{test::message}}}));
  EXPECT_EQ(run({"send", test::thread_id, "yes", "--reply-to", test::message_id}).code, 0);
  EXPECT_EQ(content, (bus::Dict{{"text", "yes"}, {"reply-to", bus::ObjectPath{test::message}}}));
  const Outcome asked = run({"poll", test::thread_id, "When?", "six", "eight", "--multiple", "--json"});
  EXPECT_EQ(asked.out, "{\"message\":\"" + test::message_id + "\",\"thread\":\"" + test::thread_id + "\"}\n");
  const bus::Dict wanted{
      {"question", "When?"}, {"options", std::vector<std::string>{"six", "eight"}}, {"multiple", true}};
  EXPECT_EQ(content, (bus::Dict{{"poll", wanted}}));
  EXPECT_EQ(run({"introduce", test::thread_id, "spool:bob"}).code, 0);
  EXPECT_EQ(content, (bus::Dict{{"contact", bus::ObjectPath{test::bob}}}));
}

TEST_F(Saying, Groups) {
  EXPECT_EQ(run({"group", "create", "boat", "spool:bob", "spool:carol", "--post", "administrators"}).out,
            test::thread_id + "\n");
  EXPECT_EQ(content, (bus::Dict{{"group", true}, {"name", "boat"}, {"post", "administrators"}}));
  EXPECT_EQ(run({"group", "create", "boat", "spool:bob", "--add", "nobody"}).code, 1);
  EXPECT_EQ(run({"group", "add", "cccc", "spool:bob", "--administrator"}).code, 0);
  EXPECT_EQ(run({"group", "remove", "cccc", "spool:bob"}).code, 0);
  EXPECT_EQ(run({"group", "remove", "cccc", "eeee"}).code, 0);
  EXPECT_EQ(run({"group", "remove", "cccc", "spool:dave"}).code, 4);
  EXPECT_EQ(run({"group", "rename", "cccc", "ship"}).code, 0);
  EXPECT_EQ(run({"group", "leave", "cccc"}).code, 0);
  EXPECT_THAT(called, ElementsAre("OpenThread 2", "AddMember bb administrator", "RemoveMember bb", "RemoveMember ee",
                                  "Rename ship", "Leave"));
  EXPECT_EQ(run({"group", "members", "cccc"}).out,
            "NAME           ADDRESS    ACCOUNT\n"
            "you                                         administrator\n"
            "Bob            spool:bob  bbbbbbbbbbbbbbbb\n"
            "Carol\\u{1b}[A  -          eeeeeeeeeeeeeeee\n");
  const std::string json = run({"group", "members", "cccc", "--json"}).out;
  EXPECT_THAT(json, HasSubstr("\"group\":true,\"in\":true,\"administrators\":[\"you\"]"));
  EXPECT_THAT(json, HasSubstr("},\"members\":[{\"contact\":"));
}

TEST_F(Saying, EachKindIsShownAndNoTextLooksLikeWhatTheProgramSays) {
  bus::Dict m = said("text", "hi\n  * Carol: <3");
  m["reactions"] = std::vector<bus::Tally>{{"x\n  * Bob: y", {{test::account}, {carol}}}};
  m["reply"] = bus::Dict{{"message", bus::ObjectPath{other_message}},
                         {"author", bus::ObjectPath{test::account}},
                         {"excerpt", "who?\n    me"}};
  m["edited"] = std::uint64_t{1};
  m["missing"] = std::uint32_t{2};
  m["expire"] = std::uint32_t{60};
  m["read-by"] = std::vector<bus::ObjectPath>{{carol}};
  EXPECT_EQ(shown(m),
            "-  Bob <spool:bob>  (edited)  (goes 60 s after it was read)\n"
            "  (before it 2 that have not come yet)\n"
            "  > to you: who?\\n    me\n"
            "    hi\n      * Carol: <3\n"
            "  * you, Carol\\u{1b}[A: x\\n  * Bob: y\n"
            "  read by Carol\\u{1b}[A\n");
  m = said("poll", "When?");
  m["poll"] = poll();
  EXPECT_EQ(
      shown(m),
      "-  Bob <spool:bob>\n    When?\n  1.  [2: Bob <spool:bob>, you]  six\\n  9.  [99: Bob]  seven\n  2.  [0]  eight\n"
      "  (a poll: several may be chosen)\n");
  m = said("contact", "Dave\x1b[A");
  m["card"] = bus::Dict{
      {"account", Bytes(32, 0xdd)}, {"name", "Dave\x1b[A"}, {"addresses", std::vector<std::string>{"spool:\x1b"}}};
  EXPECT_EQ(shown(m),
            "-  Bob <spool:bob>\n    Dave\\u{1b}[A\n  introduces account dddddddddddddddd, who is called as above\n"
            "  found at spool:\\u{1b}\n");
  m = said("change", "");
  m["changes"] = std::vector<bus::Nested>{bus::Dict{{"kind", "created"}, {"name", "boat\n"}},
                                          bus::Dict{{"kind", "added"}, {"account", bus::ObjectPath{carol}}},
                                          bus::Dict{{"kind", "removed"}, {"account", bus::ObjectPath{test::account}}},
                                          bus::Dict{{"kind", "left"}, {"account", bus::ObjectPath{test::bob}}},
                                          bus::Dict{{"kind", "renamed"}, {"name", "ship"}},
                                          bus::Dict{{"kind", "sunk"}}};
  EXPECT_EQ(
      shown(m),
      "-  Bob <spool:bob>\n  created the group: boat\\n\n  added Carol\\u{1b}[A\n  removed you\n  left the group\n"
      "  renamed the group: ship\n  changed the group in a way that this version does not know\n");
  m = said("hologram", "wave");
  EXPECT_EQ(shown(m), "-  Bob <spool:bob>\n    wave\n  (of a kind that this version does not know)\n");
  m = said("text", "");
  m["retracted"] = true;
  EXPECT_EQ(shown(m), "-  Bob <spool:bob>\n  (retracted)\n");
}

TEST_F(Saying, EachKindInJson) {
  bus::Dict m = said("poll", "When?");
  m["poll"] = poll();
  m["styles"] = std::vector<bus::TextRange>{{1, 2, 5, "https://example.org"}};
  m["reactions"] = std::vector<bus::Tally>{{"x", {{test::account}, {test::bob}}}};
  m["reply"] = bus::Dict{
      {"message", bus::ObjectPath{test::message}}, {"author", bus::ObjectPath{test::account}}, {"excerpt", "e"}};
  m["card"] = bus::Dict{{"account", Bytes(2, 0xdd)}, {"name", "D"}, {"addresses", std::vector<std::string>{"a"}}};
  m["changes"] = std::vector<bus::Nested>{bus::Dict{{"kind", "added"}, {"account", bus::ObjectPath{test::account}}}};
  m["retracted"] = true;
  page = {m};
  const std::string out = run({"thread", "show", test::thread_id, "--json"}).out;
  const std::string bob(32, 'b');
  for (const std::string& part :
       {std::string("\"type\":\"poll\""),
        std::string("\"styles\":[{\"start\":1,\"length\":2,\"style\":5,\"argument\":\"https://example.org\"}]"),
        std::string("\"retracted\":true"),
        "\"reply\":{\"message\":\"" + test::message_id + "\",\"author\":\"you\",\"excerpt\":\"e\"}",
        "\"reactions\":[{\"emoji\":\"x\",\"accounts\":[\"you\",\"" + bob + "\"]}]",
        "\"poll\":{\"multiple\":true,\"options\":[{\"text\":\"six\\n  9.  [99: Bob]  seven\",\"accounts\":[\"" + bob +
            "\",\"you\"]},{\"text\":\"eight\",\"accounts\":[]}]}",
        std::string("\"card\":{\"account\":\"dddd\",\"name\":\"D\",\"addresses\":[\"a\"]}"),
        std::string("\"changes\":[{\"kind\":\"added\",\"account\":\"you\"}]")}) {
    EXPECT_THAT(out, HasSubstr(part));
  }
}

TEST_F(Saying, ReadTellsOfChangesOnce) {
  bus::Dict first = said("text", "hello"), changed = first,
            gone{{"message", bus::ObjectPath{other_message}}, {"gone", true}};
  first.insert({{"cursor", std::uint64_t{1}}, {"kind", std::uint32_t{1}}});
  changed.insert({{"cursor", std::uint64_t{2}}, {"kind", std::uint32_t{4}}});
  gone.insert({{"cursor", std::uint64_t{3}}, {"kind", std::uint32_t{4}}});
  std::uint64_t place = 0;
  service.on("Account1", "Cursor", [&](bus::Reader&, bus::Writer& out) -> Result<> {
    out.u64(place);
    return {};
  });
  service.on("Account1", "Fetch", [=](bus::Reader& args, bus::Writer& out) -> Result<> {
    BUD_TRY(const std::uint64_t cursor, args.u64());
    std::vector<bus::Dict> events;
    for (const bus::Dict& e : {first, changed, gone})
      if (std::get<std::uint64_t>(e.at("cursor")) > cursor) events.push_back(e);
    out.dicts(events).u64(3);
    return {};
  });
  const std::string lost = "message " + std::string(31, 'd') + "e is no longer there\n";
  EXPECT_EQ(run({"read"}).out, "-  Bob <spool:bob>\n    hello\n" + lost);
  EXPECT_THAT(run({"read", "--all"}).out, HasSubstr("changed: -  Bob"));
  place = 1;
  EXPECT_EQ(run({"read"}).out, "changed: -  Bob <spool:bob>\n    hello\n" + lost);
  EXPECT_THAT(run({"read", "--json"}).out, HasSubstr("{\"cursor\":3,\"kind\":\"changed\",\"message\":\"" +
                                                     std::string(31, 'd') + "e\",\"gone\":true}"));
}

}  // namespace
}  // namespace bud::cli
