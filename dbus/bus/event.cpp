#include "bus/event.h"

#include "bus/error.h"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <ctime>

namespace bud::bus {
namespace {

// sd-event frees the closure with the source, which is after a callback that dropped its own handle has returned.
template <class F>
Result<Source> own(int r, sd_event_source* source, std::unique_ptr<F> closure, std::string_view doing) {
  if (r < 0) return tl::unexpected(error_from_errno(r, doing));
  Source handle(source);
  r = sd_event_source_set_destroy_callback(source, [](void* p) { delete static_cast<F*>(p); });
  if (r < 0) return tl::unexpected(error_from_errno(r, doing));
  (void)closure.release();
  return handle;
}

template <class F, class... Args>
int invoke(void* closure, Args... args) noexcept {
  (*static_cast<F*>(closure))(args...);
  return 0;
}

using Call = std::function<void()>;
using IoCall = std::function<void(std::uint32_t)>;
using ChildCall = std::function<void(int, int)>;

Result<> block(int signal) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  const int r = pthread_sigmask(SIG_BLOCK, &set, nullptr);
  if (r != 0) return tl::unexpected(error_from_errno(r, "block a signal"));
  return {};
}

// A little slack lets the kernel wake once for several timers; short ones stay sharp.
std::uint64_t slack_us(Duration delay) {
  return std::clamp<std::uint64_t>(delay.ms * 1000 / 20, 1000, 250'000);
}

}  // namespace

Result<Event> Event::create() {
  sd_event* event = nullptr;
  const int r = sd_event_new(&event);
  if (r < 0) return tl::unexpected(error_from_errno(r, "make an event loop"));
  return Event(event);
}

Result<int> Event::run() {
  const int r = sd_event_loop(raw());
  if (r < 0) return tl::unexpected(error_from_errno(r, "run the event loop"));
  return r;
}

void Event::exit(int code) {
  (void)sd_event_exit(raw(), code);
}

Result<bool> Event::step(Duration timeout) {
  const int r = sd_event_run(raw(), timeout.ms * 1000);
  if (r < 0) return tl::unexpected(error_from_errno(r, "run the event loop"));
  return r > 0;
}

Result<Source> Event::after(Duration delay, Call call) {
  auto closure = std::make_unique<Call>(std::move(call));
  sd_event_source* source = nullptr;
  const int r = sd_event_add_time_relative(
      raw(), &source, CLOCK_BOOTTIME, delay.ms * 1000, slack_us(delay),
      [](sd_event_source*, std::uint64_t, void* p) { return invoke<Call>(p); }, closure.get());
  return own(r, source, std::move(closure), "set a timer");
}

Result<Source> Event::io(int fd, std::uint32_t events, IoCall call) {
  auto closure = std::make_unique<IoCall>(std::move(call));
  sd_event_source* source = nullptr;
  const int r = sd_event_add_io(
      raw(), &source, fd, events,
      [](sd_event_source*, int, std::uint32_t ready, void* p) { return invoke<IoCall>(p, ready); }, closure.get());
  return own(r, source, std::move(closure), "watch a descriptor");
}

Result<Source> Event::on_signal(int signal, Call call) {
  BUD_CHECK(block(signal));
  auto closure = std::make_unique<Call>(std::move(call));
  sd_event_source* source = nullptr;
  const int r = sd_event_add_signal(
      raw(), &source, signal, [](sd_event_source*, const signalfd_siginfo*, void* p) { return invoke<Call>(p); },
      closure.get());
  return own(r, source, std::move(closure), "watch a signal");
}

Result<Source> Event::on_child(pid_t pid, ChildCall call) {
  BUD_CHECK(block(SIGCHLD));
  auto closure = std::make_unique<ChildCall>(std::move(call));
  sd_event_source* source = nullptr;
  const int r = sd_event_add_child(
      raw(), &source, pid, WEXITED,
      [](sd_event_source*, const siginfo_t* info, void* p) {
        return invoke<ChildCall>(p, info->si_code, info->si_status);
      },
      closure.get());
  return own(r, source, std::move(closure), "watch a child process");
}

Result<Source> Event::defer(Call call) {
  auto closure = std::make_unique<Call>(std::move(call));
  sd_event_source* source = nullptr;
  const int r = sd_event_add_defer(
      raw(), &source, [](sd_event_source*, void* p) { return invoke<Call>(p); }, closure.get());
  return own(r, source, std::move(closure), "defer a call");
}

Result<Source> Event::after_each_round(Call call) {
  auto closure = std::make_unique<Call>(std::move(call));
  sd_event_source* source = nullptr;
  const int r = sd_event_add_post(
      raw(), &source, [](sd_event_source*, void* p) { return invoke<Call>(p); }, closure.get());
  return own(r, source, std::move(closure), "call after each round");
}

}  // namespace bud::bus
