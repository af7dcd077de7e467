// A loop whose clock stands still until a test moves it.
#pragma once

#include "bridging/timers.h"

#include <gtest/gtest.h>

#include <map>

namespace bud::test {

class FakeTimers final : public bridging::Timers {
 public:
  bridging::Timer after(Duration delay, std::function<void()> call) override {
    const Key key{now_ + delay.ms, next_++};
    plans_[key] = std::make_shared<std::function<void()>>(std::move(call));
    return bridging::Timer(std::make_unique<Planned>(*this, key));
  }
  bridging::Timer defer(std::function<void()> call) override { return after({}, std::move(call)); }

  // Makes all calls that are due now, and those that they plan for now.
  void settle() { advance({}); }
  // Makes all calls that fall due until then, each at its time.
  void advance(Duration by) {
    const std::uint64_t until = now_ + by.ms;
    for (int calls = 0; !plans_.empty() && plans_.begin()->first.first <= until; ++calls) {
      ASSERT_LT(calls, 100'000) << "one call plans the next for ever";
      const auto plan = plans_.extract(plans_.begin());
      now_ = plan.key().first;
      (*plan.mapped())();
    }
    now_ = until;
  }
  // How long it is to the next call; nullopt where none is planned.
  std::optional<Duration> next() const {
    if (plans_.empty()) return std::nullopt;
    return Duration{plans_.begin()->first.first - now_};
  }

 private:
  using Key = std::pair<std::uint64_t, std::uint64_t>;  // when, and a number that keeps their order
  struct Planned final : bridging::Timer::Entry {
    Planned(FakeTimers& its_timers, Key its_key) : timers(its_timers), key(its_key) {}
    ~Planned() override { timers.plans_.erase(key); }
    FakeTimers& timers;
    Key key;
  };

  std::uint64_t now_ = 0;
  std::uint64_t next_ = 0;
  std::map<Key, std::shared_ptr<std::function<void()>>> plans_;
};

}  // namespace bud::test
