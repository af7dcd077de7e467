// Whatever happens to the devices of an account and to the copies between them, they have the same registers in the
// end, byte for byte, and none that was here when the partitions healed has been lost.
#include "core/rows.h"
#include "support/seeded_random.h"
#include "support/world.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

namespace bud::test {
namespace {

constexpr std::size_t most_devices = 8;
constexpr Duration longest_healing = days(10);

using RegisterKey = std::pair<std::uint8_t, Bytes>;
using RegisterValue = std::tuple<std::uint64_t, DeviceId, Bytes>;
using State = std::map<RegisterKey, RegisterValue>;

State registers_of(MemoryStorage& storage) {
  State state;
  const Result<> read =
      core::each<core::RegisterRow>(storage, core::Table::registers, {}, [&](std::uint64_t, core::RegisterRow& row) {
        wire::Register& r = row.value;
        state[{static_cast<std::uint8_t>(r.kind), r.subject}] = {r.lamport, r.device, r.value};
        return true;
      });
  if (!read) std::abort();
  return state;
}

// The devices of one person, beginning as each seed says; Bob, whom they know, is away.
class Household {
 public:
  Household() {
    crypto::initialize();
    Device& bob = world_.add("bob", "bob");
    if (!bob->create_account("Bob")) std::abort();
    world_.settle();
    bob.off = true;
    bob_ = (*bob->account()).account;
    world_.network.tamper = [this](const std::string& to, Bytes copy) { return on_its_way(to, std::move(copy)); };
    for (std::size_t n = 0; n < most_devices; ++n) {
      Device& device = world_.add("d" + std::to_string(n), "alice");
      if (n == 0) {
        if (!device->create_account("Alice")) std::abort();
        world_.settle();
        thread_ = world_.thread(device, "spool:bob");
      } else {
        fresh_.push_back(std::make_shared<MemoryStorage>(device.storage));
        world_.join(*world_.devices[1], device);
      }
      // So that each of them knows Bob.
      if (!(*world_.devices[1])->send(thread_, "hello", "")) std::abort();
      world_.settle();
      Base base{{}, world_.network.directory, world_.clock.time};
      for (std::size_t i = 0; i <= n; ++i) base.stores.push_back(std::make_shared<MemoryStorage>(device_at(i).storage));
      bases_.push_back(std::move(base));
    }
  }

  // True where they agree in the end.
  void live(std::uint64_t seed) {
    begin(seed);
    for (std::uint64_t steps = 25 + dice_.below(20); steps > 0; --steps) something_happens();
    if (dice_.below(8) == 0) link();
    check_the_end(seed);
  }

  struct Figures {
    std::size_t devices = 0, edits = 0, crashes = 0, put_back = 0, linked = 0, removed = 0, lost = 0, withheld = 0,
                doubled = 0;
    std::map<std::uint64_t, int> hours;
  } figures;

 private:
  struct Base {
    std::vector<std::shared_ptr<const MemoryStorage>> stores;
    decltype(Network::directory) directory;
    Time time;
  };
  struct Member {
    std::size_t index = 0;
    std::size_t group = 0;  // of a partition
    std::vector<std::shared_ptr<const MemoryStorage>> snapshots;
  };

  Device& device_at(std::size_t index) { return *world_.devices[1 + index]; }
  Member& any() { return members_[dice_.below(members_.size())]; }

  void begin(std::uint64_t seed) {
    dice_ = SeededRandom(seed);
    calm_ = false;
    linked_ = removed_ = 0;
    withheld_.clear();
    world_.network.mail.clear();
    world_.network.all_mail.clear();
    members_.clear();
    // Up to eight, of which one is linked; few more often than many.
    const std::size_t n =
        2 + std::min({dice_.below(most_devices - 1), dice_.below(most_devices - 1), dice_.below(most_devices - 1)});
    const Base& base = bases_[n - 1];
    world_.network.directory = base.directory;
    world_.clock.time = base.time;
    for (std::size_t i = 0; i < most_devices; ++i) {
      device_at(i).off = i >= n;
      if (i >= n) continue;
      members_.push_back({i, 0, {}});
      put(device_at(i), *base.stores[i]);
      keep_snapshot(members_.back());
    }
    figures.devices += n;
  }

  void put(Device& device, const MemoryStorage& store) {
    device.engine.reset();
    device.storage = store;
    device.restart();
  }
  void keep_snapshot(Member& m) { m.snapshots.push_back(std::make_shared<MemoryStorage>(device_at(m.index).storage)); }

  // --- the network ---
  std::vector<Bytes> on_its_way(const std::string& to, Bytes copy) {
    if (calm_) return {std::move(copy)};
    const auto receiver =
        std::find_if(members_.begin(), members_.end(), [&](const Member& m) { return device_at(m.index).name == to; });
    if (receiver == members_.end()) return {};
    if (receiver->group != speaking_group_ || dice_.below(6) == 0) {
      ++figures.withheld;
      withheld_.emplace_back(to, std::move(copy));
      return {};
    }
    switch (dice_.below(8)) {
      case 0:
        ++figures.lost;
        return {};
      case 1:
        ++figures.doubled;
        return {copy, copy};
      default:
        return {std::move(copy)};
    }
  }
  // The last first, so that they come in another order.
  void release(std::size_t most) {
    for (; most > 0 && !withheld_.empty(); --most) {
      const std::size_t i = dice_.below(withheld_.size());
      world_.network.mail[withheld_[i].first].push_back(std::move(withheld_[i].second));
      std::swap(withheld_[i], withheld_.back());
      withheld_.pop_back();
    }
  }

  // --- what happens ---
  void something_happens() {
    Member& m = any();
    switch (dice_.below(16)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        return edit(device_at(m.index));
      case 5:
      case 6:
      case 7:
      case 8:
        return (void)step(m);
      case 9:
        return crash(m);
      case 10:
        for (Member& each : members_) each.group = dice_.below(2);
        return;
      case 11:
        for (Member& each : members_) each.group = 0;
        return;
      case 12:
        return release(1 + dice_.below(8));
      case 13:
        return pass_time();
      case 14:
        if (dice_.below(2) == 0) return keep_snapshot(m);
        ++figures.put_back;
        return put(device_at(m.index), *m.snapshots[dice_.below(m.snapshots.size())]);
      default:
        if (dice_.below(4) != 0) return;
        return dice_.below(2) == 0 ? link() : remove();
    }
  }

  void edit(Device& device) {
    ++figures.edits;
    const std::string value =
        dice_.below(4) == 0 ? "" : std::string(1 + dice_.below(40), static_cast<char>('a' + dice_.below(26)));
    const bool set = dice_.below(2) == 0;
    Result<> done;
    switch (dice_.below(8)) {
      case 0:
        done = device->set_contact_name(bob_, value);
        break;
      case 1:
        done = device->set_blocked(bob_, set);
        break;
      case 2:
        done = device->set_muted(thread_, set ? core::always : Time{});
        break;
      case 3:
        done = device->set_draft(thread_, value);
        break;
      default:
        done = device->set_setting(std::string("s.") + static_cast<char>('0' + dice_.below(10)), as_bytes(value));
        break;
    }
    // A device that was let in just now knows nobody yet.
    EXPECT_TRUE(done || done.error().code == Errc::not_found) << done.error().text;
  }

  bool step(Member& m) {
    speaking_group_ = m.group;
    return device_at(m.index).step();
  }

  // In the middle of whatever it does: what it was doing is not on disk, and all that it knew beside the disk is gone.
  void crash(Member& m) {
    ++figures.crashes;
    Device& device = device_at(m.index);
    if (dice_.below(2) == 0)
      device.storage.fail_operation(1 + dice_.below(150));
    else
      device.storage.fail_commit(1 + dice_.below(4));
    (void)step(m);
    device.storage.fail_operation(0);
    device.storage.fail_commit(0);
    device.restart();
  }

  void pass_time() {
    const Duration some[] = {seconds(2), minutes(2), hours(1), hours(7), hours(25)};
    world_.advance(some[dice_.below(5)]);
  }

  // Who is in the account is another matter than registers: here the two devices that it takes talk undisturbed, the
  // others hear of it as the network lets them, and no store is put back beyond it.
  void undisturbed(const std::function<void()>& change) {
    std::map<std::string, std::deque<Bytes>> late = std::exchange(world_.network.mail, {});
    change();
    for (auto& [name, copies] : late)
      for (Bytes& copy : copies) world_.network.mail[name].push_back(std::move(copy));
    for (Member& m : members_) {
      m.snapshots.clear();
      keep_snapshot(m);
    }
  }

  void link() {
    const std::size_t index = members_.size() + removed_;
    if (linked_ > 0 || index >= most_devices || members_.front().index != 0) return;
    ++figures.linked;
    ++linked_;
    undisturbed([&] {
      calm_ = true;
      for (std::size_t i = 0; i < most_devices; ++i) device_at(i).off = i != 0 && i != index;
      put(device_at(index), *fresh_[index - 1]);
      world_.join(device_at(0), device_at(index));
      members_.push_back({index, 0, {}});
      for (const Member& m : members_) device_at(m.index).off = false;
      calm_ = false;
    });
  }

  void remove() {
    if (removed_ > 0 || members_.size() < 3) return;
    const std::size_t which = 1 + dice_.below(members_.size() - 1);
    Device& device = device_at(members_[which].index);
    const DeviceId id = (*device->account()).device;
    ++figures.removed;
    ++removed_;
    undisturbed([&] {
      (void)step(members_.front());
      if (!device_at(0)->revoke_device(id)) std::abort();
      device.off = true;
      members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(which));
    });
  }

  // --- the end ---
  void settle() {
    for (int quiet = 0; quiet < 2;) {
      bool moved = false;
      for (Member& m : members_) moved = step(m) || moved;
      world_.advance(seconds(1));
      quiet = moved ? 0 : quiet + 1;
    }
  }
  bool agree() {
    const State first = registers_of(device_at(0).storage);
    return std::all_of(members_.begin(), members_.end(),
                       [&](const Member& m) { return registers_of(device_at(m.index).storage) == first; });
  }

  void check_the_end(std::uint64_t seed) {
    for (Member& m : members_) m.group = 0;
    release(SIZE_MAX);
    calm_ = true;
    State before;
    for (const Member& m : members_)
      for (const auto& [key, value] : registers_of(device_at(m.index).storage))
        before[key] = std::max(before[key], value);
    const Time healed = world_.clock.time;
    settle();
    while (!agree() && elapsed(healed, world_.clock.time) < longest_healing) {
      world_.advance(hours(1));
      settle();
    }
    ++figures.hours[elapsed(healed, world_.clock.time).ms / hours(1).ms];
    EXPECT_TRUE(agree()) << "seed " << seed;
    if (seed % 4 == 0) {
      world_.advance(hours(25));
      settle();
      EXPECT_TRUE(agree()) << "seed " << seed << ", a day later";
    }
    const State after = registers_of(device_at(0).storage);
    for (const auto& [key, value] : before) {
      const auto kept = after.find(key);
      EXPECT_TRUE(kept != after.end() && kept->second >= value) << "seed " << seed << ": a value is lost";
    }
  }

  World world_;
  AccountId bob_;
  ThreadId thread_;
  std::vector<Base> bases_;
  std::vector<std::shared_ptr<const MemoryStorage>> fresh_;
  std::vector<Member> members_;
  std::vector<std::pair<std::string, Bytes>> withheld_;
  SeededRandom dice_{0};
  bool calm_ = true;
  std::size_t speaking_group_ = 0, linked_ = 0, removed_ = 0;
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t share = 10;
#else
constexpr std::uint64_t share = 1;
#endif

// In parts, for as many processors. Prints what happened; BUD_CONVERGENCE_HISTORIES makes it as many seeds as one
// likes.
constexpr std::uint64_t parts = 4;

class RegistersConverge : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RegistersConverge, AreTheSameOnAllDevicesInTheEnd) {
  std::uint64_t seeds = 1000 / share;
  if (const char* more = std::getenv("BUD_CONVERGENCE_HISTORIES")) seeds = std::strtoull(more, nullptr, 10);
  Household household;
  std::size_t lives = 0;
  for (std::uint64_t seed = GetParam(); seed < seeds && !HasFailure(); seed += parts, ++lives) household.live(seed);
  const Household::Figures& f = household.figures;
  std::printf(
      "%zu seeds with %zu devices: %zu edits, %zu crashes, %zu stores put back, %zu devices linked, %zu removed; "
      "copies: "
      "%zu lost, %zu withheld, %zu doubled\n",
      lives, f.devices, f.edits, f.crashes, f.put_back, f.linked, f.removed, f.lost, f.withheld, f.doubled);
  for (const auto& [hours, n] : f.hours)
    std::printf("%d agree after %llu hours\n", n, static_cast<unsigned long long>(hours));
  EXPECT_GT(f.hours.size(), 1u) << "nothing was ever out of step";
  EXPECT_GT(f.put_back, lives / 10);
  EXPECT_GT(f.linked, 0u);
  EXPECT_GT(f.removed, 0u);
}
INSTANTIATE_TEST_SUITE_P(Part, RegistersConverge, testing::Range(std::uint64_t{0}, parts));

}  // namespace
}  // namespace bud::test
