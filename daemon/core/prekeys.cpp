#include "core/prekeys.h"

namespace bud::core {

constexpr Duration rotation = hours(24);
constexpr Duration life_after = hours(72);

Prekey to_prekey(const PrekeyRow& row) {
  return {row.bundle, crypto::DhKey(row.bundle.dh, row.dh.clone()), crypto::KemKey::from_seed(row.kem.clone())};
}

Result<wire::PrekeyBundle> Prekeys::make(std::optional<DeviceId> only_for) {
  Prekey fresh = Prekey::generate(context_.now(), context_.env.random);
  PrekeyRow row;
  row.bundle = fresh.bundle;
  row.dh = fresh.dh.secret().clone();
  row.kem = fresh.kem.seed().clone();
  row.only_for = only_for;
  BUD_CHECK(save(context_.db(), Table::prekeys, key::number(row.bundle.id), row));
  return row.bundle;
}

Result<wire::PrekeyBundle> Prekeys::current() {
  if (context_.own.prekey != 0) {
    BUD_TRY(std::optional<PrekeyRow> row, find(context_.own.prekey));
    if (row) return row->bundle;
  }
  BUD_TRY(wire::PrekeyBundle bundle, make(std::nullopt));
  context_.own.prekey = bundle.id;
  context_.own.prekey_since = bundle.time;
  context_.own_changed = true;
  return bundle;
}

Result<wire::PrekeyBundle> Prekeys::make_personal(const DeviceId& peer) { return make(peer); }

Result<std::optional<PrekeyRow>> Prekeys::find(std::uint64_t id) {
  return load<PrekeyRow>(context_.db(), Table::prekeys, key::number(id));
}

Result<> Prekeys::erase(std::uint64_t id) {
  BUD_CHECK(context_.db().erase_all(Table::handshakes, key::number(id)));
  return context_.db().erase(Table::prekeys, key::number(id));
}

Result<bool> Prekeys::rotate() {
  if (context_.own.prekey == 0 || elapsed(context_.own.prekey_since, context_.now()) < rotation) return false;
  BUD_TRY(std::optional<PrekeyRow> old, find(context_.own.prekey));
  if (old) {
    old->superseded = true;
    BUD_CHECK(save(context_.db(), Table::prekeys, key::number(old->bundle.id), *old));
  }
  context_.own.prekey = 0;
  BUD_CHECK(current());
  return true;
}

Result<> Prekeys::age(Duration drained) {
  std::vector<PrekeyRow> rows;
  BUD_CHECK(each<PrekeyRow>(context_.db(), Table::prekeys, {}, [&](std::uint64_t, PrekeyRow& row) {
    if (row.superseded) rows.push_back(std::move(row));
    return true;
  }));
  for (PrekeyRow& row : rows) {
    row.drained_ms += drained.ms;
    if (row.drained_ms >= life_after.ms)
      BUD_CHECK(erase(row.bundle.id));
    else
      BUD_CHECK(save(context_.db(), Table::prekeys, key::number(row.bundle.id), row));
  }
  return {};
}

}  // namespace bud::core
