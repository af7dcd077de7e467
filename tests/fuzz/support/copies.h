// What holds of any copy on its way, before anybody can open it.
#pragma once

#include "fuzz/support/harness.h"
#include "support/session_pair.h"

namespace bud::fuzz {

// The header as it was read, or nothing: then it was said why.
inline std::optional<wire::CopyView> check_copy(ByteView bytes) {
  const Result<wire::CopyView> copy = wire::decode_copy(bytes);
  if (!copy) {
    BUD_HOLDS(copy.error().code == (bytes.size() > wire::max_copy ? Errc::too_large : Errc::malformed));
    return std::nullopt;
  }
  BUD_HOLDS(bytes.size() <= wire::max_copy);
  BUD_HOLDS(equal(wire::encode(copy->header), copy->header_bytes));
  BUD_HOLDS(copy->header_bytes.data() == bytes.data());
  BUD_HOLDS(copy->header_bytes.size() + crypto::Nonce::size + copy->ciphertext.size() == bytes.size());
  BUD_HOLDS(copy->ciphertext.size() >= crypto::aead_overhead);
  if (copy->header.handshake) BUD_HOLDS(copy->header.handshake->sealed_identity.size() == wire::sealed_identity_size);
  return *copy;
}

// The plaintext, or nothing; in that case the session is as it was.
inline std::optional<Bytes> check_open(core::Session& session, const wire::CopyView& copy, Time now,
                                       const core::RatchetBounds& bounds = {}) {
  const Bytes before = test::row(session);
  const Result<crypto::SecretBytes> plain = core::open(session, copy, now, bounds);
  session = test::stored(session);
  if (!plain) {
    BUD_HOLDS(plain.error().code == Errc::cannot_open);
    BUD_HOLDS(test::row(session) == before);
    return std::nullopt;
  }
  BUD_HOLDS(plain->size() + crypto::aead_overhead == copy.ciphertext.size());
  BUD_HOLDS(session.skipped.size() <= bounds.max_skipped && session.offers.size() <= 2);
  return Bytes(plain->expose().begin(), plain->expose().end());
}

}  // namespace bud::fuzz
