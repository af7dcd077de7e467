#include "host/operations.h"

#include <cstring>

namespace bud::worker {

Result<std::uint64_t> Operations::begin(Duration timeout, Done done) {
  const std::uint64_t op = next_++;
  auto deadline = event_.after(timeout, [this, op] {
    complete(op, {sizeof(bud_completion), BUD_UNKNOWN_OUTCOME, 0, "the bridge did not answer in time", nullptr});
  });
  if (!deadline) return forward(deadline);
  open_.emplace(op, Open{std::move(*deadline), std::move(done)});
  return op;
}

bool Operations::complete(std::uint64_t op, const bud_completion& completion) {
  auto found = open_.extract(op);
  if (found.empty()) return false;
  // A plugin built against an older header fills in less.
  bud_completion whole{};
  std::memcpy(&whole, &completion, std::min<std::size_t>(completion.size, sizeof whole));
  found.mapped().done(whole);
  return true;
}

}  // namespace bud::worker
