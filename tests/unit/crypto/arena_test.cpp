#include "crypto/arena.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <concepts>

#include "crypto/random.h"
#include "support/outcome.h"

namespace bud::crypto {
namespace {

using test::code;

static_assert(!std::copy_constructible<ArenaSecret> && !std::is_copy_assignable_v<ArenaSecret>);
static_assert(!std::equality_comparable<ArenaSecret>);
static_assert(!std::is_move_constructible_v<Arena>, "its secrets point to it");

struct ArenaTest : testing::Test {
  static void SetUpTestSuite() { initialize(); }
  std::unique_ptr<Arena> arena = std::move(*Arena::create());
  ArenaSecret store(std::size_t size, std::uint8_t fill) {
    return std::move(*ArenaSecret::store(*arena, Bytes(size, fill)));
  }
  static bool holds(ByteView view, std::uint8_t value) {
    return std::all_of(view.begin(), view.end(), [=](std::uint8_t b) { return b == value; });
  }
};

TEST_F(ArenaTest, KeepsSecretsOfEverySizeThatASlotHolds) {
  std::vector<ArenaSecret> secrets;
  for (std::size_t size = 0; size <= Arena::slot_size; ++size)
    secrets.push_back(store(size, static_cast<std::uint8_t>(size)));
  for (std::size_t size = 0; size <= Arena::slot_size; ++size) {
    EXPECT_EQ(secrets[size].expose().size(), size);
    EXPECT_TRUE(holds(secrets[size].expose(), static_cast<std::uint8_t>(size)));
  }
  EXPECT_EQ(code(ArenaSecret::store(*arena, Bytes(Arena::slot_size + 1))), Errc::too_large);
  EXPECT_EQ(arena->used(), Arena::slot_size + 1);
}

TEST_F(ArenaTest, WipesASlotBeforeItIsFreeAgain) {
  ByteView view;
  {
    const ArenaSecret secret = store(64, 0xaa);
    view = secret.expose();
    EXPECT_TRUE(holds(view, 0xaa));
  }
  EXPECT_TRUE(holds(view, 0)) << "the slot is the arena's still, and can be looked at";
  EXPECT_EQ(arena->used(), 0u);
}

TEST_F(ArenaTest, ResetTwiceFreesOnce) {
  ArenaSecret first = store(32, 1);
  first.reset();
  EXPECT_FALSE(first);
  EXPECT_TRUE(first.expose().empty());
  const ArenaSecret second = store(32, 2);  // takes the same slot
  first.reset();
  EXPECT_TRUE(holds(second.expose(), 2));
  EXPECT_EQ(arena->used(), 1u);
  ArenaSecret().reset();
}

TEST_F(ArenaTest, MovesWithoutACopyAndGivesBackWhatItReplaces) {
  ArenaSecret first = store(32, 1), second = store(48, 2);
  const ByteView first_view = first.expose(), second_view = second.expose();
  first = std::move(second);
  EXPECT_EQ(first.expose().data(), second_view.data());
  EXPECT_EQ(first.expose().size(), 48u);
  EXPECT_TRUE(holds(first_view, 0));
  EXPECT_EQ(arena->used(), 1u);
  ArenaSecret third(std::move(first));
  EXPECT_TRUE(third);
  ArenaSecret& same = third;
  third = std::move(same);
  EXPECT_TRUE(holds(third.expose(), 2));
  EXPECT_EQ(arena->used(), 1u);
}

TEST_F(ArenaTest, SaysWhenItIsFullAndGoesOnWhenItIsNot) {
  std::vector<ArenaSecret> secrets;
  for (std::size_t i = 0; i < Arena::slots; ++i) secrets.push_back(store(8, static_cast<std::uint8_t>(i)));
  EXPECT_EQ(code(ArenaSecret::store(*arena, Bytes(8))), Errc::storage);
  secrets[500].reset();
  secrets[500] = store(8, 0x55);
  for (std::size_t i = 0; i < Arena::slots; ++i)
    ASSERT_TRUE(holds(secrets[i].expose(), i == 500 ? 0x55 : static_cast<std::uint8_t>(i))) << i;
}

// The address and thread sanitizers answer every mlock() themselves, and lock nothing.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool mlock_is_real = false;
#elif defined(__has_feature)
constexpr bool mlock_is_real = !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
constexpr bool mlock_is_real = true;
#endif

// Where no memory can be locked it works all the same, and says so. In a child, without root's leave to lock.
TEST_F(ArenaTest, WorksWithoutLockedMemoryAndSaysSo) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit none{0, 0};
    if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)) _exit(2);
    auto unlocked = Arena::create();
    if (!unlocked || (mlock_is_real && (*unlocked)->locked())) _exit(3);
    const auto secret = ArenaSecret::store(**unlocked, Bytes(32, 1));
    _exit(secret && holds(secret->expose(), 1) ? 0 : 4);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace bud::crypto
