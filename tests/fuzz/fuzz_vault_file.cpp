// The vault's two files, as somebody may have left them in the state folder: sealed master key, key file. The mutator
// puts the check right that tells damage from a wrong passphrase.
#include "crypto/kdf.h"
#include "fuzz/support/feed.h"
#include "fuzz/support/harness.h"
#include "fuzz/support/mutator.h"
#include "support/scratch_folder.h"
#include "support/wire_samples.h"
#include "vault/vault_file.h"

namespace bud::fuzz {
namespace {

using vault::VaultFile;
using Check = Fixed<struct FuzzCheckTag, 16>;
constexpr std::size_t key_size = 32;  // an input: the key file, then the vault

const store::StateFolder& folder() {
  static const test::ScratchFolder scratch;
  static const store::StateFolder opened = must(store::StateFolder::open(scratch.path()));
  return opened;
}

Bytes with_check(Bytes vault) {
  if (vault.size() < Check::size) return vault;
  const ByteView before = ByteView(vault).first(vault.size() - Check::size);
  const Check check = crypto::hash<Check>({"budstikke/1/vault/check"}, before);
  std::copy(check.bytes.begin(), check.bytes.end(), vault.end() - Check::size);
  return vault;
}

std::optional<Bytes> mutate(ByteView input, Dice& dice, std::size_t most) {
  if (input.size() <= key_size) return std::nullopt;
  Bytes out(input.begin(), input.begin() + key_size);
  Bytes vault(input.begin() + key_size, input.end());
  // Mostly in its length: any other is damage at once.
  vault = blindly(vault, percent(dice, 80) ? vault.size() : most - key_size);
  if (percent(dice, 90)) vault.resize(VaultFile::size);
  append(out, with_check(std::move(vault)));
  return out;
}

void check_read(const Result<VaultFile>& read, ByteView bytes) {
  if (!read) return BUD_HOLDS(read.error().code == Errc::damaged || read.error().code == Errc::unsupported);
  BUD_HOLDS(bytes.size() == VaultFile::size && equal(read->encode(), bytes));
  BUD_HOLDS(read->cost.passes <= vault::max_passes && read->cost.memory <= vault::max_memory);
}

bool one_of(Errc code, std::initializer_list<Errc> all) {
  return std::find(all.begin(), all.end(), code) != all.end();
}

}  // namespace

void run(ByteView input) {
  const ByteView key = input.first(std::min(input.size(), key_size));
  const ByteView bytes = input.subspan(key.size());
  const Result<VaultFile> read = VaultFile::decode(bytes);
  check_read(read, bytes);
  test::write_file(folder().file("vault"), bytes);
  test::write_file(folder().file("unprotected.key"), key);
  const auto state = vault::state(folder());
  BUD_HOLDS(state.has_value() == read.has_value());
  if (state) BUD_HOLDS(*state == read->protection);
  const Result<crypto::Secret<32>> opened = vault::unlock_unprotected(folder());
  if (!opened) {
    BUD_HOLDS(one_of(opened.error().code, {Errc::damaged, Errc::unsupported, Errc::not_allowed}));
  } else {
    BUD_HOLDS(read->protection == vault::Protection::key_file);
  }
  if (!read || read->cost.memory > 64 * 1024 || read->cost.passes > 2)
    return;  // what costs more is a matter of time only
  const Result<crypto::Secret<32>> by_passphrase =
      vault::unlock(folder(), crypto::SecretBytes::copy_of(as_bytes("open")));
  if (!by_passphrase)
    BUD_HOLDS(one_of(by_passphrase.error().code, {Errc::wrong_secret, Errc::not_allowed, Errc::damaged}));
}

void write_seeds(Seeds& seeds) {
  crypto::SeededRandom random = test::seeded(219);
  const Bytes source = test::random_bytes(random, key_size);
  crypto::Secret<32> key, master;
  crypto::hkdf(key, {}, source, {"budstikke/1/vault/wrap"}, {});
  VaultFile file;
  const auto sow = [&](std::string_view name) {
    crypto::seal_into(file.sealed.bytes, key, file.nonce, file.associated_data(), master.expose());
    Bytes seed = source;
    append(seed, file.encode());
    seeds.add(name, seed);
  };
  file.protection = vault::Protection::key_file;
  file.cost = {0, 0};
  sow("key-file");
  file.protection = vault::Protection::passphrase;
  file.cost = {1, 8192};
  sow("passphrase");
  file.cost = {vault::max_passes, vault::max_memory + 1};
  sow("too-dear");
}

}  // namespace bud::fuzz

BUD_FUZZ_MUTATOR(bud::fuzz::mutate)
