#include "client/connection.h"

#include "bus/error.h"
#include "client/names.h"

#include <chrono>

namespace bud::client {
namespace {

constexpr Duration answer_time = seconds(60);
constexpr std::size_t max_list = 65536;
const bus::Target message_bus{"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus"};
constexpr const char* properties = "org.freedesktop.DBus.Properties";

Duration since(std::chrono::steady_clock::time_point start) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  return {static_cast<std::uint64_t>(ms.count())};
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const BusChoice& choice) {
  BUD_TRY(bus::Event event, bus::Event::create());
  BUD_TRY(bus::Bus bus, choice.kind == BusChoice::Kind::address  ? bus::Bus::open(choice.address)
                        : choice.kind == BusChoice::Kind::system ? bus::Bus::system()
                                                                 : bus::Bus::session());
  std::unique_ptr<Connection> connection(new Connection(std::move(event), std::move(bus)));
  BUD_CHECK(connection->bus_.unique_name());  // the bus is there and lets us in
  BUD_CHECK(connection->bus_.attach(connection->event_));
  return connection;
}

tl::unexpected<Error> Connection::gone() {
  unreachable_ = true;
  return fail(Errc::offline, "The daemon (budstikked) is not running on this bus");
}

// What the daemon did not word itself: sd-bus's "Unknown object '/…'" is no sentence for a person; and the bus's
// "nobody has this name" and the daemon's "no server answers" are one Errc, of which the bus knows which it was.
Result<bus::Message> Connection::judge(Result<bus::Message> answer, const std::string& destination) {
  if (answer) return answer;
  if (answer.error().code == Errc::not_found && answer.error().text.starts_with("Unknown object")) {
    return fail(Errc::not_found, bus::default_words(Errc::not_found));
  }
  if (answer.error().code != Errc::offline && answer.error().code != Errc::internal) return answer;
  const auto owned = bus_.call(message_bus, "NameHasOwner", [&](bus::Writer& w) { w.string(destination); });
  if (owned && bus::Reader(*owned).boolean().value_or(false)) return answer;
  return gone();
}

Result<bus::Message> Connection::call(const bus::Target& target, const std::string& member,
                                      const bus::Bus::Write& write, Duration timeout) {
  BUD_TRY(const bus::Message message, bus_.new_call(target, member, write));
  return judge(bus_.call(message, timeout.ms == 0 ? answer_time : timeout), target.destination);
}

Result<bus::Message> Connection::get(const bus::Target& target, const std::string& property) {
  return call({target.destination, target.path, properties}, "Get",
              [&](bus::Writer& w) { w.string(target.interface).string(property); });
}

Result<bus::Dict> Connection::get_all(const bus::Target& target) {
  BUD_TRY(const bus::Message answer, call({target.destination, target.path, properties}, "GetAll",
                                          [&](bus::Writer& w) { w.string(target.interface); }));
  return bus::Reader(answer).dict({max_list, 1024 * 1024});
}

Result<std::uint32_t> Connection::daemon_process() {
  BUD_TRY(const bus::Message answer,
          call(message_bus, "GetConnectionUnixProcessID", [](bus::Writer& w) { w.string(chat_name); }));
  return bus::Reader(answer).u32();
}

Result<> Connection::wake_on(const bus::Target& source, const std::string& member) {
  BUD_TRY(bus::Slot slot, bus_.match_signal(source, member, [this](const bus::Message&) { woken_ = true; }));
  slots_.push_back(std::move(slot));
  return {};
}

Result<> Connection::watch_daemon() {
  if (daemon_) return {};
  BUD_TRY(const bus::Message answer,
          judge(bus_.call(message_bus, "GetNameOwner", [](bus::Writer& w) { w.string(chat_name); }), chat_name));
  BUD_TRY(const std::string owner, bus::Reader(answer).string(255));
  BUD_TRY(bus::Bus::ClientWatch watch, bus_.watch_client(owner, [this] { left_ = true; }));
  daemon_ = std::move(watch);
  BUD_TRY(bus::Slot slot, bus_.on_disconnected([this] { left_ = true; }));
  slots_.push_back(std::move(slot));
  return {};
}

Result<bool> Connection::wait_until(std::optional<Duration> timeout, const std::function<Result<bool>()>& holds) {
  BUD_CHECK(watch_daemon());
  const auto start = std::chrono::steady_clock::now();
  while (true) {
    woken_ = false;
    BUD_TRY(const bool met, holds());
    if (met) return true;
    while (!woken_) {
      if (left_) return gone();
      Duration step = hours(1);
      if (timeout) {
        const Duration passed = since(start);
        if (passed >= *timeout) return false;
        step = {timeout->ms - passed.ms};
      }
      BUD_CHECK(event_.step(step));
    }
  }
}

Result<> Proxy::run(const std::string& member, const bus::Bus::Write& write) const {
  BUD_CHECK(call(member, write));
  return {};
}

Result<std::vector<bus::Dict>> Proxy::list(const std::string& member) const {
  BUD_TRY(const bus::Message answer, call(member));
  return bus::Reader(answer).dicts(max_list);
}

Result<std::vector<bus::Dict>> Proxy::list_property(const std::string& name) const {
  BUD_TRY(const bus::Message answer, connection_.get(target_, name));
  bus::Reader reader(answer);
  std::vector<bus::Dict> all;
  BUD_CHECK(reader.variant_of("aa{sv}", [&]() -> Result<> {
    BUD_TRY(all, reader.dicts(max_list));
    return {};
  }));
  return all;
}

Result<> Proxy::wake_on_properties() const {
  return connection_.wake_on({target_.destination, target_.path, properties}, "PropertiesChanged");
}

}  // namespace bud::client
