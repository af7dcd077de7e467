// What the core needs of a disk: ordered tables of sealed rows, changed in transactions. store/ implements it over
// SQLite; the core decides what stands in a row and under which key.
//
// Threads: one at a time. Errors: Errc::storage (the disk said no: the transaction is to be rolled back, nothing is
// lost), Errc::damaged (this row does not authenticate; others are not affected), Errc::locked.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret.h"

#include <functional>
#include <memory>

namespace bud::core {

// Numbers are stored: append only, never reuse. What each row holds is documented where its codec is (core/rows/).
enum class Table : std::uint8_t {
  meta = 1,            // single values by name
  ledger = 2,          // (account, entry hash): entries
  accounts = 3,        // (account): what is remembered of a ledger
  session_index = 4,   // (session id): whose it is
  peers = 5,           // (account, device): keys, routes, counters
  sessions = 6,        // (account, device, session id)
  prekeys = 7,         // (prekey id): own private prekeys
  handshakes = 8,      // (prekey id, session id): first flights seen, as long as their prekey lives
  contacts = 9,        // (account)
  addresses = 10,      // (address)
  threads = 11,        // (thread)
  messages = 12,       // (thread, lamport, message id)
  message_index = 13,  // by message id, content hash or idempotency key: where a message stands
  deliveries = 14,     // (content hash, account, device): state of one copy of an own message
  outbox = 15,         // (bridge, number): sealed and not pushed yet
  pushed = 16,         // (due time, number): pushed, waiting for the receipt
  events = 17,         // (number): what clients fetch
  clients = 18,        // (client id): acknowledged cursors
  alerts = 19,         // (number)
  bridges = 20,        // (bridge name)
  bridge_state = 21,   // (bridge name, key): a plugin's small state
  receipts = 22,       // (account, device): receipts that wait to be sent together
  waiting = 23,        // (account, device, content hash): messages for a device whose record is asked for
  envelopes = 24,      // (envelope hash): which delivery an envelope was, for re-sending
  seen = 25,           // (envelope hash): opened already, whose it was and what it held
  healing = 26,        // (account, device): decrypt-errors to send, and when
  joining = 27,        // (request number)
  rosters = 28,        // groups, registers and threads: 28 to 35
  roster_waiting = 29,
  roster_states = 30,
  registers = 31,
  aside = 32,
  related = 33,
  reads = 34,
  expiring = 35,
  blobs = 36,          // (message id): attachments whose files are on their way to where they are kept
};

// A row's key: up to six parts. A blind part says something about people, and is stored as 16 bytes of a keyed hash of
// table, position and part; a plain part (a number, a random id) is stored as it is. Keys sort by their stored bytes, so
// rows that share their first parts stand together; among blind parts the order itself means nothing.
class RowKey {
 public:
  struct Part {
    bool blind;
    Bytes bytes;
  };
  RowKey() = default;
  RowKey& blind(ByteView part) {
    parts_.push_back({true, Bytes(part.begin(), part.end())});
    return *this;
  }
  RowKey& blind(std::string_view part) { return blind(as_bytes(part)); }
  RowKey& plain(ByteView part) {
    parts_.push_back({false, Bytes(part.begin(), part.end())});
    return *this;
  }
  // Big-endian, so that numbers sort.
  RowKey& number(std::uint64_t n) {
    Bytes b(8);
    for (int i = 7; i >= 0; --i, n >>= 8) b[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(n);
    parts_.push_back({false, std::move(b)});
    return *this;
  }
  const std::vector<Part>& parts() const { return parts_; }

 private:
  std::vector<Part> parts_;
};

class Storage {
 public:
  virtual ~Storage() = default;

  // Transactions do not nest. Reads see the transaction's own writes. put, erase and erase_all need one (Errc::internal).
  // Once the disk has refused something inside a transaction, all the rest of it is refused too, commit included.
  [[nodiscard]] virtual Result<> begin() = 0;
  // On return the changes are on disk (fsync); on an error none of them is.
  [[nodiscard]] virtual Result<> commit() = 0;
  virtual void rollback() noexcept = 0;

  [[nodiscard]] virtual Result<std::optional<crypto::SecretBytes>> get(Table table, const RowKey& key) = 0;
  [[nodiscard]] virtual Result<> put(Table table, const RowKey& key, ByteView value) = 0;
  [[nodiscard]] virtual Result<> erase(Table table, const RowKey& key) = 0;
  // Rows whose key begins with `prefix`, in key order (or from the end where `descending`), at most `limit`. `from`, if
  // given, is a longer key: rows before it (after it, when descending) are left out; the row at it is included, and so is
  // every row that begins with it. A damaged row is handed to the visitor as an error in its place. A visitor may read,
  // but not put, erase or commit (Errc::internal).
  struct Scan {
    RowKey prefix;
    std::optional<RowKey> from;
    bool descending = false;
    std::size_t limit = SIZE_MAX;
  };
  // The stored key's last 8 bytes are handed over too: the number, where the key ends in one. Return false to stop.
  using Visitor = std::function<bool(std::uint64_t number, Result<crypto::SecretBytes> value)>;
  [[nodiscard]] virtual Result<> scan(Table table, const Scan& scan, const Visitor& visit) = 0;
  // Erases every row whose key begins with prefix.
  [[nodiscard]] virtual Result<> erase_all(Table table, const RowKey& prefix) = 0;
};

// begin() on construction through open(); rolls back unless committed.
class Transaction {
 public:
  [[nodiscard]] static Result<Transaction> open(Storage& storage) {
    BUD_CHECK(storage.begin());
    return Transaction(&storage);
  }
  Transaction(Transaction&& other) noexcept : storage_(std::exchange(other.storage_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction() {
    if (storage_ != nullptr) storage_->rollback();
  }
  [[nodiscard]] Result<> commit() {
    Result<> done = storage_->commit();
    if (done) storage_ = nullptr;
    return done;
  }

 private:
  explicit Transaction(Storage* storage) : storage_(storage) {}
  Storage* storage_;
};

}  // namespace bud::core
