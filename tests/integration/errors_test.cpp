// What goes wrong for people, and what clients do wrong: each has its error, and nothing is lost.
#include "integration/daemon_fixture.h"
#include "service/paths.h"
#include "support/outcome.h"

namespace bud::test {
namespace {

struct ErrorsTest : testing::Test {
  ScratchFolder scratch;
  std::string spool = [this] {
    std::filesystem::create_directory(scratch.file("spool"));
    return scratch.file("spool");
  }();
  Device alice{spool, "alice"}, bob{spool, "bob"};

  void both() {
    for (Device* device : {&alice, &bob}) device->set_up();
    alice.create_account("Alice");
    bob.create_account("Bob");
  }
};

TEST_F(ErrorsTest, AddressesThatLeadNowhere) {
  alice.set_up();
  alice.create_account("Alice");
  EXPECT_EQ(code(alice.resolve("spool:nobody")), Errc::no_such_address);
  EXPECT_EQ(code(alice.resolve("nats:bob")), Errc::unsupported);
  EXPECT_EQ(code(alice.resolve("bob")), Errc::malformed);
  EXPECT_EQ(code(alice.resolve(":")), Errc::malformed);
  EXPECT_EQ(code(alice.resolve("spool:" + std::string(600, 'x'))), Errc::too_large);
  const Result<std::string> odd = alice.resolve("spool:../../etc");
  EXPECT_EQ(code(odd), Errc::no_such_address);
  const Result<std::string> own = alice.resolve("spool:alice");
  ASSERT_TRUE(own);
  EXPECT_EQ(*own, service::paths::account);
}

// The spool vanishes, things are said, and it returns: all of them arrive.
TEST_F(ErrorsTest, ASpoolThatVanishesAndReturns) {
  both();
  const std::string thread = alice.thread_with("spool:bob");
  std::filesystem::rename(spool, spool + "-away");
  must(alice.send(thread, "into the void"), "send");
  wait_until([&] { return std::get<std::uint32_t>(alice.bridge().at("state")) == 3; }, "the bridge to say so");
  EXPECT_FALSE(std::get<std::string>(alice.bridge().at("text")).empty());
  EXPECT_EQ(code(alice.resolve("spool:carol")), Errc::offline);
  EXPECT_TRUE(alice.resolve("spool:bob"));  // known from before
  EXPECT_EQ(bob.count("into the void"), 0u);
  std::filesystem::rename(spool + "-away", spool);
  bob.wait_for("into the void");
  wait_until([&] { return std::get<std::uint32_t>(alice.bridge().at("state")) == 2; }, "the bridge to be ready");
  EXPECT_EQ(bob.count("into the void"), 1u);
}

// The disk is full: a limit on the size of files is one. What was there is there, and sending goes on when there is
// room.
TEST_F(ErrorsTest, AFullDisk) {
  both();
  const std::string thread = alice.thread_with("spool:bob");
  must(alice.send(thread, "while there was room"), "send");
  bob.wait_for("while there was room");
  EXPECT_EQ(alice.stop(), 0);
  std::uint64_t largest = 0;
  for (const auto& [path, bytes] : files_below(alice.state_folder())) largest = std::max(largest, bytes.size());
  alice.program.max_file_size = largest + 256 * 1024;
  alice.start();
  Result<std::string> sent = std::string();
  const std::string long_text(30'000, 'x');
  for (int i = 0; i < 1000 && sent; ++i) sent = alice.send(thread, long_text);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, Errc::storage);
  EXPECT_FALSE(sent.error().text.empty());
  EXPECT_EQ(alice.count("while there was room"), 1u);  // it still reads
  EXPECT_EQ(alice.stop(), 0);

  alice.program.max_file_size = 0;
  alice.start();
  must(alice.send(thread, "there is room again"), "send");
  bob.wait_for("there is room again");
  EXPECT_EQ(bob.count("while there was room"), 1u);
}

TEST_F(ErrorsTest, AClientThatSendsNonsense) {
  both();
  const std::string thread = alice.thread_with("spool:bob");
  const std::string contact = must(alice.resolve("spool:bob"), "resolve");
  const bus::Target on_thread{service::chat_name, thread, "org.budstikke.Thread1"};
  const auto send = [&](const bus::Dict& content, const bus::Dict& options) {
    return code(alice.call(on_thread, "Send", [&](bus::Writer& out) { out.dict(content).dict(options); }));
  };
  EXPECT_EQ(send({}, {}), Errc::malformed);
  EXPECT_EQ(send({{"text", ""}}, {}), Errc::malformed);
  EXPECT_EQ(send({{"text", 7u}}, {}), Errc::malformed);
  EXPECT_EQ(send({{"text", "x"}, {"poem", "y"}}, {}), Errc::unsupported);
  EXPECT_EQ(send({{"text", "x"}}, {{"later", true}}), Errc::unsupported);
  EXPECT_EQ(send({{"text", std::string(32 * 1024 + 1, 'x')}}, {}), Errc::too_large);
  EXPECT_EQ(send({{"text", "x"}}, {{"idempotency-key", std::string(65, 'k')}}), Errc::too_large);

  const bus::Target on_contact{service::chat_name, contact, "org.budstikke.Contact1"};
  const auto say = [&](const bus::Target& target, const char* method, std::size_t size) {
    return code(alice.call(target, method, [&](bus::Writer& out) { out.string(std::string(size, 'x')); }));
  };
  EXPECT_EQ(say(on_thread, "SetDraft", 8 * 1024 + 1), Errc::too_large);
  EXPECT_EQ(say(on_contact, "SetName", 129), Errc::too_large);
  EXPECT_EQ(say(on_thread, "SetDraft", 8 * 1024), std::nullopt);
  EXPECT_EQ(std::get<std::string>(alice.properties(thread, "Thread1").at("Draft")), std::string(8 * 1024, 'x'));
  EXPECT_EQ(say(on_contact, "SetName", 128), std::nullopt);
  EXPECT_EQ(std::get<std::string>(alice.properties(contact, "Contact1").at("Name")), std::string(128, 'x'));
  EXPECT_EQ(code(alice.call(on_contact, "SetBlocked", [](bus::Writer& out) { out.boolean(true); })), std::nullopt);
  EXPECT_TRUE(std::get<bool>(alice.properties(contact, "Contact1").at("Blocked")));
  const bus::Target nobody{service::chat_name, "/org/budstikke/Budstikke1/contact/00", "org.budstikke.Contact1"};
  EXPECT_NE(say(nobody, "SetName", 3), std::nullopt);
  EXPECT_EQ(code(alice.call(on_thread, "SetMuted", [](bus::Writer& out) { out.u64(UINT64_MAX); })), std::nullopt);
  EXPECT_EQ(std::get<std::uint64_t>(alice.properties(thread, "Thread1").at("MutedUntil")), UINT64_MAX);
  for (const char* flag : {"Pinned", "Archived"}) {
    const std::string method = std::string("Set") + flag;
    EXPECT_EQ(code(alice.call(on_thread, method, [](bus::Writer& out) { out.boolean(true); })), std::nullopt);
    EXPECT_TRUE(std::get<bool>(alice.properties(thread, "Thread1").at(flag)));
  }

  const auto on_account = [&](const char* member, const bus::Bus::Write& write) {
    return code(alice.account(member, write));
  };
  EXPECT_EQ(on_account("OpenThread", [](bus::Writer& out) { out.paths({}).dict({}); }), Errc::malformed);
  EXPECT_EQ(on_account("OpenThread",
                       [&](bus::Writer& out) {
                         out.paths({{contact}, {contact}}).dict({});
                       }),
            Errc::conflict);
  EXPECT_EQ(on_account("OpenThread", [](bus::Writer& out) { out.paths({{"/"}}).dict({}); }), Errc::not_found);
  EXPECT_EQ(on_account("Acknowledge", [](bus::Writer& out) { out.string("c").u64(UINT64_MAX); }), Errc::malformed);
  EXPECT_EQ(on_account("Acknowledge", [](bus::Writer& out) { out.string("").u64(0); }), Errc::malformed);
  EXPECT_EQ(on_account("Acknowledge", [](bus::Writer& out) { out.string(std::string(129, 'c')).u64(0); }),
            Errc::too_large);
  EXPECT_EQ(on_account("Fetch", [](bus::Writer& out) { out.u64(UINT64_MAX).u32(UINT32_MAX); }), std::nullopt);
  EXPECT_EQ(on_account("Fetch", [](bus::Writer& out) { out.string("first").u32(1); }), Errc::malformed);

  const auto on_control = [&](const char* interface, const char* member, const bus::Bus::Write& write) {
    return code(alice.control(interface, member, write));
  };
  EXPECT_EQ(on_control("Devices1", "OpenJoinWindow", [](bus::Writer& out) { out.u32(301).dict({}); }), Errc::malformed);
  EXPECT_EQ(on_control("Devices1", "Revoke", [](bus::Writer& out) { out.bytes(Bytes(31)).dict({}); }), Errc::malformed);
  EXPECT_EQ(on_control("Devices1", "Revoke", [](bus::Writer& out) { out.bytes(Bytes(32)).dict({}); }), Errc::not_found);
  EXPECT_EQ(on_control("Devices1", "Approve", [](bus::Writer& out) { out.u64(1).string("000000"); }), Errc::not_found);
  EXPECT_EQ(on_control("Accounts1", "Create", [](bus::Writer& out) { out.dict({}); }), Errc::conflict);
  EXPECT_EQ(on_control("Accounts1", "Create",
                       [](bus::Writer& out) {
                         out.dict({{"name", std::string(129, 'n')}});
                       }),
            Errc::too_large);
  EXPECT_EQ(on_control("Accounts1", "RecoveryWords", [](bus::Writer& out) { out.path({"/other"}); }), Errc::not_found);
  EXPECT_EQ(on_control("Accounts1", "ConfirmJoin", [](bus::Writer& out) { out.string("123456"); }), Errc::not_found);
  EXPECT_EQ(on_control("Alerts1", "Acknowledge", [](bus::Writer& out) { out.u64(999); }), Errc::not_found);
  EXPECT_EQ(on_control("Bridges1", "Add", [](bus::Writer& out) { out.string("../x").string("spool").dict({}); }),
            Errc::malformed);
  EXPECT_EQ(on_control("Bridges1", "Add", [](bus::Writer& out) { out.string("x").string("pigeon").dict({}); }),
            Errc::unsupported);
  EXPECT_EQ(on_control("Bridges1", "Add", [](bus::Writer& out) { out.string("spool").string("spool").dict({}); }),
            Errc::conflict);
  EXPECT_EQ(on_control("Bridges1", "Remove", [](bus::Writer& out) { out.string("none").dict({}); }), Errc::not_found);
  EXPECT_EQ(on_control("Bridges1", "Probe", [](bus::Writer& out) { out.string("none"); }), Errc::not_found);

  // Objects that are not there, and none of them is made by asking.
  for (const char* path :
       {"/org/budstikke/Budstikke1/message/00", "/org/budstikke/Budstikke1/message/zz",
        "/org/budstikke/Budstikke1/account/2", "/org/budstikke/Budstikke1/contact/00112233445566778899aabbccddeeff"}) {
    EXPECT_FALSE(alice.call({service::chat_name, path, "org.freedesktop.DBus.Properties"}, "GetAll",
                            [](bus::Writer& out) { out.string("org.budstikke.Message1"); }))
        << path;
  }
  // Through all of this it goes on.
  must(alice.send(thread, "still here"), "send");
  bob.wait_for("still here");
}

TEST_F(ErrorsTest, TheSameKeyTwiceIsOneMessage) {
  both();
  const std::string thread = alice.thread_with("spool:bob");
  const std::string first = must(alice.send(thread, "once", "key-1"), "send");
  EXPECT_EQ(must(alice.send(thread, "once", "key-1"), "send"), first);
  EXPECT_NE(must(alice.send(thread, "twice", "key-2"), "send"), first);
  bob.wait_for("twice");
  EXPECT_EQ(bob.count("once"), 1u);
}

// A memfd that nobody can change, and only until a person has kept the words.
TEST_F(ErrorsTest, RecoveryWordsAreShownUntilTheyAreKept) {
  alice.set_up();
  alice.create_account("Alice");
  const auto account = [](bus::Writer& out) { out.path({service::paths::account}); };
  {
    const bus::Message answer = must(alice.control("Accounts1", "RecoveryWords", account), "RecoveryWords");
    const UniqueFd words = must(bus::Reader(answer).fd(), "RecoveryWords");
    char text[512];
    const ssize_t n = ::pread(words.get(), text, sizeof text, 0);
    ASSERT_GT(n, 0);
    EXPECT_EQ(std::count(text, text + n, ' '), 23);
    EXPECT_NE(::fcntl(words.get(), F_GET_SEALS) & F_SEAL_WRITE, 0);
  }
  must(alice.control("Accounts1", "RecoveryWordsKept", account), "RecoveryWordsKept");
  EXPECT_EQ(code(alice.control("Accounts1", "RecoveryWords", account)), Errc::not_found);
  EXPECT_TRUE(alice.control("Accounts1", "RecoveryWordsKept", account));
}

}  // namespace
}  // namespace bud::test
