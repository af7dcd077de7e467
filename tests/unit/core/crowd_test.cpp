// A group of many accounts with several devices each, over a network that delays, reorders, doubles and loses, while members
// come, leave, are put out, and devices are revoked.
#include "support/shown.h"
#include "wire/header.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

namespace bud::test {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t people = 10, devices_each = 2, begin_with = 7;
#else
constexpr std::size_t people = 50, devices_each = 3, begin_with = 40;
#endif
constexpr std::size_t messages = 100;

struct Person {
  std::string address;
  std::vector<Device*> devices;
  std::set<Device*> revoked;
  AccountId account;
};

struct Said {
  MessageId id;
  AccountId author;
  std::string text;
  std::set<AccountId> inside;  // by its author's view, with the author
};

class Crowd : public ::testing::Test {
 protected:
  Crowd() {
    world.network.tamper = [this](const std::string& device, Bytes copy) -> std::vector<Bytes> {
      if (calm) return {std::move(copy)};
      const std::size_t roll = dice() % 100;
      if (roll < 2) return {};  // pushed again after hours
      if (roll < 5) under_way.emplace_back(device, copy);
      under_way.emplace_back(device, std::move(copy));
      return {};
    };
  }

  void meet_all() {
    for (std::size_t p = 0; p < people; ++p) {
      Person person{"p" + std::to_string(p), {}, {}, {}};
      for (std::size_t d = 0; d < devices_each; ++d) {
        Device& device = world.add(person.address + "-" + std::to_string(d), person.address);
        if (d == 0) {
          ASSERT_TRUE(device->create_account(person.address));
          person.account = device->account()->account;
          run({&device});
        } else {
          join(*person.devices[0], device);
        }
        person.devices.push_back(&device);
      }
      // Each knows the others: what a device does not know of falls with the one that let it in.
      for (Device* d : person.devices) world.look_up(*d, person.address);
      run(person.devices);
      all.push_back(std::move(person));
    }
  }
  // As World::join, of two devices alone: the others have nothing to do with it.
  void join(Device& sponsor, Device& joiner) {
    ASSERT_TRUE(sponsor->open_join_window(minutes(5)));
    ASSERT_TRUE(joiner->begin_join("spool:" + joiner.address));
    run({&sponsor, &joiner});
    const std::string code = joiner->join_status()->code;
    const auto second = sponsor->approve_join(sponsor->join_requests()->front().id, code);
    ASSERT_TRUE(second);
    ASSERT_TRUE(joiner->confirm_join(*second));
    run({&sponsor, &joiner});
    ASSERT_TRUE(sponsor->close_join_window());
    run({&sponsor, &joiner});
  }
  void run(const std::vector<Device*>& some) {
    for (int quiet = 0; quiet < 3;) {
      bool moved = false;
      for (Device* d : some) moved = d->step() || moved;
      world.advance(seconds(1));
      quiet = moved ? 0 : quiet + 1;
    }
  }
  std::vector<Device*> everyone() {
    std::vector<Device*> out;
    for (Person& p : all) out.insert(out.end(), p.devices.begin(), p.devices.end());
    return out;
  }
  // A part of what is under way arrives, in any order.
  void some_time() {
    std::shuffle(under_way.begin(), under_way.end(), dice);
    const std::size_t arrives = under_way.size() * (dice() % 100) / 100;
    for (std::size_t i = 0; i < arrives; ++i) {
      world.network.mail[under_way.back().first].push_back(std::move(under_way.back().second));
      under_way.pop_back();
    }
    for (Device* d : everyone()) (void)d->step();
    world.advance(seconds(5));
  }
  void calm_down() {
    calm = true;
    for (auto& [device, copy] : std::exchange(under_way, {})) world.network.mail[device].push_back(std::move(copy));
    const std::vector<Device*> devices = everyone();
    run(devices);
    for (const Duration pause : {minutes(3), hours(7), hours(13), hours(25), hours(49)}) {
      world.advance(pause);
      run(devices);
    }
  }

  Person& anybody() { return all[dice() % all.size()]; }
  Device* device_of(Person& p) {
    std::vector<Device*> still;
    for (Device* d : p.devices)
      if (!p.revoked.contains(d)) still.push_back(d);
    return still[dice() % still.size()];
  }
  bool inside(Device& d) {
    const auto info = d->thread(group);
    return info && info->in;
  }
  // Somebody who is in, as far as they know.
  Device* insider() {
    for (;;) {
      Device* d = device_of(anybody());
      if (inside(*d)) return d;
    }
  }
  Person& whose(const AccountId& account) {
    for (Person& p : all)
      if (p.account == account) return p;
    std::abort();
  }

  void change() {
    switch (dice() % 8) {
      case 0:
      case 1:
        for (Person& p : all) {  // who is not in comes in, by somebody who has met them
          Device& creator = *all[0].devices[0];
          const core::ThreadInfo info = *creator->thread(group);
          if (&p == &all[0] || std::find(info.members.begin(), info.members.end(), p.account) != info.members.end()) continue;
          if (all[0].revoked.contains(&creator) || !creator->add_member(group, p.account, false)) continue;
          ++added;
          return;
        }
        return;
      case 2: {
        Device& creator = *all[0].devices[0];
        const core::ThreadInfo info = *creator->thread(group);
        const AccountId& who = info.members[dice() % info.members.size()];
        if (creator->remove_member(group, who)) ++put_out;
        return;
      }
      case 3: {
        Device* d = insider();
        if (d->address != "p0" && (*d)->leave_group(group)) ++left;
        return;
      }
      case 4: {
        Person& p = anybody();
        if (p.devices.size() - p.revoked.size() < 2 || &p == &all[0]) return;
        Device* gone = device_of(p);
        Device* by = device_of(p);
        if (gone == by || !(*by)->revoke_device((*gone)->account()->device)) return;
        p.revoked.insert(gone);
        ++revoked;
        return;
      }
      default:
        return;
    }
  }

  void say() {
    Device* d = insider();
    const std::string text = "message " + std::to_string(said.size()) + " of " + d->name;
    const auto id = (*d)->send(group, text, "");
    if (!id) return;
    Said s{*id, (*d)->account()->account, text, {}};
    s.inside.insert(s.author);
    const core::ThreadInfo info = *(*d)->thread(group);
    s.inside.insert(info.members.begin(), info.members.end());
    said.push_back(std::move(s));
  }

  World world;
  std::mt19937_64 dice{4711};
  std::vector<Person> all;
  std::vector<std::pair<std::string, Bytes>> under_way;
  bool calm = true;
  ThreadId group;
  std::vector<Said> said;
  std::size_t added = 0, put_out = 0, left = 0, revoked = 0;
};

// Every copy that ever opened on a device has a row of its own.
std::size_t opened(Device& d) {
  std::size_t n = 0;
  EXPECT_TRUE(d.storage.scan(core::Table::seen, {}, [&](std::uint64_t, Result<crypto::SecretBytes>) {
    ++n;
    return true;
  }));
  return n;
}

std::string without_gaps(const core::MessageInfo& m) {
  core::MessageInfo plain = m;
  plain.missing = 0;
  return shown(plain);
}

TEST_F(Crowd, EverybodyInsideShowsAllAndNobodyElseAnything) {
  ASSERT_NO_FATAL_FAILURE(meet_all());
  Device& creator = *all[0].devices[0];
  std::vector<AccountId> first;
  for (std::size_t p = 1; p < people; ++p) {
    world.thread(creator, "spool:" + all[p].address);
    if (p < begin_with) first.push_back(all[p].account);
  }
  const auto made = creator->create_group("the crowd", {}, first);
  ASSERT_TRUE(made) << made.error().text;
  group = *made;
  run(everyone());
  calm = false;
  const auto started = std::chrono::steady_clock::now();
  const std::size_t sent_before = world.network.all_mail.size();
  while (said.size() < messages) {
    change();
    say();
    some_time();
  }
  calm_down();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;

  // The roster is the same wherever the account is in it.
  const core::ThreadInfo final = *creator->thread(group);
  std::set<AccountId> members(final.members.begin(), final.members.end());
  members.insert(all[0].account);
  std::map<MessageId, std::string> lines;  // as anybody shows it
  std::size_t compared = 0, shown_lines = 0, doubtful = 0;
  for (Person& p : all) {
    for (Device* d : p.devices) {
      if ((*d)->account()->state == core::AccountState::removed) continue;
      const auto info = (*d)->thread(group);
      const bool in = info && info->in;
      EXPECT_EQ(in, members.contains(p.account)) << d->name;
      std::map<MessageId, std::string> here;
      const auto listed = (*d)->messages(group, 0, 10'000);
      if (!listed) continue;
      for (const core::MessageInfo& m : *listed) {
        here[m.id] = without_gaps(m);
        ++shown_lines;
        const auto [at, fresh] = lines.emplace(m.id, here[m.id]);
        EXPECT_EQ(at->second, here[m.id]) << d->name;
      }
      for (const Said& s : said) {
        if (!s.inside.contains(p.account)) {
          EXPECT_FALSE(here.contains(s.id)) << d->name << " shows " << s.text << " and was not in";
          continue;
        }
        if (!in) continue;
        if (members.contains(s.author)) {
          EXPECT_TRUE(here.contains(s.id)) << d->name << " does not show " << s.text;
        } else if (!here.contains(s.id)) {
          ++doubtful;
        }
        ++compared;
      }
    }
  }
  // What somebody who is out by now has said is shown by all who were in, or by none.
  for (const Said& s : said) {
    if (members.contains(s.author)) continue;
    std::set<bool> answers;
    for (Person& p : all) {
      if (!s.inside.contains(p.account) || !members.contains(p.account)) continue;
      for (Device* d : p.devices)
        if ((*d)->account()->state == core::AccountState::member) answers.insert((*d)->message(s.id).has_value());
    }
    EXPECT_LE(answers.size(), 1u) << s.text << " is shown by some only";
  }
  std::printf("%zu accounts, %zu devices; %zu messages, %zu copies; %zu came, %zu were put out, %zu left, %zu devices revoked; "
              "%zu lines shown, %zu compared, %zu of former members not shown; %.1f s\n",
              all.size(), everyone().size(), said.size(), world.network.all_mail.size() - sent_before, added, put_out, left, revoked,
              shown_lines, compared, doubtful, took.count());
  EXPECT_GT(added, 0u);
  EXPECT_GT(put_out + left, 0u);
  EXPECT_GT(revoked, 0u);

  // Nobody outside opens anything with the keys that they really have: not even a copy that is turned over to them.
  std::size_t tried = 0;
  for (Person& p : all) {
    if (members.contains(p.account)) continue;
    for (Device* d : p.devices) {
      const std::size_t before = opened(*d);
      const wire::RecipientTag tag = wire::recipient_tag((*d)->account()->device);
      for (std::size_t i = world.network.all_mail.size(); i-- > 0 && i + 300 > world.network.all_mail.size();) {
        Bytes copy = world.network.all_mail[i];
        if (wire::decode_copy(copy)->header.recipient == tag) continue;
        ASSERT_TRUE((*d)->deliver("spool", {&copy, 1}, Bytes{9}));
        std::copy(tag.bytes.begin(), tag.bytes.end(), copy.begin() + 7);  // PROTOCOL.md, 14: behind version, type, class, ttl
        ASSERT_EQ(wire::decode_copy(copy)->header.recipient, tag);
        ASSERT_TRUE((*d)->deliver("spool", {&copy, 1}, Bytes{9}));
        ++tried;
      }
      EXPECT_EQ(opened(*d), before) << d->name;
    }
  }
  EXPECT_GT(tried, 0u);
  std::printf("%zu copies tried by those outside, none opened\n", tried);
}

}  // namespace
}  // namespace bud::test
