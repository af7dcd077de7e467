// What happens to a device in one life, from its start to its kill: drawn from a seed.
#pragma once

#include "crashes/fault_control.h"
#include "support/seeded_random.h"

#include <cerrno>
#include <optional>

namespace bud::test {

struct Life {
  std::optional<Fault> fault;
  bool in_worker = false;     // where the fault is: in the bridge's worker, or in the daemon
  bool from_start = false;    // `length` counts from the start, not from READY: it may die before that
  Duration length;            // then it is killed
  bool with_workers = false;  // or they are left to notice
  unsigned messages = 1;      // that it begins to send
  std::size_t text_bytes = 0;
};

inline Fault draw_fault(SeededRandom& random, bool in_worker) {
  Fault fault;
  // The daemon renames when it makes its vault and its store, and then never again.
  fault.op = static_cast<Op>(random.below(in_worker ? ops : ops - 1));
  fault.act = static_cast<Act>(random.below(acts));
  if (fault.act == Act::cut && fault.op != Op::write) fault.act = Act::fail;
  fault.error = random.below(2) == 0 ? EIO : ENOSPC;
  // Early calls most often, late ones too: evenly over the powers of two.
  fault.call = 1 + static_cast<std::int64_t>(random.below(std::uint64_t{1} << random.below(6)));
  return fault;
}

inline Life draw_life(SeededRandom& random) {
  Life life;
  life.in_worker = random.below(5) < 2;
  if (random.below(4) != 0) life.fault = draw_fault(random, life.in_worker);
  life.from_start = random.below(6) == 0;
  // Some are long enough to get over a fault.
  const bool longer = random.below(10) == 0;
  life.length = {random.below(life.from_start ? 120 : longer ? 2500 : 500)};
  life.with_workers = random.below(5) < 2;
  life.messages = 1 + static_cast<unsigned>(random.below(10));
  life.text_bytes = random.below(8) == 0 ? random.below(20'000) : random.below(300);
  return life;
}

}  // namespace bud::test
