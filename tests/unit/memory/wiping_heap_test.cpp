// The heap itself: what is given back is wiped, what is kept is kept, whichever way a block came, and in any thread.
#include "crypto/random.h"
#include "support/memory_scan.h"
#include "unit/memory/as_the_loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>

namespace bud::test {
namespace {

// The heap's own functions, where the compiler does not know them: it would leave out what is written into a block that
// is given back, and warn of what is tested here.
void* (*volatile resize)(void*, std::size_t) = std::realloc;
void* (*volatile resize_array)(void*, std::size_t, std::size_t) = ::reallocarray;
void (*volatile give_back)(void*) = std::free;

struct WipingHeap : testing::Test {
  static void SetUpTestSuite() { crypto::initialize(); }
  static constexpr std::size_t size = 4000, large = std::size_t{1} << 20;
  crypto::SystemRandom random;
  MemoryScan scan;

  // Puts a secret at the start and at the end of a block: on the stack, and in registers, nothing of it stays.
  void fill(void* block, std::size_t n, const std::string& name) {
    as_the_loop([&] {
      crypto::Secret<32> secret;
      random.fill(secret.expose_mutable());
      scan.add(name, secret.expose());
      std::memcpy(block, secret.expose().data(), 32);
      std::memcpy(static_cast<char*>(block) + n - 32, secret.expose().data(), 32);
    });
  }
  std::size_t hits() const { return scan.of(0).size(); }
  void expect_gone() const {
    crypto::wipe_stack();  // what was copied through it, by a heap that moves a block
    EXPECT_GT(scan.pieces(), 0u);
    EXPECT_EQ(describe(scan.of(0)), "");
  }
};

// A block with a byte pattern of its own, whose owner can tell whether it was touched.
class Marked {
 public:
  Marked(std::size_t size, unsigned mark) : bytes_(size, static_cast<std::uint8_t>(mark)), mark_(bytes_[0]) {}
  bool whole() const {
    return std::all_of(bytes_.begin(), bytes_.end(), [&](std::uint8_t b) { return b == mark_; });
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::uint8_t mark_;
};

TEST_F(WipingHeap, WipesWhateverWayABlockCame) {
  void* const blocks[] = {std::malloc(size),  std::calloc(size, 1), std::aligned_alloc(256, 4096),
                          std::malloc(large), ::operator new(size), ::operator new (4096, std::align_val_t{1024})};
  const std::size_t sizes[] = {size, size, 4096, large, size, 4096};
  for (std::size_t i = 0; i < std::size(blocks); ++i) fill(blocks[i], sizes[i], "block " + std::to_string(i));
  EXPECT_GE(hits(), 2 * std::size(blocks));
  for (int i = 0; i < 4; ++i) give_back(blocks[i]);
  ::operator delete(blocks[4]);
  ::operator delete (blocks[5], std::align_val_t{1024});
  expect_gone();
}

TEST_F(WipingHeap, AnAlignedBlockStaysAligned) {
  for (const std::size_t alignment : {16u, 64u, 4096u}) {
    void* block = nullptr;
    ASSERT_EQ(::posix_memalign(&block, alignment, 3 * alignment), 0);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignment, 0u);
    give_back(block);
  }
}

TEST_F(WipingHeap, ReallocKeepsWhatIsKeptAndWipesWhatWasLeft) {
  char* block = static_cast<char*>(resize(nullptr, 100));
  std::memset(block, 'x', 100);
  for (const std::size_t n : {200u, 5000u, 1u << 20, 1u << 21, 4000u, 3000u}) {
    block = static_cast<char*>(resize(block, n));
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(std::string(block, 100), std::string(100, 'x')) << n;
    fill(block + 100, n - 100, "what was there at " + std::to_string(n));
  }
  EXPECT_EQ(resize(block, 0), nullptr);
  expect_gone();
}

TEST_F(WipingHeap, ReallocThatCutsInPlaceWipesTheRest) {
  char* block = static_cast<char*>(std::malloc(size));
  fill(block + size - 100, 100, "the rest");
  block = static_cast<char*>(resize(block, size - 100));
  expect_gone();
  block[0] = 'k';
  EXPECT_EQ(resize(block, SIZE_MAX / 2 - 100), nullptr);  // the block stays its owner's then
  EXPECT_EQ(block[0], 'k');
  give_back(block);
}

TEST_F(WipingHeap, ReallocarrayIsReallocAndRefusesWhatOverflows) {
  void* block = resize_array(nullptr, 40, 100);
  ASSERT_NE(block, nullptr);
  fill(block, 4000, "an array");
  EXPECT_EQ(resize_array(block, SIZE_MAX / 8, 16), nullptr);
  EXPECT_EQ(errno, ENOMEM);
  EXPECT_GE(hits(), 1u);
  block = resize_array(block, 400, 100);
  give_back(block);
  expect_gone();
}

// Each thread gives back what another one asked for, while all ask for more.
TEST_F(WipingHeap, AcrossThreads) {
  constexpr unsigned threads = 4, rounds = 2000;
  std::atomic<Marked*> handed[threads] = {};
  std::atomic<int> broken{0};
  const auto work = [&](unsigned self) {
    for (unsigned i = 0; i < rounds; ++i) {
      auto mine = std::make_unique<Marked>(16 + (i * 37 + self) % 3000, i + self);
      const std::unique_ptr<Marked> others(handed[(self + i) % threads].exchange(mine.release()));
      if (others && !others->whole()) ++broken;
    }
  };
  std::vector<std::thread> running;
  for (unsigned self = 0; self < threads; ++self) running.emplace_back(work, self);
  for (std::thread& t : running) t.join();
  for (auto& left : handed) delete left.load();
  EXPECT_EQ(broken.load(), 0);
}

}  // namespace
}  // namespace bud::test
