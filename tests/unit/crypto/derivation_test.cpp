// Hashes, key derivation and passphrases: each use is apart from every other, and bounds are kept.
#include <gtest/gtest.h>

#include <set>

#include "crypto/kdf.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "support/outcome.h"

namespace bud::crypto {
namespace {

using test::code;
using Digest = Fixed<struct TestDigestTag, 32>;

TEST(Hash, LabelAndDataCannotTradeBytes) {
  initialize();
  std::set<Digest> seen;
  const std::pair<const char*, const char*> cases[] = {{"ab", "c"}, {"a", "bc"}, {"abc", ""}, {"", "abc"}, {"b", "ac"}};
  for (const auto& [label, data] : cases) seen.insert(hash<Digest>({label}, as_bytes(data)));
  EXPECT_EQ(seen.size(), 5u);
}

TEST(Hash, KeyAndSizeArePartOfIt) {
  initialize();
  const Bytes key(32, 1), other(32, 2), data(10, 3);
  std::set<std::string> seen;
  for (const Bytes& k : {Bytes{}, key, other}) {
    Digest digest;
    Hasher({"l"}, k, 32).add(data).finish(digest.bytes);
    seen.insert(to_hex(digest.view()));
  }
  Bytes longer(64);
  Hasher({"l"}, key, 64).add(data).finish(longer);
  seen.insert(to_hex(ByteView(longer).first(32)));
  EXPECT_EQ(seen.size(), 4u);
}

TEST(Hash, PartsAreOneStringAndNumbersAreInNetworkOrder) {
  initialize();
  const Digest whole = hash<Digest>({"l"}, *from_hex("61620000000000000102"));
  EXPECT_EQ(Hasher({"l"}).add(as_bytes("a")).add(as_bytes("b")).add({}).add_u64(258).finish_as<Digest>(), whole);
}

TEST(Hkdf, EachInputIsPartOfIt) {
  initialize();
  std::set<std::string> seen;
  const auto derive = [&](std::string_view salt, std::string_view input, const char* label, std::string_view context) {
    Secret<32> out;
    hkdf(out, as_bytes(salt), as_bytes(input), {label}, as_bytes(context));
    seen.insert(to_hex(out.expose()));
  };
  derive("", "input", "label", "");
  derive("s", "input", "label", "");
  derive("", "inpuT", "label", "");
  derive("", "input", "labeL", "");
  derive("", "input", "label", "c");
  derive("", "input", "labe", "l");
  derive("input", "", "label", "");
  EXPECT_EQ(seen.size(), 7u);
}

struct Password : testing::Test {
  PasswordParameters least;
  void SetUp() override {
    initialize();
    least.passes = 1;
    least.memory = 8192;
  }
};

TEST_F(Password, EachInputIsPartOfIt) {
  std::set<std::string> seen;
  const auto derive = [&](std::string_view passphrase, const PasswordParameters& p) {
    const auto key = derive_key(as_bytes(passphrase), p);
    ASSERT_TRUE(key);
    seen.insert(to_hex(key->expose()));
  };
  derive("passphrase", least);
  derive("passphrasE", least);
  derive("passphrase ", least);
  derive(std::string("passphrase\0", 11), least);
  derive("", least);
  PasswordParameters changed = least;
  changed.salt.bytes[15] = 1;
  derive("passphrase", changed);
  changed = least;
  changed.passes = 2;
  derive("passphrase", changed);
  changed = least;
  changed.memory = 16384;
  derive("passphrase", changed);
  EXPECT_EQ(seen.size(), 8u);
}

TEST_F(Password, ParametersOutOfBoundsAreRefusedBeforeAnyWork) {
  const std::pair<std::uint64_t, std::uint64_t> bad[] = {
      {0, 8192}, {password_max_passes + 1, 8192}, {UINT64_MAX, 8192}, {1, 0},
      {1, 8191}, {1, password_max_memory + 1},    {1, UINT64_MAX},    {UINT64_MAX, UINT64_MAX}};
  for (const auto& [passes, memory] : bad) {
    least.passes = passes;
    least.memory = memory;
    EXPECT_EQ(code(derive_key(as_bytes("x"), least)), Errc::malformed) << passes << " " << memory;
  }
}

}  // namespace
}  // namespace bud::crypto
