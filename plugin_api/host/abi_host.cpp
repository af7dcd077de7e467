#include "host/abi_host.h"

#include "host/text.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cstring>
#include <ctime>

namespace bud::worker {
namespace {

constexpr std::size_t max_sources = 1024;
constexpr std::size_t max_keys = 64;
constexpr std::size_t max_value = 64 * 1024;
constexpr std::size_t max_copies = 1000;
constexpr std::size_t max_copy = 1024 * 1024;
constexpr std::size_t max_delivery = 16 * 1024 * 1024;
constexpr std::size_t max_cursor = 4096;

bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= 64 &&
         key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string_view::npos;
}

std::uint32_t to_epoll(std::uint32_t events) {
  std::uint32_t wanted = 0;
  if ((events & BUD_IO_READ) != 0) wanted |= EPOLLIN;
  if ((events & BUD_IO_WRITE) != 0) wanted |= EPOLLOUT;
  return wanted;
}
std::uint32_t from_epoll(std::uint32_t ready) {
  std::uint32_t events = 0;
  if ((ready & EPOLLIN) != 0) events |= BUD_IO_READ;
  if ((ready & EPOLLOUT) != 0) events |= BUD_IO_WRITE;
  if ((ready & (EPOLLERR | EPOLLHUP)) != 0) events |= BUD_IO_ERROR;
  return events;
}

}  // namespace

// The C functions. A plugin that passes nonsense is answered as the header says; none of this trusts it.
struct AbiCalls {
  static AbiHost& of(const bud_host* host) { return *static_cast<AbiHost*>(host->data); }

  static void complete(const bud_host* host, std::uint64_t op, const bud_completion* completion) {
    if (completion == nullptr || !of(host).operations_.complete(op, *completion))
      of(host).daemon_.log(BUD_LOG_WARNING,
                           "the bridge completed an operation twice, too late, or one that is unknown");
  }

  static constexpr bud_host_loop loop = {
      sizeof(bud_host_loop),
      [](const bud_host*) { return AbiHost::now_ms(); },
      [](const bud_host* h, int fd, std::uint32_t events, bud_io_function f, void* user) {
        return of(h).add_fd(fd, events, f, user);
      },
      [](const bud_host* h, std::uint64_t id, std::uint32_t events) { return of(h).modify_fd(id, events); },
      [](const bud_host* h, std::uint64_t id) { of(h).fds_.erase(id); },
      [](const bud_host* h, std::uint64_t delay_ms, bud_timer_function f, void* user) {
        return of(h).add_timer(delay_ms, f, user);
      },
      [](const bud_host* h, std::uint64_t id) { of(h).timers_.erase(id); },
      [](const bud_host* h) { (void)eventfd_write(of(h).wake_fd_.get(), 1); }};

  static bool get(const bud_host* host, const char* key, bud_bytes* value) {
    const auto found = of(host).state_.find(key);
    if (found == of(host).state_.end()) return false;
    *value = {found->second.data(), found->second.size()};
    return true;
  }
  static constexpr bud_host_kv kv = {sizeof(bud_host_kv), get,
                                     [](const bud_host* h, const char* key, bud_bytes value, bud_stored_function stored,
                                        void* user) { of(h).put(key, value, stored, user); }};

  static constexpr bud_host_log log = {
      sizeof(bud_host_log),
      [](const bud_host* h, std::uint32_t level, const char* text) { of(h).daemon_.log(level, printable(text)); }};
  static constexpr bud_host_state state = {
      sizeof(bud_host_state),
      [](const bud_host* h, bud_status status, const char* words) { of(h).daemon_.report(status, printable(words)); }};
  static constexpr bud_host_delivery delivery = {
      sizeof(bud_host_delivery), [](const bud_host* h, const bud_bytes* copies, std::uint32_t count, bud_bytes cursor) {
        of(h).deliver(copies, count, cursor);
      }};
  static constexpr bud_host_directory directory = {
      sizeof(bud_host_directory),
      [](const bud_host* h, const char* address) { of(h).daemon_.changed(printable(address)); }};

  static const void* get_extension(const bud_host*, const char* name) {
    static const std::pair<std::string_view, const void*> all[] = {
        {BUD_HOST_LOOP, &loop},         {BUD_HOST_KV, &kv},
        {BUD_HOST_LOG, &log},           {BUD_HOST_STATE, &state},
        {BUD_HOST_DELIVERY, &delivery}, {BUD_HOST_DIRECTORY, &directory}};
    for (const auto& [known, extension] : all)
      if (known == name) return extension;
    return nullptr;
  }
};

std::uint64_t AbiHost::now_ms() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
}

AbiHost::AbiHost(bus::Event& event, DaemonLink& daemon, Operations& operations)
    : event_(event), daemon_(daemon), operations_(operations), host_{sizeof host_,
                                                                     "budstikke",
                                                                     "0.1",
                                                                     this,
                                                                     AbiCalls::get_extension,
                                                                     AbiCalls::complete} {}

Result<std::unique_ptr<AbiHost>> AbiHost::create(bus::Event& event, DaemonLink& daemon, Operations& operations,
                                                 std::function<void()> on_wake) {
  std::unique_ptr<AbiHost> host(new AbiHost(event, daemon, operations));
  host->wake_fd_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!host->wake_fd_) return fail(Errc::internal, "The kernel gives no eventfd");
  const int fd = host->wake_fd_.get();
  BUD_TRY(host->wake_, event.io(fd, EPOLLIN, [fd, on_wake = std::move(on_wake)](std::uint32_t) {
    eventfd_t times = 0;
    if (eventfd_read(fd, &times) == 0) on_wake();
  }));
  return host;
}

// (Re-)registers the watch with the loop.
bool AbiHost::watch(std::uint64_t id) {
  FdWatch& w = fds_.at(id);
  auto source = event_.io(w.fd, to_epoll(w.events), [this, id](std::uint32_t ready) {
    const auto found = fds_.find(id);
    if (found != fds_.end()) found->second.f(found->second.user, found->second.fd, from_epoll(ready));
  });
  if (!source) return false;
  w.source = std::move(*source);
  return true;
}

std::uint64_t AbiHost::add_fd(int fd, std::uint32_t events, bud_io_function f, void* user) {
  if (fds_.size() >= max_sources || f == nullptr) return 0;
  const std::uint64_t id = next_++;
  fds_[id] = {fd, events, f, user, {}};
  if (watch(id)) return id;
  fds_.erase(id);
  return 0;
}

bool AbiHost::modify_fd(std::uint64_t id, std::uint32_t events) {
  const auto found = fds_.find(id);
  if (found == fds_.end()) return false;
  found->second.source.reset();  // a descriptor is registered once
  found->second.events = events;
  return watch(id);
}

std::uint64_t AbiHost::add_timer(std::uint64_t delay_ms, bud_timer_function f, void* user) {
  if (timers_.size() >= max_sources || f == nullptr) return 0;
  const std::uint64_t id = next_++;
  auto source = event_.after({std::min(delay_ms, days(365).ms)}, [this, id, f, user] {
    const auto fired = timers_.extract(id);  // keeps the closure alive until the plugin has returned
    f(user);
  });
  if (!source) return 0;
  timers_[id] = std::move(*source);
  return id;
}

void AbiHost::put(const std::string& key, bud_bytes value, bud_stored_function stored, void* user) {
  const bool fits = is_key(key) && value.size <= max_value && (state_.count(key) != 0 || state_.size() < max_keys);
  if (!fits) {
    daemon_.log(BUD_LOG_ERROR, "the bridge wants to keep a value that is too large, or under an unfit name");
    if (stored == nullptr) return;
    const std::uint64_t id = next_++;
    auto later = event_.defer([this, id, stored, user] {
      const auto fired = timers_.extract(id);
      stored(user, BUD_INVALID);
    });
    if (later) timers_[id] = std::move(*later);
    return;
  }
  const Bytes bytes(value.data, value.data + value.size);
  state_[key] = bytes;
  daemon_.store_state(key, bytes, [this, key, stored, user](bool ok) {
    if (!ok) daemon_.log(BUD_LOG_ERROR, "the daemon could not store \"" + key + "\" of the bridge");
    if (stored != nullptr) stored(user, ok ? bud_status{BUD_OK} : bud_status{BUD_RETRY_LATER});
  });
}

void AbiHost::deliver(const bud_bytes* copies, std::uint32_t count, bud_bytes cursor) {
  std::size_t total = 0;
  bool fits = count <= max_copies && cursor.size > 0 && cursor.size <= max_cursor && outstanding_.empty();
  for (std::uint32_t i = 0; fits && i < count; ++i) {
    total += copies[i].size;
    fits = copies[i].size <= max_copy && total <= max_delivery;
  }
  // Nothing is lost: what is not acknowledged is delivered again.
  if (!fits) return daemon_.give_up("the bridge delivered what it may not: too much, or two batches at once");
  outstanding_.assign(cursor.data, cursor.data + cursor.size);
  daemon_.deliver(copies, count, cursor);
}

bool AbiHost::acknowledge(ByteView cursor) {
  if (outstanding_.empty() || !equal(outstanding_, cursor)) return false;
  outstanding_.clear();
  return true;
}

}  // namespace bud::worker
