#include "core/outbox.h"

namespace bud::core {
namespace {

constexpr Duration first_repeat = hours(6);
constexpr Duration last_repeat = days(7);
constexpr Duration life = days(30);
constexpr std::size_t repeats_at_once = 200;

Duration repeat_after(std::uint32_t pushes) {
  Duration d = first_repeat;
  for (std::uint32_t i = 1; i < pushes && d < last_repeat; ++i) d.ms *= 2;
  return std::min(d, last_repeat);
}

}  // namespace

Result<std::vector<OutboxItem>> Outbox::batch(const std::string& bridge, std::uint64_t after, std::size_t max_items,
                                              std::size_t max_bytes) {
  std::vector<OutboxItem> items;
  std::size_t bytes = 0;
  if (max_items == 0) return items;
  BUD_CHECK(each<OutboxRow>(context_.db(), Table::outbox,
                            {RowKey().blind(bridge), key::outbox(bridge, after + 1), false, max_items},
                            [&](std::uint64_t, OutboxRow& row) {
                              if (!items.empty() && bytes + row.item.envelope.size() > max_bytes) return false;
                              bytes += row.item.envelope.size();
                              items.push_back(std::move(row.item));
                              return items.size() < max_items;
                            }));
  return items;
}

Result<> Outbox::pushed(const std::string& bridge, std::span<const PushResult> results) {
  for (const PushResult& result : results) {
    const RowKey k = key::outbox(bridge, result.id);
    BUD_TRY(std::optional<OutboxRow> row, load<OutboxRow>(context_.db(), Table::outbox, k));
    // Gone already: its receipt was faster than the bridge's answer.
    if (!row || result.status == PushStatus::retry_later || result.status == PushStatus::unknown_outcome) continue;
    BUD_CHECK(context_.db().erase(Table::outbox, k));
    BUD_CHECK(after_push(std::move(*row), result.status));
  }
  return {};
}

Result<> Outbox::after_push(OutboxRow row, PushStatus status) {
  if (status == PushStatus::no_such_device) {
    // Not there yet, or no more: its record is looked up again, and meanwhile the next of its routes is tried.
    context_.changes.lookups.insert({row.bridge, row.item.address});
    BUD_TRY(PeerRow peer, sessions_.peer(row.account, row.recipient));
    BUD_TRY(std::optional<Way> next, sessions_.way_to(peer, row.bridge));
    if (next) return queue(std::move(row), std::move(*next));
  }
  if (row.content == ContentHash{}) return {};  // nobody waits for its receipt
  if (status == PushStatus::too_large) return drop(row);
  return to_pushed(std::move(row));
}

// Under a number of its own each time: for a transport that takes each number once it is another copy.
Result<> Outbox::queue(OutboxRow row, Way way) {
  row.item.id = context_.next_number();
  row.item.address = std::move(way.address);
  row.item.device = std::move(way.device);
  row.bridge = std::move(way.bridge);
  context_.changes.outbox.insert(row.bridge);
  BUD_CHECK(save(context_.db(), Table::outbox, key::outbox(row.bridge, row.item.id), row));
  if (row.content == ContentHash{}) return {};
  BUD_TRY(std::optional<DeliveryRow> d, messages_.delivery(row.content, row.account, row.recipient));
  if (!d) return {};
  d->bridge = row.bridge;
  d->outbox = row.item.id;
  const DeliveryState state = d->state;
  return messages_.set_delivery(row.content, std::move(*d), state);
}

Result<> Outbox::to_pushed(OutboxRow row) {
  ++row.pushes;
  const Time due = context_.now() + repeat_after(row.pushes);
  row.due = due;
  BUD_CHECK(save(context_.db(), Table::pushed, key::pushed(due, row.item.id), row));
  BUD_TRY(std::optional<DeliveryRow> d, messages_.delivery(row.content, row.account, row.recipient));
  if (!d) return {};
  d->due = due;
  return messages_.set_delivery(row.content, std::move(*d),
                                     d->state == DeliveryState::delivered ? d->state : DeliveryState::pushed);
}

Result<> Outbox::drop(const OutboxRow& row) {
  BUD_TRY(std::optional<DeliveryRow> d, messages_.delivery(row.content, row.account, row.recipient));
  if (!d) return {};
  BUD_CHECK(context_.db().erase(Table::envelopes, key::envelope(d->envelope)));
  return messages_.set_delivery(row.content, std::move(*d), DeliveryState::dropped);
}

Result<> Outbox::delivered(const ContentHash& content, const AccountId& account, const DeviceId& device) {
  BUD_TRY(std::optional<DeliveryRow> d, messages_.delivery(content, account, device));
  if (!d || d->state == DeliveryState::delivered) return {};
  BUD_CHECK(forget_copy(content, *d));
  return messages_.set_delivery(content, std::move(*d), DeliveryState::delivered);
}

Result<> Outbox::give_up(const ContentHash& content, DeliveryRow d) {
  BUD_CHECK(forget_copy(content, d));
  if (d.state == DeliveryState::delivered) return {};
  return messages_.set_delivery(content, std::move(d), DeliveryState::dropped);
}

Result<> Outbox::forget_copy(const ContentHash& content, const DeliveryRow& d) {
  BUD_CHECK(context_.db().erase(Table::outbox, key::outbox(d.bridge, d.outbox)));
  BUD_CHECK(context_.db().erase(Table::pushed, key::pushed(d.due, d.outbox)));
  BUD_CHECK(context_.db().erase(Table::envelopes, key::envelope(d.envelope)));
  return context_.db().erase(Table::waiting, key::waiting(d.account, d.device, content));
}

Result<bool> Outbox::must_reseal(const OutboxRow& row) {
  // Perhaps it could not be opened: its session was never answered, and the device's prekey is another one since; or the
  // device was put back to an older store, and does not know the session.
  BUD_TRY(std::optional<Session> s, sessions_.find({row.account, row.recipient}, row.session));
  if (!s) return true;
  BUD_TRY(bool lost, fanout_.may_be_lost({row.account, row.recipient}, *s));
  if (s->answered()) return lost;
  BUD_CHECK(fanout_.ask_for_lookup(row.account));  // so that its next repeat knows the prekey of then
  BUD_TRY(PeerRow peer, sessions_.peer(row.account, row.recipient));
  return peer.bundle && peer.bundle->id != s->handshake->prekey;
}

Result<> Outbox::push_again() {
  std::vector<OutboxRow> rows;
  const Time now = context_.now();
  BUD_CHECK(each<OutboxRow>(context_.db(), Table::pushed, {{}, {}, false, repeats_at_once}, [&](std::uint64_t, OutboxRow& row) {
    if (row.due > now) return false;  // sorted by it
    rows.push_back(std::move(row));
    return true;
  }));
  for (OutboxRow& row : rows) {
    BUD_CHECK(context_.db().erase(Table::pushed, key::pushed(row.due, row.item.id)));
    BUD_TRY(std::optional<DeliveryRow> d, messages_.delivery(row.content, row.account, row.recipient));
    if (!d) continue;
    BUD_TRY(std::optional<MessageRow> message, messages_.by_hash(row.content));
    if (!message) continue;
    BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(row.account));
    const bool gone = !view || !view->seal_for.contains(row.recipient);
    BUD_TRY(bool reseal, must_reseal(row));
    if (gone || elapsed(message->received, now) >= life) {
      BUD_CHECK(drop(row));
    } else if (reseal) {
      BUD_CHECK(context_.db().erase(Table::envelopes, key::envelope(d->envelope)));
      const Recipient to{row.account, row.recipient};
      BUD_CHECK(fanout_.send(stored_letter(std::move(message->content), row.content), {&to, 1}, SessionChoice::fresh));
    } else {
      // By another of its routes each time: where one leads is known only by what comes back.
      BUD_TRY(PeerRow peer, sessions_.peer(row.account, row.recipient));
      BUD_TRY(std::optional<Way> way, sessions_.way_to(peer, row.bridge));
      if (!way) {
        BUD_TRY(way, sessions_.way_to(peer));
      }
      BUD_CHECK(way ? queue(std::move(row), std::move(*way)) : to_pushed(std::move(row)));
    }
  }
  return {};
}

Result<> Outbox::drop_unsealed() {
  for (Table table : {Table::outbox, Table::pushed}) {
    std::vector<OutboxRow> rows;
    BUD_CHECK(each<OutboxRow>(context_.db(), table, {}, [&](std::uint64_t, OutboxRow& row) {
      rows.push_back(std::move(row));
      return true;
    }));
    for (OutboxRow& row : rows) {
      BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(row.account));
      if (view && view->seal_for.contains(row.recipient)) continue;
      // What is not tracked may be for a device that is still joining: it is known as long as that goes on.
      if (row.content == ContentHash{} && (!view || !view->was_member(row.recipient))) {
        BUD_TRY(std::optional<PeerRow> joining,
                load<PeerRow>(context_.db(), Table::peers, key::device(row.account, row.recipient)));
        if (joining) continue;
      }
      BUD_CHECK(context_.db().erase(table, table == Table::outbox ? key::outbox(row.bridge, row.item.id)
                                                                  : key::pushed(row.due, row.item.id)));
      BUD_CHECK(drop(row));
    }
  }
  return drop_waiting();
}

Result<> Outbox::drop_waiting() {
  std::vector<WaitingRow> rows;
  BUD_CHECK(each<WaitingRow>(context_.db(), Table::waiting, {}, [&](std::uint64_t, WaitingRow& row) {
    if (row.device != DeviceId{}) rows.push_back(row);
    return true;
  }));
  for (const WaitingRow& row : rows) {
    BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(row.account));
    if (view && view->seal_for.contains(row.device)) continue;
    BUD_CHECK(context_.db().erase(Table::waiting, key::waiting(row.account, row.device, row.content)));
    BUD_TRY(std::optional<DeliveryRow> d, messages_.delivery(row.content, row.account, row.device));
    if (d) BUD_CHECK(messages_.set_delivery(row.content, std::move(*d), DeliveryState::dropped));
  }
  return {};
}

Result<> Outbox::move_away(const std::string& bridge) {
  std::vector<OutboxRow> rows;
  BUD_CHECK(each<OutboxRow>(context_.db(), Table::outbox, {RowKey().blind(bridge), {}, false, SIZE_MAX},
                            [&](std::uint64_t, OutboxRow& row) {
                              rows.push_back(std::move(row));
                              return true;
                            }));
  for (OutboxRow& row : rows) {
    BUD_CHECK(context_.db().erase(Table::outbox, key::outbox(row.bridge, row.item.id)));
    BUD_TRY(PeerRow peer, sessions_.peer(row.account, row.recipient));
    BUD_TRY(std::optional<Way> way, sessions_.way_to(peer));
    if (way) {
      BUD_CHECK(queue(std::move(row), std::move(*way)));
    } else if (row.content != ContentHash{}) {
      BUD_CHECK(context_.db().erase(Table::envelopes, key::envelope(wire::envelope_hash(row.item.envelope))));
      BUD_CHECK(fanout_.wait(row.content, {row.account, row.recipient}));
    }
  }
  return {};
}

Result<std::optional<Time>> Outbox::next_due() {
  std::optional<Time> due;
  BUD_CHECK(each<OutboxRow>(context_.db(), Table::pushed, {{}, {}, false, 1}, [&](std::uint64_t, OutboxRow& row) {
    due = row.due;
    return false;
  }));
  return due;
}

}  // namespace bud::core
