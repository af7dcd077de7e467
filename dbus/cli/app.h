// The command line as a whole: options, commands, errors and exit codes.
#pragma once

#include "cli/console.h"

#include <string>
#include <vector>

namespace bud::cli {

// Runs one command and returns the process's exit code. `arguments` are without the program's name.
int run(const std::vector<std::string>& arguments, Console& console);

}  // namespace bud::cli
