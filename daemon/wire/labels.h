// Every label of protocol version 1, in one place, so that a reader can see that no two are the same. PROTOCOL.md lists
// what is hashed, signed or derived under each.
#pragma once

#include "crypto/hash.h"

namespace bud::wire::label {

using crypto::Label;

// ledger
inline constexpr Label entry_hash{"budstikke/1/entry/hash"};
inline constexpr Label entry_sign{"budstikke/1/entry/sign"};
inline constexpr Label entry_cosign{"budstikke/1/entry/cosign"};
inline constexpr Label claim{"budstikke/1/claim/blind"};
inline constexpr Label ledger_digest{"budstikke/1/ledger/digest"};
// roster
inline constexpr Label roster_hash{"budstikke/1/roster/hash"};
inline constexpr Label roster_sign{"budstikke/1/roster/sign"};
inline constexpr Label roster_seat{"budstikke/1/roster/seat"};
inline constexpr Label roster_digest{"budstikke/1/roster/digest"};
// directory
inline constexpr Label record_sign{"budstikke/1/record/sign"};
inline constexpr Label join_sign{"budstikke/1/join-record/sign"};
// joining
inline constexpr Label join_commit{"budstikke/1/join/commit"};
inline constexpr Label join_first_code{"budstikke/1/join/first-code"};
inline constexpr Label join_second_code{"budstikke/1/join/second-code"};
// handshake and ratchet
inline constexpr Label handshake_t0{"budstikke/1/handshake/T0"};
inline constexpr Label handshake_t{"budstikke/1/handshake/T"};
inline constexpr Label handshake_identity{"budstikke/1/handshake/identity"};
inline constexpr Label handshake_root{"budstikke/1/handshake/root"};
inline constexpr Label admission{"budstikke/1/handshake/admission"};
inline constexpr Label ratchet_step{"budstikke/1/ratchet/step"};
inline constexpr Label ratchet_chain{"budstikke/1/ratchet/chain"};
inline constexpr Label kem_id{"budstikke/1/ratchet/kem-id"};
// copies and content
inline constexpr Label recipient_tag{"budstikke/1/copy/recipient"};
inline constexpr Label envelope_hash{"budstikke/1/copy/hash"};
inline constexpr Label content_hash{"budstikke/1/content/hash"};
inline constexpr Label thread_of_two{"budstikke/1/thread/two"};
inline constexpr Label register_row{"budstikke/1/register/row"};
inline constexpr Label register_alert{"budstikke/1/register/alert"};
// blobs
inline constexpr Label blob_hash{"budstikke/1/blob/hash"};
inline constexpr Label blob_chunk{"budstikke/1/blob/chunk"};
inline constexpr Label safety_number{"budstikke/1/account/safety-number"};

}  // namespace bud::wire::label
