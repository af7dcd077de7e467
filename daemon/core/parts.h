// The engine's parts, in the order in which they rest on each other.
#pragma once

#include "core/account.h"
#include "core/inbox.h"
#include "core/rosters.h"
#include "core/verified.h"

namespace bud::core {

inline constexpr Duration aging_step = minutes(10);
inline const RowKey own_key = key::meta("own");

struct Engine::Parts {
  explicit Parts(const Environment& environment) : context(environment) {}

  Context context;
  Alerts alerts{context};
  Ledgers ledgers{context, alerts};
  Rosters rosters{context, ledgers};
  Sessions sessions{context};
  Prekeys prekeys{context};
  Fanout fanout{context, ledgers, sessions, prekeys};
  Control control{context, fanout};
  Registers registers{context, fanout, control};
  OwnState own_state{context, alerts, registers};
  Events events{context};
  Messages messages{context, events};
  Outbox outbox{context, ledgers, sessions, fanout, messages};
  Contacts contacts{context, alerts, ledgers};
  Threads threads{context, contacts, rosters, messages};
  Gaps gaps{context, rosters, fanout, messages};
  Reading reading{context, fanout, messages, threads, outbox, control, registers};
  Conversations conversations{context, ledgers, rosters, contacts, fanout, messages, threads, gaps, reading};
  Groups groups{context, ledgers, rosters, contacts, fanout, control, threads, gaps, conversations};
  Receipts receipts{context, fanout, outbox};
  Healing healing{context, sessions, prekeys, fanout, messages};
  Directory directory{context, alerts, ledgers, sessions, prekeys, fanout};
  Joining joining{context, alerts, ledgers, sessions, prekeys, fanout, directory, registers};
  Account account{context, ledgers, prekeys, fanout, directory};
  Inbox inbox{context, alerts, ledgers, sessions, prekeys, fanout, directory, messages,
              conversations, groups, reading, receipts, healing, joining, registers, own_state};

  Verified<wire::Record> verified{[this](ByteView bytes) {
    return wire::decode_and_verify_record(bytes, [this](ByteView entry) { return ledgers.verify(entry); });
  }};
  Verified<wire::JoinRecord> verified_joiners{wire::decode_and_verify_join_record};
  std::set<std::string> up;  // bridges that were ready since the start
  Time last_aged;

  template <class F>
  auto run(F f) -> decltype(f());
  template <class F>
  Result<MessageId> say(const ThreadId& thread, F f);
  [[nodiscard]] Result<> age_prekeys();
};

// One call of the engine: a transaction, and what follows from its commit.
template <class F>
auto Engine::Parts::run(F f) -> decltype(f()) {
  context.changes = {};
  context.ledgers_moved.clear();
  context.own_changed = context.devices_removed = context.keep_despite_error = false;
  const OwnRow before = context.own;
  auto undo = [&] {
    context.own = before;
    ledgers.forget_cached();
    rosters.forget_cached();
  };
  BUD_TRY(Transaction tx, Transaction::open(context.db()));
  auto result = f();
  if (!result && !context.keep_despite_error) {
    undo();
    return result;
  }
  Result<> done = groups.follow_ledgers();
  if (done && context.devices_removed) done = outbox.drop_unsealed();
  if (done && context.own_changed) done = save(context.db(), Table::meta, own_key, context.own);
  if (done) done = tx.commit();
  if (!done) {
    undo();
    return forward(done);
  }
  Changes changes = std::move(context.changes);
  context.changes = {};
  context.env.listener.changed(changes);
  return result;
}

// What was written goes; of whom it is for no record older than a day is relied on.
template <class F>
Result<MessageId> Engine::Parts::say(const ThreadId& thread, F f) {
  return run([&]() -> Result<MessageId> {
    BUD_TRY(MessageId id, f());
    BUD_TRY(ThreadInfo info, threads.info(thread));
    for (const AccountId& member : info.members) {
      if (!info.group) BUD_CHECK(own_state.accept(member));
      BUD_CHECK(directory.refresh(member, hours(24)));
    }
    return id;
  });
}

}  // namespace bud::core
