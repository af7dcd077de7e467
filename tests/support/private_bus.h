// A message bus of the test's own: a real dbus-daemon on a socket in a scratch folder, gone with the fixture.
#pragma once

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace bud::test {

// Throws std::runtime_error where the bus cannot be started: a test without its bus has nothing to say.
class PrivateBus {
 public:
  PrivateBus() : folder_(make_folder()) {
    try {
      write_config();
      start();
    } catch (...) {
      stop();
      throw;
    }
  }
  ~PrivateBus() { stop(); }
  PrivateBus(const PrivateBus&) = delete;
  PrivateBus& operator=(const PrivateBus&) = delete;

  // For Bus::open, or DBUS_SESSION_BUS_ADDRESS of a process that the test starts.
  const std::string& address() const { return address_; }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  static std::filesystem::path make_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "bud-bus-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    return name;
  }

  void write_config() const {
    std::ofstream out(folder_ / "bus.conf");
    // The policy is that of a desktop's session bus.
    out << "<busconfig><type>session</type><listen>unix:path=" << (folder_ / "bus").string()
        << "</listen><auth>EXTERNAL</auth><policy context=\"default\"><allow send_destination=\"*\" "
           "eavesdrop=\"true\"/>"
           "<allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>\n";
    if (!out.flush()) throw std::runtime_error("cannot write the bus's configuration");
  }

  void start() {
    int announced[2];
    if (::pipe2(announced, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    const std::string config = "--config-file=" + (folder_ / "bus.conf").string();
    const std::string print = "--print-address=" + std::to_string(announced[1]);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a crashed test leaves no bus behind
      if (::getppid() != parent) ::_exit(127);
      sigset_t none;
      sigemptyset(&none);
      ::sigprocmask(SIG_SETMASK, &none, nullptr);  // the loop under test may have blocked SIGTERM
      ::fcntl(announced[1], F_SETFD, 0);
      ::execlp("dbus-daemon", "dbus-daemon", config.c_str(), print.c_str(), "--nofork", "--nopidfile", "--nosyslog",
               static_cast<char*>(nullptr));
      ::_exit(127);
    }
    ::close(announced[1]);
    address_ = read_line(announced[0]);
    ::close(announced[0]);
    if (pid_ < 0 || address_.empty()) throw std::runtime_error("dbus-daemon did not start");
  }

  static std::string read_line(int fd) {
    std::string line;
    char c = 0;
    while (true) {
      const ssize_t n = ::read(fd, &c, 1);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0 || c == '\n') return line;
      line.push_back(c);
    }
  }

  void stop() noexcept {
    if (pid_ > 0) {
      ::kill(pid_, SIGTERM);
      while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
      }
      pid_ = -1;
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::filesystem::path folder_;
  std::string address_;
  pid_t pid_ = -1;
};

}  // namespace bud::test
