#include "service/daemon.h"

#include "crypto/secret.h"
#include "service/log.h"

#include <csignal>

namespace bud::service {
namespace {

constexpr int stopped = 0, bus_gone = 1;
// For a worker that the daemon before this one was starting when it was killed, and that has not become one yet.
constexpr Duration until_the_folder_is_free = seconds(3);

// Connected on return: signals that are sent before are refused.
Result<bus::Bus> reach(const std::string& address) {
  BUD_TRY(bus::Bus bus, address.empty() ? bus::Bus::session() : bus::Bus::open(address));
  BUD_CHECK(bus.unique_name());
  return bus;
}

}  // namespace

Daemon::Daemon(store::StateFolder folder, bus::Event event, bus::Bus chat, bus::Bus control, const Options& options)
    : folder_(std::move(folder)),
      event_(std::move(event)),
      chat_(std::move(chat)),
      control_(std::move(control)),
      core_(event_, folder_, options.programs),
      context_{event_, chat_, control_, core_, index_},
      lookups_(event_, core_),
      watchers_(chat_),
      announcer_(context_, lookups_, watchers_),
      bridges_(context_, lookups_),
      manager_(context_, bridges_),
      account_(context_, lookups_, watchers_),
      contacts_(context_),
      threads_(context_),
      messages_(context_),
      vault_(context_, folder_),
      accounts_(context_),
      devices_(context_),
      alerts_(context_) {}

Daemon::~Daemon() {
  core_.stop();
}

Result<std::unique_ptr<Daemon>> Daemon::start(const Options& options) {
  Result<store::StateFolder> folder = store::StateFolder::open(options.state_folder, until_the_folder_is_free);
  if (!folder) return forward(folder);
  BUD_TRY(bus::Event event, bus::Event::create());
  BUD_TRY(bus::Bus chat, reach(options.bus_address));
  BUD_TRY(bus::Bus control, reach(options.bus_address));
  std::unique_ptr<Daemon> daemon(
      new Daemon(std::move(*folder), std::move(event), std::move(chat), std::move(control), options));
  BUD_CHECK(daemon->watch_ends());
  BUD_CHECK(daemon->serve());
  return daemon;
}

Result<> Daemon::watch_ends() {
  for (const int number : {SIGTERM, SIGINT}) {
    BUD_TRY(bus::Source source, event_.on_signal(number, [this] { event_.exit(stopped); }));
    signals_.push_back(std::move(source));
  }
  for (bus::Bus* bus : {&chat_, &control_}) {
    BUD_CHECK(bus->attach(event_));
    BUD_TRY(bus::Slot slot, bus->on_disconnected([this] { event_.exit(bus_gone); }));
    connections_.push_back(std::move(slot));
  }
  return {};
}

Result<> Daemon::serve() {
  core_.observe(announcer_);
  BUD_CHECK(manager_.serve());
  BUD_CHECK(account_.serve());
  BUD_CHECK(contacts_.serve());
  BUD_CHECK(threads_.serve());
  BUD_CHECK(messages_.serve());
  BUD_CHECK(vault_.serve());
  BUD_CHECK(accounts_.serve());
  BUD_CHECK(devices_.serve());
  BUD_CHECK(alerts_.serve());
  BUD_CHECK(bridges_.serve());
  BUD_TRY(wiper_, event_.after_each_round([] { crypto::wipe_stack(); }));
  vault_.open_by_itself();
  BUD_CHECK(control_.request_name(control_name));
  BUD_CHECK(chat_.request_name(chat_name));
  return {};
}

Result<> Daemon::run() {
  BUD_TRY(const int code, event_.run());
  if (code == bus_gone) return fail(Errc::offline, "the message bus is gone");
  return {};
}

}  // namespace bud::service
