// A D-Bus connection: to a message bus, or to one peer over a descriptor.
//
// Threads: all calls and callbacks belong to the thread that runs the Event the bus is attached to. Callbacks run from
// the loop, may drop their own Slot, and must not throw (an exception ends the program).
// Handles: dropping a Slot unregisters what it stands for; its callback does not run afterwards. Slots may outlive the
// Bus, which closes the connection when it is dropped; what waits to be written is then lost unless flush()ed.
// Errors: Errc::offline where the connection is gone, otherwise those of bus/error.h.
#pragma once

#include "base/environment.h"
#include "bus/event.h"
#include "bus/message.h"

#include <systemd/sd-bus-vtable.h>

namespace bud::bus {

class [[nodiscard]] Slot {
 public:
  Slot() = default;
  explicit Slot(sd_bus_slot* slot) : slot_(slot) {}
  void reset() { slot_.reset(); }
  explicit operator bool() const { return slot_ != nullptr; }

 private:
  struct Unref {
    void operator()(sd_bus_slot* s) const { sd_bus_slot_unref(s); }
  };
  std::unique_ptr<sd_bus_slot, Unref> slot_;
};

// Whom a signal comes from or a call goes to. On a peer-to-peer connection `destination` is empty.
struct Target {
  std::string destination;
  std::string path;
  std::string interface;
};

class Bus {
 public:
  // The user's session bus, the system's, or one by its address. Returns while connecting still goes on.
  static Result<Bus> session();
  static Result<Bus> system();
  static Result<Bus> open(const std::string& address);

  // One end of a socket pair. The server answers the SASL handshake and lets anybody in: whoever holds the other
  // descriptor was handed it. It may not speak first: sd-bus 252's client, in sd-event, leaves a message that arrives
  // together with the handshake's last line unread until more bytes come. So that this cannot happen, sending on a
  // server's connection is Errc::busy until the first message has arrived.
  static Result<Bus> serve(UniqueFd fd);
  static Result<Bus> connect(UniqueFd fd);

  Result<> attach(Event& event);
  // Waits until everything is written: for programs that end, not for the loop.
  Result<> flush();
  // Messages that wait because the other side does not read.
  std::uint64_t queued_writes() const;
  // Runs once when the connection has gone; calls that were open have failed by then.
  Result<Slot> on_disconnected(std::function<void()> call);
  // ":1.42"; waits for the connection.
  Result<std::string> unique_name();
  // Waits for the bus. Errc::busy where somebody else has the name.
  Result<> request_name(const std::string& name);

  // --- Calling
  using Write = std::function<void(Writer&)>;
  using Completion = std::function<void(Result<Message>)>;
  Result<Message> new_call(const Target& target, const std::string& member, const Write& write = {});
  // Waits for the answer: for the command line and for tests, never in the daemon's loop. A timeout of 0: 25 seconds.
  Result<Message> call(const Message& call, Duration timeout = {});
  Result<Message> call(const Target& target, const std::string& member, const Write& write = {}, Duration timeout = {});
  // Exactly one completion, unless the Slot is dropped before.
  Result<Slot> call_async(const Message& call, Duration timeout, Completion done);
  Result<Slot> call_async(const Target& target, const std::string& member, const Write& write, Duration timeout,
                          Completion done);
  // org.freedesktop.DBus.Properties.Get; a Reader on the answer stands before a variant.
  Result<Message> get_property(const Target& target, const std::string& name);

  // --- Serving (method.h makes the vtable's function pointers). Vtable, and object, must outlive the Slot.
  template <class T>
  Result<Slot> add_object(const std::string& path, const char* interface, const sd_bus_vtable* vtable, T& object) {
    return add_vtable(path, interface, vtable, const_cast<std::remove_const_t<T>*>(&object));
  }
  // For every path below `prefix` (and itself) for which bool T::exists(path) says yes; not kept, so for objects of
  // which there are many. Handlers find the path in Call::path().
  template <auto exists, class T>
  Result<Slot> add_fallback(const std::string& prefix, const char* interface, const sd_bus_vtable* vtable, T& object) {
    return add_fallback_vtable(
        prefix, interface, vtable, &object,
        [](sd_bus*, const char* path, const char*, void* self, void** found, sd_bus_error*) noexcept -> int {
          *found = self;
          return (static_cast<T*>(self)->*exists)(path) ? 1 : 0;
        });
  }
  // Makes the objects below `path` listed in introspection and GetManagedObjects: full paths, only those that exist.
  Result<Slot> add_enumerator(const std::string& path, std::function<std::vector<std::string>()> list);
  // org.freedesktop.DBus.ObjectManager at `path`, for all objects below.
  Result<Slot> add_object_manager(const std::string& path);
  Result<> object_added(const std::string& path);
  Result<> object_removed(const std::string& path);
  Result<> properties_changed(const std::string& path, const std::string& interface,
                              const std::vector<std::string>& names);

  // --- Signals. `source.destination` is ignored by emit.
  Result<> emit(const Target& source, const std::string& member, const Write& write = {});
  // To one connection only, by its unique name.
  Result<> emit_to(const std::string& unique_name, const Target& source, const std::string& member,
                   const Write& write = {});
  // Empty parts of `source`, or an empty member, match all.
  Result<Slot> match_signal(const Target& source, const std::string& member, std::function<void(Message)> call);
  // Runs once the client with this unique name has left the bus, also where it left before this call.
  struct ClientWatch {
    Slot match;
    Slot query;
  };
  Result<ClientWatch> watch_client(const std::string& unique_name, std::function<void()> gone);

  sd_bus* raw() const { return bus_.get(); }

 private:
  struct Close {
    void operator()(sd_bus* b) const { sd_bus_close_unref(b); }
  };
  explicit Bus(sd_bus* bus) : bus_(bus) {}
  static Result<Bus> peer(UniqueFd fd, bool server);
  Result<> may_send() const;
  Result<> send_signal(const char* destination, const Target& source, const std::string& member, const Write& write);
  Result<Slot> add_vtable(const std::string& path, const char* interface, const sd_bus_vtable* vtable, void* object);
  Result<Slot> add_fallback_vtable(const std::string& prefix, const char* interface, const sd_bus_vtable* vtable,
                                   void* object, sd_bus_object_find_t find);

  std::unique_ptr<bool> heard_;  // on a server's connection: whether the peer has spoken
  std::unique_ptr<sd_bus, Close> bus_;
};

}  // namespace bud::bus
