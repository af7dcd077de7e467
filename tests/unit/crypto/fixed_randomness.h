// libsodium with a test's randomness, for what is built upon crypto::SystemRandom and cannot be handed another. It stands
// here because nothing outside of crypto and its tests knows libsodium.
#pragma once

#include "base/environment.h"

namespace bud::test {

// From now on, for the whole process, libsodium draws from what `source` gives at each call. Before any draw; one thread.
void draw_randomness_from(Random& (*source)());

}  // namespace bud::test
