// Takes copies out of the outbox and into the worker.
#pragma once

#include "bridging/context.h"

namespace bud::bridging {

// Goes through the outbox in rounds, one batch at a time. What has to be retried waits for the next round, so that it
// holds nothing else up; a server that takes nothing at all ends the round. A copy stays in the outbox until the port
// has committed what became of it: at worst it is pushed twice.
class PushLoop {
 public:
  explicit PushLoop(const Context& context) : context_(context), backoff_(context.backoff()) {}

  void start(Worker& worker, const Identity& identity);
  // The worker has gone, or is about to.
  void stop();
  // The outbox has changed.
  void kick();
  // What failed may be tried again at once.
  void retry_now();

 private:
  void next();
  // With what can be handed to a worker; empty where the outbox holds no more of it.
  Result<std::vector<core::OutboxItem>> next_batch();
  void begin_round();
  // Takes out of the batch what cannot be handed to any worker, and says so to the port.
  Result<> refuse_unfit(std::vector<core::OutboxItem>& items);
  void answered(const Answer& answer, const std::vector<std::uint64_t>& ids, const std::vector<bud_status>& statuses);
  void end_round();
  void wait(Duration at_least);

  const Context& context_;
  Backoff backoff_;
  Worker* worker_ = nullptr;
  Identity identity_;
  bool in_flight_ = false;
  bool unfinished_ = false;  // the round left something behind
  std::uint64_t after_ = 0;  // where the round stands
  Timer timer_;              // until the next round
};

}  // namespace bud::bridging
