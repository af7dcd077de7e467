// Contents that belong to no conversation and must arrive all the same: kept in the messages' table, under thread zero,
// until each device that they were sealed for has said that it has them, or is sealed for no more. So they wait, are
// pushed again and sealed anew as texts are (outbox.h), and no client ever hears of them. Who receives one acts upon it
// and does not keep it.
#pragma once

#include "core/fanout.h"

namespace bud::core {

// Is it one of them? Its receiver owes a delivered receipt, each time that it comes.
[[nodiscard]] bool must_arrive(const wire::Content& content);

// Where a content stands that no conversation knows of.
inline bool is_control(const PlaceRow& place) {
  return place.thread == ThreadId{};
}

// A delivery of it has come to an end: with the last one nothing of it is kept.
[[nodiscard]] Result<> settle_control(Context& context, const ContentHash& hash);

class Control {
 public:
  Control(Context& context, Fanout& fanout) : context_(context), fanout_(fanout) {}

  [[nodiscard]] Result<> send(const wire::Content& content, std::span<const Recipient> recipients);
  // Is any of them on its way to that device still?
  [[nodiscard]] Result<bool> under_way(const Recipient& recipient);

 private:
  Context& context_;
  Fanout& fanout_;
};

}  // namespace bud::core
