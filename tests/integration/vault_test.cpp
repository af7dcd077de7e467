// The vault over the bus, and what a daemon does that cannot work.
#include "integration/daemon_fixture.h"
#include "service/paths.h"
#include "support/outcome.h"

#include <fcntl.h>

namespace bud::test {
namespace {

constexpr std::uint32_t empty = 1, locked = 2, unlocked = 3;

struct VaultTest : testing::Test {
  ScratchFolder scratch;
  std::string spool = [this] {
    std::filesystem::create_directory(scratch.file("spool"));
    return scratch.file("spool");
  }();
  Device device{spool, "alice"};
};

TEST_F(VaultTest, AWrongPassphraseOpensNothingAndLosesNothing) {
  device.start();
  EXPECT_EQ(device.vault_state(), empty);
  EXPECT_EQ(code(device.unlock("anything")), Errc::not_found);
  EXPECT_EQ(code(device.lock()), Errc::not_found);
  EXPECT_EQ(code(device.create_vault("")), Errc::malformed);
  EXPECT_EQ(code(device.create_vault(std::string(1025, 'x'))), Errc::too_large);
  EXPECT_EQ(device.vault_state(), empty);

  ASSERT_TRUE(device.create_vault("correct horse"));
  EXPECT_EQ(device.vault_state(), unlocked);
  EXPECT_EQ(code(device.create_vault("another")), Errc::conflict);
  device.add_spool();
  device.create_account("Alice");

  ASSERT_TRUE(device.lock());
  EXPECT_EQ(device.vault_state(), locked);
  EXPECT_EQ(device.workers(), std::vector<pid_t>());
  EXPECT_EQ(code(device.resolve("spool:bob")), Errc::locked);
  EXPECT_EQ(code(device.control("Devices1", "Requests")), Errc::locked);
  EXPECT_EQ(code(device.unlock("wrong horse")), Errc::wrong_secret);
  EXPECT_EQ(device.vault_state(), locked);
  ASSERT_TRUE(device.unlock("correct horse"));
  EXPECT_EQ(device.devices().size(), 1u);

  // And over a restart: locked until it is told.
  EXPECT_EQ(device.stop(), 0);
  device.start();
  EXPECT_EQ(device.vault_state(), locked);
  EXPECT_EQ(code(device.resolve("spool:bob")), Errc::locked);
  ASSERT_TRUE(device.unlock("correct horse"));
  EXPECT_EQ(device.devices().size(), 1u);
}

TEST_F(VaultTest, AKeyFileOpensByItself) {
  device.set_up();
  device.create_account("Alice");
  EXPECT_EQ(device.stop(), 0);
  device.start();
  EXPECT_EQ(device.vault_state(), unlocked);
  EXPECT_EQ(device.devices().size(), 1u);
}

// One client keeps the end of its pipe open: others are answered meanwhile, and a second one is told to wait.
TEST_F(VaultTest, APassphraseThatDoesNotEndBlocksNobody) {
  device.start();
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  UniqueFd read(ends[0]), write(ends[1]);
  bus::Bus slow = must(bus::Bus::open(device.bus_address()), "reach the bus");
  bus::Event event = must(bus::Event::create(), "event");
  must(slow.attach(event), "attach");
  std::optional<Errc> outcome;
  bool answered = false;
  const bus::Target vault{service::control_name, service::paths::control, "org.budstikke.Vault1"};
  const auto call = must(slow.call_async(
                             vault, "Create", [&](bus::Writer& out) { out.fd(read.get()).dict({}); }, seconds(60),
                             [&](Result<bus::Message> answer) {
                               outcome = code(answer);
                               answered = true;
                             }),
                         "call");
  // Calls of one connection are taken in their order: once this one is answered, the first is at it.
  must(slow.call({service::control_name, service::paths::control, "org.freedesktop.DBus.Peer"}, "Ping"), "ping");
  EXPECT_EQ(code(device.create_vault("second")), Errc::busy);
  EXPECT_EQ(device.vault_state(), empty);
  write.reset();  // the end, and nothing before it
  wait_until(
      [&] {
        (void)event.step({10});
        return answered;
      },
      "an answer");
  EXPECT_EQ(outcome, Errc::malformed);
  EXPECT_EQ(device.vault_state(), empty);
}

TEST_F(VaultTest, NothingOfTheProcessIsForOthers) {
  device.set_up();
  const std::string proc = "/proc/" + std::to_string(device.pid());
  const auto text = [](const std::string& path) { return std::string(as_text(read_file(path))); };
  EXPECT_NE(text(proc + "/status").find("Umask:\t0077"), std::string::npos);
  const std::string limits = text(proc + "/limits");
  const std::size_t core = limits.find("Max core file size");
  ASSERT_NE(core, std::string::npos);
  EXPECT_EQ(limits.substr(core, limits.find('\n', core) - core).find_first_of("123456789u"), std::string::npos);
  using std::filesystem::perms;
  const perms others = perms::group_all | perms::others_all;
  EXPECT_EQ(std::filesystem::status(device.state_folder()).permissions() & others, perms::none);
  for (const auto& file : std::filesystem::directory_iterator(device.state_folder())) {
    EXPECT_EQ(file.status().permissions() & others, perms::none) << file.path();
  }
}

TEST_F(VaultTest, ASecondDaemonOnTheSameFolderIsRefused) {
  device.start();
  Device second(spool, "alice");
  const std::string command = std::string(BUD_BINARY_DIR "/daemon/budstikked --state ") + device.state_folder() +
                              " --bus " + second.bus_address() + " 2> " + scratch.file("said");
  const int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 75);
  const Bytes said = read_file(scratch.file("said"));
  EXPECT_NE(as_text(said).find(device.state_folder()), std::string_view::npos);
  EXPECT_EQ(device.vault_state(), empty);  // the first goes on
}

TEST_F(VaultTest, ASecondDaemonOnTheSameBusIsRefused) {
  device.start();
  const std::string command = std::string(BUD_BINARY_DIR "/daemon/budstikked --state ") + scratch.file("other") +
                              " --bus " + device.bus_address() + " 2> " + scratch.file("said");
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 75);
  EXPECT_EQ(device.vault_state(), empty);
}

TEST_F(VaultTest, ADamagedStoreIsSaidAndLeftAlone) {
  device.set_up();
  EXPECT_EQ(device.stop(), 0);
  const std::string store = device.state_folder() + "/store.db";
  const Bytes before = read_file(store);
  Bytes broken = before;
  std::fill_n(broken.begin(), 512, std::uint8_t{0x5a});
  write_file(store, broken);

  device.start();
  EXPECT_EQ(device.vault_state(), locked);
  const Result<> opened = device.unlock("");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::damaged);
  EXPECT_FALSE(opened.error().text.empty());
  EXPECT_EQ(code(device.resolve("spool:bob")), Errc::locked);
  EXPECT_EQ(device.stop(), 0);
  EXPECT_EQ(read_file(store), broken);

  write_file(store, before);
  device.start();
  EXPECT_EQ(device.vault_state(), unlocked);
  EXPECT_EQ(std::get<std::string>(device.bridge().at("name")), "spool");
}

TEST_F(VaultTest, AStoreOfANewerProgramIsSaidAndLeftAlone) {
  device.set_up();
  EXPECT_EQ(device.stop(), 0);
  const std::string store = device.state_folder() + "/store.db";
  Bytes newer = read_file(store);
  newer.at(60) = 0x7f;  // user_version in the header of an SQLite file (sqlite.org/fileformat.html, section 1.3)
  write_file(store, newer);
  device.start();
  EXPECT_EQ(device.vault_state(), locked);
  EXPECT_EQ(code(device.unlock("")), Errc::unsupported);
  EXPECT_EQ(code(device.create_key_file()), Errc::conflict);
  EXPECT_EQ(device.stop(), 0);
  EXPECT_EQ(read_file(store), newer);
}

}  // namespace
}  // namespace bud::test
