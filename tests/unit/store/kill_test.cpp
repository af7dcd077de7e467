// SIGKILL in the middle of a write load: what was acknowledged is there, and no transaction is there in part.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "store_fixture.h"

namespace bud::test {
namespace {

using core::RowKey;
using core::Table;

constexpr std::uint64_t rows_each = 3;

Result<> write_one(SqliteStorage& storage, std::uint64_t n) {
  BUD_TRY(auto transaction, core::Transaction::open(storage));
  const std::string value = "transaction " + std::to_string(n) + std::string(n * 37 % 5000, '.');
  for (std::uint64_t row = 0; row < rows_each; ++row)
    BUD_CHECK(storage.put(Table::messages, RowKey().number(n).number(row), as_bytes(value)));
  BUD_CHECK(storage.put(Table::meta, RowKey().blind("last"), as_bytes(std::to_string(n))));
  return transaction.commit();
}

// The child: transactions without end, each number written to the pipe once its commit has returned.
[[noreturn]] void write_until_killed(const std::string& path, std::uint64_t first, int acknowledgements) {
  crypto::SystemRandom random;
  const auto arena = must(crypto::Arena::create());
  const auto folder = must(StateFolder::open(path));
  const auto storage =
      must(SqliteStorage::open(folder, master_key(), SqliteStorage::IfMissing::create, *arena, random));
  for (std::uint64_t n = first;; ++n) {
    must(write_one(*storage, n));
    if (write(acknowledgements, &n, sizeof n) != sizeof n) _exit(1);
    if (n % 7 == 0) must(storage->checkpoint());
  }
}

// Kills after some acknowledgements and a random moment more; returns the last number that was acknowledged.
std::uint64_t run_and_kill(const std::string& path, std::uint64_t first, SeededRandom& random) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child == 0) {
    close(pipe_ends[0]);
    try {
      write_until_killed(path, first, pipe_ends[1]);
    } catch (const std::exception&) {
      _exit(1);
    }
  }
  close(pipe_ends[1]);
  std::uint64_t last = 0, n = 0;
  for (std::uint64_t wanted = 1 + random.below(12); wanted > 0; --wanted)
    if (read(pipe_ends[0], &n, sizeof n) == sizeof n) last = n;
  for (std::uint64_t moment = random.below(2'000'000); moment > 0; --moment) (void)random.next();
  kill(child, SIGKILL);
  while (read(pipe_ends[0], &n, sizeof n) == sizeof n) last = n;
  close(pipe_ends[0]);
  waitpid(child, nullptr, 0);
  return last;
}

TEST(Kill, LosesNoAcknowledgedCommitAndLeavesNoHalfOfOne) {
  ScratchFolder scratch;
  SeededRandom random(20);
  std::uint64_t next = 1;
  for (int round = 0; round < 25; ++round) {
    const std::uint64_t acknowledged = run_and_kill(scratch.path(), next, random);
    ASSERT_GE(acknowledged, next) << "the child wrote nothing in round " << round;
    crypto::SystemRandom system;
    const auto arena = must(crypto::Arena::create());
    const auto folder = must(StateFolder::open(scratch.path()));
    const auto storage =
        must(SqliteStorage::open(folder, master_key(), SqliteStorage::IfMissing::refuse, *arena, system));
    must(storage->check());
    std::uint64_t rows = 0;
    must(storage->scan(Table::messages, {}, [&](std::uint64_t row, Result<crypto::SecretBytes> value) {
      EXPECT_EQ(row, rows % rows_each);
      EXPECT_TRUE(value);
      ++rows;
      return true;
    }));
    ASSERT_EQ(rows % rows_each, 0u) << "half a transaction";
    const std::uint64_t stored = rows / rows_each;
    EXPECT_GE(stored, acknowledged);
    EXPECT_LE(stored, acknowledged + 1) << "at most the one that was cut off before its answer";
    EXPECT_EQ(as_text(must(storage->get(Table::meta, RowKey().blind("last")))->expose()), std::to_string(stored));
    next = stored + 1;
  }
}

}  // namespace
}  // namespace bud::test
