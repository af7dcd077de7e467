#include "sim/world.h"

#include "sim/epilogue.h"
#include "support/fnv1a.h"

#include <cstdio>

namespace bud::sim {
namespace {

constexpr std::size_t seconds_to_link = 400;
constexpr std::size_t most_calls = 200'000;  // in one run_for()
constexpr Duration longest_calm = days(60);
constexpr Duration longest_step = hours(6);
const char* const persons[] = {"alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"};

bool uses_real_store(std::uint64_t seed) { return seed % 32 == 0; }

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
  restores += o.restores, links += o.links, revokes += o.revokes, resets += o.resets, days += o.days, crashes += o.crashes;
  posts.add(o.posts);
  hits.add(o.hits);
}

World::World(const Options& o) : options(o), dice(o.seed) {
  for (const std::string& bridge : bridges)
    posts_[bridge] = std::make_unique<Post>(bridge, dice, now, options.seed % 3 == 0);
}

World::~World() { devices.clear(); }  // their workers take leave of the posts

std::vector<AccountId> World::accounts() const {
  std::vector<AccountId> all;
  for (const auto& d : devices)
    if (d->account != AccountId{} && std::find(all.begin(), all.end(), d->account) == all.end()) all.push_back(d->account);
  return all;
}

const Device* World::recipient_of(const wire::CopyView& copy) const {
  for (const auto& device : devices)
    if (wire::recipient_tag(device->id) == copy.header.recipient) return device.get();
  return nullptr;
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
  for (const char c : what) digest_ = test::fnv1a(digest_, static_cast<std::uint8_t>(c));
  if (options.trace) std::printf("  %llu  %s\n", static_cast<unsigned long long>(now.ms - 1'800'000'000'000), what.c_str());
}

void World::run_for(Duration d) {
  const Time until = now + d;
  for (auto& device : devices) device->bury();
  for (std::size_t calls = 0; !failed(); ++calls) {
    Device* first = nullptr;
    for (auto& device : devices)
      if (const auto due = device->next(); due && *due <= until && (first == nullptr || *due < *first->next()))
        first = device.get();
    if (first == nullptr) break;
    if (calls == most_calls) return violated(*first, "goes on for ever");
    now = std::max(now, *first->next());
    first->run_next();
  }
  now = std::max(now, until);
}

void World::set_up() {
  for (std::size_t a = 0; a < options.accounts; ++a) {
    Device& first = add_device(persons[a % std::size(persons)]);
    while (!people_.arrive(first) && !failed()) run_for(seconds(1));
    first.disk.heal();
  }
  for (std::size_t d = 1; d < options.devices; ++d)
    for (std::size_t a = 0; a < options.accounts; ++a) {
      people_.begin_link(*devices[a]);
      for (std::size_t i = 0; i < seconds_to_link && people_.waiting() && !failed(); ++i) {
        run_for(seconds(1));
        people_.go_on();
      }
    }
  for (auto& d : devices) d->disk.heal();
}

void World::calm_down() {
  const Time began = now;
  calm = true;
  for (auto& [name, post] : posts_) {
    post->weather = {};
    post->mend_all();
    post->be_honest();
  }
  for (auto& d : devices) {
    if (d->gone) continue;
    d->off = false;
    d->disk.heal();
    d->stop();  // as after a power cut everywhere
    d->start();
  }
  for (std::size_t i = 0; i < seconds_to_link && people_.waiting() && !failed(); ++i) {
    run_for(seconds(1));
    people_.go_on();
  }
  people_.give_up_links();
  std::string waits_for;
  for (Duration step = seconds(1); !failed(); step = std::min(Duration{step.ms * 2}, longest_step)) {
    run_for(step);
    people_.go_on();
    waits_for = people_.waiting() ? "somebody's text cannot be sent" : oracle.outstanding();
    if (waits_for.empty() || elapsed(began, now) > longest_calm) break;
  }
  if (!failed() && !waits_for.empty()) violation_ = "in the end " + waits_for;
  if (!failed()) oracle.compare_threads();
  if (!failed() && options.seed % 4 == 1) put_one_back(*this);
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
    for (auto& d : devices) d->bury();
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
