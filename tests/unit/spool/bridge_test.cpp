// What the spool promises by the ABI, through the real shared object.
#include "fake_host.h"
#include "spool/directory.h"
#include "spool/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace spool::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct SpoolBridge : testing::Test {
  ScratchFolder scratch;
  std::filesystem::path folder = scratch.path / "spool";
  FakeHost alice, bob;

  void SetUp() override {
    ASSERT_EQ(alice.start(folder, "alice").status, BUD_OK);
    ASSERT_EQ(bob.start(folder, "bob").status, BUD_OK);
  }
  std::filesystem::path mailbox(const FakeHost& host) const { return folder / "mail" / host.device / "new"; }
};

TEST_F(SpoolBridge, KeepsItsDeviceNameInTheHost) {
  EXPECT_TRUE(is_device(alice.device));
  EXPECT_EQ(alice.kv.at("device"), alice.device);
  EXPECT_NE(alice.device, bob.device);
  ScratchFolder other;
  FakeHost again(alice.kv);
  EXPECT_EQ(again.start(folder, "alice").status, BUD_OK);
  EXPECT_EQ(again.device, alice.device);
}

TEST_F(SpoolBridge, CanBeWrittenToAsSoonAsItsNameIsKnown) {
  FakeHost carol;
  std::vector<bud_status> statuses;
  carol.at_identity = [&] { statuses = alice.push({{carol.device, "early"}}).statuses; };
  ASSERT_EQ(carol.start(folder, "carol").status, BUD_OK);
  EXPECT_THAT(statuses, ElementsAre(BUD_OK));
  EXPECT_EQ(carol.deliveries.size(), 1u);
}

TEST_F(SpoolBridge, DoesNotStartWhenTheNameCannotBeStored) {
  FakeHost carol;
  carol.kv_fails = true;
  EXPECT_EQ(carol.start(folder, "carol").status, BUD_RETRY_LATER);
  EXPECT_FALSE(std::filesystem::exists(folder / "directory" / "carol"));
}

TEST_F(SpoolBridge, RefusesABadConfiguration) {
  FakeHost carol;
  const Completed refused = carol.start(R"({"folder": "relative", "address": "carol"})");
  EXPECT_EQ(refused.status, BUD_INVALID);
  EXPECT_NE(refused.words.find("full path"), std::string::npos);
}

TEST_F(SpoolBridge, PublishesAndLooksUp) {
  EXPECT_EQ(alice.publish("record one").status, BUD_OK);
  EXPECT_THAT(bob.lookup("alice").records, ElementsAre("record one"));
  EXPECT_EQ(alice.publish("record two").status, BUD_OK);
  EXPECT_THAT(bob.lookup("alice").records, ElementsAre("record two"));
  FakeHost phone;
  ASSERT_EQ(phone.start(folder, "alice").status, BUD_OK);
  EXPECT_EQ(phone.publish("the phone").status, BUD_OK);
  EXPECT_THAT(bob.lookup("alice").records, UnorderedElementsAre("record two", "the phone"));
  EXPECT_EQ(files_in(folder / "tmp").size(), 0u);
}

TEST_F(SpoolBridge, AnAddressThatNobodyHasIsEmpty) {
  const Completed none = bob.lookup("nobody");
  EXPECT_EQ(none.status, BUD_OK);
  EXPECT_THAT(none.records, IsEmpty());
  EXPECT_EQ(bob.lookup("no\nbody").status, BUD_INVALID);
}

TEST_F(SpoolBridge, TellsOfChangesOfItsOwnAddressAndOfThoseLookedUp) {
  bob.lookup("alice");
  alice.changed.clear();
  bob.changed.clear();
  alice.publish("record");
  EXPECT_TRUE(bob.eventually([&] { return !bob.changed.empty(); })) << "the folder did not exist before";
  EXPECT_THAT(bob.changed, ElementsAre("alice"));
  bob.lookup("alice");
  bob.changed.clear();
  write_text(folder / "directory" / "alice" / "00000000deadbeef", "an invented device");
  EXPECT_TRUE(bob.eventually([&] { return !bob.changed.empty(); }));
  EXPECT_TRUE(alice.eventually([&] { return !alice.changed.empty(); }));
  EXPECT_THAT(bob.changed, ElementsAre("alice"));
  EXPECT_THAT(alice.changed, ElementsAre("alice")) << "not of what it published itself";
}

TEST_F(SpoolBridge, CarriesCopies) {
  const Completed pushed = alice.push({{bob.device, "first"}, {bob.device, "second"}});
  EXPECT_THAT(pushed.statuses, ElementsAre(BUD_OK, BUD_OK));
  EXPECT_EQ(files_in(mailbox(bob)).size(), 1u) << "one file for a batch";
  ASSERT_TRUE(bob.eventually([&] { return !bob.deliveries.empty(); }));
  EXPECT_THAT(bob.deliveries[0].copies, ElementsAre("first", "second"));
  EXPECT_EQ(files_in(mailbox(bob)).size(), 1u) << "kept until the ack";
  bob.ack("another cursor");
  EXPECT_EQ(files_in(mailbox(bob)).size(), 1u);
  bob.ack(bob.deliveries[0].cursor);
  EXPECT_THAT(files_in(mailbox(bob)), IsEmpty());
  EXPECT_EQ(bob.deliveries.size(), 1u);
}

TEST_F(SpoolBridge, GivesEachCopyItsOwnStatus) {
  const Completed pushed = alice.push({{bob.device, "fine"},
                                       {"0000000000000000", "to nobody"},
                                       {"../../../../tmp", "to elsewhere"},
                                       {bob.device, std::string(64 * 1024, 'x')},
                                       {bob.device, std::string(64 * 1024 + 1, 'x')}});
  EXPECT_EQ(pushed.status, BUD_PARTIAL);
  EXPECT_THAT(pushed.statuses, ElementsAre(BUD_OK, BUD_NO_SUCH_DEVICE, BUD_NO_SUCH_DEVICE, BUD_OK, BUD_TOO_LARGE));
  ASSERT_TRUE(bob.eventually([&] { return !bob.deliveries.empty(); }));
  EXPECT_EQ(bob.deliveries[0].copies.size(), 2u);
}

TEST_F(SpoolBridge, DeliversAgainWhatWasNotAcknowledged) {
  Stored kept;
  {
    FakeHost crashed;
    ASSERT_EQ(crashed.start(folder, "carol").status, BUD_OK);
    alice.push({{crashed.device, "precious"}});
    ASSERT_TRUE(crashed.eventually([&] { return !crashed.deliveries.empty(); }));
    kept = crashed.kv;
  }
  FakeHost restarted(kept);
  EXPECT_EQ(restarted.start(folder, "carol").status, BUD_OK);
  ASSERT_EQ(restarted.deliveries.size(), 1u);
  EXPECT_THAT(restarted.deliveries[0].copies, ElementsAre("precious"));
}

TEST_F(SpoolBridge, TwoReadersDoNotEatEachOthersMail) {
  alice.push({{bob.device, "copy"}});
  FakeHost twin(bob.kv);
  EXPECT_EQ(twin.start(folder, "bob").status, BUD_OK);
  EXPECT_THAT(twin.deliveries, IsEmpty());
  ASSERT_FALSE(twin.reports.empty());
  EXPECT_NE(twin.reports.back().second.find("another process"), std::string::npos);
}

TEST_F(SpoolBridge, DeliversInOrderOneBatchAtATime) {
  for (int i = 0; i < 30; ++i) {
    const std::string name = batch_name(static_cast<std::uint64_t>(1000 - i), "00000000000000aa");
    write_text(mailbox(bob) / name, std::string("BUDSPOOL1\n\0\0\0\1\0\0\0\1", 18) + static_cast<char>('A' + i));
  }
  std::string received;
  for (std::size_t n = 0; received.size() < 30;) {
    ASSERT_TRUE(bob.eventually([&] { return bob.deliveries.size() > n; }));
    ASSERT_EQ(bob.deliveries.size(), n + 1) << "one outstanding at a time";
    for (const auto& copy : bob.deliveries[n].copies) received += copy;
    bob.ack(bob.deliveries[n++].cursor);
  }
  EXPECT_EQ(received.size(), 30u);
  EXPECT_THAT(files_in(mailbox(bob)), IsEmpty());
}

TEST_F(SpoolBridge, ADoubledFileIsDeliveredAsTwo) {
  alice.push({{bob.device, "copy"}});
  const auto first = files_in(mailbox(bob)).at(0);
  std::filesystem::copy_file(first, mailbox(bob) / batch_name(1, "00000000000000aa"));
  std::vector<std::string> received;
  ASSERT_TRUE(bob.eventually([&] {
    for (const auto& d : std::exchange(bob.deliveries, {})) {
      received.insert(received.end(), d.copies.begin(), d.copies.end());
      bob.ack(d.cursor);
    }
    return received.size() == 2;
  }));
  EXPECT_THAT(received, ElementsAre("copy", "copy"));
}

TEST_F(SpoolBridge, HandsDownThePermissionsOfItsFolder) {
  ScratchFolder shared;
  ASSERT_EQ(chmod(shared.path.c_str(), 02770), 0);
  FakeHost carol, dave;
  ASSERT_EQ(carol.start(shared.path, "carol").status, BUD_OK);
  ASSERT_EQ(dave.start(shared.path, "dave").status, BUD_OK);
  carol.publish("record");
  carol.push({{dave.device, "copy"}});
  const auto mode = [&](const std::filesystem::path& p) {
    struct stat info = {};
    EXPECT_EQ(stat(p.c_str(), &info), 0) << p;
    return info.st_mode & 07777;
  };
  const auto box = shared.path / "mail" / dave.device;
  EXPECT_EQ(mode(shared.path / "tmp"), 03770u);
  EXPECT_EQ(mode(shared.path / "directory" / "carol"), 03770u);
  EXPECT_EQ(mode(shared.path / "directory" / "carol" / carol.device), 0640u);
  EXPECT_EQ(mode(box), 02750u);
  EXPECT_EQ(mode(box / "new"), 03770u);
  EXPECT_EQ(mode(files_in(box / "new").at(0)), 0640u);
}

TEST_F(SpoolBridge, WithoutInotifyTheRescanFindsEverything) {
  bob.lookup("alice");
  bob.changed.clear();
  bob.deaf = true;
  alice.push({{bob.device, "quiet"}});
  alice.publish("record");
  bob.settle();
  EXPECT_THAT(bob.deliveries, IsEmpty());
  bob.advance(31'000);
  ASSERT_EQ(bob.deliveries.size(), 1u);
  EXPECT_THAT(bob.deliveries[0].copies, ElementsAre("quiet"));
  EXPECT_THAT(bob.changed, ElementsAre("alice"));
}

TEST_F(SpoolBridge, AMailboxThatIsExchangedIsWatchedAgain) {
  std::filesystem::rename(mailbox(bob), mailbox(bob).parent_path() / "old");
  bob.settle();
  alice.push({{bob.device, "copy"}});
  EXPECT_TRUE(bob.eventually([&] { return !bob.deliveries.empty(); })) << "time did not move: no rescan";
}

}  // namespace
}  // namespace spool::test
