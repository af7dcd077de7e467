// budstikke bridge add|list|remove|probe
#include "cli/commands/commands.h"
#include "cli/render.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/words.h"
#include "client/control.h"

namespace bud::cli {
namespace {

struct Add {
  std::string name, kind, config;
  std::vector<std::string> values;
};

Result<bus::Dict> config_of(const Add& options) {
  if (!options.config.empty()) return parse_config(options.config);
  bus::Dict dict;
  for (const std::string& value : options.values) {
    const std::size_t equals = value.find('=');
    if (equals == 0 || equals == std::string::npos)
      return fail(Errc::malformed, "\"" + value + "\" is not of the form key=value");
    if (!dict.emplace(value.substr(0, equals), value.substr(equals + 1)).second) {
      return fail(Errc::malformed, "\"" + value.substr(0, equals) + "\" is given twice");
    }
  }
  return dict;
}

Result<ExitCode> add(Context& context, const Add& options) {
  BUD_TRY(const bus::Dict config, config_of(options));
  BUD_TRY(client::Connection * connection, context.connect());
  BUD_CHECK(client::Bridges(*connection).add(options.name, options.kind, config));
  return context.done("The bridge is added and starting; budstikke bridge list says how it is.\n");
}

Result<ExitCode> list(Context& context) {
  BUD_TRY(client::Connection * connection, context.connect());
  BUD_TRY(const std::vector<client::Bridge> bridges, client::Bridges(*connection).list());
  Table table({"NAME", "KIND", "STATE", "ADDRESS", ""});
  for (const client::Bridge& b : bridges) table.row({b.name, b.kind, std::string(word(b.state)), b.address, b.text});
  return context.answer(
      [&](Json& j) {
        j.object().key("bridges").array();
        for (const client::Bridge& b : bridges) write(j, b);
        j.end().end();
      },
      table.empty() ? "There is no bridge yet: budstikke bridge add spool spool folder=/a/shared/folder address=NAME.\n"
                    : table.text());
}

Result<ExitCode> remove(Context& context, const std::string& name) {
  BUD_TRY(client::Connection * connection, context.connect());
  BUD_CHECK(client::Bridges(*connection).remove(name));
  return context.done("The bridge is removed.\n");
}

Result<ExitCode> probe(Context& context, const std::string& name) {
  BUD_TRY(client::Connection * connection, context.connect());
  BUD_TRY(const client::Bridges::Probe result, client::Bridges(*connection).probe(name));
  BUD_CHECK(context.answer(
      [&](Json& j) { j.object().key("ok").boolean(result.ok).key("text").text(result.text).end(); },
      (result.text.empty() ? result.ok ? "All is well." : "It does not work." : escape_lines(result.text, 0)) + "\n"));
  return result.ok ? ExitCode::ok : ExitCode::offline;
}

}  // namespace

void add_bridge_commands(CLI::App& app, Context& context) {
  CLI::App* bridge = group(app, "bridge", "The transports that carry sealed copies");
  const auto options = std::make_shared<Add>();
  CLI::App* added = command(*bridge, context, "add", "Configure one, and start it", options, add);
  added
      ->add_option("NAME", options->name,
                   "Also the part before the colon of its addresses: everybody calls it the same")
      ->required();
  added->add_option("KIND", options->kind, "\"spool\"")->required();
  auto* values =
      added->add_option("SETTING", options->values, "By kind; spool: folder=/a/shared/folder address=NAME")
          ->type_name("KEY=VALUE");  // CLI11 2.4 has no '=' in a name
  added->add_option("--config", options->config, "The same as a JSON object")->excludes(values);

  command(*bridge, context, "list", "All, and how they are", list);
  const auto removed = std::make_shared<std::string>();
  command(*bridge, context, "remove", "Stop one and forget its configuration", removed, remove)
      ->add_option("NAME", *removed, "Which")
      ->required();
  const auto probed = std::make_shared<std::string>();
  command(*bridge, context, "probe", "Try what it needs of its transport", probed, probe)
      ->add_option("NAME", *probed, "Which")
      ->required();
}

}  // namespace bud::cli
