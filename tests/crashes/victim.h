// A device under load: it is started, reads what came, writes, is broken and killed as its life is planned, and started
// again. It is a client as the API wants them: it fetches from the cursor that it knows, and repeats a Send that was
// not answered, with the same idempotency key.
#pragma once

#include "crashes/life.h"
#include "integration/daemon_fixture.h"

namespace bud::test {

struct Tally {
  std::uint64_t daemon_killed = 0, all_killed = 0;
  std::array<std::uint64_t, ops> died_at{};  // killed by itself, at such a call
  std::array<std::array<std::uint64_t, acts>, ops> faults{};
  std::uint64_t not_started = 0;   // because of a fault
  std::vector<std::string> wrong;  // what must not happen, in words

  Tally& operator+=(const Tally& more);
};

class Victim {
 public:
  // `next_life` is asked before each life; nullopt: no further one.
  using NextLife = std::function<std::optional<Life>()>;
  Victim(bus::Event& event, const std::string& spool, const std::string& address, std::string name);

  // Both faultless: before anything happens, and when all has happened.
  void ready_for(const std::string& other);  // started, and with a thread with the account at that address
  void begin(NextLife next_life);            // the first life; the rest follows from the loop
  bool finished() const { return finished_; }
  void come_to_rest();  // started again, and all is sent
  void send_last(const std::string& text);
  void read_on();  // up to the newest event
  const Tally& close();

  Device device;
  const std::string& name() const { return name_; }
  const std::string& thread() const { return thread_; }
  const std::vector<std::string>& sent() const { return sent_; }  // for which Send has returned
  const std::vector<std::string>& read() const { return read_; }  // as a client that kept its cursor saw them

 private:
  void live();
  void arm();
  void is_ready();
  void go_on();
  void fetch();
  void send();
  bool answered_badly(const Result<bus::Message>& answer);
  void kill();
  void ended(int code, bool by_us);
  void after_the_end();
  void judge(int code, bool was_ready);
  void count_faults(bool& died);
  void take(const Device::Fetched& page);

  bus::Event& event_;
  std::string name_, thread_;
  FaultControl daemon_faults_, worker_faults_;
  NextLife next_life_;
  Life life_;
  std::uint64_t daemon_hits_ = 0, worker_hits_ = 0;  // before this life
  bool alive_ = false, caught_up_ = false, finished_ = false;
  unsigned begun_ = 0, left_ = 0;
  std::string pending_;  // begun, and not known to have been stored
  std::uint64_t cursor_ = 0;
  std::vector<std::string> sent_, read_;
  Tally tally_;
  bus::Source on_ready_, on_end_, timer_, again_;
  bus::Slot call_;
};

}  // namespace bud::test
