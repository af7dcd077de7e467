#include "core/receipts.h"

namespace bud::core {
namespace {

constexpr std::uint64_t delay_least_ms = 300, delay_spread_ms = 1700;
constexpr std::size_t contents_at_once = 256;

}  // namespace

Result<> Receipts::owe(const AccountId& account, const DeviceId& device, const ContentHash& content) {
  BUD_TRY(ReceiptsRow row, load_or_new<ReceiptsRow>(context_.db(), Table::receipts, key::device(account, device)));
  row.account = account;
  row.device = device;
  if (row.contents.empty()) {
    const std::uint64_t r = context_.random<Fixed<struct JitterTag, 8>>().bytes[0];
    row.due = context_.now() + Duration{delay_least_ms + r * delay_spread_ms / 255};
  }
  row.contents.push_back(content);
  return save(context_.db(), Table::receipts, key::device(account, device), row);
}

Result<> Receipts::receive(const wire::Receipt& receipt, const AccountId& from, const DeviceId& device) {
  if (receipt.type != wire::ReceiptType::delivered) return {};
  // Only what was sealed for that very device has a delivery row: receipts for anything else do nothing.
  for (const ContentHash& content : receipt.contents) BUD_CHECK(outbox_.delivered(content, from, device));
  return {};
}

Result<> Receipts::send_due() {
  std::vector<ReceiptsRow> due;
  const Time now = context_.now();
  BUD_CHECK(each<ReceiptsRow>(context_.db(), Table::receipts, {}, [&](std::uint64_t, ReceiptsRow& row) {
    if (row.due <= now) due.push_back(std::move(row));
    return true;
  }));
  for (const ReceiptsRow& row : due) {
    BUD_CHECK(context_.db().erase(Table::receipts, key::device(row.account, row.device)));
    const Recipient to{row.account, row.device};
    for (std::size_t at = 0; at < row.contents.size(); at += contents_at_once) {
      auto first = row.contents.begin() + static_cast<std::ptrdiff_t>(at);
      auto last = row.contents.begin() + static_cast<std::ptrdiff_t>(std::min(at + contents_at_once, row.contents.size()));
      wire::Receipt receipt{wire::ReceiptType::delivered, {first, last}, {}};
      BUD_CHECK(fanout_.send(make_letter(control_content(context_, wire::ContentKind::receipt, std::move(receipt)), false), {&to, 1}));
    }
  }
  return {};
}

Result<std::optional<Time>> Receipts::next_due() {
  std::optional<Time> due;
  BUD_CHECK(each<ReceiptsRow>(context_.db(), Table::receipts, {}, [&](std::uint64_t, ReceiptsRow& row) {
    if (!due || row.due < *due) due = row.due;
    return true;
  }));
  return due;
}

}  // namespace bud::core
