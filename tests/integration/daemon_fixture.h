// Real daemons for tests: each with a message bus and a state folder of its own, over a spool that they share, and
// spoken to as any client would, by sd-bus.
//
// Everything here waits for what it names, at most for `deadline`; a wait in vain is an exception, which ends the test.
#pragma once

#include "bus/bus.h"
#include "support/private_bus.h"
#include "support/scratch_folder.h"

#include <gtest/gtest.h>

#include <chrono>

namespace bud::test {

inline constexpr std::chrono::seconds deadline{60};

// Asks again and again, some milliseconds apart.
void wait_until(const std::function<bool()>& holds, const char* what);

template <class T>
T must(Result<T> result, const char* what) {
  if (!result) throw std::runtime_error(std::string(what) + ": " + result.error().text);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// budstikked as a process.
struct Program {
  std::string daemon = BUD_BINARY_DIR "/daemon/budstikked";  // every user of this header defines it
  std::string bridge_host;                                   // empty: its own
  std::string bridge_dir;                                    // empty: its own
  std::uint64_t max_file_size = 0;                           // RLIMIT_FSIZE; 0: none
  bool dumps_core = false;                                   // into its folder, unless it sees to that itself
  std::vector<std::string> environment;                      // "NAME=value", beside what the test itself has
};

// Where sd_notify(3) is heard.
class Notifications {
 public:
  explicit Notifications(std::string path);  // in place of what was there
  bool ready() const;                        // has READY=1 come since it was last asked?
  int fd() const { return socket_.get(); }   // readable when something has come

 private:
  UniqueFd socket_;
};

class Device {
 public:
  // Starts nothing yet. `address` is what the device answers to in the spool, without the prefix.
  Device(std::string spool, std::string address);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  Program program;

  // --- The process
  void start();   // until it says READY
  void launch();  // without waiting: then ready() says whether it has, and ended() is readable when it is no more
  bool ready() const { return notifications_->ready(); }
  int notifications() const { return notifications_->fd(); }
  int ended() const { return ended_.get(); }
  int collect();     // waits for its end: its exit code, or minus the signal
  int run_to_end();  // starts it, and waits for its end: its exit code
  int stop();        // SIGTERM; its exit code
  void kill();       // SIGKILL, to the daemon alone; its workers see their socket close
  void kill_all();   // SIGKILL, to the workers first
  void freeze();     // SIGSTOP, until it is killed
  bool running() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }
  std::vector<pid_t> workers() const;
  void signal_workers(int signal) const;
  std::string said() const;  // all that it wrote to standard error, in all its runs

  // --- Calls. Each is one of org.budstikke.…, by its short name.
  Result<bus::Message> call(const bus::Target& target, const std::string& member, const bus::Bus::Write& write = {});
  Result<bus::Message> control(const std::string& interface, const std::string& member,
                               const bus::Bus::Write& write = {});
  Result<bus::Message> account(const std::string& member, const bus::Bus::Write& write = {});
  bus::Dict properties(const std::string& path, const std::string& interface);  // those of simple types
  std::vector<bus::Dict> dicts_property(const std::string& path, const std::string& interface, const std::string& name);

  // --- What a person does
  Result<> create_vault(const std::string& passphrase);
  Result<> create_key_file();
  Result<> unlock(const std::string& passphrase);
  Result<> lock();
  std::uint32_t vault_state();
  void add_spool();  // until it is ready
  void remove_bridge() { must(control("Bridges1", "Remove", named_bridge), "remove the bridge"); }
  bus::Dict bridge();  // the only one
  void set_up();       // start, key file, spool
  void create_account(const std::string& name);
  void join(Device& sponsor);  // with both codes, until this device is a member
  Result<std::string> resolve(const std::string& address);
  std::string thread_with(const std::string& address);
  Result<std::string> send(const std::string& thread, const std::string& text, const std::string& key = {});
  Result<bus::Slot> send_async(const std::string& thread, const std::string& text, const std::string& key,
                               Duration timeout, bus::Bus::Completion done);
  struct Fetched {
    std::vector<bus::Dict> events;
    std::uint64_t next = 0;
  };
  Fetched fetch(std::uint64_t cursor);
  static Fetched read_page(const bus::Message& answer);
  static std::vector<std::string> texts_of(const Fetched& page);  // of message events
  std::vector<std::string> history(const std::string& thread);    // oldest first
  std::vector<std::string> texts_from(std::uint64_t cursor);
  std::size_t count(const std::string& text);  // in how many message events it is
  void wait_for(const std::string& text);
  std::vector<bus::Dict> devices();  // of the own account
  std::vector<bus::Dict> alerts();

  bus::Bus& bus() { return *client_; }
  const std::string& bus_address() const { return bus_->address(); }
  const std::string& folder() const { return folder_.path(); }
  std::string state_folder() const { return folder_.file("state"); }
  const std::string& spool() const { return spool_; }
  const std::string& address() const { return address_; }

 private:
  static void named_bridge(bus::Writer& out);
  void signal(int number) const;
  [[noreturn]] void become_daemon(std::vector<char*>& argv) const;
  std::vector<std::string> arguments() const;
  Result<> with_passphrase(const std::string& member, const std::string& passphrase, const bus::Dict& options);

  ScratchFolder folder_;
  std::unique_ptr<PrivateBus> bus_ = std::make_unique<PrivateBus>();
  std::optional<bus::Bus> client_;
  std::string spool_, address_;
  pid_t pid_ = -1;
  std::optional<Notifications> notifications_;
  UniqueFd ended_;  // a pidfd
};

// A pipe that holds a text and ends: how a passphrase is handed over.
UniqueFd pipe_with(const std::string& text);
// Every file below a folder, each as its bytes.
std::map<std::string, Bytes> files_below(const std::string& folder);

}  // namespace bud::test
