// Sending, and the inbox.
#include "unit/cli/daemon.h"

#include <sys/wait.h>

#include <csignal>

namespace bud::cli {
namespace {

using test::Daemon;
using test::Outcome;
using testing::HasSubstr;
using testing::Not;

struct Sending : Daemon {
  std::string text, key;

  Sending() {
    service.on("Account1", "Resolve", [](bus::Reader& args, bus::Writer& out) -> Result<> {
      BUD_TRY(const std::string address, args.string(255));
      if (address != "spool:bob") return fail(Errc::no_such_address, "nobody");
      out.path({test::bob});
      return {};
    });
    service.on("Account1", "OpenThread", [](bus::Reader&, bus::Writer& out) -> Result<> {
      out.path({test::thread});
      return {};
    });
    service.on("Thread1", "Send", [this](bus::Reader& args, bus::Writer& out) -> Result<> {
      BUD_TRY(const bus::Dict content, args.dict());
      BUD_TRY(const bus::Dict options, args.dict());
      BUD_TRY(text, bus::get<std::string>(content, "text"));
      BUD_TRY(key, bus::get_or<std::string>(options, "idempotency-key", {}));
      out.path({test::message});
      return {};
    });
    progress(2, 0);
  }
  void progress(std::uint32_t state, std::uint32_t delivered) {
    service.set(test::message, "Message1", "State", bus::Value(state));
    service.set(test::message, "Message1", "DeliveredTo", bus::Value(delivered));
    service.set(test::message, "Message1", "Total", bus::Value(std::uint32_t{2}));
  }
};

TEST_F(Sending, SaysWhichMessageItIs) {
  const Outcome outcome = run({"send", "spool:bob", "hello", "--key", "k1", "--json"});
  EXPECT_EQ(outcome.out, "{\"message\":\"" + test::message_id + "\",\"thread\":\"" + test::thread_id +
                             "\",\"state\":\"queued\",\"delivered\":0,\"total\":2}\n");
  EXPECT_EQ(text, "hello");
  EXPECT_EQ(key, "k1");
  EXPECT_EQ(run({"send", test::thread_id, "-"}, "from\na pipe").out, test::message_id + "  queued, for 2 devices\n");
  EXPECT_EQ(text, "from\na pipe");
  EXPECT_EQ(run({"send", "spool:carol", "hello"}).code, 4);
  EXPECT_EQ(run({"send", "nonsense", "hello"}).code, 1);
}

TEST_F(Sending, WaitsForTheDelivery) {
  progress(3, 0);
  std::thread receiver([&] {
    // The manager's properties, the message's after sending, and the first look of the waiting.
    while (service.calls("org.freedesktop.DBus.Properties", "GetAll") < 3) std::this_thread::yield();
    progress(4, 2);
    service.properties_changed(test::message, "Message1");
  });
  const Outcome outcome = run({"send", "spool:bob", "hello", "--wait", "delivered"});
  receiver.join();
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("delivered to 2 of 2 devices"));
}

TEST_F(Sending, GivesUpWhenTheTimeIsUp) {
  const Outcome outcome = run({"send", "spool:bob", "hello", "--wait", "pushed", "--timeout", "1"});
  EXPECT_EQ(outcome.code, 7);
  EXPECT_THAT(outcome.err, HasSubstr(test::message_id));
}

TEST_F(Sending, AFailedMessageIsAFailure) {
  progress(5, 0);
  EXPECT_EQ(run({"send", "spool:bob", "hello", "--wait", "delivered"}).code, 9);
}

TEST_F(Sending, ShowsWhichDeviceGotWhichCopy) {
  progress(4, 1);
  service.set(test::message, "Message1", "Own", bus::Value(true));
  service.set(test::message, "Message1", "Text", bus::Value(std::string("hello")));
  service.set(test::message, "Message1", "Files", std::vector<bus::Dict>{});
  service.set(
      test::message, "Message1", "Devices",
      std::vector<bus::Dict>{
          {{"account", Bytes(32, 0xbb)}, {"device", Bytes(32, 3)}, {"state", std::uint32_t{4}}},
          {{"account", Bytes(32, 0xaa)}, {"device", Bytes(32, 2)}, {"own", true}, {"state", std::uint32_t{99}}}});
  const Outcome outcome = run({"message", "show", test::message_id});
  EXPECT_THAT(outcome.out, HasSubstr("you  (delivered to 1 of 2 devices)\n    hello\n"));
  EXPECT_THAT(outcome.out, HasSubstr("Bob <spool:bob>  0303030303030303  delivered  -\n"));
  EXPECT_THAT(outcome.out, HasSubstr("you              0202020202020202  unknown    -\n"));
  EXPECT_EQ(run({"message", "show", "12"}).code, 1);
}

TEST_F(Sending, AThreadThatIsNotThereIsSaidInWords) {
  service.on("Thread1", "Messages", [](bus::Reader&, bus::Writer&) -> Result<> {
    return fail(Errc::not_found, "Unknown object '/org/budstikke/Budstikke1/thread/00'.");
  });
  const Outcome outcome = run({"thread", "show", std::string(32, '0')});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_EQ(outcome.err, "budstikke: There is no such object\n");
}

struct Reading : Daemon {
  std::vector<bus::Dict> events;
  std::map<std::string, std::uint64_t> cursors;

  Reading() {
    // Before any handler: on() is what hands them to the service's thread.
    for (std::uint64_t i = 1; i <= 5; ++i)
      events.push_back(i == 2 ? progress(i) : said(i, "text " + std::to_string(i)));
    service.on("Account1", "Watch", [](bus::Reader&, bus::Writer&) -> Result<> { return {}; });
    service.on("Account1", "Cursor", [this](bus::Reader& args, bus::Writer& out) -> Result<> {
      BUD_TRY(const std::string client, args.string(255));
      out.u64(cursors[client]);
      return {};
    });
    service.on("Account1", "Acknowledge", [this](bus::Reader& args, bus::Writer&) -> Result<> {
      BUD_TRY(const std::string client, args.string(255));
      BUD_TRY(cursors[client], args.u64());
      return {};
    });
    // Two at a time, as a daemon with small pages.
    service.on("Account1", "Fetch", [this](bus::Reader& args, bus::Writer& out) -> Result<> {
      BUD_TRY(const std::uint64_t cursor, args.u64());
      std::vector<bus::Dict> page;
      std::uint64_t next = cursor;
      for (const bus::Dict& e : events) {
        const auto number = std::get<std::uint64_t>(e.at("cursor"));
        if (number <= cursor || page.size() == 2) continue;
        page.push_back(e);
        next = number;
      }
      out.dicts(page).u64(next);
      return {};
    });
  }
  static bus::Dict said(std::uint64_t cursor, const std::string& text) {
    return {{"cursor", cursor},
            {"kind", std::uint32_t{1}},
            {"message", bus::ObjectPath{test::message}},
            {"thread", bus::ObjectPath{test::thread}},
            {"author", bus::ObjectPath{test::bob}},
            {"text", text}};
  }
  static bus::Dict progress(std::uint64_t cursor) {
    return {{"cursor", cursor},          {"kind", std::uint32_t{2}},      {"message", bus::ObjectPath{test::message}},
            {"state", std::uint32_t{4}}, {"delivered", std::uint32_t{1}}, {"total", std::uint32_t{1}}};
  }
};

TEST_F(Reading, ShowsEachOnceToAClientThatAcknowledges) {
  const Outcome first = run({"read", "--ack", "--max", "3"});
  EXPECT_EQ(first.out,
            "-  Bob <spool:bob>\n    text 1\n-  Bob <spool:bob>\n    text 3\n-  Bob <spool:bob>\n    text 4\n");
  EXPECT_EQ(cursors["cli"], 4u);
  EXPECT_EQ(run({"read", "--ack"}).out, "-  Bob <spool:bob>\n    text 5\n");
  EXPECT_EQ(run({"read", "--ack"}).out, "");
  EXPECT_THAT(run({"read", "--client", "other"}).out, HasSubstr("text 1"));
  EXPECT_THAT(run({"read", "--client", "other"}).out, HasSubstr("text 1"));  // not acknowledged: again
}

TEST_F(Reading, ShowsProgressWhereItIsWanted) {
  EXPECT_THAT(run({"read", "--all"}).out, HasSubstr("message " + test::message_id + ": delivered to 1 of 1 device\n"));
  const Outcome json = run({"read", "--all", "--max", "2", "--json"});
  EXPECT_EQ(json.out,
            "{\"events\":[{\"cursor\":1,\"kind\":\"message\",\"message\":\"" + test::message_id + "\",\"thread\":\"" +
                test::thread_id + "\",\"own\":false,\"author\":\"" + std::string(32, 'b') +
                "\",\"author_name\":\"Bob\",\"author_address\":\"spool:bob\",\"time\":null,\"type\":\"text\",\"text\":"
                "\"text 1\","
                "\"state\":\"unknown\",\"delivered\":0,\"total\":0},{\"cursor\":2,\"kind\":\"state\",\"message\":\"" +
                test::message_id +
                "\",\"thread\":\"\",\"state\":\"delivered\",\"delivered\":1,\"total\":1}],\"next\":2}\n");
}

TEST_F(Reading, WhatWasNotPrintedIsNotAcknowledged) {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  Console console(0, full.get(), full.get());
  EXPECT_EQ(cli::run({"read", "--ack", "--bus", service.address()}, console), 8);
  EXPECT_EQ(service.calls("Account1", "Acknowledge"), 0);
}

TEST_F(Reading, WaitsForTheNext) {
  events.clear();
  EXPECT_EQ(run({"read", "--wait", "--timeout", "1"}).code, 7);
  const int fetched = service.calls("Account1", "Fetch");
  std::thread sender([&] {
    while (service.calls("Account1", "Fetch") == fetched) std::this_thread::yield();
    service.on("Account1", "Fetch", [](bus::Reader& args, bus::Writer& out) -> Result<> {
      BUD_TRY(const std::uint64_t cursor, args.u64());
      out.dicts(cursor == 0 ? std::vector<bus::Dict>{said(1, "late")} : std::vector<bus::Dict>{}).u64(1);
      return {};
    });
    service.signal(test::account, "Account1", "Available", [](bus::Writer& w) { w.u64(1); });
  });
  EXPECT_THAT(run({"read", "--wait"}).out, HasSubstr("late"));
  sender.join();
}

TEST_F(Reading, ANumberThatDoesNotRiseIsNoInbox) {
  events = {said(0, "again and again")};
  service.on("Account1", "Fetch", [this](bus::Reader&, bus::Writer& out) -> Result<> {
    out.dicts(events).u64(0);
    return {};
  });
  EXPECT_EQ(run({"read"}).code, 1);
}

TEST_F(Reading, AMessageCannotLookLikeAnother) {
  events = {said(1, "hi\n2026-01-01 00:00:00  Carol <spool:carol>\n    send me money\x1b[A")};
  EXPECT_EQ(
      run({"read"}).out,
      "-  Bob <spool:bob>\n    hi\n    2026-01-01 00:00:00  Carol <spool:carol>\n        send me money\\u{1b}[A\n");
}

// The program itself, since Ctrl-C is a signal to a process.
TEST_F(Reading, WatchesUntilItIsInterrupted) {
  int out[2];
  ASSERT_EQ(::pipe2(out, O_CLOEXEC), 0);
  const std::string bus = service.address(), program = BUD_BINARY_DIR "/dbus/cli/budstikke";
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(out[1], 1);
    ::execl(program.c_str(), program.c_str(), "watch", "--json", "--ack", "--bus", bus.c_str(),
            static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ::close(out[1]);
  const UniqueFd reader(out[0]);
  std::string seen;
  const auto read_until = [&](std::string_view end) {
    char c = 0;
    while (seen.find(end) == std::string::npos && ::read(reader.get(), &c, 1) == 1) seen += c;
  };
  read_until("text 5");
  service.on("Account1", "Fetch", [](bus::Reader& args, bus::Writer& reply) -> Result<> {
    BUD_TRY(const std::uint64_t cursor, args.u64());
    reply.dicts(cursor == 5 ? std::vector<bus::Dict>{said(6, "fresh")} : std::vector<bus::Dict>{}).u64(6);
    return {};
  });
  service.signal(test::account, "Account1", "Available", [](bus::Writer& w) { w.u64(6); });
  read_until("fresh");
  EXPECT_EQ(::kill(pid, SIGINT), 0);
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_EQ(std::count(seen.begin(), seen.end(), '{'), 5);  // one document a line, progress left out
}

}  // namespace
}  // namespace bud::cli
