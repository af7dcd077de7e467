// LD_PRELOADed: prctl(2), but for PR_SET_DUMPABLE, which does nothing.
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdarg>

extern "C" __attribute__((visibility("default"))) int prctl(int option, ...) {
  va_list more;
  va_start(more, option);
  unsigned long arguments[4];
  for (unsigned long& argument : arguments) argument = va_arg(more, unsigned long);
  va_end(more);
  if (option == PR_SET_DUMPABLE) return 0;
  return static_cast<int>(::syscall(SYS_prctl, option, arguments[0], arguments[1], arguments[2], arguments[3]));
}
