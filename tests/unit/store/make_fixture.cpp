// make_store_fixture FOLDER: writes FOLDER/store.db as this version of the program makes it.
#include <cstdio>

#include "fixture_rows.h"
#include "store_fixture.h"

int main(int argc, char** argv) {
  using namespace bud;
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_store_fixture FOLDER\n");
    return 2;
  }
  const auto folder = test::must(store::StateFolder::open(argv[1]));
  const auto arena = test::must(crypto::Arena::create());
  test::SeededRandom random(1);
  const auto storage = test::must(
      store::SqliteStorage::open(folder, test::master_key(), store::SqliteStorage::IfMissing::create, *arena, random));
  auto transaction = test::must(core::Transaction::open(*storage));
  for (const test::FixtureRow& row : test::fixture_rows(store::table_count))
    test::must(storage->put(row.table, row.key, as_bytes(row.value)));
  test::must(transaction.commit());
  return 0;
}
