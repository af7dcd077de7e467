// Conversations as such: who is in them, what they are called, and where in them this device is.
#pragma once

#include "core/contacts.h"
#include "core/messages.h"
#include "core/rosters.h"

namespace bud::core {

class Threads {
 public:
  Threads(Context& context, Contacts& contacts, Rosters& rosters, Messages& messages)
      : context_(context), contacts_(contacts), rosters_(rosters), messages_(messages) {}

  [[nodiscard]] Result<std::optional<ThreadRow>> find(const ThreadId& id);
  // Errc::not_found.
  [[nodiscard]] Result<ThreadRow> get(const ThreadId& id);
  [[nodiscard]] Result<> save_row(const ThreadRow& row);
  // The thread of two, made where there is none.
  [[nodiscard]] Result<ThreadRow> open(const AccountId& other);
  // A group's, made where there is none.
  [[nodiscard]] Result<ThreadRow> open_group(const ThreadId& group);

  [[nodiscard]] Result<ThreadInfo> info(const ThreadId& id);
  [[nodiscard]] Result<std::vector<ThreadInfo>> all();
  // Who is in it besides the own account.
  [[nodiscard]] Result<std::vector<AccountId>> members(const ThreadRow& row);

  // A content has come into it, or was written in it: numbers and heads move on.
  [[nodiscard]] Result<> note(ThreadRow& row, const wire::Content& content, const ContentHash& hash);
  // All up to that Lamport number has been read by the own account. False where that was known.
  [[nodiscard]] Result<bool> set_read(ThreadRow& row, std::uint64_t up_to);

 private:
  [[nodiscard]] Result<ThreadRow> make(ThreadRow fresh);
  [[nodiscard]] Result<ThreadInfo> describe(const ThreadRow& row);
  [[nodiscard]] Result<> describe_group(ThreadInfo& info, const ThreadRow& row);

  Context& context_;
  Contacts& contacts_;
  Rosters& rosters_;
  Messages& messages_;
};

}  // namespace bud::core
