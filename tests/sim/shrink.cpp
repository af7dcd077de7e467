#include "sim/shrink.h"

namespace bud::sim {

std::vector<Step> shrink(const Options& options, std::vector<Step> plan, std::size_t runs, Outcome& outcome) {
  Options quiet = options;
  quiet.trace = false;
  plan.resize(std::min(plan.size(), outcome.at + 1));
  for (std::size_t size = plan.size() / 2; size > 0; size /= 2) {
    for (std::size_t at = 0; at < plan.size() && runs > 0;) {
      std::vector<Step> shorter(plan.begin(), plan.begin() + static_cast<std::ptrdiff_t>(at));
      if (at + size < plan.size()) shorter.insert(shorter.end(), plan.begin() + static_cast<std::ptrdiff_t>(at + size), plan.end());
      --runs;
      Outcome tried = World(quiet).run(shorter);
      if (tried.violation.empty()) {
        at += size;
        continue;
      }
      plan = std::move(shorter);
      outcome = std::move(tried);
    }
  }
  return plan;
}

}  // namespace bud::sim
