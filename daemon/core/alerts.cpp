#include "core/alerts.h"

namespace bud::core {

constexpr std::size_t max_waiting = 512;
constexpr std::size_t max_kept = 1024;

Result<> Alerts::raise(AlertKind kind, const AccountId& account, const DeviceId& device, std::string text) {
  BUD_TRY(const bool blocked, is_blocked(context_, account));
  if (blocked) return {};
  BUD_TRY(std::vector<Alert> all, list());
  std::size_t waiting = 0;
  for (const Alert& a : all) {
    if (a.acknowledged) continue;
    if (a.kind == kind && a.account == account && a.device == device) return {};
    ++waiting;
  }
  if (waiting >= max_waiting) return {};
  Alert alert{context_.next_label(), kind, context_.now(), account, device, std::move(text), false};
  BUD_CHECK(save(context_.db(), Table::alerts, key::number(alert.id), AlertRow{alert}));
  context_.changes.alerts.push_back(std::move(alert));
  // The oldest that somebody has seen make room.
  for (const Alert& a : all) {
    if (all.size() < max_kept) break;
    if (!a.acknowledged) continue;
    BUD_CHECK(context_.db().erase(Table::alerts, key::number(a.id)));
    break;
  }
  return {};
}

Result<std::vector<Alert>> Alerts::list() {
  std::vector<Alert> all;
  BUD_CHECK(each<AlertRow>(context_.db(), Table::alerts, {}, [&](std::uint64_t, AlertRow& row) {
    all.push_back(std::move(row.alert));
    return true;
  }));
  return all;
}

Result<Alert> Alerts::acknowledge(std::uint64_t id) {
  BUD_TRY(std::optional<AlertRow> row, load<AlertRow>(context_.db(), Table::alerts, key::number(id)));
  if (!row) return fail(Errc::not_found, "no such alert");
  row->alert.acknowledged = true;
  BUD_CHECK(save(context_.db(), Table::alerts, key::number(id), *row));
  context_.changes.answered.push_back(id);
  return std::move(row->alert);
}

}  // namespace bud::core
