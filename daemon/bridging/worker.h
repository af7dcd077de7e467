// What runs one bridge's plugin: org.budstikke.Bridge1 as functions, org.budstikke.BridgeHost1 as calls of a listener.
// The daemon's is a process (bridging/io/process_worker.h).
#pragma once

#include "base/environment.h"
#include "base/result.h"
#include "core/transport.h"

#include <budstikke/bridge.h>

#include <functional>
#include <map>
#include <memory>

namespace bud::bridging {

// How an operation ended; a status of `enum` in budstikke/bridge.h, unknown ones turned into BUD_UNKNOWN_OUTCOME.
struct Answer {
  bud_status status = BUD_UNKNOWN_OUTCOME;
  Duration retry_after;
  std::string words;
};

// A bridge as it is, now that it is up.
struct Identity {
  core::BridgeIdentity core;
  std::uint32_t max_batch_bytes = 1024 * 1024;
  std::uint32_t max_record = 16 * 1024;
};

// A blob that is on its way to the transport (budstikke/bridge.h, BUD_BLOB). The descriptor is borrowed for the call.
struct BlobPut {
  std::string name;
  int source = -1;
  std::uint64_t total = 0;
};
struct BlobPutState {
  std::uint64_t done = 0;
  std::string location;  // without the kind; empty until all is there
};
// A blob that is fetched.
struct BlobGet {
  std::string location;  // without the kind
  int target = -1;
  std::uint64_t offset = 0, limit = 0;
};
struct BlobGetState {
  std::uint64_t added = 0;  // by its own word: the file says
  bool end = false;
};

class Worker {
 public:
  // Called from the loop. What it is given was checked against the bounds of the interface, and is believed no further.
  class Listener {
   public:
    virtual ~Listener() = default;
    // At most once; nothing may be asked of the worker before.
    virtual void worker_ready() = 0;
    virtual Result<> worker_delivers(std::vector<Bytes> copies, Bytes cursor) = 0;
    virtual Result<> worker_stores(const std::string& key, ByteView value) = 0;
    virtual void worker_saw_change(const std::string& address) = 0;
    virtual void worker_reports(bud_status status, const std::string& words) = 0;
    virtual void worker_logs(std::uint32_t level, const std::string& text) = 0;
    // It has ended and nothing of it is left. The last call; no answers come any more. The worker may be dropped in it.
    virtual void worker_gone(std::string why) = 0;
  };

  Worker() = default;
  // Ends it, and tells nobody: neither the listener nor who waits for an answer.
  virtual ~Worker() = default;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Ends it from inside a callback. worker_gone() follows from the loop, with the first reason given; what the worker
  // had said before its end may come in between.
  virtual void kill(const std::string& why) = 0;

  // Each has its answer called once, from the loop, unless the worker goes first. A worker that does not answer is
  // killed; a worker whose answer says "ok" to configure() has an address and a device.
  using State = std::map<std::string, Bytes>;
  virtual void configure(const std::string& json, const State& state, Duration timeout,
                         std::function<void(Answer, Identity)> done) = 0;
  virtual void publish(const core::Publication& publication, Duration timeout, std::function<void(Answer)> done) = 0;
  virtual void lookup(const std::string& address, Duration timeout,
                      std::function<void(Answer, std::vector<Bytes>)> done) = 0;
  // One status for each item; all are the answer's, unless that is BUD_PARTIAL.
  virtual void push(std::span<const core::OutboxItem> items, Duration timeout,
                    std::function<void(Answer, std::vector<bud_status>)> done) = 0;
  virtual void put_blob(const BlobPut& blob, Duration timeout, std::function<void(Answer, BlobPutState)> done) = 0;
  virtual void get_blob(const BlobGet& blob, Duration timeout, std::function<void(Answer, BlobGetState)> done) = 0;
  virtual void ack(ByteView cursor) = 0;
};

// Who starts workers.
class WorkerFactory {
 public:
  virtual ~WorkerFactory() = default;
  // Errc::unsupported, with words, where no bridge of this kind is installed.
  [[nodiscard]] virtual Result<> installed(const std::string& kind) = 0;
  // The listener outlives the worker, and hears nothing before this has returned.
  [[nodiscard]] virtual Result<std::unique_ptr<Worker>> start(const std::string& kind, Worker::Listener& listener) = 0;
};

}  // namespace bud::bridging
