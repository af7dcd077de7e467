// What the other side of a join may say, and must not be believed.
#include "core/joining.h"
#include "core/rows.h"
#include "core/session/ratchet.h"
#include "support/outcome.h"
#include "support/world.h"
#include "wire/content.h"
#include "wire/header.h"
#include "wire/plaintext.h"

#include <gtest/gtest.h>

namespace bud::test {
namespace {

using core::AccountState;

struct JoiningTest : ::testing::Test {
  World world;
  Device* laptop = &world.add("laptop", "alice");
  Device* phone = &world.add("phone", "alice");
  Device* tablet = &world.add("tablet", "alice");
  crypto::SeededRandom random{crypto::Secret<32>()};
  std::string deaf;  // the device that nothing comes to

  void SetUp() override {
    ASSERT_TRUE((*laptop)->create_account("Alice"));
    world.settle();
    world.join(*laptop, *phone);
    world.network.tamper = [this](const std::string& device, Bytes copy) -> std::vector<Bytes> {
      if (device == deaf) return {};
      return {copy};
    };
    ASSERT_TRUE((*laptop)->open_join_window(minutes(5)));
    ASSERT_TRUE((*tablet)->begin_join("spool:alice"));
  }
  AccountId alice() { return (*laptop)->account()->account; }
  static DeviceId id(Device* d) { return (*d)->account()->device; }

  // By whoever holds that end of a session, to `to`; it goes on from there.
  Bytes seal(core::Session& session, Device* to, wire::ContentKind kind, wire::ContentBody body) {
    wire::Content c;
    c.kind = kind;
    random.fill(c.id.bytes);
    c.time = world.clock.time;
    c.body = std::move(body);
    wire::Plaintext p;
    p.content = wire::encode(c);
    p.hash = wire::content_hash(p.content);
    return *core::seal(session, {wire::MessageClass::silent, 0, wire::recipient_tag(id(to)), world.clock.time},
                       wire::encode_padded(p).expose(), random);
  }
  void deliver(Device* to, const Bytes& copy) { ASSERT_TRUE((*to)->deliver("spool", {&copy, 1}, Bytes{9})); }
  bool ready() { return (*laptop)->join_requests()->at(0).ready; }
  // The people carry both codes.
  void confirm() {
    const std::string second = *(*laptop)->approve_join((*laptop)->join_requests()->at(0).id, (*tablet)->join_status()->code);
    ASSERT_TRUE((*tablet)->confirm_join(second));
  }
  void look_up(Device* d) { world.look_up(*d, "alice"); }
  // As the directory has it of that device.
  std::vector<Bytes> ledger_of(Device* d) {
    world.settle();
    return wire::decode_and_verify_record(world.network.directory["alice"][d->name])->body.entries;
  }
};

// Seed 1585 of the simulator: a clock that was set back by weeks held the window open for as long.
TEST_F(JoiningTest, AClockThatIsSetBackClosesTheWindow) {
  (void)(*tablet)->cancel_join();
  world.clock.time.ms -= days(20).ms;
  ASSERT_TRUE((*tablet)->begin_join("spool:alice"));
  world.settle();
  EXPECT_TRUE((*laptop)->join_requests()->empty());
  ASSERT_TRUE((*laptop)->tick());
  world.clock.time.ms += days(20).ms;
  look_up(laptop);
  world.settle();
  EXPECT_TRUE((*laptop)->join_requests()->empty());
  ASSERT_TRUE((*laptop)->open_join_window(minutes(5)));
  world.settle();
  EXPECT_EQ((*laptop)->join_requests()->size(), 1u);
}

// A device that chose its nonce after it saw the sponsor's could choose the code that both show.
TEST_F(JoiningTest, ANonceThatWasNotCommittedToIsNotTaken) {
  deaf = "laptop";  // what the tablet really answers is held back
  world.settle();
  const Bytes real = world.network.all_mail.back();
  core::Session session = tablet->session_with(alice(), id(laptop));
  wire::JoinNonce other;
  random.fill(other.bytes);
  deliver(laptop, seal(session, laptop, wire::ContentKind::join_reveal, wire::JoinReveal{other}));
  EXPECT_FALSE(ready());
  deliver(laptop, real);
  EXPECT_TRUE(ready());
}

TEST_F(JoiningTest, WhoIsRejectedIsSentNothingMore) {
  (void)tablet->step();
  look_up(laptop);
  const auto queued = [&] {
    std::size_t n = 0;
    const std::vector<core::OutboxItem> outbox = *(*laptop)->outbox("spool", 0, 100, 1 << 20);
    for (const core::OutboxItem& item : outbox)
      n += wire::decode_copy(item.envelope)->header.recipient == wire::recipient_tag(id(tablet)) ? 1 : 0;
    return n;
  };
  ASSERT_EQ(queued(), 1u);
  ASSERT_TRUE((*laptop)->reject_join((*laptop)->join_requests()->at(0).id));
  EXPECT_EQ(queued(), 0u);
}

TEST_F(JoiningTest, WhoWasLetInByAnotherDeviceIsNotForgottenWithTheRequest) {
  world.settle();
  ASSERT_TRUE((*phone)->open_join_window(minutes(5)));
  look_up(phone);  // it offers too
  ASSERT_EQ((*phone)->join_requests()->size(), 1u);
  world.settle();
  confirm();
  world.settle();
  ASSERT_EQ((*tablet)->account()->state, AccountState::member);
  look_up(phone);
  const auto known = [&] {
    return phone->storage.get(core::Table::peers, core::key::device(alice(), id(tablet)))->has_value();
  };
  ASSERT_TRUE(known());
  ASSERT_TRUE((*phone)->close_join_window());
  EXPECT_TRUE((*phone)->join_requests()->empty());
  EXPECT_TRUE(known());
}

// A number that somebody still has on the screen leads to the request that it stood beside, or to none.
TEST_F(JoiningTest, EachRequestHasANumberOfItsOwn) {
  world.settle();
  const std::uint64_t first = (*laptop)->join_requests()->at(0).id;
  ASSERT_TRUE((*laptop)->reject_join(first));
  world.settle();
  ASSERT_EQ((*laptop)->join_requests()->size(), 1u);  // it still asks
  EXPECT_NE((*laptop)->join_requests()->at(0).id, first);
  EXPECT_EQ(code((*laptop)->reject_join(first)), Errc::not_found);
}

TEST_F(JoiningTest, ItsBeginningAndItsEndAreAnnounced) {
  tablet->joins_told = 0;
  ASSERT_TRUE((*tablet)->cancel_join());
  EXPECT_EQ(tablet->joins_told, 1u);
  ASSERT_TRUE((*tablet)->begin_join("spool:alice"));
  EXPECT_EQ(tablet->joins_told, 2u);
}

TEST_F(JoiningTest, AMemberHasNoJoinToCancel) {
  EXPECT_EQ(code((*phone)->cancel_join()), Errc::not_found);
  EXPECT_EQ((*phone)->account()->state, AccountState::member);
}

TEST_F(JoiningTest, NothingIsDueForAWindowThatIsClosed) {
  (void)(*tablet)->cancel_join();
  ASSERT_TRUE((*laptop)->tick());
  EXPECT_LE((*laptop)->next_due(), world.clock.time + seconds(2));
  ASSERT_TRUE((*laptop)->close_join_window());
  world.settle();
  ASSERT_TRUE((*laptop)->tick());
  EXPECT_GT((*laptop)->next_due(), world.clock.time + seconds(2));
}

TEST_F(JoiningTest, WhoADeviceLetInBeforeItWasRemovedStays) {
  (void)(*tablet)->cancel_join();
  ASSERT_TRUE((*laptop)->close_join_window());
  Device& watch = world.add("watch", "alice");
  world.join(*phone, watch);
  look_up(laptop);
  ASSERT_TRUE((*laptop)->revoke_device(id(phone)));
  world.settle();
  for (Device* d : {laptop, &watch}) {
    std::set<DeviceId> active;
    const std::vector<core::DeviceInfo> devices = *(*d)->devices(alice());
    for (const core::DeviceInfo& one : devices)
      if (one.active) active.insert(one.device);
    EXPECT_EQ(active, (std::set<DeviceId>{id(laptop), id(&watch)})) << d->name;
  }
}

TEST_F(JoiningTest, EachEntryHasTheTimeOfItsSigning) {
  const Time begun{1'800'000'000'000};  // the clock's first
  ASSERT_TRUE((*laptop)->revoke_device(id(phone)));
  const std::vector<Bytes> entries = ledger_of(laptop);
  ASSERT_GE(entries.size(), 4u);  // genesis, its claim, the phone, its end
  for (const Bytes& e : entries) {
    const wire::Entry entry = *wire::decode_and_verify_entry(e);
    EXPECT_GE(entry.body().time, begun);
    EXPECT_LE(entry.body().time, world.clock.time);
  }
}

TEST_F(JoiningTest, AWelcomeWithoutTheNewDeviceIsNone) {
  world.settle();
  confirm();
  deaf = "tablet";
  const std::vector<Bytes> before = ledger_of(phone);
  core::Session session = laptop->session_with(alice(), id(tablet));
  deliver(tablet, seal(session, tablet, wire::ContentKind::join_welcome, wire::JoinWelcome{before, "Alice", {}}));
  EXPECT_EQ((*tablet)->account()->state, AccountState::joining);
}

// The sponsor was removed since: whoever it let in came in by nobody.
TEST_F(JoiningTest, AWelcomeFromARemovedSponsorIsNone) {
  world.settle();
  confirm();
  deaf = "tablet";
  world.settle();
  core::Session session = laptop->session_with(alice(), id(tablet));
  look_up(phone);
  ASSERT_EQ((*phone)->devices(alice())->size(), 3u);
  ASSERT_TRUE((*phone)->revoke_device(id(laptop)));
  const std::vector<Bytes> after = ledger_of(phone);
  deliver(tablet, seal(session, tablet, wire::ContentKind::join_welcome, wire::JoinWelcome{after, "Alice", {}}));
  EXPECT_EQ((*tablet)->account()->state, AccountState::joining);
}

}  // namespace
}  // namespace bud::test
