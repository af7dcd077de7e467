// Turns what changed in the core into signals. None of them holds a name, an address or a text: they are broadcasts.
#pragma once

#include "service/context.h"
#include "service/lookups.h"
#include "service/watchers.h"

namespace bud::service {

class Announcer final : public CoreHost::Observer {
 public:
  Announcer(Context& context, Lookups& lookups, Watchers& watchers)
      : context_(context), lookups_(lookups), watchers_(watchers) {}

  void core_started() override;
  void core_changed(const core::Changes& changes) override;
  void core_stopped() override;
  void bridges_changed() override;
  void files_changed(const MessageId& message) override;

 private:
  void account_changed();
  void vault_changed();
  void contact_changed(const AccountId& contact);
  void thread_changed(const ThreadId& thread);
  // True where clients are told now that the object is there.
  bool announced_now(const std::string& path);
  void properties(const std::string& path, const char* interface, const std::vector<std::string>& names);
  void control_signal(const char* interface, const char* member, const bus::Bus::Write& write = {});

  Context& context_;
  Lookups& lookups_;
  Watchers& watchers_;
  std::set<std::string> announced_;  // paths of the objects that clients were told of
};

}  // namespace bud::service
