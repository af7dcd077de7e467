#include "support/stored_secrets.h"

#include "core/context.h"
#include "core/prekeys.h"
#include "crypto/kdf.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "crypto/words.h"
#include "store/sqlite_storage.h"
#include "support/scratch_folder.h"
#include "vault/vault.h"
#include "vault/vault_file.h"
#include "wire/labels.h"

namespace bud::test {
namespace {

class Collector {
 public:
  explicit Collector(std::vector<StoredSecret>& all) : all_(all) {}
  void add(const std::string& name, ByteView secret) { all_.push_back({name, crypto::SecretBytes::copy_of(secret)}); }

  void add_session(const core::Session& s) {
    const std::string of = " of session " + to_hex(s.id.view().first(3));
    add("the root key" + of, s.root.expose());
    if (s.sending) {
      add_chain("sending", of, s.sending->key);
      add("the ratchet key" + of, s.sending->ratchet.secret().expose());
    }
    if (s.receiving) add_chain("receiving", of, s.receiving->key);
    for (const core::SkippedKey& k : s.skipped) add("a skipped key" + of, k.key.expose());
    for (const core::OwnOffer& o : s.offers) add("an offered KEM key" + of, o.seed.expose());
  }

 private:
  // A chain's key, and those that the next copies will be sealed with. As core/session/ratchet.cpp derives them.
  void add_chain(const std::string& which, const std::string& of, const crypto::Secret<32>& key) {
    crypto::Secret<32> chain = key.clone();
    for (int ahead = 0; ahead < 4; ++ahead) {
      add("the " + which + " chain" + of, chain.expose());
      crypto::Secret<64> out;
      crypto::Hasher(wire::label::ratchet_chain, chain.expose(), 64).finish(out.expose_mutable());
      add("a message key of the " + which + " chain" + of, out.expose().subspan(32));
      chain = *crypto::Secret<32>::from(out.expose().first(32));
    }
  }

  std::vector<StoredSecret>& all_;
};

Result<> add_rows(Collector& to, core::Storage& db) {
  BUD_TRY(const auto keys, core::load<core::KeysRow>(db, core::Table::meta, core::key::meta("keys")));
  if (!keys) return fail(Errc::not_found, "no keys in this store");
  to.add("the signing key", keys->signing.expose().first(32));  // the rest of it is public
  to.add("the identity key", keys->identity.expose());
  BUD_TRY(const auto recovery, core::load<core::RecoveryRow>(db, core::Table::meta, core::key::meta("recovery")));
  if (recovery) {
    to.add("the recovery seed", recovery->seed.expose());
    to.add("the recovery words", crypto::recovery_words(recovery->seed).expose());
  }
  BUD_CHECK(core::each<core::PrekeyRow>(db, core::Table::prekeys, {}, [&](std::uint64_t, core::PrekeyRow& row) {
    to.add("the X25519 half of a prekey", row.dh.expose());
    to.add("the ML-KEM half of a prekey", row.kem.expose());
    return true;
  }));
  return db.scan(core::Table::sessions, {}, [&](std::uint64_t, Result<crypto::SecretBytes> row) {
    if (!row) return true;
    if (const Result<core::Session> session = core::decode_session(row->expose())) to.add_session(*session);
    return true;
  });
}

Result<> collect(Collector& to, const std::string& path, const crypto::Secret<32>& master) {
  BUD_TRY(const store::StateFolder folder, store::StateFolder::open(path));
  BUD_TRY(const std::unique_ptr<crypto::Arena> arena, crypto::Arena::create());
  crypto::SystemRandom random;
  BUD_TRY(const std::unique_ptr<store::SqliteStorage> db,
          store::SqliteStorage::open(folder, master, store::SqliteStorage::IfMissing::refuse, *arena, random));
  return add_rows(to, *db);
}

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error("the secrets of a device: " + result.error().text);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace

crypto::Secret<32> master_key_of(const std::string& state_folder, const std::string& passphrase) {
  crypto::initialize();
  const store::StateFolder folder = must(store::StateFolder::open(state_folder));
  return must(vault::unlock(folder, crypto::SecretBytes::copy_of(as_bytes(passphrase))));
}

// As vault/vault.cpp and store/row_sealer.cpp derive them.
std::vector<StoredSecret> secrets_of_the_vault(const std::string& state_folder, const std::string& passphrase) {
  std::vector<StoredSecret> all;
  Collector to(all);
  const crypto::Secret<32> master = master_key_of(state_folder, passphrase);
  to.add("the store's master key", master.expose());
  const vault::VaultFile file = must(vault::VaultFile::decode(read_file(state_folder + "/vault")));
  crypto::PasswordParameters parameters{file.cost.passes, file.cost.memory, {}};
  parameters.salt.bytes = file.salt.bytes;
  const crypto::Secret<32> derived = must(crypto::derive_key(as_bytes(passphrase), parameters));
  to.add("Argon2id's key", derived.expose());
  const auto add = [&](const char* name, const crypto::Secret<32>& from, crypto::Label label) {
    crypto::Secret<32> key;
    crypto::hkdf(key, {}, from.expose(), label, {});
    to.add(name, key.expose());
  };
  add("the vault's wrapping key", derived, {"budstikke/1/vault/wrap"});
  add("the store's row key", master, {"budstikke/1/store/row"});
  add("the store's blinding key", master, {"budstikke/1/store/blind"});
  return all;
}

std::vector<StoredSecret> secrets_of_the_store(const std::string& state_folder, const crypto::Secret<32>& master) {
  std::vector<StoredSecret> all;
  Collector to(all);
  must(collect(to, state_folder, master));
  return all;
}

}  // namespace bud::test
