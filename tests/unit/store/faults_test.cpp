// A disk that is full, fails or turns read-only, at every single call: the transaction fails as a whole, the store says
// so, and goes on once the disk does.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "fault_vfs.h"
#include "store_fixture.h"
#include "support/outcome.h"

namespace bud::test {
namespace {

using core::Table;

constexpr std::uint64_t rows_each = 5;

// The second size outgrows SQLite's cache, so that it writes before the commit.
Result<> write_rows(Store& store, std::uint64_t first, std::size_t size) {
  BUD_TRY(auto transaction, core::Transaction::open(*store.storage));
  const Bytes value(size, 'v');
  for (std::uint64_t n = first; n < first + rows_each; ++n)
    BUD_CHECK(store.storage->put(Table::outbox, numbered(n), value));
  BUD_CHECK(store.storage->erase(Table::outbox, numbered(0)));
  return transaction.commit();
}

std::uint64_t count(Store& store) {
  std::uint64_t n = 0;
  must(store.storage->scan(Table::outbox, {}, [&](std::uint64_t, Result<crypto::SecretBytes> value) {
    EXPECT_TRUE(value);
    ++n;
    return true;
  }));
  return n;
}

class Faults : public testing::TestWithParam<std::tuple<int, std::size_t>> {};

TEST_P(Faults, AtEachCallLeaveNothingOfTheTransactionAndTheNextWorks) {
  const auto [code, size] = GetParam();
  FaultVfs disk;
  Store store;
  must(store.open());
  must(store.put(Table::outbox, numbered(0), "goes with the first that succeeds"));
  int nth = 1;
  for (;; ++nth) {
    ASSERT_LT(nth, 20'000);
    disk.fail(nth, code, true);
    const Result<> written = write_rows(store, 1, size);
    disk.heal();
    if (written) break;
    EXPECT_EQ(test::code(written), Errc::storage) << written.error().text;
    EXPECT_EQ(count(store), 1u) << "part of a failed transaction, call " << nth;
    EXPECT_EQ(store.get(Table::outbox, numbered(0)), "goes with the first that succeeds");
    must(store.put(Table::meta, numbered(static_cast<std::uint64_t>(nth)), "the next one works"));
    if (nth > 20) nth += nth / 5;
  }
  EXPECT_GT(nth, 2);
  EXPECT_EQ(count(store), rows_each);
  must(store.open());
  EXPECT_EQ(count(store), rows_each);
  must(store.storage->check());
}

TEST(RefusedTransaction, ReadsNothingMoreEither) {
  FaultVfs disk;
  Store store;
  must(store.open());
  must(store.storage->begin());
  disk.fail(1, SQLITE_FULL, true);
  Result<> written;
  for (std::uint64_t n = 1; written && n < 200; ++n)
    written = store.storage->put(Table::outbox, numbered(n), Bytes(1'000'000, 'v'));
  disk.heal();
  ASSERT_EQ(code(written), Errc::storage);
  const auto scanned = [&] {
    return store.storage->scan(Table::outbox, {}, [](std::uint64_t, Result<crypto::SecretBytes>) { return true; });
  };
  EXPECT_EQ(code(scanned()), Errc::storage);
  EXPECT_EQ(code(store.storage->get(Table::outbox, numbered(1))), Errc::storage);
  store.storage->rollback();
  EXPECT_TRUE(scanned());
}

INSTANTIATE_TEST_SUITE_P(Codes, Faults,
                         testing::Combine(testing::Values(SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC,
                                                          SQLITE_READONLY),
                                          testing::Values(std::size_t{100}, std::size_t{2'000'000})));

// SQLite undoes the whole transaction by itself in some of these cases: what is put after that must not stand alone.
TEST(FaultsElsewhere, ATransactionWithAFaultInItIsOver) {
  FaultVfs disk;
  Store store;
  must(store.open());
  int faults = 0;
  for (int nth = 1; nth < 2'000; nth += 1 + nth / 10) {
    must(store.storage->begin());
    disk.fail(nth, SQLITE_FULL, false);
    bool failed = false;
    for (std::uint64_t n = 1; n <= 3 * rows_each; ++n) {
      const Result<> put = store.storage->put(Table::outbox, numbered(n), Bytes(n % 5 == 0 ? 10 : 1'000'000));
      EXPECT_FALSE(failed && put) << "call " << nth;
      failed = failed || !put;
    }
    if (failed) {
      ++faults;
      EXPECT_FALSE(store.storage->get(Table::outbox, numbered(1)));
      EXPECT_EQ(test::code(store.storage->commit()), Errc::storage);
      disk.heal();
      EXPECT_EQ(count(store), 0u) << "call " << nth;
    } else {
      store.storage->rollback();
    }
  }
  EXPECT_GT(faults, 20);
}

TEST(FaultsElsewhere, AStoreThatCannotBeMadeIsMadeLater) {
  FaultVfs disk;
  int nth = 1;
  for (;; ++nth) {
    Store store;
    disk.fail(nth, SQLITE_FULL, true);
    const Result<> made = store.open();
    disk.heal();
    if (made) break;
    EXPECT_EQ(test::code(made), Errc::storage);
    EXPECT_FALSE(store::exists(*store.folder));
    must(store.open());
    must(store.put(Table::meta, numbered(1), "x"));
  }
  EXPECT_GT(nth, 5);
}

TEST(FaultsElsewhere, AFailedCheckpointLosesNothing) {
  FaultVfs disk;
  Store store;
  must(store.open());
  int nth = 1;
  for (;; ++nth) {
    must(write_rows(store, 1, 3000));
    disk.fail(nth, SQLITE_IOERR_WRITE, false);
    const Result<> moved = store.storage->checkpoint();
    disk.heal();
    EXPECT_EQ(count(store), rows_each);
    if (moved) break;
    EXPECT_EQ(test::code(moved), Errc::storage);
  }
  EXPECT_GT(nth, 2);
  must(store.open());
  EXPECT_EQ(count(store), rows_each);
}

// The same with the kernel saying no: a limit on the size of files, in a child of its own.
TEST(FaultsElsewhere, TheKernelsOwnRefusalIsOneToo) {
  ScratchFolder scratch;
  const pid_t child = fork();
  if (child == 0) {
    int exit_code = 1;
    try {
      signal(SIGXFSZ, SIG_IGN);
      Store store;
      must(store.open());
      must(write_rows(store, 1, 100));
      rlimit limit{1'000'000, RLIM_INFINITY}, none{RLIM_INFINITY, RLIM_INFINITY};
      setrlimit(RLIMIT_FSIZE, &limit);
      const Result<> refused = write_rows(store, 10, 1'000'000);
      const Result<> small = write_rows(store, 10, 10);
      setrlimit(RLIMIT_FSIZE, &none);
      const Result<> large = write_rows(store, 20, 1'000'000);
      if (!refused && refused.error().code == Errc::storage && small && large && count(store) == 3 * rows_each)
        exit_code = 0;
    } catch (const std::exception&) {
      exit_code = 2;
    }
    _exit(exit_code);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

}  // namespace
}  // namespace bud::test
