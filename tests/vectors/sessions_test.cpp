// Holds the implementation to the vectors of derivations. Both ends are made anew from the private keys and draws in
// the files, and must seal the same bytes and open each other's.
#include "core/joining.h"
#include "core/session/handshake.h"
#include "core/session/ratchet.h"
#include "fields.h"
#include "read.h"

namespace bud::vectors {
namespace {

using namespace core;
using test::code;

template <std::size_t N>
crypto::Secret<N> secret(const Value& v) {
  return std::move(*crypto::Secret<N>::from(hex(v)));
}

struct Device {
  AccountId account;
  DeviceId id;
  crypto::DhKey identity;
  Prekey prekey;

  explicit Device(const Value& v)
      : account(fixed<AccountId>(v["account"])),
        id(crypto::SigningKey::from_seed(secret<32>(v["device_seed"])).id()),
        identity(crypto::DhKey::from_secret(secret<32>(v["identity_private"]))),
        prekey{{},
               crypto::DhKey::from_secret(secret<32>(v["prekey_private"])),
               crypto::KemKey::from_seed(secret<64>(v["kem_seed"]))} {
    const Bytes bytes = hex(v["bundle_bytes"]);
    wire::Reader r(bytes);
    prekey.bundle = wire::read_bundle(r);
    EXPECT_TRUE(r.finish("bundle"));
    EXPECT_TRUE(same(fields(prekey.bundle), v["bundle"]));
    EXPECT_EQ(prekey.bundle.dh, prekey.dh.public_key());
    EXPECT_EQ(prekey.bundle.kem, prekey.kem.public_key());
    EXPECT_EQ(id, fixed<DeviceId>(v["device"]));
    EXPECT_EQ(identity.public_key(), fixed<crypto::DhPublic>(v["identity"]));
  }
  OwnDevice own() const { return {account, id, identity}; }
  PeerDevice peer() const { return {account, id, identity.public_key(), prekey.bundle}; }
};

Time time_of(const wire::PrekeyBundle& b) {
  return b.time;
}

Session initiate_again(const Value& h, const Device& a, const Device& b) {
  Scripted draws;
  draws.then(hex(h["ephemeral_private"])).then(hex(h["encapsulation"]));
  std::optional<AdmissionKey> admission;
  if (h.HasMember("admission_key")) admission = secret<32>(h["admission_key"]);
  Session s = std::move(*initiate(a.own(), b.peer(), h["number"].GetUint64(), admission ? &*admission : nullptr,
                                  time_of(b.prekey.bundle), draws));
  EXPECT_TRUE(draws.used_up());
  EXPECT_EQ(s.transcript, fixed<Transcript>(h["t"]));
  EXPECT_TRUE(equal(s.root.expose(), hex(h["root"])));
  EXPECT_TRUE(equal(s.sending->key.expose(), hex(h["chain"])));
  EXPECT_EQ(s.handshake->sealed_identity, hex(h["sealed"]));
  EXPECT_EQ(s.handshake->admission, fixed<wire::AdmissionTag>(h["admission"]));
  EXPECT_EQ(s.id, fixed<SessionId>(h["session"]));
  return s;
}

// Seals the step's plaintext with the step's draws: the same copy, to the byte.
void seal_again(Session& s, const Value& sealed, const Device& to, Time now) {
  Scripted draws;
  if (sealed.HasMember("root_step")) {
    const Value& root = sealed["root_step"];
    draws.then(hex(root["ratchet_private"]));
    if (root.HasMember("encapsulation")) draws.then(hex(root["encapsulation"]));
    if (root.HasMember("offered_seed")) {
      draws.then(hex(root["offered_seed"]));
      s.offer_wanted = true;
    }
  }
  draws.then(hex(sealed["nonce"]));
  const Bytes padded = hex(sealed["plaintext"]["padded"]);
  Result<Bytes> copy = seal(s, {wire::MessageClass::normal, 0, wire::recipient_tag(to.id), now}, padded, draws);
  ASSERT_TRUE(copy);
  EXPECT_TRUE(draws.used_up());
  EXPECT_EQ(*copy, hex(sealed["copy"]));
  EXPECT_TRUE(equal(s.sending->key.expose(), hex(sealed["next_chain_key"])));
  if (sealed.HasMember("root_step")) {
    EXPECT_TRUE(equal(s.root.expose(), hex(sealed["root_step"]["root"])));
  }
}

void open_again(Session& s, const Value& sealed, Time now) {
  const Bytes bytes = hex(sealed["copy"]);
  Result<wire::CopyView> v = wire::decode_copy(bytes);
  ASSERT_TRUE(v);
  EXPECT_TRUE(same(fields(v->header), sealed["header"]));
  EXPECT_EQ(wire::encode(v->header), hex(sealed["header_bytes"]));
  Bytes ad = hex(sealed["header_bytes"]);
  append(ad, s.transcript.view());
  EXPECT_EQ(ad, hex(sealed["ad"]));
  Result<crypto::SecretBytes> plain = core::open(s, *v, now);
  ASSERT_TRUE(plain);
  EXPECT_TRUE(equal(plain->expose(), hex(sealed["plaintext"]["padded"])));
  Result<wire::Plaintext> p = wire::decode_padded(plain->expose());
  ASSERT_TRUE(p);
  EXPECT_TRUE(same(fields(p->gossip), sealed["plaintext"]["gossip"]));
  Result<wire::Content> c = wire::decode_content(p->content);
  ASSERT_TRUE(c);
  EXPECT_TRUE(same(fields(*c), sealed["plaintext"]["content"]));
  EXPECT_EQ(wire::content_hash(p->content), p->hash);
}

Session accept_again(const Value& h, const Value& first, const Device& a, const Device& b) {
  const Bytes copy = hex(first["copy"]);
  const wire::Header header = wire::decode_copy(copy)->header;
  EXPECT_EQ(handshake_t0(b.own(), b.prekey.bundle, header), fixed<Transcript>(h["t0"]));
  Result<Accepted> accepted = accept(b.own(), b.prekey, header, time_of(b.prekey.bundle));
  EXPECT_TRUE(accepted);
  EXPECT_EQ(accepted->account, a.account);
  EXPECT_EQ(accepted->device, a.id);
  EXPECT_EQ(accepted->identity, a.identity.public_key());
  EXPECT_EQ(accepted->session.number, h["number"].GetUint64());
  EXPECT_TRUE(equal(accepted->session.root.expose(), hex(h["root"])));
  return std::move(accepted->session);
}

bool refuses(const Device& b, const Bytes& copy) {
  Result<wire::CopyView> v = wire::decode_copy(copy);
  if (!v) return true;
  Result<Accepted> a = accept(b.own(), b.prekey, v->header, time_of(b.prekey.bundle));
  if (!a) return code(a) == Errc::cannot_open;
  return code(core::open(a->session, *v, time_of(b.prekey.bundle))) == Errc::cannot_open;
}

TEST(Vectors, Handshake) {
  const auto d = load("handshake.json");
  for (const Value& v : d["cases"].GetArray()) {
    const Value& h = v["handshake"];
    const Device a(h["initiator"]), b(h["responder"]);
    const Time now = time_of(b.prekey.bundle);
    const auto ephemeral = fixed<crypto::DhPublic>(h["ephemeral"]);
    EXPECT_TRUE(equal(b.identity.agree(ephemeral)->expose(), hex(h["dh1"])));
    EXPECT_TRUE(equal(b.prekey.dh.agree(ephemeral)->expose(), hex(h["dh2"])));
    EXPECT_TRUE(equal(a.identity.agree(b.prekey.bundle.dh)->expose(), hex(h["dh3"])));
    EXPECT_TRUE(equal(b.prekey.kem.decapsulate(fixed<crypto::KemCiphertext>(h["ct"]))->expose(), hex(h["ss"])));
    auto identity = crypto::open(secret<32>(h["identity_key"]), fixed<crypto::Nonce>(h["identity_nonce"]), hex(h["t0"]),
                                 hex(h["sealed"]));
    ASSERT_TRUE(identity);
    EXPECT_TRUE(equal(identity->expose(), hex(h["identity"])));
    Session mine = initiate_again(h, a, b);
    seal_again(mine, v["first"], b, now);
    Session theirs = accept_again(h, v["first"], a, b);
    open_again(theirs, v["first"], now);
  }
  const Device b(d["cases"][0]["handshake"]["responder"]);
  ASSERT_FALSE(refuses(b, hex(d["cases"][0]["first"]["copy"])));
  for (const Value& v : d["refused"].GetArray()) EXPECT_TRUE(refuses(b, hex(v["bytes"]))) << text(v["what"]);
}

TEST(Vectors, Ratchet) {
  const auto d = load("ratchet.json");
  const Value& h = d["handshake"];
  const Device a(h["initiator"]), b(h["responder"]);
  const Time now = time_of(b.prekey.bundle);
  Session initiator = initiate_again(h, a, b);
  seal_again(initiator, d["first"], b, now);
  Session responder = accept_again(h, d["first"], a, b);
  open_again(responder, d["first"], now);
  std::vector<std::pair<Session*, const Value*>> late;
  int number = 0;
  for (const Value& step : d["steps"].GetArray()) {
    const bool mine = text(step["from"]) == "initiator";
    Session& from = mine ? initiator : responder;
    Session& to = mine ? responder : initiator;
    seal_again(from, step["sealed"], mine ? b : a, now);
    if (++number == 6) {
      for (const Value& v : d["refused"].GetArray()) {
        const Bytes bytes = hex(v["bytes"]);
        Result<wire::CopyView> copy = wire::decode_copy(bytes);
        EXPECT_TRUE(!copy || code(core::open(to, *copy, now)) == Errc::cannot_open) << text(v["what"]);
      }
    }
    if (text(step["delivered"]) == "at once")
      open_again(to, step["sealed"], now);
    else
      late.emplace_back(&to, &step["sealed"]);
  }
  EXPECT_FALSE(d["refused"].Empty());
  EXPECT_FALSE(late.empty());
  for (auto& [to, sealed] : late) open_again(*to, *sealed, now);
}

TEST(Vectors, Copies) {
  const auto d = load("copies.json");
  const Value& h = d["handshake"];
  const Device a(h["initiator"]), b(h["responder"]);
  const Time now = time_of(b.prekey.bundle);
  Session initiator = initiate_again(h, a, b);
  seal_again(initiator, d["copies"][0], b, now);
  Session responder = accept_again(h, d["copies"][0], a, b);
  open_again(responder, d["copies"][0], now);
  seal_again(responder, d["copies"][1], a, now);
  open_again(initiator, d["copies"][1], now);
  for (const Value& v : d["refused"].GetArray())
    EXPECT_EQ(code(wire::decode_padded(hex(v["padded"]))), reason(v)) << text(v["what"]);
}

TEST(Vectors, Joining) {
  const auto d = load("joining.json");
  for (const Value& v : d["cases"].GetArray()) {
    JoinTranscript t;
    t.offer = {fixed<AccountId>(v["account"]), fixed<LedgerDigest>(v["digest"]), fixed<EntryHash>(v["parent"]),
               fixed<wire::JoinNonce>(v["sponsor_nonce"]), fixed<wire::JoinCommitment>(v["commitment"])};
    t.sponsor = fixed<DeviceId>(v["sponsor"]);
    t.joiner = fixed<DeviceId>(v["joiner"]);
    t.joiner_identity = fixed<crypto::DhPublic>(v["joiner_identity"]);
    t.joiner_nonce = fixed<wire::JoinNonce>(v["joiner_nonce"]);
    EXPECT_EQ(join_commitment(t.joiner, t.joiner_identity, t.joiner_nonce), t.offer.commitment);
    EXPECT_EQ(join_code(t, false), text(v["first"]["code"]));
    EXPECT_EQ(join_code(t, true), text(v["second"]["code"]));
    const wire::EntryBody body = join_entry(t.offer, t.sponsor, t.joiner, t.joiner_identity);
    EXPECT_EQ(wire::cosigned_part(body), hex(v["cosigned"]));
    EXPECT_EQ(wire::cosign(body, crypto::SigningKey::from_seed(secret<32>(v["joiner_seed"]))),
              fixed<crypto::Signature>(v["cosignature"]));
    Result<wire::Entry> add = wire::decode_and_verify_entry(hex(v["add"]));
    ASSERT_TRUE(add);
    EXPECT_EQ(wire::cosigned_part(add->body()), hex(v["cosigned"]));
  }
}

}  // namespace
}  // namespace bud::vectors
