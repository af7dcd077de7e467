#include "sim/suite.h"

#include "sim/shrink.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <thread>

namespace bud::sim {
namespace {

constexpr std::size_t runs_to_shorten = 600;

unsigned long long u(std::uint64_t n) { return n; }

void tell(const Options& options, const Outcome& outcome, const std::vector<Step>& plan, bool shorten) {
  std::printf("seed %llu (--steps %zu --accounts %zu --devices %zu): %s (step %zu of %zu)\n", u(options.seed), options.steps,
              options.accounts, options.devices, outcome.violation.c_str(), outcome.at, plan.size());
  if (!shorten) return;
  Outcome last = outcome;
  const std::vector<Step> shorter = sim::shrink(options, plan, runs_to_shorten, last);
  std::printf("  shortened to %zu steps: %s\n", shorter.size(), last.violation.c_str());
  Options traced = options;
  traced.trace = true;
  (void)World(traced).run(shorter);
}

void print(const Counts& c) {
  std::printf("%llu runs, %llu delivered copies, %llu texts, shown %llu times, over %llu simulated days\n", u(c.runs), u(c.copies),
              u(c.texts), u(c.shown), u(c.days));
  std::printf("devices: %llu linked, %llu removed; %llu people began anew; %llu crashes, %llu restores of a store\n", u(c.links),
              u(c.revokes), u(c.resets), u(c.crashes), u(c.restores));
  std::printf("posts: %llu pushed, %llu lost, %llu doubled, %llu garbled, %llu replayed, %llu forgotten, %llu refused, %llu unclear\n",
              u(c.posts.pushed), u(c.posts.lost), u(c.posts.doubled), u(c.posts.garbled), u(c.posts.replayed),
              u(c.posts.forgotten), u(c.posts.refused), u(c.posts.unclear));
  std::uint64_t lies = 0;
  for (std::size_t i = 1; i < lie_count; ++i) lies += c.posts.lies[i];
  std::printf("%llu lies; look-ups answered with:", u(lies));
  for (std::size_t i = 0; i < lie_count; ++i) std::printf(" %s %llu,", name(static_cast<Lie>(i)), u(c.posts.lies[i]));
  std::printf("\nfaults by the call they struck:\n%-20s", "");
  for (std::size_t f = 0; f < fault_count; ++f) std::printf(" %18s", name(static_cast<Fault>(f)));
  for (std::size_t call = 0; call < call_count; ++call) {
    std::printf("\n%-20s", name(static_cast<Call>(call)));
    for (std::size_t f = 0; f < fault_count; ++f) std::printf(" %18llu", u(c.hits.count[call][f]));
  }
  std::printf("\n");
}

// What never happened, in words. (Reading has no transaction, so a commit in it cannot fail; and a disk can be full only
// where something is written.)
std::string untried(const Counts& c) {
  std::string out;
  for (std::size_t call = 0; call < call_count; ++call)
    for (std::size_t f = 0; f < fault_count; ++f) {
      const auto fault = static_cast<Fault>(f);
      if (call == static_cast<std::size_t>(Call::reading) && (strikes_commits(fault) || fault == Fault::full)) continue;
      if (c.hits.count[call][f] == 0) out += std::string(name(fault)) + " in " + name(static_cast<Call>(call)) + "; ";
    }
  for (std::size_t i = 0; i < lie_count; ++i)
    if (c.posts.lies[i] == 0) out += std::string(name(static_cast<Lie>(i))) + "; ";
  return out;
}

}  // namespace

Options shape_of(std::uint64_t seed) {
  Dice dice(seed ^ 0x5ca1ab1e);
  Options options;
  options.seed = seed;
  options.accounts = dice.between(2, 3);
  options.devices = dice.between(1, 3);
  options.steps = dice.between(212, 472);
  return options;
}

int run_one(const Options& options, bool shorten) {
  const std::vector<Step> plan = plan_of(options);
  const Outcome outcome = World(options).run(plan);
  print(outcome.counts);
  std::printf("digest %016llx\n", u(outcome.digest));
  if (outcome.violation.empty()) return 0;
  tell(options, outcome, plan, shorten);
  return 1;
}

int run_twice(const Options& options) {
  const std::vector<Step> plan = plan_of(options);
  const Outcome first = World(options).run(plan), second = World(options).run(plan);
  std::printf("digests %016llx and %016llx, of %llu copies and %llu days\n", u(first.digest), u(second.digest),
              u(first.counts.copies), u(first.counts.days));
  return first.digest == second.digest && first.violation == second.violation ? 0 : 1;
}

int run_many(const std::function<Options(std::uint64_t)>& shape, std::uint64_t first, std::uint64_t count, unsigned jobs,
             bool shorten, bool every_fault, std::uint64_t most_violations) {
  const auto began = std::chrono::steady_clock::now();
  std::atomic<std::uint64_t> next{first};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  Counts counts;
  std::uint64_t violations = 0;
  auto work = [&] {
    // Who has taken a seed runs it: so all below one that failed are run too.
    while (!stop) {
      const std::uint64_t seed = next++;
      if (seed >= first + count) return;
      const Options options = shape(seed);
      const std::vector<Step> plan = plan_of(options);
      const Outcome outcome = World(options).run(plan);
      const std::lock_guard lock(mutex);
      counts.add(outcome.counts);
      if (outcome.violation.empty()) continue;
      ++violations;
      stop = violations >= most_violations;
      tell(options, outcome, plan, shorten);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < jobs; ++i) threads.emplace_back(work);
  for (std::thread& t : threads) t.join();
  print(counts);
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf("%llu violations, %.1f s\n", u(violations), took);
  const std::string missing = untried(counts);
  if (every_fault && !missing.empty()) std::printf("never tried: %s\n", missing.c_str());
  return violations == 0 && (!every_fault || missing.empty()) ? 0 : 1;
}

}  // namespace bud::sim
