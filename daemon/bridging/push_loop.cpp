#include "bridging/push_loop.h"

#include "base/text.h"

namespace bud::bridging {
namespace {

constexpr std::size_t max_name = 255;

core::PushStatus of_copy(bud_status status) {
  switch (status) {
    case BUD_OK:
      return core::PushStatus::ok;
    case BUD_RETRY_LATER:
    case BUD_AUTH:
    case BUD_GONE:
      return core::PushStatus::retry_later;
    case BUD_TOO_LARGE:
    case BUD_INVALID:
      return core::PushStatus::too_large;
    case BUD_NO_SUCH_DEVICE:
      return core::PushStatus::no_such_device;
    default:
      return core::PushStatus::unknown_outcome;
  }
}

bool stays(core::PushStatus status) {
  return status == core::PushStatus::retry_later || status == core::PushStatus::unknown_outcome;
}

bool is_name(const std::string& name) {
  return !name.empty() && name.size() <= max_name && valid_text(name);
}

}  // namespace

void PushLoop::start(Worker& worker, const Identity& identity) {
  worker_ = &worker;
  identity_ = identity;
  backoff_.reset();
  begin_round();
}

void PushLoop::stop() {
  worker_ = nullptr;
  in_flight_ = false;
  timer_.reset();
}

void PushLoop::kick() {
  if (worker_ != nullptr && !in_flight_) next();
}

void PushLoop::retry_now() {
  backoff_.reset();
  if (worker_ == nullptr || in_flight_) return;
  begin_round();
}

void PushLoop::begin_round() {
  timer_.reset();
  after_ = 0;
  unfinished_ = false;
  next();
}

Result<> PushLoop::refuse_unfit(std::vector<core::OutboxItem>& items) {
  std::vector<core::PushResult> refused;
  std::vector<core::OutboxItem> fit;
  for (core::OutboxItem& item : items) {
    if (item.envelope.size() > identity_.core.max_envelope)
      refused.push_back({item.id, core::PushStatus::too_large});
    else if (!is_name(item.address) || !is_name(item.device))
      refused.push_back({item.id, core::PushStatus::no_such_device});  // the recipient's own record says nonsense
    else
      fit.push_back(std::move(item));
  }
  items = std::move(fit);
  if (refused.empty()) return {};
  return context_.port.pushed(context_.bridge, refused);
}

Result<std::vector<core::OutboxItem>> PushLoop::next_batch() {
  std::vector<core::OutboxItem> items;
  do {
    BUD_TRY(items, context_.port.outbox(context_.bridge, after_, identity_.core.max_batch, identity_.max_batch_bytes));
    if (items.empty()) return items;
    after_ = items.back().id;
    BUD_CHECK(refuse_unfit(items));
  } while (items.empty());
  return items;
}

void PushLoop::next() {
  const auto items = next_batch();
  if (!items) {
    context_.log(BUD_LOG_ERROR, "The outbox cannot be used: " + items.error().text);
    return wait({});
  }
  if (items->empty()) return end_round();
  std::vector<std::uint64_t> ids;
  for (const core::OutboxItem& item : *items) ids.push_back(item.id);
  in_flight_ = true;
  worker_->push(*items, context_.timing.to_push,
                [this, ids = std::move(ids)](const Answer& answer, const std::vector<bud_status>& statuses) {
                  answered(answer, ids, statuses);
                });
}

void PushLoop::answered(const Answer& answer, const std::vector<std::uint64_t>& ids,
                        const std::vector<bud_status>& statuses) {
  in_flight_ = false;
  if (worker_ == nullptr) return;
  std::vector<core::PushResult> results;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    results.push_back({ids[i], of_copy(statuses[i])});
    unfinished_ = unfinished_ || stays(results.back().status);
  }
  if (const Result<> kept = context_.port.pushed(context_.bridge, results); !kept) {
    context_.log(BUD_LOG_ERROR, "What became of a push cannot be stored: " + kept.error().text);
    return wait({});
  }
  const bool server_is_away = answer.status != BUD_PARTIAL && stays(of_copy(answer.status));
  if (server_is_away) {
    context_.log(BUD_LOG_NOTICE, "Nothing was pushed: " + answer.words);
    return wait(answer.retry_after);
  }
  next();
}

void PushLoop::end_round() {
  after_ = unfinished_ ? after_ : 0;
  if (unfinished_ && !timer_) return wait({});
  if (!unfinished_) backoff_.reset();
}

void PushLoop::wait(Duration at_least) {
  unfinished_ = true;
  if (timer_ && at_least.ms == 0) return;  // copies that keep coming must not put the others off again and again
  timer_ = context_.timers.after(backoff_.next(at_least), [this] {
    const Timer fired = std::move(timer_);
    if (worker_ != nullptr && !in_flight_) begin_round();
  });
}

}  // namespace bud::bridging
