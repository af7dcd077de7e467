#include "bus/event.h"

#include "base/unique_fd.h"
#include "unit/bus/loop.h"

#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace bud::bus {
namespace {

struct EventTest : testing::Test {
  Event event = std::move(*Event::create());
};

TEST_F(EventTest, TimersFireOnceInOrder) {
  std::string order;
  auto late = event.after({30}, [&] { order += 'b'; });
  auto soon = event.after({1}, [&] { order += 'a'; });
  ASSERT_TRUE(late && soon);
  EXPECT_TRUE(test::run_until(event, [&] { return order.size() == 2; }));
  auto later = event.after({40}, [&] { order += 'c'; });
  EXPECT_TRUE(test::run_until(event, [&] { return order.back() == 'c'; }));
  EXPECT_EQ(order, "abc");
}

TEST_F(EventTest, ADroppedHandleDoesNotFire) {
  bool fired = false;
  bool other = false;
  {
    auto dropped = event.defer([&] { fired = true; });
    ASSERT_TRUE(dropped);
  }
  auto kept = event.after({5}, [&] { other = true; });
  EXPECT_TRUE(test::run_until(event, [&] { return other; }));
  EXPECT_FALSE(fired);
}

TEST_F(EventTest, ACallbackMayDropItsOwnHandle) {
  Source self;
  const auto witness = std::make_shared<int>(1);
  int runs = 0;
  auto made = event.defer([&, witness] {
    self.reset();
    runs += *witness;  // the closure is still there
  });
  ASSERT_TRUE(made);
  self = std::move(*made);
  test::drain(event);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(witness.use_count(), 1);  // and is gone afterwards
}

TEST_F(EventTest, AfterEachRoundComesWhatIsToBeDoneThen) {
  std::string order;
  auto always = event.after_each_round([&] { order += '.'; });
  ASSERT_TRUE(always);
  test::drain(event);
  EXPECT_EQ(order, "") << "nothing else was called";
  auto first = event.defer([&] { order += 'a'; });
  test::drain(event);
  auto second = event.defer([&] { order += 'b'; });
  test::drain(event);
  EXPECT_EQ(order, "a.b.");
}

TEST_F(EventTest, RunReturnsTheExitCode) {
  auto stop = event.defer([&] { event.exit(7); });
  const auto code = event.run();
  ASSERT_TRUE(code);
  EXPECT_EQ(*code, 7);
}

TEST_F(EventTest, Descriptors) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const UniqueFd in(ends[0]);
  const UniqueFd out(ends[1]);
  std::uint32_t ready = 0;
  auto source = event.io(in.get(), EPOLLIN, [&](std::uint32_t events) {
    char c;
    ready = ::read(in.get(), &c, 1) == 1 ? events : 0;
  });
  ASSERT_TRUE(source);
  test::drain(event);
  EXPECT_EQ(ready, 0u);
  ASSERT_EQ(::write(out.get(), "x", 1), 1);
  EXPECT_TRUE(test::run_until(event, [&] { return ready != 0; }));
  EXPECT_EQ(ready & EPOLLIN, static_cast<std::uint32_t>(EPOLLIN));
}

TEST_F(EventTest, SignalsAndChildren) {
  bool asked = false;
  auto term = event.on_signal(SIGTERM, [&] { asked = true; });
  ASSERT_TRUE(term);
  ASSERT_EQ(::kill(::getpid(), SIGTERM), 0);
  EXPECT_TRUE(test::run_until(event, [&] { return asked; }));

  int ended = 0;
  int status = 0;
  int go[2];
  ASSERT_EQ(::pipe(go), 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::close(go[1]);
    char c;
    ::_exit(::read(go[0], &c, 1) == 0 ? 3 : 4);
  }
  ::close(go[0]);
  auto child = event.on_child(pid, [&](int code, int s) {
    ended = code;
    status = s;
  });
  ASSERT_TRUE(child);
  ::close(go[1]);
  EXPECT_TRUE(test::run_until(event, [&] { return ended != 0; }));
  EXPECT_EQ(ended, CLD_EXITED);
  EXPECT_EQ(status, 3);
}

}  // namespace
}  // namespace bud::bus
