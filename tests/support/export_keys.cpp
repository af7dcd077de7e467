// export_keys STATE_FOLDER: a stopped device's private keys as JSON, for a second implementation that is to open what was
// sealed for it (tests/vectors/check.py --open). The vault must have a key file. For tests: the daemon itself never
// hands out a private key.
#include "core/context.h"
#include "core/prekeys.h"
#include "crypto/random.h"
#include "store/sqlite_storage.h"
#include "vault/vault.h"

#include <cstdio>

namespace bud {
namespace {

std::string field(const char* name, ByteView bytes) { return std::string("\"") + name + "\": \"" + to_hex(bytes) + "\""; }

Result<std::string> export_keys(const std::string& path) {
  BUD_TRY(const store::StateFolder folder, store::StateFolder::open(path));
  BUD_TRY(const crypto::Secret<32> master, vault::unlock_unprotected(folder));
  BUD_TRY(const std::unique_ptr<crypto::Arena> arena, crypto::Arena::create());
  crypto::SystemRandom random;
  BUD_TRY(const std::unique_ptr<store::SqliteStorage> db,
          store::SqliteStorage::open(folder, master, store::SqliteStorage::IfMissing::refuse, *arena, random));
  BUD_TRY(const std::optional<core::KeysRow> keys,
          core::load<core::KeysRow>(*db, core::Table::meta, core::key::meta("keys")));
  BUD_TRY(const core::OwnRow own, core::load_or_new<core::OwnRow>(*db, core::Table::meta, core::key::meta("own")));
  if (!keys) return fail(Errc::not_found, "no keys in this store");
  const crypto::DhKey identity = crypto::DhKey::from_secret(keys->identity.clone());
  const crypto::SigningKey signing = crypto::SigningKey::from_expanded(keys->signing.expose());
  std::string out = "{" + field("account", own.account.view()) + ", " + field("device", signing.id().view()) + ", " +
                    field("identity_secret", identity.secret().expose()) + ", " +
                    field("identity_public", identity.public_key().view()) + ", \"prekeys\": [";
  std::string comma;
  BUD_CHECK(core::each<core::PrekeyRow>(*db, core::Table::prekeys, {}, [&](std::uint64_t, core::PrekeyRow& row) {
    out += comma + "{" + field("bundle", wire::encode(row.bundle)) + ", " + field("dh_secret", row.dh.expose()) + ", " +
           field("kem_seed", row.kem.expose()) + "}";
    comma = ", ";
    return true;
  }));
  return out + "]}";
}

}  // namespace
}  // namespace bud

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: export_keys STATE_FOLDER\n");
    return 64;
  }
  bud::crypto::initialize();
  const bud::Result<std::string> json = bud::export_keys(argv[1]);
  if (!json) {
    std::fprintf(stderr, "%s\n", json.error().text.c_str());
    return 1;
  }
  std::puts(json->c_str());
  return 0;
}
