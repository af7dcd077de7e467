// LD_PRELOADed into a daemon or a worker: one call of its fsync, write or rename does what the plan in the file that
// BUD_FAULTS names says (fault_plan.h). Of writes those into files only: what goes into a socket cannot fail like a
// disk.
#include "crashes/fault_plan.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

using bud::test::Act;
using bud::test::FaultPlan;
using bud::test::Op;

namespace {

FaultPlan* plan = nullptr;

__attribute__((constructor)) void map_plan() {
  const char* path = std::getenv("BUD_FAULTS");
  const int fd = path != nullptr ? ::open(path, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0) return;
  void* page = ::mmap(nullptr, sizeof(FaultPlan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (page != MAP_FAILED) plan = static_cast<FaultPlan*>(page);
}

bool is_its_turn(Op op) {
  if (plan == nullptr || plan->armed.load(std::memory_order_acquire) == 0 || plan->op.load() != op) return false;
  if (plan->calls_left.fetch_sub(1) != 1) return false;
  plan->armed.store(0);
  plan->hits.fetch_add(1);
  return true;
}

[[noreturn]] void die() {
  ::kill(::getpid(), SIGKILL);
  while (true) ::pause();
}

// `call` makes the real call. `half` makes half of it, where it has halves.
template <class Call, class Half>
auto with_fault(Op op, Call call, Half half) -> decltype(call()) {
  if (!is_its_turn(op)) return call();
  const Act act = plan->act.load();
  if (act == Act::die_before) die();
  if (act == Act::die_after) {
    (void)call();
    die();
  }
  if (act == Act::cut) half();
  errno = plan->error.load();
  return -1;
}
template <class Call>
auto with_fault(Op op, Call call) -> decltype(call()) {
  return with_fault(op, call, [] {});
}

bool is_file(int fd) {
  struct stat info = {};
  return plan != nullptr && ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

template <class F>
F real(const char* name) {
  return reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

#define BUD_INTERPOSED extern "C" __attribute__((visibility("default")))

BUD_INTERPOSED int fsync(int fd) {
  static const auto next = real<int (*)(int)>("fsync");
  return with_fault(Op::sync, [=] { return next(fd); });
}

BUD_INTERPOSED int fdatasync(int fd) {
  static const auto next = real<int (*)(int)>("fdatasync");
  return with_fault(Op::sync, [=] { return next(fd); });
}

BUD_INTERPOSED ssize_t write(int fd, const void* bytes, size_t size) {
  static const auto next = real<ssize_t (*)(int, const void*, size_t)>("write");
  if (!is_file(fd)) return next(fd, bytes, size);
  return with_fault(
      Op::write, [=] { return next(fd, bytes, size); }, [=] { (void)next(fd, bytes, size / 2); });
}

BUD_INTERPOSED ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  static const auto next = real<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  return with_fault(
      Op::write, [=] { return next(fd, bytes, size, at); }, [=] { (void)next(fd, bytes, size / 2, at); });
}

BUD_INTERPOSED ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  return pwrite64(fd, bytes, size, at);
}

BUD_INTERPOSED int renameat(int from, const char* name, int to, const char* new_name) {
  static const auto next = real<int (*)(int, const char*, int, const char*)>("renameat");
  return with_fault(Op::rename, [=] { return next(from, name, to, new_name); });
}

BUD_INTERPOSED int rename(const char* name, const char* new_name) {
  return renameat(AT_FDCWD, name, AT_FDCWD, new_name);
}
