// What is known to exist and is not here: a message that another names as seen before it, a roster that one was written
// under. It is on its way as a rule. Where a message does not come, a device of whoever wrote it is asked, and nobody else,
// since nobody else can vouch for its words; a roster proves itself, and who named it is asked.
#pragma once

#include "core/messages.h"
#include "core/rosters.h"

namespace bud::core {

class Gaps {
 public:
  Gaps(Context& context, Rosters& rosters, Fanout& fanout, Messages& messages)
      : context_(context), rosters_(rosters), fanout_(fanout), messages_(messages) {}

  // The content names messages: those that are not here are missed.
  [[nodiscard]] Result<> note(const wire::Content& content);
  [[nodiscard]] Result<> found(const ThreadId& thread, const ContentHash& hash);
  [[nodiscard]] Result<bool> missed(const ThreadId& thread, const ContentHash& hash);

  // That device wrote under a roster that this one has never been in: asked for after a while, or at once where nothing is
  // known of the group.
  [[nodiscard]] Result<> note_roster(const ThreadId& group, const RosterDigest& digest, const Recipient& from);
  // The group's roster has moved: what was asked for, and is known now, is asked for no more.
  [[nodiscard]] Result<> roster_moved(const ThreadId& group);

  // It was not written for this account: it is missed no more.
  [[nodiscard]] Result<> refused(const ThreadId& thread, const ContentHash& hash, const AccountId& by);

  // Somebody misses what the own account wrote: told where it was written for them too, as much as fits into one answer.
  [[nodiscard]] Result<> answer(const wire::History& asked, const ThreadId& thread, const Recipient& to);

  [[nodiscard]] Result<> ask_due();
  [[nodiscard]] Result<std::optional<Time>> next_due();

 private:
  [[nodiscard]] Result<> ask(const WantRow& want, std::vector<ContentHash> hashes);
  [[nodiscard]] Result<> ask_for_roster(const WantRow& want);
  [[nodiscard]] Result<> asked(WantRow& want);
  [[nodiscard]] Result<bool> room_in(const ThreadId& thread);
  [[nodiscard]] Result<bool> is_in(const ThreadId& thread, const AccountId& account);
  [[nodiscard]] Result<bool> written_for(const wire::Content& content, const AccountId& account);

  Context& context_;
  Rosters& rosters_;
  Fanout& fanout_;
  Messages& messages_;
};

}  // namespace bud::core
