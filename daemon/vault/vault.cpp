#include "vault/vault.h"

#include "crypto/aead.h"
#include "crypto/kdf.h"
#include "crypto/password.h"
#include "store/sqlite_storage.h"
#include "vault/vault_file.h"

namespace bud::vault {
namespace {

constexpr std::string_view vault_name = "vault", key_name = "unprotected.key";

// From the passphrase's or the key file's 32 bytes to the key that opens the master key.
crypto::Secret<32> wrapping_key(ByteView source) {
  crypto::Secret<32> key;
  crypto::hkdf(key, {}, source, {"budstikke/1/vault/wrap"}, {});
  return key;
}

Result<crypto::Secret<32>> from_passphrase(const VaultFile& file, const crypto::SecretBytes& passphrase) {
  crypto::PasswordParameters parameters;
  parameters.passes = file.cost.passes;
  parameters.memory = file.cost.memory;
  parameters.salt.bytes = file.salt.bytes;
  BUD_TRY(const crypto::Secret<32> derived, crypto::derive_key(passphrase.expose(), parameters));
  return wrapping_key(derived.expose());
}

Result<std::optional<VaultFile>> find(const store::StateFolder& folder) {
  BUD_TRY(auto bytes, read_small(folder.file(vault_name), 4096));
  if (bytes) {
    BUD_TRY(VaultFile file, VaultFile::decode(bytes->expose()));
    return file;
  }
  if (store::exists(folder))
    return fail(Errc::damaged,
                "the store's vault is missing: restore the file vault in " + folder.path() + " from a backup");
  return std::nullopt;
}

Result<VaultFile> find(const store::StateFolder& folder, Protection wanted) {
  BUD_TRY(auto file, find(folder));
  if (!file) return fail(Errc::not_found, "there is no vault yet in " + folder.path());
  if (file->protection == wanted) return *file;
  return fail(Errc::not_allowed, wanted == Protection::passphrase
                                     ? "this vault has no passphrase: its key lies in a file beside it"
                                     : "this vault opens with its passphrase only");
}

Result<> check_absent(const store::StateFolder& folder) {
  BUD_TRY(auto file, find(folder));
  if (file) return fail(Errc::conflict, "there is a vault already in " + folder.path());
  return {};
}

Result<crypto::Secret<32>> make(const store::StateFolder& folder, VaultFile file, const crypto::Secret<32>& key,
                                Random& random) {
  crypto::Secret<32> master;
  random.fill(master.expose_mutable());
  random.fill(file.nonce.bytes);
  crypto::seal_into(file.sealed.bytes, key, file.nonce, file.associated_data(), master.expose());
  BUD_CHECK(write_small(folder, vault_name, file.encode()));
  return master;
}

Result<crypto::Secret<32>> open_master(const VaultFile& file, const crypto::Secret<32>& key) {
  BUD_TRY(const crypto::SecretBytes master, crypto::open(key, file.nonce, file.associated_data(), file.sealed.view()));
  return std::move(*crypto::Secret<32>::from(master.expose()));
}

}  // namespace

Result<std::optional<Protection>> state(const store::StateFolder& folder) {
  BUD_TRY(auto file, find(folder));
  if (!file) return std::nullopt;
  return file->protection;
}

Result<crypto::Secret<32>> create(const store::StateFolder& folder, const crypto::SecretBytes& passphrase, Cost cost,
                                  Random& random) {
  if (passphrase.empty()) return fail(Errc::malformed, "an empty passphrase protects nothing");
  if (cost.passes > max_passes || cost.memory > max_memory)
    return fail(Errc::malformed, "a passphrase's cost out of bounds");
  BUD_CHECK(check_absent(folder));
  VaultFile file;
  file.protection = Protection::passphrase;
  file.cost = cost;
  random.fill(file.salt.bytes);
  BUD_TRY(const crypto::Secret<32> key, from_passphrase(file, passphrase));
  return make(folder, file, key, random);
}

Result<crypto::Secret<32>> create_unprotected(const store::StateFolder& folder, Random& random) {
  BUD_CHECK(check_absent(folder));
  VaultFile file;
  file.protection = Protection::key_file;
  file.cost = {0, 0};
  crypto::Secret<32> source;
  random.fill(source.expose_mutable());
  // The vault comes last: it is what says that there is one.
  BUD_CHECK(write_small(folder, key_name, source.expose()));
  return make(folder, file, wrapping_key(source.expose()), random);
}

Result<crypto::Secret<32>> unlock(const store::StateFolder& folder, const crypto::SecretBytes& passphrase) {
  BUD_TRY(const VaultFile file, find(folder, Protection::passphrase));
  auto key = from_passphrase(file, passphrase);
  if (!key && key.error().code == Errc::malformed)
    return fail(Errc::damaged, "the vault file is damaged: restore it from a backup");
  if (!key) return forward(key);
  auto master = open_master(file, *key);
  if (!master) return fail(Errc::wrong_secret, "this passphrase does not open the vault");
  return master;
}

Result<crypto::Secret<32>> unlock_unprotected(const store::StateFolder& folder) {
  BUD_TRY(const VaultFile file, find(folder, Protection::key_file));
  BUD_TRY(const auto source, read_small(folder.file(key_name), 32));
  if (!source || source->size() != 32)
    return fail(Errc::damaged,
                "the file unprotected.key is missing or damaged: restore it and the vault from a backup");
  auto master = open_master(file, wrapping_key(source->expose()));
  if (!master)
    return fail(Errc::damaged, "the file unprotected.key is not this vault's: restore both from the same backup");
  return master;
}

}  // namespace bud::vault
