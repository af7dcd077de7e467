#include "core/session/session.h"

namespace bud::core {
namespace {

constexpr std::uint8_t row_version = 2;  // 1: without `heard`

using wire::Reader;
using wire::Writer;

crypto::Secret<32> read_secret(Reader& r) {
  crypto::Secret<32> s;
  ByteView v = r.raw(32);
  std::copy(v.begin(), v.end(), s.expose_mutable().begin());
  return s;
}

void write(Writer& w, const wire::KemOffer& o) { w.fixed(o.id).fixed(o.key); }
void write(Writer& w, const wire::KemAnswer& a) { w.fixed(a.id).fixed(a.ciphertext); }
wire::KemOffer read_offer(Reader& r) { return {r.fixed<wire::KemId>(), r.fixed<crypto::KemPublic>()}; }
wire::KemAnswer read_answer(Reader& r) { return {r.fixed<wire::KemId>(), r.fixed<crypto::KemCiphertext>()}; }

void write(Writer& w, const SendingChain& c) {
  w.fixed(c.ratchet.public_key()).raw(c.ratchet.secret().expose()).raw(c.key.expose()).u32(c.next);
  w.u8(c.answer ? 1 : 0);
  if (c.answer) write(w, *c.answer);
  w.u8(c.offer ? 1 : 0);
  if (c.offer) write(w, *c.offer);
}

SendingChain read_sending(Reader& r) {
  crypto::DhPublic pub = r.fixed<crypto::DhPublic>();
  SendingChain c{crypto::DhKey(pub, read_secret(r)), {}, 0, {}, {}};
  c.key = read_secret(r);
  c.next = r.u32();
  if (r.flag()) c.answer = read_answer(r);
  if (r.flag()) c.offer = read_offer(r);
  return c;
}

void write_kem_state(Writer& w, const Session& s) {
  w.u8(static_cast<std::uint8_t>(s.offers.size()));
  for (const OwnOffer& o : s.offers) w.fixed(o.id).raw(o.seed.expose()).time(o.since);
  w.u8(s.peer_offer ? 1 : 0);
  if (s.peer_offer) write(w, *s.peer_offer);
  w.u32(s.since_offer).time(s.last_offer).u8(s.offer_wanted ? 1 : 0);
}

void read_kem_state(Reader& r, Session& s) {
  for (std::uint8_t n = r.u8(); n > 0 && !r.failed(); --n) {
    OwnOffer o;
    o.id = r.fixed<wire::KemId>();
    ByteView seed = r.raw(64);
    std::copy(seed.begin(), seed.end(), o.seed.expose_mutable().begin());
    o.since = r.time();
    s.offers.push_back(std::move(o));
  }
  if (r.flag()) s.peer_offer = read_offer(r);
  s.since_offer = r.u32();
  s.last_offer = r.time();
  s.offer_wanted = r.flag();
}

}  // namespace

bool preferred(const Session& a, const Session& b) {
  return a.number != b.number ? a.number > b.number : a.transcript < b.transcript;
}

crypto::SecretBytes encode(const Session& s) {
  Writer w;
  w.u8(row_version).fixed(s.id).fixed(s.transcript).u64(s.number).u8(s.initiator ? 1 : 0).time(s.created).time(s.heard);
  w.raw(s.root.expose());
  w.u8(s.sending ? 1 : 0);
  if (s.sending) write(w, *s.sending);
  w.u8(s.receiving ? 1 : 0);
  if (s.receiving) w.fixed(s.receiving->ratchet).raw(s.receiving->key.expose()).u32(s.receiving->next);
  w.u8(s.step_due ? 1 : 0).u32(s.previous_sent);
  w.u16(static_cast<std::uint16_t>(s.skipped.size()));
  for (const SkippedKey& k : s.skipped) w.fixed(k.ratchet).u32(k.number).raw(k.key.expose()).time(k.since);
  write_kem_state(w, s);
  w.u32(s.received_since_step);
  w.u8(s.handshake ? 1 : 0);
  if (s.handshake)
    w.u64(s.handshake->prekey).fixed(s.handshake->kem).fixed(s.handshake->admission).vector(s.handshake->sealed_identity);
  return crypto::SecretBytes::adopt(w.take());
}

Result<Session> decode_session(ByteView row) {
  Reader r(row);
  Session s;
  const std::uint8_t version = r.u8();
  if (version == 0 || version > row_version) r.fault();
  s.id = r.fixed<SessionId>();
  s.transcript = r.fixed<Transcript>();
  s.number = r.u64();
  s.initiator = r.flag();
  s.created = r.time();
  if (version > 1) s.heard = r.time();
  s.root = read_secret(r);
  if (r.flag()) s.sending = read_sending(r);
  if (r.flag()) {
    ReceivingChain c;
    c.ratchet = r.fixed<crypto::DhPublic>();
    c.key = read_secret(r);
    c.next = r.u32();
    s.receiving = std::move(c);
  }
  s.step_due = r.flag();
  s.previous_sent = r.u32();
  for (std::uint16_t n = r.u16(); n > 0 && !r.failed(); --n) {
    SkippedKey k;
    k.ratchet = r.fixed<crypto::DhPublic>();
    k.number = r.u32();
    k.key = read_secret(r);
    k.since = r.time();
    s.skipped.push_back(std::move(k));
  }
  read_kem_state(r, s);
  s.received_since_step = r.u32();
  if (r.flag()) {
    wire::HandshakeHeader h;
    h.prekey = r.u64();
    h.kem = r.fixed<crypto::KemCiphertext>();
    h.admission = r.fixed<wire::AdmissionTag>();
    ByteView sealed = r.vector(wire::sealed_identity_size);
    h.sealed_identity.assign(sealed.begin(), sealed.end());
    s.handshake = std::move(h);
  }
  if (!r.finish("session row")) return fail(Errc::damaged, "a session row that is not one");
  return s;
}

}  // namespace bud::core
