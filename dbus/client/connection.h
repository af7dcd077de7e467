// A client's connection to the bus and, over it, to the daemon.
//
// Threads: one. Calls wait for their answer. Signals are looked at while something is waited for (wait_until), and then
// say no more than that it is worth asking again.
// Errors: what the daemon answers, as bus/error.h maps it back; and Errc::offline with unreachable() true where there
// is no bus, or nobody on it has the daemon's name.
#pragma once

#include "bus/bus.h"

namespace bud::client {

struct BusChoice {
  enum class Kind { session, system, address } kind = Kind::session;
  std::string address;
};

class Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const BusChoice& choice);

  // A call on the object's interface. A timeout of 0: 60 seconds, since the daemon itself may take 25 to ask a server.
  Result<bus::Message> call(const bus::Target& target, const std::string& member, const bus::Bus::Write& write = {},
                            Duration timeout = {});
  // An answer whose Reader stands before the value's variant.
  Result<bus::Message> get(const bus::Target& target, const std::string& property);
  Result<bus::Dict> get_all(const bus::Target& target);

  // True once it turned out that the daemon is not running.
  bool unreachable() const { return unreachable_; }
  // The daemon's process, as the bus knows it.
  Result<std::uint32_t> daemon_process();

  // From now on a signal of this kind ends the wait below for a new look. Kept as long as the connection.
  Result<> wake_on(const bus::Target& source, const std::string& member);
  // Looks, then waits for a signal and looks again, until `holds` says true, or `timeout` is over: false. No timeout:
  // for ever. Errc::offline, and unreachable(), when the daemon leaves the bus meanwhile.
  Result<bool> wait_until(std::optional<Duration> timeout, const std::function<Result<bool>()>& holds);
  // The loop that the waiting runs, for a caller's own sources (a signal of the operating system).
  bus::Event& event() { return event_; }
  // Ends the wait that is under way for a new look.
  void wake() { woken_ = true; }

 private:
  Connection(bus::Event event, bus::Bus bus) : event_(std::move(event)), bus_(std::move(bus)) {}
  Result<bus::Message> judge(Result<bus::Message> answer, const std::string& destination);
  Result<> watch_daemon();
  tl::unexpected<Error> gone();

  bus::Event event_;
  bus::Bus bus_;
  bool unreachable_ = false, woken_ = false, left_ = false;
  std::vector<bus::Slot> slots_;
  std::optional<bus::Bus::ClientWatch> daemon_;
};

// An object's interface on a connection, which outlives it.
class Proxy {
 public:
  Proxy(Connection& connection, bus::Target target) : connection_(connection), target_(std::move(target)) {}
  bus::ObjectPath path() const { return {target_.path}; }

 protected:
  Result<bus::Message> call(const std::string& member, const bus::Bus::Write& write = {}) const {
    return connection_.call(target_, member, write);
  }
  Result<> run(const std::string& member, const bus::Bus::Write& write = {}) const;
  // A member that answers a list of dictionaries, alone.
  Result<std::vector<bus::Dict>> list(const std::string& member) const;
  // A property that is a list of dictionaries.
  Result<std::vector<bus::Dict>> list_property(const std::string& name) const;
  Result<> wake_on(const std::string& member) const { return connection_.wake_on(target_, member); }
  Result<> wake_on_properties() const;

  Connection& connection_;
  bus::Target target_;
};

}  // namespace bud::client
