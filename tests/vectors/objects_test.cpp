// Holds the implementation to the vectors of objects, reading them as a stranger's program would: from the files.
#include "base/text.h"
#include "crypto/kdf.h"
#include "fields.h"
#include "generate.h"
#include "read.h"
#include "wire/labels.h"

namespace bud::vectors {
namespace {

using namespace wire;
using test::code;

crypto::SigningKey signing(const Value& seed) {
  return crypto::SigningKey::from_seed(*crypto::Secret<32>::from(hex(seed)));
}

TEST(Vectors, AreWhatTheToolWrites) {
  for (const auto& [name, contents] : all_files()) {
    const Bytes there = test::read_file(std::string(BUD_SOURCE_DIR) + "/tests/vectors/" + name);
    EXPECT_TRUE(as_text(there) == contents) << name << " is not what budstikke-make-vectors writes";
  }
}

TEST(Vectors, Codec) {
  const auto d = load("codec.json");
  for (const Value& v : d["lengths"].GetArray()) {
    Bytes bytes = hex(v["prefix"]);
    const std::size_t n = v["length"].GetUint64(), prefix = bytes.size();
    bytes.resize(prefix + n, 7);
    EXPECT_EQ(Writer().vector(Bytes(n, 7)).take(), bytes);
    Reader r(bytes);
    EXPECT_EQ(r.vector(n).size(), n);
    EXPECT_TRUE(r.finish("vector"));
  }
  for (const Value& v : d["refused"].GetArray()) {
    const Bytes bytes = hex(v["bytes"]);
    Reader r(bytes);
    (void)r.vector(SIZE_MAX);
    EXPECT_EQ(code(r.finish("vector")), reason(v)) << text(v["what"]);
  }
  for (const Value& v : d["text"].GetArray()) EXPECT_TRUE(valid_text(as_text(hex(v)))) << text(v);
  for (const Value& v : d["not_text"].GetArray()) EXPECT_FALSE(valid_text(as_text(hex(v)))) << text(v);
}

TEST(Vectors, Hashes) {
  const auto d = load("hashes.json");
  for (const Value& v : d["hashes"].GetArray()) {
    const std::string l = text(v["label"]);
    Bytes out(v["size"].GetUint64());
    crypto::Hasher(crypto::Label{l}, v.HasMember("key") ? hex(v["key"]) : Bytes(), out.size())
        .add(hex(v["message"]))
        .finish(out);
    EXPECT_EQ(out, hex(v["hash"])) << l;
  }
  for (const Value& v : d["signatures"].GetArray()) {
    const std::string l = text(v["label"]);
    const crypto::SigningKey key = signing(v["seed"]);
    EXPECT_EQ(key.id(), fixed<DeviceId>(v["public"]));
    EXPECT_EQ(key.sign({l}, hex(v["message"])), fixed<crypto::Signature>(v["signature"]));
    EXPECT_TRUE(crypto::verify(key.id(), {l}, hex(v["message"]), fixed<crypto::Signature>(v["signature"])));
  }
  for (const Value& v : d["kdf"].GetArray()) {
    const std::string l = text(v["label"]);
    Bytes out(hex(v["output"]).size());
    crypto::hkdf_into(out, hex(v["salt"]), hex(v["input"]), {l}, hex(v["context"]));
    EXPECT_EQ(out, hex(v["output"])) << l;
  }
  const Value& n = d["names"];
  EXPECT_EQ(thread_of_two(fixed<AccountId>(n["thread_of_two"]["a"]), fixed<AccountId>(n["thread_of_two"]["b"])),
            fixed<ThreadId>(n["thread_of_two"]["thread"]));
  EXPECT_EQ(blind(fixed<ClaimOpening>(n["blinded"]["opening"]), text(n["blinded"]["address"])),
            fixed<BlindedAddress>(n["blinded"]["blinded"]));
  EXPECT_EQ(recipient_tag(fixed<DeviceId>(n["recipient"]["device"])), fixed<RecipientTag>(n["recipient"]["recipient"]));
  EXPECT_EQ(kem_id(fixed<crypto::KemPublic>(n["kem_id"]["key"])), fixed<KemId>(n["kem_id"]["id"]));
}

TEST(Vectors, RefusedKeys) {
  const auto d = load("hashes.json");
  for (const Value& v : d["refused_ed25519"].GetArray())
    EXPECT_EQ(code(crypto::check_signing_public(fixed<DeviceId>(v["bytes"]))), reason(v)) << text(v["what"]);
  for (const Value& v : d["refused_x25519"].GetArray())
    EXPECT_EQ(code(crypto::check_dh_public(fixed<crypto::DhPublic>(v["bytes"]))), reason(v)) << text(v["what"]);
  for (const Value& v : d["refused_mlkem"].GetArray())
    EXPECT_EQ(code(crypto::check_kem_public(fixed<crypto::KemPublic>(v["bytes"]))), reason(v)) << text(v["what"]);
}

TEST(Vectors, Entries) {
  const auto d = load("entries.json");
  const crypto::SigningKey first = signing(d["keys"]["first"]["seed"]);
  for (const Value& v : d["entries"].GetArray()) {
    Result<Entry> e = decode_and_verify_entry(hex(v["entry"]));
    ASSERT_TRUE(e) << e.error().text;
    EXPECT_EQ(e->hash(), fixed<EntryHash>(v["hash"]));
    EXPECT_EQ(e->account(), fixed<AccountId>(v["account"]));
    EXPECT_EQ(encode(e->body()), hex(v["body"]));
    EXPECT_TRUE(same(fields(e->body()), v["fields"]));
    EXPECT_EQ(sign_entry(e->body(), first).bytes(), hex(v["entry"]));
    if (v.HasMember("cosigned")) {
      EXPECT_EQ(cosigned_part(e->body()), hex(v["cosigned"]));
    }
  }
  for (const Value& v : d["refused"].GetArray())
    EXPECT_EQ(code(decode_and_verify_entry(hex(v["bytes"]))), reason(v)) << text(v["what"]);
  for (const Value& v : d["digests"].GetArray()) {
    crypto::Hasher h(label::ledger_digest);
    for (const Value& entry : v["hashes"].GetArray()) h.add(hex(entry));
    EXPECT_EQ(h.finish_as<LedgerDigest>(), fixed<LedgerDigest>(v["digest"]));
  }
}

TEST(Vectors, Records) {
  const auto d = load("records.json");
  const crypto::SigningKey first = signing(d["keys"]["first"]["seed"]), second = signing(d["keys"]["second"]["seed"]);
  Result<Record> r = decode_and_verify_record(hex(d["record"]["bytes"]));
  ASSERT_TRUE(r);
  const Value& f = d["record"]["fields"];
  EXPECT_EQ(r->body.account, fixed<AccountId>(f["account"]));
  EXPECT_EQ(r->body.sequence, f["sequence"].GetUint64());
  EXPECT_TRUE(same(fields(r->body.bundle), f["bundle"]));
  EXPECT_TRUE(same(list(r->body.routes, [](const Route& x) { return fields(x); }), f["routes"]));
  EXPECT_TRUE(same(hex_list(r->body.entries), f["entries"]));
  EXPECT_EQ(r->entries.size(), r->body.entries.size());
  EXPECT_EQ(sign_record(r->body, first), hex(d["record"]["bytes"]));
  Result<JoinRecord> j = decode_and_verify_join_record(hex(d["join_record"]["bytes"]));
  ASSERT_TRUE(j);
  EXPECT_EQ(j->body.commitment, fixed<JoinCommitment>(d["join_record"]["fields"]["commitment"]));
  EXPECT_TRUE(same(fields(j->body.route), d["join_record"]["fields"]["route"]));
  EXPECT_EQ(sign_join_record(j->body, second), hex(d["join_record"]["bytes"]));
  for (const Value& v : d["refused"].GetArray()) {
    const Bytes bytes = hex(v["bytes"]);
    const std::optional<Errc> as_join = code(decode_and_verify_join_record(bytes)),
                              as_record = code(decode_and_verify_record(bytes));
    EXPECT_TRUE(as_join && as_record) << text(v["what"]);
    EXPECT_TRUE(as_join == reason(v) || as_record == reason(v)) << text(v["what"]);
  }
}

TEST(Vectors, Padding) {
  const auto d = load("padding.json");
  for (const Value& v : d["sizes"].GetArray()) EXPECT_EQ(padded_size(v[0].GetUint64()), v[1].GetUint64());
  for (const Value& v : d["plaintexts"].GetArray()) {
    Result<Plaintext> p = decode_padded(hex(v["padded"]));
    ASSERT_TRUE(p);
    EXPECT_TRUE(same(fields(p->gossip), v["gossip"]));
    EXPECT_EQ(p->hash, fixed<ContentHash>(v["hash"]));
    EXPECT_EQ(p->content, hex(v["content"]));
    const crypto::SecretBytes again = encode_padded(*p);
    EXPECT_TRUE(equal(again.expose(), hex(v["padded"])));
  }
  for (const Value& v : d["refused"].GetArray())
    EXPECT_EQ(code(decode_padded(hex(v["bytes"]))), reason(v)) << text(v["what"]);
}

TEST(Vectors, Content) {
  const auto d = load("content.json");
  for (const Value& v : d["contents"].GetArray()) {
    Result<wire::Content> c = decode_content(hex(v["bytes"]));
    ASSERT_TRUE(c);
    EXPECT_TRUE(same(fields(*c), v["fields"])) << v["fields"]["kind"].GetInt();
    EXPECT_EQ(encode(*c), hex(v["bytes"]));
    EXPECT_EQ(content_hash(hex(v["bytes"])), fixed<ContentHash>(v["hash"]));
  }
  for (const Value& v : d["refused"].GetArray())
    EXPECT_EQ(code(decode_content(hex(v["bytes"]))), reason(v)) << text(v["what"]);
}

}  // namespace
}  // namespace bud::vectors
