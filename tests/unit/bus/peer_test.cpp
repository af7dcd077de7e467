// Two connections over a socket pair, as between the daemon and a bridge's worker.
#include "bus/bus.h"
#include "bus/method.h"
#include "support/outcome.h"
#include "unit/bus/loop.h"

#include <sys/socket.h>

namespace bud::bus {
namespace {

constexpr const char* path = "/org/example/Host";
constexpr const char* interface = "org.example.Host";
const Target target{"", path, interface};

class Host {
 public:
  Result<> ready(Call&, Writer&) {
    ++calls;
    return {};
  }
  int calls = 0;
};

const sd_bus_vtable vtable[] = {
    SD_BUS_VTABLE_START(0), SD_BUS_METHOD_WITH_ARGS("Ready", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method<&Host::ready>, 0),
    SD_BUS_VTABLE_END};

struct PeerTest : testing::Test {
  PeerTest() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    server.emplace(std::move(*Bus::serve(UniqueFd(ends[0]))));
    client.emplace(std::move(*Bus::connect(UniqueFd(ends[1]))));
    EXPECT_TRUE(server->attach(event) && client->attach(event));
    slots.push_back(server->add_object(path, interface, vtable, host).value());
    slots.push_back(client->add_object(path, interface, vtable, worker).value());
  }
  Result<Message> ask(Bus& from) {
    std::optional<Result<Message>> answer;
    auto slot = from.call_async(target, "Ready", {}, seconds(10), [&](Result<Message> m) { answer = std::move(m); });
    if (!slot) return forward(slot);
    if (!test::run_until(event, [&] { return answer.has_value(); })) return fail(Errc::internal, "no answer at all");
    return std::move(*answer);
  }
  Event event = std::move(*Event::create());
  Host host;
  Host worker;
  std::optional<Bus> server;
  std::optional<Bus> client;
  std::vector<Slot> slots;
};

TEST_F(PeerTest, BothSidesCallOnceTheClientHasSpoken) {
  EXPECT_EQ(test::code(ask(*server)), Errc::busy);
  EXPECT_EQ(test::code(server->emit(target, "Signal")), Errc::busy);
  ASSERT_TRUE(ask(*client));
  EXPECT_EQ(host.calls, 1);
  ASSERT_TRUE(ask(*server));
  EXPECT_EQ(worker.calls, 1);
}

TEST_F(PeerTest, TheOthersEndFailsOpenCallsThenTells) {
  ASSERT_TRUE(ask(*client));
  std::string order;
  auto watch = server->on_disconnected([&] { order += "gone"; });
  auto open = server->call_async(target, "Ready", {}, seconds(10), [&](const Result<Message>& m) {
    order += m ? "answered" : m.error().code == Errc::offline ? "failed " : "other";
  });
  ASSERT_TRUE(watch && open);
  client.reset();
  EXPECT_TRUE(test::run_until(event, [&] { return order.find("gone") != std::string::npos; }));
  EXPECT_EQ(order, "failed gone");
  EXPECT_EQ(test::code(ask(*server)), Errc::offline);
}

TEST_F(PeerTest, GarbageInsteadOfAHandshakeEndsTheConnection) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  Bus bus = std::move(*Bus::serve(UniqueFd(ends[0])));
  const UniqueFd raw(ends[1]);
  ASSERT_TRUE(bus.attach(event));
  bool gone = false;
  auto watch = bus.on_disconnected([&] { gone = true; });
  const std::string junk(100'000, 'x');
  ASSERT_GT(::send(raw.get(), junk.data(), junk.size(), MSG_NOSIGNAL | MSG_DONTWAIT), 0);
  EXPECT_TRUE(test::run_until(event, [&] { return gone; }));
  EXPECT_EQ(host.calls, 0);
}

TEST_F(PeerTest, WhatThePeerDoesNotReadIsCounted) {
  ASSERT_TRUE(ask(*client));
  EXPECT_EQ(server->queued_writes(), 0u);
  const Bytes large(1'000'000);  // sd-bus asks the kernel for 8 MiB of its own
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(server->emit(target, "Signal", [&](Writer& w) { w.bytes(large); }));
  EXPECT_GT(server->queued_writes(), 0u);
}

}  // namespace
}  // namespace bud::bus
