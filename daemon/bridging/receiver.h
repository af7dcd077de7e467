// What a worker has delivered, until it is on disk.
#pragma once

#include "bridging/context.h"

namespace bud::bridging {

class Receiver {
 public:
  explicit Receiver(const Context& context) : context_(context), backoff_(context.backoff()) {}

  void start(Worker& worker) { worker_ = &worker; }
  // What is not acknowledged is forgotten here: the next worker delivers it again.
  void stop();
  // Errc::busy where a batch is waiting. The port gets it from the loop, again and again until it has committed it;
  // then the worker is told.
  Result<> take(std::vector<Bytes> copies, Bytes cursor);
  void retry_now();

 private:
  void attempt();

  const Context& context_;
  Backoff backoff_;
  Worker* worker_ = nullptr;
  std::vector<Bytes> copies_;
  Bytes cursor_;  // empty: nothing waits
  Timer next_;
};

}  // namespace bud::bridging
