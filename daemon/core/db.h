// Typed rows over Storage: a row is a struct with write(Writer&) and static read(Reader&), kept under a key.
#pragma once

#include "core/storage.h"
#include "wire/codec.h"

namespace bud::core {

template <class Row>
[[nodiscard]] crypto::SecretBytes encode_row(const Row& row) {
  wire::Writer w;
  row.write(w);
  return crypto::SecretBytes::adopt(w.take());
}

template <class Row>
[[nodiscard]] Result<Row> decode_row(ByteView bytes) {
  wire::Reader r(bytes);
  Row row = Row::read(r);
  // It was sealed by this program: what is wrong with it is damage, not hostility.
  if (!r.finish("row")) return fail(Errc::damaged, "a row of the store is damaged");
  return row;
}

template <class Row>
[[nodiscard]] Result<std::optional<Row>> load(Storage& db, Table table, const RowKey& key) {
  BUD_TRY(std::optional<crypto::SecretBytes> bytes, db.get(table, key));
  if (!bytes) return std::optional<Row>();
  BUD_TRY(Row row, decode_row<Row>(bytes->expose()));
  return std::optional<Row>(std::move(row));
}

template <class Row>
[[nodiscard]] Result<Row> load_or_new(Storage& db, Table table, const RowKey& key) {
  BUD_TRY(std::optional<Row> row, load<Row>(db, table, key));
  return row ? std::move(*row) : Row{};
}

template <class Row>
[[nodiscard]] Result<> save(Storage& db, Table table, const RowKey& key, const Row& row) {
  return db.put(table, key, encode_row(row).expose());
}

// Visits rows in order; `visit(number, Row&)` returns false to stop. A damaged row is skipped: the rest lives on.
template <class Row, class Visit>
[[nodiscard]] Result<> each(Storage& db, Table table, const Storage::Scan& scan, Visit visit) {
  return db.scan(table, scan, [&](std::uint64_t number, Result<crypto::SecretBytes> value) {
    if (!value) return true;
    Result<Row> row = decode_row<Row>(value->expose());
    return !row || visit(number, *row);
  });
}

}  // namespace bud::core
