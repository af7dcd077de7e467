// budstikked: one for each user. Reads its options, puts its process in order, and hands over to service/.
#include "crypto/random.h"
#include "service/daemon.h"
#include "service/interfaces.h"
#include "service/log.h"
#include "service/version.h"

#include <getopt.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

using namespace bud;
using service::log;
using service::LogLevel;

namespace {

// Of sysexits(3).
constexpr int exit_usage = 64, exit_unavailable = 69, exit_state = 73, exit_busy = 75;

constexpr const char* help =
    "usage: budstikked [--state DIR] [--bus ADDRESS] [--bridge-host PATH] [--bridge-dir DIR]\n"
    "       budstikked --bus-introspect[=INTERFACE] | --version | --help\n"
    "\n"
    "Owns this device's keys and messages, and serves org.budstikke.Budstikke1 (for chat programs) and\n"
    "org.budstikke.Control1 (for the owner's own tools) on the session bus.\n"
    "\n"
    "  --state DIR         where everything is kept (default: $XDG_STATE_HOME/budstikke)\n"
    "  --bus ADDRESS       a message bus other than the session's\n"
    "  --bridge-host PATH  the program that runs a bridge\n"
    "  --bridge-dir DIR    where the bridges are: KIND.so for each kind\n"
    "  --bus-introspect    print the interfaces, or the one that is named, as XML\n"
    "\n"
    "Exit codes: 0 stopped by a signal, 64 wrong usage, 69 no message bus, or it went away,\n"
    "73 the state folder cannot be used, 75 another budstikked works in it, or has the name on the bus.\n";

struct Arguments {
  service::Options options;
  std::optional<std::string> introspect;
};

std::string default_state_folder() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && state[0] == '/') {
    return std::string(state) + "/budstikke";
  }
  const char* home = std::getenv("HOME");
  return home != nullptr && home[0] == '/' ? std::string(home) + "/.local/state/budstikke" : std::string();
}

// Where it was installed to; or, run from the folder that it was built in, what was built beside it.
bridging::ProcessFactory::Paths default_programs() {
  std::error_code none;
  const std::filesystem::path build = std::filesystem::read_symlink("/proc/self/exe", none).parent_path().parent_path();
  const std::filesystem::path built_host = build / BUD_BUILT_BRIDGE_HOST;
  if (std::filesystem::exists(build / "CMakeCache.txt", none) && std::filesystem::exists(built_host, none)) {
    return {built_host.string(), (build / BUD_BUILT_BRIDGES).string()};
  }
  return {BUD_INSTALLED_BRIDGE_HOST, BUD_INSTALLED_BRIDGES};
}

enum Option { state = 1, bus_address, bridge_host, bridge_dir, bus_introspect, version, show_help };
constexpr option long_options[] = {{"state", required_argument, nullptr, state},
                                   {"bus", required_argument, nullptr, bus_address},
                                   {"bridge-host", required_argument, nullptr, bridge_host},
                                   {"bridge-dir", required_argument, nullptr, bridge_dir},
                                   {"bus-introspect", optional_argument, nullptr, bus_introspect},
                                   {"version", no_argument, nullptr, version},
                                   {"help", no_argument, nullptr, show_help},
                                   {nullptr, 0, nullptr, 0}};

// Ends the program where that is what was asked for.
Arguments read_arguments(int argc, char** argv) {
  Arguments read{{default_state_folder(), {}, default_programs()}, std::nullopt};
  for (int option = 0; (option = ::getopt_long(argc, argv, "", long_options, nullptr)) != -1;) {
    switch (option) {
      case state:
        read.options.state_folder = optarg;
        break;
      case bus_address:
        read.options.bus_address = optarg;
        break;
      case bridge_host:
        read.options.programs.host_program = optarg;
        break;
      case bridge_dir:
        read.options.programs.plugin_folder = optarg;
        break;
      case bus_introspect:
        read.introspect = optarg != nullptr ? optarg : "";
        break;
      case version:
        std::printf("budstikked %s\n", service::version_text);
        std::exit(0);
      case show_help:
        std::fputs(help, stdout);
        std::exit(0);
      default:
        std::fputs(help, stderr);
        std::exit(exit_usage);
    }
  }
  if (optind != argc) {
    std::fputs(help, stderr);
    std::exit(exit_usage);
  }
  return read;
}

// Nothing of this process is for others: no core dump, no debugger of another program of the user, no readable file.
void put_in_order() {
  const rlimit no_core{0, 0};
  (void)::setrlimit(RLIMIT_CORE, &no_core);
  (void)::prctl(PR_SET_DUMPABLE, 0);
  (void)::umask(077);
  (void)std::signal(SIGPIPE, SIG_IGN);
  (void)std::signal(SIGXFSZ, SIG_IGN);  // a file-size limit is a full disk like any other
}

int exit_code(const Error& error) {
  switch (error.code) {
    case Errc::busy:
      return exit_busy;
    case Errc::offline:
      return exit_unavailable;
    default:
      return exit_state;
  }
}

int print_introspection(const std::string& interface) {
  const std::optional<std::string> xml = service::introspect(interface);
  if (!xml) {
    std::fprintf(stderr, "budstikked: there is no interface of this name\n");
    return exit_usage;
  }
  return std::fputs(xml->c_str(), stdout) >= 0 && std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = read_arguments(argc, argv);
  if (arguments.introspect) return print_introspection(*arguments.introspect);
  if (arguments.options.state_folder.empty()) {
    log(LogLevel::error, "neither XDG_STATE_HOME nor HOME is set: say --state DIR");
    return exit_usage;
  }
  put_in_order();
  crypto::initialize();
  Result<std::unique_ptr<service::Daemon>> daemon = service::Daemon::start(arguments.options);
  if (!daemon) {
    log(LogLevel::error, daemon.error().text);
    return exit_code(daemon.error());
  }
  (void)::sd_notify(0, "READY=1");
  const Result<> ran = (*daemon)->run();
  (void)::sd_notify(0, "STOPPING=1");
  if (!ran) {
    log(LogLevel::error, ran.error().text);
    return exit_code(ran.error());
  }
  return 0;
}
