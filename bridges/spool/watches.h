// inotify on the folders that matter. Hints only: the slow rescan finds whatever they miss.
#pragma once

#include "spool/files.h"

#include <map>
#include <set>

namespace spool {

// What a reading of the events came to.
struct Seen {
  bool mail = false;                // something arrived in the mailbox
  bool stale = false;               // watched folders were removed, moved, unmounted, or newly made: renew()
  std::set<std::string> addresses;  // something changed there
};

class Watches {
 public:
  Watches();
  // To be polled for reading; -1 where the kernel has none left.
  int fd() const { return fd_.get(); }
  // In place of all watches before: the spool at `path`, the mailbox, the addresses. What does not exist is left out.
  void renew(const std::string& path, const std::string& device, const std::set<std::string>& addresses);
  // Takes the events that wait.
  Seen take();

 private:
  void add(const std::string& path, std::uint32_t events, const std::string& what);

  Fd fd_;
  std::map<int, std::string> what_;  // by watch: an address, or one of the two below
};

}  // namespace spool
