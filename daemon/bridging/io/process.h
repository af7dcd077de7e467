// A child process that holds the other end of a socket.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

#include <sys/types.h>

#include <string>
#include <vector>

namespace bud::bridging {

struct Child {
  pid_t pid = 0;
  UniqueFd socket;
};

// Runs `program` with its end of the socket as descriptor 3, /dev/null as its input, our standard error as output and
// error, and nothing else of ours: no descriptor, no environment, no blocked or ignored signal.
[[nodiscard]] Result<Child> spawn(const std::string& program, const std::vector<std::string>& arguments);

// Waits until the child has ended and reaps it; false where it has not within `timeout_ms`.
bool reap(pid_t pid, int timeout_ms);

}  // namespace bud::bridging
