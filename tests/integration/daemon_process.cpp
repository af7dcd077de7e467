// The process of a Device.
#include "integration/daemon_fixture.h"
#include "support/core_dump.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <fstream>

namespace bud::test {
namespace {

pid_t parent_of(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(in, line);
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos || name_end + 4 >= line.size()) return -1;
  return static_cast<pid_t>(std::atol(line.c_str() + name_end + 4));
}

}  // namespace

Notifications::Notifications(std::string path) {
  std::filesystem::remove(path);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  socket_ = UniqueFd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot listen for READY");
  }
}

bool Notifications::ready() const {
  char said[256];
  const ssize_t n = ::recv(socket_.get(), said, sizeof said, MSG_DONTWAIT);
  return n > 0 && std::string_view(said, static_cast<std::size_t>(n)).find("READY=1") != std::string_view::npos;
}

void wait_until(const std::function<bool()>& holds, const char* what) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error(std::string("waited in vain: ") + what);
    ::poll(nullptr, 0, 10);
  }
}

Device::Device(std::string spool, std::string address) : spool_(std::move(spool)), address_(std::move(address)) {}

Device::~Device() {
  try {
    if (running()) kill_all();
  } catch (const std::exception&) {
  }
  // A daemon or a worker built with sanitizers, that found something.
  EXPECT_EQ(said().find("Sanitizer"), std::string::npos) << said();
  if (::testing::Test::HasFailure()) std::fprintf(stderr, "--- %s said:\n%s", address_.c_str(), said().c_str());
}

std::vector<std::string> Device::arguments() const {
  std::vector<std::string> all{program.daemon, "--state", state_folder(), "--bus", bus_->address()};
  if (!program.bridge_host.empty()) all.insert(all.end(), {"--bridge-host", program.bridge_host});
  if (!program.bridge_dir.empty()) all.insert(all.end(), {"--bridge-dir", program.bridge_dir});
  return all;
}

void Device::launch() {
  std::vector<std::string> words = arguments();
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  notifications_.emplace(folder_.file("notify"));
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a crashed test leaves no daemon behind
    if (::getppid() != parent) ::_exit(127);
    become_daemon(argv);
  }
  ended_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (pid_ < 0 || !ended_) throw std::runtime_error("no process for the daemon");
  if (!client_) client_.emplace(must(bus::Bus::open(bus_->address()), "reach the bus"));
}

void Device::become_daemon(std::vector<char*>& argv) const {
  const int out = ::open(folder_.file("stderr").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(out, STDERR_FILENO);
  ::setenv("NOTIFY_SOCKET", folder_.file("notify").c_str(), 1);
  for (const std::string& more : program.environment) ::putenv(const_cast<char*>(more.c_str()));
  if (program.max_file_size != 0) {
    const rlimit limit{program.max_file_size, program.max_file_size};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  if (program.dumps_core) {
    allow_core_dumps();
    if (::chdir(folder().c_str()) != 0) ::_exit(127);
  }
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

void Device::start() {
  launch();
  pollfd wanted[] = {{notifications(), POLLIN, 0}, {ended(), POLLIN, 0}};
  while (!ready()) {
    if (wanted[1].revents != 0) {
      (void)collect();
      throw std::runtime_error("the daemon ended at its start: " + said());
    }
    if (::poll(wanted, 2, static_cast<int>(std::chrono::milliseconds(deadline).count())) <= 0) {
      throw std::runtime_error("waited in vain: READY");
    }
  }
}

int Device::run_to_end() {
  launch();
  return collect();
}

int Device::collect() {
  pollfd wanted{ended(), POLLIN, 0};
  if (::poll(&wanted, 1, static_cast<int>(std::chrono::milliseconds(deadline).count())) <= 0) {
    throw std::runtime_error("waited in vain: the daemon's end");
  }
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

// Never to "every process", which is what kill(2) takes -1 for.
void Device::signal(int number) const {
  if (!running()) throw std::runtime_error("the daemon does not run");
  ::kill(pid_, number);
}

int Device::stop() {
  signal(SIGTERM);
  return collect();
}

void Device::kill() {
  signal(SIGKILL);
  (void)collect();
}

void Device::freeze() {
  signal(SIGSTOP);
}

void Device::kill_all() {
  // The workers first, and while their parent stands still: they are its children only as long as it lives, and it is
  // not to start others.
  freeze();
  signal_workers(SIGKILL);
  kill();
}

std::vector<pid_t> Device::workers() const {
  std::vector<pid_t> all;
  if (!running()) return all;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const pid_t pid = static_cast<pid_t>(std::atol(entry.path().filename().c_str()));
    if (pid > 0 && parent_of(pid) == pid_) all.push_back(pid);
  }
  return all;
}

void Device::signal_workers(int signal) const {
  for (const pid_t pid : workers()) ::kill(pid, signal);
}

std::string Device::said() const {
  if (!std::filesystem::exists(folder_.file("stderr"))) return {};
  const Bytes all = read_file(folder_.file("stderr"));
  return std::string(as_text(all));
}

UniqueFd pipe_with(const std::string& text) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  UniqueFd read(ends[0]), write(ends[1]);
  if (::write(write.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw std::runtime_error("cannot write to a pipe");
  }
  return read;
}

std::map<std::string, Bytes> files_below(const std::string& folder) {
  std::map<std::string, Bytes> all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) all[entry.path().string()] = read_file(entry.path().string());
  }
  return all;
}

}  // namespace bud::test
