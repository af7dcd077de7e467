// One configured bridge: its worker, started again whenever it ends, and what is fed to it and taken from it.
#pragma once

#include "bridging/blob_calls.h"
#include "bridging/lookups.h"
#include "bridging/publisher.h"
#include "bridging/push_loop.h"
#include "bridging/receiver.h"
#include "bridging/status.h"

namespace bud::bridging {

struct Configuration {
  std::string name;  // the prefix of its addresses
  std::string kind;  // which plugin
  std::string json;  // as the plugin documents it
};

class Bridge final : private Worker::Listener {
 public:
  // Starts from the loop. `status_changed` is called from the loop, never from a function of this class.
  Bridge(Context context, Configuration configuration, std::function<void(const Status&)> status_changed);
  ~Bridge() override;
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;

  const Configuration& configuration() const { return configuration_; }
  const Status& status() const { return status_; }
  // The own address, without the prefix; empty until it is known.
  const std::string& address() const { return identity_.core.address; }
  // The outbox or the publication has changed. Acts from the loop, so that the port may call it from anywhere.
  void kick();
  void lookup(const std::string& address, Lookups::Done done) { lookups_.ask(address, std::move(done)); }
  BlobCalls& blobs() { return blobs_; }

 private:
  void start();
  void configure();
  void configured(const Answer& answer, const Identity& identity);
  void restart_later(const std::string& why, Duration at_least = {});
  void stop_parts();
  void set(BridgeState state, const std::string& words);

  void worker_ready() override;
  Result<> worker_delivers(std::vector<Bytes> copies, Bytes cursor) override;
  Result<> worker_stores(const std::string& key, ByteView value) override;
  void worker_saw_change(const std::string& address) override;
  void worker_reports(bud_status status, const std::string& words) override;
  void worker_logs(std::uint32_t level, const std::string& text) override;
  void worker_gone(std::string why) override;

  Context context_;
  Configuration configuration_;
  std::function<void(const Status&)> status_changed_;

  Backoff backoff_;
  Status status_;
  Identity identity_;
  Duration asked_delay_;     // by the server, before the next start
  std::string last_error_;   // that this worker has logged: what a person wants to know when it has ended
  bool configured_ = false;  // this worker is
  Lookups lookups_;
  Publisher publisher_;
  PushLoop push_loop_;
  Receiver receiver_;
  BlobCalls blobs_;
  Timer timer_;  // the next start; the patience with a worker that starts; or that a worker is steady
  Timer kick_;
  Timer tell_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace bud::bridging
