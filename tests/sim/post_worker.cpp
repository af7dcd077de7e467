#include "sim/post_worker.h"

#include "sim/world.h"

namespace bud::sim {
namespace {

constexpr Duration try_again = seconds(5);

bud_status to_status(core::PushStatus status) {
  switch (status) {
    case core::PushStatus::ok:
      return BUD_OK;
    case core::PushStatus::retry_later:
      return BUD_RETRY_LATER;
    case core::PushStatus::no_such_device:
      return BUD_NO_SUCH_DEVICE;
    case core::PushStatus::too_large:
      return BUD_TOO_LARGE;
    default:
      return BUD_UNKNOWN_OUTCOME;
  }
}

bridging::Answer answer(bud_status status) { return {status, {}, status == BUD_OK ? "" : "the simulated post said no"}; }

}  // namespace

PostWorker::PostWorker(World& world, Device& device, Post& post, Listener& listener, std::function<void()> dropped)
    : world_(world), device_(device), post_(post), listener_(listener), dropped_(std::move(dropped)) {
  post_.listen(device_.name, [this](Duration due_in) {
    if (up_) plan_poll(due_in);
  });
  later(a_while(), [this] { listener_.worker_ready(); });
}

PostWorker::~PostWorker() {
  post_.listen(device_.name, {});
  dropped_();
}

bool PostWorker::cut_off() const { return post_.cut_off.contains(device_.name); }

Duration PostWorker::a_while() { return {world_.dice.below(world_.dice.percent(90) ? 30 : 3000)}; }

void PostWorker::later(Duration delay, std::function<void()> call) {
  const std::uint64_t n = next_call_++;
  calls_[n] = device_.agenda.after(delay, [this, n, call = std::move(call)] {
    const auto fired = calls_.extract(n);
    if (!gone_) call();
  });
}

void PostWorker::kill(const std::string& why) {
  if (gone_) return;
  gone_ = device_.agenda.defer([this, why] { listener_.worker_gone(why); });
}

void PostWorker::configure(const std::string&, const State&, Duration,
                           std::function<void(bridging::Answer, bridging::Identity)> done) {
  later(a_while(), [this, done = std::move(done)] {
    if (cut_off()) return done(answer(BUD_RETRY_LATER), {});
    bridging::Identity identity;
    identity.core = {device_.person, device_.name, 32 * 1024, device_.index % 2 == 0 ? 100u : 3u, false};
    (void)listener_.worker_stores("token", as_bytes(device_.name));
    done(answer(BUD_OK), identity);
    if (gone_) return;
    up_ = true;
    plan_poll({});
  });
}

void PostWorker::publish(const core::Publication& publication, Duration, std::function<void(bridging::Answer)> done) {
  later(a_while(), [this, publication, done = std::move(done)] {
    const bool taken = post_.publish(device_.name, publication);
    later(a_while(), [done, taken] { done(answer(taken ? BUD_OK : BUD_RETRY_LATER)); });
  });
}

void PostWorker::lookup(const std::string& address, Duration,
                        std::function<void(bridging::Answer, std::vector<Bytes>)> done) {
  later(a_while(), [this, address, done = std::move(done)] {
    auto served = post_.look_up(device_.name, address);
    later(a_while(), [this, served = std::move(served), done] {
      if (!served) return done(answer(BUD_RETRY_LATER), {});
      served_ = *served;
      done(answer(BUD_OK), served->records);
    });
  });
}

void PostWorker::push(std::span<const core::OutboxItem> items, Duration,
                      std::function<void(bridging::Answer, std::vector<bud_status>)> done) {
  later(a_while(), [this, items = std::vector<core::OutboxItem>(items.begin(), items.end()), done = std::move(done)] {
    std::vector<bud_status> statuses;
    for (const core::OutboxItem& item : items) {
      const core::PushStatus status = post_.push(device_.name, item);
      world_.traffic.answered(device_, post_.bridge(), item.id, status);
      statuses.push_back(to_status(status));
      world_.note(device_.name + " pushes " + std::to_string(item.envelope.size()) + " bytes to " + item.device + " by " +
                  post_.bridge() + ": " + std::to_string(static_cast<int>(statuses.back())));
    }
    const bool alike = std::all_of(statuses.begin(), statuses.end(), [&](bud_status s) { return s == statuses.front(); });
    later(a_while(), [statuses, alike, done] { done(answer(alike ? statuses.front() : bud_status{BUD_PARTIAL}), statuses); });
  });
}

void PostWorker::ack(ByteView cursor) {
  delivering_ = false;
  world_.traffic.acknowledges(device_, post_.bridge(), cursor);
  if (world_.dice.percent(10)) (void)listener_.worker_stores("token", cursor);
  if (!cut_off()) post_.acknowledge(device_.name, cursor);
  plan_poll({});
}

void PostWorker::plan_poll(Duration delay) {
  poll_ = device_.agenda.after(delay, [this] {
    const bridging::Timer fired = std::move(poll_);
    if (!gone_) poll();
  });
}

void PostWorker::poll() {
  if (const bool cut = cut_off(); cut != was_cut_) {
    was_cut_ = cut;
    cut ? listener_.worker_reports(BUD_RETRY_LATER, "the way to the post is cut") : listener_.worker_reports(BUD_OK, "");
  }
  if (was_cut_ || delivering_) return;
  if (auto batch = post_.take(device_.name, 100)) {
    delivering_ = true;
    if (listener_.worker_delivers(std::move(batch->copies), std::move(batch->cursor))) return;
    delivering_ = false;
    return plan_poll(try_again);
  }
  if (const std::optional<Duration> due = post_.next_due(device_.name)) plan_poll(std::max(*due, Duration{1}));
}

Result<std::unique_ptr<bridging::Worker>> PostWorkers::start(const std::string& kind, bridging::Worker::Listener& listener) {
  if (world_.dice.percent(3)) return fail(Errc::internal, "no process can be started now");
  auto worker = std::make_unique<PostWorker>(world_, device_, world_.post(kind), listener, [this, kind] { workers_.erase(kind); });
  workers_[kind] = worker.get();
  return worker;
}

PostWorker* PostWorkers::find(const std::string& bridge) {
  const auto found = workers_.find(bridge);
  return found == workers_.end() ? nullptr : found->second;
}

}  // namespace bud::sim
