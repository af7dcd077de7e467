// The Double Ratchet (Perrin, Marlinspike, 2016) with ML-KEM rekeying in the manner of PQ3 (Stebila, 2024; Basin et al.,
// 2024). PROTOCOL.md, "Ratchet". Pure functions of a Session: sealing and opening touch no store, clock or bus, so that
// they can run on any thread.
#pragma once

#include "core/session/session.h"

namespace bud::core {

struct RatchetBounds {
  std::uint32_t max_skipped = 2000;      // message keys kept (the newest), and chain steps one copy may ask for
  Duration skipped_life = days(30);
  std::uint32_t offer_after_copies = 50; // a fresh ML-KEM key is offered after so many copies …
  Duration offer_after = days(7);        // … or so long
  Duration offer_life = days(30);
};

struct SealRequest {
  wire::MessageClass message_class = wire::MessageClass::normal;
  std::uint32_t ttl = 0;
  wire::RecipientTag recipient;
  Time now;
};

// The sealed copy; the session is advanced and must be on disk before the copy leaves. Errc::internal where the session has
// no way to send (a responder's that has opened nothing), Errc::bad_key for a peer's bad key: the session is unchanged.
[[nodiscard]] Result<Bytes> seal(Session& session, const SealRequest& request, ByteView padded_plaintext, Random& random,
                                 const RatchetBounds& bounds = {});

// Will the next copy begin a chain that offers an ML-KEM key? What is handed over with an offer goes into its plaintext.
[[nodiscard]] bool offers_next(const Session& session, Time now, const RatchetBounds& bounds = {});

// The padded plaintext. On success the session is advanced; on Errc::cannot_open (the only error) nothing has changed.
[[nodiscard]] Result<crypto::SecretBytes> open(Session& session, const wire::CopyView& copy, Time now,
                                               const RatchetBounds& bounds = {});

}  // namespace bud::core
