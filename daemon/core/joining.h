// A device comes into an account: the new device's side and the sponsor's. PROTOCOL.md, "Joining". Commit, reveal, and two
// short codes that people carry between the two screens, so that no directory can stand in between.
#pragma once

#include "core/directory.h"
#include "core/receipts.h"
#include "core/registers.h"

namespace bud::core {

class Joining {
 public:
  Joining(Context& context, Alerts& alerts, Ledgers& ledgers, Sessions& sessions, Prekeys& prekeys, Fanout& fanout,
          Directory& directory, Registers& registers)
      : context_(context), alerts_(alerts), ledgers_(ledgers), sessions_(sessions), prekeys_(prekeys), fanout_(fanout),
        directory_(directory), registers_(registers) {}

  // --- the new device ---
  [[nodiscard]] Result<> begin(const std::string& address);
  [[nodiscard]] Result<> cancel();
  [[nodiscard]] Result<JoinStatus> status();
  [[nodiscard]] Result<> confirm(const std::string& second_code);

  // --- the sponsor ---
  [[nodiscard]] Result<> open_window(Duration length);
  [[nodiscard]] Result<> close_window();
  [[nodiscard]] Result<std::vector<JoinRequest>> requests();
  [[nodiscard]] Result<std::string> approve(std::uint64_t request, const std::string& first_code);
  [[nodiscard]] Result<> reject(std::uint64_t request);
  // Join records that a directory serves at one of the own addresses: nobody is asked unless a window is open.
  [[nodiscard]] Result<> seen(const std::string& address, std::span<const wire::JoinRecord> records);
  [[nodiscard]] Result<> close_when_due();
  [[nodiscard]] Result<std::optional<Time>> next_due();

  // A content of joining that has opened, from a device that no ledger shows. False where nothing of the kind is expected
  // from it: the caller then treats it as a stranger's.
  [[nodiscard]] Result<bool> receive(const wire::Content& content, const wire::Gossip& gossip, const OwnerRow& from);

 private:
  [[nodiscard]] Result<std::optional<JoinRequestRow>> request_of(const DeviceId& device);
  [[nodiscard]] Result<> start_request(const wire::JoinRecord& record);
  [[nodiscard]] Result<> drop(const JoinRequestRow& request);
  [[nodiscard]] Result<bool> offered(const wire::JoinOffer& offer, const wire::Gossip& gossip, const OwnerRow& from);
  [[nodiscard]] Result<bool> revealed(const wire::JoinReveal& reveal, JoinRequestRow request);
  [[nodiscard]] Result<bool> cosigned(const wire::JoinCosignature& cosignature, JoinRequestRow request);
  [[nodiscard]] Result<bool> welcomed(const wire::JoinWelcome& welcome, const OwnerRow& from);
  [[nodiscard]] Result<> send_to_sponsor(const JoinOfferRow& offer, wire::ContentKind kind, wire::ContentBody body);
  [[nodiscard]] Result<> welcome(const DeviceId& device);

  Context& context_;
  Alerts& alerts_;
  Ledgers& ledgers_;
  Sessions& sessions_;
  Prekeys& prekeys_;
  Fanout& fanout_;
  Directory& directory_;
  Registers& registers_;
};

// What both ends hash into the two codes.
struct JoinTranscript {
  wire::JoinOffer offer;
  DeviceId sponsor;
  DeviceId joiner;
  crypto::DhPublic joiner_identity;
  wire::JoinNonce joiner_nonce;
};
[[nodiscard]] std::string join_code(const JoinTranscript& transcript, bool second);
// The add entry that a sponsor signs, but for time and co-signature.
[[nodiscard]] wire::EntryBody join_entry(const wire::JoinOffer& offer, const DeviceId& sponsor, const DeviceId& joiner,
                                         const crypto::DhPublic& identity);

}  // namespace bud::core
