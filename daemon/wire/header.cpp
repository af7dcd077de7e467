#include "wire/header.h"

#include "wire/labels.h"

namespace bud::wire {
namespace {

enum Flags : std::uint8_t { has_handshake = 1, has_answer = 2, has_offer = 4 };

HandshakeHeader read_handshake(Reader& r) {
  HandshakeHeader h;
  h.prekey = r.u64();
  h.kem = r.fixed<crypto::KemCiphertext>();
  h.admission = r.fixed<AdmissionTag>();
  ByteView sealed = r.raw(sealed_identity_size);
  h.sealed_identity.assign(sealed.begin(), sealed.end());
  return h;
}

}  // namespace

Bytes encode(const Header& h) {
  Writer w;
  w.u8(protocol_version).u8(static_cast<std::uint8_t>(ObjectType::copy));
  w.u8(static_cast<std::uint8_t>(h.message_class)).u32(h.ttl).fixed(h.recipient).fixed(h.session).fixed(h.ratchet);
  w.u32(h.previous).u32(h.number);
  w.u8(static_cast<std::uint8_t>((h.handshake ? has_handshake : 0) | (h.answer ? has_answer : 0) | (h.offer ? has_offer : 0)));
  if (h.handshake)
    w.u64(h.handshake->prekey).fixed(h.handshake->kem).fixed(h.handshake->admission).raw(h.handshake->sealed_identity);
  if (h.answer) w.fixed(h.answer->id).fixed(h.answer->ciphertext);
  if (h.offer) w.fixed(h.offer->id).fixed(h.offer->key);
  return w.take();
}

Result<CopyView> decode_copy(ByteView copy) {
  if (copy.size() > max_copy) return fail(Errc::too_large, "a copy over the bound");
  Reader r(copy);
  CopyView v;
  Header& h = v.header;
  if (r.u8() != protocol_version || r.u8() != static_cast<std::uint8_t>(ObjectType::copy)) r.fault();
  const std::uint8_t cls = r.u8();
  if (cls < 1 || cls > 5) r.fault();
  h.message_class = static_cast<MessageClass>(cls);
  h.ttl = r.u32();
  h.recipient = r.fixed<RecipientTag>();
  h.session = r.fixed<SessionId>();
  h.ratchet = r.fixed<crypto::DhPublic>();
  h.previous = r.u32();
  h.number = r.u32();
  const std::uint8_t flags = r.u8();
  if (flags & ~(has_handshake | has_answer | has_offer)) r.fault();
  if (flags & has_handshake) h.handshake = read_handshake(r);
  if (flags & has_answer) h.answer = KemAnswer{r.fixed<KemId>(), r.fixed<crypto::KemCiphertext>()};
  if (flags & has_offer) h.offer = KemOffer{r.fixed<KemId>(), r.fixed<crypto::KemPublic>()};
  v.header_bytes = copy.first(copy.size() - r.remaining());
  v.nonce = r.fixed<crypto::Nonce>();
  v.ciphertext = r.raw(r.remaining());
  BUD_CHECK(r.finish("sealed copy"));
  if (v.ciphertext.size() < crypto::aead_overhead) return fail(Errc::malformed, "a sealed copy without content");
  return v;
}

RecipientTag recipient_tag(const DeviceId& device) { return crypto::hash<RecipientTag>(label::recipient_tag, device.view()); }
EnvelopeHash envelope_hash(ByteView copy) { return crypto::hash<EnvelopeHash>(label::envelope_hash, copy); }

KemId kem_id(const crypto::KemPublic& key) {
  auto full = crypto::hash<Fixed<struct KemIdFullTag, 32>>(label::kem_id, key.view());
  return *KemId::from(full.view().first(KemId::size));
}

}  // namespace bud::wire
