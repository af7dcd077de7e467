// budstikke vault create|unlock|lock|status, and unlock and lock for short.
#include "cli/commands/commands.h"
#include "cli/secrets.h"
#include "cli/text.h"
#include "cli/words.h"
#include "client/control.h"

namespace bud::cli {
namespace {

using client::VaultState;

struct Create {
  PassphraseSource passphrase;
  bool key_file = false;
};

Result<ExitCode> create(Context& context, const Create& options) {
  BUD_TRY(client::Connection * connection, context.connect());
  const client::Vault vault(*connection);
  BUD_TRY(const client::Vault::State state, vault.state());
  if (state.state != VaultState::empty) return fail(Errc::conflict, "There is a vault already");
  client::SecretBuffer passphrase;
  if (!options.key_file) {
    BUD_TRY(passphrase, read_passphrase(context.console, options.passphrase, true));
  }
  BUD_CHECK(vault.create(passphrase, options.key_file ? "key-file" : "passphrase"));
  return context.done(options.key_file
                          ? "The vault is made and open. It is NOT protected: its key lies beside it.\n"
                          : "The vault is made and open. Without the passphrase nobody can open it, you included.\n");
}

Result<ExitCode> unlock(Context& context, const PassphraseSource& source) {
  BUD_TRY(client::Connection * connection, context.connect());
  const client::Vault vault(*connection);
  BUD_TRY(const client::Vault::State state, vault.state());
  if (state.state == VaultState::empty) {
    return fail(Errc::not_found, "There is no vault yet: budstikke vault create makes one");
  }
  if (state.state == VaultState::unlocked) return context.done("The vault is open already.\n");
  client::SecretBuffer passphrase;
  if (state.protection != "key-file") {
    BUD_TRY(passphrase, read_passphrase(context.console, source, false));
  }
  BUD_CHECK(vault.unlock(passphrase));
  return context.done("The vault is open.\n");
}

Result<ExitCode> lock(Context& context) {
  BUD_TRY(client::Connection * connection, context.connect());
  BUD_CHECK(client::Vault(*connection).lock());
  return context.done("The vault is locked: nothing is received or sent until it is opened.\n");
}

Result<ExitCode> status(Context& context) {
  BUD_TRY(client::Connection * connection, context.connect());
  BUD_TRY(const client::Vault::State state, client::Vault(*connection).state());
  return context.answer(
      [&](Json& j) { j.object().key("state").text(word(state.state)).key("protection").text(state.protection).end(); },
      std::string(word(state.state)) + (state.protection.empty() ? "" : ", protected by " + escape(state.protection)) +
          "\n");
}

void add_unlock(CLI::App& app, Context& context) {
  const auto source = std::make_shared<PassphraseSource>();
  add_options(*command(app, context, "unlock", "Open the vault", source, unlock), *source);
}

}  // namespace

void add_vault_commands(CLI::App& app, Context& context) {
  CLI::App* vault = group(app, "vault", "What protects everything that is stored");
  const auto options = std::make_shared<Create>();
  CLI::App* added = command(*vault, context, "create", "Make it, with a passphrase", options, create);
  add_options(*added, options->passphrase);
  added
      ->add_flag("--key-file", options->key_file,
                 "No passphrase: the key lies beside the store, for whoever can read your files")
      ->excludes("--passphrase-file")
      ->excludes("--passphrase-fd");
  for (CLI::App* at : {vault, &app}) {
    add_unlock(*at, context);
    command(*at, context, "lock", "Wipe all keys from memory, until unlock", lock);
  }
  command(*vault, context, "status", "Whether it is open", status);
}

}  // namespace bud::cli
