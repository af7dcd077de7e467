// budstikke message show
#include "client/message.h"
#include "cli/commands/commands.h"
#include "cli/commands/lookup.h"
#include "cli/render.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/words.h"
#include "client/names.h"

namespace bud::cli {
namespace {

Result<ExitCode> show(Context& context, const std::string& id) {
  BUD_TRY(client::MessageView view, find_message(context, id));
  const client::Message message(*context.connection, view.path);
  BUD_TRY(view.files, message.files());
  BUD_TRY(const std::vector<client::Copy> copies, message.copies());
  People people(*context.connection);
  Table table({"WHOSE", "DEVICE", "STATE", "SINCE"});
  for (const client::Copy& c : copies) {
    const std::string whose = c.own ? "you" : people.contact(client::contact_path(c.account)).label();
    table.row({whose, short_hex(c.device), std::string(word(c.state)), format_time(c.changed)});
  }
  return context.answer(
      [&](Json& j) {
        j.object().key("message");
        write(j, view, people);
        j.key("devices").array();
        for (const client::Copy& c : copies) {
          j.object().key("account").hex(c.account).key("device").hex(c.device).key("own").boolean(c.own);
          j.key("state").text(word(c.state)).key("changed").time(c.changed).end();
        }
        j.end().end();
      },
      lines(view, people) + (table.empty() ? "" : "\n" + table.text()));
}

}  // namespace

void add_message_commands(CLI::App& app, Context& context) {
  CLI::App* message = group(app, "message", "Single messages");
  const auto id = std::make_shared<std::string>();
  command(*message, context, "show", "A message, and which device got which copy and when", id, show)
      ->add_option("ID", *id, message_help)
      ->required();
}

}  // namespace bud::cli
