#include "bus/bus.h"

#include "bus/error.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace bud::bus {
namespace {

Result<> check(int r, std::string_view doing) {
  if (r < 0) return tl::unexpected(error_from_errno(r, doing));
  return {};
}

// sd-bus frees the closure with the slot, which is after a callback that dropped its own handle has returned.
template <class F>
Result<Slot> own(int r, sd_bus_slot* slot, std::unique_ptr<F> closure, std::string_view doing) {
  if (r < 0) return tl::unexpected(error_from_errno(r, doing));
  Slot handle(slot);
  BUD_CHECK(check(sd_bus_slot_set_destroy_callback(slot, [](void* p) { delete static_cast<F*>(p); }), doing));
  (void)closure.release();
  return handle;
}

using MessageCall = std::function<void(Message)>;

int on_message(sd_bus_message* m, void* closure, sd_bus_error*) noexcept {
  (*static_cast<MessageCall*>(closure))(Message::share(m));
  return 0;
}

int on_reply(sd_bus_message* m, void* closure, sd_bus_error*) noexcept {
  const auto& done = *static_cast<Bus::Completion*>(closure);
  if (sd_bus_message_is_method_error(m, nullptr) > 0) {
    done(tl::unexpected(error_from_bus(sd_bus_message_get_error(m), 0)));
  } else {
    done(Message::share(m));
  }
  return 0;
}

using List = std::function<std::vector<std::string>()>;

int enumerate(sd_bus*, const char*, void* closure, char*** nodes, sd_bus_error*) noexcept {
  const std::vector<std::string> paths = (*static_cast<List*>(closure))();
  char** all = static_cast<char**>(std::calloc(paths.size() + 1, sizeof(char*)));
  if (all == nullptr) return -ENOMEM;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    all[i] = ::strdup(paths[i].c_str());
    if (all[i] != nullptr) continue;
    for (std::size_t j = 0; j < i; ++j) std::free(all[j]);
    std::free(all);
    return -ENOMEM;
  }
  *nodes = all;
  return 0;
}

const char* or_null(const std::string& s) {
  return s.empty() ? nullptr : s.c_str();
}

const Target message_bus{"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus"};

}  // namespace

// --- The connection

Result<Bus> Bus::session() {
  sd_bus* bus = nullptr;
  BUD_CHECK(check(sd_bus_open_user(&bus), "reach the session's message bus"));
  return Bus(bus);
}

Result<Bus> Bus::system() {
  sd_bus* bus = nullptr;
  BUD_CHECK(check(sd_bus_open_system(&bus), "reach the system's message bus"));
  return Bus(bus);
}

Result<Bus> Bus::open(const std::string& address) {
  sd_bus* raw = nullptr;
  BUD_CHECK(check(sd_bus_new(&raw), "make a connection"));
  Bus bus(raw);
  int r = sd_bus_set_address(raw, address.c_str());
  if (r >= 0) r = sd_bus_set_bus_client(raw, 1);
  if (r >= 0) r = sd_bus_start(raw);
  BUD_CHECK(check(r, "reach the message bus at " + address));
  return bus;
}

Result<> Bus::attach(Event& event) {
  return check(sd_bus_attach_event(raw(), event.raw(), SD_EVENT_PRIORITY_NORMAL), "attach the bus to the loop");
}

Result<> Bus::flush() {
  return check(sd_bus_flush(raw()), "write to the bus");
}

std::uint64_t Bus::queued_writes() const {
  std::uint64_t n = 0;
  return sd_bus_get_n_queued_write(raw(), &n) >= 0 ? n : 0;
}

Result<Slot> Bus::on_disconnected(std::function<void()> call) {
  const Target local{{}, "/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local"};
  return match_signal(local, "Disconnected", [call = std::move(call)](const Message&) { call(); });
}

Result<std::string> Bus::unique_name() {
  const char* name = nullptr;
  BUD_CHECK(check(sd_bus_get_unique_name(raw(), &name), "connect to the message bus"));
  return std::string(name);
}

Result<> Bus::request_name(const std::string& name) {
  const int r = sd_bus_request_name(raw(), name.c_str(), 0);
  if (r == -EALREADY) return {};
  if (r == -EEXIST) return fail(Errc::busy, "Another program has the name " + name + " on this bus");
  return check(r, "take the name " + name);
}

// --- Calling

Result<Message> Bus::new_call(const Target& target, const std::string& member, const Write& write) {
  sd_bus_message* m = nullptr;
  BUD_CHECK(check(sd_bus_message_new_method_call(raw(), &m, or_null(target.destination), target.path.c_str(),
                                                 or_null(target.interface), member.c_str()),
                  "call " + member));
  Message message = Message::adopt(m);
  if (write) {
    Writer writer(message);
    write(writer);
    BUD_CHECK(writer.done());
  }
  return message;
}

Result<Message> Bus::call(const Message& call, Duration timeout) {
  BUD_CHECK(may_send());
  sd_bus_error error{};
  sd_bus_message* answer = nullptr;
  const int r = sd_bus_call(raw(), call.raw(), timeout.ms * 1000, &error, &answer);
  if (r >= 0) return Message::adopt(answer);
  Error failed = error_from_bus(&error, r);
  sd_bus_error_free(&error);
  return tl::unexpected(std::move(failed));
}

Result<Message> Bus::call(const Target& target, const std::string& member, const Write& write, Duration timeout) {
  BUD_TRY(const Message message, new_call(target, member, write));
  return call(message, timeout);
}

Result<Slot> Bus::call_async(const Message& call, Duration timeout, Completion done) {
  BUD_CHECK(may_send());
  auto closure = std::make_unique<Completion>(std::move(done));
  sd_bus_slot* slot = nullptr;
  const int r = sd_bus_call_async(raw(), &slot, call.raw(), on_reply, closure.get(), timeout.ms * 1000);
  return own(r, slot, std::move(closure), "send a call");
}

Result<Slot> Bus::call_async(const Target& target, const std::string& member, const Write& write, Duration timeout,
                             Completion done) {
  BUD_TRY(const Message message, new_call(target, member, write));
  return call_async(message, timeout, std::move(done));
}

Result<Message> Bus::get_property(const Target& target, const std::string& name) {
  const Target properties{target.destination, target.path, "org.freedesktop.DBus.Properties"};
  return call(properties, "Get", [&](Writer& w) { w.string(target.interface).string(name); });
}

// --- Serving

Result<Slot> Bus::add_vtable(const std::string& path, const char* interface, const sd_bus_vtable* vtable,
                             void* object) {
  sd_bus_slot* slot = nullptr;
  BUD_CHECK(check(sd_bus_add_object_vtable(raw(), &slot, path.c_str(), interface, vtable, object), "add an object"));
  return Slot(slot);
}

Result<Slot> Bus::add_fallback_vtable(const std::string& prefix, const char* interface, const sd_bus_vtable* vtable,
                                      void* object, sd_bus_object_find_t find) {
  sd_bus_slot* slot = nullptr;
  BUD_CHECK(
      check(sd_bus_add_fallback_vtable(raw(), &slot, prefix.c_str(), interface, vtable, find, object), "add objects"));
  return Slot(slot);
}

Result<Slot> Bus::add_enumerator(const std::string& path, List list) {
  auto closure = std::make_unique<List>(std::move(list));
  sd_bus_slot* slot = nullptr;
  const int r = sd_bus_add_node_enumerator(raw(), &slot, path.c_str(), enumerate, closure.get());
  return own(r, slot, std::move(closure), "list objects");
}

Result<Slot> Bus::add_object_manager(const std::string& path) {
  sd_bus_slot* slot = nullptr;
  BUD_CHECK(check(sd_bus_add_object_manager(raw(), &slot, path.c_str()), "add an object manager"));
  return Slot(slot);
}

Result<> Bus::object_added(const std::string& path) {
  return check(sd_bus_emit_object_added(raw(), path.c_str()), "announce an object");
}

Result<> Bus::object_removed(const std::string& path) {
  return check(sd_bus_emit_object_removed(raw(), path.c_str()), "announce an object's end");
}

Result<> Bus::properties_changed(const std::string& path, const std::string& interface,
                                 const std::vector<std::string>& names) {
  std::vector<char*> list;
  for (const std::string& name : names) list.push_back(const_cast<char*>(name.c_str()));  // sd-bus only reads them
  list.push_back(nullptr);
  return check(sd_bus_emit_properties_changed_strv(raw(), path.c_str(), interface.c_str(), list.data()),
               "announce changed properties");
}

// --- Signals

Result<> Bus::send_signal(const char* destination, const Target& source, const std::string& member,
                          const Write& write) {
  BUD_CHECK(may_send());
  sd_bus_message* m = nullptr;
  BUD_CHECK(check(sd_bus_message_new_signal(raw(), &m, source.path.c_str(), source.interface.c_str(), member.c_str()),
                  "emit " + member));
  const Message message = Message::adopt(m);
  if (write) {
    Writer writer(message);
    write(writer);
    BUD_CHECK(writer.done());
  }
  if (destination == nullptr) return check(sd_bus_send(raw(), m, nullptr), "emit " + member);
  return check(sd_bus_send_to(raw(), m, destination, nullptr), "emit " + member);
}

Result<> Bus::emit(const Target& source, const std::string& member, const Write& write) {
  return send_signal(nullptr, source, member, write);
}

Result<> Bus::emit_to(const std::string& unique_name, const Target& source, const std::string& member,
                      const Write& write) {
  return send_signal(unique_name.c_str(), source, member, write);
}

Result<Slot> Bus::match_signal(const Target& source, const std::string& member, MessageCall call) {
  auto closure = std::make_unique<MessageCall>(std::move(call));
  sd_bus_slot* slot = nullptr;
  // Asynchronous: the loop does not wait for the bus. Order is kept, so that what is asked for next comes after it.
  const int r =
      sd_bus_match_signal_async(raw(), &slot, or_null(source.destination), or_null(source.path),
                                or_null(source.interface), or_null(member), on_message, nullptr, closure.get());
  return own(r, slot, std::move(closure), "watch a signal");
}

Result<Bus::ClientWatch> Bus::watch_client(const std::string& unique_name, std::function<void()> gone) {
  if (unique_name.empty() || unique_name[0] != ':' || sd_bus_service_name_is_valid(unique_name.c_str()) <= 0) {
    return fail(Errc::malformed, "This is no unique bus name");
  }
  struct Once {
    std::function<void()> call;
    bool done = false;
    void operator()() {
      if (!std::exchange(done, true)) call();
    }
  };
  const auto once = std::make_shared<Once>(Once{std::move(gone)});
  // A unique name is never given twice: any change of its owner is its end.
  auto closure = std::make_unique<MessageCall>([once](const Message&) { (*once)(); });
  const std::string rule =
      "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
      "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='" +
      unique_name + "'";
  ClientWatch watch;
  sd_bus_slot* slot = nullptr;
  const int r = sd_bus_add_match_async(raw(), &slot, rule.c_str(), on_message, nullptr, closure.get());
  BUD_TRY(watch.match, own(r, slot, std::move(closure), "watch a client"));
  // The client may have left before the match was there.
  BUD_TRY(watch.query, call_async(
                           message_bus, "NameHasOwner", [&](Writer& w) { w.string(unique_name); }, {},
                           [once](const Result<Message>& answer) {
                             if (!answer) return;
                             const auto owned = Reader(*answer).boolean();
                             if (owned && !*owned) (*once)();
                           }));
  return watch;
}

}  // namespace bud::bus
