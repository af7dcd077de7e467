#include "bridging/bridges.h"

#include "unit/bridging/parts.h"

namespace bud::bridging {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct BridgesTest : test::Surroundings {
  Bridges bridges{timers, factory, random, port};

  Errc code(const Configuration& configuration) {
    const auto added = bridges.add(configuration);
    return added ? Errc::internal : added.error().code;
  }
};

TEST_F(BridgesTest, RefusesWhatItCannotRun) {
  ASSERT_TRUE(bridges.add({"one", "fake", "{}"}));
  EXPECT_EQ(code({"one", "fake", "{}"}), Errc::conflict);
  EXPECT_EQ(code({"x", "telepathy", "{}"}), Errc::unsupported);
  EXPECT_EQ(code({"x", "../fake", "{}"}), Errc::malformed);
  EXPECT_EQ(code({"", "fake", "{}"}), Errc::malformed);
  EXPECT_EQ(code({std::string(33, 'x'), "fake", "{}"}), Errc::malformed);
  EXPECT_EQ(code({"x", "fake", std::string(64 * 1024 + 1, ' ')}), Errc::malformed);
  EXPECT_THAT(bridges.list(), SizeIs(1));
  timers.settle();
  EXPECT_EQ(factory.starts, 1u);
}

TEST_F(BridgesTest, ARemovedOneEndsWithItsWorker) {
  ASSERT_TRUE(bridges.add({"one", "fake", "{}"}));
  timers.settle();
  ASSERT_NE(factory.worker, nullptr);
  ASSERT_TRUE(bridges.remove("one"));
  EXPECT_EQ(factory.worker, nullptr);
  EXPECT_THAT(bridges.list(), IsEmpty());
  EXPECT_FALSE(timers.next());
  EXPECT_EQ(bridges.remove("one").error().code, Errc::not_found);
}

TEST_F(BridgesTest, TellsWhoseStatusAndWordsTheyAre) {
  std::vector<std::string> told;
  bridges.on_status([&](const std::string& bridge, const Status& status) { told.push_back(bridge + status.words); });
  bridges.on_log(
      [&](const std::string& bridge, std::uint32_t, const std::string& text) { told.push_back(bridge + ": " + text); });
  factory.refuses = true;
  ASSERT_TRUE(bridges.add({"one-", "fake", "{}"}));
  timers.settle();
  EXPECT_THAT(told, ElementsAre("one-: the program is missing; it is started again", "one-the program is missing"));
}

TEST_F(BridgesTest, AnUnknownOneAnswersFromTheLoop) {
  std::vector<bool> done;
  bridges.kick("none");
  bridges.lookup("none", "bob", [&](bool complete) { done.push_back(complete); });
  bridges.lookup("none", "bob");
  EXPECT_THAT(done, IsEmpty());
  timers.settle();
  EXPECT_THAT(done, ElementsAre(false));
}

}  // namespace
}  // namespace bud::bridging
