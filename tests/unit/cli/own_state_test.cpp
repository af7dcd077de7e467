// budstikke thread mute|pin|archive|draft and contact name|block|unblock: what they tell the daemon, and how it is
// shown.
#include "daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bud::test {
namespace {

using testing::HasSubstr;
using testing::Not;

struct OwnState : Daemon {
  std::vector<std::string> told;

  OwnState() {
    service.on("Account1", "Resolve", [](bus::Reader&, bus::Writer& out) -> Result<> {
      out.path({test::bob});
      return {};
    });
    service.on("Account1", "OpenThread", [](bus::Reader&, bus::Writer& out) -> Result<> {
      out.path({test::thread});
      return {};
    });
    service.on("Thread1", "SetMuted", [this](bus::Reader& args, bus::Writer&) -> Result<> {
      BUD_TRY(const std::uint64_t until, args.u64());
      told.push_back(until == 0 ? "unmuted" : until == UINT64_MAX ? "muted" : "muted for a while");
      return {};
    });
    flag("Thread1", "SetPinned");
    flag("Thread1", "SetArchived");
    flag("Contact1", "SetBlocked");
    text("Thread1", "SetDraft");
    text("Contact1", "SetName");
    service.list(test::bob, "Contact1");
    service.list(test::thread, "Thread1");
  }
  void flag(const std::string& interface, const std::string& method) {
    service.on(interface, method, [this, method](bus::Reader& args, bus::Writer&) -> Result<> {
      BUD_TRY(const bool is_so, args.boolean());
      told.push_back(method + (is_so ? " yes" : " no"));
      return {};
    });
  }
  void text(const std::string& interface, const std::string& method) {
    service.on(interface, method, [this, method](bus::Reader& args, bus::Writer&) -> Result<> {
      BUD_TRY(const std::string text, args.string(1000));
      told.push_back(method + " " + text);
      return {};
    });
  }
  void say(const std::vector<std::string>& arguments, const std::string& expected) {
    told.clear();
    EXPECT_EQ(run(arguments).code, 0) << arguments[1];
    EXPECT_EQ(told, std::vector<std::string>{expected});
  }
};

TEST_F(OwnState, EachCommandTellsTheDaemon) {
  say({"thread", "mute", "spool:bob"}, "muted");
  say({"thread", "mute", test::thread_id, "--hours", "8"}, "muted for a while");
  say({"thread", "mute", "spool:bob", "--off"}, "unmuted");
  say({"thread", "pin", "spool:bob"}, "SetPinned yes");
  say({"thread", "pin", "spool:bob", "--off"}, "SetPinned no");
  say({"thread", "archive", "spool:bob"}, "SetArchived yes");
  say({"thread", "archive", "spool:bob", "--off"}, "SetArchived no");
  say({"thread", "draft", "spool:bob", "I was going to"}, "SetDraft I was going to");
  say({"thread", "draft", "spool:bob", ""}, "SetDraft ");
  say({"contact", "name", "spool:bob", "Bobby"}, "SetName Bobby");
  say({"contact", "name", "bbbb"}, "SetName ");
  say({"contact", "block", "spool:bob"}, "SetBlocked yes");
  say({"contact", "unblock", "spool:bob"}, "SetBlocked no");
  EXPECT_EQ(run({"contact", "block", "spool:carol"}).code, 4);
  EXPECT_EQ(run({"thread", "mute", "spool:bob", "--hours", "0"}).code, 1);
}

TEST_F(OwnState, IsShown) {
  EXPECT_THAT(run({"thread", "list"}).out, Not(HasSubstr("pinned")));
  service.set(test::thread, "Thread1", "MutedUntil", bus::Value(std::uint64_t{UINT64_MAX}));
  service.set(test::thread, "Thread1", "Pinned", bus::Value(true));
  service.set(test::thread, "Thread1", "Archived", bus::Value(true));
  service.set(test::thread, "Thread1", "Draft", bus::Value(std::string("I was \x1b going to")));
  service.set(test::bob, "Contact1", "Blocked", bus::Value(true));
  EXPECT_THAT(run({"thread", "list"}).out, HasSubstr("pinned, archived, muted, draft"));
  EXPECT_EQ(run({"thread", "draft", "spool:bob"}).out, "I was \\u{1b} going to\n");
  EXPECT_THAT(run({"thread", "list", "--json"}).out,
              HasSubstr("\"muted\":true,\"pinned\":true,\"archived\":true,\"draft\":\"I was \\u001B going to\""));
  EXPECT_THAT(run({"contact", "list"}).out, HasSubstr("blocked"));
  EXPECT_THAT(run({"contact", "show", "spool:bob"}).out, HasSubstr("nothing of theirs is shown"));
  EXPECT_THAT(run({"contact", "list", "--json"}).out, HasSubstr("\"blocked\":true"));
  service.set(test::thread, "Thread1", "MutedUntil", bus::Value(std::uint64_t{1000}));
  EXPECT_THAT(run({"thread", "list"}).out, Not(HasSubstr("muted"))) << "it is over";
}

}  // namespace
}  // namespace bud::test
