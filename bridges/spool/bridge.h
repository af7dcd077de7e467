// The spool bridge: turns the calls of the ABI into files, and files into calls of the host.
#pragma once

#include "spool/blobs.h"
#include "spool/config.h"
#include "spool/directory.h"
#include "spool/mailbox.h"
#include "spool/watches.h"

#include <deque>

namespace spool {

class Bridge {
 public:
  explicit Bridge(const bud_host* host);
  ~Bridge();
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;

  // As in the ABI; each completes its operation before it returns, but for start(), which may wait for the device's
  // name to be stored.
  void start(std::uint64_t op, const char* configuration);
  void publish(std::uint64_t op, const char* address, const char* device, bud_bytes record);
  void lookup(std::uint64_t op, const char* address);
  void push(std::uint64_t op, const bud_copy* const* copies, std::uint32_t count);
  void ack(bud_bytes cursor);
  void put_blob(std::uint64_t op, const char* name, int source, std::uint64_t total);
  void get_blob(std::uint64_t op, const char* location, int target, std::uint64_t offset, std::uint64_t limit);

 private:
  struct Publication {
    std::string address;
    std::string device;
    std::vector<std::uint8_t> record;
  };

  void started();
  Outcome<Folder> reach() const;
  Outcome<Folder> open();
  Outcome<void> enter(const Folder& folder);
  void republish(const Folder& folder);
  void went_away(const Failure& why);

  void poll();
  Outcome<void> receive();
  void compare(const Folder& folder, const std::set<std::string>& addresses);
  bool watch(const std::string& address);
  void plan(std::uint64_t delay_ms);
  void on_inotify();

  std::vector<bud_status> push_each(const Folder& folder, const bud_copy* const* copies, std::uint32_t count,
                                    std::string& words);
  std::set<std::string> watched() const;
  void complete(std::uint64_t op, const Failure& failure);
  void complete_ok(std::uint64_t op, const void* result);
  void store(const char* key, std::string_view value, bud_stored_function on_disk);
  std::optional<std::string> stored(const char* key) const;
  void log(std::uint32_t level, const std::string& text) const;

  const bud_host* host_;
  const bud_host_loop* loop_;
  const bud_host_kv* kv_;
  const bud_host_log* log_;
  const bud_host_state* state_;
  const bud_host_delivery* delivery_;
  const bud_host_directory* directory_;

  Config config_;
  std::string device_;
  std::uint64_t start_op_ = 0;
  bool joined_ = false;   // this device has used this spool before
  bool entered_ = false;  // this process has

  // While the spool is there.
  std::optional<Mailbox> mailbox_;
  std::pair<dev_t, ino_t> identity_;
  Watches watches_;
  std::uint64_t inotify_watch_ = 0;

  std::string away_;  // why the spool is not usable; empty: it is
  std::uint64_t away_delay_ms_ = 0;
  std::uint64_t timer_ = 0;

  std::vector<std::string> outstanding_;  // names of the batch that waits for its ack
  std::string cursor_;
  std::optional<Publication> published_;
  BlobWriter blob_writer_;
  std::map<std::string, Fingerprint> fingerprints_;  // of the addresses watched
  std::deque<std::string> watch_order_;              // oldest first; the own address is never dropped
};

}  // namespace spool
