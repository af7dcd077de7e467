#include "bridging/lookups.h"

#include "base/text.h"

namespace bud::bridging {
namespace {

constexpr std::size_t max_running = 16;
constexpr std::size_t max_changed = 256;
constexpr std::size_t max_address = 255;

}  // namespace

void Lookups::ask(const std::string& address, Done done) {
  const auto [asked, fresh] = asked_.try_emplace(address);
  asked->second.push_back(std::move(done));
  if (fresh) queue_.push_back(address);
  if (worker_ != nullptr) return next();
  if (waiting_for_worker_ || failing_) return;
  failing_ = context_.timers.defer([this] { fail_all(); });
}

void Lookups::changed(const std::string& address) {
  if (changed_.size() >= max_changed) return;  // a flood; the daily look finds the rest
  changed_.insert(address);
  if (changes_settled_) return;
  changes_settled_ = context_.timers.after(context_.timing.changes_settle, [this] {
    const Timer fired = std::move(changes_settled_);
    for (const std::string& one : std::exchange(changed_, {})) ask(one, {});
  });
}

void Lookups::start(Worker& worker) {
  worker_ = &worker;
  running_ = 0;
  failing_.reset();  // who asked a moment ago is served after all
  next();
}

void Lookups::stop() {
  worker_ = nullptr;
  waiting_for_worker_ = false;
  changed_.clear();
  changes_settled_.reset();
  fail_all();
}

void Lookups::fail_all() {
  const Timer fired = std::move(failing_);
  queue_.clear();
  running_ = 0;
  // What the callbacks ask anew is failed by a later call.
  for (const auto& [address, waiting] : std::exchange(asked_, {})) {
    (void)context_.port.lookup_failed(context_.bridge, address);
    for (const Done& done : waiting)
      if (done) done(false);
  }
}

void Lookups::next() {
  while (worker_ != nullptr && running_ < max_running && !queue_.empty()) {
    const std::string address = std::move(queue_.front());
    queue_.pop_front();
    ++running_;
    if (address.empty() || address.size() > max_address || !valid_text(address)) {
      unfit_[address] = context_.timers.defer([this, address] { answered(address, {BUD_INVALID, {}, {}}, {}); });
      continue;
    }
    worker_->lookup(address, context_.timing.to_lookup,
                    [this, address](const Answer& answer, const std::vector<Bytes>& records) {
                      answered(address, answer, records);
                    });
  }
}

void Lookups::answered(const std::string& address, const Answer& answer, std::span<const Bytes> records) {
  const auto fired = unfit_.extract(address);
  if (running_ > 0) --running_;
  Result<> kept = answer.status == BUD_OK ? context_.port.records(context_.bridge, address, records)
                                          : context_.port.lookup_failed(context_.bridge, address);
  if (answer.status != BUD_OK) context_.log(BUD_LOG_NOTICE, "A look-up failed: " + answer.words);
  if (!kept) context_.log(BUD_LOG_ERROR, "The outcome of a look-up cannot be stored: " + kept.error().text);
  finish(address, answer.status == BUD_OK && kept.has_value());
  next();
}

void Lookups::finish(const std::string& address, bool complete) {
  const auto asked = asked_.extract(address);
  if (asked.empty()) return;
  for (const Done& done : asked.mapped())
    if (done) done(complete);
}

}  // namespace bud::bridging
