// Look-ups in a bridge's directory.
#pragma once

#include "bridging/context.h"

#include <deque>
#include <set>

namespace bud::bridging {

// Whoever asks for an address that is being looked up joins in. Some run at a time, the rest waits its turn.
class Lookups {
 public:
  // True: the port has been given everything that the directory holds there.
  using Done = std::function<void(bool complete)>;

  explicit Lookups(const Context& context) : context_(context) {}

  // `done`, which may be empty, is called from the loop, never from here.
  void ask(const std::string& address, Done done);
  // The directory says that something has changed there: looked up after a moment, once for many hints.
  void changed(const std::string& address);

  void start(Worker& worker);
  // What was asked fails, and so does what is asked until the next start().
  void stop();

 private:
  void next();
  void answered(const std::string& address, const Answer& answer, std::span<const Bytes> records);
  void finish(const std::string& address, bool complete);
  void fail_all();

  const Context& context_;
  Worker* worker_ = nullptr;
  bool waiting_for_worker_ = true;  // the first start may take a moment; later absences fail what is asked
  std::map<std::string, std::vector<Done>> asked_;
  std::deque<std::string> queue_;
  std::size_t running_ = 0;
  std::set<std::string> changed_;
  Timer changes_settled_;
  Timer failing_;
  std::map<std::string, Timer> unfit_;  // addresses that no transport is asked for
};

}  // namespace bud::bridging
