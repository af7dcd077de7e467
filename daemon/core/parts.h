// The engine's parts, in the order in which they rest on each other.
#pragma once

#include "core/account.h"
#include "core/attachments.h"
#include "core/inbox.h"
#include "core/verified.h"

namespace bud::core {

inline constexpr Duration aging_step = minutes(10);

struct Engine::Parts {
  explicit Parts(const Environment& environment) : context(environment) {}

  Context context;
  Alerts alerts{context};
  Ledgers ledgers{context, alerts};
  Sessions sessions{context};
  Prekeys prekeys{context};
  Fanout fanout{context, ledgers, sessions, prekeys};
  Events events{context};
  Conversations conversations{context, alerts, ledgers, fanout, events};
  Attachments attachments{context, sessions, fanout, conversations};
  Outbox outbox{context, ledgers, sessions, fanout, conversations};
  Receipts receipts{context, fanout, outbox};
  Healing healing{context, sessions, prekeys, fanout, conversations};
  Directory directory{context, alerts, ledgers, sessions, prekeys, fanout};
  Joining joining{context, alerts, ledgers, sessions, prekeys, fanout, directory};
  Account account{context, ledgers, prekeys, fanout, directory};
  Inbox inbox{context, alerts, ledgers, sessions, prekeys, fanout, directory, conversations, receipts, healing, joining};

  Verified<wire::Record> verified{[this](ByteView bytes) {
    return wire::decode_and_verify_record(bytes, [this](ByteView entry) { return ledgers.verify(entry); });
  }};
  Verified<wire::JoinRecord> verified_joiners{wire::decode_and_verify_join_record};
  std::set<std::string> up;  // bridges that were ready since the start
  Time last_aged;

  template <class F>
  auto run(F f) -> decltype(f());
  [[nodiscard]] Result<> age_prekeys();
};

}  // namespace bud::core
