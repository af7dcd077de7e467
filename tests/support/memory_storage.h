// core::Storage in memory, for tests of the core and for simulations: the same keys, order, transactions and refusals
// as store::SqliteStorage (tests/unit/store runs one suite over both), and faults on demand. Nothing is sealed.
#pragma once

#include "core/storage.h"
#include "support/fnv1a.h"

#include <map>
#include <utility>

namespace bud::test {

class MemoryStorage final : public core::Storage {
 public:
  // The nth operation from now (1: the next) fails with Errc::storage. A begin, get, put, erase, scan or erase_all is
  // one; a commit is counted on its own. As on a real disk, a transaction in which something failed cannot commit.
  void fail_operation(std::size_t nth) { operation_fault_ = nth; }
  void fail_commit(std::size_t nth) { commit_fault_ = nth; }
  // Reading the row gives Errc::damaged until it is put again.
  void damage(core::Table table, const core::RowKey& key) { rows_.at(place(table, key)).damaged = true; }

  // How many there have been: to fail each one in turn.
  std::size_t operations() const { return operations_; }
  std::size_t commits() const { return commits_; }
  std::size_t rows() const { return rows_.size(); }
  bool in_transaction() const { return open_; }

  [[nodiscard]] Result<> begin() override {
    if (open_) return fail(Errc::internal, "a transaction within a transaction");
    BUD_CHECK(operation());
    open_ = true;
    return {};
  }
  [[nodiscard]] Result<> commit() override {
    if (!open_ || visiting_ > 0) return fail(Errc::internal, "a commit outside a transaction, or within a scan");
    ++commits_;
    const bool fault = commit_fault_ > 0 && --commit_fault_ == 0;
    if (refused_ || fault) {
      rollback();
      return disk_says_no();
    }
    undo_.clear();
    open_ = false;
    return {};
  }
  void rollback() noexcept override {
    for (auto change = undo_.rbegin(); change != undo_.rend(); ++change) {
      if (change->second)
        rows_[change->first] = std::move(*change->second);
      else
        rows_.erase(change->first);
    }
    undo_.clear();
    open_ = refused_ = false;
  }

  [[nodiscard]] Result<std::optional<crypto::SecretBytes>> get(core::Table table, const core::RowKey& key) override {
    BUD_CHECK(operation());
    const auto row = rows_.find(place(table, key));
    if (row == rows_.end()) return std::nullopt;
    BUD_TRY(crypto::SecretBytes value, read(row->second));
    return value;
  }
  [[nodiscard]] Result<> put(core::Table table, const core::RowKey& key, ByteView value) override {
    BUD_CHECK(change());
    const Place at = place(table, key);
    remember(at);
    rows_[at] = Row{Bytes(value.begin(), value.end()), false};
    return {};
  }
  [[nodiscard]] Result<> erase(core::Table table, const core::RowKey& key) override {
    BUD_CHECK(change());
    const Place at = place(table, key);
    remember(at);
    rows_.erase(at);
    return {};
  }
  [[nodiscard]] Result<> erase_all(core::Table table, const core::RowKey& prefix) override {
    BUD_CHECK(change());
    const auto [first, last] = range(table, {prefix, std::nullopt, false, SIZE_MAX});
    for (auto row = first; row != last;) {
      remember(row->first);
      row = rows_.erase(row);
    }
    return {};
  }
  [[nodiscard]] Result<> scan(core::Table table, const Scan& scan, const Visitor& visit) override {
    BUD_CHECK(operation());
    if (scan.from && place(table, *scan.from) < place(table, scan.prefix))
      return fail(Errc::internal, "a scan from outside its prefix");
    auto [first, last] = range(table, scan);
    ++visiting_;
    bool more = true;
    for (std::size_t i = 0; more && i < scan.limit && first != last; ++i) {
      const auto row = scan.descending ? --last : first++;
      more = visit(trailing_number(row->first.second), read(row->second));
    }
    --visiting_;
    return {};
  }

 private:
  struct Row {
    Bytes value;
    bool damaged = false;
  };
  using Place = std::pair<core::Table, Bytes>;
  using Rows = std::map<Place, Row>;

  static tl::unexpected<Error> disk_says_no() { return fail(Errc::storage, "the disk said no (a test's fault)"); }

  Result<> operation() {
    if (refused_) return disk_says_no();
    ++operations_;
    if (operation_fault_ == 0 || --operation_fault_ > 0) return {};
    refused_ = open_;
    return disk_says_no();
  }
  Result<> change() {
    if (!open_ || visiting_ > 0) return fail(Errc::internal, "a change outside a transaction, or within a scan");
    return operation();
  }
  void remember(const Place& at) {
    const auto row = rows_.find(at);
    undo_.emplace_back(at, row == rows_.end() ? std::nullopt : std::optional<Row>(row->second));
  }
  static Result<crypto::SecretBytes> read(const Row& row) {
    if (row.damaged) return fail(Errc::damaged, "a row of the store is damaged and is left out");
    return crypto::SecretBytes::copy_of(row.value);
  }
  // As in the real store: 16 bytes for a blind part, so that lengths are like there. (Only they.)
  static Place place(core::Table table, const core::RowKey& key) {
    Bytes out;
    std::uint8_t position = 0;
    for (const core::RowKey::Part& part : key.parts()) {
      if (part.blind) {
        for (std::uint64_t hash : {0xcbf29ce484222325u, 0x84222325cbf29ce4u}) {
          hash = fnv1a(fnv1a(hash, static_cast<std::uint8_t>(table)), position);
          for (const std::uint8_t byte : part.bytes) hash = fnv1a(hash, byte);
          for (int i = 0; i < 8; ++i) out.push_back(static_cast<std::uint8_t>(hash >> 8 * i));
        }
      } else {
        append(out, part.bytes);
      }
      ++position;
    }
    return {table, std::move(out)};
  }
  static Place end_of(Place prefix) {
    prefix.second.resize(512, 0xff);
    return prefix;
  }
  std::pair<Rows::iterator, Rows::iterator> range(core::Table table, const Scan& scan) {
    Place first = place(table, scan.prefix), last = end_of(first);
    if (scan.from) (scan.descending ? last : first) = place(table, *scan.from);
    if (scan.from && scan.descending) last = end_of(std::move(last));
    return {rows_.lower_bound(first), rows_.upper_bound(last)};
  }
  static std::uint64_t trailing_number(const Bytes& key) {
    std::uint64_t n = 0;
    if (key.size() < 8) return n;
    for (std::uint8_t b : ByteView(key).last(8)) n = n << 8 | b;
    return n;
  }

  Rows rows_;
  std::vector<std::pair<Place, std::optional<Row>>> undo_;
  std::size_t operation_fault_ = 0, commit_fault_ = 0, operations_ = 0, commits_ = 0, visiting_ = 0;
  bool open_ = false, refused_ = false;
};

}  // namespace bud::test
