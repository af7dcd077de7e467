// budstikke account create|show|words
#include "cli/commands/commands.h"
#include "cli/commands/lookup.h"
#include "cli/render.h"
#include "cli/secrets.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/words.h"
#include "client/control.h"

namespace bud::cli {
namespace {

struct Create {
  std::string name;
  WordsTarget words;
};

// Where the words went.
enum class Words { later, written, kept };

std::string_view word(Words words) {
  return words == Words::later ? "not shown" : words == Words::written ? "shown" : "kept";
}

// Shows them, and asks whether they are written down: only then the daemon forgets them.
Result<Words> show_words(Context& context, const client::Accounts& accounts, const client::ObjectPath& account) {
  BUD_TRY(const client::SecretBuffer words, accounts.recovery_words(account));
  context.console.print(
      "\nThe recovery words. Whoever has them can take the account over, and without them nobody can when all devices\n"
      "are lost. Write them on paper; after that they are on no device.\n\n");
  BUD_CHECK(context.console.print_secret(words));
  if (!context.console.in_is_terminal()) return Words::written;
  BUD_TRY(const std::string answer, context.console.ask("\nWritten down? Type yes: "));
  if (answer != "yes") return Words::written;
  BUD_CHECK(accounts.recovery_words_kept(account));
  return Words::kept;
}

Result<Words> hand_out_words(Context& context, const client::Accounts& accounts, const client::ObjectPath& account,
                             const UniqueFd& file) {
  if (file) {
    BUD_TRY(client::SecretBuffer words, accounts.recovery_words(account));
    BUD_CHECK(write_words(file.get(), std::move(words)));
    BUD_CHECK(accounts.recovery_words_kept(account));
    return Words::kept;
  }
  // Nobody reads along in a pipe, and a log would keep them.
  if (context.json || !context.console.out_is_terminal()) return Words::later;
  return show_words(context, accounts, account);
}

std::string words_text(Words words) {
  if (words == Words::kept) return "The recovery words are kept elsewhere now, and nowhere on this device.\n";
  return "The recovery words are still on this device: budstikke account words shows them.\n";
}

Result<ExitCode> create(Context& context, const Create& options) {
  BUD_TRY(client::Connection * connection, context.connect());
  const client::Accounts accounts(*connection);
  UniqueFd file;
  if (options.words.given()) {
    BUD_TRY(file, open_words(options.words));
  }
  auto made = accounts.create(options.name);
  if (!made) {
    if (!options.words.file.empty()) (void)::unlink(options.words.file.c_str());  // made a moment ago, and empty
    return forward(made);
  }
  BUD_TRY(const client::AccountView view, client::Account(*connection, *made).view());
  std::string addresses;
  for (const std::string& address : view.addresses) addresses += (addresses.empty() ? "" : ", ") + address;
  if (!context.json) context.console.print("The account is made; others reach it at " + escape(addresses) + ".\n");
  BUD_TRY(const Words words, hand_out_words(context, accounts, *made, file));
  return context.answer(
      [&](Json& j) {
        j.object().key("account").hex(view.id).key("device").hex(view.device).key("name").text(view.name);
        j.key("addresses").texts(view.addresses).key("words").text(word(words)).end();
      },
      words_text(words));
}

Result<ExitCode> words(Context& context, const WordsTarget& target) {
  if (!target.given() && (context.json || !context.console.out_is_terminal())) {
    return fail(Errc::malformed, "The words go to a terminal, or to --words-file or --words-fd, and nowhere else");
  }
  BUD_TRY(const client::Account account, own_account(context));
  UniqueFd file;
  const client::Accounts accounts(*context.connection);
  BUD_TRY(const bool there, accounts.has_recovery_words(account.path()));
  if (!there) return fail(Errc::not_found, "The recovery words are not on this device, or no longer");
  if (target.given()) {
    BUD_TRY(file, open_words(target));
  }
  BUD_TRY(const Words went, hand_out_words(context, accounts, account.path(), file));
  return context.answer([&](Json& j) { j.object().key("words").text(word(went)).end(); }, words_text(went));
}

Result<ExitCode> show(Context& context) {
  BUD_TRY(const client::Account account, own_account(context));
  BUD_TRY(const client::AccountView view, account.view());
  BUD_TRY(const std::vector<client::Device> devices, account.devices());
  Table table;
  table.row({"Account", to_hex(view.id)});
  table.row({"Name", view.name.empty() ? "-" : view.name});
  for (const std::string& address : view.addresses) table.row({"Address", address});
  table.row({"State", std::string(cli::word(view.state))});
  table.row({"Device", to_hex(view.device)});
  return context.answer(
      [&](Json& j) {
        j.object().key("account").hex(view.id).key("device").hex(view.device).key("name").text(view.name);
        j.key("addresses").texts(view.addresses).key("state").text(cli::word(view.state)).key("devices").array();
        for (const client::Device& d : devices) write(j, d);
        j.end().end();
      },
      table.text() + "\n" + devices_table(devices));
}

}  // namespace

void add_account_commands(CLI::App& app, Context& context) {
  CLI::App* account = group(app, "account", "The own account: make it, join it, look at it");
  const auto options = std::make_shared<Create>();
  CLI::App* made = command(*account, context, "create", "Make an account, whose first device this is", options, create);
  made->add_option("--name", options->name, "What contacts are shown");
  add_options(*made, options->words);
  add_join_commands(*account, context);
  command(*account, context, "show", "Its id, addresses and devices", show);
  const auto target = std::make_shared<WordsTarget>();
  add_options(
      *command(*account, context, "words", "The 24 recovery words, until they are kept elsewhere", target, words),
      *target);
}

}  // namespace bud::cli
