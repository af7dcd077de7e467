// The spool against a failing file system and against whoever else can write to its folder.
#include "fake_host.h"
#include "spool/batch.h"
#include "spool/names.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace spool::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct SpoolFaults : testing::Test {
  ScratchFolder scratch;
  fs::path folder = scratch.path / "spool";
  FakeHost alice, bob;

  void SetUp() override {
    ASSERT_EQ(alice.start(folder, "alice").status, BUD_OK);
    ASSERT_EQ(bob.start(folder, "bob").status, BUD_OK);
    ASSERT_EQ(alice.publish("alice's record").status, BUD_OK);
  }
  fs::path box(const FakeHost& host) const { return folder / "mail" / host.device; }
  fs::path batch(int n) const {
    return box(bob) / "new" / batch_name(static_cast<std::uint64_t>(n), "00000000000000aa");
  }
};

TEST_F(SpoolFaults, AVanishedFolderIsNeverEmpty) {
  fs::rename(folder, scratch.path / "away");
  const Completed looked_up = bob.lookup("alice");
  EXPECT_EQ(looked_up.status, BUD_RETRY_LATER);
  EXPECT_THAT(looked_up.words, HasSubstr("cannot be opened"));
  EXPECT_EQ(bob.lookup("nobody").status, BUD_RETRY_LATER);
  EXPECT_THAT(alice.push({{bob.device, "copy"}}).statuses, ElementsAre(BUD_RETRY_LATER));
  EXPECT_EQ(alice.publish("newer").status, BUD_RETRY_LATER);
  EXPECT_EQ(bob.reports.back().first, BUD_RETRY_LATER);
  EXPECT_FALSE(fs::exists(folder)) << "it is not made anew by a device that knew the old one";

  fs::create_directory(folder);  // a mount point whose file system is away
  const Completed unmounted = bob.lookup("alice");
  EXPECT_EQ(unmounted.status, BUD_RETRY_LATER);
  EXPECT_THAT(unmounted.words, HasSubstr("mounted?"));
  EXPECT_THAT(files_in(folder), IsEmpty());
}

TEST_F(SpoolFaults, ComesBackWithTheFolder) {
  fs::rename(folder, scratch.path / "away");
  bob.advance(31'000);
  alice.advance(31'000);
  EXPECT_EQ(bob.reports.back().first, BUD_RETRY_LATER);
  fs::rename(scratch.path / "away", folder);
  for (int i = 0; i < 4; ++i) alice.advance(31'000), bob.advance(31'000);
  EXPECT_EQ(bob.reports.back().first, BUD_OK);
  EXPECT_THAT(alice.push({{bob.device, "copy"}}).statuses, ElementsAre(BUD_OK));
  ASSERT_TRUE(bob.eventually([&] { return !bob.deliveries.empty(); })) << "by a watch, not by the rescan";
  EXPECT_THAT(bob.lookup("alice").records, ElementsAre("alice's record"));
}

TEST_F(SpoolFaults, ASpoolMadeAnewGetsItsRecordsBack) {
  fs::remove_all(folder);
  alice.advance(31'000);
  bob.advance(31'000);
  FakeHost carol;  // somebody who has never seen the old one makes the new one
  ASSERT_EQ(carol.start(folder, "carol").status, BUD_OK);
  alice.advance(31'000);
  bob.advance(31'000);
  EXPECT_THAT(bob.lookup("alice").records, ElementsAre("alice's record"));
  EXPECT_THAT(alice.push({{bob.device, "copy"}}).statuses, ElementsAre(BUD_OK));
  EXPECT_TRUE(bob.eventually([&] { return !bob.deliveries.empty(); }));
}

TEST_F(SpoolFaults, AMissingPartIsAFailure) {
  fs::rename(folder / "directory", scratch.path / "directory");
  EXPECT_EQ(bob.lookup("alice").status, BUD_RETRY_LATER);
  EXPECT_EQ(bob.lookup("nobody").status, BUD_RETRY_LATER);
}

TEST_F(SpoolFaults, AForeignFolderIsNotTakenOver) {
  ScratchFolder home;
  write_text(home.path / "thesis.txt", "my life's work");
  FakeHost carol;
  ASSERT_EQ(carol.start(home.path, "carol").status, BUD_OK);
  EXPECT_EQ(carol.reports.back().first, BUD_RETRY_LATER);
  EXPECT_THAT(carol.reports.back().second, HasSubstr("neither empty nor a spool"));
  EXPECT_EQ(files_in(home.path).size(), 1u);
}

TEST_F(SpoolFaults, WaitsForAFolderThatIsNotThereAtTheStart) {
  FakeHost carol;
  ASSERT_EQ(carol.start(scratch.path / "mnt" / "spool", "carol").status, BUD_OK) << "the identity is known";
  EXPECT_EQ(carol.reports.back().first, BUD_RETRY_LATER);
  fs::create_directory(scratch.path / "mnt");
  carol.advance(31'000);
  EXPECT_EQ(carol.reports.back().first, BUD_OK);
}

TEST_F(SpoolFaults, AFullDiskLosesNothing) {
  signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit full{100, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  const Completed pushed = alice.push({{bob.device, std::string(1000, 'x')}});
  const Completed published = alice.publish(std::string(1000, 'r'));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_THAT(pushed.statuses, ElementsAre(BUD_RETRY_LATER));
  EXPECT_THAT(pushed.words, HasSubstr("writing to the spool"));
  EXPECT_EQ(published.status, BUD_RETRY_LATER);
  EXPECT_THAT(files_in(folder / "tmp"), IsEmpty()) << "no half a file is left";
  EXPECT_THAT(files_in(box(bob) / "new"), IsEmpty());
  EXPECT_THAT(bob.lookup("alice").records, ElementsAre("alice's record")) << "the old one stands";
  EXPECT_THAT(alice.push({{bob.device, std::string(1000, 'x')}}).statuses, ElementsAre(BUD_OK));
}

TEST_F(SpoolFaults, GarbageInTheMailboxIsSetAsideAndHoldsNobodyUp) {
  const std::string good = std::string("BUDSPOOL1\n\0\0\0\1\0\0\0\1", 18) + "G";
  write_text(batch(1), "garbage");
  write_text(batch(2), "");
  write_text(batch(3), good.substr(0, good.size() - 1));
  write_text(scratch.path / "secret", good);
  fs::create_symlink(scratch.path / "secret", batch(4));
  ASSERT_EQ(mkfifo(batch(5).c_str(), 0600), 0);
  fs::create_directory(batch(6));
  write_text(batch(7), "");
  fs::resize_file(batch(7), 1ull << 40);                    // a terabyte of holes
  fs::create_hard_link(scratch.path / "secret", batch(8));  // a file like any other
  write_text(box(bob) / "new" / "notes.txt", "foreign");
  write_text(batch(9), good);
  ASSERT_TRUE(bob.eventually([&] { return !bob.deliveries.empty(); }));
  std::vector<std::string> received;
  ASSERT_TRUE(bob.eventually([&] {
    for (const auto& d : std::exchange(bob.deliveries, {})) {
      received.insert(received.end(), d.copies.begin(), d.copies.end());
      bob.ack(d.cursor);
    }
    return received.size() == 2;
  }));
  EXPECT_THAT(received, ElementsAre("G", "G"));
  EXPECT_THAT(files_in(box(bob) / "new"), ElementsAre(box(bob) / "new" / "notes.txt"));
  EXPECT_EQ(files_in(box(bob) / "bad").size(), 7u);
  EXPECT_EQ(read_text(scratch.path / "secret"), good);
  EXPECT_GE(bob.log.size(), 7u);
}

TEST_F(SpoolFaults, AFloodOfGarbageDoesNotFillTheDiskNorHideTheMail) {
  for (int i = 0; i < 5000; ++i) write_text(batch(i), "garbage");
  write_text(batch(9999), std::string("BUDSPOOL1\n\0\0\0\1\0\0\0\1", 18) + "G");
  bob.advance(31'000);
  ASSERT_TRUE(bob.eventually([&] { return !bob.deliveries.empty(); }));
  EXPECT_THAT(bob.deliveries[0].copies, ElementsAre("G"));
  EXPECT_LE(files_in(box(bob) / "bad").size(), 100u);
}

TEST_F(SpoolFaults, WhatIsNoRecordIsSkipped) {
  const fs::path directory = folder / "directory" / "alice";
  write_text(scratch.path / "secret", "not for the network");
  fs::create_symlink(scratch.path / "secret", directory / "0000000000000001");
  ASSERT_EQ(mkfifo((directory / "0000000000000002").c_str(), 0600), 0);
  fs::create_directory(directory / "0000000000000003");
  write_text(directory / "0000000000000004", "");
  write_text(directory / "0000000000000005", std::string(64 * 1024 + 1, 'r'));
  write_text(directory / "README", "foreign");
  const Completed found = bob.lookup("alice");
  EXPECT_EQ(found.status, BUD_OK);
  EXPECT_THAT(found.records, ElementsAre("alice's record"));
  EXPECT_GE(bob.log.size(), 6u);
}

TEST_F(SpoolFaults, ALinkInPlaceOfAnAddressOrAMailboxIsNotFollowed) {
  ScratchFolder elsewhere;
  write_text(elsewhere.path / "0000000000000001", "planted");
  fs::create_directory_symlink(elsewhere.path, folder / "directory" / "carol");
  EXPECT_EQ(bob.lookup("carol").status, BUD_RETRY_LATER) << "neither followed nor empty";
  fs::create_directory(elsewhere.path / "new");
  fs::create_directory_symlink(elsewhere.path, folder / "mail" / "0000000000000001");
  EXPECT_THAT(alice.push({{"0000000000000001", "copy"}}).statuses, ElementsAre(BUD_RETRY_LATER));
  EXPECT_THAT(files_in(elsewhere.path / "new"), IsEmpty());
}

TEST_F(SpoolFaults, TooManyDevicesAreUnknownNotACut) {
  for (int i = 0; i < 300; ++i) {
    char name[17];
    std::snprintf(name, sizeof name, "%016x", static_cast<unsigned>(i));
    write_text(folder / "directory" / "alice" / name, "invented");
  }
  EXPECT_EQ(bob.lookup("alice").status, BUD_RETRY_LATER);
}

TEST_F(SpoolFaults, AnAckWhileTheFolderIsAwayCausesADoubleAtMost) {
  alice.push({{bob.device, "copy"}});
  ASSERT_TRUE(bob.eventually([&] { return !bob.deliveries.empty(); }));
  fs::rename(folder, scratch.path / "away");
  bob.lookup("alice");
  bob.ack(bob.deliveries[0].cursor);
  fs::rename(scratch.path / "away", folder);
  bob.advance(31'000);
  ASSERT_TRUE(bob.eventually([&] { return bob.deliveries.size() == 2; }));
  EXPECT_THAT(bob.deliveries[1].copies, ElementsAre("copy"));
  bob.ack(bob.deliveries[1].cursor);
  EXPECT_THAT(files_in(box(bob) / "new"), IsEmpty());
}

}  // namespace
}  // namespace spool::test
