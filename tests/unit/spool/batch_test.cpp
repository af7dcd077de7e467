#include "spool/batch.h"

#include <gtest/gtest.h>

namespace spool {
namespace {

using File = std::vector<std::uint8_t>;

File three_copies() {
  static const std::uint8_t data[] = {1, 2, 3, 4, 5, 6};
  const bud_bytes copies[] = {{data, 1}, {data + 1, 2}, {data + 3, 3}};
  return encode_batch(copies);
}

TEST(SpoolBatch, RoundTrips) {
  const File file = three_copies();
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  EXPECT_EQ(text.substr(0, 18), std::string_view("BUDSPOOL1\n\0\0\0\3\0\0\0\1", 18)) << "as the README says";
  const auto copies = decode_batch(file);
  ASSERT_TRUE(copies);
  ASSERT_EQ(copies->size(), 3u);
  EXPECT_EQ(File((*copies)[2].data, (*copies)[2].data + (*copies)[2].size), (File{4, 5, 6}));
}

TEST(SpoolBatch, RefusesEveryTruncationAndEveryAddition) {
  File file = three_copies();
  for (std::size_t n = 0; n < file.size(); ++n) EXPECT_FALSE(decode_batch(std::span(file).first(n))) << n;
  file.push_back(0);
  EXPECT_FALSE(decode_batch(file));
}

TEST(SpoolBatch, RefusesWrongMagicCountsAndLengths) {
  const auto with = [](std::size_t at, std::uint8_t value) {
    File file = three_copies();
    file[at] = value;
    return decode_batch(file);
  };
  EXPECT_FALSE(with(0, 'b'));
  EXPECT_FALSE(with(8, '2')) << "another version";
  EXPECT_FALSE(with(13, 0)) << "no copies";
  EXPECT_FALSE(with(13, 101)) << "more copies than a batch has";
  EXPECT_FALSE(with(10, 0xff)) << "a huge count";
  EXPECT_FALSE(with(17, 0)) << "an empty copy";
  EXPECT_FALSE(with(14, 0xff)) << "a huge copy";
  EXPECT_TRUE(with(18, 77)) << "contents are not its business";
}

TEST(SpoolBatch, TheLargestIsAccepted) {
  const File big(max_copy, 9);
  const std::vector<bud_bytes> copies(max_copies, bud_bytes{big.data(), big.size()});
  const File file = encode_batch(copies);
  EXPECT_EQ(file.size(), max_batch_file);
  ASSERT_TRUE(decode_batch(file));
  EXPECT_EQ(decode_batch(file)->size(), max_copies);
}

}  // namespace
}  // namespace spool
