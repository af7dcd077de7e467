// Secrets leave nothing behind: the memory is looked at after them.
#include "crypto/secret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <concepts>
#include <cstdlib>
#include <new>
#include <ostream>

#include "crypto/dh.h"
#include "crypto/hash.h"
#include "crypto/kem.h"
#include "crypto/random.h"
#include "crypto/sign.h"

namespace {

// One block of the heap is watched: what stands in it at the moment it is given back.
void* watched = nullptr;
std::size_t watched_size = 0;
bool freed = false, freed_clean = false;

void look(const void* block) {
  if (block == nullptr || block != watched) return;
  const auto* bytes = static_cast<const std::uint8_t*>(block);
  freed = true;
  freed_clean = std::all_of(bytes, bytes + watched_size, [](std::uint8_t b) { return b == 0; });
  watched = nullptr;
}

void watch(bud::ByteView block) {
  watched = const_cast<std::uint8_t*>(block.data());
  watched_size = block.size();
  freed = freed_clean = false;
}

}  // namespace

void* operator new(std::size_t size) {
  if (void* block = std::malloc(size)) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept {
  look(block);
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  look(block);
  std::free(block);
}

namespace bud::crypto {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};
template <class T>
constexpr bool kept_close = !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> &&
                            !std::equality_comparable<T> && !Printable<T> && std::is_nothrow_move_constructible_v<T> &&
                            !std::is_convertible_v<T, ByteView> && !std::is_convertible_v<T, Bytes>;
static_assert(kept_close<Secret<32>> && kept_close<SecretBytes>);
static_assert(!std::is_copy_constructible_v<SigningKey> && !std::is_copy_constructible_v<DhKey> &&
              !std::is_copy_constructible_v<KemKey> && !std::is_copy_constructible_v<Encapsulation> &&
              !std::is_copy_constructible_v<Hasher>);

// An object in memory that outlives it.
template <class T>
class Remains {
 public:
  ~Remains() {
    if (alive_) get().~T();
  }
  template <class... Args>
  T& make(Args&&... args) {
    T* made = new (memory_) T(std::forward<Args>(args)...);
    alive_ = true;
    return *made;
  }
  T& get() { return *std::launder(reinterpret_cast<T*>(memory_)); }
  void destroy() {
    get().~T();
    alive_ = false;
  }
  bool holds(ByteView needle) const {
    return std::search(memory_, memory_ + sizeof(T), needle.begin(), needle.end()) != memory_ + sizeof(T);
  }

 private:
  alignas(T) unsigned char memory_[sizeof(T)] = {};
  bool alive_ = false;
};

const Bytes pattern = *from_hex("c0ffee15deadbea7c0ffee15deadbea7c0ffee15deadbea7c0ffee15deadbea7");

TEST(Secret, IsWipedWhenItEnds) {
  Remains<Secret<32>> remains;
  remains.make(std::move(*Secret<32>::from(pattern)));
  EXPECT_TRUE(remains.holds(pattern)) << "else this test looks in the wrong place";
  remains.destroy();
  EXPECT_FALSE(remains.holds(ByteView(pattern).first(4)));
}

TEST(Secret, IsWipedWhereItMovedFrom) {
  Remains<Secret<32>> from, into;
  from.make(std::move(*Secret<32>::from(pattern)));
  into.make(std::move(from.get()));
  EXPECT_FALSE(from.holds(ByteView(pattern).first(4)));
  EXPECT_TRUE(into.holds(pattern));
  Secret<32> assigned;
  assigned = std::move(into.get());
  EXPECT_FALSE(into.holds(ByteView(pattern).first(4)));
  EXPECT_TRUE(equal(assigned.expose(), pattern));
  Secret<32>& same = assigned;
  assigned = std::move(same);
  EXPECT_TRUE(equal(assigned.expose(), pattern));
  EXPECT_TRUE(equal(assigned.clone().expose(), pattern));
}

TEST(Secret, InsideKeysIsWipedWithThem) {
  initialize();
  Remains<SigningKey> signing;
  signing.make(SigningKey::from_seed(*Secret<32>::from(pattern)));
  EXPECT_TRUE(signing.holds(pattern));
  signing.destroy();
  EXPECT_FALSE(signing.holds(ByteView(pattern).first(4)));
  Remains<DhKey> dh;
  dh.make(DhKey::from_secret(std::move(*Secret<32>::from(pattern))));
  EXPECT_TRUE(dh.holds(pattern));
  dh.destroy();
  EXPECT_FALSE(dh.holds(ByteView(pattern).first(4)));
  Bytes seed = pattern;
  append(seed, pattern);
  Remains<KemKey> kem;
  kem.make(KemKey::from_seed(std::move(*Secret<64>::from(seed))));
  EXPECT_TRUE(kem.holds(seed));
  kem.destroy();
  EXPECT_FALSE(kem.holds(ByteView(pattern).first(4)));
}

// A keyed BLAKE2b holds its key until it has something else to hash.
TEST(Secret, InsideAHasherIsWipedWithIt) {
  initialize();
  Remains<Hasher> hasher;
  hasher.make(Label{"l"}, pattern, std::size_t{32});
  EXPECT_TRUE(hasher.holds(pattern));
  hasher.destroy();
  EXPECT_FALSE(hasher.holds(ByteView(pattern).first(4)));
}

TEST(SecretBytes, AreWipedBeforeTheirMemoryIsGivenBack) {
  {
    const SecretBytes secret = SecretBytes::copy_of(pattern);
    watch(secret.expose());
  }
  EXPECT_TRUE(freed && freed_clean);
  {
    Bytes plain = pattern;
    watch(plain);
  }
  EXPECT_TRUE(freed && !freed_clean) << "ordinary bytes are not: the watch can tell";
}

TEST(SecretBytes, AreWipedWhenReplaced) {
  SecretBytes secret = SecretBytes::copy_of(pattern);
  watch(secret.expose());
  secret = SecretBytes::copy_of(Bytes(7, 1));
  EXPECT_TRUE(freed && freed_clean);
  EXPECT_EQ(secret.size(), 7u);
}

TEST(SecretBytes, MoveAndAdoptWithoutACopy) {
  SecretBytes first = SecretBytes::copy_of(pattern);
  const std::uint8_t* memory = first.expose().data();
  SecretBytes second(std::move(first));
  EXPECT_EQ(second.expose().data(), memory);
  EXPECT_TRUE(first.empty());
  Bytes filled = pattern;
  memory = filled.data();
  const SecretBytes adopted = SecretBytes::adopt(std::move(filled));
  EXPECT_EQ(adopted.expose().data(), memory);
}

TEST(SecretBytes, WipeWhatIsCutOff) {
  SecretBytes secret = SecretBytes::copy_of(pattern);
  watch(secret.expose());
  secret.truncate(5);
  EXPECT_FALSE(freed) << "it stays where it is";
  EXPECT_TRUE(equal(secret.expose(), ByteView(pattern).first(5)));
  // The capacity is the vector's still: past its size, and within its memory.
  const auto* memory = static_cast<const std::uint8_t*>(watched);
  EXPECT_TRUE(std::all_of(memory + 5, memory + pattern.size(), [](std::uint8_t b) { return b == 0; }));
  secret.truncate(100);
  EXPECT_EQ(secret.size(), 5u);
  watched = nullptr;
}

TEST(Wipe, AndCompareTakeNothingToo) {
  wipe({});
  EXPECT_TRUE(equal_constant_time({}, {}));
  EXPECT_TRUE(equal_constant_time(pattern, Bytes(pattern)));
  EXPECT_FALSE(equal_constant_time(pattern, ByteView(pattern).first(31)));
  for (std::size_t bit = 0; bit < pattern.size() * 8; ++bit) {
    Bytes other = pattern;
    other[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_FALSE(equal_constant_time(pattern, other)) << bit;
  }
}

}  // namespace
}  // namespace bud::crypto
