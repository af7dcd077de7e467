#include "core/healing.h"

namespace bud::core {
namespace {

constexpr Duration first_backoff = hours(1);
constexpr Duration last_backoff = days(1);
constexpr Duration retry = minutes(1);
constexpr std::size_t max_reported = 256;

}  // namespace

Result<> Healing::note(const OwnerRow& owner, const wire::CopyView& copy, const EnvelopeHash& envelope) {
  const RowKey k = key::device(owner.account, owner.device);
  BUD_TRY(HealingRow row, load_or_new<HealingRow>(context_.db(), Table::healing, k));
  if (row.envelopes.size() >= max_reported ||
      std::find(row.envelopes.begin(), row.envelopes.end(), envelope) != row.envelopes.end())
    return {};
  const Time now = context_.now();
  row.account = owner.account;
  row.device = owner.device;
  row.failed = copy.header.session;
  row.envelopes.push_back(envelope);
  if (row.backoff.ms == 0) row.due = now;
  return save(context_.db(), Table::healing, k, row);
}

Result<> Healing::send_due() {
  std::vector<HealingRow> due;
  const Time now = context_.now();
  BUD_CHECK(each<HealingRow>(context_.db(), Table::healing, {}, [&](std::uint64_t, HealingRow& row) {
    if (row.due <= now) due.push_back(std::move(row));
    return true;
  }));
  for (HealingRow& row : due) {
    const RowKey k = key::device(row.account, row.device);
    if (row.envelopes.empty()) {  // a whole pause without a fault
      BUD_CHECK(context_.db().erase(Table::healing, k));
      continue;
    }
    // Over a fresh session: one of the two was put back, perhaps, and knows none of those that are newer.
    SessionChoice choice = SessionChoice::fresh;
    const Recipient to{row.account, row.device};
    BUD_TRY(bool reachable, fanout_.reachable(to, choice));
    if (!reachable) {
      BUD_TRY(std::optional<Session> live, sessions_.preferred(row.account, row.device));
      if (live && live->id != row.failed) {
        choice = SessionChoice::preferred;
        BUD_TRY(reachable, fanout_.reachable(to, choice));
      }
    }
    if (!reachable) {  // its record is being asked for
      row.due = now + retry;
      BUD_CHECK(save(context_.db(), Table::healing, k, row));
      continue;
    }
    BUD_TRY(wire::PrekeyBundle bundle, prekeys_.current());
    wire::DecryptError error{std::move(row.envelopes), bundle};
    row.envelopes.clear();
    row.backoff = row.backoff.ms == 0 ? first_backoff : std::min(Duration{row.backoff.ms * 2}, last_backoff);
    row.due = now + row.backoff;
    BUD_CHECK(save(context_.db(), Table::healing, k, row));
    BUD_CHECK(fanout_.send(make_letter(control_content(context_, wire::ContentKind::decrypt_error, std::move(error)), false),
                           {&to, 1}, choice));
  }
  return {};
}

Result<std::optional<Time>> Healing::next_due() {
  std::optional<Time> due;
  BUD_CHECK(each<HealingRow>(context_.db(), Table::healing, {}, [&](std::uint64_t, HealingRow& row) {
    if (!due || row.due < *due) due = row.due;
    return true;
  }));
  return due;
}

Result<> Healing::receive(const wire::DecryptError& error, const AccountId& from, const DeviceId& device) {
  for (const EnvelopeHash& envelope : error.envelopes) {
    BUD_TRY(std::optional<WaitingRow> sent, load<WaitingRow>(context_.db(), Table::envelopes, key::envelope(envelope)));
    if (!sent || sent->account != from || sent->device != device) continue;
    BUD_CHECK(context_.db().erase(Table::envelopes, key::envelope(envelope)));  // once each
    BUD_TRY(std::optional<DeliveryRow> d, messages_.delivery(sent->content, from, device));
    if (!d || d->state == DeliveryState::delivered || d->state == DeliveryState::dropped) continue;
    BUD_TRY(std::optional<MessageRow> message, messages_.by_hash(sent->content));
    if (!message) continue;
    BUD_CHECK(context_.db().erase(Table::outbox, key::outbox(d->bridge, d->outbox)));
    BUD_CHECK(context_.db().erase(Table::pushed, key::pushed(d->due, d->outbox)));
    const Recipient to{from, device};
    // The error has opened, so the session that carried it is live, and its sender's preferred one.
    BUD_CHECK(fanout_.send(stored_letter(std::move(message->content), sent->content), {&to, 1}));
  }
  return {};
}

}  // namespace bud::core
