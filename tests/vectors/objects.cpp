// Vectors of what is written: codec, hashes, ledger entries, records, contents, padded plaintexts.
#include "crypto/kdf.h"
#include "fields.h"
#include "generate.h"
#include "support/hostile_keys.h"
#include "support/wire_samples.h"

#include <cstdio>
#include <cstdlib>
#include <set>

namespace bud::vectors {

using namespace wire;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "budstikke-make-vectors: %s\n", what);
  std::abort();
}

namespace {

Json file(const char* about) {
  return Json::object().set("about", Json::text(about));
}

Json refused(const std::string& what, const char* reason, ByteView bytes) {
  return Json::object().set("what", Json::text(what)).set("reason", Json::text(reason)).set("bytes", Json::hex(bytes));
}

Bytes with_byte(Bytes b, std::size_t at, std::uint8_t value) {
  b[at] = value;
  return b;
}
Bytes cut(const Bytes& b, std::size_t n) {
  return Bytes(b.begin(), b.begin() + static_cast<std::ptrdiff_t>(n));
}
Bytes longer(Bytes b) {
  b.push_back(0);
  return b;
}

struct NamedKey {
  const char* name;
  const crypto::SigningKey* key;
};

Json keys_json(const test::SampleKeys& k) {
  Json out = Json::object();
  for (const NamedKey& n : {NamedKey{"first", &k.first}, NamedKey{"root", &k.root}, NamedKey{"second", &k.second},
                            NamedKey{"paper", &k.paper}})
    out.set(n.name, Json::object().set("seed", Json::hex(n.key->seed().expose())).set("id", Json::hex(n.key->id())));
  out.set("first_identity", Json::object()
                                .set("private", Json::hex(k.first_identity.secret().expose()))
                                .set("public", Json::hex(k.first_identity.public_key())));
  return out.set("second_identity", Json::object()
                                        .set("private", Json::hex(k.second_identity.secret().expose()))
                                        .set("public", Json::hex(k.second_identity.public_key())));
}

Json entry_json(const EntryBody& b, const crypto::SigningKey& signer) {
  const Entry e = sign_entry(b, signer);
  require(decode_and_verify_entry(e.bytes()).has_value(), "an entry that does not verify");
  Json out = Json::object().set("fields", fields(b)).set("body", Json::hex(encode(b)));
  if (b.kind == EntryKind::genesis || b.kind == EntryKind::add || b.kind == EntryKind::handover)
    out.set("cosigned", Json::hex(cosigned_part(b)));
  return out.set("hash", Json::hex(e.hash())).set("account", Json::hex(e.account())).set("entry", Json::hex(e.bytes()));
}

Json signing_json(crypto::Label label, ByteView message, const crypto::SigningKey& key) {
  const auto digest = crypto::hash<Fixed<struct VectorDigestTag, 64>>(label, message);
  return Json::object()
      .set("label", Json::text(label.text))
      .set("seed", Json::hex(key.seed().expose()))
      .set("public", Json::hex(key.id()))
      .set("message", Json::hex(message))
      .set("digest", Json::hex(digest))
      .set("signature", Json::hex(key.sign(label, message)));
}

template <std::size_t N>
Json hash_json(crypto::Label label, ByteView message, ByteView key = {}) {
  Fixed<struct VectorHashTag, N> out;
  crypto::Hasher(label, key, N).add(message).finish(out.bytes);
  Json j = Json::object()
               .set("label", Json::text(label.text))
               .set("size", Json::number(N))
               .set("message", Json::hex(message));
  if (!key.empty()) j.set("key", Json::hex(key));
  return j.set("hash", Json::hex(out));
}

Json kdf_json(crypto::Label label, ByteView salt, ByteView input, ByteView context, std::size_t size) {
  Bytes out(size);
  crypto::hkdf_into(out, salt, input, label, context);
  return Json::object()
      .set("label", Json::text(label.text))
      .set("salt", Json::hex(salt))
      .set("input", Json::hex(input))
      .set("context", Json::hex(context))
      .set("output", Json::hex(out));
}

}  // namespace

Json codec() {
  Json lengths = Json::array(), bad = Json::array(), good_text = Json::array(), bad_text = Json::array();
  for (std::size_t n : std::initializer_list<std::size_t>{0, 1, 37, 63, 64, 255, 15293, 16383, 16384, 65536, 1048576}) {
    const Bytes v = Writer().vector(Bytes(n)).take();
    lengths.push(
        Json::object().set("length", Json::number(n)).set("prefix", Json::hex(ByteView(v).first(v.size() - n))));
  }
  const std::pair<const char*, const char*> wrong[] = {
      {"nothing at all", ""},
      {"63 in two bytes", "403f"},
      {"0 in two bytes", "4000"},
      {"16383 in four bytes", "80003fff"},
      {"the fourth form", "c000000000000000"},
      {"the fourth form, cut", "ff"},
      {"half a length of two bytes", "40"},
      {"half a length of four bytes", "800040"},
      {"two bytes promised, one there", "0200"},
      {"a gigabyte promised", "bfffffff00"},
      {"a byte behind the vector", "010000"},
  };
  for (const auto& [what, hex] : wrong) bad.push(refused(what, "malformed", *from_hex(hex)));
  for (const char* hex :
       {"", "41", "7f", "c280", "dfbf", "e0a080", "ed9fbf", "ee8080", "efbfbf", "f0908080", "f48fbfbf"})
    good_text.push(Json::text(hex));
  for (const char* hex :
       {"00",     "4100",   "80",   "bf",       "c0af",     "c1bf",     "c2",       "c241", "e08080", "e09fbf",
        "eda080", "edbfbf", "e0a0", "f0808080", "f08fbfbf", "f4908080", "f5808080", "fe",   "ff",     "f09080"})
    bad_text.push(Json::text(hex));
  return file(
             "Section 3: the prefix of a vector of so many bytes; whole vectors that are refused; UTF-8 that is and is "
             "not text.")
      .set("lengths", std::move(lengths))
      .set("refused", std::move(bad))
      .set("text", std::move(good_text))
      .set("not_text", std::move(bad_text));
}

Json hashes() {
  crypto::SeededRandom random = test::seeded(40);
  const Bytes m = test::random_bytes(random, 100), k = test::random_bytes(random, 32),
              t = test::random_bytes(random, 64);
  const crypto::SigningKey key = crypto::SigningKey::generate(random);
  Json plain = Json::array(), signatures = Json::array(), kdf = Json::array(), names = Json::object();
  for (crypto::Label l :
       {label::entry_hash, label::claim, label::ledger_digest, label::join_commit, label::join_first_code,
        label::join_second_code, label::kem_id, label::envelope_hash, label::content_hash, label::thread_of_two,
        label::roster_hash, label::roster_seat, label::roster_digest})
    plain.push(hash_json<32>(l, m));
  plain.push(hash_json<64>(label::handshake_t0, m)).push(hash_json<64>(label::handshake_t, m));
  plain.push(hash_json<16>(label::recipient_tag, m)).push(hash_json<32>(label::content_hash, {}));
  plain.push(hash_json<16>(label::admission, t, k)).push(hash_json<64>(label::ratchet_chain, {}, k));
  for (crypto::Label l : {label::entry_sign, label::entry_cosign, label::record_sign, label::join_sign, label::roster_sign})
    signatures.push(signing_json(l, m, key));
  kdf.push(kdf_json(label::handshake_identity, {}, test::random_bytes(random, 96), t, 56));
  kdf.push(kdf_json(label::handshake_root, {}, test::random_bytes(random, 128), t, 64));
  kdf.push(kdf_json(label::ratchet_step, k, test::random_bytes(random, 32), t, 64));
  kdf.push(kdf_json(label::ratchet_step, k, test::random_bytes(random, 64), t, 64));
  const AccountId a = test::random_fixed<AccountId>(random), b = test::random_fixed<AccountId>(random);
  const ClaimOpening opening = test::random_fixed<ClaimOpening>(random);
  const crypto::KemPublic kem = crypto::KemKey::generate(random).public_key();
  names.set("thread_of_two",
            Json::object().set("a", Json::hex(a)).set("b", Json::hex(b)).set("thread", Json::hex(thread_of_two(a, b))));
  names.set("blinded", Json::object()
                           .set("opening", Json::hex(opening))
                           .set("address", Json::text("spool:alice"))
                           .set("blinded", Json::hex(blind(opening, "spool:alice"))));
  names.set("recipient",
            Json::object().set("device", Json::hex(key.id())).set("recipient", Json::hex(recipient_tag(key.id()))));
  names.set("kem_id", Json::object().set("key", Json::hex(kem)).set("id", Json::hex(kem_id(kem))));
  Json bad = Json::array(), bad_dh = Json::array();
  for (const test::HostileKey& h : test::hostile_signing_keys()) bad.push(refused(h.what, "bad_key", h.bytes));
  bad.push(refused("mixed order: of the main subgroup, with a point of order 8 added", "bad_key",
                   test::MixedOrderKey(key.seed()).id().view()));
  for (const test::HostileKey& h : test::hostile_dh_keys()) bad_dh.push(refused(h.what, "bad_key", h.bytes));
  return file(
             "Sections 2, 5 and 6: H, keyed and not, Sign and KDF under every label; names; public keys that are "
             "refused.")
      .set("hashes", std::move(plain))
      .set("signatures", std::move(signatures))
      .set("kdf", std::move(kdf))
      .set("names", std::move(names))
      .set("refused_ed25519", std::move(bad))
      .set("refused_x25519", std::move(bad_dh))
      .set("refused_mlkem",
           Json::array().push(refused("a coefficient of 3329", "bad_key", test::hostile_kem_key(kem).view())));
}

namespace {

// Signed as they are, so that nothing but what the name says is wrong.
Json refused_entries(const test::SampleKeys& keys, const std::vector<EntryBody>& bodies) {
  Json bad = Json::array();
  auto add = [&](const char* what, const char* reason, const Bytes& entry) {
    Result<Entry> read = decode_and_verify_entry(entry);
    require(!read, what);
    require((read.error().code == Errc::malformed) == (std::string_view(reason) == "malformed"), what);
    bad.push(refused(what, reason, entry));
  };
  auto signed_by = [](const EntryBody& b, const crypto::SigningKey& k) { return sign_entry(b, k).bytes(); };
  const Bytes whole = signed_by(bodies[7], keys.first), body = encode(bodies[7]);
  auto resigned = [&](const Bytes& b) {
    return Writer().vector(b).fixed(keys.first.sign(label::entry_sign, b)).take();
  };
  add("cut by a byte", "malformed", cut(whole, whole.size() - 1));
  add("a byte more", "malformed", longer(whole));
  add("a byte more in the body", "malformed", resigned(longer(body)));
  add("version 2", "malformed", resigned(with_byte(body, 0, 2)));
  add("the type of a record", "malformed", resigned(with_byte(body, 1, 2)));
  add("kind 7", "malformed", resigned(with_byte(body, 2, 7)));
  add("signed by another key", "bad_signature", signed_by(bodies[7], keys.second));
  add("signed under another label", "bad_signature",
      Writer().vector(body).fixed(keys.first.sign(label::entry_cosign, body)).take());
  add("a flipped bit in the body", "bad_signature", with_byte(whole, 110, static_cast<std::uint8_t>(whole[110] ^ 1)));

  EntryBody b = bodies[1];
  b.cosignature = cosign(b, keys.first);
  add("an add that its sponsor co-signed", "bad_signature", signed_by(b, keys.first));
  b = bodies[1];
  b.prev.bytes[0] ^= 1;
  add("a co-signature for another parent", "bad_signature", signed_by(b, keys.first));
  b = bodies[1];
  b.kind = EntryKind::handover;
  add("a co-signature of an add under a handover", "bad_signature", signed_by(b, keys.first));
  b = bodies[1];
  b.identity = {};
  b.cosignature = cosign(b, keys.second);
  add("a device without identity key", "bad_key", signed_by(b, keys.first));
  b.identity = *crypto::DhPublic::from(test::hostile_dh_keys()[2].bytes);
  b.cosignature = cosign(b, keys.second);
  add("a device with an identity key of low order", "bad_key", signed_by(b, keys.first));
  b.identity = keys.second_identity.public_key();
  b.identity.bytes[31] |= 0x80;
  b.cosignature = cosign(b, keys.second);
  add("a device with bit 255 of its identity key set", "bad_key", signed_by(b, keys.first));
  b = bodies[2];
  b.identity = keys.first_identity.public_key();
  b.cosignature = cosign(b, keys.paper);
  add("a recovery key with an identity key", "malformed", signed_by(b, keys.first));
  b = bodies[6];
  b.keep.push_back(b.keep[0]);
  add("a revoke that keeps five", "malformed", signed_by(b, keys.first));
  b = bodies[7];
  b.prev = {};
  add("a claim without parent", "malformed", signed_by(b, keys.first));
  b = bodies[0];
  b.recovery = keys.first.id();
  b.cosignature = cosign(b, keys.first);
  add("a genesis with one key for both", "malformed", signed_by(b, keys.first));
  b = bodies[0];
  b.account.bytes[0] = 1;
  b.cosignature = cosign(b, keys.root);
  add("a genesis with an account", "malformed", signed_by(b, keys.first));
  b = bodies[5];
  b.key = *DeviceId::from(test::hostile_signing_keys()[0].bytes);
  add("a revoke of a key of low order", "bad_key", signed_by(b, keys.first));

  const test::MixedOrderKey mixed(keys.paper.seed());
  b = bodies[7];
  b.signer = mixed.id();
  add("signed, validly, by a key of mixed order", "bad_key",
      Writer().vector(encode(b)).fixed(mixed.sign(label::entry_sign, encode(b))).take());
  b = bodies[1];
  b.key = mixed.id();
  b.cosignature = mixed.sign(label::entry_cosign, cosigned_part(b));
  add("an add of a key of mixed order, validly co-signed", "bad_key", signed_by(b, keys.first));
  return bad;
}

}  // namespace

Json entries() {
  crypto::SeededRandom random = test::seeded(41);
  const test::SampleKeys keys(random);
  const std::vector<EntryBody> bodies = test::sample_bodies(keys, random);
  Json all = Json::array();
  std::vector<EntryHash> hashes;
  for (const EntryBody& b : bodies) {
    all.push(entry_json(b, keys.first));
    hashes.push_back(sign_entry(b, keys.first).hash());
  }
  std::sort(hashes.begin(), hashes.end());
  crypto::Hasher digest(label::ledger_digest);
  for (const EntryHash& h : hashes) digest.add(h.view());
  return file(
             "Section 7: entries of every kind with the keys that signed them (signer first; co-signer root, second or "
             "paper), and what is refused. Section 8.6: the digest of a sorted list of hashes, and of none.")
      .set("keys", keys_json(keys))
      .set("entries", std::move(all))
      .set("refused", refused_entries(keys, bodies))
      .set("digests", Json::array()
                          .push(Json::object()
                                    .set("hashes", hex_list(hashes))
                                    .set("digest", Json::hex(digest.finish_as<LedgerDigest>())))
                          .push(Json::object()
                                    .set("hashes", Json::array())
                                    .set("digest", Json::hex(crypto::hash<LedgerDigest>(label::ledger_digest, {})))));
}

Json records() {
  crypto::SeededRandom random = test::seeded(42);
  const test::SampleKeys keys(random);
  RecordBody b = test::sample_record(keys, random);
  b.entries.resize(2);
  const Bytes record = sign_record(b, keys.first);
  const JoinRecordBody j = test::sample_join_record(keys, random);
  const Bytes join = sign_join_record(j, keys.second);
  require(decode_and_verify_record(record) && decode_and_verify_join_record(join), "a record that does not verify");
  Json bad = Json::array();
  auto refuse = [&](const char* what, const char* reason, const Bytes& bytes) {
    require(!decode_and_verify_record(bytes) && !decode_and_verify_join_record(bytes), what);
    bad.push(refused(what, reason, bytes));
  };
  refuse("a record cut by a byte", "malformed", cut(record, record.size() - 1));
  refuse("a record and a byte", "malformed", longer(record));
  refuse("a record signed by another device", "bad_signature", sign_record(b, keys.second));
  refuse("a record with a flipped bit", "bad_signature",
         with_byte(record, 80, static_cast<std::uint8_t>(record[80] ^ 1)));
  Reader r(record), q(join);
  const ByteView body = r.vector(max_record), join_body = q.vector(max_record);
  refuse("a record under a join record's label", "bad_signature",
         Writer().vector(body).fixed(keys.first.sign(label::join_sign, body)).take());
  refuse("a join record under a record's label", "bad_signature",
         Writer().vector(join_body).fixed(keys.second.sign(label::record_sign, join_body)).take());
  RecordBody other = b;
  other.routes.assign(max_routes + 1, b.routes[0]);
  refuse("nine routes", "malformed", sign_record(other, keys.first));
  other = b;
  other.bundle.dh.bytes[31] |= 0x80;
  refuse("bit 255 of the prekey set", "bad_key", sign_record(other, keys.first));
  other = b;
  other.bundle.kem = test::hostile_kem_key(b.bundle.kem);
  refuse("an ML-KEM key not below the modulus", "bad_key", sign_record(other, keys.first));
  JoinRecordBody bad_join = j;
  bad_join.identity = *crypto::DhPublic::from(test::hostile_dh_keys()[1].bytes);
  refuse("a join record with an identity key of low order", "bad_key", sign_join_record(bad_join, keys.second));

  Json f = Json::object();
  f.set("account", Json::hex(b.account)).set("device", Json::hex(b.device)).set("sequence", Json::number(b.sequence));
  f.set("time", Json::number(b.time.ms)).set("bundle", fields(b.bundle));
  f.set("routes", list(b.routes, [](const Route& x) { return fields(x); })).set("address", Json::text(b.address));
  f.set("opening", Json::hex(b.opening)).set("entries", hex_list(b.entries));
  Json g = Json::object();
  g.set("device", Json::hex(j.device)).set("identity", Json::hex(j.identity)).set("time", Json::number(j.time.ms));
  g.set("bundle", fields(j.bundle)).set("route", fields(j.route)).set("commitment", Json::hex(j.commitment));
  return file(
             "Section 10: a device record (signed by keys.first), a join record (keys.second), and what is refused as "
             "either.")
      .set("keys", keys_json(keys))
      .set("record", Json::object().set("fields", std::move(f)).set("bytes", Json::hex(record)))
      .set("join_record", Json::object().set("fields", std::move(g)).set("bytes", Json::hex(join)))
      .set("refused", std::move(bad));
}

Json padding() {
  Json sizes = Json::array(), plain = Json::array(), bad = Json::array();
  for (std::size_t n : std::initializer_list<std::size_t>{0,    1,    255,  256,  257,  272,   273,   511,
                                                          512,  513,  1000, 1025, 2000, 2049,  4097,  8200,
                                                          10000, 16385, 20000, 32769, 50000, 60000, 61440})
    sizes.push(Json::array().push(Json::number(n)).push(Json::number(padded_size(n))));
  crypto::SeededRandom random = test::seeded(43);
  for (const bool full : {false, true}) {
    Plaintext p;
    p.gossip = test::sample_gossip(random, full);
    p.content = encode(test::sample_contents(random)[full ? 0 : 5]);
    p.hash = content_hash(p.content);
    const crypto::SecretBytes s = encode_padded(p);
    const Bytes padded(s.expose().begin(), s.expose().end());
    plain.push(Json::object()
                   .set("gossip", fields(p.gossip))
                   .set("hash", Json::hex(p.hash))
                   .set("content", Json::hex(p.content))
                   .set("padded", Json::hex(padded)));
    if (full) continue;
    Bytes twice = padded;
    twice.resize(padded.size() * 2);
    for (const auto& [what, bytes] : {std::pair<const char*, Bytes>{"cut by a byte", cut(padded, padded.size() - 1)},
                                      {"a byte more", longer(padded)},
                                      {"twice the size", twice},
                                      {"padding that is not zero", with_byte(padded, padded.size() - 1, 1)},
                                      {"the type of a content", with_byte(padded, 3, 6)}}) {
      require(!decode_padded(bytes), what);
      bad.push(refused(what, "malformed", bytes));
    }
  }
  return file(
             "Section 14: pad(n) as [n, pad(n)]; plaintexts, field by field and padded; padded plaintexts that are "
             "refused.")
      .set("sizes", std::move(sizes))
      .set("plaintexts", std::move(plain))
      .set("refused", std::move(bad));
}

// Bodies that say what no body may, each whole but for that. (Bounds of many kilobytes are left to unit tests.)
std::vector<std::pair<std::string, Bytes>> bodies_refused(const std::vector<Content>& samples) {
  std::vector<std::pair<std::string, Bytes>> out;
  const auto raw = [&](std::string what, ContentKind kind, Bytes body) {
    Content c = samples[1];
    c.kind = kind;
    c.body = UnknownBody{std::move(body)};
    out.emplace_back(std::move(what), encode(c));
  };
  const auto add = [&](std::string what, ContentKind kind, const ContentBody& body) {
    Writer w;
    write_body(w, body);
    raw(std::move(what), kind, w.take());
  };
  std::set<ContentKind> seen;
  for (const Content& c : samples) {
    if (std::holds_alternative<UnknownBody>(c.body) || !seen.insert(c.kind).second) continue;
    Writer w;
    write_body(w, c.body);
    const std::string kind = "kind " + std::to_string(static_cast<unsigned>(c.kind));
    raw(kind + ", its body longer by a byte", c.kind, longer(w.bytes()));
    if (!w.bytes().empty()) raw(kind + ", its body cut by a byte", c.kind, cut(w.bytes(), w.bytes().size() - 1));
  }
  const auto file = [](std::vector<std::string> locations, Bytes inlined, std::uint64_t size) {
    File f;
    f.blob.locations = std::move(locations);
    f.blob.inlined = std::move(inlined);
    f.blob.size = size;
    return f;
  };
  const File good = file({"spool:x"}, {}, 1000);
  const std::string half_an_emoji = "\xf0\x9f\x91";
  using enum ContentKind;
  add("an edit to a text with a zero byte", edit, Edit{{}, Text{std::string("a\0b", 3), {}}});
  add("a reaction without an emoji", reaction, Reaction{{}, "", true});
  add("a reaction with half an emoji", reaction, Reaction{{}, half_an_emoji, true});
  add("a reaction with 65 bytes of emoji", reaction, Reaction{{}, std::string(max_reaction + 1, 'x'), true});
  add("a delivered receipt with marks", receipt, Receipt{ReceiptType::delivered, {}, {{}}});
  add("a read receipt with contents", receipt, Receipt{ReceiptType::read, {ContentHash{}}, {}});
  add("a receipt with both lists", receipt, Receipt{ReceiptType::read, {ContentHash{}}, {{}}});
  add("a receipt of type 0", receipt, Receipt{static_cast<ReceiptType>(0), {}, {}});
  raw("typing, neither 0 nor 1", typing, {2});
  add("an attachment without a file", attachment, Attachment{});
  add("seventeen files", attachment, Attachment{{}, std::vector<File>(max_files + 1, good)});
  add("a file that lies nowhere", attachment, Attachment{{}, {file({}, {}, 1)}});
  add("a file both in the content and elsewhere", attachment, Attachment{{}, {file({"spool:x"}, {1}, 1)}});
  add("a file shorter than its size", attachment, Attachment{{}, {file({}, {1}, 2)}});
  add("a file longer than its size", attachment, Attachment{{}, {file({}, {1}, 0)}});
  add("a file of 2^40 and one bytes", attachment, Attachment{{}, {file({"spool:x"}, {}, max_blob + 1)}});
  add("nine locations", attachment,
      Attachment{{}, {file(std::vector<std::string>(max_locations + 1, "spool:x"), {}, 1)}});
  File named = good;
  named.name = std::string("a\0b", 3);
  add("a file whose name has a zero byte", attachment, Attachment{{}, {named}});
  add("a poll with one option", poll, Poll{"?", {"yes"}, false});
  add("a poll with 21 options", poll, Poll{"?", std::vector<std::string>(max_options + 1, "x"), false});
  add("an option twice in a vote", vote, Vote{{}, {1, 1}});
  add("options out of order in a vote", vote, Vote{{}, {1, 0}});
  add("a vote for option 20", vote, Vote{{}, {max_options}});
  add("a sticker that lies nowhere", sticker, Sticker{file({}, {}, 1).blob, "x", ""});
  add("a sticker's pack of 129 bytes", sticker, Sticker{good.blob, "x", std::string(max_name + 1, 'x')});
  add("a card with 17 addresses", contact_card,
      ContactCard{{}, "", std::vector<std::string>(max_card_addresses + 1, "spool:x")});
  raw("a thread change that asks neither 0 nor 1", thread_change, {2, 0, 0});
  add("a thread change with 1,025 bytes of proof", thread_change, ThreadChange{false, {}, {Bytes(max_entry + 1)}});
  Register kindless;
  kindless.kind = static_cast<RegisterKind>(0);
  add("a register of kind 0", device_register, RegisterSync{{}, false, {kindless}});
  Register long_subject;
  long_subject.subject = Bytes(max_register_subject + 1);
  add("a register with 65 bytes of subject", device_register, RegisterSync{{}, false, {long_subject}});
  raw("history that asks for half a hash", history, Writer().vector(Bytes(16)).vector({}).take());
  return out;
}

Json content() {
  crypto::SeededRandom random = test::seeded(44);
  Json all = Json::array(), bad = Json::array();
  const std::vector<Content> samples = test::sample_contents(random);
  for (const Content& c : samples) {
    const Bytes bytes = encode(c);
    all.push(Json::object()
                 .set("fields", fields(c))
                 .set("bytes", Json::hex(bytes))
                 .set("hash", Json::hex(content_hash(bytes))));
  }
  const Bytes text = encode(samples[1]);
  Content receipt = samples[3];
  receipt.body = Receipt{static_cast<ReceiptType>(3), {}, {}};
  Content many = samples[1];
  many.previous.assign(max_previous + 1, Previous{});
  Content nul = samples[1];
  nul.body = Text{std::string("a\0b", 3), {}};
  std::vector<std::pair<std::string, Bytes>> wrong = {{"cut by a byte", cut(text, text.size() - 1)},
                                                      {"a byte more", longer(text)},
                                                      {"version 2", with_byte(text, 0, 2)},
                                                      {"the type of a plaintext", with_byte(text, 1, 5)},
                                                      {"needs neither 0 nor 1", with_byte(text, text.size() - 4, 2)},
                                                      {"a receipt of type 3", encode(receipt)},
                                                      {"seventeen previous", encode(many)},
                                                      {"a text with a zero byte", encode(nul)}};
  for (auto& body : bodies_refused(samples)) wrong.push_back(std::move(body));
  for (const auto& [what, bytes] : wrong) {
    const Result<Content> read = decode_content(bytes);
    require(!read && read.error().code == Errc::malformed, what.c_str());
    bad.push(refused(what, "malformed", bytes));
  }
  return file(
             "Section 15: contents of every kind that has a body, of one that is reserved, and of one that nobody "
             "knows yet; what is refused.")
      .set("contents", std::move(all))
      .set("refused", std::move(bad));
}

}  // namespace bud::vectors
