// What a program is told to do wrong, by whoever tests it: a page of memory that both map (fault_preload.cpp is in the
// program, fault_control.h in the test). One plan at a time, for one call.
#pragma once

#include <atomic>
#include <cstdint>

namespace bud::test {

enum class Op : std::uint32_t { sync, write, rename };  // fsync and fdatasync; write and pwrite; rename and its kin
constexpr unsigned ops = 3;

// Before: the call is not made. cut: half of the bytes are written, and the call fails.
enum class Act : std::uint32_t { fail, cut, die_before, die_after };
constexpr unsigned acts = 4;

struct FaultPlan {
  std::atomic<std::uint32_t> armed;
  std::atomic<std::int64_t> calls_left;  // the call that takes it to zero is the one
  std::atomic<Op> op;
  std::atomic<Act> act;
  std::atomic<int> error;           // errno of a call that fails
  std::atomic<std::uint64_t> hits;  // how often it came to it
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

}  // namespace bud::test
