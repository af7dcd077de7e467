#include "host/hygiene.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#if defined(__has_feature)  // clang
#if __has_feature(address_sanitizer)
#define BUD_ADDRESS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define BUD_ADDRESS_SANITIZER
#endif
#ifdef BUD_ADDRESS_SANITIZER
// The leak checker attaches to its own process as a debugger would: just what PR_SET_DUMPABLE forbids.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "detect_leaks=0";
}
#endif

namespace bud::worker {

bool put_in_order() {
  const rlimit none{0, 0};
  umask(077);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0 &&
         prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && chdir("/") == 0;
}

}  // namespace bud::worker
