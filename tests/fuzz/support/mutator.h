// Mutators that know what an input means: they take it apart, change a part, and sign or seal it again, since a
// signature is what no blind change gets past. All that they draw follows from libFuzzer's seed.
#pragma once

#include "base/bytes.h"
#include "support/seeded_random.h"

#include <cstdint>
#include <optional>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace bud::fuzz {

using Dice = test::SeededRandom;

inline bool percent(Dice& dice, unsigned n) {
  return dice.below(100) < n;
}

// libFuzzer's own mutation, of a part.
inline Bytes blindly(ByteView part, std::size_t most) {
  Bytes room(std::max(part.size(), most));
  std::copy(part.begin(), part.end(), room.begin());
  room.resize(LLVMFuzzerMutate(room.data(), part.size(), room.size()));
  return room;
}
// A part that keeps its length.
template <class Tag, std::size_t N>
void blindly_fixed(Fixed<Tag, N>& part) {
  (void)LLVMFuzzerMutate(part.bytes.data(), N, N);
}

template <class T>
T& pick(std::vector<T>& from, Dice& dice) {
  return from[dice.below(from.size())];
}

// A target's mutator: what takes the input's place, or nothing where blind mutation does as well.
using Mutator = std::optional<Bytes> (*)(ByteView input, Dice& dice, std::size_t most);

inline std::size_t mutate_with(Mutator mutator, std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  Dice dice(seed);
  // Now and then blindly, whatever the mutator knows: it must not hide what it never thinks of.
  std::optional<Bytes> made;
  if (!percent(dice, 10)) made = mutator(ByteView(data, size), dice, most);
  if (!made || made->empty() || made->size() > most) return LLVMFuzzerMutate(data, size, most);
  std::copy(made->begin(), made->end(), data);
  return made->size();
}

}  // namespace bud::fuzz

#define BUD_FUZZ_MUTATOR(function)                                                                           \
  extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, \
                                                 unsigned seed) {                                            \
    return ::bud::fuzz::mutate_with(function, data, size, max_size, seed);                                   \
  }
