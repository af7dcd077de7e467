#include "bridging/publisher.h"

namespace bud::bridging {

void Publisher::start(Worker& worker, const Identity& identity) {
  worker_ = &worker;
  identity_ = identity;
  backoff_.reset();
  next();
}

void Publisher::stop() {
  worker_ = nullptr;
  in_flight_ = false;
  timer_.reset();
}

void Publisher::kick() {
  if (worker_ != nullptr && !in_flight_ && !timer_) next();
}

void Publisher::retry_now() {
  backoff_.reset();
  timer_.reset();
  kick();
}

void Publisher::next() {
  const auto publication = context_.port.publication(context_.bridge);
  if (!publication) {
    context_.log(BUD_LOG_ERROR, "The record cannot be had: " + publication.error().text);
    return wait({});
  }
  if (!*publication) return;
  if ((*publication)->record.size() > identity_.max_record) {
    context_.log(BUD_LOG_ERROR, "The record is larger than this transport takes");
    return;  // until there is another
  }
  in_flight_ = true;
  worker_->publish(**publication, context_.timing.to_publish,
                   [this, sequence = (*publication)->sequence](const Answer& answer) { answered(answer, sequence); });
}

void Publisher::answered(const Answer& answer, std::uint64_t sequence) {
  in_flight_ = false;
  if (worker_ == nullptr) return;
  if (answer.status != BUD_OK) {
    context_.log(BUD_LOG_WARNING, "The record was not published: " + answer.words);
    return wait(answer.retry_after);
  }
  if (const Result<> kept = context_.port.published(context_.bridge, sequence); !kept) {
    context_.log(BUD_LOG_ERROR, "That the record is published cannot be stored: " + kept.error().text);
    return wait({});
  }
  backoff_.reset();
  next();  // there may be a newer one by now
}

void Publisher::wait(Duration at_least) {
  timer_ = context_.timers.after(backoff_.next(at_least), [this] {
    const Timer fired = std::move(timer_);
    kick();
  });
}

}  // namespace bud::bridging
