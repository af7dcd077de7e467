// Each command group adds itself to the command line; what was chosen becomes Context::action.
#pragma once

#include "cli/context.h"

#include <CLI/CLI.hpp>

namespace bud::cli {

void add_account_commands(CLI::App& app, Context& context);
void add_join_commands(CLI::App& account, Context& context);  // below "account"
void add_device_commands(CLI::App& app, Context& context);
void add_contact_commands(CLI::App& app, Context& context);
void add_send_command(CLI::App& app, Context& context);
void add_file_commands(CLI::App& app, Context& context);
void add_said_commands(CLI::App& app, Context& context);
void add_group_commands(CLI::App& app, Context& context);
void add_inbox_commands(CLI::App& app, Context& context);
void add_thread_commands(CLI::App& app, Context& context);
void add_message_commands(CLI::App& app, Context& context);
void add_alerts_commands(CLI::App& app, Context& context);
void add_bridge_commands(CLI::App& app, Context& context);
void add_vault_commands(CLI::App& app, Context& context);
void add_doctor_command(CLI::App& app, Context& context);

// A group that is nothing without one of its commands.
inline CLI::App* group(CLI::App& app, const std::string& name, const std::string& help) {
  return app.add_subcommand(name, help)->require_subcommand(1);
}

// A command whose options live in an `Options`, which `run` is handed.
template <class Options>
CLI::App* command(CLI::App& app, Context& context, const std::string& name, const std::string& help,
                  const std::shared_ptr<Options>& options, Result<ExitCode> (*run)(Context&, const Options&)) {
  CLI::App* added = app.add_subcommand(name, help);
  added->callback(
      [&context, options, run] { context.action = [&context, options, run] { return run(context, *options); }; });
  return added;
}
inline CLI::App* command(CLI::App& app, Context& context, const std::string& name, const std::string& help,
                         Result<ExitCode> (*run)(Context&)) {
  CLI::App* added = app.add_subcommand(name, help);
  added->callback([&context, run] { context.action = [&context, run] { return run(context); }; });
  return added;
}

inline constexpr const char* ids_help = "With each message's id, by which react, reply, edit and others name it";
inline constexpr const char* to_help = "An address (\"spool:bob\"), or a thread";
inline constexpr const char* text_help = "What to say; - reads it from standard input";
inline constexpr const char* message_help = "Its id (read --ids, or what send printed), or the beginning of it";

// "--timeout": seconds, 0 for ever.
inline void add_timeout(CLI::App& command, std::uint32_t& seconds) {
  command.add_option("--timeout", seconds, "Give up after so many seconds; 0: never")->capture_default_str();
}
inline std::optional<Duration> timeout_of(std::uint32_t of_seconds) {
  return of_seconds == 0 ? std::nullopt : std::optional(bud::seconds(of_seconds));
}

}  // namespace bud::cli
