// What has to hold of any ledger, whatever stands in it.
#pragma once

#include "core/ledger/replica.h"
#include "fuzz/support/feed.h"

namespace bud::fuzz {

// `choice` draws the orders and the subsets that are compared.
void check_ledger(const std::vector<core::ledger::Node>& nodes, const core::ledger::Bounds& bounds, Feed choice);

}  // namespace bud::fuzz
