// Two devices find together again, whatever has become of their stores and of the copies between them: from any pair of
// snapshots, any drops, any order, within ten rounds. (The question is libsignal's, proptest_session_resets.)
#include "support/seeded_random.h"
#include "support/world.h"
#include "wire/record.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

namespace bud::test {
namespace {

constexpr int most_rounds = 10;
constexpr Duration first_repeat = hours(6);  // of a text without a receipt

struct End {
  Device* device = nullptr;
  std::vector<std::shared_ptr<const MemoryStorage>> snapshots;
  std::vector<Bytes> way;  // copies that were pushed for it, ever
};

// Two devices that can write to each other, and everything that may happen to them. Time only goes on; what is on its way
// comes when the dice say so.
class Pair {
 public:
  // Of one account, or of two.
  explicit Pair(bool one_account) {
    Device& laptop = world_.add("laptop", "alice");
    Device& desktop = world_.add("desktop", "bob");
    if (!laptop->create_account("Alice") || !desktop->create_account("Bob")) std::abort();
    world_.settle();
    ends_[0].device = &laptop;
    ends_[1].device = &desktop;
    if (one_account) {
      Device& phone = world_.add("phone", "alice");
      world_.join(laptop, phone);
      ends_[1].device = &phone;  // what they say goes to Bob, who is away, and to each other
      desktop.off = true;
    }
    for (End& end : ends_) {
      thread_ = open_thread(end);
      keep_snapshot(end);
    }
    world_.network.tamper = [this](const std::string& device, Bytes copy) {
      for (End& end : ends_)
        if (end.device->name == device) end.way.push_back(copy);
      return honest_ ? std::vector<Bytes>{std::move(copy)} : std::vector<Bytes>{};
    };
    begin_ = save();
  }

  void new_history(std::uint64_t seed) {
    load(begin_);
    dice_ = SeededRandom(seed);
    for (End& end : ends_) put_back(end);
    honest_ = false;
    for (std::uint64_t steps = 5 + dice_.below(60); steps > 0; --steps) something_happens();
    honest_ = true;
    history_ = save();
  }

  // After how many rounds the two talk, from any two of this history's snapshots: what each says in that round is shown
  // to the other, and so is what they say in the next, when nothing is late any more.
  int rounds_of_one_case() {
    load(history_);
    for (End& end : ends_) put_back(end);
    if (dice_.below(2) == 0) pass_time();
    std::vector<std::pair<std::size_t, Bytes>> late = some_copies();
    int since = 0;  // the round in which they began to talk
    for (int round = 1; round <= most_rounds + 1; ++round) {
      const bool calm = late.empty();
      for (std::size_t n = calm ? 0 : 1 + dice_.below(late.size()); n > 0; --n, late.pop_back())
        world_.network.mail[ends_[late.back().first].device->name].push_back(std::move(late.back().second));
      const bool at_once = talk();
      if (at_once && since != 0 && calm) return since;
      if (!at_once) since = wait_for_retry() ? round : 0;
      if (at_once && since == 0) since = round;
    }
    return most_rounds + 1;
  }

  // No text twice, neither in the thread nor in what clients fetch.
  bool each_once() {
    for (End& end : ends_) {
      std::map<std::string, int> shown;
      auto events = (*end.device)->events(0, 10'000);
      if (!events) return false;
      for (const core::Event& e : *events)
        if (e.kind == core::EventKind::message && ++shown[e.message.text] > 1) return false;
      std::set<std::string> in_thread;
      for (std::string& text : end.device->texts(thread_))
        if (!in_thread.insert(std::move(text)).second) return false;
    }
    return true;
  }

 private:
  // All but the stores: whoever begins here puts them back to a snapshot.
  struct State {
    std::array<End, 2> ends;
    Time time;
    decltype(Network::directory) directory;
  };
  State save() { return {ends_, world_.clock.time, world_.network.directory}; }
  void load(const State& s) {
    ends_ = s.ends;
    world_.clock.time = s.time;
    world_.network.directory = s.directory;
    world_.network.mail.clear();
  }
  void keep_snapshot(End& end) { end.snapshots.push_back(std::make_shared<MemoryStorage>(end.device->storage)); }
  void put_back(End& end) {
    end.device->engine.reset();
    end.device->storage = *pick(end.snapshots);
    end.device->restart();
  }

  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[dice_.below(from.size())];
  }
  End& either() { return ends_[dice_.below(2)]; }

  // As a person opens it who knows the address.
  ThreadId open_thread(End& end) {
    return world_.thread(*end.device, end.device->address == "alice" ? "spool:bob" : "spool:alice");
  }

  std::string say(End& end) {
    std::string text = end.device->name + " " + std::to_string(++said_);
    if (!(*end.device)->thread(thread_)) open_thread(end);
    if (!(*end.device)->send(thread_, text, "")) std::abort();
    return text;
  }

  // --- what happens before ---
  void something_happens() {
    End& end = either();
    switch (dice_.below(12)) {
      case 0:
      case 1:
        (void)say(end);
        break;
      case 2:
      case 3:
        (void)end.device->step();
        break;
      case 4:
      case 5:
        arrive(end);
        break;
      case 6:
        pass_time();
        break;
      case 7:
      case 8:
        keep_snapshot(end);
        break;
      case 9:
        put_back(end);
        break;
      default:
        honest_ = true;
        (void)talk();
        honest_ = false;
        break;
    }
  }

  void arrive(End& end) {
    std::vector<Bytes> copies;
    for (std::uint64_t n = end.way.empty() ? 0 : 1 + dice_.below(4); n > 0; --n) copies.push_back(pick(end.way));
    (void)(*end.device)->deliver("spool", copies, Bytes{1});
  }

  void pass_time() {
    const Duration some[] = {seconds(2), minutes(30), hours(1 + dice_.below(30)), days(1 + dice_.below(5))};
    world_.advance(some[dice_.below(4)]);
  }

  std::vector<std::pair<std::size_t, Bytes>> some_copies() {
    std::vector<std::pair<std::size_t, Bytes>> late;
    for (std::size_t end = 0; end < 2; ++end)
      for (std::uint64_t n = ends_[end].way.empty() ? 0 : dice_.below(8); n > 0; --n) late.emplace_back(end, pick(ends_[end].way));
    for (std::size_t i = late.size(); i > 1; --i) std::swap(late[i - 1], late[dice_.below(i)]);
    return late;
  }

  // --- rounds ---
  // Each says one text, and everything that is pushed arrives. Are both shown?
  bool talk() {
    newest_ = {say(ends_[0]), say(ends_[1])};
    settle();
    return both_shown();
  }
  bool both_shown() { return shown(0) && shown(1); }
  bool shown(std::size_t by) {
    const std::vector<std::string> texts = ends_[1 - by].device->texts(thread_);
    return std::find(texts.begin(), texts.end(), newest_[by]) != texts.end();
  }
  bool step() {
    const bool first = ends_[0].device->step();
    return ends_[1].device->step() || first;
  }
  void settle() {
    for (int quiet = 0; quiet < 2; quiet = step() ? 0 : quiet + 1) world_.advance(seconds(1));
  }
  // Time passes until what has no receipt is tried again.
  bool wait_for_retry() {
    const Time until = world_.clock.time + first_repeat;
    while (!both_shown()) {
      if (world_.clock.time > until) return false;
      const std::size_t before = world_.network.all_mail.size();
      while (world_.network.all_mail.size() == before && world_.clock.time <= until) {
        const Time due = std::min((*ends_[0].device)->next_due(), (*ends_[1].device)->next_due());
        world_.clock.time = std::max(due, world_.clock.time + seconds(1));
        (void)step();
      }
      settle();
    }
    return true;
  }

  World world_;
  std::array<End, 2> ends_;
  ThreadId thread_;
  State begin_, history_;
  SeededRandom dice_{0};
  bool honest_ = true;
  std::uint64_t said_ = 0;
  std::array<std::string, 2> newest_;
};

// Prints what it took; BUD_CONVERGENCE_HISTORIES makes it as many as one likes.
void expect_convergence(bool one_account, std::uint64_t histories) {
  constexpr int cases = 10;
  if (const char* more = std::getenv("BUD_CONVERGENCE_HISTORIES")) histories = std::strtoull(more, nullptr, 10);
  Pair pair(one_account);
  std::map<int, int> after;
  for (std::uint64_t seed = 0; seed < histories; ++seed) {
    pair.new_history(seed);
    for (int c = 0; c < cases; ++c) {
      const int rounds = pair.rounds_of_one_case();
      ++after[rounds];
      EXPECT_LE(rounds, most_rounds) << "history " << seed << ", case " << c;
      EXPECT_TRUE(pair.each_once()) << "history " << seed << ", case " << c;
    }
  }
  for (auto [rounds, n] : after) std::printf("%d cases talk after %d rounds\n", n, rounds);
  EXPECT_GT(after.size(), 2u) << "nothing was ever out of step";
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t share = 10;
#else
constexpr std::uint64_t share = 1;
#endif

TEST(Convergence, TwoAccountsTalkAgainFromAnySnapshots) { expect_convergence(false, 150 / share); }

TEST(Convergence, TwoDevicesOfOneAccountDoToo) { expect_convergence(true, 70 / share); }

// Who was put back offers a prekey that it does not have, until its record is its own again.
TEST(Convergence, ARecordFromALaterLifeIsReplaced) {
  World world;
  Device& laptop = world.add("laptop", "alice");
  ASSERT_TRUE(laptop->create_account("Alice"));
  world.settle();
  const auto offered = [&] {
    return wire::decode_and_verify_record(world.network.directory["alice"]["laptop"])->body.bundle.id;
  };
  const MemoryStorage first = laptop.storage;
  world.advance(hours(25));
  world.settle();
  const MemoryStorage second = laptop.storage;
  const std::uint64_t prekey = offered();
  for (const MemoryStorage* store : {&first, &second}) {
    laptop.engine.reset();
    laptop.storage = *store;
    laptop.restart();
    world.advance(minutes(2));
    world.settle();
    EXPECT_EQ(offered() == prekey, store == &second);
  }
}

}  // namespace
}  // namespace bud::test
