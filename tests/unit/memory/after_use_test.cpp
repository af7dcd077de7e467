// After use, and after it was dropped, nothing of a secret is left in the process: not on the heap, not on the stack,
// not in what a library made of it. Each test uses a secret in all the ways that there are, wipes the stack as the
// daemon does after each round of its loop, and then looks through the whole memory of this process.
//
// That each type wipes itself, wherever it lies, is tested in unit/crypto/secret_test.cpp; what single calls leave on
// the stack, in stack_test.cpp.
#include "crypto/arena.h"
#include "crypto/kdf.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "crypto/words.h"
#include "store/row_sealer.h"
#include "support/memory_scan.h"
#include "support/scratch_folder.h"
#include "support/session_pair.h"
#include "unit/memory/as_the_loop.h"
#include "vault/vault.h"

#include <gtest/gtest.h>

namespace bud::test {
namespace {

using crypto::Secret;

struct AfterUse : testing::Test {
  static void SetUpTestSuite() { crypto::initialize(); }
  crypto::SystemRandom random;
  MemoryScan scan;

  Secret<32> fresh(const std::string& name) {
    Secret<32> secret;
    random.fill(secret.expose_mutable());
    scan.add(name, secret.expose());
    return secret;
  }
  void learn(const std::string& name, const core::Session& s) {
    scan.add(name + "'s root key", s.root.expose());
    if (s.sending) {
      scan.add(name + "'s sending chain", s.sending->key.expose());
      scan.add(name + "'s ratchet key", s.sending->ratchet.secret().expose());
    }
    if (s.receiving) scan.add(name + "'s receiving chain", s.receiving->key.expose());
    for (const core::SkippedKey& k : s.skipped) scan.add(name + "'s skipped key", k.key.expose());
    for (const core::OwnOffer& o : s.offers) scan.add(name + "'s offered key", o.seed.expose());
  }
  // The search can find it, and finds no other copy than the one that there is.
  void expect_once(ByteView secret) {
    for (const Hit& hit : scan.of(0)) {
      const auto begin = reinterpret_cast<std::uintptr_t>(secret.data());
      EXPECT_EQ(hit.address, begin + hit.offset) << describe({hit});
      ++found_;
    }
    EXPECT_GE(found_, 1u);
  }
  void expect_gone() {
    const std::vector<Hit> hits = scan.of(0);
    EXPECT_GT(scan.pieces(), 0u);
    EXPECT_EQ(describe(hits), "");
  }

 private:
  std::size_t found_ = 0;
};

TEST_F(AfterUse, TheSearchFindsWhatIsThere) {
  const Bytes kept = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 32, 38, 46, 26, 43, 38, 32, 79, 50};
  scan.add("a secret", kept);
  const Bytes copy = kept;
  std::uint8_t on_stack[16];
  std::copy_n(kept.begin() + 8, 16, on_stack);
  const std::vector<Hit> hits = scan.of(0);
  const auto hit = [&](const std::uint8_t* at) {
    return std::any_of(hits.begin(), hits.end(),
                       [&](const Hit& h) { return h.address == reinterpret_cast<std::uintptr_t>(at); });
  };
  EXPECT_TRUE(hit(kept.data()));
  EXPECT_TRUE(hit(copy.data() + 8));
  EXPECT_TRUE(hit(on_stack));
}

TEST_F(AfterUse, ASecret) {
  as_the_loop([&] {
    Secret<32> secret = fresh("a secret");
    expect_once(secret.expose());
    Secret<32> moved = std::move(secret);
    std::vector<Secret<32>> many;
    for (int i = 0; i < 9; ++i) many.push_back(moved.clone());
    many.erase(many.begin() + 3);
    std::optional<Secret<32>> maybe = Secret<32>::from(moved.expose());
    maybe = fresh("another");
    crypto::SecretBytes bytes = crypto::SecretBytes::copy_of(moved.expose());
    bytes.truncate(20);
    bytes = crypto::SecretBytes(7);
  });
  expect_gone();
}

TEST_F(AfterUse, ASecretInTheArena) {
  const auto arena = std::move(*crypto::Arena::create());
  as_the_loop([&] {
    auto kept = std::move(*crypto::ArenaSecret::store(*arena, fresh("a secret").expose()));
    expect_once(kept.expose());
    crypto::ArenaSecret moved = std::move(kept);
  });
  expect_gone();
}

TEST_F(AfterUse, WhatRandomnessWasHandedOut) {
  crypto::SeededRandom seeded = crypto::SeededRandom::from(random);  // outlives its use: it would wipe itself
  as_the_loop([&] {
    for (int i = 0; i < 40; ++i) (void)fresh("a draw");
    for (int i = 0; i < 40; ++i) {
      Secret<32> drawn;
      seeded.fill(drawn.expose_mutable());
      scan.add("a seeded draw", drawn.expose());
    }
  });
  expect_gone();
}

TEST_F(AfterUse, WhatWasHashedAndDerived) {
  as_the_loop([&] {
    const Secret<32> key = fresh("a key"), input = fresh("an input");
    Secret<64> out;
    crypto::Hasher({"budstikke/1/test"}, key.expose(), 64).add(input.expose()).finish(out.expose_mutable());
    scan.add("a keyed hash", out.expose());
    crypto::hkdf(out, key.expose(), input.expose(), {"budstikke/1/test"}, {});
    scan.add("what HKDF gave", out.expose());
  });
  expect_gone();
}

TEST_F(AfterUse, WhatWentIntoAHashThatWasNotFinished) {
  as_the_loop([&] {
    const Secret<32> key = fresh("a key"), input = fresh("an input");
    crypto::Hasher({"budstikke/1/test"}, key.expose(), 64).add(input.expose());
  });
  expect_gone();
}

TEST_F(AfterUse, APassphraseAndWhatArgon2idMadeOfIt) {
  as_the_loop([&] {
    const Secret<32> passphrase = fresh("a passphrase");
    const auto key = crypto::derive_key(passphrase.expose(), {1, 8192, {}});
    scan.add("its key", key->expose());
  });
  expect_gone();
}

TEST_F(AfterUse, ASigningKey) {
  as_the_loop([&] {
    const Secret<32> seed = fresh("a seed");
    const crypto::SigningKey key = crypto::SigningKey::from_seed(seed);
    const crypto::SigningKey copy = key.clone();
    const crypto::Signature signature = copy.sign({"budstikke/1/test"}, as_bytes("a message"));
    EXPECT_TRUE(crypto::verify(key.id(), {"budstikke/1/test"}, as_bytes("a message"), signature));
    EXPECT_TRUE(equal(key.seed().expose(), seed.expose()));
  });
  expect_gone();
}

TEST_F(AfterUse, AnAgreementByX25519) {
  as_the_loop([&] {
    const crypto::DhKey own = crypto::DhKey::from_secret(fresh("a key"));
    const crypto::DhKey peer = crypto::DhKey::generate(random);
    scan.add("the peer's key", peer.secret().expose());
    const auto shared = own.agree(peer.public_key());
    scan.add("the shared secret", shared->expose());
    EXPECT_TRUE(equal(peer.agree(own.public_key())->expose(), shared->expose()));
  });
  expect_gone();
}

TEST_F(AfterUse, AnMlKemKeyThatWasMade) {
  as_the_loop([&] {
    Secret<64> seed;
    random.fill(seed.expose_mutable());
    scan.add("the seed", seed.expose());
    (void)crypto::KemKey::from_seed(std::move(seed));
  });
  expect_gone();
}

TEST_F(AfterUse, AnEncapsulationByMlKem) {
  as_the_loop([&] {
    const crypto::KemKey key = crypto::KemKey::generate(random);
    scan.add("the seed", key.seed().expose());
    const auto sent = crypto::encapsulate(key.public_key(), random);
    scan.add("the shared secret", sent->shared.expose());
    EXPECT_TRUE(equal(key.decapsulate(sent->ciphertext)->expose(), sent->shared.expose()));
  });
  expect_gone();
}

TEST_F(AfterUse, RecoveryWords) {
  as_the_loop([&] {
    const Secret<32> seed = fresh("the seed");
    const crypto::SecretBytes words = crypto::recovery_words(seed);
    scan.add("the words", words.expose());
    EXPECT_TRUE(equal(crypto::seed_from_words(words.expose())->expose(), seed.expose()));
  });
  expect_gone();
}

TEST_F(AfterUse, TheVaultsKeyAndItsPassphrase) {
  const ScratchFolder scratch;
  const store::StateFolder folder = std::move(*store::StateFolder::open(scratch.path()));
  as_the_loop([&] {
    const Secret<32> passphrase = fresh("the passphrase");
    const auto typed = crypto::SecretBytes::copy_of(passphrase.expose());
    scan.add("the master key", vault::create(folder, typed, {1, 8192}, random)->expose());
    EXPECT_TRUE(vault::unlock(folder, typed));
    EXPECT_FALSE(vault::unlock(folder, crypto::SecretBytes::copy_of(fresh("a wrong one").expose())));
  });
  expect_gone();
}

TEST_F(AfterUse, ARowOfTheStoreAndItsKeys) {
  const auto arena = std::move(*crypto::Arena::create());
  const core::RowKey key = core::RowKey().number(1);
  as_the_loop([&] {
    const Secret<32> master = fresh("the master key");
    for (const char* label : {"budstikke/1/store/row", "budstikke/1/store/blind"}) {
      Secret<32> derived;
      crypto::hkdf(derived, {}, master.expose(), {label}, {});
      scan.add(label, derived.expose());
    }
    const auto sealer = store::RowSealer::create(master, *arena, random);
    const Bytes stored_key = *sealer->stored_key(core::Table::meta, key);
    const Bytes row = sealer->seal(core::Table::meta, stored_key, fresh("a value").expose());
    EXPECT_EQ(sealer->open(core::Table::meta, stored_key, row)->size(), 32u);
  });
  expect_gone();
}

// Both ends: a handshake, copies there and back, two of them late, a KEM offered and answered, and rows of the store
// between all of them.
TEST_F(AfterUse, ASessionAndItsTexts) {
  as_the_loop([&] {
    Pair pair(7);
    const auto learn_both = [&] {
      learn("alice", pair.a);
      learn("bob", pair.b);
    };
    learn_both();
    pair.answer();
    learn_both();
    const Bytes late = seal_text(pair.a, as_text(fresh("a text").expose()), pair.random);
    const Bytes next = seal_text(pair.a, as_text(fresh("another text").expose()), pair.random);
    EXPECT_TRUE(open_text(pair.b, next));
    learn_both();
    pair.b = stored(pair.b);
    EXPECT_TRUE(open_text(pair.b, late));
    pair.offer_both_ways();
    learn_both();
    for (const PairDevice* device : {&pair.alice, &pair.bob}) {
      scan.add("an identity key", device->identity.secret().expose());
      scan.add("a prekey", device->prekey.dh.secret().expose());
      scan.add("a prekey's seed", device->prekey.kem.seed().expose());
    }
  });
  expect_gone();
}

}  // namespace
}  // namespace bud::test
