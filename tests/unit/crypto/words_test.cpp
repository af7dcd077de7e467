#include "crypto/words.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include "crypto/random.h"
#include "support/outcome.h"

namespace bud::crypto {
namespace {

// The test vectors of BIP-39 with 32 bytes (trezor/python-mnemonic, vectors.json).
const std::pair<const char*, const char*> vectors[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000",
     "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
     "abandon abandon abandon abandon abandon abandon abandon abandon abandon art"},
    {"7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f",
     "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner "
     "thank year wave sausage worth title"},
    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo vote"},
    {"68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c",
     "hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple "
     "dilemma loan word shrug inflict delay length"},
    {"8080808080808080808080808080808080808080808080808080808080808080",
     "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic "
     "avoid letter advice cage absurd amount doctor acoustic bless"},
    {"9f6a2878b2520799a44ef18bc7df394e7061a224d2c33cd015b157d746869863",
     "panda eyebrow bullet gorilla call smoke muffin taste mesh discover soft ostrich alcohol speed nation flash "
     "devote level hobby quick inner drive ghost inside"},
    {"066dca1a2bb7e8a1db2832148ce9933eea0f3ac9548d793112d9a95c9407efad",
     "all hour make first leader extend hole alien behind guard gospel lava path output census museum junior "
     "mass reopen famous sing advance salt reform"},
    {"f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f",
     "void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing screen patrol "
     "group space point ten exist slush involve unfold"},
};

TEST(RecoveryWords, AreThoseOfBip39) {
  initialize();
  for (const auto& [hex, words] : vectors) {
    const Secret<32> seed = *Secret<32>::from(*from_hex(hex));
    EXPECT_EQ(as_text(recovery_words(seed).expose()), words);
    auto back = seed_from_words(as_bytes(words));
    ASSERT_TRUE(back);
    EXPECT_EQ(to_hex(back->expose()), hex);
  }
}

// The list as it was compiled in, word by word: the first word of a seed is its first eleven bits.
TEST(RecoveryWords, HaveTheWholeListOfBip39) {
  initialize();
  std::string list;
  for (unsigned n = 0; n < 2048; ++n) {
    Secret<32> seed;
    seed.expose_mutable()[0] = static_cast<std::uint8_t>(n >> 3);
    seed.expose_mutable()[1] = static_cast<std::uint8_t>(n << 5 & 0xff);
    const SecretBytes words = recovery_words(seed);
    const std::string_view text = as_text(words.expose());
    list += std::string(text.substr(0, text.find(' '))) + '\n';
    auto back = seed_from_words(words.expose());
    ASSERT_TRUE(back) << text;
    EXPECT_TRUE(equal(back->expose(), seed.expose())) << text;
  }
  // SHA-256 of the list in the BIP (english.txt).
  Bytes digest(crypto_hash_sha256_BYTES);
  crypto_hash_sha256(digest.data(), as_bytes(list).data(), list.size());
  EXPECT_EQ(to_hex(digest), "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
}

TEST(RecoveryWords, AreTakenAsPeopleTypeThem) {
  auto seed = seed_from_words(as_bytes("  ZOO zoo zoo\nzoo zoo zoo zoo zoo zoo zoo zoo zoo\tzoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo VOTE\n"));
  ASSERT_TRUE(seed);
  EXPECT_EQ(to_hex(seed->expose()), std::string(64, 'f'));
  EXPECT_TRUE(seed_from_words(as_bytes("lega winn than year wave saus wort usef lega winn than year wave saus wort usef lega winn than "
                                       "year wave saus wort titl")));
}

TEST(RecoveryWords, RefuseWhatIsNotThem) {
  using test::code;
  std::string zoo;
  for (int i = 0; i < 23; ++i) zoo += "zoo ";
  EXPECT_EQ(code(seed_from_words({})), Errc::malformed);
  EXPECT_EQ(code(seed_from_words(as_bytes(zoo))), Errc::malformed);
  EXPECT_EQ(code(seed_from_words(as_bytes(zoo + "zoo"))), Errc::wrong_secret);
  EXPECT_EQ(code(seed_from_words(as_bytes(zoo + "vote vote"))), Errc::malformed);
  EXPECT_EQ(code(seed_from_words(as_bytes(zoo + "vot"))), Errc::malformed);
  EXPECT_EQ(code(seed_from_words(as_bytes(zoo + "abandonabandon"))), Errc::malformed);
  EXPECT_EQ(seed_from_words(as_bytes("zoo qwertz")).error().text, "word 2 is none of the list");
}

}  // namespace
}  // namespace bud::crypto
