// A daemon of the test's own on a private bus, in a thread of its own: answers what a test told it to answer.
#pragma once

#include "bus/bus.h"
#include "bus/error.h"
#include "bus/reply.h"
#include "support/private_bus.h"

#include <map>
#include <mutex>
#include <thread>

namespace bud::test {

class MockService {
 public:
  using Handler = std::function<Result<>(bus::Reader& args, bus::Writer& out)>;
  using Property = std::variant<bus::Value, std::vector<bus::Dict>>;

  MockService();
  ~MockService();

  const std::string& address() const { return bus_.address(); }
  // "Vault1", "Unlock". Handlers run in the service's thread, one at a time, and may call set() and signal().
  void on(const std::string& interface, const std::string& member, Handler handler);
  void set(const std::string& path, const std::string& interface, const std::string& name, Property value);
  // The objects that ObjectManager lists, each with the properties that were set for it.
  void list(const std::string& path, const std::string& interface);
  // From any thread.
  void signal(const std::string& path, const std::string& interface, const std::string& member,
              bus::Bus::Write write = {});
  void properties_changed(const std::string& path, const std::string& interface);
  // Leaves the bus, as a daemon that ends.
  void leave();
  // No handler runs any more: what they use may go. (Done at the end anyway.)
  void stop();
  // How often a member was called.
  int calls(const std::string& interface, const std::string& member);

 private:
  static int filter(sd_bus_message* m, void* self, sd_bus_error*);
  void run();
  bool answer(const bus::Message& message);
  Result<> properties(const bus::Message& message, bus::Writer& out);
  void objects(bus::Writer& out);
  void post(std::function<void()> call);

  using Key = std::pair<std::string, std::string>;  // path and interface; interface and member
  PrivateBus bus_;
  std::recursive_mutex mutex_;
  std::map<Key, Handler> handlers_;
  std::map<Key, std::map<std::string, Property>> properties_;
  std::vector<Key> listed_;
  std::map<Key, int> calls_;
  std::vector<std::function<void()>> posted_;
  UniqueFd wake_;
  std::optional<bus::Bus> connection_;
  std::optional<bus::Event> event_;
  std::thread thread_;
};

}  // namespace bud::test
