// A bridge's worker in the simulated world: between bridging's logic and a post, with answers that take their time, get
// lost with the worker, or come after the way to the post is cut.
#pragma once

#include "bridging/timers.h"
#include "bridging/worker.h"
#include "sim/post.h"

namespace bud::sim {

class Device;
class World;

class PostWorker final : public bridging::Worker {
 public:
  PostWorker(World& world, Device& device, Post& post, Listener& listener, std::function<void()> dropped);
  ~PostWorker() override;

  // The plugin's process ends by itself.
  void crash() { kill("it has crashed"); }
  // What the post has served for the look-up whose answer is being given.
  const Post::Served& served() const { return served_; }

  void kill(const std::string& why) override;
  void configure(const std::string& json, const State& state, Duration timeout,
                 std::function<void(bridging::Answer, bridging::Identity)> done) override;
  void publish(const core::Publication& publication, Duration timeout, std::function<void(bridging::Answer)> done) override;
  void lookup(const std::string& address, Duration timeout,
              std::function<void(bridging::Answer, std::vector<Bytes>)> done) override;
  void push(std::span<const core::OutboxItem> items, Duration timeout,
            std::function<void(bridging::Answer, std::vector<bud_status>)> done) override;
  // A post keeps no blobs, and says so.
  void put_blob(const bridging::BlobPut&, Duration, std::function<void(bridging::Answer, bridging::BlobPutState)>) override {}
  void get_blob(const bridging::BlobGet&, Duration, std::function<void(bridging::Answer, bridging::BlobGetState)>) override {}
  void ack(ByteView cursor) override;

 private:
  bool cut_off() const;
  Duration a_while();
  void later(Duration delay, std::function<void()> call);
  void plan_poll(Duration delay);
  void poll();

  World& world_;
  Device& device_;
  Post& post_;
  Listener& listener_;
  std::function<void()> dropped_;
  std::map<std::uint64_t, bridging::Timer> calls_;
  std::uint64_t next_call_ = 0;
  bridging::Timer gone_, poll_;
  bool up_ = false, was_cut_ = false, delivering_ = false;
  Post::Served served_;
};

// The workers of one device's process, by the bridge's name, which is also the kind.
class PostWorkers final : public bridging::WorkerFactory {
 public:
  PostWorkers(World& world, Device& device) : world_(world), device_(device) {}
  Result<> installed(const std::string&) override { return {}; }
  Result<std::unique_ptr<bridging::Worker>> start(const std::string& kind, bridging::Worker::Listener& listener) override;
  PostWorker* find(const std::string& bridge);

 private:
  World& world_;
  Device& device_;
  std::map<std::string, PostWorker*> workers_;
};

}  // namespace bud::sim
