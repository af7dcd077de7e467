// What calls leave on the stack: what wipe_stack() wipes, in whichever thread; and what a call must not leave in the
// first place, since it is too large to be chance, or is made where nobody wipes after it.
#include "bus/event.h"
#include "crypto/kem.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "service/background.h"
#include "support/expanded_kem_key.h"
#include "support/memory_scan.h"
#include "unit/memory/as_the_loop.h"

#include <alloca.h>
#include <gtest/gtest.h>

#include <thread>

namespace bud::test {
namespace {

using crypto::Secret;

struct Stack : testing::Test {
  static void SetUpTestSuite() { crypto::initialize(); }
  crypto::SystemRandom random;
};

// A secret that this process holds masked alone: where it is found, it was left.
class Leaver {
 public:
  explicit Leaver(Random& random) {
    as_the_loop([&] {
      Secret<32> secret;
      random.fill(secret.expose_mutable());
      scan.add("what was left", secret.expose());
      for (std::size_t i = 0; i < secret.size; ++i) masked_[i] = secret.expose()[i] ^ mask;
    });
  }
  // Puts it so far down, and returns.
  [[gnu::noinline]] void leave(std::size_t depth) const {
    auto* const frame = static_cast<volatile std::uint8_t*>(alloca(depth));
    for (std::size_t i = 0; i < masked_.size(); ++i) frame[i] = masked_[i] ^ mask;
  }
  bool left() const { return !scan.of(0).empty(); }

  MemoryScan scan;

 private:
  static constexpr std::uint8_t mask = 0x3c;
  std::array<std::uint8_t, 32> masked_{};
};

TEST_F(Stack, IsWipedAsDeepAsItSays) {
  for (const std::size_t depth : {4u << 10, 40u << 10, 120u << 10}) {
    const Leaver leaver(random);
    leaver.leave(depth);
    EXPECT_TRUE(leaver.left()) << depth << ": else this looks in the wrong place";
    as_the_loop([&] { leaver.leave(depth); });
    EXPECT_FALSE(leaver.left()) << depth;
  }
}

// The C library keeps the stack of a thread that has ended.
TEST_F(Stack, OfAThreadIsWipedAtItsEnd) {
  const Leaver by_a_thread(random), by_a_job(random);
  std::thread([&] { by_a_thread.leave(4096); }).join();
  EXPECT_TRUE(by_a_thread.left()) << "else there is nothing to be wiped";
  bus::Event event = std::move(*bus::Event::create());
  service::Background background(event);
  bool done = false;
  ASSERT_TRUE(background.run([&] { by_a_job.leave(4096); }, [&] { done = true; }));
  while (!done) ASSERT_TRUE(event.step(Duration{10'000}));
  EXPECT_FALSE(by_a_job.left());
}

#if defined(__x86_64__)
// As many as this processor has, and as wide: from a block into all of them, and from all of them into blocks.
void fill_registers(const std::uint8_t* block) {
  if (__builtin_cpu_supports("avx512f")) {
    __asm__ volatile(
        ".irp r,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\nvmovdqu64 (%0),%%zmm\\r\n.endr" ::"r"(block)
        : "memory");
  }
  if (__builtin_cpu_supports("avx")) {
    __asm__ volatile(".irp r,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\nvmovdqu (%0),%%ymm\\r\n.endr" ::"r"(block)
                     : "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
                       "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
  } else {
    __asm__ volatile(".irp r,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\nmovdqu (%0),%%xmm\\r\n.endr" ::"r"(block)
                     : "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
                       "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
  }
}
void read_registers(std::uint8_t (*blocks)[64]) {
  if (__builtin_cpu_supports("avx512f")) {
    __asm__ volatile(
        ".irp r,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\nvmovdqu64 %%zmm\\r,64*\\r(%0)\n.endr" ::"r"(blocks)
        : "memory");
  }
  if (__builtin_cpu_supports("avx")) {
    __asm__ volatile(".irp r,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\nvmovdqu %%ymm\\r,64*\\r(%0)\n.endr" ::"r"(blocks)
                     : "memory");
  } else {
    __asm__ volatile(".irp r,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\nmovdqu %%xmm\\r,64*\\r(%0)\n.endr" ::"r"(blocks)
                     : "memory");
  }
}

TEST_F(Stack, IsWipedWithTheVectorRegisters) {
  std::uint8_t block[64], before[32][64] = {}, after[32][64] = {};
  random.fill(block);
  const auto holding = [&](const std::uint8_t(&registers)[32][64]) {
    return std::count_if(std::begin(registers), std::end(registers), [&](const std::uint8_t* r) {
      return std::equal(r, r + 16, block) || std::equal(r + 16, r + 32, block + 16);
    });
  };
  fill_registers(block);
  read_registers(before);
  EXPECT_GE(holding(before), 16) << "else this looks at nothing";
  fill_registers(block);
  crypto::wipe_stack();
  read_registers(after);
  EXPECT_EQ(holding(after), 0);
}
#endif

// --- What single calls leave, before the loop has wiped anything. Each is called twice, and looked after once: by then
// every function has been resolved, by the dynamic linker too.

TEST_F(Stack, KeepsNoKeyThatArgon2idMade) {
  MemoryScan scan;
  const auto derive = [] { return crypto::derive_key(as_bytes("an old passphrase"), {1, 8192, {}}); };
  as_the_loop([&] { scan.add("the key", derive()->expose()); });
  EXPECT_EQ(describe(scan.of(0)), "");
  (void)derive();
  EXPECT_EQ(describe(scan.of(0)), "");
}

struct KemStack : Stack {
  MemoryScan scan;
  Secret<64> seed;
  crypto::KemKey key = [&] {
    random.fill(seed.expose_mutable());
    return crypto::KemKey::from_seed(seed.clone());
  }();

  void learn_expanded() {
    as_the_loop([&] { scan.add("the expanded key", expanded_kem_key(seed).expose()); });
    EXPECT_EQ(describe(scan.of(0)), "");
  }
};

TEST_F(KemStack, KeepsNoExpandedKeyOnceItIsMade) {
  learn_expanded();
  (void)crypto::KemKey::from_seed(seed.clone());
  EXPECT_EQ(describe(scan.of(0)), "");
}

TEST_F(KemStack, KeepsNoExpandedKeyOnceItIsUsed) {
  learn_expanded();
  const auto sent = std::move(*crypto::encapsulate(key.public_key(), random));
  EXPECT_TRUE(key.decapsulate(sent.ciphertext));
  (void)key.decapsulate(sent.ciphertext);
  EXPECT_EQ(describe(scan.of(0)), "");
}

}  // namespace
}  // namespace bud::test
