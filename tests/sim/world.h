// One run: people with devices, their posts, and everything that happens to them, from a seed.
//
// A run is a plan, a list of steps drawn from the seed, each with a seed of its own. So a step does the same whatever was
// left out before it, and a plan that fails can be cut down to the steps that matter (shrink.h).
#pragma once

#include "sim/device.h"
#include "sim/oracle.h"
#include "sim/people.h"
#include "sim/traffic.h"

namespace bud::sim {

struct Options {
  std::uint64_t seed = 1;
  std::size_t steps = 250;
  std::size_t accounts = 2;
  std::size_t devices = 2;  // of each account, to begin with
  bool trace = false;       // what happens, on standard output
};

struct Step {
  Act act;
  std::uint64_t seed;
};
std::vector<Step> plan_of(const Options& options);

struct Counts {
  std::uint64_t runs = 0, copies = 0, texts = 0, shown = 0, restores = 0, links = 0, revokes = 0, resets = 0, days = 0, crashes = 0;
  PostCounts posts;
  Hits hits;
  void add(const Counts& other);
};

struct Outcome {
  std::string violation;  // empty: none
  std::size_t at = 0;     // the step; plan.size(): while it calmed down
  std::uint64_t digest = 0;  // of all that happened
  Counts counts;
};

class World {
 public:
  explicit World(const Options& options);
  ~World();

  Outcome run(const std::vector<Step>& plan);

  // --- for its parts ---
  const Options options;
  Time now{1'800'000'000'000};
  std::uint64_t order = 0;  // rises with what people do
  Dice dice;                // of this step
  Hits hits;
  Oracle oracle{*this};
  Traffic traffic{*this};
  std::deque<std::unique_ptr<Device>> devices;
  Counts counts;
  bool calm = false;  // nothing breaks any more
  std::set<std::string> begun_anew;  // people who have another account than at first
  const std::vector<std::string> bridges{"spool", "mesh"};

  Post& post(const std::string& bridge) { return *posts_.at(bridge); }
  std::vector<AccountId> accounts() const;
  // Whom a copy is sealed for; nullptr: nobody has such a device.
  const Device* recipient_of(const wire::CopyView& copy) const;
  Device& add_device(const std::string& person);
  void violated(const Device& device, const std::string& what);
  void note(const std::string& what);
  bool failed() const { return !violation_.empty(); }
  // Time passes, and every process that runs does what falls due, each thing at its time.
  void run_for(Duration d);
  // Time passes, and all of them sleep.
  void pass(Duration d) { now = now + d; }

 private:
  void set_up();
  void calm_down();

  std::map<std::string, std::unique_ptr<Post>> posts_;
  People people_{*this};
  std::string violation_;
  std::uint64_t digest_ = 14695981039346656037u;
};

}  // namespace bud::sim
