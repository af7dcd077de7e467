// What registers mean to a person: names, blocking, muting, drafts, settings and alerts, said on one device and so on
// all.
#include "two_devices.h"

namespace bud::test {
namespace {

struct OwnState : TwoDevices {};

TEST_F(OwnState, WhatIsSaidOnOneDeviceIsSoOnTheOther) {
  phone->contacts_told.clear();
  phone->threads_told.clear();
  ASSERT_TRUE((*laptop)->set_contact_name(bob(), "Bobby"));
  ASSERT_TRUE((*laptop)->set_verified(bob(), true));
  ASSERT_TRUE((*laptop)->set_muted(thread, core::always));
  ASSERT_TRUE((*laptop)->set_pinned(thread, true));
  ASSERT_TRUE((*laptop)->set_archived(thread, true));
  ASSERT_TRUE((*laptop)->set_draft(thread, "I was going to"));
  set(laptop, "client.theme", "dark");
  world.settle();
  EXPECT_TRUE(phone->contacts_told.contains(bob()));
  EXPECT_TRUE(phone->threads_told.contains(thread));
  for (Device* d : {laptop, phone}) {
    const core::ContactInfo contact = *(*d)->contact(bob());
    EXPECT_EQ(contact.name, "Bobby") << d->name;
    EXPECT_EQ(contact.own_name, "Bobby");
    EXPECT_TRUE(contact.verified);
    const core::ThreadInfo info = *(*d)->thread(thread);
    EXPECT_EQ(info.name, "Bobby");
    EXPECT_EQ(info.muted_until, core::always);
    EXPECT_TRUE(info.pinned);
    EXPECT_TRUE(info.archived);
    EXPECT_EQ(info.draft, "I was going to");
    EXPECT_EQ(*(*d)->draft(thread), "I was going to");
    EXPECT_EQ(get(d, "client.theme"), "dark");
  }
  ASSERT_TRUE((*phone)->set_contact_name(bob(), ""));
  ASSERT_TRUE((*phone)->set_verified(bob(), false));
  ASSERT_TRUE((*phone)->set_muted(thread, {}));
  ASSERT_TRUE((*phone)->set_pinned(thread, false));
  ASSERT_TRUE((*phone)->set_archived(thread, false));
  ASSERT_TRUE((*phone)->set_draft(thread, ""));
  set(phone, "client.theme", "");
  world.settle();
  for (Device* d : {laptop, phone}) {
    const core::ContactInfo contact = *(*d)->contact(bob());
    EXPECT_EQ(contact.name, "Bob") << "as his devices say";
    EXPECT_TRUE(contact.own_name.empty());
    EXPECT_FALSE(contact.verified);
    const core::ThreadInfo info = *(*d)->thread(thread);
    EXPECT_EQ(info.muted_until, Time{});
    EXPECT_FALSE(info.pinned || info.archived);
    EXPECT_TRUE(info.draft.empty() && get(d, "client.theme").empty());
  }
}

TEST_F(OwnState, WhatIsSoAlreadyIsNotSaid) {
  set(laptop, "a", "1");
  world.settle();
  const std::size_t before = world.network.all_mail.size();
  set(laptop, "a", "1");
  set(laptop, "never", "");
  ASSERT_TRUE((*laptop)->set_pinned(thread, false));
  world.settle();
  EXPECT_EQ(world.network.all_mail.size(), before);
}

TEST_F(OwnState, WhatCannotBeSetIsRefusedInWords) {
  const AccountId nobody;
  EXPECT_EQ(code((*laptop)->set_contact_name(nobody, "x")), Errc::not_found);
  EXPECT_EQ(code((*laptop)->set_blocked(alice(), true)), Errc::not_found);
  EXPECT_EQ(code((*laptop)->set_pinned({}, true)), Errc::not_found);
  EXPECT_EQ(code((*laptop)->draft({})), Errc::not_found);
  EXPECT_EQ(code((*laptop)->set_contact_name(bob(), std::string(129, 'x'))), Errc::malformed);
  EXPECT_EQ(code((*laptop)->set_contact_name(bob(), "\xff")), Errc::malformed);
  EXPECT_EQ(code((*laptop)->set_draft(thread, "\xff")), Errc::malformed);
  EXPECT_EQ(code((*laptop)->set_draft(thread, std::string(wire::max_register_value + 1, 'x'))), Errc::too_large);
  EXPECT_EQ(code((*laptop)->set_setting("Capital", as_bytes("x"))), Errc::malformed);
  EXPECT_EQ(code((*laptop)->set_setting("", as_bytes("x"))), Errc::malformed);
  EXPECT_EQ(code((*laptop)->set_setting(std::string(65, 'x'), as_bytes("x"))), Errc::malformed);
  EXPECT_EQ(code((*laptop)->set_setting("x", Bytes(wire::max_register_value + 1))), Errc::too_large);
  ASSERT_TRUE((*laptop)->revoke_device(id(phone)));
  world.settle();
  world.look_up(*phone, "alice");
  EXPECT_EQ(code((*phone)->set_setting("x", as_bytes("x"))), Errc::not_allowed);
}

TEST_F(OwnState, ThereIsRoomForSoManySettings) {
  for (int i = 0; i < 256; ++i) set(laptop, "s" + std::to_string(i), "x");
  EXPECT_EQ(code((*laptop)->set_setting("one-more", as_bytes("x"))), Errc::too_large);
  set(laptop, "s7", "another value");
  world.settle();
  EXPECT_EQ(get(phone, "s255"), "x");
  // Only one that was taken back makes room, and only once it is the oldest.
  set(laptop, "s0", "");
  EXPECT_EQ(code((*laptop)->set_setting("one-more", as_bytes("x"))), Errc::too_large);
}

// What is said of somebody or something that is not known yet applies once it is.
TEST_F(OwnState, TheyApplyToWhatBecomesKnownLater) {
  Device& tablet = world.add("tablet", "alice");
  ASSERT_TRUE((*laptop)->set_contact_name(bob(), "Bobby"));
  ASSERT_TRUE((*laptop)->set_verified(bob(), true));
  ASSERT_TRUE((*laptop)->set_muted(thread, core::always));
  world.join(*laptop, tablet);
  ASSERT_EQ(code(tablet->contact(bob())), Errc::not_found);
  world.look_up(*desktop, "alice");
  ASSERT_TRUE((*desktop)->send(thread, "now you know me", ""));
  world.settle();
  ASSERT_TRUE(tablet->contact(bob()));
  EXPECT_EQ(tablet->contact(bob())->name, "Bobby");
  EXPECT_TRUE(tablet->contact(bob())->verified);
  EXPECT_EQ(tablet->thread(thread)->muted_until, core::always);
}

TEST_F(OwnState, ABlockedAccountIsNotShownAndHearsNothing) {
  ASSERT_TRUE((*laptop)->set_blocked(bob(), true));
  world.settle();
  EXPECT_TRUE((*phone)->contact(bob())->blocked);
  const std::size_t before = world.network.all_mail.size();
  const MessageId said = *(*desktop)->send(thread, "are you there?", "");
  const std::uint64_t events = *(*laptop)->last_event();
  world.settle();
  EXPECT_EQ(copies_for(desktop, before), 0u);
  EXPECT_EQ(*(*laptop)->last_event(), events);
  for (Device* d : {laptop, phone}) EXPECT_EQ(d->texts(thread).back(), "hello");
  const core::MessageInfo info = *(*desktop)->message(said);
  for (const core::DeliveryInfo& d : info.deliveries) EXPECT_EQ(d.state, core::DeliveryState::pushed);

  // One who posed as his device raises no alert either.
  RawSender ghost(world, 77);
  const auto record = wire::decode_and_verify_record(world.network.directory["bob"]["desktop"]);
  std::vector<Bytes> entries;
  for (const wire::Entry& e : record->entries) entries.push_back(e.bytes());
  world.network.directory["bob"]["ghost"] = ghost.record(bob(), "spool:bob", record->body.opening, entries);
  world.look_up(*laptop, "bob");
  EXPECT_TRUE(laptop->alerts_of(AlertKind::unlisted_device).empty());

  // What was said meanwhile is not shown later, although it is pushed again, and sealed anew.
  ASSERT_TRUE((*phone)->set_blocked(bob(), false));
  world.settle();
  for (int i = 0; i < 8; ++i) {
    world.advance(hours(7));
    world.settle();
  }
  ASSERT_TRUE((*desktop)->send(thread, "and now?", ""));
  world.settle();
  for (Device* d : {laptop, phone})
    EXPECT_EQ(d->texts(thread), (std::vector<std::string>{"hello", "hello", "and now?"})) << d->name;
}

TEST_F(OwnState, AnAlertIsAnsweredOnce) {
  RawSender ghost(world, 77);
  const auto record = wire::decode_and_verify_record(world.network.directory["alice"]["laptop"]);
  std::vector<Bytes> entries;
  for (const wire::Entry& e : record->entries) entries.push_back(e.bytes());
  world.network.directory["alice"]["ghost"] = ghost.record(alice(), "spool:alice", record->body.opening, entries);
  const auto alert = [&](Device* d) { return d->alerts_of(AlertKind::unlisted_device).back(); };
  for (Device* d : {laptop, phone}) {
    world.look_up(*d, "alice");
    ASSERT_FALSE(alert(d).acknowledged) << d->name;
  }
  world.advance(seconds(1));
  ASSERT_TRUE((*laptop)->acknowledge_alert(alert(laptop).id));
  world.settle();
  EXPECT_TRUE(alert(phone).acknowledged);
  EXPECT_EQ(code((*laptop)->acknowledge_alert(99'999)), Errc::not_found);
  // What is raised after the answer waits for another.
  world.look_up(*phone, "alice");
  ASSERT_FALSE(alert(phone).acknowledged);
  set(laptop, "a", "1");
  world.settle();
  EXPECT_FALSE(alert(phone).acknowledged);
}

}  // namespace
}  // namespace bud::test
