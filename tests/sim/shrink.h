// Cuts a plan that fails down to the steps that matter.
#pragma once

#include "sim/world.h"

namespace bud::sim {

// Takes out halves, quarters, … single steps, as long as some violation is left (Zeller's delta debugging); at most
// `runs` runs. The result's own outcome is in `outcome`.
std::vector<Step> shrink(const Options& options, std::vector<Step> plan, std::size_t runs, Outcome& outcome);

}  // namespace bud::sim
