#include "sim/people.h"

#include "sim/world.h"

#include <algorithm>

namespace bud::sim {
namespace {

struct Weight {
  Act act;
  unsigned weight;
};
constexpr Weight weights[] = {
    {Act::everyone, 300}, {Act::one, 100}, {Act::say, 950}, {Act::pass_time, 70}, {Act::fault, 60},   {Act::kill, 15},
    {Act::power, 20},     {Act::snapshot, 12}, {Act::restore, 10}, {Act::clock, 8}, {Act::weather, 25}, {Act::cut, 20},
    {Act::forget, 6},     {Act::lie, 25},  {Act::link, 10},   {Act::revoke, 6},     {Act::lose, 3},     {Act::arrive, 4},
    {Act::bridge, 10},    {Act::ghost, 10}, {Act::acknowledge, 30},
    {Act::worker, 12},    {Act::reset, 3},
};

constexpr std::size_t most_devices = 4, most_accounts_more = 1;

}  // namespace

const char* name(Act act) {
  static constexpr const char* names[act_count] = {"everyone", "one",    "say",  "pass_time", "fault",  "kill", "power",
                                                   "snapshot", "restore", "clock", "weather",  "cut",    "forget", "lie",
                                                   "link",     "revoke", "lose", "arrive",    "bridge", "ghost", "acknowledge",
                                                   "worker", "reset"};
  return names[static_cast<std::size_t>(act)];
}

Act draw_act(Dice& dice) {
  unsigned all = 0;
  for (const Weight& w : weights) all += w.weight;
  std::uint64_t at = dice.below(all);
  for (const Weight& w : weights) {
    if (at < w.weight) return w.act;
    at -= w.weight;
  }
  return Act::everyone;
}

Device* People::any(bool member) {
  std::vector<Device*> those;
  for (auto& d : world_.devices)
    if (!d->gone && !d->off && (!member || d->account != AccountId{})) those.push_back(d.get());
  return those.empty() ? nullptr : world_.dice.pick(those);
}

std::vector<Device*> People::members_of(const AccountId& account) {
  std::vector<Device*> those;
  for (auto& d : world_.devices) {
    if (d->gone || d->account != account || !d->running()) continue;
    auto info = d->call(Call::reading, [](auto& e) { return e.account(); });
    if (info && info->state == core::AccountState::member) those.push_back(d.get());
  }
  return those;
}

bool People::linking(const Device& device) const {
  return std::any_of(links_.begin(), links_.end(), [&](const Link& l) { return l.sponsor == &device || l.joiner == &device; });
}

Fault People::arm(Device& device, std::size_t most_operations, std::size_t most_commits) {
  const auto fault = static_cast<Fault>(world_.dice.below(fault_count));
  device.disk.arm(fault, world_.dice.between(1, strikes_commits(fault) ? most_commits : most_operations));
  return fault;
}

// So that calls which people seldom make meet their faults too.
void People::maybe_arm(Device& device, unsigned percent) {
  if (!world_.calm && world_.dice.percent(percent)) arm(device, 12, 1);
}

void People::act(Act act) {
  Dice& dice = world_.dice;
  switch (act) {
    case Act::everyone:
      return world_.run_for(Duration{dice.between(200, 2000)});
    case Act::one:
      if (Device* d = any(false)) d->run_due();
      return world_.pass(Duration{dice.between(1, 300)});
    case Act::say:
      return say();
    case Act::pass_time: {
      const std::uint64_t kind = dice.below(20);
      return world_.pass(kind < 13 ? seconds(dice.between(1, 600)) : kind < 19 ? minutes(dice.between(10, 600)) : hours(dice.between(6, 48)));
    }
    case Act::fault:
      return fault();
    case Act::kill:
      if (Device* d = any(false)) d->disk.kill();
      return;
    case Act::power:
      if (Device& d = *world_.devices[dice.below(world_.devices.size())]; !d.gone) {
        d.off = !d.off && dice.percent(60);
        if (d.off)
          d.stop();
        else
          d.start();
      }
      return;
    case Act::snapshot:
      if (Device* d = any(true); d != nullptr && !linking(*d) && d->running()) {
        if (saved_.size() >= 6) saved_.erase(saved_.begin());
        d->read_inbox();
        if (d->running()) saved_.push_back({d, d->save()});
      }
      return;
    case Act::restore:
      return restore();
    case Act::clock:
      if (Device* d = any(false)) {
        d->clock.drift_ppm = static_cast<std::int64_t>(dice.between(0, 400)) - 200;
        const auto size = static_cast<std::int64_t>(dice.percent(80) ? dice.below(120'000) : dice.below(3 * 86'400'000));
        d->clock.offset_ms = dice.percent(50) ? size : -size;
      }
      return;
    case Act::weather: {
      Post& post = world_.post(dice.pick(world_.bridges));
      if (dice.percent(35)) {
        post.weather = {};
        return;
      }
      auto some = [&](unsigned most) { return dice.percent(40) ? static_cast<unsigned>(dice.below(most)) : 0u; };
      post.weather = {some(40), some(40), some(15), some(20), some(30), some(30), seconds(dice.percent(40) ? dice.below(120) : 0), dice.percent(40)};
      return;
    }
    case Act::cut:
      if (Device* d = any(false)) {
        Post& post = world_.post(dice.pick(world_.bridges));
        if (post.cut_off.contains(d->name))
          post.mend(d->name);
        else
          post.cut(d->name);
      }
      return;
    case Act::forget:
      if (Device* d = any(false)) world_.post(dice.pick(world_.bridges)).forget(d->name);
      return;
    case Act::lie:
      return lie();
    case Act::link:
      if (Device* d = any(true); d != nullptr && !linking(*d) && members_of(d->account).size() < most_devices) begin_link(*d);
      return;
    case Act::revoke:
      return revoke();
    case Act::lose:
      return lose();
    case Act::arrive:
      if (world_.accounts().size() + arriving_.size() < world_.options.accounts + most_accounts_more)
        arriving_.push_back(&world_.add_device("guest" + std::to_string(world_.devices.size())));
      return;
    case Act::bridge:
      return bridge();
    case Act::ghost:
      return ghost();
    case Act::acknowledge:
      return acknowledge();
    case Act::worker:
      if (Device* d = any(false)) d->crash_worker(dice.pick(world_.bridges));
      return;
    case Act::reset:
      return reset();
  }
}

// --- texts ---

std::optional<ThreadId> People::thread_with(Device& device, const AccountId& contact) {
  if (const auto known = device.memory.threads.find(contact); known != device.memory.threads.end()) return known->second;
  auto contacts = device.call(Call::reading, [](auto& e) { return e.contacts(); });
  if (!contacts) return std::nullopt;
  const bool known = std::any_of(contacts->begin(), contacts->end(), [&](const auto& c) { return c.account == contact; });
  if (!known) {
    // A first contact by an address is as good as what is served there; that is not what is tried here.
    std::string person;
    for (auto& d : world_.devices)
      if (d->account == contact) person = d->person;
    Post& post = world_.post("spool");
    post.lie(person, Lie::none);
    if (!device.look_up("spool", person)) return std::nullopt;
    maybe_arm(device);
    auto found = device.call(Call::resolve, [&](auto& e) { return e.resolve("spool:" + person); });
    if (!found || *found != contact) return std::nullopt;
  }
  maybe_arm(device);
  auto thread = device.call(Call::open_thread, [&](auto& e) { return e.open_thread(contact); });
  if (!thread) return std::nullopt;
  device.memory.threads[contact] = *thread;
  return *thread;
}

void People::say() {
  Device* d = any(true);
  if (d == nullptr || !d->running()) return;
  std::vector<AccountId> others = world_.accounts();
  std::erase(others, d->account);
  if (others.empty()) return;
  const AccountId contact = world_.dice.pick(others);
  const auto thread = thread_with(*d, contact);
  if (!thread) return;
  Said& said = world_.oracle.typed(*d, contact);
  const Unsent unsent{&said, *thread};
  if (world_.dice.percent(5)) maybe_arm(*d);
  if (!try_to_send(unsent)) unsent_.push_back(unsent);
}

bool People::try_to_send(const Unsent& unsent) {
  Device& d = *world_.devices[unsent.said->by];
  if (unsent.said->withdrawn) return true;
  auto id = d.call(Call::send, [&](auto& e) { return e.send(unsent.thread, unsent.said->text, unsent.said->text); });
  if (!id) {
    // Where it was removed from its account, or its store put back to before the thread, nothing comes of it.
    if (d.running() && id.error().code != Errc::storage) unsent.said->withdrawn = true;
    return unsent.said->withdrawn;
  }
  world_.oracle.sent(*unsent.said, d, *id);
  world_.note(d.name + " says " + unsent.said->text);
  return true;
}

void People::forget_unsent_of(std::size_t device) {
  std::erase_if(unsent_, [&](const Unsent& u) { return u.said->by == device; });
}

// --- faults ---

void People::fault() {
  if (Device* d = any(false)) {
    if (world_.dice.percent(15)) return d->disk.heal();
    if (world_.dice.percent(30))
      return d->disk.arm_in(static_cast<Call>(world_.dice.below(call_count)), static_cast<Fault>(world_.dice.below(fault_count)));
    world_.note(d->name + ": " + name(arm(*d, 60, 3)) + " soon");
  }
}

void People::restore() {
  if (saved_.empty()) return;
  const std::size_t at = world_.dice.below(saved_.size());
  const auto& [device, saved] = saved_[at];
  if (device->gone || linking(*device)) return;
  device->restore(saved);
  ++world_.counts.restores;
  world_.note(device->name + ": its store is put back");
}

void People::lie() {
  Dice& dice = world_.dice;
  Post& post = world_.post(dice.pick(world_.bridges));
  if (dice.percent(40)) return post.be_honest();
  std::vector<Device*> those;
  for (auto& d : world_.devices) those.push_back(d.get());
  const auto lie = static_cast<Lie>(dice.below(lie_count));
  const std::string& address = dice.pick(those)->person;
  post.lie(address, lie);
  world_.note("the directory of " + post.bridge() + " at " + address + ": " + name(lie));
}

// --- devices ---

bool People::arrive(Device& device) {
  device.run_due();
  maybe_arm(device);
  auto done = device.call(Call::create_account, [&](auto& e) { return e.create_account("Name of " + device.person); });
  if (!done && done.error().code != Errc::conflict) return false;
  device.run_due();
  return device.account != AccountId{};
}

void People::begin_link(Device& sponsor) {
  Device& joiner = world_.add_device(sponsor.person);
  links_.push_back({&sponsor, &joiner, 0, 60, 3, {}});
  world_.note(sponsor.name + " wants to add " + joiner.name);
}

void People::close_windows(const Link& link) {
  for (Device* d : {link.sponsor, link.other})
    if (d != nullptr) (void)d->call(Call::close_join_window, [](auto& e) { return e.close_join_window(); });
}

bool People::approve(Link& link, Device& by, const std::string& code) {
  auto requests = by.call(Call::reading, [](auto& e) { return e.join_requests(); });
  if (!requests) return false;
  for (const core::JoinRequest& r : *requests) {
    if (r.device != link.joiner->id || !r.ready) continue;
    world_.oracle.added(by, link.joiner->id);
    auto second = by.call(Call::approve_join, [&](auto& e) { return e.approve_join(r.id, code); });
    if (!second) return false;
    link.second_code = *second;
    link.phase = 3;
    return true;
  }
  return false;
}

bool People::advance(Link& link) {
  Device &sponsor = *link.sponsor, &joiner = *link.joiner;
  if (joiner.account != AccountId{}) {
    ++world_.counts.links;
    close_windows(link);
    return true;
  }
  if (sponsor.gone || joiner.gone || (--link.patience == 0 && --link.tries == 0)) {
    joiner.gone = true;
    joiner.stop();
    return true;
  }
  if (link.patience == 0) {
    (void)joiner.call(Call::begin_join, [](auto& e) { return e.cancel_join(); });
    close_windows(link);
    link.patience = 60;
    link.phase = 0;
    return false;
  }
  maybe_arm(link.phase == 0 || link.phase == 2 ? sponsor : joiner);
  switch (link.phase) {
    case 0:
      if (!sponsor.call(Call::open_join_window, [](auto& e) { return e.open_join_window(minutes(30)); })) break;
      link.phase = 1;
      // Some people tell two of their devices.
      if (std::vector<Device*> others = members_of(sponsor.account); others.size() > 1 && world_.dice.percent(40)) {
        std::erase(others, &sponsor);
        link.other = world_.dice.pick(others);
        (void)link.other->call(Call::open_join_window, [](auto& e) { return e.open_join_window(minutes(30)); });
      }
      break;
    case 1:
      if (joiner.call(Call::begin_join, [&](auto& e) { return e.begin_join("spool:" + joiner.person); })) link.phase = 2;
      break;
    case 2: {
      auto status = joiner.call(Call::reading, [](auto& e) { return e.join_status(); });
      if (!status || status->phase != core::JoinPhase::show_code) break;
      // By the one whose offer the new device has taken.
      if (!approve(link, sponsor, status->code) && link.other != nullptr) (void)approve(link, *link.other, status->code);
      break;
    }
    case 3:
      if (joiner.call(Call::confirm_join, [&](auto& e) { return e.confirm_join(link.second_code); })) link.phase = 4;
      break;
    default:
      break;
  }
  return false;
}

void People::give_up_links() {
  for (Link& link : links_) {
    if (link.joiner->account != AccountId{}) continue;
    link.joiner->gone = true;
    link.joiner->stop();
  }
  links_.clear();
  for (Device* d : arriving_) d->gone = d->account == AccountId{};
  arriving_.clear();
}

void People::revoke() {
  Device* by = any(true);
  if (by == nullptr || linking(*by)) return;
  std::vector<Device*> those = members_of(by->account);
  std::erase(those, by);
  if (those.empty()) return;
  Device* victim = world_.dice.pick(those);
  if (linking(*victim)) return;
  maybe_arm(*by, 40);
  if (!by->call(Call::revoke, [&](auto& e) { return e.revoke_device(victim->id); })) return;
  ++world_.counts.revokes;
  world_.note(by->name + " removes " + victim->name);
}

void People::lose() {
  Device* d = any(true);
  if (d == nullptr || linking(*d) || members_of(d->account).size() < 2) return;
  d->gone = true;
  d->stop();
  world_.note(d->name + " is lost");
}

// Whoever has lost all devices and begins anew: another account at the same addresses.
void People::reset() {
  Device* one = any(true);
  if (one == nullptr || world_.accounts().size() + arriving_.size() >= world_.options.accounts + most_accounts_more) return;
  const std::string person = one->person;
  for (auto& d : world_.devices) {
    if (d->person != person) continue;
    d->gone = true;
    d->stop();
  }
  for (const std::string& bridge : world_.bridges) world_.post(bridge).clear(person);
  ++world_.counts.resets;
  world_.begun_anew.insert(person);
  world_.note(person + " has lost everything, and begins anew");
  arriving_.push_back(&world_.add_device(person));
}

void People::bridge() {
  Device* d = any(true);
  if (d == nullptr) return;
  maybe_arm(*d, 40);
  // One way always stays.
  if (d->bridges().contains("mesh"))
    d->drop_bridge("mesh");
  else
    d->add_bridge("mesh");
}

void People::ghost() {
  Device* to = any(true);
  if (to == nullptr) return;
  auto record = world_.post("spool").record_of(to->person, to->name);
  if (!record) return;
  Ghost ghost(world_.dice.bytes());
  if (auto copy = ghost.write_to(*record, "nobody knows me", world_.now)) world_.post("spool").drop_into(to->name, std::move(*copy));
}

void People::acknowledge() {
  Device* d = any(true);
  if (d == nullptr || d->memory.cursor == 0) return;
  maybe_arm(*d);
  (void)d->call(Call::acknowledge_events, [&](auto& e) { return e.acknowledge_events("client", d->memory.cursor); });
  const auto alerts = d->alerts();
  if (alerts.empty()) return;
  maybe_arm(*d);
  (void)d->call(Call::acknowledge_alert, [&](auto& e) { return e.acknowledge_alert(alerts.front().id); });
}

void People::go_on() {
  std::erase_if(links_, [&](Link& link) { return advance(link); });
  if (world_.calm || world_.dice.percent(30))
    std::erase_if(unsent_, [&](const Unsent& u) { return try_to_send(u) || world_.devices[u.said->by]->gone; });
  std::erase_if(arriving_, [&](Device* device) { return arrive(*device); });
}

}  // namespace bud::sim
