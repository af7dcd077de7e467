#include "cli/app.h"

#include <csignal>

int main(int argc, char** argv) {
  // A reader that goes away is an error of the write, which a command can still act on.
  std::signal(SIGPIPE, SIG_IGN);
  bud::cli::Console console(0, 1, 2);
  return bud::cli::run({argv + (argc > 0 ? 1 : 0), argv + argc}, console);
}
