// The whole daemon: its state folder, two connections to the bus, the objects on them, and the core behind.
#pragma once

#include "service/account.h"
#include "service/accounts.h"
#include "service/alerts.h"
#include "service/announcer.h"
#include "service/contact.h"
#include "service/devices.h"
#include "service/manager.h"
#include "service/message.h"
#include "service/thread.h"
#include "service/vault.h"

namespace bud::service {

struct Options {
  std::string state_folder;
  std::string bus_address;  // empty: the session bus
  bridging::ProcessFactory::Paths programs;
};

class Daemon {
 public:
  // Takes the folder, reaches the bus, opens a vault that opens by itself, and takes the names: then all answers.
  // Errc::busy: another daemon has the folder, or another program has a name. Errc::offline: there is no bus.
  [[nodiscard]] static Result<std::unique_ptr<Daemon>> start(const Options& options);
  ~Daemon();

  // Until SIGTERM or SIGINT, or until the bus is gone (Errc::offline).
  [[nodiscard]] Result<> run();

 private:
  Daemon(store::StateFolder folder, bus::Event event, bus::Bus chat, bus::Bus control, const Options& options);
  [[nodiscard]] Result<> serve();
  [[nodiscard]] Result<> watch_ends();

  store::StateFolder folder_;
  bus::Event event_;
  bus::Bus chat_, control_;
  CoreHost core_;
  Index index_;
  Context context_;
  Lookups lookups_;
  Watchers watchers_;
  Announcer announcer_;

  Bridges bridges_;
  Manager manager_;
  Account account_;
  Contacts contacts_;
  Threads threads_;
  Messages messages_;
  Vault vault_;
  Accounts accounts_;
  Devices devices_;
  Alerts alerts_;

  std::vector<bus::Source> signals_;
  bus::Source wiper_;
  std::vector<bus::Slot> connections_;
};

}  // namespace bud::service
