#include "bridging/receiver.h"

namespace bud::bridging {

void Receiver::stop() {
  worker_ = nullptr;
  copies_.clear();
  cursor_.clear();
  next_.reset();
  backoff_.reset();
}

Result<> Receiver::take(std::vector<Bytes> copies, Bytes cursor) {
  if (!cursor_.empty()) return fail(Errc::busy, "A delivery is waiting for its acknowledgement");
  copies_ = std::move(copies);
  cursor_ = std::move(cursor);
  next_ = context_.timers.defer([this] { attempt(); });
  return {};
}

void Receiver::retry_now() {
  backoff_.reset();
  if (!cursor_.empty()) next_ = context_.timers.defer([this] { attempt(); });
}

void Receiver::attempt() {
  const Timer fired = std::move(next_);
  if (worker_ == nullptr || cursor_.empty()) return;
  if (const Result<> done = context_.port.deliver(context_.bridge, copies_, cursor_); !done) {
    context_.log(BUD_LOG_ERROR, "What arrived cannot be stored: " + done.error().text);
    next_ = context_.timers.after(backoff_.next(), [this] { attempt(); });
    return;
  }
  backoff_.reset();
  copies_.clear();
  const Bytes cursor = std::exchange(cursor_, {});
  if (worker_ != nullptr) worker_->ack(cursor);
}

}  // namespace bud::bridging
