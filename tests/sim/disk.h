// The disk of one simulated device: a store behind a fault injector. What strikes, and inside which call of the engine,
// is counted, so that a suite can show that no fault went untried.
#pragma once

#include "core/storage.h"

#include <array>
#include <memory>

namespace bud::sim {

enum class Fault : std::uint8_t {
  operation_fails,     // one read or write is refused
  full,                // writes are refused until heal()
  commit_fails,        // and nothing of it stays
  dies_at_operation,   // the process ends before one read or write
  dies_before_commit,  // it ends, and nothing of the transaction stays
  dies_in_commit,      // it ends with the transaction torn: half of it written
  dies_after_commit,   // it ends, and all of the transaction stays, although nobody was told
};
inline constexpr std::size_t fault_count = 7;
const char* name(Fault fault);
// At a commit; the others at an operation.
bool strikes_commits(Fault fault);

// The engine's calls that change something: its commit points.
enum class Call : std::uint8_t {
  open, add_bridge, remove_bridge, bridge_ready, create_account, begin_join, confirm_join, open_join_window,
  close_join_window, approve_join, revoke, resolve, open_thread, send, acknowledge_events, acknowledge_alert, tick,
  pushed, deliver, publication, published, records, lookup_failed, store_bridge_state, reading,
};
inline constexpr std::size_t call_count = 25;
const char* name(Call call);

struct Hits {
  std::array<std::array<std::uint64_t, fault_count>, call_count> count{};
  void add(const Hits& other);
};

// A store as the process sees it while it lives, and as it stands on the disk when it does not.
class Medium {
 public:
  virtual ~Medium() = default;
  virtual core::Storage& storage() = 0;
  // The process is gone in the middle of a transaction; `torn`: while it was being written.
  virtual void die(bool torn) = 0;
  // A new process opens what is there.
  virtual void reopen() = 0;
  // Whole copies, taken and put back between transactions (a backup, a VM's snapshot).
  using Snapshot = std::shared_ptr<const void>;
  virtual Snapshot snapshot() = 0;
  virtual void restore(const Snapshot& snapshot) = 0;
  // All that another program could read of it.
  virtual Bytes visible() = 0;
};
std::unique_ptr<Medium> memory_medium();
// The shipped store over real files in a scratch folder.
std::unique_ptr<Medium> sqlite_medium(std::uint64_t seed, std::size_t device);

class Disk final : public core::Storage {
 public:
  Disk(std::unique_ptr<Medium> medium, Hits& hits) : medium_(std::move(medium)), hits_(hits) {}

  // Strikes at the nth operation, or commit, from now on (1: the next).
  void arm(Fault fault, std::size_t nth) {
    fault_ = fault;
    countdown_ = nth;
  }
  void heal() {
    waiting_.reset();
    countdown_ = 0;
    full_ = false;
  }
  // The process is gone: everything is refused until reopen().
  bool dead() const { return dead_; }
  bool in_transaction() const { return open_; }
  void kill();
  void reopen();
  void entering(Call call) {
    call_ = call;
    if (!waiting_ || waiting_->first != call || countdown_ > 0) return;
    arm(waiting_->second, 1);
    waiting_.reset();
  }
  // Strikes as soon as that call is made: some are rare.
  void arm_in(Call call, Fault fault) { waiting_ = {call, fault}; }
  // Somebody looks in from outside: nothing strikes what is read for that.
  template <class F>
  auto observe(F look) -> decltype(look(std::declval<Disk&>())) {
    observed_ = true;
    auto seen = look(*this);
    observed_ = false;
    return seen;
  }
  Medium& medium() { return *medium_; }

  [[nodiscard]] Result<> begin() override;
  [[nodiscard]] Result<> commit() override;
  void rollback() noexcept override;
  [[nodiscard]] Result<std::optional<crypto::SecretBytes>> get(core::Table table, const core::RowKey& key) override;
  [[nodiscard]] Result<> put(core::Table table, const core::RowKey& key, ByteView value) override;
  [[nodiscard]] Result<> erase(core::Table table, const core::RowKey& key) override;
  [[nodiscard]] Result<> scan(core::Table table, const Scan& scan, const Visitor& visit) override;
  [[nodiscard]] Result<> erase_all(core::Table table, const core::RowKey& prefix) override;

 private:
  Result<> operation(bool writes);
  void struck(Fault fault) { ++hits_.count[static_cast<std::size_t>(call_)][static_cast<std::size_t>(fault)]; }
  void die(bool torn);

  std::unique_ptr<Medium> medium_;
  Hits& hits_;
  Call call_ = Call::open;
  Fault fault_ = Fault::operation_fails;
  std::size_t countdown_ = 0;  // 0: nothing is armed
  std::optional<std::pair<Call, Fault>> waiting_;
  bool observed_ = false, full_ = false, refused_ = false, open_ = false, dead_ = false;
};

}  // namespace bud::sim
