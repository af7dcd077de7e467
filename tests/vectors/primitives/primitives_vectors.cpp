// Every vector of this folder against crypto/. What a file holds, and where it is from, is said in make.py.
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <cstdlib>
#include <map>
#include <string>

#include "crypto/aead.h"
#include "crypto/dh.h"
#include "crypto/kdf.h"
#include "crypto/kem.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "crypto/sign.h"
#include "support/outcome.h"
#include "support/scratch_folder.h"

namespace bud::crypto {
namespace {

using Json = rapidjson::Value;
using test::code;

std::string text(const Json& row, const char* field) {
  return row[field].GetString();
}
Bytes bytes(const Json& row, const char* field) {
  const auto decoded = from_hex(text(row, field));
  if (!decoded) throw std::runtime_error("no hexadecimal in " + std::string(field));
  return *decoded;
}
bool has_flag(const Json& row, std::string_view wanted) {
  for (const Json& flag : row["flags"].GetArray())
    if (flag.GetString() == wanted) return true;
  return false;
}

// Each row of a file, and how many there were.
template <class Check>
std::size_t each(const std::string& name, const Check& check) {
  initialize();
  const Bytes file = test::read_file(BUD_SOURCE_DIR "/tests/vectors/primitives/" + name);
  rapidjson::Document rows;
  rows.Parse(reinterpret_cast<const char*>(file.data()), file.size());
  if (!rows.IsArray()) throw std::runtime_error("no list in " + name);
  for (const Json& row : rows.GetArray()) {
    SCOPED_TRACE(row.HasMember("tcId") ? name + " " + std::to_string(row["tcId"].GetInt()) : name);
    check(row);
  }
  return rows.Size();
}

template <std::size_t N>
Secret<N> secret(const Bytes& from) {
  auto made = Secret<N>::from(from);
  if (!made) throw std::runtime_error("a key of another length");
  return std::move(*made);
}

// Below 2^255 - 19 as a number: its digits, the highest first, are compared.
bool is_reduced(const DhPublic& key) {
  const Bytes big_endian(key.bytes.rbegin(), key.bytes.rend());
  return to_hex(big_endian) < "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed";
}

TEST(X25519, AgreesAsItShouldAndRefusesWhatItShould) {
  std::map<std::string, int> seen;
  each("x25519.json", [&](const Json& row) {
    const DhPublic peer = *DhPublic::from(bytes(row, "public"));
    const auto shared = DhKey::from_secret(secret<32>(bytes(row, "private"))).agree(peer);
    // What X25519 itself would take, and this protocol does not: a second encoding of a key, or one of low order.
    const bool good = is_reduced(peer) && !has_flag(row, "ZeroSharedSecret");
    EXPECT_EQ(code(check_dh_public(peer)), good ? std::nullopt : std::optional(Errc::bad_key));
    EXPECT_FALSE(is_reduced(peer) && has_flag(row, "NonCanonicalPublic"));
    seen["not reduced"] += !is_reduced(peer);
    if (has_flag(row, "ZeroSharedSecret")) {
      EXPECT_EQ(code(shared), Errc::bad_key);
      ++seen["zero"];
    } else {
      ASSERT_TRUE(shared);
      EXPECT_EQ(to_hex(shared->expose()), text(row, "shared"));
      ++seen["agreed"];
    }
  });
  EXPECT_GE(seen["zero"], 30);
  EXPECT_GE(seen["agreed"], 480);
  EXPECT_GE(seen["not reduced"], 15);
}

// RFC 7748, section 5.2: the function applied to its own results, a thousand times.
TEST(X25519, AppliedAThousandTimesOver) {
  initialize();
  Bytes k(32), u(32);
  k[0] = u[0] = 9;
  for (int i = 1; i <= 1000; ++i) {
    const auto next = DhKey::from_secret(secret<32>(k)).agree(*DhPublic::from(u));
    ASSERT_TRUE(next);
    u = k;
    k.assign(next->expose().begin(), next->expose().end());
    if (i == 1) {
      EXPECT_EQ(to_hex(k), "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
    }
  }
  EXPECT_EQ(to_hex(k), "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

TEST(XChaCha20Poly1305, SealsAndOpensAsItShould) {
  std::map<std::string, int> seen;
  each("xchacha20_poly1305.json", [&](const Json& row) {
    ++seen[text(row, "result")];
    const auto nonce = Nonce::from(bytes(row, "iv"));
    if (has_flag(row, "InvalidNonceSize")) {
      EXPECT_FALSE(nonce);
      ++seen["nonce"];
      return;
    }
    ASSERT_TRUE(nonce);
    const auto key = secret<32>(bytes(row, "key"));
    const Bytes ad = bytes(row, "aad"), plain = bytes(row, "msg");
    const Bytes sealed = *from_hex(text(row, "ct") + text(row, "tag"));
    const auto opened = open(key, *nonce, ad, sealed);
    if (text(row, "result") == "valid") {
      EXPECT_EQ(to_hex(seal(key, *nonce, ad, plain)), to_hex(sealed));
      ASSERT_TRUE(opened);
      EXPECT_TRUE(equal(opened->expose(), plain));
    } else {
      EXPECT_EQ(code(opened), Errc::cannot_open);
    }
  });
  EXPECT_GE(seen["valid"], 240);
  EXPECT_GE(seen["invalid"], 60);
  EXPECT_GE(seen["nonce"], 9);
}

TEST(HkdfSha512, OfAnInfoThatBeginsLikeALabel) {
  const std::size_t count = each("hkdf_sha512.json", [](const Json& row) {
    const Bytes info = bytes(row, "info");
    const ByteView label = ByteView(info).subspan(1, info[0]);
    Bytes out(row["size"].GetUint());
    hkdf_into(out, bytes(row, "salt"), bytes(row, "ikm"), {as_text(label)}, ByteView(info).subspan(1 + label.size()));
    EXPECT_EQ(to_hex(out), text(row, "okm"));
  });
  EXPECT_EQ(count, 2u);
}

TEST(Blake2b, OfAnInputThatBeginsLikeAnEmptyLabel) {
  const std::size_t count = each("blake2b.json", [](const Json& row) {
    const Bytes in = bytes(row, "in");
    Bytes out(64);
    Hasher(Label{""}, bytes(row, "key"), 64).add(ByteView(in).subspan(1)).finish(out);
    EXPECT_EQ(to_hex(out), text(row, "out"));
  });
  EXPECT_GE(count, 60u);
}

TEST(MlKem768, MakesItsPublicKeyFromTheSeed) {
  const std::size_t count = each("mlkem_768_keygen.json", [](const Json& row) {
    EXPECT_EQ(to_hex(KemKey::from_seed(secret<64>(bytes(row, "seed"))).public_key().view()), text(row, "ek"));
  });
  EXPECT_EQ(count, 8u);
}

TEST(MlKem768, DecapsulatesImplicitRejectionIncluded) {
  std::map<std::string, int> seen;
  each("mlkem_768_decaps.json", [&](const Json& row) {
    ++seen[text(row, "result")];
    const auto seed = Secret<64>::from(bytes(row, "seed"));
    const auto ciphertext = KemCiphertext::from(bytes(row, "c"));
    if (text(row, "result") == "invalid") {
      EXPECT_FALSE(seed && ciphertext) << "a wrong length is no key and no ciphertext";
      return;
    }
    ASSERT_TRUE(seed && ciphertext);
    const auto shared = KemKey::from_seed(seed->clone()).decapsulate(*ciphertext);
    ASSERT_TRUE(shared);
    EXPECT_EQ(to_hex(shared->expose()), text(row, "K"));
  });
  EXPECT_GE(seen["valid"], 15);
  EXPECT_GE(seen["invalid"], 30);
}

// Hands out what a vector says.
class GivenRandom final : public Random {
 public:
  explicit GivenRandom(Bytes given) : given_(std::move(given)) {}
  void fill(ByteSpan out) override {
    if (out.size() != given_.size()) std::abort();
    std::copy(given_.begin(), given_.end(), out.begin());
  }

 private:
  Bytes given_;
};

TEST(MlKem768, EncapsulatesToGoodKeysAlone) {
  std::map<std::string, int> seen;
  each("mlkem_768_encaps.json", [&](const Json& row) {
    const auto key = KemPublic::from(bytes(row, "ek"));
    if (!key) {
      EXPECT_EQ(text(row, "result"), "invalid");
      ++seen["length"];
      return;
    }
    GivenRandom random(bytes(row, "m"));
    const auto sent = encapsulate(*key, random);
    if (text(row, "result") == "valid") {
      ASSERT_TRUE(sent);
      EXPECT_EQ(to_hex(sent->ciphertext.view()), text(row, "c"));
      EXPECT_EQ(to_hex(sent->shared.expose()), text(row, "K"));
      ++seen["valid"];
    } else {
      EXPECT_EQ(code(check_kem_public(*key)), Errc::bad_key);
      EXPECT_EQ(code(sent), Errc::bad_key);
      ++seen["modulus"];
    }
  });
  EXPECT_GE(seen["valid"], 12);
  EXPECT_GE(seen["modulus"], 24);
  EXPECT_GE(seen["length"], 15);
}

TEST(Ed25519, TakesPointsOfTheMainSubgroupInTheirOneEncodingAlone) {
  std::map<std::string, int> seen;
  each("ed25519_points.json", [&](const Json& row) {
    const std::string kind = text(row, "kind");
    ++seen[kind];
    EXPECT_EQ(code(check_signing_public(*DeviceId::from(bytes(row, "point")))),
              kind == "good" ? std::nullopt : std::optional(Errc::bad_key))
        << kind << " " << text(row, "point");
  });
  const std::map<std::string, int> wanted = {
      {"torsion", 8}, {"not canonical", 40}, {"good", 4}, {"mixed order", 28}, {"not on the curve", 8}};
  EXPECT_EQ(seen, wanted);
}

// RFC 8032, section 7.1: the public keys. (Its signatures are over bare messages, which are never signed here.)
TEST(Ed25519, MakesItsPublicKeyFromTheSeed) {
  initialize();
  const std::pair<const char*, const char*> keys[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"}};
  for (const auto& [seed, id] : keys)
    EXPECT_EQ(to_hex(SigningKey::from_seed(secret<32>(*from_hex(seed))).id().view()), id);
}

void check_labelled_hash(const Json& row) {
  const std::string label = text(row, "label");
  Bytes out(text(row, "out").size() / 2);
  Hasher({label}, bytes(row, "key"), out.size()).add(bytes(row, "data")).finish(out);
  EXPECT_EQ(to_hex(out), text(row, "out"));
}

void check_labelled_hkdf(const Json& row) {
  const std::string label = text(row, "label");
  Bytes out(row["size"].GetUint());
  hkdf_into(out, bytes(row, "salt"), bytes(row, "ikm"), {label}, bytes(row, "context"));
  EXPECT_EQ(to_hex(out.size() > 1000 ? ByteView(out).last(64) : ByteView(out)), text(row, "out"));
}

void check_labelled_signature(const Json& row) {
  const std::string label = text(row, "label");
  const SigningKey key = SigningKey::from_seed(secret<32>(bytes(row, "seed")));
  EXPECT_EQ(to_hex(key.id().view()), text(row, "id"));
  EXPECT_EQ(to_hex(key.sign({label}, bytes(row, "message")).view()), text(row, "signature"));
  EXPECT_TRUE(verify(key.id(), {label}, bytes(row, "message"), *Signature::from(bytes(row, "signature"))));
}

void check_password(const Json& row) {
  PasswordParameters parameters;
  parameters.passes = row["passes"].GetUint64();
  parameters.memory = row["memory"].GetUint64();
  parameters.salt = *decltype(parameters.salt)::from(bytes(row, "salt"));
  const auto key = derive_key(bytes(row, "passphrase"), parameters);
  ASSERT_TRUE(key);
  EXPECT_EQ(to_hex(key->expose()), text(row, "out"));
}

TEST(Labelled, UsesAreWhatAnotherImplementationMakesOfThem) {
  std::map<std::string, int> seen;
  each("labelled.json", [&](const Json& row) {
    const std::string kind = text(row, "kind");
    ++seen[kind];
    if (kind == "hash") check_labelled_hash(row);
    if (kind == "hkdf") check_labelled_hkdf(row);
    if (kind == "sign") check_labelled_signature(row);
    if (kind == "argon2id") check_password(row);
  });
  const std::map<std::string, int> wanted = {{"hash", 4}, {"hkdf", 3}, {"sign", 3}, {"argon2id", 3}};
  EXPECT_EQ(seen, wanted);
}

}  // namespace
}  // namespace bud::crypto
