// Many runs, side by side, and what they came to.
#pragma once

#include "sim/world.h"

#include <functional>

namespace bud::sim {

// Numbers of accounts, devices and steps, drawn from the seed.
Options shape_of(std::uint64_t seed);

// Both print, and return a process's exit status.
int run_one(const Options& options, bool shorten);
// The same seed twice: status 1 where the two runs differ in anything that was told of them.
int run_twice(const Options& options);
// `every_fault`: status 1 where some fault or lie never struck. No further seed is begun after so many violations; with
// several jobs there may be some more of them, but the lowest seed that fails is among those told.
int run_many(const std::function<Options(std::uint64_t)>& shape, std::uint64_t first, std::uint64_t count, unsigned jobs,
             bool shorten, bool every_fault, std::uint64_t most_violations);

}  // namespace bud::sim
