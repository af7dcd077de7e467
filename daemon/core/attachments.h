// Files on their way out: kept until each of them lies, sealed, where every reader can fetch it, or stands in the
// content itself; then sent like any other content.
#pragma once

#include "core/conversations.h"
#include "core/files.h"

namespace bud::core {

class Attachments {
 public:
  Attachments(Context& context, Sessions& sessions, Fanout& fanout, Threads& threads, Conversations& conversations)
      : context_(context), sessions_(sessions), fanout_(fanout), threads_(threads), conversations_(conversations) {}

  // The largest file that can be sent there now. Errors: those of Conversations::send.
  [[nodiscard]] Result<std::uint64_t> largest(const ThreadId& thread);
  // The message that an idempotency key stands for, sent or on its way.
  [[nodiscard]] Result<std::optional<MessageId>> find(const ThreadId& thread, const std::string& idempotency_key);
  [[nodiscard]] Result<MessageId> begin(NewAttachment attachment);
  // In the order in which they were begun.
  [[nodiscard]] Result<std::vector<Upload>> uploads(const std::string& bridge);
  [[nodiscard]] Result<> uploaded(const std::string& bridge, const std::string& staged, const std::string& location);
  // Never by this bridge.
  [[nodiscard]] Result<> refused(const std::string& bridge, const std::string& staged, const std::string& why);
  // Names of the staged files that are still needed.
  [[nodiscard]] Result<std::set<std::string>> staged();
  [[nodiscard]] Result<std::optional<MessageInfo>> pending(const MessageId& id);
  // A bridge was taken away: what waited for it goes without, or not at all.
  [[nodiscard]] Result<> review();
  // What has waited for 30 days is given up; what was given up then is forgotten after another 30.
  [[nodiscard]] Result<> expire();

 private:
  // Who is to fetch the files, and by which bridges that this device has too.
  struct Reach {
    std::map<std::string, BridgeRow> ours;       // every bridge that was up once, by name
    std::vector<std::set<std::string>> readers;  // names of bridges, for each device
    std::set<std::string> used;                  // all of those; where nobody can be reached yet, all of ours
    std::size_t envelope = 0;                    // the smallest of theirs
  };
  [[nodiscard]] Result<ThreadRow> writable(const ThreadId& id);
  [[nodiscard]] Result<Reach> reach(const ThreadRow& thread);
  [[nodiscard]] Result<> place(PendingFile& file, const Reach& reach, const crypto::SecretBytes& plain);
  static std::size_t inline_limit(const Reach& reach);
  static bool keeps(const BridgeRow& bridge, std::uint64_t sealed);
  static bool covered(const PendingFile& file, const Reach& reach);
  static bool hopeless(const PendingFile& file, const Reach& reach);
  [[nodiscard]] Result<std::vector<AttachmentRow>> all();
  [[nodiscard]] Result<std::optional<AttachmentRow>> by_staged(const std::string& staged);
  [[nodiscard]] Result<> go_on(AttachmentRow row);
  [[nodiscard]] Result<> send(AttachmentRow row);
  [[nodiscard]] Result<> give_up(AttachmentRow row, const std::string& why);

  Context& context_;
  Sessions& sessions_;
  Fanout& fanout_;
  Threads& threads_;
  Conversations& conversations_;
};

}  // namespace bud::core
