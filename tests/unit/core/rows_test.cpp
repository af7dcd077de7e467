// Rows that no story reads back in every state.
#include "core/rows.h"

#include <gtest/gtest.h>

namespace bud::core {
namespace {

TEST(Rows, APersonalPrekeyIsForOneDeviceStill) {
  PrekeyRow row;
  for (std::optional<DeviceId> device : {std::optional<DeviceId>(), std::optional<DeviceId>(DeviceId{})}) {
    row.only_for = device;
    if (row.only_for) row.only_for->bytes[0] = 7;
    const Result<PrekeyRow> read = decode_row<PrekeyRow>(encode_row(row).expose());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->only_for, row.only_for);
  }
}

}  // namespace
}  // namespace bud::core
