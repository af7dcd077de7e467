#include "bridging/io/event_timers.h"

namespace bud::bridging {
namespace {

struct Entry final : Timer::Entry {
  explicit Entry(bus::Source it) : source(std::move(it)) {}
  bus::Source source;
};

Timer hold(Result<bus::Source> source) {
  return source ? Timer(std::make_unique<Entry>(std::move(*source))) : Timer();
}

}  // namespace

Timer EventTimers::after(Duration delay, std::function<void()> call) {
  return hold(event_.after(delay, std::move(call)));
}

Timer EventTimers::defer(std::function<void()> call) {
  return hold(event_.defer(std::move(call)));
}

}  // namespace bud::bridging
