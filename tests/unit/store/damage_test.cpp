// Hostile or broken files: the store says damaged, or gives what is intact. It never crashes, never invents, and never
// puts an empty store in the place of a damaged one.
#include <gtest/gtest.h>

#include "store_fixture.h"
#include "store/database.h"
#include "support/outcome.h"

namespace bud::test {
namespace {

using core::Table;
using IfMissing = SqliteStorage::IfMissing;

constexpr std::uint64_t row_count = 40;
std::string value_of(std::uint64_t n) {
  return "value " + std::to_string(n) + std::string(n * 50, 'x');
}

// A store of forty rows, its file checkpointed and closed.
void fill(Store& store) {
  must(store.open());
  auto transaction = must(core::Transaction::open(*store.storage));
  for (std::uint64_t n = 0; n < row_count; ++n)
    must(store.storage->put(Table::messages, numbered(n), as_bytes(value_of(n))));
  must(transaction.commit());
  store.close();
}

struct Findings {
  bool refused = false;  // as a whole, or from some point on
  std::uint64_t intact = 0, damaged = 0, missing = 0;
};

// Reads all there is and fails the test for anything that was never written.
Findings read_all(Store& store) {
  Findings found;
  if (const Result<> opened = store.open(IfMissing::refuse); !opened) {
    EXPECT_TRUE(opened.error().code == Errc::damaged || opened.error().code == Errc::unsupported)
        << opened.error().text;
    EXPECT_GT(opened.error().text.size(), 40u) << "words that say what to do";
    found.refused = true;
    return found;
  }
  for (std::uint64_t n = 0; n < row_count; ++n) {
    const auto value = store.storage->get(Table::messages, numbered(n));
    if (value && *value) {
      EXPECT_EQ(as_text((*value)->expose()), value_of(n));
      ++found.intact;
    } else if (value) {
      ++found.missing;
    } else {
      EXPECT_EQ(test::code(value), Errc::damaged) << value.error().text;
      ++found.damaged;
    }
  }
  const Result<> scanned =
      store.storage->scan(Table::messages, {}, [](std::uint64_t n, Result<crypto::SecretBytes> value) {
        if (value) {
          EXPECT_EQ(as_text(value->expose()), value_of(n));
        }
        return true;
      });
  if (!scanned) {
    EXPECT_EQ(test::code(scanned), Errc::damaged);
  }
  store.close();
  return found;
}

TEST(Damage, BitFlipsAreSeenOrHarmless) {
  Store store;
  fill(store);
  const Bytes whole = read_file(store.file());
  SeededRandom random(3);
  std::uint64_t refused = 0, single_rows = 0;
  for (int round = 0; round < 300; ++round) {
    Bytes broken = whole;
    // One in three hits the file's header, of which SQLite reads the name of its format and the sizes that follow.
    const std::uint64_t bit = random.below((round % 3 == 0 ? 24 : whole.size()) * 8);
    broken[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    write_file(store.file(), broken);
    const Findings found = read_all(store);
    refused += found.refused;
    single_rows += found.damaged > 0 && found.damaged < 5 && found.intact > 30;
  }
  EXPECT_GT(refused, 10u);
  EXPECT_GT(single_rows, 20u) << "one damaged row, the others live";
  write_file(store.file(), whole);
  EXPECT_EQ(read_all(store).intact, row_count);
}

// What SQLite says of it depends on its version.
TEST(Damage, AFileThatEndsEarlyIsDamagedNotOutOfReach) {
  EXPECT_EQ(store::describe(SQLITE_IOERR_SHORT_READ).code, Errc::damaged);
  EXPECT_EQ(store::describe(SQLITE_IOERR_READ).code, Errc::storage);
}

TEST(Damage, ATruncatedFileIsRefusedOrSeenWhereItMatters) {
  Store store;
  fill(store);
  const Bytes whole = read_file(store.file());
  for (std::size_t size = 0; size < whole.size(); size += size < 200 ? 13 : 1777) {
    write_file(store.file(), ByteView(whole).first(size));
    const Findings found = read_all(store);
    EXPECT_TRUE(found.refused || found.damaged > 0 || found.intact == row_count) << size;
    EXPECT_TRUE(found.refused || size >= 4096) << size;
  }
}

TEST(Damage, WhatIsNoDatabaseIsRefusedAndKept) {
  for (const Bytes& garbage : {Bytes{}, Bytes(100'000, 0), Bytes(5, 'x'), Bytes(8192, 0xff)}) {
    Store store;
    write_file(store.file(), garbage);
    const Result<> opened = store.open(IfMissing::create);
    ASSERT_FALSE(opened);
    EXPECT_EQ(test::code(opened), Errc::damaged);
    EXPECT_EQ(read_file(store.file()), garbage) << "evidence, and perhaps still readable to somebody";
  }
  Store store;
  ASSERT_EQ(mkdir(store.file().c_str(), 0700), 0);
  EXPECT_EQ(test::code(store.open()), Errc::damaged);
}

// A log left by a kill, then broken: what was committed before the break stands, nothing else is taken from it.
struct Log : testing::Test {
  Store store;
  Bytes file, log;
  void SetUp() override {
    must(store.open());
    for (std::uint64_t n = 0; n < row_count; ++n) must(store.put(Table::messages, numbered(n), value_of(n)));
    file = read_file(store.file());
    log = read_file(store.file("store.db-wal"));
    store.close();
    ASSERT_GT(log.size(), 100'000u);
  }
  Findings read_with(ByteView broken_log) {
    write_file(store.file(), file);
    write_file(store.file("store.db-wal"), broken_log);
    return read_all(store);
  }
};

TEST_F(Log, ThatIsWholeIsReplayed) {
  EXPECT_EQ(read_with(log).intact, row_count);
}

TEST_F(Log, ThatIsBrokenIsReplayedUpToTheBreak) {
  SeededRandom random(4);
  for (int round = 0; round < 60; ++round) {
    Bytes broken = log;
    const std::uint64_t bit = random.below(log.size() * 8);
    broken[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    const Findings found = read_with(broken);
    EXPECT_EQ(found.damaged, 0u);
    EXPECT_TRUE(found.refused || found.intact + found.missing == row_count);
    // Frames are some rows each: a break at a given place leaves what lies before it.
    const std::uint64_t whole_before = bit / 8 * row_count / log.size();
    EXPECT_TRUE(found.refused || found.intact >= whole_before / 4) << bit / 8;
  }
}

TEST_F(Log, OfGarbageGivesNothing) {
  SeededRandom random(5);
  Bytes garbage(log.size());
  random.fill(garbage);
  const Findings found = read_with(garbage);
  EXPECT_TRUE(found.refused || found.intact == 0);
  std::copy(log.begin(), log.begin() + 32, garbage.begin());
  EXPECT_TRUE(read_with(garbage).intact == 0);
}

TEST_F(Log, CutShortGivesThePartThatIsWhole) {
  std::uint64_t last = 0;
  for (std::size_t size = 0; size <= log.size(); size += log.size() / 40) {
    const Findings found = read_with(ByteView(log).first(size));
    EXPECT_FALSE(found.refused);
    EXPECT_EQ(found.damaged, 0u);
    EXPECT_GE(found.intact, last);
    last = found.intact;
  }
  EXPECT_GT(last, row_count / 2);
}

}  // namespace
}  // namespace bud::test
