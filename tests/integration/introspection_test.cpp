// What the daemon says that it serves is what dbus/interfaces says; and what it serves is what it says.
#include "integration/daemon_fixture.h"
#include "service/paths.h"

#include <cstdio>

namespace bud::test {
namespace {

const std::string compare = "python3 -B " BUD_SOURCE_DIR "/tests/support/introspection.py --compare ";

// Exit code, and all that the command printed.
std::pair<int, std::string> run(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "re");
  if (pipe == nullptr) throw std::runtime_error("popen failed");
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, n);
  return {WEXITSTATUS(::pclose(pipe)), out};
}

// The daemon's own: a worker's are served elsewhere.
std::string interfaces_folder(const ScratchFolder& scratch) {
  const std::string folder = scratch.file("interfaces");
  std::filesystem::create_directory(folder);
  for (const auto& file : std::filesystem::directory_iterator(BUD_SOURCE_DIR "/dbus/interfaces")) {
    const std::string name = file.path().filename();
    if (name.starts_with("org.budstikke.Bridge1") || name.starts_with("org.budstikke.BridgeHost1")) continue;
    std::filesystem::copy_file(file.path(), folder + "/" + name);
  }
  return folder;
}

TEST(IntrospectionTest, TheDaemonPrintsWhatTheFilesSay) {
  const ScratchFolder scratch;
  const std::string daemon = BUD_BINARY_DIR "/daemon/budstikked";
  EXPECT_EQ(run(daemon + " --bus-introspect > " + scratch.file("printed")), std::pair(0, std::string()));
  EXPECT_EQ(run(compare + scratch.file("printed") + " " + interfaces_folder(scratch)), std::pair(0, std::string()));
  const auto [code, one] = run(daemon + " --bus-introspect=org.budstikke.Vault1");
  EXPECT_EQ(code, 0);
  EXPECT_NE(one.find("org.budstikke.Vault1"), std::string::npos);
  EXPECT_EQ(one.find("org.budstikke.Account1"), std::string::npos);
  EXPECT_EQ(run(daemon + " --bus-introspect=org.example.None").first, 64);
}

TEST(IntrospectionTest, TheDaemonServesWhatItPrints) {
  const ScratchFolder scratch;
  std::filesystem::create_directory(scratch.file("spool"));
  Device alice(scratch.file("spool"), "alice"), bob(scratch.file("spool"), "bob");
  for (Device* device : {&alice, &bob}) device->set_up();
  alice.create_account("Alice");
  bob.create_account("Bob");
  const std::string thread = alice.thread_with("spool:bob");
  const std::string message = must(alice.send(thread, "hello"), "send");
  const std::string contact = must(alice.resolve("spool:bob"), "resolve");
  const auto introspect = [&](const char* name, const std::string& path) {
    const bus::Message answer =
        must(alice.call({name, path, "org.freedesktop.DBus.Introspectable"}, "Introspect"), "Introspect");
    std::string xml = must(bus::Reader(answer).string(1 << 20), "Introspect");
    return xml.substr(xml.find("<node"));
  };
  std::string all = "<all>" + introspect(service::control_name, service::paths::control);
  for (const std::string& path :
       {std::string(service::paths::manager), std::string(service::paths::account), contact, thread, message}) {
    all += introspect(service::chat_name, path);
  }
  all += "</all>";
  // sd-bus does not show what is sensitive; all else is to be the same.
  const std::string folder = interfaces_folder(scratch);
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::string xml(as_text(read_file(file.path())));
    const std::string sensitive = "<annotation name=\"org.budstikke.Sensitive\" value=\"true\"/>";
    for (std::size_t at = 0; (at = xml.find(sensitive)) != std::string::npos;) xml.erase(at, sensitive.size());
    write_file(file.path(), as_bytes(xml));
  }
  write_file(scratch.file("served"), as_bytes(all));
  EXPECT_EQ(run(compare + scratch.file("served") + " " + folder), std::pair(0, std::string()));
}

}  // namespace
}  // namespace bud::test
