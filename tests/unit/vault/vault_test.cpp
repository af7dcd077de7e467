#include "vault/vault.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "store/sqlite_storage.h"
#include "support/outcome.h"
#include "support/scratch_folder.h"
#include "support/seeded_random.h"
#include "vault/vault_file.h"

namespace bud::vault {
namespace {

// Argon2id's least: the tests are of the vault, not of its cost.
constexpr Cost cheap{1, 8192};

crypto::SecretBytes words(std::string_view text) {
  return crypto::SecretBytes::copy_of(as_bytes(text));
}
Bytes copy(const crypto::Secret<32>& secret) {
  return Bytes(secret.expose().begin(), secret.expose().end());
}

class Vault : public testing::Test {
 protected:
  static void SetUpTestSuite() { crypto::initialize(); }
  test::ScratchFolder scratch;
  store::StateFolder folder = std::move(*store::StateFolder::open(scratch.path()));
  crypto::SystemRandom random;
  const std::string file = scratch.file("vault"), key_file = scratch.file("unprotected.key");

  std::optional<Errc> unlock_error(std::string_view passphrase = "right") {
    return test::code(unlock(folder, words(passphrase)));
  }
  void rewrite(VaultFile changed) { test::write_file(file, changed.encode()); }
  VaultFile read() { return *VaultFile::decode(test::read_file(file)); }
};

TEST_F(Vault, OfAPassphraseGivesTheSameKeyEachTime) {
  ASSERT_TRUE(state(folder));
  EXPECT_FALSE(*state(folder)) << "empty";
  EXPECT_EQ(unlock_error(), Errc::not_found);
  const auto made = create(folder, words("right"), cheap, random);
  ASSERT_TRUE(made);
  EXPECT_EQ(*state(folder), Protection::passphrase);
  const auto opened = unlock(folder, words("right"));
  ASSERT_TRUE(opened);
  EXPECT_EQ(copy(*opened), copy(*made));
  for (const char* wrong : {"wrong", "", "right ", "Right", "righ"})
    EXPECT_EQ(unlock_error(wrong), Errc::wrong_secret) << wrong;
  EXPECT_EQ(test::code(unlock_unprotected(folder)), Errc::not_allowed);
}

TEST_F(Vault, OfAKeyFileGivesTheSameKeyEachTime) {
  const auto made = create_unprotected(folder, random);
  ASSERT_TRUE(made);
  EXPECT_EQ(*state(folder), Protection::key_file);
  const auto opened = unlock_unprotected(folder);
  ASSERT_TRUE(opened);
  EXPECT_EQ(copy(*opened), copy(*made));
  EXPECT_EQ(unlock_error(), Errc::not_allowed);
}

TEST_F(Vault, IsNeverMadeOverAnother) {
  ASSERT_TRUE(create(folder, words("right"), cheap, random));
  const Bytes before = test::read_file(file);
  EXPECT_EQ(test::code(create(folder, words("other"), cheap, random)), Errc::conflict);
  EXPECT_EQ(test::code(create_unprotected(folder, random)), Errc::conflict);
  EXPECT_EQ(test::read_file(file), before);
  EXPECT_FALSE(std::filesystem::exists(key_file));
}

TEST_F(Vault, IsNotMadeForAStoreThatLostItsOwn) {
  test::write_file(scratch.file("store.db"), as_bytes("a store"));
  EXPECT_EQ(test::code(state(folder)), Errc::damaged);
  EXPECT_EQ(test::code(create(folder, words("right"), cheap, random)), Errc::damaged);
  EXPECT_EQ(unlock_error(), Errc::damaged);
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(Vault, MakesAKeyAndASaltOfItsOwnEachTime) {
  const auto one = create(folder, words("right"), cheap, random);
  const Bytes first = test::read_file(file);
  std::filesystem::remove(file);
  const auto two = create(folder, words("right"), cheap, random);
  ASSERT_TRUE(one && two);
  EXPECT_NE(copy(*one), copy(*two));
  const Bytes second = test::read_file(file);
  EXPECT_EQ(first.size(), VaultFile::size);
  EXPECT_NE(VaultFile::decode(first)->salt, VaultFile::decode(second)->salt);
  EXPECT_EQ(as_text(second).find(as_text(two->expose())), std::string_view::npos) << "the master key in clear";
  EXPECT_EQ(as_text(second).find("right"), std::string_view::npos);
}

TEST_F(Vault, ItsFilesAreTheOwnersAloneAndNothingIsLeftOver) {
  test::write_file(scratch.file("vault.new"), as_bytes("from a crash"));
  test::write_file(key_file, as_bytes("from a crash"));
  ASSERT_TRUE(create_unprotected(folder, random));
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path())) {
    struct stat s;
    ASSERT_EQ(stat(entry.path().c_str(), &s), 0);
    EXPECT_EQ(s.st_mode & 07777, 0600u) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 3u) << "lock, unprotected.key, vault";
}

TEST_F(Vault, EveryFlippedBitIsDamage) {
  ASSERT_TRUE(create(folder, words("right"), cheap, random));
  const Bytes whole = test::read_file(file);
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    Bytes broken = whole;
    broken[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    test::write_file(file, broken);
    EXPECT_EQ(unlock_error(), Errc::damaged) << bit;
  }
  test::write_file(file, whole);
  EXPECT_TRUE(unlock(folder, words("right")));
}

TEST_F(Vault, EveryOtherLengthIsDamage) {
  ASSERT_TRUE(create(folder, words("right"), cheap, random));
  const Bytes whole = test::read_file(file);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    test::write_file(file, ByteView(whole).first(size));
    EXPECT_EQ(unlock_error(), Errc::damaged) << size;
    EXPECT_EQ(test::code(state(folder)), Errc::damaged) << size;
  }
  Bytes longer = whole;
  for (std::size_t size : {whole.size() + 1, std::size_t{4096}, std::size_t{1'000'000}}) {
    longer.resize(size);
    test::write_file(file, longer);
    EXPECT_EQ(unlock_error(), Errc::damaged) << size;
  }
  std::filesystem::remove(file);
  std::filesystem::create_symlink("/dev/zero", file);
  EXPECT_EQ(unlock_error(), Errc::damaged);
  std::filesystem::remove(file);
  ASSERT_EQ(mkfifo(file.c_str(), 0600), 0);
  EXPECT_EQ(unlock_error(), Errc::damaged) << "and does not hang";
}

// The check is no secret: somebody who plants a file can make it fit.
TEST_F(Vault, PlantedParametersAreBounded) {
  ASSERT_TRUE(create(folder, words("right"), cheap, random));
  const VaultFile good = read();
  for (const Cost planted : {Cost{max_passes + 1, 8192}, Cost{1, max_memory + 1}, Cost{UINT64_MAX, UINT64_MAX},
                             Cost{0, 8192}, Cost{1, 0}, Cost{1, 8191}}) {
    VaultFile changed = good;
    changed.cost = planted;
    rewrite(changed);
    EXPECT_EQ(unlock_error(), Errc::damaged) << planted.passes << " " << planted.memory;
  }
  VaultFile cheaper = good;
  cheaper.cost = {2, 8192};
  rewrite(cheaper);
  EXPECT_EQ(unlock_error(), Errc::wrong_secret) << "the parameters are bound to what they seal";
  EXPECT_EQ(test::code(create(folder, words("x"), {max_passes + 1, 8192}, random)), Errc::malformed);
}

TEST_F(Vault, ANewerOneIsSaidToBeNewer) {
  ASSERT_TRUE(create(folder, words("right"), cheap, random));
  const auto with_check = [](Bytes bytes) {
    using Check = Fixed<struct TestCheckTag, 16>;
    const ByteView body = ByteView(bytes).first(bytes.size() - Check::size);
    const Check check = crypto::hash<Check>({"budstikke/1/vault/check"}, body);
    std::copy(check.bytes.begin(), check.bytes.end(), bytes.end() - Check::size);
    return bytes;
  };
  const Bytes good = test::read_file(file);
  EXPECT_EQ(with_check(good), good);
  for (std::size_t place : {8u, 9u}) {
    Bytes newer = good;
    newer[place] = 9;
    test::write_file(file, with_check(newer));
    EXPECT_EQ(unlock_error(), Errc::unsupported);
    EXPECT_EQ(test::code(state(folder)), Errc::unsupported);
  }
  Bytes longer = good;
  longer[8] = 2;
  longer.resize(500);
  test::write_file(file, with_check(longer));
  EXPECT_EQ(unlock_error(), Errc::unsupported);
}

TEST_F(Vault, AKeyFileThatIsGoneOrAnothersIsDamage) {
  ASSERT_TRUE(create_unprotected(folder, random));
  const Bytes key = test::read_file(key_file);
  ASSERT_EQ(key.size(), 32u);
  for (std::size_t size : {0u, 31u, 33u}) {
    test::write_file(key_file, Bytes(size, 1));
    EXPECT_EQ(test::code(unlock_unprotected(folder)), Errc::damaged) << size;
  }
  Bytes other = key;
  other[0] ^= 1;
  test::write_file(key_file, other);
  EXPECT_EQ(test::code(unlock_unprotected(folder)), Errc::damaged);
  std::filesystem::remove(key_file);
  EXPECT_EQ(test::code(unlock_unprotected(folder)), Errc::damaged);
  test::write_file(key_file, key);
  EXPECT_TRUE(unlock_unprotected(folder));
}

TEST_F(Vault, AFolderThatVanishedIsTheDisksMatter) {
  std::filesystem::rename(scratch.path(), scratch.path() + "-elsewhere");
  const auto made = create(folder, words("right"), cheap, random);
  std::filesystem::rename(scratch.path() + "-elsewhere", scratch.path());
  ASSERT_FALSE(made);
  EXPECT_EQ(test::code(made), Errc::storage);
  EXPECT_EQ(test::code(create(folder, {}, cheap, random)), Errc::malformed);
}

TEST_F(Vault, ItsKeyOpensTheStoreThatWasMadeWithIt) {
  using store::SqliteStorage;
  const auto arena = std::move(*crypto::Arena::create());
  const auto made = create(folder, words("right"), cheap, random);
  ASSERT_TRUE(made);
  ASSERT_TRUE(SqliteStorage::open(folder, *made, SqliteStorage::IfMissing::create, *arena, random));
  const auto opened = unlock(folder, words("right"));
  ASSERT_TRUE(opened);
  EXPECT_TRUE(SqliteStorage::open(folder, *opened, SqliteStorage::IfMissing::refuse, *arena, random));
}

// The shipped cost works, and is what the file says: it is tried once.
TEST_F(Vault, TheShippedCostIsModerate) {
  const auto made = create(folder, words("right"), Cost{}, random);
  ASSERT_TRUE(made);
  EXPECT_EQ(read().cost.passes, 3u);
  EXPECT_EQ(read().cost.memory, 268435456u);
}

}  // namespace
}  // namespace bud::vault
