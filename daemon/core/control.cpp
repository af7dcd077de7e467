#include "core/control.h"

namespace bud::core {
namespace {

bool settled(DeliveryState state) {
  return state == DeliveryState::delivered || state == DeliveryState::dropped;
}

}  // namespace

bool must_arrive(const wire::Content& content) {
  if (content.lamport != 0) return false;  // of a conversation
  // Without either it is a digest alone, which is sent again in any case.
  if (const auto* sync = std::get_if<wire::RegisterSync>(&content.body))
    return content.thread == ThreadId{} && (sync->asks || !sync->registers.empty());
  if (const auto* change = std::get_if<wire::ThreadChange>(&content.body)) return !change->asks;
  const auto* receipt = std::get_if<wire::Receipt>(&content.body);
  return receipt != nullptr && receipt->type == wire::ReceiptType::read;
}

Result<> settle_control(Context& context, const ContentHash& hash) {
  BUD_TRY(std::optional<PlaceRow> place,
          load<PlaceRow>(context.db(), Table::message_index, key::message_by_hash(hash)));
  if (!place || !is_control(*place)) return {};
  bool all = true;
  BUD_CHECK(each<DeliveryRow>(context.db(), Table::deliveries, {key::content(hash), {}, false, SIZE_MAX},
                              [&](std::uint64_t, DeliveryRow& d) { return all = settled(d.state); }));
  if (!all) return {};
  BUD_CHECK(context.db().erase_all(Table::deliveries, key::content(hash)));
  BUD_CHECK(context.db().erase(Table::messages, key::message(*place)));
  return context.db().erase(Table::message_index, key::message_by_hash(hash));
}

Result<> Control::send(const wire::Content& content, std::span<const Recipient> recipients) {
  Letter letter = make_letter(content, true);
  letter.message_class = wire::MessageClass::silent;  // nothing that anybody is to be woken for
  const PlaceRow place{{}, context_.next_number(), content.id};
  const MessageRow row{letter.content, context_.keys.device(), context_.now(), true};
  BUD_CHECK(save(context_.db(), Table::messages, key::message(place), row));
  BUD_CHECK(save(context_.db(), Table::message_index, key::message_by_hash(letter.hash), place));
  BUD_CHECK(fanout_.send(letter, recipients));
  return settle_control(context_, letter.hash);  // where there is nobody to send it to
}

Result<bool> Control::under_way(const Recipient& to) {
  std::vector<ContentHash> contents;
  BUD_CHECK(each<MessageRow>(context_.db(), Table::messages, {key::thread({}), {}, false, SIZE_MAX},
                             [&](std::uint64_t, MessageRow& row) {
                               contents.push_back(wire::content_hash(row.content));
                               return true;
                             }));
  for (const ContentHash& hash : contents) {
    BUD_TRY(std::optional<DeliveryRow> d,
            load<DeliveryRow>(context_.db(), Table::deliveries, key::delivery(hash, to.account, to.device)));
    if (d && !settled(d->state)) return true;
  }
  return false;
}

}  // namespace bud::core
