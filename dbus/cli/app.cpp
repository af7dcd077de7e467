#include "cli/app.h"

#include "cli/commands/commands.h"
#include "cli/text.h"

#include <algorithm>

namespace bud::cli {
namespace {

ExitCode report(Context& context, std::string_view name, std::string_view message, std::string_view hint,
                ExitCode code) {
  if (context.json) {
    Json json;
    json.object().key("error").object().key("name").text(name).key("message").text(message).end().end();
    context.console.print(json.take());
    (void)context.console.flush();
  } else {
    (void)context.console.flush();
    context.console.note("budstikke: " + escape_lines(message, 2));
    if (!hint.empty()) context.console.note("  " + std::string(hint));
  }
  return code;
}

ExitCode report(Context& context, const Error& error) {
  const bool unreachable = context.unreachable();
  return report(context, error_name(error.code, unreachable), error.text, advice(error.code, unreachable),
                exit_code(error.code, unreachable));
}

// --help, --version, or a command line that cannot be.
ExitCode report(Context& context, CLI::App& app, const CLI::ParseError& stop) {
  if (stop.get_exit_code() != 0) {
    return report(context, "Usage", stop.what(), "budstikke --help, or --help after a command, says more",
                  ExitCode::usage);
  }
  std::ostringstream out, err;
  app.exit(stop, out, err);
  context.console.print(out.str());
  (void)context.console.flush();
  return ExitCode::ok;
}

void add_options(CLI::App& app, Context& context, std::string& address, bool& system) {
  app.add_flag("--json", context.json, "Answer with one JSON document; watch: one a line");
  auto* bus =
      app.add_option("--bus", address, "The address of the message bus the daemon is on; else the session's bus");
  app.add_flag("--system", system, "The daemon is on the system's message bus")->excludes(bus);
  app.set_version_flag("--version", "budstikke " BUD_VERSION);
  app.footer(std::string(exit_codes_help()));
  app.require_subcommand(1);
  app.fallthrough();  // the options above stand before or after a command
}

void add_commands(CLI::App& app, Context& context) {
  add_account_commands(app, context);
  add_device_commands(app, context);
  add_contact_commands(app, context);
  add_send_command(app, context);
  add_file_commands(app, context);
  add_said_commands(app, context);
  add_group_commands(app, context);
  add_inbox_commands(app, context);
  add_thread_commands(app, context);
  add_message_commands(app, context);
  add_alerts_commands(app, context);
  add_bridge_commands(app, context);
  add_vault_commands(app, context);
  add_doctor_command(app, context);
}

}  // namespace

int run(const std::vector<std::string>& arguments, Console& console) {
  Context context{console};
  std::string address;
  bool system = false;
  CLI::App app("Messages to all of a person's devices, sealed for each: the command line of the daemon budstikked",
               "budstikke");
  add_options(app, context, address, system);
  add_commands(app, context);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 takes them from the back
  } catch (const CLI::ParseError& stop) {
    // Parsing may have ended before it came to this.
    context.json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    return static_cast<int>(report(context, app, stop));
  }
  if (!address.empty()) context.bus = {client::BusChoice::Kind::address, address};
  if (system) context.bus.kind = client::BusChoice::Kind::system;
  const Result<ExitCode> result = context.action();
  return static_cast<int>(result ? *result : report(context, result.error()));
}

}  // namespace bud::cli
