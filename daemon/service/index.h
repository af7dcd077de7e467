// Which contact or thread a path means: a path holds half of an id. Kept in memory, since there are hundreds of these;
// messages, of which there are many, have their whole id in their path and are never listed.
#pragma once

#include "core/engine.h"

#include <map>

namespace bud::service {

class Index {
 public:
  [[nodiscard]] Result<> load(core::Engine& engine);
  void clear();

  // Where two ids share a path (nobody can make that happen to another's id) the first stays.
  void add(const AccountId& contact);
  void add(const ThreadId& thread);

  std::optional<AccountId> contact(std::string_view path) const;
  std::optional<ThreadId> thread(std::string_view path) const;
  std::vector<std::string> contact_paths() const;
  std::vector<std::string> thread_paths() const;

 private:
  std::map<std::string, AccountId, std::less<>> contacts_;
  std::map<std::string, ThreadId, std::less<>> threads_;
};

}  // namespace bud::service
