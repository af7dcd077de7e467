// The hybrid handshake: PQXDH (Kret, Schmidt, "The PQXDH Key Agreement Protocol", 2023) without one-time keys, with the
// initiator's identity sealed. PROTOCOL.md, "Handshake". Pure: nothing is stored here; what accept() returns may be stored
// only once the first copy has opened under it.
#pragma once

#include "core/session/session.h"

namespace bud::core {

// A device's prekey with its private halves.
struct Prekey {
  wire::PrekeyBundle bundle;
  crypto::DhKey dh;
  crypto::KemKey kem;
  static Prekey generate(Time now, Random& random);
};

// This device, for the length of a call.
struct OwnDevice {
  AccountId account;  // zero while it is not in one yet (joining)
  DeviceId device;
  const crypto::DhKey& identity;
};

// Whom to begin a session with. Account zero: a device that asks to join, known by its key alone.
struct PeerDevice {
  AccountId account;
  DeviceId device;
  crypto::DhPublic identity;
  wire::PrekeyBundle bundle;
};

// What a contact gave in-session, or an invite: who holds it is let in before strangers.
using AdmissionKey = crypto::Secret<32>;

// `number` is above every one known for this pair. Errc::bad_key for a bundle with a bad key.
[[nodiscard]] Result<Session> initiate(const OwnDevice& own, const PeerDevice& peer, std::uint64_t number,
                                       const AdmissionKey* admission, Time now, Random& random);

struct Accepted {
  Session session;
  AccountId account;
  DeviceId device;
  crypto::DhPublic identity;  // as claimed: to be held against the ledger's entry for `device`
};
// Errc::cannot_open, whatever was wrong.
[[nodiscard]] Result<Accepted> accept(const OwnDevice& own, const Prekey& prekey, const wire::Header& header, Time now);

// Does the handshake carry a tag made with `key`? It is for whoever holds T0, that is, after accept().
[[nodiscard]] wire::AdmissionTag admission_tag(const AdmissionKey& key, const Transcript& t0);
// T0 as a receiver computes it from the header, before anything is opened.
[[nodiscard]] Transcript handshake_t0(const OwnDevice& own, const wire::PrekeyBundle& bundle, const wire::Header& header);

}  // namespace bud::core
