// budstikke-sim: runs of the simulator from the command line.
//   budstikke-sim --seed N [--steps M] [--accounts A] [--devices D] [--trace]   one run
//   budstikke-sim [--seeds N] [--first F] [--jobs J]                             many, with shapes drawn from their seeds
// Exit status 0: no violation; 1: one, told with its seed and a shortened plan; 2: it was called wrongly.
#include "crypto/random.h"
#include "sim/suite.h"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  using namespace bud::sim;
  bud::crypto::initialize();
  // The stores' files are many and short-lived, and what is lost with them here is decided by the simulator.
  if (::access("/dev/shm", W_OK) == 0) (void)::setenv("TMPDIR", "/dev/shm", 0);
  CLI::App app{"A deterministic simulator of devices, servers and people"};
  std::optional<std::uint64_t> seed;
  std::uint64_t seeds = 300, first = 1;
  unsigned jobs = 2;
  std::optional<std::size_t> steps, accounts, devices;
  std::uint64_t most_violations = 5;
  bool trace = false, twice = false, full_plan = false, every_fault = false;
  app.add_option("--seed", seed, "one run of this seed");
  app.add_option("--steps", steps, "of a run");
  app.add_option("--accounts", accounts, "to begin with")->check(CLI::Range(1, 8));
  app.add_option("--devices", devices, "of each account, to begin with")->check(CLI::Range(1, 8));
  app.add_flag("--trace", trace, "prints what happens");
  app.add_flag("--twice", twice, "the run of --seed again: fails where it is another");
  app.add_option("--seeds", seeds, "so many runs")->envname("BUD_SIM_SEEDS");
  app.add_option("--first", first, "the first of them");
  app.add_option("--jobs", jobs, "at a time")->check(CLI::Range(1, 64));
  app.add_flag("--full-plan", full_plan, "does not shorten a plan that failed");
  app.add_option("--most-violations", most_violations, "stops after so many")->check(CLI::Range(1, 1000));
  app.add_flag("--every-fault", every_fault, "fails where a kind of fault struck no call, or a lie was never told");
  CLI11_PARSE(app, argc, argv);
  auto shape = [&](std::uint64_t of) {
    Options options = shape_of(of);
    if (steps) options.steps = *steps;
    if (accounts) options.accounts = *accounts;
    if (devices) options.devices = *devices;
    options.trace = trace;
    return options;
  };
  if (seed && twice) return run_twice(shape(*seed));
  if (seed) return run_one(shape(*seed), !full_plan);
  return run_many(shape, first, seeds, jobs, !full_plan, every_fault, most_violations);
}
