// The clear header of a sealed copy, and the copy around it: header ‖ nonce ‖ ciphertext. Every byte of the header is
// authenticated with the ciphertext.
#pragma once

#include "crypto/aead.h"
#include "crypto/dh.h"
#include "crypto/kem.h"
#include "wire/bounds.h"
#include "wire/codec.h"

namespace bud::wire {

enum class MessageClass : std::uint8_t { normal = 1, urgent = 2, silent = 3, ephemeral = 4, call = 5 };

using RecipientTag = Fixed<struct RecipientTagTag, 16>;
using KemId = Fixed<struct KemIdTag, 8>;
using AdmissionTag = Fixed<struct AdmissionTagTag, 16>;

// Carried by every copy of a session's initiator until the peer has answered. EK is the header's ratchet key.
struct HandshakeHeader {
  std::uint64_t prekey = 0;  // id of the bundle it is made for
  crypto::KemCiphertext kem;
  AdmissionTag admission;    // zero: a stranger's
  Bytes sealed_identity;     // 120 bytes
};
struct KemAnswer {
  KemId id;  // of the offered key
  crypto::KemCiphertext ciphertext;
};
struct KemOffer {
  KemId id;
  crypto::KemPublic key;
};

inline constexpr std::size_t sealed_identity_size = 32 + 32 + 32 + 8 + crypto::aead_overhead;

struct Header {
  MessageClass message_class = MessageClass::normal;
  std::uint32_t ttl = 0;  // seconds, 0: none. For servers; the daemon itself never drops by age
  RecipientTag recipient;
  SessionId session;
  crypto::DhPublic ratchet;
  std::uint32_t previous = 0;  // PN: length of the sender's previous chain
  std::uint32_t number = 0;    // N: in this chain
  std::optional<HandshakeHeader> handshake;
  std::optional<KemAnswer> answer;
  std::optional<KemOffer> offer;
};
[[nodiscard]] Bytes encode(const Header& header);

// Views into the copy's bytes, which outlive it.
struct CopyView {
  Header header;
  ByteView header_bytes;
  crypto::Nonce nonce;
  ByteView ciphertext;
};
[[nodiscard]] Result<CopyView> decode_copy(ByteView copy);

[[nodiscard]] RecipientTag recipient_tag(const DeviceId& device);
[[nodiscard]] EnvelopeHash envelope_hash(ByteView copy);
[[nodiscard]] KemId kem_id(const crypto::KemPublic& key);

}  // namespace bud::wire
