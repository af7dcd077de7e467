#include "bus/introspect.h"

#include "bus/bus.h"
#include "bus/method.h"
#include "unit/bus/loop.h"

#include <sys/socket.h>

namespace bud::bus {
namespace {

class Thing {
 public:
  Result<> act(Call&, Writer&) { return {}; }
  Result<> get(Writer& out) const {
    out.string("x");
    return {};
  }
};

const sd_bus_vtable vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("Plain", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method<&Thing::act>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Full", SD_BUS_ARGS("a(ua{sv})", many, "h", file, "(s(ay)t)", pair),
                            SD_BUS_RESULT("aa{sv}", rows, "t", next), method<&Thing::act>,
                            SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_DEPRECATED),
    SD_BUS_METHOD_WITH_ARGS("Out", SD_BUS_NO_ARGS, SD_BUS_RESULT("as", all), method<&Thing::act>,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Hidden", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method<&Thing::act>,
                            SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_HIDDEN),
    SD_BUS_PROPERTY("Const", "s", property<&Thing::get>, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Change", "s", property<&Thing::get>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Invalid", "s", property<&Thing::get>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION),
    SD_BUS_PROPERTY("Silent", "s", property<&Thing::get>, 0, 0),
    SD_BUS_SIGNAL_WITH_ARGS("None", SD_BUS_NO_ARGS, 0),
    SD_BUS_SIGNAL_WITH_ARGS("Some", SD_BUS_ARGS("t", id, "s", kind), 0),
    SD_BUS_VTABLE_END};

// sd-bus itself is the judge: what it says of the vtable is what we say of it.
TEST(Introspect, SaysWhatSdBusSays) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  Event event = std::move(*Event::create());
  Bus server = std::move(*Bus::serve(UniqueFd(ends[0])));
  Bus client = std::move(*Bus::connect(UniqueFd(ends[1])));
  ASSERT_TRUE(server.attach(event) && client.attach(event));
  Thing thing;
  auto slot = server.add_object("/thing", "org.example.Thing1", vtable, thing);
  std::string served;
  auto call = client.call_async({"", "/thing", "org.freedesktop.DBus.Introspectable"}, "Introspect", {}, seconds(10),
                                [&](const Result<Message>& m) {
                                  ASSERT_TRUE(m);
                                  served = Reader(*m).string(100'000).value();
                                });
  ASSERT_TRUE(test::run_until(event, [&] { return !served.empty(); }));
  const std::size_t start = served.find(" <interface name=\"org.example.Thing1\">");
  ASSERT_NE(start, std::string::npos);
  const std::string end = "</interface>\n";
  const std::string ours = introspection("org.example.Thing1", vtable);
  EXPECT_EQ(ours, served.substr(start, served.find(end, start) + end.size() - start));
  EXPECT_NE(introspection_document(ours).find("<node>\n" + ours + "</node>\n"), std::string::npos);
}

TEST(Introspect, SensitiveIsShown) {
  static const sd_bus_vtable secret[] = {
      SD_BUS_VTABLE_START(0),
      SD_BUS_METHOD_WITH_ARGS("Say", SD_BUS_ARGS("s", text), SD_BUS_NO_RESULT, method<&Thing::act>,
                              SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
      SD_BUS_VTABLE_END};
  EXPECT_EQ(introspection("a.B1", secret),
            " <interface name=\"a.B1\">\n"
            "  <method name=\"Say\">\n"
            "   <arg type=\"s\" name=\"text\" direction=\"in\"/>\n"
            "   <annotation name=\"org.budstikke.Sensitive\" value=\"true\"/>\n"
            "  </method>\n"
            " </interface>\n");
}

}  // namespace
}  // namespace bud::bus
