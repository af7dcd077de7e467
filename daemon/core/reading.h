// Reading: how far this account and others have read, what expires once it was read, and who is typing.
#pragma once

#include "core/outbox.h"
#include "core/registers.h"
#include "core/threads.h"

namespace bud::core {

class Reading {
 public:
  Reading(Context& context, Fanout& fanout, Messages& messages, Threads& threads, Outbox& outbox,
          Control& control, Registers& registers)
      : context_(context), fanout_(fanout), messages_(messages), threads_(threads), outbox_(outbox), control_(control),
        registers_(registers) {}

  // A person has read the thread up to and with this message. Whoever wrote what is newly read is told, once for the account.
  // False where that was known.
  [[nodiscard]] Result<bool> mark_read(const MessageId& message);
  // Another own device says so: nobody is told again.
  [[nodiscard]] Result<> read_elsewhere(const ThreadId& thread, std::uint64_t up_to);
  // Of accounts that are in the thread, about what was written here; other marks do nothing. False where there was no other.
  [[nodiscard]] Result<bool> receive(const wire::Receipt& receipt, const AccountId& from);

  [[nodiscard]] Result<> set_typing(const ThreadId& thread, bool active);
  [[nodiscard]] Result<> receive_typing(const wire::Content& content, const AccountId& from);

  // What the own account has written counts as read by it, on each of its devices as it comes there.
  [[nodiscard]] Result<> written(const wire::Content& content, const ContentHash& hash);
  [[nodiscard]] Result<> expire_due();
  [[nodiscard]] Result<std::optional<Time>> next_due();

 private:
  // Of what others wrote above `from` up to `to`: their accounts; what expires begins to.
  [[nodiscard]] Result<std::set<AccountId>> newly_read(const ThreadId& thread, std::uint64_t from, std::uint64_t to);
  [[nodiscard]] Result<bool> in_thread(const ThreadRow& thread, const AccountId& account);
  [[nodiscard]] Result<> expire(const ContentHash& hash);

  Context& context_;
  Fanout& fanout_;
  Messages& messages_;
  Threads& threads_;
  Outbox& outbox_;
  Control& control_;
  Registers& registers_;
};

}  // namespace bud::core
