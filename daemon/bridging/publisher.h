// Puts this device's record into the directory.
#pragma once

#include "bridging/context.h"

namespace bud::bridging {

class Publisher {
 public:
  explicit Publisher(const Context& context) : context_(context), backoff_(context.backoff()) {}

  void start(Worker& worker, const Identity& identity);
  void stop();
  // There may be something to publish.
  void kick();
  void retry_now();

 private:
  void next();
  void answered(const Answer& answer, std::uint64_t sequence);
  void wait(Duration at_least);

  const Context& context_;
  Backoff backoff_;
  Worker* worker_ = nullptr;
  Identity identity_;
  bool in_flight_ = false;
  Timer timer_;
};

}  // namespace bud::bridging
