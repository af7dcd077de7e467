// The state of one session between two devices: a value. Handshakes make it (handshake.h), sealing and opening advance it
// (ratchet.h), and a row of the store holds it (encode/decode below; the row is sealed by the store).
#pragma once

#include "wire/header.h"
#include "wire/record.h"

namespace bud::core {

using Transcript = Fixed<struct TranscriptTag, 64>;  // T, of PROTOCOL.md "Handshake"

struct SkippedKey {
  crypto::DhPublic ratchet;
  std::uint32_t number = 0;
  crypto::Secret<32> key;
  Time since;
};

// An ML-KEM key that this end offered and the peer has not answered yet.
struct OwnOffer {
  wire::KemId id;
  crypto::Secret<64> seed;
  Time since;
};

struct SendingChain {
  crypto::DhKey ratchet;
  crypto::Secret<32> key;
  std::uint32_t next = 0;
  // What every copy of this chain repeats, since any may arrive first.
  std::optional<wire::KemAnswer> answer;
  std::optional<wire::KemOffer> offer;
};

struct ReceivingChain {
  crypto::DhPublic ratchet;
  crypto::Secret<32> key;
  std::uint32_t next = 0;
};

struct Session {
  SessionId id;
  Transcript transcript;
  std::uint64_t number = 0;  // the initiator's, rising for a pair of devices
  bool initiator = false;
  Time created;
  Time heard;  // when the peer last went on in it; a copy that was late says nothing about what the peer has

  crypto::Secret<32> root;
  std::optional<SendingChain> sending;
  std::optional<ReceivingChain> receiving;
  bool step_due = false;            // the peer's ratchet key is newer than ours
  std::uint32_t previous_sent = 0;  // PN of the next copies
  std::vector<SkippedKey> skipped;

  std::vector<OwnOffer> offers;              // at most two
  std::optional<wire::KemOffer> peer_offer;  // to be answered by our next chain
  std::uint32_t since_offer = 0;             // copies sent and opened since our last offer
  Time last_offer;
  bool offer_wanted = false;                 // a ledger changed: offer with the next chain

  std::uint32_t received_since_step = 0;  // for ends that only receive
  // Initiator, until the peer's first copy has opened: repeated by every copy.
  std::optional<wire::HandshakeHeader> handshake;

  bool answered() const { return !handshake.has_value(); }
};

// Of two sessions with one device, is `a` the one to send on? The higher number; of equal ones the smaller transcript.
[[nodiscard]] bool preferred(const Session& a, const Session& b);

[[nodiscard]] crypto::SecretBytes encode(const Session& session);
[[nodiscard]] Result<Session> decode_session(ByteView row);

}  // namespace bud::core
