#include "bus/bus.h"

#include "bus/method.h"
#include "support/outcome.h"
#include "support/private_bus.h"
#include "unit/bus/loop.h"

#include <set>

namespace bud::bus {
namespace {

constexpr const char* path = "/org/example/Echo";
constexpr const char* interface = "org.example.Echo";

class Echo {
 public:
  Result<> repeat(Call& call, Writer& out) {
    BUD_TRY(const std::string text, call.args.string(16));
    sender = call.sender();
    out.string(text).string("half an answer");
    if (text == "locked") return fail(Errc::locked, "Unlock first");
    if (text == "throw") throw std::runtime_error("secret words");
    return {};
  }
  Result<> later(Call& call, Reply& reply) {
    BUD_TRY(const std::string text, call.args.string(16));
    if (text == "refuse") return fail(Errc::not_approved, "");
    if (text == "forget") return {};
    kept.emplace(std::move(reply));
    return {};
  }
  Result<> name(Writer& out) const {
    if (broken) return fail(Errc::damaged, "This row is damaged");
    out.string("echo");
    return {};
  }
  bool exists(std::string_view at) const { return at == "/org/example/Many/1" || at == "/org/example/Many/2"; }
  Result<> where(Writer& out, std::string_view at) const {
    out.string(at);
    return {};
  }
  Result<> about(Writer& out) const {
    out.string("a person's name");
    return {};
  }
  Result<> which(Call& call, Writer& out) {
    out.string(call.path());
    return {};
  }

  std::string sender;
  std::optional<Reply> kept;
  bool broken = false;
};

const sd_bus_vtable vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("Repeat", SD_BUS_ARGS("s", text), SD_BUS_RESULT("s", text, "s", more),
                            method<&Echo::repeat>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Later", SD_BUS_ARGS("s", text), SD_BUS_RESULT("s", text), method<&Echo::later>,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_PROPERTY("Name", "s", property<&Echo::name>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_SIGNAL_WITH_ARGS("Heard", SD_BUS_ARGS("u", times), 0),
    SD_BUS_VTABLE_END};

const sd_bus_vtable many[] = {SD_BUS_VTABLE_START(0),
                              SD_BUS_METHOD_WITH_ARGS("Which", SD_BUS_NO_ARGS, SD_BUS_RESULT("s", path),
                                                      method<&Echo::which>, SD_BUS_VTABLE_UNPRIVILEGED),
                              SD_BUS_PROPERTY("Where", "s", property<&Echo::where>, 0, SD_BUS_VTABLE_PROPERTY_CONST),
                              SD_BUS_PROPERTY("About", "s", property<&Echo::about>, 0,
                                              SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION | SD_BUS_VTABLE_SENSITIVE),
                              SD_BUS_VTABLE_END};

// A server and a client on a real bus, both in this loop.
struct BusTest : testing::Test {
  BusTest() : server(std::move(*Bus::open(daemon.address()))), client(std::move(*Bus::open(daemon.address()))) {
    EXPECT_TRUE(server.attach(event) && client.attach(event));
    slots.push_back(server.add_object(path, interface, vtable, echo).value());
    slots.push_back(server.add_fallback<&Echo::exists>("/org/example/Many", "org.example.Many", many, echo).value());
    slots.push_back(server
                        .add_enumerator("/org/example/Many",
                                        [] {
                                          return std::vector<std::string>{"/org/example/Many/1", "/org/example/Many/2"};
                                        })
                        .value());
    slots.push_back(server.add_object_manager("/org/example/Many").value());
    EXPECT_TRUE(server.request_name("org.example.Server"));
  }

  static Target target(const std::string& at = path, const std::string& in = interface) {
    return {"org.example.Server", at, in};
  }
  Result<Message> call(const Target& to, const std::string& member, const Bus::Write& write = {}) {
    std::optional<Result<Message>> answer;
    auto slot = client.call_async(to, member, write, seconds(10), [&](Result<Message> m) { answer = std::move(m); });
    if (!slot) return forward(slot);
    if (!test::run_until(event, [&] { return answer.has_value(); })) return fail(Errc::internal, "no answer at all");
    return std::move(*answer);
  }
  Result<Message> say(const std::string& member, const std::string& text) {
    return call(target(), member, [&](Writer& w) { w.string(text); });
  }
  Result<Message> get(const Target& of, const std::string& name) {
    return call({of.destination, of.path, "org.freedesktop.DBus.Properties"}, "Get",
                [&](Writer& w) { w.string(of.interface).string(name); });
  }

  test::PrivateBus daemon;
  Event event = std::move(*Event::create());
  Echo echo;
  Bus server;
  Bus client;
  std::vector<Slot> slots;
};

TEST_F(BusTest, CallsAreAnswered) {
  const auto answer = say("Repeat", "hello");
  ASSERT_TRUE(answer) << answer.error().text;
  Reader r(*answer);
  EXPECT_EQ(r.string(16).value(), "hello");
  EXPECT_EQ(echo.sender, client.unique_name().value());
}

TEST_F(BusTest, ErrorsArriveByNameWithTheirWords) {
  const auto locked = say("Repeat", "locked");
  ASSERT_FALSE(locked);
  EXPECT_EQ(test::code(locked), Errc::locked);
  EXPECT_EQ(locked.error().text, "Unlock first");
  EXPECT_EQ(test::code(say("Repeat", "seventeen letters")), Errc::too_large);
  EXPECT_EQ(test::code(call(target(), "Repeat", [](Writer& w) { w.u32(1); })), Errc::malformed);
  EXPECT_EQ(test::code(call(target(), "NoSuch")), Errc::unsupported);
}

TEST_F(BusTest, AnExceptionBecomesAnErrorWithoutItsWords) {
  const auto thrown = say("Repeat", "throw");
  ASSERT_FALSE(thrown);
  EXPECT_EQ(test::code(thrown), Errc::internal);
  EXPECT_EQ(thrown.error().text, default_words(Errc::internal));
}

TEST_F(BusTest, AnAnswerMayComeLater) {
  std::optional<Result<Message>> answer;
  auto slot = client.call_async(
      target(), "Later", [](Writer& w) { w.string("x"); }, seconds(10),
      [&](Result<Message> m) { answer = std::move(m); });
  ASSERT_TRUE(test::run_until(event, [&] { return echo.kept.has_value(); }));
  test::drain(event);
  EXPECT_FALSE(answer);
  echo.kept->ok([](Writer& w) { w.string("now"); });
  EXPECT_FALSE(echo.kept->pending());
  echo.kept->fail({Errc::locked, "a second answer goes nowhere"});
  ASSERT_TRUE(test::run_until(event, [&] { return answer.has_value(); }));
  ASSERT_TRUE(*answer);
  EXPECT_EQ(Reader(**answer).string(9).value(), "now");
}

TEST_F(BusTest, AForgottenAnswerIsAnErrorAndSoIsARefusal) {
  EXPECT_EQ(test::code(say("Later", "forget")), Errc::internal);
  EXPECT_EQ(test::code(say("Later", "refuse")), Errc::not_approved);
  std::optional<Result<Message>> answer;
  auto slot = client.call_async(
      target(), "Later", [](Writer& w) { w.string("x"); }, seconds(10),
      [&](Result<Message> m) { answer = std::move(m); });
  ASSERT_TRUE(test::run_until(event, [&] { return echo.kept.has_value(); }));
  echo.kept.reset();
  ASSERT_TRUE(test::run_until(event, [&] { return answer.has_value(); }));
  EXPECT_EQ(test::code(*answer), Errc::internal);
}

TEST_F(BusTest, AnAnswerThatDoesNotFitItsMethodIsAnError) {
  std::optional<Result<Message>> answer;
  auto slot = client.call_async(
      target(), "Later", [](Writer& w) { w.string("x"); }, seconds(10),
      [&](Result<Message> m) { answer = std::move(m); });
  ASSERT_TRUE(test::run_until(event, [&] { return echo.kept.has_value(); }));
  echo.kept->ok([](Writer& w) { w.string("\xff"); });
  ASSERT_TRUE(test::run_until(event, [&] { return answer.has_value(); }));
  EXPECT_EQ(test::code(*answer), Errc::malformed);
}

TEST_F(BusTest, ADroppedCallIsNotCompleted) {
  bool completed = false;
  {
    auto slot = client.call_async(
        target(), "Repeat", [](Writer& w) { w.string("x"); }, seconds(10),
        [&](const Result<Message>&) { completed = true; });
  }
  EXPECT_TRUE(say("Repeat", "y"));  // its answer comes after the other's
  EXPECT_FALSE(completed);
}

TEST_F(BusTest, TimeoutsAndAbsentNamesAreOffline) {
  std::optional<Errc> code;
  auto slot = client.call_async(
      target(), "Later", [](Writer& w) { w.string("x"); }, {20},
      [&](const Result<Message>& m) { code = m ? Errc::internal : m.error().code; });
  EXPECT_TRUE(test::run_until(event, [&] { return code.has_value(); }));
  EXPECT_EQ(code, Errc::offline);
  EXPECT_EQ(test::code(call({"org.example.Nobody", path, interface}, "Repeat")), Errc::offline);
}

TEST_F(BusTest, PropertiesAndTheirErrors) {
  const auto name = get(target(), "Name");
  ASSERT_TRUE(name);
  EXPECT_EQ(Reader(*name).variant().value(), Value(std::string("echo")));
  echo.broken = true;
  EXPECT_EQ(test::code(get(target(), "Name")), Errc::damaged);

  std::vector<std::string> changed;
  auto match = client.match_signal({"org.example.Server", path, "org.freedesktop.DBus.Properties"}, "PropertiesChanged",
                                   [&](const Message& m) {
                                     Reader r(m);
                                     changed.push_back(r.string(99).value());
                                   });
  echo.broken = false;
  ASSERT_TRUE(get(target(), "Name"));  // by now the match is installed
  ASSERT_TRUE(server.properties_changed(path, interface, {"Name"}));
  EXPECT_TRUE(test::run_until(event, [&] { return !changed.empty(); }));
  EXPECT_EQ(changed, std::vector<std::string>{interface});
}

TEST_F(BusTest, ManyObjectsBehindOneVtable) {
  const auto which = call(target("/org/example/Many/2", "org.example.Many"), "Which");
  ASSERT_TRUE(which);
  EXPECT_EQ(Reader(*which).string(99).value(), "/org/example/Many/2");
  EXPECT_FALSE(call(target("/org/example/Many/3", "org.example.Many"), "Which"));
  const auto where = get(target("/org/example/Many/1", "org.example.Many"), "Where");
  ASSERT_TRUE(where);
  EXPECT_EQ(Reader(*where).variant().value(), Value(std::string("/org/example/Many/1")));

  const auto managed = call(target("/org/example/Many", "org.freedesktop.DBus.ObjectManager"), "GetManagedObjects");
  ASSERT_TRUE(managed);
  Reader r(*managed);
  std::set<std::string> listed;
  EXPECT_TRUE(r.array("{oa{sa{sv}}}", 9, [&]() -> Result<> {
    EXPECT_GT(sd_bus_message_enter_container(managed->raw(), 'e', "oa{sa{sv}}"), 0);
    BUD_TRY(const ObjectPath at, r.path());
    listed.insert(at.text);
    EXPECT_GT(sd_bus_message_skip(managed->raw(), "a{sa{sv}}"), 0);
    EXPECT_GT(sd_bus_message_exit_container(managed->raw()), 0);
    return {};
  }));
  EXPECT_EQ(listed, (std::set<std::string>{"/org/example/Many/1", "/org/example/Many/2"}));
}

// What the interfaces promise of properties about people rests on this.
TEST_F(BusTest, InvalidatedPropertiesAreInNoSignal) {
  std::string seen;
  const auto look = [&seen](const Message& m) {
    char* text = nullptr;
    std::size_t size = 0;
    FILE* out = ::open_memstream(&text, &size);
    EXPECT_GE(sd_bus_message_dump(m.raw(), out, SD_BUS_MESSAGE_DUMP_WITH_HEADER), 0);
    std::fclose(out);
    seen.append(text, size);
    std::free(text);
  };
  auto added = client.match_signal({"", "/org/example/Many", "org.freedesktop.DBus.ObjectManager"}, "", look);
  auto changed = client.match_signal({"", "/org/example/Many/1", "org.freedesktop.DBus.Properties"}, "", look);
  ASSERT_TRUE(say("Repeat", "x"));
  ASSERT_TRUE(server.object_added("/org/example/Many/1"));
  ASSERT_TRUE(server.properties_changed("/org/example/Many/1", "org.example.Many", {"About"}));
  EXPECT_TRUE(test::run_until(event, [&] { return seen.find("PropertiesChanged") != std::string::npos; }));
  EXPECT_NE(seen.find("InterfacesAdded"), std::string::npos);
  EXPECT_NE(seen.find("About"), std::string::npos);
  EXPECT_EQ(seen.find("a person's name"), std::string::npos);
  const auto about = get(target("/org/example/Many/1", "org.example.Many"), "About");
  ASSERT_TRUE(about);
  EXPECT_EQ(Reader(*about).variant().value(), Value(std::string("a person's name")));
}

TEST_F(BusTest, SignalsToAllAndToOne) {
  Bus other = std::move(*Bus::open(daemon.address()));
  ASSERT_TRUE(other.attach(event));
  std::string heard;
  const auto listen = [&](Bus& bus, char who) {
    return bus.match_signal({"org.example.Server", path, interface}, "Heard", [&heard, who](const Message& m) {
      heard += who;
      heard += std::to_string(Reader(m).u32().value_or(0));
    });
  };
  auto first = listen(client, 'a');
  auto second = listen(other, 'b');
  ASSERT_TRUE(say("Repeat", "x"));  // the matches are installed once these answers are here
  ASSERT_TRUE(other.call({"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus"}, "GetId"));

  ASSERT_TRUE(server.emit_to(client.unique_name().value(), target(), "Heard", [](Writer& w) { w.u32(1); }));
  ASSERT_TRUE(server.emit(target(), "Heard", [](Writer& w) { w.u32(2); }));
  EXPECT_TRUE(test::run_until(event, [&] { return heard.size() >= 6; }));
  EXPECT_NE(heard.find("a1"), std::string::npos);
  EXPECT_NE(heard.find("a2"), std::string::npos);
  EXPECT_NE(heard.find("b2"), std::string::npos);
  EXPECT_EQ(heard.find("b1"), std::string::npos);
}

TEST_F(BusTest, AClientThatLeavesIsNoticedOnce) {
  std::optional<Bus> guest = std::move(*Bus::open(daemon.address()));
  const std::string name = guest->unique_name().value();
  int gone = 0;
  auto watch = server.watch_client(name, [&] { ++gone; });
  ASSERT_TRUE(watch);
  ASSERT_TRUE(say("Repeat", "x"));
  EXPECT_EQ(gone, 0);
  guest.reset();
  EXPECT_TRUE(test::run_until(event, [&] { return gone > 0; }));
  ASSERT_TRUE(say("Repeat", "x"));
  EXPECT_EQ(gone, 1);

  auto late = server.watch_client(name, [&] { gone += 10; });  // it has left already
  EXPECT_TRUE(test::run_until(event, [&] { return gone > 10; }));
  EXPECT_EQ(gone, 11);
  EXPECT_EQ(test::code(server.watch_client("org.example.Server", [] {})), Errc::malformed);
  EXPECT_EQ(test::code(server.watch_client(":1.1',member='y", [] {})), Errc::malformed);
}

TEST_F(BusTest, ANameThatIsTakenIsBusy) {
  EXPECT_EQ(test::code(client.request_name("org.example.Server")), Errc::busy);
  EXPECT_TRUE(server.request_name("org.example.Server"));
}

TEST_F(BusTest, NoBusAtTheAddress) {
  EXPECT_EQ(test::code(Bus::open("unix:path=" + (daemon.folder() / "nothing").string())), Errc::offline);
}

}  // namespace
}  // namespace bud::bus
