// What is said: composed, kept and sent to everybody it is for; taken in, judged by who may say it in that thread, and
// shown, set aside or refused.
#pragma once

#include "core/gaps.h"
#include "core/reading.h"

namespace bud::core {

// A content that has opened, of a device that its account lists now, or listed once.
struct Incoming {
  const wire::Content& content;
  const Bytes& encoded;
  ContentHash hash;
  AccountId account;
  DeviceId device;
};

class Conversations {
 public:
  Conversations(Context& context, Ledgers& ledgers, Rosters& rosters, Contacts& contacts, Fanout& fanout, Messages& messages,
                Threads& threads, Gaps& gaps, Reading& reading)
      : context_(context), ledgers_(ledgers), rosters_(rosters), contacts_(contacts), fanout_(fanout), messages_(messages),
        threads_(threads), gaps_(gaps), reading_(reading) {}

  // A content of that kind in the thread, to everybody in it and to the own other devices. Errc::not_found, Errc::not_allowed
  // (in words), Errc::malformed for options that make no sense.
  // `id`: drawn before; else one is drawn.
  [[nodiscard]] Result<MessageId> say(const ThreadId& thread, wire::ContentKind kind, wire::ContentBody body,
                                      const SendOptions& options, const std::string& fallback = {},
                                      const std::optional<MessageId>& id = {});
  // Errc::not_allowed: the group's roster does not allow it.
  [[nodiscard]] Result<> check_may_speak(const ThreadRow& thread, wire::ContentKind kind);
  [[nodiscard]] Result<MessageId> send(const ThreadId& thread, wire::Text text, const SendOptions& options);
  [[nodiscard]] Result<> edit(const MessageId& message, wire::Text text);
  [[nodiscard]] Result<> retract(const MessageId& message);
  [[nodiscard]] Result<> react(const MessageId& message, const std::string& emoji, bool set);
  [[nodiscard]] Result<MessageId> send_poll(const ThreadId& thread, wire::Poll poll, const SendOptions& options);
  [[nodiscard]] Result<> vote(const MessageId& message, std::vector<std::uint8_t> choices);
  [[nodiscard]] Result<MessageId> send_card(const ThreadId& thread, const AccountId& contact, const SendOptions& options);

  // What somebody's device has sent. Taken: what came of it.
  enum class Taken : std::uint8_t {
    refused,  // nothing is kept, and nobody is answered
    aside,    // kept, and not shown (yet): no receipt
    shown,    // here now, or before
  };
  [[nodiscard]] Result<Taken> receive(const Incoming& incoming);
  // Of a device that was removed from its account: kept aside, and shown once somebody who may speak names it.
  // True where that was so.
  [[nodiscard]] Result<bool> receive_from_removed(const Incoming& incoming);
  // The group's roster has moved: what was set aside may be shown now.
  [[nodiscard]] Result<> reconsider(const ThreadId& group);
  // Accounts or devices may have been put out of it: what they said last, and this device has shown, may have come to others
  // too late. If nobody else says soon that it was here in time, this device does.
  [[nodiscard]] Result<> doubt(const ThreadId& thread);
  [[nodiscard]] Result<> witness_due();
  // What nobody has vouched for within 30 days is forgotten.
  [[nodiscard]] Result<> forget_asides();
  // Contents of the sender's account that were missing here.
  [[nodiscard]] Result<> receive_history(const wire::History& history, const ThreadId& thread, const AccountId& from,
                                         const DeviceId& device);

 private:
  enum class Standing : std::uint8_t { not_now, may_speak };
  [[nodiscard]] Result<Standing> standing(const wire::Content& content);
  [[nodiscard]] Result<bool> has_doubtful_heads(const ThreadRow& thread);
  [[nodiscard]] Result<std::vector<wire::MemberDigest>> digests_of(const std::vector<AccountId>& members);
  [[nodiscard]] Result<bool> well_formed(const Incoming& incoming);
  [[nodiscard]] Result<> show(const Incoming& incoming);
  [[nodiscard]] Result<> set_aside(const Incoming& incoming);
  [[nodiscard]] Result<> vouch(const wire::Content& content);
  [[nodiscard]] Result<ThreadRow> thread_for(const wire::Content& content, const AccountId& from);
  [[nodiscard]] Result<std::pair<wire::Content, wire::Target>> own_target(const MessageId& id);
  [[nodiscard]] Result<> add_reply(wire::Content& content, const std::optional<MessageId>& to);
  [[nodiscard]] Result<> dispatch(const ThreadRow& thread, const wire::Content& content, Letter letter);

  Context& context_;
  Ledgers& ledgers_;
  Rosters& rosters_;
  Contacts& contacts_;
  Fanout& fanout_;
  Messages& messages_;
  Threads& threads_;
  Gaps& gaps_;
  Reading& reading_;
};

}  // namespace bud::core
