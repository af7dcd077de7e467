#include "spool/watches.h"

#include "spool/names.h"

#include <sys/inotify.h>

#include <array>

namespace spool {
namespace {

// No address holds a control character.
const std::string the_mailbox = "\x01";
const std::string the_structure = "\x02";
constexpr std::uint32_t self = IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW;

}  // namespace

Watches::Watches() : fd_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

void Watches::add(const std::string& path, std::uint32_t events, const std::string& what) {
  const int watch = inotify_add_watch(fd_.get(), path.c_str(), events | self);
  if (watch >= 0) what_[watch] = what;
}

void Watches::renew(const std::string& path, const std::string& device, const std::set<std::string>& addresses) {
  if (!fd_.open()) return;
  // Events of a removed watch carry a number that is not in what_ any more: numbers are not used twice.
  for (const auto& [watch, what] : what_) inotify_rm_watch(fd_.get(), watch);
  what_.clear();
  const int root = inotify_add_watch(fd_.get(), path.c_str(), IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
  if (root >= 0) what_[root] = the_structure;
  add(path + "/mail/" + device + "/new", IN_MOVED_TO | IN_CREATE, the_mailbox);
  bool all_exist = true;
  for (const std::string& address : addresses) {
    const std::string folder = path + "/directory/" + escape_address(address).value_or("");
    const std::size_t before = what_.size();
    add(folder, IN_MOVED_TO | IN_MOVED_FROM | IN_CLOSE_WRITE | IN_DELETE, address);
    all_exist = all_exist && what_.size() > before;
  }
  // New addresses are of interest only while one that is asked for has no folder yet.
  add(path + "/directory", all_exist ? 0 : IN_CREATE | IN_MOVED_TO, the_structure);
}

Seen Watches::take() {
  Seen seen;
  alignas(inotify_event) std::array<char, 16 * 1024> buffer;
  while (true) {
    const ssize_t n = read(fd_.get(), buffer.data(), buffer.size());
    if (n <= 0) break;
    for (std::size_t at = 0; at < static_cast<std::size_t>(n);) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      at += sizeof(inotify_event) + event->len;
      if ((event->mask & IN_Q_OVERFLOW) != 0) seen.stale = true;
      const auto watch = what_.find(event->wd);
      if (watch == what_.end()) continue;
      if ((event->mask & (IN_IGNORED | IN_UNMOUNT | IN_DELETE_SELF | IN_MOVE_SELF)) != 0) seen.stale = true;
      if (watch->second == the_mailbox)
        seen.mail = true;
      else if (watch->second == the_structure)
        seen.stale = true;
      else
        seen.addresses.insert(watch->second);
    }
  }
  return seen;
}

}  // namespace spool
