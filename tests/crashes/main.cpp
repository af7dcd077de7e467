// budstikke-crashes: nothing is lost and nothing doubled, however often real daemons are killed and their disk fails.
//
// Alice's laptop and phone write to Bob's desktop and tablet and back, over a spool. Each device lives life after life:
// started, reads on, writes some messages, and is killed; most lives also hold one system call that fails, is cut short
// or is the last that the process makes. When the lives are used up, all are left in peace, and then every message must
// be shown exactly once on every device: to a client that kept its cursor, to one that reads from the beginning, and in
// the thread's history.
#include "crashes/victim.h"

#include <poll.h>
#include <CLI/CLI.hpp>

#include <cinttypes>
#include <cstdio>
#include <map>
#include <set>

namespace bud::test {
namespace {

constexpr std::array<const char*, ops> op_names{"sync", "write", "rename"};

struct World {
  ScratchFolder scratch;
  bus::Event event = must(bus::Event::create(), "event");
  std::string spool = [this] {
    std::filesystem::create_directory(scratch.file("spool"));
    return scratch.file("spool");
  }();
  Victim laptop{event, spool, "alice", "laptop"}, phone{event, spool, "alice", "phone"};
  Victim desktop{event, spool, "bob", "desktop"}, tablet{event, spool, "bob", "tablet"};
  std::array<Victim*, 4> all{&laptop, &phone, &desktop, &tablet};

  void set_up() {
    for (Victim* victim : all) victim->device.set_up();
    laptop.device.create_account("Alice");
    desktop.device.create_account("Bob");
    phone.device.join(laptop.device);
    tablet.device.join(desktop.device);
    for (Victim* victim : all) victim->ready_for(victim->device.address() == "alice" ? "spool:bob" : "spool:alice");
  }

  void live(std::uint64_t seed, std::uint64_t lives) {
    SeededRandom random(seed);
    for (Victim* victim : all) {
      victim->begin([&]() -> std::optional<Life> {
        if (lives == 0) return std::nullopt;
        --lives;
        return draw_life(random);
      });
    }
    while (!std::all_of(all.begin(), all.end(), [](const Victim* victim) { return victim->finished(); })) {
      (void)must(event.step(minutes(2)), "the loop");
    }
  }

  // What comes after has come: what was there twice would be seen.
  void come_to_rest() {
    for (Victim* victim : all) victim->come_to_rest();
    for (Victim* victim : all) wait_for_all_of(*victim);
    for (Victim* victim : all) victim->send_last("last of " + victim->name());
    for (Victim* victim : all) wait_for_all_of(*victim);
  }
  std::size_t messages() const {
    std::size_t count = 0;
    for (const Victim* victim : all) count += victim->sent().size();
    return count;
  }

 private:
  // At most for `deadline` without anything new: then it is for the count to say what is missing.
  void wait_for_all_of(Victim& victim) const {
    auto end = std::chrono::steady_clock::now() + deadline;
    std::size_t shown = 0;
    while (shown < messages() && std::chrono::steady_clock::now() < end) {
      victim.read_on();
      const std::set<std::string> now(victim.read().begin(), victim.read().end());
      if (now.size() > shown) end = std::chrono::steady_clock::now() + deadline;
      shown = now.size();
      if (shown < messages()) ::poll(nullptr, 0, 10);
    }
  }
};

struct Count {
  std::uint64_t lost = 0, doubled = 0, invented = 0;

  // `shown`, somewhere, against all that was sent.
  void hold(const std::vector<std::string>& shown, const World& world, const std::string& where) {
    std::map<std::string, int> times;
    for (const std::string& text : shown) ++times[text];
    for (const Victim* victim : world.all) {
      for (const std::string& text : victim->sent()) {
        const int n = times[text];
        times.erase(text);
        if (n == 1) continue;
        ++(n == 0 ? lost : doubled);
        std::printf("%s: %s is shown %d times\n", where.c_str(), text.substr(0, text.find(' ')).c_str(), n);
      }
    }
    for (const auto& [text, n] : times) {
      ++invented;
      std::printf("%s: nobody has sent %s\n", where.c_str(), text.substr(0, 40).c_str());
    }
  }
  void hold(World& world) {
    for (Victim* victim : world.all) {
      hold(victim->read(), world, victim->name() + ", a client with a cursor");
      hold(victim->device.texts_from(0), world, victim->name() + ", from the beginning");
      hold(victim->device.history(victim->thread()), world, victim->name() + ", in the thread");
    }
  }
};

void print_kind(const char* name, const std::array<std::uint64_t, acts>& counts) {
  std::printf("  %-7s %" PRIu64 " failed, %" PRIu64 " cut short\n", name, counts[0], counts[1]);
}

// Were there lives enough, no kind may be missing.
bool all_kinds(const Tally& tally) {
  for (std::size_t op = 0; op < ops; ++op) {
    if (tally.died_at[op] == 0 || tally.faults[op][0] == 0) return false;
  }
  return tally.faults[static_cast<std::size_t>(Op::write)][1] != 0 && tally.daemon_killed != 0 && tally.all_killed != 0;
}

bool report(const Tally& tally, const Count& count, std::size_t messages, bool of_all_kinds) {
  std::uint64_t at_calls = 0, faults = 0;
  for (const std::uint64_t n : tally.died_at) at_calls += n;
  for (const auto& kind : tally.faults) faults += kind[0] + kind[1];
  std::printf("kills %" PRIu64 ": %" PRIu64 " of a daemon, %" PRIu64 " of daemon and worker, %" PRIu64
              " at a call (%" PRIu64 " sync, %" PRIu64 " write, %" PRIu64 " rename)\n",
              tally.daemon_killed + tally.all_killed + at_calls, tally.daemon_killed, tally.all_killed, at_calls,
              tally.died_at[0], tally.died_at[1], tally.died_at[2]);
  std::printf("faults %" PRIu64 ", of which %" PRIu64 " kept a daemon from starting\n", faults, tally.not_started);
  for (std::size_t op = 0; op < ops; ++op) print_kind(op_names[op], tally.faults[op]);
  std::printf("messages %zu, each looked for on 4 devices, in 3 ways\n", messages);
  for (const std::string& words : tally.wrong) std::printf("WRONG: %s\n", words.c_str());
  if (of_all_kinds && !all_kinds(tally)) std::printf("WRONG: a kind of fault never came about\n");
  std::printf("lost %" PRIu64 ", doubled %" PRIu64 ", invented %" PRIu64 "\n", count.lost, count.doubled,
              count.invented);
  return count.lost == 0 && count.doubled == 0 && count.invented == 0 && tally.wrong.empty() &&
         (!of_all_kinds || all_kinds(tally));
}

int run(std::uint64_t seed, std::uint64_t lives) {
  const auto started = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  };
  World world;
  world.set_up();
  std::printf("seed %" PRIu64 ", %" PRIu64 " lives; four devices are up after %.1f s\n", seed, lives, seconds());
  std::fflush(stdout);
  world.live(seed, lives);
  std::printf("lived after %.1f s\n", seconds());
  std::fflush(stdout);
  world.come_to_rest();
  std::printf("at rest after %.1f s\n", seconds());
  Count count;
  count.hold(world);
  Tally tally;
  for (Victim* victim : world.all) tally += victim->close();
  return report(tally, count, world.messages(), lives >= 200) ? 0 : 1;
}

}  // namespace
}  // namespace bud::test

int main(int argc, char** argv) {
  CLI::App app("Kills real daemons under load, and counts what was lost or doubled");
  std::uint64_t seed = 1, lives = 25;
  app.add_option("--seed", seed, "of what happens, not of when: the machine takes its own time");
  app.add_option("--lives", lives, "how many lives the four devices have together");
  CLI11_PARSE(app, argc, argv);
  try {
    return bud::test::run(seed, lives);
  } catch (const std::exception& failure) {
    std::printf("%s\n", failure.what());
    return 1;
  }
}
