#include "core/session/handshake.h"

#include "crypto/kdf.h"
#include "wire/labels.h"

namespace bud::core {
namespace {

namespace label = wire::label;
using crypto::DhPublic;
using crypto::Secret;

Transcript make_t0(const AccountId& account, const DeviceId& device, const DhPublic& identity,
                   const wire::PrekeyBundle& bundle, const DhPublic& ephemeral, const crypto::KemCiphertext& kem) {
  return crypto::Hasher(label::handshake_t0, 64)
      .add(account.view())
      .add(device.view())
      .add(identity.view())
      .add(wire::encode(bundle))
      .add(ephemeral.view())
      .add(kem.view())
      .finish_as<Transcript>();
}

struct Identity {
  AccountId account;
  DeviceId device;
  DhPublic key;
  std::uint64_t number = 0;
};

Bytes encode(const Identity& i) { return wire::Writer().fixed(i.account).fixed(i.device).fixed(i.key).u64(i.number).take(); }

Transcript make_t(const Transcript& t0, ByteView sealed_identity, const Identity& initiator) {
  return crypto::Hasher(label::handshake_t, 64).add(t0.view()).add(sealed_identity).add(encode(initiator)).finish_as<Transcript>();
}

// dh1 ‖ dh2 [‖ dh3] ‖ shared: what the two keys are derived from.
template <std::size_t N>
void concatenate(Secret<N>& out, std::initializer_list<const Secret<32>*> parts) {
  std::size_t at = 0;
  for (const Secret<32>* p : parts) {
    std::copy(p->expose().begin(), p->expose().end(), out.expose_mutable().begin() + static_cast<std::ptrdiff_t>(at));
    at += 32;
  }
}

struct SealKey {
  Secret<32> key;
  crypto::Nonce nonce;
};

SealKey identity_key(const Secret<32>& dh1, const Secret<32>& dh2, const Secret<32>& shared, const Transcript& t0) {
  Secret<96> input;
  concatenate(input, {&dh1, &dh2, &shared});
  Secret<56> out;
  crypto::hkdf(out, {}, input.expose(), label::handshake_identity, t0.view());
  // The key seals one message ever, so its nonce may follow from the same derivation.
  return {*Secret<32>::from(out.expose().first(32)), *crypto::Nonce::from(out.expose().subspan(32))};
}

struct RootKeys {
  Secret<32> root, chain;
};

RootKeys root_keys(const Secret<32>& dh1, const Secret<32>& dh2, const Secret<32>& dh3, const Secret<32>& shared,
                   const Transcript& t) {
  Secret<128> input;
  concatenate(input, {&dh1, &dh2, &dh3, &shared});
  Secret<64> out;
  crypto::hkdf(out, {}, input.expose(), label::handshake_root, t.view());
  return {*Secret<32>::from(out.expose().first(32)), *Secret<32>::from(out.expose().subspan(32))};
}

Session new_session(const Transcript& t0, const Transcript& t, std::uint64_t number, Time now) {
  Session s;
  s.id = *SessionId::from(t0.view().first(SessionId::size));
  s.transcript = t;
  s.number = number;
  s.created = now;
  s.last_offer = now;
  return s;
}

Result<Accepted> accept_checked(const OwnDevice& own, const Prekey& prekey, const wire::Header& header, Time now) {
  const DhPublic& ephemeral = header.ratchet;
  BUD_CHECK(crypto::check_dh_public(ephemeral));
  const Transcript t0 = handshake_t0(own, prekey.bundle, header);
  if (!equal(header.session.view(), t0.view().first(SessionId::size))) return fail(Errc::cannot_open, "does not open");

  BUD_TRY(Secret<32> dh1, own.identity.agree(ephemeral));
  BUD_TRY(Secret<32> dh2, prekey.dh.agree(ephemeral));
  BUD_TRY(Secret<32> shared, prekey.kem.decapsulate(header.handshake->kem));
  const SealKey seal = identity_key(dh1, dh2, shared, t0);
  BUD_TRY(crypto::SecretBytes plain, crypto::open(seal.key, seal.nonce, t0.view(), header.handshake->sealed_identity));

  wire::Reader r(plain.expose());
  Identity i{r.fixed<AccountId>(), r.fixed<DeviceId>(), r.fixed<DhPublic>(), r.u64()};
  BUD_CHECK(r.finish("sealed identity"));
  BUD_CHECK(crypto::check_signing_public(i.device));
  BUD_CHECK(crypto::check_dh_public(i.key));
  BUD_TRY(Secret<32> dh3, prekey.dh.agree(i.key));

  const Transcript t = make_t(t0, header.handshake->sealed_identity, i);
  RootKeys keys = root_keys(dh1, dh2, dh3, shared, t);
  Accepted a{new_session(t0, t, i.number, now), i.account, i.device, i.key};
  a.session.root = std::move(keys.root);
  a.session.receiving = ReceivingChain{ephemeral, std::move(keys.chain), 0};
  a.session.step_due = true;
  return a;
}

}  // namespace

Prekey Prekey::generate(Time now, Random& random) {
  wire::PrekeyBundle bundle;
  std::uint8_t id[8];
  random.fill(id);
  for (std::uint8_t b : id) bundle.id = bundle.id << 8 | b;
  bundle.time = now;
  Prekey p{bundle, crypto::DhKey::generate(random), crypto::KemKey::generate(random)};
  p.bundle.dh = p.dh.public_key();
  p.bundle.kem = p.kem.public_key();
  return p;
}

Transcript handshake_t0(const OwnDevice& own, const wire::PrekeyBundle& bundle, const wire::Header& header) {
  return make_t0(own.account, own.device, own.identity.public_key(), bundle, header.ratchet, header.handshake->kem);
}

wire::AdmissionTag admission_tag(const AdmissionKey& key, const Transcript& t0) {
  return crypto::Hasher(label::admission, key.expose(), wire::AdmissionTag::size).add(t0.view()).finish_as<wire::AdmissionTag>();
}

Result<Session> initiate(const OwnDevice& own, const PeerDevice& peer, std::uint64_t number, const AdmissionKey* admission,
                         Time now, Random& random) {
  BUD_CHECK(crypto::check_dh_public(peer.identity));
  BUD_CHECK(wire::check_keys(peer.bundle));
  crypto::DhKey ephemeral = crypto::DhKey::generate(random);
  BUD_TRY(Secret<32> dh1, ephemeral.agree(peer.identity));
  BUD_TRY(Secret<32> dh2, ephemeral.agree(peer.bundle.dh));
  BUD_TRY(Secret<32> dh3, own.identity.agree(peer.bundle.dh));
  BUD_TRY(crypto::Encapsulation kem, crypto::encapsulate(peer.bundle.kem, random));

  const Transcript t0 =
      make_t0(peer.account, peer.device, peer.identity, peer.bundle, ephemeral.public_key(), kem.ciphertext);
  const Identity identity{own.account, own.device, own.identity.public_key(), number};
  const SealKey seal = identity_key(dh1, dh2, kem.shared, t0);
  wire::HandshakeHeader header;
  header.prekey = peer.bundle.id;
  header.kem = kem.ciphertext;
  if (admission != nullptr) header.admission = admission_tag(*admission, t0);
  header.sealed_identity = crypto::seal(seal.key, seal.nonce, t0.view(), encode(identity));

  const Transcript t = make_t(t0, header.sealed_identity, identity);
  RootKeys keys = root_keys(dh1, dh2, dh3, kem.shared, t);
  Session s = new_session(t0, t, number, now);
  s.initiator = true;
  s.root = std::move(keys.root);
  // EK is the first ratchet key too: a first contact costs no second one.
  s.sending = SendingChain{std::move(ephemeral), std::move(keys.chain), 0, {}, {}};
  s.handshake = std::move(header);
  return s;
}

Result<Accepted> accept(const OwnDevice& own, const Prekey& prekey, const wire::Header& header, Time now) {
  if (!header.handshake || header.handshake->prekey != prekey.bundle.id) return fail(Errc::cannot_open, "does not open");
  Result<Accepted> a = accept_checked(own, prekey, header, now);
  if (!a) return fail(Errc::cannot_open, "does not open");
  return a;
}

}  // namespace bud::core
