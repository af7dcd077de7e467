// A device's loop: what its process has planned, made when the world's clock gets there.
#pragma once

#include "bridging/timers.h"

#include <map>

namespace bud::sim {

class Agenda final : public bridging::Timers {
 public:
  explicit Agenda(const Time& now) : now_(now) {}

  bridging::Timer after(Duration delay, std::function<void()> call) override {
    const Key key{now_.ms + delay.ms, next_++};
    plans_[key] = std::move(call);
    return bridging::Timer(std::make_unique<Planned>(*this, key));
  }
  bridging::Timer defer(std::function<void()> call) override { return after({}, std::move(call)); }

  std::optional<Time> next() const {
    return plans_.empty() ? std::nullopt : std::optional<Time>(Time{plans_.begin()->first.first});
  }
  // Makes the call that is due first. There is one.
  void run_next() {
    const auto plan = plans_.extract(plans_.begin());
    plan.mapped()();
  }

 private:
  using Key = std::pair<std::uint64_t, std::uint64_t>;  // when, and a number that keeps their order
  struct Planned final : bridging::Timer::Entry {
    Planned(Agenda& its_agenda, Key its_key) : agenda(its_agenda), key(its_key) {}
    ~Planned() override { agenda.plans_.erase(key); }
    Agenda& agenda;
    Key key;
  };

  const Time& now_;
  std::uint64_t next_ = 0;
  std::map<Key, std::function<void()>> plans_;
};

}  // namespace bud::sim
