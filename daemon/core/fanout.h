// One content, sealed for each of many devices: sessions chosen or begun, gossip added, copies sealed as pure jobs, and
// everything that follows written down in the caller's transaction.
#pragma once

#include "core/ledgers.h"
#include "core/prekeys.h"
#include "core/sessions.h"

namespace bud::core {

// What is to be sealed, the same for every recipient.
struct Letter {
  Bytes content;  // encoded wire::Content
  ContentHash hash;
  wire::MessageClass message_class = wire::MessageClass::normal;
  std::uint32_t ttl = 0;
  std::vector<wire::MemberDigest> members;  // of a group's other members, as the sender knows them
  bool tracked = false;  // kept, with a delivery row for each device, until its receipt
};
[[nodiscard]] Letter make_letter(const wire::Content& content, bool tracked);
// A text out of the store, to be sealed again.
[[nodiscard]] Letter stored_letter(Bytes content, const ContentHash& hash);

// A content that stands in no conversation: receipts, errors, joining.
[[nodiscard]] wire::Content control_content(Context& context, wire::ContentKind kind, wire::ContentBody body);

struct Recipient {
  AccountId account;
  DeviceId device;
};

enum class SessionChoice : std::uint8_t {
  preferred,  // the one to send on, or a fresh one where there is none
  fresh,      // a fresh one, whatever there is
};

class Fanout {
 public:
  Fanout(Context& context, Ledgers& ledgers, Sessions& sessions, Prekeys& prekeys)
      : context_(context), ledgers_(ledgers), sessions_(sessions), prekeys_(prekeys) {}

  // Devices of an account that are sealed for, without this one.
  [[nodiscard]] Result<std::vector<Recipient>> devices(const AccountId& account);

  // Whom there is no session with, and no fresh record of, waits: a look-up is asked for. (Untracked letters do not wait:
  // they go where they can.) Who is not sealed for by the ledger is left out, whoever asks.
  [[nodiscard]] Result<> send(const Letter& letter, std::span<const Recipient> recipients,
                              SessionChoice choice = SessionChoice::preferred);

  // Is there all that sealing for this device takes? Where a record is missing, a look-up is asked for.
  [[nodiscard]] Result<bool> reachable(const Recipient& recipient, SessionChoice choice);

  // What that content is, cannot be sealed for this device now: it waits for a record, and a look-up is asked for.
  // A device of zeros: no device of the account is known yet, and it waits for all that the look-up finds.
  [[nodiscard]] Result<> wait(const ContentHash& content, const Recipient& recipient);

  // At all of the account's addresses.
  [[nodiscard]] Result<> ask_for_lookup(const AccountId& account);

  // Does the device perhaps not know this session any more? It shows by what it does not say.
  [[nodiscard]] Result<bool> may_be_lost(const Recipient& recipient, const Session& session);

  // A record, a session or the end of a look-up has come: what waited for this device goes. `stale`: with a record older
  // than a day, since no newer is to be had.
  [[nodiscard]] Result<> send_waiting(const AccountId& account, const DeviceId& device, bool stale);

  // Devices of the account are known now: what waited for any of them goes to them all.
  [[nodiscard]] Result<> send_to_found(const AccountId& account);

  // Over a given session to a device that the ledger does not show (yet), or whose ledger is not known: joining only.
  [[nodiscard]] Result<> send_outside_ledger(const Letter& letter, PeerRow& peer, Session session);

 private:
  struct Job;
  enum class Readiness : std::uint8_t { ready, needs_lookup, nobody };
  [[nodiscard]] Result<bool> allowed(const Recipient& recipient);
  [[nodiscard]] Result<Readiness> prepare(Job& job, SessionChoice choice, bool stale);
  [[nodiscard]] Result<> begin_session(Job& job, const crypto::DhPublic& identity);
  [[nodiscard]] Result<> write_plaintext(Job& job, const Letter& letter);
  [[nodiscard]] Result<> run(std::vector<Job>& jobs, const Letter& letter);
  [[nodiscard]] Result<> record(Job& job, const Letter& letter);
  [[nodiscard]] Result<std::vector<ContentHash>> waiting_for(const Recipient& recipient);
  // What waited, to be sealed; nullopt: it is not in the store any more.
  [[nodiscard]] Result<std::optional<Letter>> end_wait(const ContentHash& content, const Recipient& recipient);

  Context& context_;
  Ledgers& ledgers_;
  Sessions& sessions_;
  Prekeys& prekeys_;
};

}  // namespace bud::core
