// How the daemon calls its own code: from a loop, which wipes the stack when the call has returned.
#pragma once

#include "crypto/secret.h"

#include <functional>

namespace bud::test {

// In a frame of its own: all that the call leaves is below this one.
[[gnu::noinline]] inline void as_the_loop(const std::function<void()>& call) {
  call();
  crypto::wipe_stack();
}

}  // namespace bud::test
