#include "bridging/io/process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <csignal>
#include <cstring>

namespace bud::bridging {
namespace {

constexpr int socket_in_child = 3;

struct FileActions {
  posix_spawn_file_actions_t value;
  FileActions() { posix_spawn_file_actions_init(&value); }
  ~FileActions() { posix_spawn_file_actions_destroy(&value); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
};

struct Attributes {
  posix_spawnattr_t value;
  Attributes() { posix_spawnattr_init(&value); }
  ~Attributes() { posix_spawnattr_destroy(&value); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
};

int prepare(FileActions& actions, Attributes& attributes, int socket) {
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  int r = posix_spawn_file_actions_adddup2(&actions.value, socket, socket_in_child);
  if (r == 0) r = posix_spawn_file_actions_addopen(&actions.value, 0, "/dev/null", O_RDONLY, 0);
  if (r == 0) r = posix_spawn_file_actions_adddup2(&actions.value, 2, 1);
  if (r == 0) r = posix_spawn_file_actions_addclosefrom_np(&actions.value, socket_in_child + 1);
  if (r == 0) r = posix_spawnattr_setsigmask(&attributes.value, &none);
  if (r == 0) r = posix_spawnattr_setsigdefault(&attributes.value, &all);
  if (r == 0) r = posix_spawnattr_setflags(&attributes.value, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  return r;
}

}  // namespace

Result<Child> spawn(const std::string& program, const std::vector<std::string>& arguments) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fail(Errc::internal, "The kernel gives no socket for a bridge's worker");
  Child child{0, UniqueFd(ends[0])};
  const UniqueFd theirs(ends[1]);

  FileActions actions;
  Attributes attributes;
  std::vector<std::string> words{program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::string path = "PATH=/usr/bin:/bin", language = "LANG=C.UTF-8";
  char* const environment[] = {path.data(), language.data(), nullptr};

  int r = prepare(actions, attributes, theirs.get());
  if (r == 0) r = posix_spawn(&child.pid, program.c_str(), &actions.value, &attributes.value, argv.data(), environment);
  if (r != 0) return fail(Errc::not_found, "The bridge worker " + program + " cannot be started: " + std::strerror(r));
  return child;
}

bool reap(pid_t pid, int timeout_ms) {
  const UniqueFd handle(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  pollfd ended{handle.get(), POLLIN, 0};
  if (handle && poll(&ended, 1, timeout_ms) <= 0) return false;
  int status = 0;
  return waitpid(pid, &status, handle ? 0 : WNOHANG) != 0;
}

}  // namespace bud::bridging
