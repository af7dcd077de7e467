#include "core/session/ratchet.h"

#include "crypto/kdf.h"
#include "wire/labels.h"

namespace bud::core {
namespace {

namespace label = wire::label;
using crypto::DhPublic;
using crypto::Secret;

struct ChainKeys {
  Secret<32> next, message;
};

// One keyed BLAKE2b-512 gives the chain's next key and this copy's.
ChainKeys step_chain(const Secret<32>& chain) {
  Secret<64> out;
  crypto::Hasher(label::ratchet_chain, chain.expose(), 64).finish(out.expose_mutable());
  return {*Secret<32>::from(out.expose().first(32)), *Secret<32>::from(out.expose().subspan(32))};
}

struct RootKeys {
  Secret<32> root, chain;
};

RootKeys step_root(const Secret<32>& root, const Secret<32>& dh, const Secret<32>* kem, const Transcript& t) {
  Secret<64> input;
  std::copy(dh.expose().begin(), dh.expose().end(), input.expose_mutable().begin());
  if (kem != nullptr) std::copy(kem->expose().begin(), kem->expose().end(), input.expose_mutable().begin() + 32);
  Secret<64> out;
  crypto::hkdf(out, root.expose(), input.expose().first(kem != nullptr ? 64 : 32), label::ratchet_step, t.view());
  return {*Secret<32>::from(out.expose().first(32)), *Secret<32>::from(out.expose().subspan(32))};
}

// Both ends' ids, devices, identity keys and the suite are in T: binding T binds them all.
Bytes associated_data(ByteView header, const Transcript& t) {
  Bytes ad;
  ad.reserve(header.size() + Transcript::size);
  append(ad, header);
  append(ad, t.view());
  return ad;
}

bool expired(const OwnOffer& o, Time now, const RatchetBounds& b) { return elapsed(o.since, now) >= b.offer_life; }

bool offer_due(const Session& s, Time now, const RatchetBounds& b) {
  const bool waits = std::any_of(s.offers.begin(), s.offers.end(), [&](const OwnOffer& o) { return !expired(o, now, b); });
  if (waits || s.handshake) return false;
  return s.offer_wanted || s.since_offer >= b.offer_after_copies || elapsed(s.last_offer, now) >= b.offer_after;
}

// A new sending chain: a fresh ratchet key, the answer to the peer's KEM offer, perhaps an offer of our own.
Result<> start_chain(Session& s, Time now, Random& random, const RatchetBounds& bounds) {
  crypto::DhKey ratchet = crypto::DhKey::generate(random);
  BUD_TRY(Secret<32> dh, ratchet.agree(s.receiving->ratchet));
  std::optional<wire::KemAnswer> answer;
  std::optional<Secret<32>> kem;
  if (s.peer_offer) {
    BUD_TRY(crypto::Encapsulation e, crypto::encapsulate(s.peer_offer->key, random));
    answer = wire::KemAnswer{s.peer_offer->id, e.ciphertext};
    kem = std::move(e.shared);
  }
  RootKeys keys = step_root(s.root, dh, kem ? &*kem : nullptr, s.transcript);
  std::erase_if(s.offers, [&](const OwnOffer& o) { return expired(o, now, bounds); });
  std::optional<wire::KemOffer> offer;
  if (offer_due(s, now, bounds)) {
    crypto::KemKey fresh = crypto::KemKey::generate(random);
    offer = wire::KemOffer{wire::kem_id(fresh.public_key()), fresh.public_key()};
    s.offers.push_back({offer->id, fresh.seed().clone(), now});
    s.since_offer = 0;
    s.last_offer = now;
    s.offer_wanted = false;
  }
  s.previous_sent = s.sending ? s.sending->next : 0;
  s.root = std::move(keys.root);
  s.sending = SendingChain{std::move(ratchet), std::move(keys.chain), 0, std::move(answer), std::move(offer)};
  s.peer_offer.reset();
  s.step_due = false;
  s.received_since_step = 0;
  return {};
}

tl::unexpected<Error> cannot_open() { return fail(Errc::cannot_open, "does not open"); }

Result<crypto::SecretBytes> open_with(const Secret<32>& key, const wire::CopyView& copy, const Transcript& t) {
  return crypto::open(key, copy.nonce, associated_data(copy.header_bytes, t), copy.ciphertext);
}

// Steps a chain from `from` up to (not including) `to`, collecting the keys stepped over.
Secret<32> skip(Secret<32> chain, const DhPublic& ratchet, std::uint32_t from, std::uint32_t to, Time now,
                std::vector<SkippedKey>& skipped) {
  for (std::uint32_t n = from; n < to; ++n) {
    ChainKeys keys = step_chain(chain);
    skipped.push_back({ratchet, n, std::move(keys.message), now});
    chain = std::move(keys.next);
  }
  return chain;
}

// What opening a copy changes, worked out beside the session and applied only when the copy has opened.
struct Advance {
  ReceivingChain chain;
  std::vector<SkippedKey> skipped;
  std::optional<Secret<32>> root;  // where the copy begins a chain
  std::optional<wire::KemId> answered;
};

Result<Advance> advance_current(const Session& s, const wire::Header& h, Time now, const RatchetBounds& bounds) {
  const ReceivingChain& c = *s.receiving;
  if (h.number < c.next || h.number - c.next > bounds.max_skipped) return cannot_open();
  Advance a{{c.ratchet, {}, h.number}, {}, {}, {}};
  a.chain.key = skip(c.key.clone(), c.ratchet, c.next, h.number, now, a.skipped);
  return a;
}

Result<Advance> advance_new_chain(const Session& s, const wire::Header& h, Time now, const RatchetBounds& bounds) {
  // The peer begins a chain only in answer to one of ours.
  if (!s.sending || s.step_due) return cannot_open();
  BUD_CHECK(crypto::check_dh_public(h.ratchet));
  const std::uint64_t left = s.receiving && h.previous > s.receiving->next ? h.previous - s.receiving->next : 0;
  if (left + h.number > bounds.max_skipped) return cannot_open();
  Advance a{{h.ratchet, {}, h.number}, {}, {}, {}};
  if (left > 0) (void)skip(s.receiving->key.clone(), s.receiving->ratchet, s.receiving->next, h.previous, now, a.skipped);

  BUD_TRY(Secret<32> dh, s.sending->ratchet.agree(h.ratchet));
  std::optional<Secret<32>> kem;
  if (h.answer) {
    auto own = std::find_if(s.offers.begin(), s.offers.end(), [&](const OwnOffer& o) { return o.id == h.answer->id; });
    if (own == s.offers.end()) return cannot_open();
    BUD_TRY(kem, crypto::KemKey::from_seed(own->seed.clone()).decapsulate(h.answer->ciphertext));
    a.answered = h.answer->id;
  }
  RootKeys keys = step_root(s.root, dh, kem ? &*kem : nullptr, s.transcript);
  a.root = std::move(keys.root);
  a.chain.key = skip(std::move(keys.chain), h.ratchet, 0, h.number, now, a.skipped);
  return a;
}

// The oldest give way: copies that never come must not, in the end, stop those that do.
void drop_old_keys(Session& s, Time now, const RatchetBounds& bounds) {
  std::erase_if(s.skipped, [&](const SkippedKey& k) { return elapsed(k.since, now) >= bounds.skipped_life; });
  if (s.skipped.size() <= bounds.max_skipped) return;
  s.skipped.erase(s.skipped.begin(), s.skipped.end() - static_cast<std::ptrdiff_t>(bounds.max_skipped));
}

void apply(Session& s, Advance a, Secret<32> next_key, const wire::Header& h, Time now, const RatchetBounds& bounds) {
  s.receiving = ReceivingChain{a.chain.ratchet, std::move(next_key), a.chain.next + 1};
  for (SkippedKey& k : a.skipped) s.skipped.push_back(std::move(k));
  drop_old_keys(s, now, bounds);
  if (!a.root) return;
  s.root = std::move(*a.root);
  s.step_due = true;
  s.handshake.reset();  // the peer has answered
  if (a.answered) std::erase_if(s.offers, [&](const OwnOffer& o) { return o.id == *a.answered; });
  // An offer that cannot be answered is left alone: sealing goes on without it.
  if (h.offer && wire::kem_id(h.offer->key) == h.offer->id && crypto::check_kem_public(h.offer->key)) s.peer_offer = h.offer;
}

std::optional<Result<crypto::SecretBytes>> try_skipped(Session& s, const wire::CopyView& copy, Time now,
                                                       const RatchetBounds& bounds) {
  auto k = std::find_if(s.skipped.begin(), s.skipped.end(), [&](const SkippedKey& x) {
    return x.ratchet == copy.header.ratchet && x.number == copy.header.number;
  });
  if (k == s.skipped.end()) return std::nullopt;
  if (elapsed(k->since, now) >= bounds.skipped_life) return cannot_open();
  Result<crypto::SecretBytes> plain = open_with(k->key, copy, s.transcript);
  if (plain) s.skipped.erase(k);
  return plain;
}

}  // namespace

bool offers_next(const Session& s, Time now, const RatchetBounds& bounds) {
  return (s.step_due || !s.sending) && offer_due(s, now, bounds);
}

Result<Bytes> seal(Session& s, const SealRequest& request, ByteView padded, Random& random, const RatchetBounds& bounds) {
  if (s.step_due || !s.sending) {
    if (!s.receiving) return fail(Errc::internal, "a session without a chain");
    BUD_CHECK(start_chain(s, request.now, random, bounds));
  }
  wire::Header h;
  h.message_class = request.message_class;
  h.ttl = request.ttl;
  h.recipient = request.recipient;
  h.session = s.id;
  h.ratchet = s.sending->ratchet.public_key();
  h.previous = s.previous_sent;
  h.number = s.sending->next;
  h.handshake = s.handshake;
  h.answer = s.sending->answer;
  h.offer = s.sending->offer;
  const Bytes header = wire::encode(h);

  ChainKeys keys = step_chain(s.sending->key);
  crypto::Nonce nonce;
  random.fill(nonce.bytes);
  Bytes copy;
  copy.reserve(header.size() + nonce.size + padded.size() + crypto::aead_overhead);
  append(copy, header);
  append(copy, nonce.view());
  copy.resize(copy.size() + padded.size() + crypto::aead_overhead);
  crypto::seal_into(ByteSpan(copy).subspan(header.size() + nonce.size), keys.message, nonce,
                    associated_data(header, s.transcript), padded);
  s.sending->key = std::move(keys.next);
  ++s.sending->next;
  ++s.since_offer;
  return copy;
}

Result<crypto::SecretBytes> open(Session& s, const wire::CopyView& copy, Time now, const RatchetBounds& bounds) {
  if (copy.header.session != s.id) return cannot_open();
  if (auto skipped = try_skipped(s, copy, now, bounds)) {
    if (!*skipped) return cannot_open();
    return std::move(*skipped);
  }
  const bool current = s.receiving && s.receiving->ratchet == copy.header.ratchet;
  Result<Advance> a = current ? advance_current(s, copy.header, now, bounds) : advance_new_chain(s, copy.header, now, bounds);
  if (!a) return cannot_open();
  ChainKeys keys = step_chain(a->chain.key);
  Result<crypto::SecretBytes> plain = open_with(keys.message, copy, s.transcript);
  if (!plain) return cannot_open();
  apply(s, std::move(*a), std::move(keys.next), copy.header, now, bounds);
  s.heard = now;
  ++s.since_offer;
  ++s.received_since_step;
  return plain;
}

}  // namespace bud::core
