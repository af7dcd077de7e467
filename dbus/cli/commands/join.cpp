// budstikke account join|join-status|join-confirm|join-cancel: the new device's side.
#include "cli/commands/commands.h"
#include "cli/commands/lookup.h"
#include "cli/render.h"
#include "cli/text.h"
#include "cli/words.h"
#include "client/control.h"

namespace bud::cli {
namespace {

using client::JoinState;

struct Join {
  std::string address;
  bool no_wait = false;
  std::uint32_t timeout = 0;
};
struct Status {
  std::string wait;
  std::uint32_t timeout = 60;
};

std::string describe(const client::JoinStatus& status) {
  switch (status.state) {
    case JoinState::idle:
      return "No join is under way.\n";
    case JoinState::waiting:
      return "Waiting for a device of the account: there, budstikke device window.\n";
    case JoinState::code:
      return "Code: " + escape(status.code) + "\nType it on the other device (budstikke device approve " +
             escape(status.code) + "), and the code that it answers with here (budstikke account join-confirm).\n";
    case JoinState::confirmed:
      return "Confirmed; waiting for the other device's signature.\n";
    case JoinState::joined:
      return "This device has joined the account.\n";
    case JoinState::unknown:
      break;
  }
  return "In a state that this version does not know.\n";
}

Result<ExitCode> answer(Context& context, const client::JoinStatus& status) {
  return context.answer([&](Json& j) { write(j, status); }, describe(status));
}

tl::unexpected<Error> time_is_up(const client::JoinStatus& status) {
  return fail(Errc::offline, "The time is up, and the join is still \"" + std::string(word(status.state)) +
                                 "\": it goes on without this command");
}

// Waits until `holds` says true of the status, and returns that status.
Result<client::JoinStatus> await(Context& context, const client::Accounts& accounts, std::uint32_t timeout,
                                 const std::function<bool(JoinState)>& holds) {
  client::JoinStatus status;
  BUD_TRY(const bool met, context.connection->wait_until(timeout_of(timeout), [&]() -> Result<bool> {
    BUD_TRY(status, accounts.join_status());
    return holds(status.state);
  }));
  if (!met) return time_is_up(status);
  return status;
}

// Asks for the second code until one fits. False where the join began again, with another first code.
Result<bool> ask_for_code(Context& context, const client::Accounts& accounts) {
  while (true) {
    BUD_TRY(const std::string code, context.console.ask("The code that it shows: "));
    auto confirmed = accounts.confirm_join(code);
    if (confirmed) return true;
    const Errc why = confirmed.error().code;
    if (why != Errc::wrong_secret && why != Errc::not_allowed) return forward(confirmed);
    context.console.note(escape(confirmed.error().text));
    if (why == Errc::not_allowed) return false;
  }
}

Result<ExitCode> join_by_hand(Context& context, const client::Accounts& accounts, std::uint32_t timeout) {
  std::string shown;
  context.console.note(
      "Asked to join. On a device of the account: budstikke device window. Ctrl-C leaves the request there.");
  while (true) {
    BUD_TRY(const client::JoinStatus status, await(context, accounts, timeout, [](JoinState s) {
              return s == JoinState::code || s == JoinState::joined || s == JoinState::idle;
            }));
    if (status.state == JoinState::idle) return fail(Errc::not_approved, "The join was ended");
    if (status.state == JoinState::joined) return answer(context, status);
    context.console.note("\nCode: " + escape(status.code) + "\nType it on the other device (budstikke device approve " +
                         escape(status.code) + ").");
    BUD_TRY(const bool confirmed, ask_for_code(context, accounts));
    if (!confirmed) continue;
    BUD_TRY(const client::JoinStatus after, await(context, accounts, timeout, [](JoinState s) {
              return s != JoinState::code && s != JoinState::confirmed;
            }));
    if (after.state == JoinState::joined) return answer(context, after);
  }
}

Result<ExitCode> join(Context& context, const Join& options) {
  BUD_TRY(client::Connection * connection, context.connect());
  const client::Accounts accounts(*connection);
  BUD_CHECK(accounts.wake_on_join());
  auto asked = accounts.join(options.address);
  if (!asked) {
    if (asked.error().code != Errc::conflict || options.no_wait) return forward(asked);
    BUD_TRY(const client::JoinStatus status, accounts.join_status());
    if (status.state == JoinState::joined || status.state == JoinState::idle) return forward(asked);
    context.console.note(
        "A join is under way already; going on with that one (budstikke account join-cancel ends it).");
  }
  if (!options.no_wait) return join_by_hand(context, accounts, options.timeout);
  BUD_TRY(const client::JoinStatus status, accounts.join_status());
  return answer(context, status);
}

Result<ExitCode> join_status(Context& context, const Status& options) {
  BUD_TRY(client::Connection * connection, context.connect());
  const client::Accounts accounts(*connection);
  if (options.wait.empty()) {
    BUD_TRY(const client::JoinStatus status, accounts.join_status());
    return answer(context, status);
  }
  const JoinState wanted = options.wait == "code" ? JoinState::code : JoinState::joined;
  BUD_CHECK(accounts.wake_on_join());
  BUD_TRY(const client::JoinStatus status, await(context, accounts, options.timeout, [&](JoinState s) {
            return s == wanted || s == JoinState::joined || s == JoinState::idle;
          }));
  if (status.state != wanted)
    return fail(Errc::not_found, "No join is waiting: it is " + std::string(word(status.state)));
  return answer(context, status);
}

Result<ExitCode> join_confirm(Context& context, const std::string& code) {
  BUD_TRY(client::Connection * connection, context.connect());
  const client::Accounts accounts(*connection);
  BUD_CHECK(accounts.confirm_join(code));
  BUD_TRY(const client::JoinStatus status, accounts.join_status());
  return answer(context, status);
}

Result<ExitCode> join_cancel(Context& context) {
  BUD_TRY(client::Connection * connection, context.connect());
  BUD_CHECK(client::Accounts(*connection).cancel_join());
  return context.done("The request is withdrawn.\n");
}

}  // namespace

void add_join_commands(CLI::App& account, Context& context) {
  const auto options = std::make_shared<Join>();
  CLI::App* added = command(account, context, "join",
                            "Make this device one of an account that exists: asks for codes as it goes", options, join);
  added->add_option("ADDRESS", options->address, "The account's address, \"spool:alice\"")->required();
  added->add_flag("--no-wait", options->no_wait, "Only ask; go on with join-status and join-confirm");
  add_timeout(*added, options->timeout);

  const auto status = std::make_shared<Status>();
  added = command(account, context, "join-status", "How far joining is, and the code to type on the other device",
                  status, join_status);
  added->add_option("--wait", status->wait, "Wait until it is this far")->check(CLI::IsMember({"code", "joined"}));
  add_timeout(*added, status->timeout);

  const auto code = std::make_shared<std::string>();
  added = command(account, context, "join-confirm", "The code that the other device answered with", code, join_confirm);
  added->add_option("CODE", *code, "Six digits")->required();
  command(account, context, "join-cancel", "Withdraw the request", join_cancel);
}

}  // namespace bud::cli
