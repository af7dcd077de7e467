// What a worker does to itself before it loads foreign code.
#pragma once

namespace bud::worker {

// No core dumps, no debugger of the same user, no new privileges by exec, an end together with the daemon, files for
// oneself only; a full disk or a closed pipe is an error and not a signal. False where the kernel refuses one of them:
// the worker then does not go on.
bool put_in_order();

}  // namespace bud::worker
