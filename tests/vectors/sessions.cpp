// Vectors of what is derived: handshake, ratchet, whole copies, joining. Everything between input and output is worked
// out here from the primitives, and held against what the implementation came to.
#include "core/joining.h"
#include "crypto/kdf.h"
#include "fields.h"
#include "generate.h"
#include "support/hostile_keys.h"
#include "support/session_pair.h"

namespace bud::vectors {

using namespace core;
namespace label = wire::label;
using crypto::Secret;
using test::noon;

namespace {

Json file(const char* about) {
  return Json::object().set("about", Json::text(about));
}
Json refused(const std::string& what, ByteView bytes) {
  return Json::object()
      .set("what", Json::text(what))
      .set("reason", Json::text("cannot_open"))
      .set("bytes", Json::hex(bytes));
}

Bytes joined(std::initializer_list<ByteView> parts) {
  Bytes out;
  for (ByteView p : parts) append(out, p);
  return out;
}
// What was drawn from a generator, so that whoever checks can make the same keys and ciphertexts.
class Recorded final : public Random {
 public:
  explicit Recorded(Random& source) : source_(source) {}
  void fill(ByteSpan out) override {
    source_.fill(out);
    draws.emplace_back(out.begin(), out.end());
  }
  std::vector<Bytes> draws;

 private:
  Random& source_;
};

Bytes part(ByteView v, std::size_t from, std::size_t n) {
  return Bytes(v.begin() + static_cast<std::ptrdiff_t>(from), v.begin() + static_cast<std::ptrdiff_t>(from + n));
}
Bytes kdf(std::size_t size, ByteView salt, ByteView input, crypto::Label l, ByteView context) {
  Bytes out(size);
  crypto::hkdf_into(out, salt, input, l, context);
  return out;
}

Json device_json(const test::PairDevice& d) {
  return Json::object()
      .set("account", Json::hex(d.account))
      .set("device_seed", Json::hex(d.signing.seed().expose()))
      .set("device", Json::hex(d.signing.id()))
      .set("identity_private", Json::hex(d.identity.secret().expose()))
      .set("identity", Json::hex(d.identity.public_key()))
      .set("prekey_private", Json::hex(d.prekey.dh.secret().expose()))
      .set("kem_seed", Json::hex(d.prekey.kem.seed().expose()))
      .set("bundle", fields(d.prekey.bundle))
      .set("bundle_bytes", Json::hex(wire::encode(d.prekey.bundle)));
}

crypto::SecretBytes plaintext(const wire::Gossip& gossip, const wire::Content& content) {
  wire::Plaintext p;
  p.gossip = gossip;
  p.content = wire::encode(content);
  p.hash = wire::content_hash(p.content);
  return wire::encode_padded(p);
}

wire::Content say(const test::PairDevice& from, const test::PairDevice& to, const std::string& text,
                  std::uint64_t lamport) {
  wire::Content c;
  c.kind = wire::ContentKind::text;
  c.id = crypto::hash<MessageId>({"budstikke/1/test/id"}, as_bytes(text));
  c.author = from.account;
  c.to = {to.account};
  c.thread = wire::thread_of_two(from.account, to.account);
  c.time = noon;
  c.lamport = lamport;
  c.body = wire::Text{text, {}};
  return c;
}

wire::Gossip gossip(std::uint64_t counter) {
  wire::Gossip g;
  g.counter = counter;
  return g;
}

// One end of a session, its state before what is being shown, and what its peer knows.
struct End {
  const test::PairDevice* device;
  Session session;
  std::uint64_t sent = 0;
};

Bytes seal_to(End& from, const End& to, ByteView padded, Random& random) {
  const SealRequest request{wire::MessageClass::normal, 0, wire::recipient_tag(to.device->signing.id()), noon};
  return std::move(*core::seal(from.session, request, padded, random));
}

Json open_json(ByteView padded) {
  const wire::Plaintext p = *wire::decode_padded(padded);
  return Json::object()
      .set("padded", Json::hex(padded))
      .set("gossip", fields(p.gossip))
      .set("hash", Json::hex(p.hash))
      .set("content", fields(*wire::decode_content(p.content)))
      .set("content_bytes", Json::hex(p.content));
}

// How a chain begins: what goes into its root step, and what comes out.
Json root_step_json(const Session& before, const Session& after, const Session& peer, const Recorded& drawn,
                    Bytes& chain) {
  const Secret<32> dh = *after.sending->ratchet.agree(before.receiving->ratchet);
  Bytes input(dh.expose().begin(), dh.expose().end());
  Json j = Json::object()
               .set("ratchet_private", Json::hex(after.sending->ratchet.secret().expose()))
               .set("peer_ratchet", Json::hex(before.receiving->ratchet))
               .set("dh", Json::hex(dh.expose()));
  if (after.sending->answer) {
    const auto offer = std::find_if(peer.offers.begin(), peer.offers.end(),
                                    [&](const OwnOffer& o) { return o.id == after.sending->answer->id; });
    const Secret<32> kem =
        *crypto::KemKey::from_seed(offer->seed.clone()).decapsulate(after.sending->answer->ciphertext);
    append(input, kem.expose());
    j.set("answered_seed", Json::hex(offer->seed.expose())).set("encapsulation", Json::hex(drawn.draws[1]));
    j.set("kem_secret", Json::hex(kem.expose()));
  }
  const Bytes out = kdf(64, before.root.expose(), input, label::ratchet_step, before.transcript.view());
  chain = part(out, 32, 32);
  require(equal(after.root.expose(), ByteView(out).first(32)), "a root that does not follow");
  j.set("input", Json::hex(input))
      .set("root_before", Json::hex(before.root.expose()))
      .set("root", Json::hex(after.root.expose()));
  j.set("chain", Json::hex(chain));
  if (after.sending->offer) j.set("offered_seed", Json::hex(after.offers.back().seed.expose()));
  return j;
}

// Seals, and shows how: the chain's beginning where it has one, the chain step, AD, and the copy.
Json seal_json(End& from, const End& to, ByteView padded, Random& random, Bytes& copy) {
  const Session before = test::stored(from.session);
  Recorded drawn(random);
  copy = seal_to(from, to, padded, drawn);
  const wire::CopyView v = *wire::decode_copy(copy);
  Json j = Json::object();
  Bytes chain = before.sending ? part(before.sending->key.expose(), 0, 32) : Bytes();
  if (!before.sending || before.sending->ratchet.public_key() != v.header.ratchet)
    j.set("root_step", root_step_json(before, from.session, to.session, drawn, chain));
  Bytes step(64);
  crypto::Hasher(label::ratchet_chain, chain, 64).finish(step);
  const Bytes ad = joined({v.header_bytes, from.session.transcript.view()});
  const Secret<32> key = *Secret<32>::from(ByteView(step).subspan(32));
  require(equal(from.session.sending->key.expose(), ByteView(step).first(32)), "a chain that does not follow");
  require(crypto::seal(key, v.nonce, ad, padded) == Bytes(v.ciphertext.begin(), v.ciphertext.end()),
          "a copy that is sealed otherwise");
  j.set("chain_key", Json::hex(chain)).set("next_chain_key", Json::hex(ByteView(step).first(32)));
  j.set("message_key", Json::hex(key.expose()))
      .set("header", fields(v.header))
      .set("header_bytes", Json::hex(v.header_bytes));
  return j.set("nonce", Json::hex(v.nonce))
      .set("ad", Json::hex(ad))
      .set("plaintext", open_json(padded))
      .set("copy", Json::hex(copy));
}

void open_at(End& at, ByteView copy) {
  require(core::open(at.session, *wire::decode_copy(copy), noon).has_value(), "a copy that does not open");
}

Json handshake_json(const test::PairDevice& a, const test::PairDevice& b, const Session& s, const wire::Header& h,
                    const AdmissionKey* admission, const Recorded& drawn) {
  const Secret<32> dh1 = *b.identity.agree(h.ratchet), dh2 = *b.prekey.dh.agree(h.ratchet),
                   dh3 = *b.prekey.dh.agree(a.identity.public_key());
  const Secret<32> shared = *b.prekey.kem.decapsulate(h.handshake->kem);
  const Transcript t0 = crypto::Hasher(label::handshake_t0, 64)
                            .add(joined({b.account.view(), b.signing.id().view(), b.identity.public_key().view(),
                                         wire::encode(b.prekey.bundle), h.ratchet.view(), h.handshake->kem.view()}))
                            .finish_as<Transcript>();
  const Bytes seal =
      kdf(56, {}, joined({dh1.expose(), dh2.expose(), shared.expose()}), label::handshake_identity, t0.view());
  const Bytes identity =
      wire::Writer().fixed(a.account).fixed(a.signing.id()).fixed(a.identity.public_key()).u64(s.number).take();
  const Bytes sealed = crypto::seal(*Secret<32>::from(ByteView(seal).first(32)),
                                    *crypto::Nonce::from(ByteView(seal).subspan(32)), t0.view(), identity);
  const Transcript t =
      crypto::Hasher(label::handshake_t, 64).add(joined({t0.view(), sealed, identity})).finish_as<Transcript>();
  const Bytes keys =
      kdf(64, {}, joined({dh1.expose(), dh2.expose(), dh3.expose(), shared.expose()}), label::handshake_root, t.view());
  require(sealed == h.handshake->sealed_identity && t == s.transcript, "a handshake that does not follow");
  require(equal(s.root.expose(), ByteView(keys).first(32)), "a root that does not follow from its handshake");
  Json j = Json::object();
  j.set("initiator", device_json(a)).set("responder", device_json(b)).set("number", Json::number(s.number));
  j.set("ephemeral_private", Json::hex(s.sending->ratchet.secret().expose())).set("ephemeral", Json::hex(h.ratchet));
  j.set("encapsulation", Json::hex(drawn.draws[1]));
  j.set("ct", Json::hex(h.handshake->kem)).set("dh1", Json::hex(dh1.expose())).set("dh2", Json::hex(dh2.expose()));
  j.set("dh3", Json::hex(dh3.expose())).set("ss", Json::hex(shared.expose())).set("t0", Json::hex(t0));
  j.set("identity_key", Json::hex(ByteView(seal).first(32)))
      .set("identity_nonce", Json::hex(ByteView(seal).subspan(32)));
  j.set("identity", Json::hex(identity)).set("sealed", Json::hex(sealed)).set("t", Json::hex(t));
  j.set("root", Json::hex(ByteView(keys).first(32))).set("chain", Json::hex(ByteView(keys).subspan(32)));
  j.set("session", Json::hex(s.id));
  if (admission != nullptr) j.set("admission_key", Json::hex(admission->expose()));
  return j.set("admission", Json::hex(h.handshake->admission));
}

struct Begun {
  End a, b;
  Bytes first;
  Json handshake, sealed;
};

Begun begin(const test::PairDevice& alice, const test::PairDevice& bob, std::uint64_t number,
            const AdmissionKey* admission, ByteView padded, Random& random) {
  Recorded drawn(random);
  Session s = std::move(*initiate(alice.own(), bob.peer(), number, admission, noon, drawn));
  Begun out{{&alice, std::move(s), 0}, {&bob, {}, 0}, {}, Json::object(), Json::object()};
  out.sealed = seal_json(out.a, out.b, padded, random, out.first);
  const wire::Header h = test::header_of(out.first);
  Accepted accepted = std::move(*accept(bob.own(), bob.prekey, h, noon));
  out.b.session = std::move(accepted.session);
  open_at(out.b, out.first);
  out.handshake = handshake_json(alice, bob, out.a.session, h, admission, drawn);
  return out;
}

// Handshakes that a responder must refuse, each made of a good one by one change.
Json refused_handshakes(const test::PairDevice& bob, const Bytes& first) {
  Json bad = Json::array();
  auto add = [&](const std::string& what, const wire::Header& h) {
    const Bytes copy = test::with_header(first, h);
    Result<Accepted> a = accept(bob.own(), bob.prekey, h, noon);
    require(!a || !core::open(a->session, *wire::decode_copy(copy), noon), what.c_str());
    bad.push(refused(what, copy));
  };
  auto changed = [&](auto change) {
    wire::Header h = test::header_of(first);
    change(h);
    return h;
  };
  // The session id is made to fit, so that it is not that which is refused.
  auto fit = [&](wire::Header& h) {
    h.session = *SessionId::from(handshake_t0(bob.own(), bob.prekey.bundle, h).view().first(16));
  };
  for (const test::HostileKey& k : test::hostile_dh_keys())
    add("ephemeral key: " + k.what, changed([&](wire::Header& h) {
          h.ratchet = *crypto::DhPublic::from(k.bytes);
          fit(h);
        }));
  add("bit 255 of the ephemeral key flipped: X25519 gives the same keys", changed([&](wire::Header& h) {
        h.ratchet.bytes[31] ^= 0x80;
        fit(h);
      }));
  add("another session id", changed([](wire::Header& h) { h.session.bytes[0] ^= 1; }));
  add("another prekey id", changed([](wire::Header& h) { ++h.handshake->prekey; }));
  add("a flipped bit in the ML-KEM ciphertext", changed([&](wire::Header& h) {
        h.handshake->kem.bytes[9] ^= 1;
        fit(h);
      }));
  add("a flipped bit in the sealed identity", changed([](wire::Header& h) { h.handshake->sealed_identity[50] ^= 1; }));
  add("a flipped bit in the admission tag", changed([](wire::Header& h) { h.handshake->admission.bytes[0] ^= 1; }));
  add("another class", changed([](wire::Header& h) { h.message_class = wire::MessageClass::call; }));
  add("another ttl", changed([](wire::Header& h) { h.ttl += 1; }));
  return bad;
}

}  // namespace

Json handshake() {
  crypto::SeededRandom random = test::seeded(50);
  const test::PairDevice alice(random), bob(random);
  test::PairDevice joiner(random);
  joiner.account = {};
  AdmissionKey key;
  random.fill(key.expose_mutable());
  const crypto::SecretBytes hello = plaintext(gossip(1), say(alice, bob, "hello", 1));
  const Begun plain = begin(alice, bob, 1'750'000'000'000, nullptr, hello.expose(), random);
  const Begun tagged = begin(alice, bob, 1'750'000'000'001, &key, hello.expose(), random);
  const Begun join = begin(alice, joiner, 1'750'000'000'002, nullptr, hello.expose(), random);
  Json cases = Json::array();
  for (const auto& [what, b] : {std::pair<const char*, const Begun*>{"a stranger's, without admission tag", &plain},
                                {"with an admission tag", &tagged},
                                {"to a device that joins: its account is zero", &join}}) {
    Json j = Json::object().set("what", Json::text(what));
    j.set("handshake", b->handshake).set("first", b->sealed);
    cases.push(std::move(j));
  }
  return file(
             "Section 12: handshakes with both ends' private keys, each value between, and the first copy sealed under "
             "each. Refused: copies for the first case's responder.")
      .set("cases", std::move(cases))
      .set("refused", refused_handshakes(bob, plain.first));
}

namespace {

// A conversation in which every kind of chain begins: plain, with an offer, with an answer, with both.
struct Talk {
  End* from;
  End* to;
  const char* text;
  bool offer;    // wanted with the sender's next chain
  bool deliver;  // now, or when all has been said
};

Json refused_copies(const End& at, const Bytes& loaded) {
  Json bad = Json::array();
  auto add = [&](const char* what, const Bytes& copy) {
    Session s = test::stored(at.session);
    Result<wire::CopyView> v = wire::decode_copy(copy);
    require(!v || !core::open(s, *v, noon), what);
    bad.push(refused(what, copy));
  };
  auto changed = [&](auto change) {
    wire::Header h = test::header_of(loaded);
    change(h);
    return test::with_header(loaded, h);
  };
  crypto::SeededRandom random = test::seeded(59);
  const crypto::KemPublic other = crypto::KemKey::generate(random).public_key();
  add("the answer stripped", changed([](wire::Header& h) { h.answer.reset(); }));
  add("the offer stripped", changed([](wire::Header& h) { h.offer.reset(); }));
  add("the offer swapped for another key", changed([&](wire::Header& h) {
        h.offer = wire::KemOffer{wire::kem_id(other), other};
      }));
  add("the answer to a key that was never offered", changed([](wire::Header& h) { h.answer->id.bytes[0] ^= 1; }));
  add("a flipped bit in the answer's ciphertext", changed([](wire::Header& h) { h.answer->ciphertext.bytes[3] ^= 1; }));
  add("another PN", changed([](wire::Header& h) { ++h.previous; }));
  add("another number", changed([](wire::Header& h) { ++h.number; }));
  add("a number far ahead", changed([](wire::Header& h) { h.number = UINT32_MAX; }));
  add("another recipient", changed([](wire::Header& h) { h.recipient.bytes[0] ^= 1; }));
  for (const test::HostileKey& k : test::hostile_dh_keys())
    add(("ratchet key: " + k.what).c_str(),
        changed([&](wire::Header& h) { h.ratchet = *crypto::DhPublic::from(k.bytes); }));
  Bytes flipped = loaded;
  flipped[flipped.size() - 1] ^= 1;
  add("a flipped bit in the tag", flipped);
  flipped = loaded;
  flipped[flipped.size() - 20] ^= 0x80;
  add("a flipped bit in the ciphertext", flipped);
  add("cut by a byte", Bytes(loaded.begin(), loaded.end() - 1));
  return bad;
}

}  // namespace

Json ratchet() {
  crypto::SeededRandom random = test::seeded(51);
  const test::PairDevice alice(random), bob(random);
  const crypto::SecretBytes hello = plaintext(gossip(1), say(alice, bob, "hello", 1));
  Begun begun = begin(alice, bob, 1'750'000'000'000, nullptr, hello.expose(), random);
  End &a = begun.a, &b = begun.b;
  const Talk script[] = {
      {&a, &b, "a second first copy, late", false, false},
      {&b, &a, "an answer", false, true},
      {&a, &b, "an offer", true, true},
      {&b, &a, "an answer to it, and an offer", true, true},
      {&a, &b, "both again", true, false},
      {&a, &b, "both again, and first to arrive", false, true},
      {&b, &a, "the last word", false, true},
  };
  Json steps = Json::array(), late = Json::array(), bad = Json::array();
  std::vector<std::pair<End*, Bytes>> held;
  std::uint64_t said = 1;
  for (const Talk& talk : script) {
    ++said;
    talk.from->session.offer_wanted = talk.from->session.offer_wanted || talk.offer;
    const crypto::SecretBytes padded =
        plaintext(gossip(said), say(*talk.from->device, *talk.to->device, talk.text, said));
    Bytes copy;
    Json step = Json::object().set("from", Json::text(talk.from == &a ? "initiator" : "responder"));
    step.set("delivered", Json::text(talk.deliver ? "at once" : "at the end"));
    step.set("sealed", seal_json(*talk.from, *talk.to, padded.expose(), random, copy));
    steps.push(std::move(step));
    if (!talk.deliver) {
      held.emplace_back(talk.to, copy);
      continue;
    }
    const wire::Header h = test::header_of(copy);
    if (h.answer && h.offer && bad.empty() && talk.to == &b) bad = refused_copies(*talk.to, copy);
    open_at(*talk.to, copy);
  }
  for (auto& [to, copy] : held) open_at(*to, copy);
  return file(
             "Sections 13 and 14: a conversation on one session, in the order in which its copies are sealed; those "
             "delivered 'at the end' arrive after all others, in order. Refused: what the responder is to refuse at "
             "the point where the sixth step's copy is about to arrive.")
      .set("handshake", begun.handshake)
      .set("first", begun.sealed)
      .set("steps", std::move(steps))
      .set("refused", std::move(bad));
}

Json copies() {
  crypto::SeededRandom random = test::seeded(52);
  const test::PairDevice alice(random), bob(random);
  test::SampleKeys keys(random);
  wire::Gossip full = test::sample_gossip(random, true);
  full.introduction->entries = test::sample_entries(keys, random);
  full.introduction->entries.resize(2);
  full.members.clear();
  const crypto::SecretBytes first = plaintext(full, say(alice, bob, "a first copy, with all that a stranger needs", 1));
  Begun begun = begin(alice, bob, 1'750'000'000'000, nullptr, first.expose(), random);
  Json out = Json::array();
  out.push(begun.sealed);
  wire::Content receipt;
  receipt.kind = wire::ContentKind::receipt;
  receipt.author = bob.account;
  receipt.time = noon;
  receipt.body = wire::Receipt{wire::ReceiptType::delivered, {wire::decode_padded(first.expose())->hash}, {}};
  Bytes copy;
  out.push(seal_json(begun.b, begun.a, plaintext(gossip(1), receipt).expose(), random, copy));
  open_at(begun.a, copy);
  Json bad = Json::array();
  // Sealed as it should be, by a sender that does not keep to section 14.
  const crypto::SecretBytes empty = wire::encode_padded({gossip(2), {}, {}});
  const Bytes short_one = part(empty.expose(), 0, 160);
  const crypto::SecretBytes good = plaintext(gossip(2), say(alice, bob, "padded wrongly, as a test", 2));
  Bytes marked(good.expose().begin(), good.expose().end());
  marked.back() = 1;
  for (const auto& [what, padded] : {std::pair<const char*, Bytes>{"a plaintext shorter than 256 bytes", short_one},
                                     {"padding that is not zero", marked}}) {
    require(!wire::decode_padded(padded), what);
    bad.push(Json::object()
                 .set("what", Json::text(what))
                 .set("reason", Json::text("malformed"))
                 .set("padded", Json::hex(padded)));
  }
  return file(
             "Section 14: whole copies, to be opened with the responder's (the second one: the initiator's) private "
             "keys alone. Refused: plaintexts, once opened.")
      .set("handshake", begun.handshake)
      .set("copies", std::move(out))
      .set("refused", std::move(bad));
}

Json joining() {
  crypto::SeededRandom random = test::seeded(53);
  const test::SampleKeys keys(random);
  const wire::Entry genesis = wire::sign_entry(test::genesis_body(keys, random), keys.first);
  const LedgerDigest digest = crypto::hash<LedgerDigest>(label::ledger_digest, {});
  Json cases = Json::array();
  for (int i = 0; i < 3; ++i) {
    const wire::JoinNonce sponsor_nonce = test::random_fixed<wire::JoinNonce>(random),
                          joiner_nonce = test::random_fixed<wire::JoinNonce>(random);
    const DeviceId& joiner = keys.second.id();
    const crypto::DhPublic& identity = keys.second_identity.public_key();
    const wire::JoinCommitment commitment = join_commitment(joiner, identity, joiner_nonce);
    const wire::JoinOffer offer{genesis.account(), digest, genesis.hash(), sponsor_nonce, commitment};
    const Bytes transcript =
        joined({offer.account.view(), offer.digest.view(), offer.parent.view(), keys.first.id().view(),
                sponsor_nonce.view(), commitment.view(), joiner.view(), identity.view(), joiner_nonce.view()});
    Json codes[2] = {Json::object(), Json::object()};
    for (const bool second : {false, true}) {
      const crypto::Label l = second ? label::join_second_code : label::join_first_code;
      const auto h = crypto::hash<Fixed<struct VectorCodeTag, 32>>(l, transcript);
      codes[second] =
          Json::object()
              .set("hash", Json::hex(h))
              .set("code", Json::text(join_code({offer, keys.first.id(), joiner, identity, joiner_nonce}, second)));
    }
    wire::EntryBody add = join_entry(offer, keys.first.id(), joiner, identity);
    add.cosignature = wire::cosign(add, keys.second);
    add.time = noon;
    const wire::Entry entry = wire::sign_entry(add, keys.first);
    require(wire::decode_and_verify_entry(entry.bytes()).has_value(), "an add that does not verify");
    Json j = Json::object();
    j.set("account", Json::hex(offer.account)).set("digest", Json::hex(digest)).set("parent", Json::hex(offer.parent));
    j.set("sponsor_seed", Json::hex(keys.first.seed().expose())).set("sponsor", Json::hex(keys.first.id()));
    j.set("sponsor_nonce", Json::hex(sponsor_nonce))
        .set("joiner_seed", Json::hex(keys.second.seed().expose()))
        .set("joiner", Json::hex(joiner));
    j.set("joiner_identity", Json::hex(identity))
        .set("joiner_nonce", Json::hex(joiner_nonce))
        .set("commitment", Json::hex(commitment));
    j.set("transcript", Json::hex(transcript)).set("first", std::move(codes[0])).set("second", std::move(codes[1]));
    j.set("cosigned", Json::hex(wire::cosigned_part(add)))
        .set("cosignature", Json::hex(add.cosignature))
        .set("add", Json::hex(entry.bytes()));
    cases.push(std::move(j));
  }
  return file(
             "Section 11: what both ends know when they have revealed their nonces, the codes that follow, and the add "
             "that ends it.")
      .set("genesis", Json::hex(genesis.bytes()))
      .set("cases", std::move(cases));
}

std::map<std::string, std::string> all_files() {
  crypto::initialize();
  std::map<std::string, std::string> out;
  for (const auto& [name, make] : {std::pair<const char*, Json (*)()>{"codec", codec},
                                   {"hashes", hashes},
                                   {"entries", entries},
                                   {"rosters", rosters},
                                   {"records", records},
                                   {"padding", padding},
                                   {"content", content},
                                   {"handshake", handshake},
                                   {"ratchet", ratchet},
                                   {"copies", copies},
                                   {"joining", joining}})
    out[std::string(name) + ".json"] = make().dump() + '\n';
  return out;
}

}  // namespace bud::vectors
