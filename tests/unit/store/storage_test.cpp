// What core::Storage promises, asked of both of its implementations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store_fixture.h"
#include "support/memory_storage.h"
#include "support/outcome.h"

namespace bud::test {
namespace {

using core::RowKey;
using core::Storage;
using core::Table;
using core::Transaction;
using testing::ElementsAre;
using testing::IsEmpty;

struct InMemory {
  MemoryStorage memory;
  Storage& storage() { return memory; }
};
struct InSqlite {
  Store store;
  InSqlite() { must(store.open()); }
  Storage& storage() { return *store.storage; }
};

template <class Kind>
class StorageTest : public testing::Test {
 protected:
  Kind kind;
  Storage& storage = kind.storage();

  void put(Table table, const RowKey& key, std::string_view value) { must(storage.put(table, key, as_bytes(value))); }
  void put_numbers(Table table, const RowKey& prefix, std::initializer_list<std::uint64_t> numbers) {
    Transaction transaction = must(Transaction::open(storage));
    for (std::uint64_t n : numbers) put(table, RowKey(prefix).number(n), std::to_string(n));
    must(transaction.commit());
  }
  std::string get(Table table, const RowKey& key) {
    auto value = must(storage.get(table, key));
    return value ? std::string(as_text(value->expose())) : "none";
  }
  std::vector<std::uint64_t> numbers(Table table, const Storage::Scan& scan) {
    std::vector<std::uint64_t> seen;
    must(storage.scan(table, scan, [&](std::uint64_t number, Result<crypto::SecretBytes> value) {
      EXPECT_EQ(as_text(must(std::move(value)).expose()), std::to_string(number));
      seen.push_back(number);
      return true;
    }));
    return seen;
  }
};
using Kinds = testing::Types<InMemory, InSqlite>;
TYPED_TEST_SUITE(StorageTest, Kinds);

RowKey alice() {
  return RowKey().blind("alice");
}
RowKey bob() {
  return RowKey().blind("bob");
}

TYPED_TEST(StorageTest, GivesBackWhatWasPut) {
  Transaction transaction = must(Transaction::open(this->storage));
  this->put(Table::contacts, alice(), "first");
  this->put(Table::contacts, bob(), "");
  EXPECT_EQ(this->get(Table::contacts, alice()), "first") << "a transaction sees its own writes";
  this->put(Table::contacts, alice(), "second");
  must(transaction.commit());
  EXPECT_EQ(this->get(Table::contacts, alice()), "second");
  EXPECT_EQ(this->get(Table::contacts, bob()), "");
  EXPECT_EQ(this->get(Table::contacts, RowKey().blind("carol")), "none");
  EXPECT_EQ(this->get(Table::addresses, alice()), "none") << "tables are apart";
  EXPECT_EQ(this->get(Table::contacts, RowKey().plain(as_bytes("alice"))), "none") << "blind and plain are apart";
}

TYPED_TEST(StorageTest, ErasesOneRowAndAllUnderAPrefix) {
  this->put_numbers(Table::outbox, alice(), {1, 2, 3});
  this->put_numbers(Table::outbox, bob(), {1});
  {
    Transaction transaction = must(Transaction::open(this->storage));
    must(this->storage.erase(Table::outbox, alice().number(2)));
    must(this->storage.erase(Table::outbox, alice().number(99)));  // not there: no error
    must(transaction.commit());
  }
  EXPECT_THAT(this->numbers(Table::outbox, {alice()}), ElementsAre(1, 3));
  {
    Transaction transaction = must(Transaction::open(this->storage));
    must(this->storage.erase_all(Table::outbox, alice()));
    must(transaction.commit());
  }
  EXPECT_THAT(this->numbers(Table::outbox, {alice()}), IsEmpty());
  EXPECT_THAT(this->numbers(Table::outbox, {bob()}), ElementsAre(1));
}

TYPED_TEST(StorageTest, RollsBackEveryKindOfChange) {
  this->put_numbers(Table::events, {}, {1, 2, 3});
  {
    Transaction transaction = must(Transaction::open(this->storage));
    this->put(Table::events, numbered(2), "changed");
    this->put(Table::events, numbered(4), "4");
    must(this->storage.erase(Table::events, numbered(1)));
    must(this->storage.erase_all(Table::events, numbered(3)));
  }
  EXPECT_THAT(this->numbers(Table::events, {}), ElementsAre(1, 2, 3));
  EXPECT_EQ(this->get(Table::events, numbered(2)), "2");
}

TYPED_TEST(StorageTest, ScansInOrderBothWays) {
  this->put_numbers(Table::messages, alice(), {5, 1, 256, 3, 70000});
  this->put_numbers(Table::messages, bob(), {2, 4});
  EXPECT_THAT(this->numbers(Table::messages, {alice()}), ElementsAre(1, 3, 5, 256, 70000));
  EXPECT_THAT(this->numbers(Table::messages, {alice(), std::nullopt, true}), ElementsAre(70000, 256, 5, 3, 1));
  EXPECT_THAT(this->numbers(Table::messages, {alice(), std::nullopt, false, 2}), ElementsAre(1, 3));
  EXPECT_THAT(this->numbers(Table::messages, {alice(), std::nullopt, true, 2}), ElementsAre(70000, 256));
  EXPECT_THAT(this->numbers(Table::messages, {alice(), alice().number(3)}), ElementsAre(3, 5, 256, 70000));
  EXPECT_THAT(this->numbers(Table::messages, {alice(), alice().number(4)}), ElementsAre(5, 256, 70000));
  EXPECT_THAT(this->numbers(Table::messages, {alice(), alice().number(5), true}), ElementsAre(5, 3, 1));
  EXPECT_THAT(this->numbers(Table::messages, {alice(), alice().number(4), true, 1}), ElementsAre(3));
  EXPECT_EQ(this->numbers(Table::messages, {}).size(), 7u) << "an empty prefix is the whole table";
  EXPECT_THAT(this->numbers(Table::messages, {RowKey().blind("carol")}), IsEmpty());
}

TYPED_TEST(StorageTest, ARowAtFromMayBeNamedByItsFirstParts) {
  Transaction transaction = must(Transaction::open(this->storage));
  for (std::uint64_t lamport : {1u, 2u, 3u})
    for (std::uint64_t id : {10u, 20u})
      this->put(Table::messages, alice().number(lamport).number(id), std::to_string(id));
  must(transaction.commit());
  EXPECT_THAT(this->numbers(Table::messages, {alice(), alice().number(2)}), ElementsAre(10, 20, 10, 20));
  EXPECT_THAT(this->numbers(Table::messages, {alice(), alice().number(2), true}), ElementsAre(20, 10, 20, 10));
}

TYPED_TEST(StorageTest, PrefixesEndingInTheHighestByteHoldTheirOwnRowsOnly) {
  const Bytes high(8, 0xff), higher(9, 0xff);
  this->put_numbers(Table::pushed, RowKey().plain(high), {1, UINT64_MAX});
  this->put_numbers(Table::pushed, RowKey().plain(Bytes(8, 0xfe)), {2});
  EXPECT_THAT(this->numbers(Table::pushed, {RowKey().plain(high)}), ElementsAre(1, UINT64_MAX));
  EXPECT_THAT(this->numbers(Table::pushed, {RowKey().plain(Bytes(8, 0xfe))}), ElementsAre(2));
  EXPECT_THAT(this->numbers(Table::pushed, {RowKey().plain(higher)}), ElementsAre(UINT64_MAX));
}

TYPED_TEST(StorageTest, AVisitorMayStopAndMayRead) {
  this->put_numbers(Table::alerts, {}, {1, 2, 3});
  std::vector<std::uint64_t> seen;
  std::size_t inner = 0;
  must(this->storage.scan(Table::alerts, {}, [&](std::uint64_t n, Result<crypto::SecretBytes>) {
    seen.push_back(n);
    inner += this->numbers(Table::alerts, {}).size();
    EXPECT_EQ(this->get(Table::alerts, numbered(3)), "3");
    return n < 2;
  }));
  EXPECT_THAT(seen, ElementsAre(1, 2));
  EXPECT_EQ(inner, 6u);
}

TYPED_TEST(StorageTest, AVisitorMayNotChange) {
  this->put_numbers(Table::alerts, {}, {1, 2});
  Transaction transaction = must(Transaction::open(this->storage));
  int visits = 0;
  must(this->storage.scan(Table::alerts, {}, [&](std::uint64_t, Result<crypto::SecretBytes>) {
    EXPECT_EQ(test::code(this->storage.put(Table::alerts, numbered(3), {})), Errc::internal);
    EXPECT_EQ(test::code(this->storage.erase(Table::alerts, numbered(1))), Errc::internal);
    EXPECT_EQ(test::code(this->storage.erase_all(Table::alerts, {})), Errc::internal);
    EXPECT_EQ(test::code(transaction.commit()), Errc::internal);
    ++visits;
    return true;
  }));
  EXPECT_EQ(visits, 2);
  must(transaction.commit());
  EXPECT_THAT(this->numbers(Table::alerts, {}), ElementsAre(1, 2));
}

TYPED_TEST(StorageTest, RefusesWhatIsNoTransaction) {
  EXPECT_EQ(test::code(this->storage.put(Table::meta, numbered(1), {})), Errc::internal);
  EXPECT_EQ(test::code(this->storage.erase(Table::meta, numbered(1))), Errc::internal);
  EXPECT_EQ(test::code(this->storage.erase_all(Table::meta, {})), Errc::internal);
  EXPECT_EQ(test::code(this->storage.commit()), Errc::internal);
  this->storage.rollback();  // nothing to do
  Transaction transaction = must(Transaction::open(this->storage));
  EXPECT_EQ(test::code(this->storage.begin()), Errc::internal);
  must(transaction.commit());
}

// Each next operation of a transaction fails once: none of it stands, and trying again works.
TEST(MemoryStorageFaults, FailWhereTheyAreAsked) {
  MemoryStorage storage;
  const auto attempt = [&]() -> Result<> {
    BUD_TRY(auto transaction, Transaction::open(storage));
    BUD_CHECK(storage.put(Table::meta, numbered(1), {}));
    BUD_TRY(auto found, storage.get(Table::meta, numbered(1)));
    EXPECT_TRUE(found);
    BUD_CHECK(storage.put(Table::meta, numbered(2), {}));
    return transaction.commit();
  };
  for (std::size_t nth = 1; nth <= 4; ++nth) {
    storage.fail_operation(nth);
    EXPECT_EQ(test::code(attempt()), Errc::storage) << nth;
    EXPECT_EQ(storage.rows(), 0u);
    EXPECT_FALSE(storage.in_transaction());
  }
  storage.fail_commit(1);
  EXPECT_EQ(test::code(attempt()), Errc::storage);
  EXPECT_EQ(storage.rows(), 0u);
  must(attempt());
  EXPECT_EQ(storage.rows(), 2u);
  EXPECT_EQ(storage.commits(), 2u);

  storage.damage(Table::meta, numbered(1));
  EXPECT_EQ(test::code(storage.get(Table::meta, numbered(1))), Errc::damaged);
  must(attempt());
  EXPECT_TRUE(storage.get(Table::meta, numbered(1)));
}

TEST(MemoryStorageFaults, ATransactionWithAFaultInItCannotCommit) {
  MemoryStorage storage;
  Transaction transaction = must(Transaction::open(storage));
  must(storage.put(Table::meta, numbered(1), {}));
  storage.fail_operation(1);
  EXPECT_FALSE(storage.put(Table::meta, numbered(2), {}));
  EXPECT_FALSE(storage.put(Table::meta, numbered(3), {}));
  EXPECT_FALSE(transaction.commit());
  EXPECT_EQ(storage.rows(), 0u);
}

}  // namespace
}  // namespace bud::test
