// What lies in the arena is left out of a core dump.
#include "support/core_dump.h"
#include "crypto/arena.h"
#include "crypto/random.h"
#include "support/memory_scan.h"
#include "support/scratch_folder.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace bud::test {
namespace {

// They let mlock(2) do nothing, since they would need their shadow locked too.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool mlock_locks = false;
#else
constexpr bool mlock_locks = true;
#endif

struct CoreDump : testing::Test {
  static void SetUpTestSuite() { crypto::initialize(); }
  crypto::SystemRandom random;
  crypto::Secret<32> fresh() {
    crypto::Secret<32> secret;
    random.fill(secret.expose_mutable());
    return secret;
  }
};

TEST_F(CoreDump, IsToldToLeaveTheArenaOut) {
  const auto arena = std::move(*crypto::Arena::create());
  const auto secret = std::move(*crypto::ArenaSecret::store(*arena, fresh().expose()));
  const auto at = reinterpret_cast<std::uintptr_t>(secret.expose().data());
  bool found = false;
  for (const Mapping& mapping : mappings_of(0)) {
    if (at < mapping.begin || at >= mapping.end) continue;
    found = true;
    EXPECT_TRUE(mapping.not_dumped);
    EXPECT_EQ(mapping.locked, arena->locked() && mlock_locks);
  }
  EXPECT_TRUE(found);
}

// A process that may dump, dumps: with what is on its heap, without what is in its arena.
TEST_F(CoreDump, HoldsTheHeapAndNotTheArena) {
  const ScratchFolder scratch;
  MemoryScan of_arena, of_heap;
  const pid_t child = [&] {
    const crypto::Secret<32> kept = fresh(), open = fresh();
    of_arena.add("a secret in the arena", kept.expose());
    of_heap.add("a secret on the heap", open.expose());
    const auto arena = std::move(*crypto::Arena::create());
    auto in_arena = std::move(*crypto::ArenaSecret::store(*arena, kept.expose()));
    crypto::wipe_stack();  // a thread that the fork begins (a sanitizer's own) starts with this one's registers
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    const auto on_heap = std::make_unique<Bytes>(open.expose().begin(), open.expose().end());
    crypto::wipe({const_cast<std::uint8_t*>(kept.expose().data()), 32});
    crypto::wipe_stack();  // registers are in a dump too
    allow_core_dumps();
    if (::chdir(scratch.path().c_str()) != 0) ::_exit(1);
    ::kill(::getpid(), SIGABRT);
    ::_exit(2);
  }();
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  if (!core_dumps_stay_here() || !WCOREDUMP(status)) {
    std::puts(
        "No dump to look into: this machine writes none to where a process works. What the kernel was told stands.");
    return;
  }
  const std::optional<std::string> dump = core_dump_in(scratch.path());
  ASSERT_TRUE(dump);
  EXPECT_EQ(describe(of_arena.of_file(*dump)), "");
  EXPECT_NE(describe(of_heap.of_file(*dump)), "");
}

}  // namespace
}  // namespace bud::test
