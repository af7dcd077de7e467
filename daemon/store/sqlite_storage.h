// core::Storage over one SQLite file, store.db in the state folder: WAL, each commit fsynced, every row sealed.
#pragma once

#include "store/folder.h"
#include "store/row_sealer.h"
#include "store/schema.h"

#include <array>
#include <memory>

namespace bud::store {

// Is there a store (or what is left of one) in the folder? Without a key.
[[nodiscard]] bool exists(const StateFolder& folder);

// Threads: one at a time. Besides what core::Storage says:
// - put, erase and erase_all need a transaction, and none of them is allowed to a scan's visitor (Errc::internal).
// - Once SQLite or the disk has refused something inside a transaction, the rest of it is refused too, commit included,
//   until rollback: SQLite may have undone part of it already.
// - A commit that failed leaves nothing behind, and the next transaction starts afresh. (If fsync itself fails *and*
// the
//   process dies before the next commit, the refused one may be found whole on disk: as with one that was cut off
//   before it was answered.)
class SqliteStorage final : public core::Storage {
 public:
  enum class IfMissing { create, refuse };

  // Opens the store, bringing an older one up to date. The folder, the arena and the random source outlive the result.
  // Errc::not_found: none there, and none wanted. Errc::damaged: not readable as a store, or another master key's.
  // Errc::unsupported: a newer program's. Errc::storage, Errc::busy. A store is never overwritten by a fresh one.
  [[nodiscard]] static Result<std::unique_ptr<SqliteStorage>> open(const StateFolder& folder,
                                                                   const crypto::Secret<32>& master, IfMissing missing,
                                                                   crypto::Arena& arena, Random& random);
  ~SqliteStorage() override;

  [[nodiscard]] Result<> begin() override;
  [[nodiscard]] Result<> commit() override;
  void rollback() noexcept override;
  [[nodiscard]] Result<std::optional<crypto::SecretBytes>> get(core::Table table, const core::RowKey& key) override;
  [[nodiscard]] Result<> put(core::Table table, const core::RowKey& key, ByteView value) override;
  [[nodiscard]] Result<> erase(core::Table table, const core::RowKey& key) override;
  [[nodiscard]] Result<> scan(core::Table table, const Scan& scan, const Visitor& visit) override;
  [[nodiscard]] Result<> erase_all(core::Table table, const core::RowKey& prefix) override;

  // Moves what the write-ahead log holds into the file. To be called when nothing else is to be done: it may take tens
  // of milliseconds. A commit does it itself only once the log has outgrown max_log.
  [[nodiscard]] Result<> checkpoint();
  std::size_t log_bytes() const { return log_pages_ * page_size; }
  static constexpr std::size_t max_log = 16 * 1024 * 1024, page_size = 4096;

  // Reads the whole file and checks its structure (not each row's seal). Time grows with the file; for `doctor`.
  [[nodiscard]] Result<> check();

 private:
  enum class Op { get, put, erase, scan_up, scan_down, erase_range };
  static constexpr std::size_t op_count = 6;

  SqliteStorage(std::string file, Database db, RowSealer sealer);
  [[nodiscard]] Result<> prepare_transactions();
  [[nodiscard]] Result<Statement*> statement(core::Table table, Op op);
  [[nodiscard]] Result<Statement> prepare(core::Table table, Op op);
  [[nodiscard]] Result<> ready_to_write() const;
  [[nodiscard]] Result<> still_in_place() const;
  [[nodiscard]] Result<bool> step(Statement& statement);
  [[nodiscard]] Result<> visit_rows(core::Table table, Statement& rows, std::size_t limit, const Visitor& visit);
  [[nodiscard]] Result<> run(Statement& statement);
  [[nodiscard]] Result<> move_log();

  std::string file_;
  Database db_;
  RowSealer sealer_;
  Statement begin_, commit_, rollback_;
  std::array<std::array<Statement, op_count>, table_count> statements_;
  std::size_t log_pages_ = 0;
  std::size_t visiting_ = 0;
  std::optional<Error> refused_;  // what ended the open transaction before its time
  bool open_ = false;             // in a transaction
};

}  // namespace bud::store
