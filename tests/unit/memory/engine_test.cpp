// As after_use_test.cpp, for the engine over a real store: an account, its recovery words, and its end.
#include "core/engine.h"
#include "core/rows.h"
#include "crypto/random.h"
#include "crypto/words.h"
#include "store/sqlite_storage.h"
#include "support/memory_scan.h"
#include "support/scratch_folder.h"
#include "unit/memory/as_the_loop.h"

#include <gtest/gtest.h>

namespace bud::test {
namespace {

struct Still final : Clock {
  Time now() override { return {1'800'000'000'000}; }
};
struct Deaf final : core::Listener {
  void changed(const core::Changes&) override {}
};

struct EngineMemory : testing::Test {
  static void SetUpTestSuite() { crypto::initialize(); }
  ScratchFolder scratch;
  store::StateFolder folder = std::move(*store::StateFolder::open(scratch.path()));
  crypto::SystemRandom random;
  Still clock;
  Deaf listener;
  core::SequentialExecutor executor;
  std::unique_ptr<crypto::Arena> arena = std::move(*crypto::Arena::create());
  std::unique_ptr<store::SqliteStorage> storage;
  std::unique_ptr<core::Engine> engine;

  void open(const crypto::Secret<32>& master) {
    storage =
        std::move(*store::SqliteStorage::open(folder, master, store::SqliteStorage::IfMissing::create, *arena, random));
    engine = std::move(*core::Engine::open({*storage, clock, random, executor, *arena, listener}));
  }
};

TEST_F(EngineMemory, OfAnAccountAndItsRecoveryWords) {
  MemoryScan scan;
  as_the_loop([&] {
    crypto::Secret<32> master;
    random.fill(master.expose_mutable());
    scan.add("the master key", master.expose());
    open(master);
    ASSERT_TRUE(engine->add_bridge({"spool", "spool", "{}"}));
    ASSERT_TRUE(engine->bridge_ready("spool", {"alice", "0123456789abcdef", 65536, 100, false}));
    ASSERT_TRUE(engine->create_account("Alice"));
    const crypto::SecretBytes words = std::move(*engine->recovery_words());
    scan.add("the recovery words", words.expose());
    scan.add("the recovery seed", crypto::seed_from_words(words.expose())->expose());
  });
  ASSERT_GT(scan.pieces(), 0u);
  EXPECT_EQ(describe(scan.of(0)), "");
  as_the_loop([&] { EXPECT_TRUE(engine->recovery_words()); });
  EXPECT_EQ(describe(scan.of(0)), "");
}

}  // namespace
}  // namespace bud::test
