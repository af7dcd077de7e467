// A client by somebody who has nothing but the bus: busctl(1), which knows of us what introspection says.
#include "integration/daemon_fixture.h"
#include "service/paths.h"

#include <cstdio>
#include <set>

namespace bud::test {
namespace {

struct StrangerTest : testing::Test {
  ScratchFolder scratch;
  std::string spool = [this] {
    std::filesystem::create_directory(scratch.file("spool"));
    return scratch.file("spool");
  }();
  Device alice{spool, "alice"}, bob{spool, "bob"};

  static std::string busctl(Device& device, const std::string& words) {
    const std::string command = "busctl --address=" + device.bus_address() + " --json=short " + words + " 2>&1";
    std::string out;
    FILE* pipe = ::popen(command.c_str(), "re");
    if (pipe == nullptr) throw std::runtime_error("popen failed");
    char buffer[4096];
    for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, n);
    if (const int status = ::pclose(pipe); WIFEXITED(status) && WEXITSTATUS(status) == 127)
      throw std::runtime_error("busctl does not run (Debian's package systemd has it): " + out);
    return out;
  }
  // The first object path in an answer that is below `folder`.
  static std::string path_in(const std::string& answer, const std::string& folder) {
    const std::size_t start = answer.find('"' + folder + '/');
    if (start == std::string::npos) throw std::runtime_error("no such path in: " + answer);
    return answer.substr(start + 1, answer.find('"', start + 1) - start - 1);
  }
};

constexpr const char* chat = "call org.budstikke.Budstikke1 ";
constexpr const char* control = "call org.budstikke.Control1 /org/budstikke/Control1 org.budstikke.";

TEST_F(StrangerTest, BusctlAlone) {
  using namespace service;
  for (Device* device : {&alice, &bob}) {
    device->start();
    must(device->create_key_file(), "create the vault");  // busctl cannot hand over a descriptor
    const std::string config = "2 folder s " + spool + " address s " + device->address();
    busctl(*device, control + ("Bridges1 Add ssa{sv} spool spool " + config));
    wait_until(
        [&] {
          return busctl(*device, control + std::string("Bridges1 List")).find(R"("state":{"type":"u","data":2})") !=
                 std::string::npos;
        },
        "the bridge");
    const std::string created = busctl(*device, control + std::string("Accounts1 Create a{sv} 1 name s somebody"));
    EXPECT_EQ(path_in(created, paths::accounts), paths::account);
  }
  const std::string objects =
      busctl(alice, chat + std::string(paths::manager) + " org.freedesktop.DBus.ObjectManager GetManagedObjects");
  EXPECT_EQ(path_in(objects, paths::accounts), paths::account);

  const std::string account = chat + std::string(paths::account) + " org.budstikke.Account1 ";
  std::string contact;
  wait_until(
      [&] {
        contact = busctl(alice, account + "Resolve sa{sv} spool:bob 0");
        return contact.find(paths::contacts) != std::string::npos;
      },
      "bob");
  contact = path_in(contact, paths::contacts);
  const std::string thread = path_in(busctl(alice, account + "OpenThread aoa{sv} 1 " + contact + " 0"), paths::threads);
  const std::string message =
      path_in(busctl(alice, chat + thread + " org.budstikke.Thread1 Send a{sv}a{sv} 1 text s 'from a stranger' 0"),
              paths::messages);
  wait_until([&] { return busctl(bob, account + "Fetch tu 0 0").find("from a stranger") != std::string::npos; },
             "the message");
  const std::string state = "get-property org.budstikke.Budstikke1 " + message + " org.budstikke.Message1 State";
  wait_until([&] { return busctl(alice, state) == "{\"type\":\"u\",\"data\":4}\n"; }, "the receipt");

  // Messages answer at their path, and are listed nowhere.
  const std::string later =
      busctl(alice, chat + std::string(paths::manager) + " org.freedesktop.DBus.ObjectManager GetManagedObjects");
  EXPECT_NE(later.find(contact), std::string::npos);
  EXPECT_NE(later.find(thread), std::string::npos);
  EXPECT_EQ(later.find("/message/"), std::string::npos);

  busctl(alice, control + std::string("Vault1 Lock"));
  EXPECT_NE(busctl(alice, account + "Resolve sa{sv} spool:bob 0").find("unlock it first"), std::string::npos);
}

// Accounts, contacts and threads are announced when they come, and when the vault takes them away.
TEST_F(StrangerTest, ObjectsComeAndGo) {
  using Paths = std::set<std::string>;
  Paths added, removed;
  const auto take = [](Paths& paths) {
    return [&paths](const bus::Message& signal) { paths.insert(must(bus::Reader(signal).path(), "a path").text); };
  };
  for (Device* device : {&alice, &bob}) device->set_up();
  const bus::Target manager{{}, service::paths::manager, "org.freedesktop.DBus.ObjectManager"};
  const auto come = must(alice.bus().match_signal(manager, "InterfacesAdded", take(added)), "match");
  const auto go = must(alice.bus().match_signal(manager, "InterfacesRemoved", take(removed)), "match");
  const auto turn = [&] {
    while (sd_bus_process(alice.bus().raw(), nullptr) > 0) {
    }
  };
  alice.create_account("Alice");
  bob.create_account("Bob");
  const std::string thread = alice.thread_with("spool:bob");
  const std::string contact = must(alice.resolve("spool:bob"), "resolve");
  const Paths all{service::paths::account, contact, thread};
  wait_until(
      [&] {
        turn();
        return added == all;
      },
      "all objects to come");
  EXPECT_EQ(removed, Paths());
  added.clear();
  must(alice.lock(), "lock");
  wait_until(
      [&] {
        turn();
        return removed == all;
      },
      "all objects to go");
  must(alice.unlock(""), "unlock");
  wait_until(
      [&] {
        turn();
        return added == all;
      },
      "all objects to come again");
}

// Whoever listens to all that is broadcast learns no name, no address and no text.
TEST_F(StrangerTest, NoBroadcastHoldsContent) {
  std::string overheard;
  std::vector<bus::Bus> listeners;
  std::vector<bus::Slot> slots;
  for (Device* device : {&alice, &bob}) {
    device->start();
    listeners.push_back(must(bus::Bus::open(device->bus_address()), "reach the bus"));
    slots.push_back(must(listeners.back().match_signal({}, "",
                                                       [&](const bus::Message& signal) {
                                                         char* text = nullptr;
                                                         std::size_t size = 0;
                                                         FILE* out = ::open_memstream(&text, &size);
                                                         (void)sd_bus_message_dump(signal.raw(), out, 0);
                                                         std::fclose(out);
                                                         overheard.append(text, size);
                                                         std::free(text);
                                                       }),
                         "match"));
    must(listeners.back().call({"org.freedesktop.DBus", "/", "org.freedesktop.DBus.Peer"}, "Ping"), "Ping");
  }
  for (Device* device : {&alice, &bob}) {
    must(device->create_key_file(), "create the vault");
    device->add_spool();
  }
  alice.create_account("Alice Liddell");
  bob.create_account("Bob the Builder");
  const std::string message = must(alice.send(alice.thread_with("spool:bob"), "for bob alone"), "send");
  bob.wait_for("for bob alone");
  wait_until([&] { return std::get<std::uint32_t>(alice.properties(message, "Message1").at("State")) == 4; },
             "the receipt");
  wait_until(
      [&] {
        for (bus::Bus& listener : listeners) {
          while (sd_bus_process(listener.raw(), nullptr) > 0) {
          }
        }
        return overheard.find("DeliveredTo") != std::string::npos &&
               overheard.find("org.budstikke.Thread1") != std::string::npos;
      },
      "the signals");
  for (const char* secret : {"for bob alone", "Alice Liddell", "Bob the Builder", "spool:"}) {
    EXPECT_EQ(overheard.find(secret), std::string::npos) << secret;
  }
}

}  // namespace
}  // namespace bud::test
