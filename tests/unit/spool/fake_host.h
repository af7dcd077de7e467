// A host of the ABI for tests: real descriptors, driven time, everything recorded. It loads the real shared object.
#pragma once

#include <budstikke/bridge.h>

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace spool::test {

// A folder of its own below the system's temporary one, removed at the end.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  std::filesystem::path path;
};

struct Completed {
  bud_status status = 0;
  std::string words;
  std::vector<std::string> records;  // of a lookup
  std::vector<bud_status> statuses;  // of a push: one for each copy, whatever the plugin gave
};

struct Delivered {
  std::vector<std::string> copies;
  std::string cursor;
};

using Stored = std::map<std::string, std::string>;

class FakeHost {
 public:
  // `kv` is what an earlier run has stored.
  explicit FakeHost(Stored kv = {});
  ~FakeHost();
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  Completed start(const std::string& json);
  Completed start(const std::filesystem::path& folder, const std::string& address);
  Completed publish(const std::string& record);
  Completed lookup(const std::string& address);
  struct Copy {
    std::string device;
    std::string envelope;
  };
  Completed push(const std::vector<Copy>& copies);
  void ack(const std::string& cursor);
  struct Put {
    Completed completed;
    std::uint64_t done = 0;
    std::string location;
  };
  Put put(const std::string& name, int source, std::uint64_t total);
  struct Got {
    Completed completed;
    std::uint64_t added = 0;
    bool end = false;
  };
  Got get(const std::string& location, int target, std::uint64_t offset, std::uint64_t limit);

  // Runs descriptors and due callbacks until nothing is left to do now.
  void settle();
  // Moves the clock and settles.
  void advance(std::uint64_t ms);
  // Settles until it holds, waiting for the kernel; false after five seconds.
  bool eventually(const std::function<bool()>& condition);

  std::string address, device;  // from the identity
  std::uint64_t max_blob = 0;
  std::function<void()> at_identity;
  Stored kv;
  bool kv_fails = false;
  bool deaf = false;  // descriptors are never ready: a file system without inotify
  std::vector<Delivered> deliveries;
  std::vector<std::string> changed;
  std::vector<std::string> log;
  std::vector<std::pair<bud_status, std::string>> reports;

 private:
  struct Timer {
    std::uint64_t due;
    bud_timer_function f;
    void* user;
  };
  struct Watch {
    int fd;
    bud_io_function f;
    void* user;
  };
  void take(std::uint64_t op, const bud_completion& completion);
  Completed run(const std::function<void(std::uint64_t op)>& begin, std::uint32_t copies = 0);

  friend struct Calls;
  void* object_ = nullptr;
  const bud_entry* entry_ = nullptr;
  const bud_bridge* bridge_ = nullptr;
  const bud_directory* directory_ = nullptr;
  const bud_push* push_ = nullptr;
  const bud_blob* blob_ = nullptr;
  std::function<void(const void*)> take_result_;  // of the operation that runs, where it is about a blob
  bud_host host_{};
  std::uint64_t now_ = 1'000'000, next_id_ = 1, op_ = 0;
  std::uint32_t copies_ = 0;
  std::optional<Completed> completed_;
  std::map<std::uint64_t, Timer> timers_;
  std::map<std::uint64_t, Watch> watches_;
  std::vector<std::function<void()>> later_;
};

std::string read_text(const std::filesystem::path& file);
void write_text(const std::filesystem::path& file, const std::string& text);
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder);

}  // namespace spool::test
