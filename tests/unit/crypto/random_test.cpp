#include "crypto/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace bud::crypto {
namespace {

TEST(SystemRandom, FillsEveryLengthWhole) {
  initialize();
  SystemRandom random;
  // A byte that is left out would stay zero; one that is filled is zero now and then. Ten tries tell the two apart.
  for (std::size_t size = 0; size <= 1100; size += size < 300 ? 1 : 97) {
    Bytes seen(size);
    for (int attempt = 0; attempt < 10; ++attempt) {
      Bytes buffer(size + 1);
      random.fill(ByteSpan(buffer).first(size));
      ASSERT_EQ(buffer.back(), 0) << "past the end, at " << size;
      for (std::size_t i = 0; i < size; ++i) seen[i] |= buffer[i];
    }
    ASSERT_TRUE(std::all_of(seen.begin(), seen.end(), [](std::uint8_t b) { return b != 0; })) << size;
  }
}

TEST(SystemRandom, NeverHandsOutTheSameTwice) {
  initialize();
  SystemRandom one, two;
  std::set<Bytes> seen;
  for (int i = 0; i < 20'000; ++i) {
    Bytes nonce(24);
    (i % 2 == 0 ? one : two).fill(nonce);
    ASSERT_TRUE(seen.insert(nonce).second) << i;
  }
  for (std::size_t size : {7u, 100u, 255u, 256u, 257u, 5000u})
    for (int i = 0; i < 50; ++i) {
      Bytes buffer(size);
      one.fill(buffer);
      ASSERT_TRUE(seen.insert(buffer).second) << size;
    }
}

TEST(SystemRandom, KeepsNothingOfWhatItHandedOut) {
  initialize();
  SystemRandom random;
  const auto* object = reinterpret_cast<const std::uint8_t*>(&random);
  for (int i = 0; i < 100; ++i) {
    Bytes key(32);
    random.fill(key);
    ASSERT_EQ(std::search(object, object + sizeof random, key.begin(), key.end()), object + sizeof random) << i;
  }
}

}  // namespace
}  // namespace bud::crypto
