// Slices of blobs, handed to a bridge's worker as they are asked for. When to ask again is decided by who asks
// (daemon/blobs): it is the files that are resumed, not the calls.
#pragma once

#include "bridging/context.h"

namespace bud::bridging {

class BlobCalls {
 public:
  using PutDone = std::function<void(const Answer&, const BlobPutState&)>;
  using GetDone = std::function<void(const Answer&, const BlobGetState&)>;

  explicit BlobCalls(const Context& context) : context_(context) {}

  // `done` is called once, from the loop, never from here; where there is no worker, or it goes first, with
  // BUD_RETRY_LATER.
  void put(const BlobPut& blob, PutDone done);
  void get(const BlobGet& blob, GetDone done);

  void start(Worker& worker) { worker_ = &worker; }
  void stop();

 private:
  // Calls `call` with an answer for who waits in vain, from the loop.
  void refuse(std::function<void(const Answer&)> call);

  const Context& context_;
  Worker* worker_ = nullptr;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, std::function<void(const Answer&)>> open_;  // what is called where the worker goes
  std::map<std::uint64_t, Timer> refusals_;
};

}  // namespace bud::bridging
