#include "sim/world.h"

#include <cstdio>

namespace bud::sim {
namespace {

constexpr std::size_t rounds_to_settle = 400;
constexpr Duration longest_calm = days(60);
const char* const persons[] = {"alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"};

bool uses_real_store(std::uint64_t seed) { return seed % 8 == 0; }

}  // namespace

std::vector<Step> plan_of(const Options& options) {
  Dice dice(options.seed * 2 + 1);
  std::vector<Step> plan;
  plan.reserve(options.steps);
  for (std::size_t i = 0; i < options.steps; ++i) {
    const Act act = draw_act(dice);
    plan.push_back({act, dice.seed()});
  }
  return plan;
}

void Counts::add(const Counts& o) {
  runs += o.runs, copies += o.copies, texts += o.texts, shown += o.shown;
  restores += o.restores, links += o.links, revokes += o.revokes, days += o.days;
  posts.add(o.posts);
  hits.add(o.hits);
}

World::World(const Options& o) : options(o), dice(o.seed) {
  for (const std::string& bridge : bridges)
    posts_[bridge] = std::make_unique<Post>(bridge, dice, now, options.seed % 3 == 0);
}

World::~World() = default;

std::vector<AccountId> World::accounts() const {
  std::vector<AccountId> all;
  for (const auto& d : devices)
    if (d->account != AccountId{} && std::find(all.begin(), all.end(), d->account) == all.end()) all.push_back(d->account);
  return all;
}

Device& World::add_device(const std::string& person) {
  devices.push_back(std::make_unique<Device>(*this, devices.size(), person, uses_real_store(options.seed)));
  Device& device = *devices.back();
  for (int tries = 0; tries < 10 && !device.bridges().contains("spool"); ++tries) device.add_bridge("spool");
  if (device.index % 2 == 0) device.add_bridge("mesh");
  return device;
}

void World::violated(const Device& device, const std::string& what) {
  if (!failed()) violation_ = device.name + " " + what;
}

void World::note(const std::string& what) {
  for (const char c : what) digest_ = (digest_ ^ static_cast<std::uint8_t>(c)) * 1099511628211u;
  if (options.trace) std::printf("  %llu  %s\n", static_cast<unsigned long long>(now.ms - 1'800'000'000'000), what.c_str());
}

void World::settle(std::size_t most_rounds) {
  for (std::size_t quiet = 0, round = 0; quiet < 4 && round < most_rounds && !failed(); ++round) {
    bool moved = false;
    for (auto& d : devices) moved = d->round() || moved;
    people_.go_on();
    pass(seconds(1));
    quiet = moved ? 0 : quiet + 1;
  }
}

void World::set_up() {
  for (std::size_t a = 0; a < options.accounts; ++a) {
    Device& first = add_device(persons[a % std::size(persons)]);
    while (!people_.arrive(first) && !failed()) pass(seconds(1));
    first.disk.heal();
  }
  for (std::size_t d = 1; d < options.devices; ++d)
    for (std::size_t a = 0; a < options.accounts; ++a) {
      people_.begin_link(*devices[a]);
      settle(rounds_to_settle);
    }
  for (auto& d : devices) d->disk.heal();
}

void World::calm_down() {
  const Time began = now;
  for (auto& [name, post] : posts_) {
    post->weather = {};
    post->cut_off.clear();
    post->be_honest();
  }
  for (auto& d : devices) {
    if (d->gone) continue;
    d->off = false;
    d->disk.heal();
    if (d->running()) d->stop();  // as after a power cut everywhere
    d->start();
  }
  settle(rounds_to_settle);
  people_.give_up_links();
  std::string waits_for;
  while (!failed()) {
    settle(rounds_to_settle);
    waits_for = people_.waiting() ? "somebody's text cannot be sent" : oracle.outstanding();
    if (waits_for.empty() || elapsed(began, now) > longest_calm) break;
    pass(hours(3));
  }
  if (!failed() && !waits_for.empty()) violation_ = "in the end " + waits_for;
  if (!failed()) oracle.compare_threads();
  if (!failed()) oracle.search_disks();
}

Outcome World::run(const std::vector<Step>& plan) {
  const Time began = now;
  Outcome outcome;
  set_up();
  for (outcome.at = 0; outcome.at < plan.size() && !failed(); ++outcome.at) {
    const Step& step = plan[outcome.at];
    dice = Dice(step.seed);
    note(std::string("-- ") + std::to_string(outcome.at) + " " + name(step.act));
    people_.act(step.act);
    people_.go_on();
    for (auto& d : devices)
      if (d->disk.dead() && !d->off && !d->gone && dice.percent(70)) d->start();
  }
  if (failed())
    --outcome.at;
  else
    calm_down();
  outcome.violation = violation_;
  counts.runs = 1;
  counts.copies = oracle.copies();
  counts.texts = oracle.texts();
  counts.shown = oracle.shown();
  counts.days = elapsed(began, now).ms / days(1).ms;
  for (auto& [name, post] : posts_) counts.posts.add(post->counts());
  counts.hits = hits;
  outcome.counts = counts;
  note(std::to_string(counts.copies) + " copies");
  outcome.digest = digest_;
  return outcome;
}

}  // namespace bud::sim
