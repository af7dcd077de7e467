// Which contact or thread a path means: a path holds half of an id. Kept in memory, since there are hundreds of these;
// messages, of which there are many, have their whole id in their path and are never listed.
//
// Whoever is named on the bus has a path, contact or not: it answers from the moment it was named.
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
  // That these are there to be asked for.
  void name(const core::ThreadInfo& thread);
  void name(const core::MessageInfo& message);

  // Contact or not; only contacts are listed.
  std::optional<AccountId> person(std::string_view path) const;
  std::optional<ThreadId> thread(std::string_view path) const;
  std::vector<std::string> contact_paths() const;
  std::vector<std::string> thread_paths() const;

 private:
  void name(const std::vector<AccountId>& people);
  void name(const AccountId& person);

  std::map<std::string, AccountId, std::less<>> people_;
  std::set<std::string> contacts_;  // of them
  std::map<std::string, ThreadId, std::less<>> threads_;
};

}  // namespace bud::service
