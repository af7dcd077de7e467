// A program that shares no code with the daemon, written from PROTOCOL.md, opens with a device's private keys what a real
// daemon wrote to the spool.
#include "integration/daemon_fixture.h"

#include <array>
#include <cstdio>
#include <fstream>

namespace bud::test {
namespace {

struct Output {
  int status = -1;
  std::string text;
};

Output run(const std::string& command) {
  Output out;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return out;
  std::array<char, 4096> buffer;
  for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) out.text.append(buffer.data(), n);
  out.status = ::pclose(pipe);
  return out;
}

TEST(SecondImplementationTest, OpensWhatADaemonSealed) {
  ScratchFolder scratch;
  const std::string spool = scratch.file("spool");
  std::filesystem::create_directory(spool);
  Device alice{spool, "alice"}, bob{spool, "bob"};
  for (Device* device : {&alice, &bob}) device->set_up();
  alice.create_account("Alice Liddell");
  bob.create_account("Bob the Builder");
  const std::string thread = alice.thread_with("spool:bob");
  bob.signal_workers(SIGSTOP);  // the copy stays in the spool
  must(alice.send(thread, "for both implementations"), "send");
  const auto mail = [&] {
    std::map<std::string, Bytes> files = files_below(spool + "/mail");
    std::erase_if(files, [](const auto& file) { return file.first.find("/new/") == std::string::npos; });
    return files;
  };
  wait_until([&] { return !mail().empty(); }, "mail in the spool");
  bob.kill_all();

  const Output keys = run(BUD_BINARY_DIR "/tests/support/export_keys " + bob.state_folder());
  ASSERT_EQ(keys.status, 0) << keys.text;
  std::ofstream(scratch.file("keys.json")) << keys.text;
  std::string command = "python3 " BUD_SOURCE_DIR "/tests/vectors/check.py --sodium " BUD_SODIUM_SHARED " --open " + scratch.file("keys.json");
  for (const auto& [path, bytes] : mail()) command += " " + path;
  const Output opened = run(command);
  EXPECT_EQ(opened.status, 0) << opened.text;
  EXPECT_NE(opened.text.find("for both implementations"), std::string::npos) << opened.text;

  // With another device's keys it does not open: the program looked, and did not only find a text lying there.
  alice.stop();
  const Output others = run(BUD_BINARY_DIR "/tests/support/export_keys " + alice.state_folder());
  ASSERT_EQ(others.status, 0) << others.text;
  std::ofstream(scratch.file("keys.json")) << others.text;
  EXPECT_NE(run(command).status, 0);
}

}  // namespace
}  // namespace bud::test
