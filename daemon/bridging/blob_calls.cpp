#include "bridging/blob_calls.h"

namespace bud::bridging {

void BlobCalls::refuse(std::function<void(const Answer&)> call) {
  const std::uint64_t id = next_++;
  refusals_[id] = context_.timers.defer([this, id, call = std::move(call)] {
    const auto fired = refusals_.extract(id);
    call({BUD_RETRY_LATER, {}, "the bridge is not up"});
  });
}

void BlobCalls::put(const BlobPut& blob, PutDone done) {
  const auto in_vain = [done](const Answer& answer) { done(answer, {}); };
  if (worker_ == nullptr) return refuse(in_vain);
  const std::uint64_t id = next_++;
  open_[id] = in_vain;
  worker_->put_blob(blob, context_.timing.to_move, [this, id, done](const Answer& answer, const BlobPutState& state) {
    if (open_.erase(id) != 0) done(answer, state);
  });
}

void BlobCalls::get(const BlobGet& blob, GetDone done) {
  const auto in_vain = [done](const Answer& answer) { done(answer, {}); };
  if (worker_ == nullptr) return refuse(in_vain);
  const std::uint64_t id = next_++;
  open_[id] = in_vain;
  worker_->get_blob(blob, context_.timing.to_move, [this, id, done](const Answer& answer, const BlobGetState& state) {
    if (open_.erase(id) != 0) done(answer, state);
  });
}

void BlobCalls::stop() {
  worker_ = nullptr;
  for (auto& [id, call] : std::exchange(open_, {})) refuse(std::move(call));
}

}  // namespace bud::bridging
