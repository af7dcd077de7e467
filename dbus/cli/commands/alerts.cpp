// budstikke alerts [ack]
#include "cli/commands/commands.h"
#include "cli/render.h"
#include "cli/text.h"
#include "client/control.h"

namespace bud::cli {
namespace {

Result<ExitCode> list(Context& context, const bool& all) {
  BUD_TRY(client::Connection * connection, context.connect());
  BUD_TRY(std::vector<client::Alert> alerts, client::Alerts(*connection).list());
  if (!all) std::erase_if(alerts, [](const client::Alert& a) { return a.acknowledged; });
  constexpr std::size_t indent = 4;
  std::string text;
  for (const client::Alert& a : alerts) {
    text += std::to_string(a.id) + "  " + format_time(a.time) + "  " + escape(a.kind) +
            (a.acknowledged ? "  (seen)" : "") + "\n" + std::string(indent, ' ') + escape_lines(a.text, indent) + "\n";
  }
  if (!alerts.empty() && !all) text += "budstikke alerts ack ID says that you have seen one.\n";
  return context.answer(
      [&](Json& j) {
        j.object().key("alerts").array();
        for (const client::Alert& a : alerts) write(j, a);
        j.end().end();
      },
      alerts.empty() ? "There are no alerts.\n" : text);
}

Result<ExitCode> acknowledge(Context& context, const std::vector<std::uint64_t>& ids) {
  BUD_TRY(client::Connection * connection, context.connect());
  for (const std::uint64_t id : ids) BUD_CHECK(client::Alerts(*connection).acknowledge(id));
  return context.done("");
}

}  // namespace

void add_alerts_commands(CLI::App& app, Context& context) {
  const auto all = std::make_shared<bool>(false);
  CLI::App* alerts =
      app.add_subcommand("alerts", "What you must know: new devices, servers that lie, things that were lost");
  alerts->add_flag("--all", *all, "Those that were seen too");
  alerts->callback([alerts, all, &context] {
    if (alerts->get_subcommands().empty()) context.action = [all, &context] { return list(context, *all); };
  });
  const auto ids = std::make_shared<std::vector<std::uint64_t>>();
  command(*alerts, context, "ack", "Say that you have seen some", ids, acknowledge)
      ->add_option("ID", *ids, "Which")
      ->required();
}

}  // namespace bud::cli
