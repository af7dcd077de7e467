// LD_PRELOADed: fsync(2) and fdatasync(2), which leave on the stack what any function of a library may leave there.
#include "integration/stack_litter.h"

#include <alloca.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

volatile std::uint8_t kept[bud::test::masked_litter.size()];

void unmask(volatile std::uint8_t* into, std::uint8_t mask) {
  const volatile std::uint8_t hidden = mask;  // from the compiler, which would unmask it in the program text
  for (const std::uint8_t masked : bud::test::masked_litter) *into++ = masked ^ hidden;
}

[[gnu::noinline]] void litter() {
  // Deeper than anything that comes after it in the same round.
  unmask(static_cast<volatile std::uint8_t*>(alloca(64 * 1024)), bud::test::mask_on_stack);
  unmask(kept, bud::test::mask_kept);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int fsync(int fd) {
  litter();
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

extern "C" __attribute__((visibility("default"))) int fdatasync(int fd) {
  litter();
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}
