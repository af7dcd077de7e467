// What the memory of a real daemon holds: its keys, in one place, while the vault is open; nothing after Lock. And who
// may look: no other program, and no core dump.
#include "integration/daemon_fixture.h"
#include "integration/stack_litter.h"
#include "service/paths.h"
#include "support/core_dump.h"
#include "support/memory_scan.h"
#include "support/stored_secrets.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <fstream>
#include <set>

namespace bud::test {
namespace {

const std::string passphrase = "Seventeen herons wade at dusk, unhurried";
const std::string wrong_passphrase = "Eighteen geese by noon, quarrelling loudly";
const std::string own_name = "Adelheid Lovelace-Threepwood", other_name = "Balthasar of the Upper Ferry";
const std::string spool_name = "spool-between-seven-farms-and-the-mill";

// Is it in a wait for events that has no end of its own? sd-event waits so when nothing is left to be done, nor to be
// called after a round.
bool waits_for_events(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/syscall");
  long number = -1;
  std::uint64_t arguments[4] = {};
  in >> number >> std::hex;
  for (std::uint64_t& argument : arguments) in >> argument;
#ifdef SYS_epoll_wait
  const bool waits = number == SYS_epoll_wait || number == SYS_epoll_pwait;
#else
  const bool waits = number == SYS_epoll_pwait;
#endif
  return in && waits && static_cast<int>(arguments[3]) == -1;
}

// Stops it when it is at rest, and lets it go on.
class Frozen {
 public:
  explicit Frozen(const Device& device) : pid_(device.pid()) {
    wait_until(
        [this] {
          ::kill(pid_, SIGSTOP);
          if (::waitpid(pid_, nullptr, WUNTRACED) != pid_) throw std::runtime_error("it does not stop");
          if (waits_for_events(pid_)) return true;
          ::kill(pid_, SIGCONT);
          return false;
        },
        "the daemon to come to rest");
  }
  ~Frozen() { ::kill(pid_, SIGCONT); }
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;

 private:
  pid_t pid_;
};

// The kernel shows the memory of a process that may not be dumped to root alone. So that an ordinary user can run this
// too, the daemon and its workers are then kept from saying so. (That they do is tested below.)
void make_readable(Device& device, const std::string& preloaded = {}) {
  const bool as_root = ::geteuid() == 0;
  device.program.environment = {"LD_PRELOAD=" + preloaded + (as_root ? "" : " " BUD_KEEP_DUMPABLE)};
  if (as_root) return;
  device.program.bridge_host = device.folder() + "/bridge-host";
  write_file(device.program.bridge_host,
             as_bytes("#!/bin/sh\nexport LD_PRELOAD=" BUD_KEEP_DUMPABLE "\nexec " BUD_BRIDGE_HOST " \"$@\"\n"));
  std::filesystem::permissions(device.program.bridge_host, std::filesystem::perms::owner_all);
}

struct MemoryTest : testing::Test {
  ScratchFolder scratch;
  std::string spool = [this] {
    std::filesystem::create_directory(scratch.file(spool_name));
    return scratch.file(spool_name);
  }();
  Device laptop{spool, "alice"}, desktop{spool, "bob"};
  std::string thread, back;
  crypto::Secret<32> master, desktops_master;
  MemoryScan scan;
  std::vector<std::string> texts;
  int copies = 0;

  void begin() {
    make_readable(laptop);
    make_readable(desktop);
    laptop.start();
    must(laptop.create_vault(passphrase), "create the vault");
    must(laptop.lock(), "lock");
    if (laptop.unlock(wrong_passphrase)) throw std::runtime_error("a wrong passphrase unlocks");
    must(laptop.unlock(passphrase), "unlock");
    laptop.add_spool();
    desktop.start();
    must(desktop.create_vault(passphrase), "create the vault");
    desktop.add_spool();
    laptop.create_account(own_name);
    desktop.create_account(other_name);
    thread = laptop.thread_with("spool:bob");
    back = desktop.thread_with("spool:alice");
    scan.add("the passphrase", passphrase);
    scan.add("a wrong passphrase", wrong_passphrase);
    master = master_key_of(copied_state(laptop), passphrase);
    desktops_master = master_key_of(copied_state(desktop), passphrase);
    for (const StoredSecret& secret : secrets_of_the_vault(copied_state(laptop), passphrase))
      scan.add(secret.name, secret.bytes.expose());
  }

  // Several ratchet steps on both sides; and all that a client looks at.
  void talk() {
    for (int round = 0; round < 4; ++round) {
      say(laptop, thread);
      desktop.wait_for(texts.back());
      say(desktop, back);
      laptop.wait_for(texts.back());
      learn_secrets();
    }
    talk_on_one_chain();
    EXPECT_EQ(laptop.texts_from(0).size(), texts.size());
    EXPECT_EQ(laptop.history(thread).size(), texts.size());
    (void)laptop.properties(thread, "Thread1");
    const bus::Message words = must(
        laptop.control("Accounts1", "RecoveryWords", [](bus::Writer& out) { out.path({service::paths::account}); }),
        "RecoveryWords");
    EXPECT_GE(must(bus::Reader(words).fd(), "RecoveryWords").get(), 0);
  }

  // Without an answer between them: so that the keys of copies are known before these are sealed, or opened.
  void talk_on_one_chain() {
    {
      const Frozen away(desktop);
      for (int i = 0; i < 3; ++i) {
        say(laptop, thread);
        learn_secrets();
      }
    }
    desktop.wait_for(texts.back());
    {
      const Frozen away(laptop);
      for (int i = 0; i < 3; ++i) {
        say(desktop, back);
        // The peer's keys of this session are the laptop's own; the rest of what it has would be no business of this.
        for (const StoredSecret& secret : secrets_of_the_store(copied_state(desktop), desktops_master)) {
          if (secret.name.find("chain of session") != std::string::npos) scan.add(secret.name, secret.bytes.expose());
        }
      }
    }
    laptop.wait_for(texts.back());
    learn_secrets();
  }

  void say(Device& from, const std::string& on) {
    const std::string n = std::to_string(texts.size());
    texts.push_back(n + " lanterns, " + n + " oars; the ferryman is paid by " + n +
                    std::string(texts.size() * 300, '.'));
    scan.add("a text", texts.back().substr(0, 40));
    must(from.send(on, texts.back()), "send");
  }

  std::string copied_state(Device& of) {
    const Frozen frozen(of);
    const std::string copy = scratch.file("copy-" + std::to_string(++copies));
    std::filesystem::copy(of.state_folder(), copy);
    return copy;
  }
  // As of now: they change with each copy that comes or goes.
  void learn_secrets() {
    for (const StoredSecret& secret : secrets_of_the_store(copied_state(laptop), master))
      scan.add(secret.name, secret.bytes.expose());
  }

  std::vector<Hit> found() {
    const Frozen frozen(laptop);
    return scan.of(laptop.pid());
  }
};

TEST_F(MemoryTest, HoldsTheKeysInOnePlaceAndAfterLockNothing) {
  begin();
  talk();

  // While it is open: the long-lived keys, in memory that is not swapped nor dumped, and nothing anywhere else.
  std::set<std::string> in_arena;
  std::vector<Hit> elsewhere;
  for (const Hit& hit : found()) {
    if (hit.where.not_dumped)
      in_arena.insert(hit.secret);
    else
      elsewhere.push_back(hit);
  }
  EXPECT_EQ(describe(elsewhere), "");
  EXPECT_EQ(in_arena, (std::set<std::string>{"the identity key", "the signing key", "the store's blinding key",
                                             "the store's row key"}));
  for (const pid_t worker : laptop.workers()) EXPECT_EQ(describe(scan.of(worker)), "");

  must(laptop.lock(), "lock");
  learn_secrets();
  scan.add("the own name", own_name);
  scan.add("the other's name", other_name);
  scan.add("a bridge's configuration", spool_name);
  EXPECT_EQ(describe(found()), "");
}

// Whatever its libraries leave there.
TEST_F(MemoryTest, HoldsNothingOnTheStackThatACallLeft) {
  MemoryScan kept, on_stack;
  const auto look_for = [](MemoryScan& litter, std::uint8_t mask) {
    Bytes bytes(masked_litter.begin(), masked_litter.end());
    for (std::uint8_t& byte : bytes) byte ^= mask;
    litter.add("the litter", bytes);
  };
  look_for(kept, mask_kept);
  look_for(on_stack, mask_on_stack);
  make_readable(laptop, BUD_STACK_LITTER);
  laptop.set_up();
  laptop.create_account(own_name);
  const Frozen frozen(laptop);
  EXPECT_NE(describe(kept.of(laptop.pid())), "") << "else nothing was left anywhere";
  EXPECT_EQ(describe(on_stack.of(laptop.pid())), "");
}

TEST_F(MemoryTest, IsInNoCoreDump) {
  laptop.program.dumps_core = true;
  laptop.set_up();
  std::ifstream limits("/proc/" + std::to_string(laptop.pid()) + "/limits");
  const std::string all{std::istreambuf_iterator<char>(limits), {}};
  EXPECT_THAT(all, testing::ContainsRegex("Max core file size +0 +0 +bytes"));
  ::kill(laptop.pid(), SIGABRT);
  EXPECT_EQ(laptop.collect(), -SIGABRT);
  EXPECT_EQ(core_dump_in(laptop.folder()), std::nullopt);
}

// --- Another program of the same user

// What may be done to a process, by one of the same user.
std::string access_to(pid_t pid) {
  std::string all;
  const std::string proc = "/proc/" + std::to_string(pid);
  for (const char* file : {"/mem", "/maps", "/environ"}) {
    if (UniqueFd(::open((proc + file).c_str(), O_RDONLY | O_CLOEXEC))) all += file;
  }
  char byte = 0;
  iovec here{&byte, 1}, there{nullptr, 1};
  if (::process_vm_readv(pid, &here, 1, &there, 1, 0) >= 0 || errno != EPERM) all += " process_vm_readv";
  if (::ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == 0) {
    all += " ptrace";
    ::ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr);
    ::waitpid(pid, nullptr, __WALL);
    ::ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
  }
  return all;
}

// A process like any other.
class Bystander {
 public:
  Bystander() : pid_(::fork()) {
    if (pid_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (true) ::pause();
  }
  ~Bystander() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Bystander(const Bystander&) = delete;
  Bystander& operator=(const Bystander&) = delete;
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

// In a child, which has given up what root may do; what it says when it fails.
std::string as_an_ordinary_user(const std::function<std::string()>& run) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    std::string said = "the user could not be changed";
    constexpr uid_t nobody = 65534;
    if (::geteuid() != 0 || (::setgroups(0, nullptr) == 0 && ::setresgid(nobody, nobody, nobody) == 0 &&
                             ::setresuid(nobody, nobody, nobody) == 0)) {
      ::prctl(PR_SET_DUMPABLE, 1);  // as it is from the start, but for one that has changed its user
      try {
        said = run();
      } catch (const std::exception& failure) {
        said = failure.what();
      }
    }
    (void)!::write(ends[1], said.data(), said.size());
    ::_exit(0);
  }
  ::close(ends[1]);
  const UniqueFd read(ends[0]);
  std::string said;
  char part[4096];
  for (ssize_t n = 0; (n = ::read(read.get(), part, sizeof part)) > 0;) said.append(part, static_cast<std::size_t>(n));
  ::waitpid(child, nullptr, 0);
  return said;
}

TEST(MemoryOfTheDaemon, IsClosedToOtherProgramsOfTheUser) {
  // The tree may lie where only root can go.
  const ScratchFolder programs;
  using std::filesystem::perms;
  std::filesystem::permissions(programs.path(), perms::owner_all | perms::group_exec | perms::others_exec);
  std::filesystem::copy(BUD_BINARY_DIR "/daemon/budstikked", programs.file("budstikked"));
  const std::string said = as_an_ordinary_user([&] {
    Device device("", "alice");
    device.program.daemon = programs.file("budstikked");
    device.start();
    must(device.create_key_file(), "create the vault");
    const Bystander bystander;
    return "the daemon:" + access_to(device.pid()) + "; a bystander:" + access_to(bystander.pid());
  });
  EXPECT_EQ(said, "the daemon:; a bystander:/mem/maps/environ process_vm_readv ptrace");
}

}  // namespace
}  // namespace bud::test
