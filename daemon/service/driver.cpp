#include "service/driver.h"

#include <algorithm>

namespace bud::service {
namespace {

constexpr Duration longest_wait = minutes(15);  // a clock that was set forward is noticed
constexpr Duration shortest_wait{20};
constexpr Duration wait_after_failure = seconds(10);

template <class T>
void add_to(std::vector<T>& to, const std::vector<T>& more) {
  for (const T& one : more) {
    if (std::find(to.begin(), to.end(), one) == to.end()) to.push_back(one);
  }
}

void merge(core::Changes& to, const core::Changes& more) {
  to.events |= more.events;
  to.account |= more.account;
  to.join |= more.join;
  add_to(to.contacts, more.contacts);
  add_to(to.threads, more.threads);
  add_to(to.messages, more.messages);
  to.typing.insert(to.typing.end(), more.typing.begin(), more.typing.end());
  to.alerts.insert(to.alerts.end(), more.alerts.begin(), more.alerts.end());
  add_to(to.answered, more.answered);
  add_to(to.settings, more.settings);
  to.outbox.insert(more.outbox.begin(), more.outbox.end());
  to.publish.insert(more.publish.begin(), more.publish.end());
  to.uploads.insert(more.uploads.begin(), more.uploads.end());
  to.unstaged.insert(more.unstaged.begin(), more.unstaged.end());
  to.lookups.insert(more.lookups.begin(), more.lookups.end());
}

}  // namespace

void Driver::start(core::Engine& engine, bridging::Bridges& bridges) {
  engine_ = &engine;
  bridges_ = &bridges;
  tick();
}

void Driver::stop() {
  engine_ = nullptr;
  bridges_ = nullptr;
  pending_ = {};
  settle_.reset();
  timer_.reset();
  tick_failed_ = false;
}

// The engine is inside of one of its calls here: what follows is done from the loop, once for all that came together.
void Driver::changed(const core::Changes& changes) {
  merge(pending_, changes);
  if (!settle_) settle_ = timers_.defer([this] { settle(); });
}

void Driver::settle() {
  const bridging::Timer fired = std::move(settle_);
  if (engine_ == nullptr) return;
  const core::Changes changes = std::exchange(pending_, {});
  for (const std::string& bridge : changes.outbox) bridges_->kick(bridge);
  for (const std::string& bridge : changes.publish) bridges_->kick(bridge);
  for (const auto& [bridge, address] : changes.lookups) bridges_->lookup(bridge, address);
  if (hooks_.changed) hooks_.changed(changes);
  schedule();
}

void Driver::schedule() {
  if (engine_ == nullptr) return;
  const Duration due = elapsed(clock_.now(), engine_->next_due());
  const Duration wait = tick_failed_ ? wait_after_failure : std::clamp(due, shortest_wait, longest_wait);
  timer_ = timers_.after(wait, [this] { tick(); });
}

void Driver::tick() {
  const bridging::Timer fired = std::move(timer_);
  if (engine_ == nullptr) return;
  const Result<> done = engine_->tick();
  tick_failed_ = !done;
  if (hooks_.ticked) hooks_.ticked(done);
  schedule();
}

}  // namespace bud::service
