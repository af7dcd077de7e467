// mail/<device>/new/: what waits for a device, one file a batch.
#pragma once

#include "spool/batch.h"
#include "spool/folder.h"

#include <optional>

namespace spool {

// Puts a batch for a device. BUD_NO_SUCH_DEVICE where its mailbox positively does not exist.
Outcome<void> put_batch(const Folder& folder, const std::string& device, std::span<const bud_bytes> copies,
                        std::uint64_t now_ms);

// Files read, not yet acknowledged.
struct Arrival {
  std::vector<std::string> names;
  std::vector<std::vector<std::uint8_t>> files;
  std::vector<bud_bytes> copies;  // into `files`
};

// The own mailbox, held open with a lock: two readers would eat each other's mail.
class Mailbox {
 public:
  // Makes it where it is missing. BUD_RETRY_LATER where another process holds it.
  static Outcome<Mailbox> open(const Folder& folder, const std::string& device, const Log& log);

  // The oldest batches: at least one, if there is any, and no more than 100 copies and about 1 MiB. Files that hold no
  // batch are moved to bad/, with a log line; other names are let alone.
  Outcome<std::optional<Arrival>> next();
  // Removes files whose copies are on the other side's disk. A failure: they come again.
  Outcome<void> remove(const std::vector<std::string>& names);

 private:
  Outcome<void> refill();
  Outcome<Arrival> gather();
  void set_aside(const std::string& name, const std::string& why);

  Log log_;
  Fd box_, new_, lock_;
  std::vector<std::string> waiting_;  // names, newest first
};

}  // namespace spool
