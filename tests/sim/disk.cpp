#include "sim/disk.h"

#include "support/memory_storage.h"

namespace bud::sim {
namespace {

tl::unexpected<Error> refuse() { return fail(Errc::storage, "the simulated disk said no"); }

// Commits are all or nothing here, so a torn one is one that never was.
class MemoryMedium final : public Medium {
 public:
  core::Storage& storage() override { return storage_; }
  void die(bool) override {
    if (storage_.in_transaction()) storage_.rollback();
  }
  void reopen() override {}
  Snapshot snapshot() override { return std::make_shared<const test::MemoryStorage>(storage_); }
  void restore(const Snapshot& snapshot) override {
    storage_ = *std::static_pointer_cast<const test::MemoryStorage>(snapshot);
  }
  Bytes visible() override { return {}; }  // rows are sealed by the real store alone

 private:
  test::MemoryStorage storage_;
};

}  // namespace

bool strikes_commits(Fault f) {
  return f == Fault::commit_fails || f == Fault::dies_before_commit || f == Fault::dies_in_commit ||
         f == Fault::dies_after_commit;
}

const char* name(Fault fault) {
  static constexpr const char* names[fault_count] = {"operation fails",    "disk full",         "commit fails",
                                                     "dies at operation",  "dies before commit", "dies in commit",
                                                     "dies after commit"};
  return names[static_cast<std::size_t>(fault)];
}

const char* name(Call call) {
  static constexpr const char* names[call_count] = {
      "open",         "add_bridge",  "remove_bridge",      "bridge_ready",      "create_account", "begin_join",
      "confirm_join", "open_join_window", "close_join_window", "approve_join", "revoke",         "resolve",
      "open_thread",  "send",        "acknowledge_events", "acknowledge_alert", "tick",           "pushed",
      "deliver",      "publication", "published",          "records",           "lookup_failed",  "store_bridge_state",
      "reading"};
  return names[static_cast<std::size_t>(call)];
}

void Hits::add(const Hits& other) {
  for (std::size_t c = 0; c < call_count; ++c)
    for (std::size_t f = 0; f < fault_count; ++f) count[c][f] += other.count[c][f];
}

std::unique_ptr<Medium> memory_medium() { return std::make_unique<MemoryMedium>(); }

void Disk::die(bool torn) {
  medium_->die(torn);
  open_ = refused_ = false;
  dead_ = true;
}

void Disk::kill() {
  if (!dead_) die(false);
}

void Disk::reopen() {
  if (!dead_) die(false);
  medium_->reopen();
  countdown_ = 0;
  dead_ = false;
}

Result<> Disk::operation(bool writes) {
  if (dead_ || refused_) return refuse();
  if (observed_) return {};
  if (countdown_ > 0 && !strikes_commits(fault_) && --countdown_ == 0) {
    struck(fault_);
    if (fault_ == Fault::dies_at_operation) {
      die(false);
      return refuse();
    }
    full_ = fault_ == Fault::full;
    if (!full_) {
      refused_ = open_;
      return refuse();
    }
  }
  if (full_ && writes) {
    refused_ = open_;
    return refuse();
  }
  return {};
}

Result<> Disk::begin() {
  BUD_CHECK(operation(false));
  BUD_CHECK(medium_->storage().begin());
  open_ = true;
  return {};
}

Result<> Disk::commit() {
  if (dead_) return refuse();
  if (refused_) {
    rollback();
    return refuse();
  }
  std::optional<Fault> fault;
  if (countdown_ > 0 && strikes_commits(fault_) && --countdown_ == 0) fault = fault_;
  if (fault) struck(*fault);
  if (fault == Fault::commit_fails) {
    rollback();
    return refuse();
  }
  if (fault == Fault::dies_before_commit || fault == Fault::dies_in_commit) {
    die(fault == Fault::dies_in_commit);
    return refuse();
  }
  const Result<> done = medium_->storage().commit();
  open_ = false;
  if (fault == Fault::dies_after_commit) {
    die(false);
    return refuse();
  }
  return done;
}

void Disk::rollback() noexcept {
  if (!dead_ && open_) medium_->storage().rollback();
  open_ = refused_ = false;
}

Result<std::optional<crypto::SecretBytes>> Disk::get(core::Table table, const core::RowKey& key) {
  BUD_CHECK(operation(false));
  return medium_->storage().get(table, key);
}
Result<> Disk::put(core::Table table, const core::RowKey& key, ByteView value) {
  BUD_CHECK(operation(true));
  return medium_->storage().put(table, key, value);
}
Result<> Disk::erase(core::Table table, const core::RowKey& key) {
  BUD_CHECK(operation(true));
  return medium_->storage().erase(table, key);
}
Result<> Disk::scan(core::Table table, const Scan& scan, const Visitor& visit) {
  BUD_CHECK(operation(false));
  return medium_->storage().scan(table, scan, visit);
}
Result<> Disk::erase_all(core::Table table, const core::RowKey& prefix) {
  BUD_CHECK(operation(true));
  return medium_->storage().erase_all(table, prefix);
}

}  // namespace bud::sim
