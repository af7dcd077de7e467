#include "bridging/bridge.h"

namespace bud::bridging {
namespace {

constexpr std::size_t max_keys = 64;

bool wants_a_person(BridgeState state) {
  return state == BridgeState::failed || state == BridgeState::needs_login;
}

// What a status that is not ok makes of the bridge.
BridgeState state_of(bud_status status) {
  switch (status) {
    case BUD_OK:
      return BridgeState::up;
    case BUD_AUTH:
      return BridgeState::needs_login;
    case BUD_GONE:
    case BUD_INVALID:
      return BridgeState::failed;
    default:
      return BridgeState::retrying;
  }
}

}  // namespace

Bridge::Bridge(Context context, Configuration configuration, std::function<void(const Status&)> status_changed)
    : context_(std::move(context)),
      configuration_(std::move(configuration)),
      status_changed_(std::move(status_changed)),
      backoff_(context_.backoff()),
      lookups_(context_),
      publisher_(context_),
      push_loop_(context_),
      receiver_(context_),
      blobs_(context_) {
  timer_ = context_.timers.defer([this] { start(); });
}

Bridge::~Bridge() = default;

void Bridge::set(BridgeState state, const std::string& words) {
  const Status status{state, words};
  if (status == status_) return;
  status_ = status;
  if (tell_) return;
  tell_ = context_.timers.defer([this] {
    const Timer fired = std::move(tell_);
    if (status_changed_) status_changed_(Status(status_));
  });
}

void Bridge::start() {
  const Timer fired = std::move(timer_);
  configured_ = false;
  last_error_.clear();
  asked_delay_ = {};
  auto worker = context_.workers.start(configuration_.kind, *this);
  if (!worker) return restart_later(worker.error().text);
  worker_ = std::move(*worker);
  timer_ = context_.timers.after(context_.timing.to_ready,
                                 [this] { worker_->kill("The worker did not get ready in time"); });
}

void Bridge::worker_ready() {
  timer_.reset();
  configure();
}

void Bridge::configure() {
  auto state = context_.port.bridge_state(context_.bridge);
  if (!state) return worker_->kill("What the bridge has stored cannot be read: " + state.error().text);
  worker_->configure(configuration_.json, *state, context_.timing.to_configure,
                     [this](const Answer& answer, const Identity& identity) { configured(answer, identity); });
}

void Bridge::configured(const Answer& answer, const Identity& identity) {
  if (answer.status != BUD_OK) {
    asked_delay_ = answer.retry_after;
    set(state_of(answer.status), answer.words);
    return worker_->kill(answer.words);
  }
  if (const Result<> known = context_.port.bridge_ready(context_.bridge, identity.core); !known)
    return worker_->kill("The bridge cannot be used: " + known.error().text);
  identity_ = identity;
  configured_ = true;
  set(BridgeState::up, "");
  timer_ = context_.timers.after(context_.timing.steady, [this] { backoff_.reset(); });
  receiver_.start(*worker_);
  lookups_.start(*worker_);
  publisher_.start(*worker_, identity_);
  push_loop_.start(*worker_, identity_);
  if (identity_.core.blobs) blobs_.start(*worker_);
}

void Bridge::stop_parts() {
  configured_ = false;
  timer_.reset();
  push_loop_.stop();
  publisher_.stop();
  receiver_.stop();
  lookups_.stop();
  blobs_.stop();
}

void Bridge::worker_gone(std::string why) {
  stop_parts();
  worker_.reset();
  if (wants_a_person(status_.state)) return context_.log(BUD_LOG_ERROR, status_.words);
  restart_later(last_error_.empty() ? why : last_error_, asked_delay_);
}

void Bridge::restart_later(const std::string& why, Duration at_least) {
  context_.log(BUD_LOG_WARNING, why + "; it is started again");
  set(BridgeState::retrying, why);
  lookups_.stop();
  timer_ = context_.timers.after(backoff_.next(at_least), [this] { start(); });
}

void Bridge::kick() {
  if (kick_ || !configured_) return;  // a start looks at everything by itself
  kick_ = context_.timers.defer([this] {
    const Timer fired = std::move(kick_);
    publisher_.kick();
    push_loop_.kick();
  });
}

Result<> Bridge::worker_delivers(std::vector<Bytes> copies, Bytes cursor) {
  if (!configured_) return fail(Errc::not_allowed, "A delivery before the bridge is configured");
  return receiver_.take(std::move(copies), std::move(cursor));
}

Result<> Bridge::worker_stores(const std::string& key, ByteView value) {
  BUD_TRY(const auto state, context_.port.bridge_state(context_.bridge));
  if (state.size() >= max_keys && state.count(key) == 0) return fail(Errc::too_large, "A bridge has at most 64 keys");
  return context_.port.store_bridge_state(context_.bridge, key, value);
}

void Bridge::worker_saw_change(const std::string& address) {
  if (configured_) lookups_.changed(address);
}

void Bridge::worker_reports(bud_status status, const std::string& words) {
  if (!configured_) return;
  set(state_of(status), status == BUD_OK ? "" : words);
  if (status != BUD_OK) return;
  publisher_.retry_now();
  push_loop_.retry_now();
  receiver_.retry_now();
}

void Bridge::worker_logs(std::uint32_t level, const std::string& text) {
  if (level <= BUD_LOG_ERROR) last_error_ = text;
  context_.log(level, text);
}

}  // namespace bud::bridging
