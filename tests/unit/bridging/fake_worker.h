// Workers that do what a test says. What they are asked waits for the test's answer; what they tell, the test tells.
#pragma once

#include "bridging/worker.h"
#include "unit/bridging/fake_timers.h"

#include <deque>

namespace bud::test {

template <class Asked, class... Result>
struct Question {
  Asked asked;
  Duration timeout;
  std::function<void(bridging::Answer, Result...)> done;
};

class FakeWorker final : public bridging::Worker {
 public:
  explicit FakeWorker(FakeTimers& timers, Listener* its_listener = nullptr) : listener(its_listener), timers_(timers) {}
  ~FakeWorker() override {
    if (dropped) dropped();
  }

  void kill(const std::string& why) override {
    if (gone_) return;
    killed = why;
    gone_ = timers_.defer([this] { listener->worker_gone(killed); });
  }
  void configure(const std::string& json, const State& state, Duration timeout,
                 std::function<void(bridging::Answer, bridging::Identity)> done) override {
    given_state = state;
    configurations.push_back({json, timeout, std::move(done)});
  }
  void publish(const core::Publication& publication, Duration timeout,
               std::function<void(bridging::Answer)> done) override {
    publications.push_back({publication, timeout, std::move(done)});
  }
  void lookup(const std::string& address, Duration timeout,
              std::function<void(bridging::Answer, std::vector<Bytes>)> done) override {
    lookups.push_back({address, timeout, std::move(done)});
  }
  void push(std::span<const core::OutboxItem> items, Duration timeout,
            std::function<void(bridging::Answer, std::vector<bud_status>)> done) override {
    pushes.push_back({{items.begin(), items.end()}, timeout, std::move(done)});
  }
  void put_blob(const bridging::BlobPut& blob, Duration timeout,
                std::function<void(bridging::Answer, bridging::BlobPutState)> done) override {
    puts.push_back({blob, timeout, std::move(done)});
  }
  void get_blob(const bridging::BlobGet& blob, Duration timeout,
                std::function<void(bridging::Answer, bridging::BlobGetState)> done) override {
    gets.push_back({blob, timeout, std::move(done)});
  }
  void ack(ByteView cursor) override { acknowledged.emplace_back(as_text(cursor)); }

  // The oldest question of a kind gets its answer.
  void answer_push(bridging::Answer answer, std::vector<bud_status> statuses) {
    take(pushes).done(std::move(answer), std::move(statuses));
  }
  void answer_push(bridging::Answer answer) {
    const auto push = take(pushes);
    push.done(answer, std::vector<bud_status>(push.asked.size(), answer.status));
  }
  void answer_publish(bridging::Answer answer) { take(publications).done(std::move(answer)); }
  void answer_lookup(bridging::Answer answer, std::vector<Bytes> records = {}) {
    take(lookups).done(std::move(answer), std::move(records));
  }
  void answer_put(bridging::Answer answer, bridging::BlobPutState state = {}) {
    take(puts).done(std::move(answer), std::move(state));
  }
  void answer_get(bridging::Answer answer, bridging::BlobGetState state = {}) {
    take(gets).done(std::move(answer), state);
  }
  void answer_configure(bridging::Answer answer, bridging::Identity identity = {}) {
    take(configurations).done(std::move(answer), std::move(identity));
  }

  Listener* listener;
  State given_state;
  std::deque<Question<std::string, bridging::Identity>> configurations;
  std::deque<Question<core::Publication>> publications;
  std::deque<Question<std::string, std::vector<Bytes>>> lookups;
  std::deque<Question<std::vector<core::OutboxItem>, std::vector<bud_status>>> pushes;
  std::deque<Question<bridging::BlobPut, bridging::BlobPutState>> puts;
  std::deque<Question<bridging::BlobGet, bridging::BlobGetState>> gets;
  std::vector<std::string> acknowledged;
  std::string killed;  // why
  std::function<void()> dropped;

 private:
  template <class T>
  static T take(std::deque<T>& questions) {
    T question = std::move(questions.at(0));  // ends a test that answers what was not asked
    questions.pop_front();
    return question;
  }

  FakeTimers& timers_;
  bridging::Timer gone_;
};

// One worker at a time.
class FakeFactory final : public bridging::WorkerFactory {
 public:
  explicit FakeFactory(FakeTimers& timers) : timers_(timers) {}

  Result<> installed(const std::string& kind) override {
    if (kind != "fake") return fail(Errc::unsupported, "there is none");
    return {};
  }
  Result<std::unique_ptr<bridging::Worker>> start(const std::string& kind,
                                                  bridging::Worker::Listener& listener) override {
    EXPECT_EQ(kind, "fake");
    EXPECT_EQ(worker, nullptr) << "the one before is still there";
    ++starts;
    if (refuses) return fail(Errc::not_found, "the program is missing");
    auto made = std::make_unique<FakeWorker>(timers_, &listener);
    worker = made.get();
    made->dropped = [this] { worker = nullptr; };
    return made;
  }

  FakeWorker* worker = nullptr;
  std::size_t starts = 0;
  bool refuses = false;

 private:
  FakeTimers& timers_;
};

}  // namespace bud::test
