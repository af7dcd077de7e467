// budstikke read|watch: the durable inbox, from where a client of this name left off.
#include "cli/commands/commands.h"
#include "cli/commands/lookup.h"
#include "cli/render.h"

#include <csignal>
#include <set>

namespace bud::cli {
namespace {

constexpr std::uint32_t page_size = 256;

struct Inbox {
  std::string client = "cli";
  bool ack = false, all = false, ids = false;
  // read
  std::uint32_t max = 1000;
  bool wait = false;
  std::uint32_t timeout = 60;
};

// An answer tells of all messages as they are now: a change of what it has told already is no news. `told`: in this
// answer.
bool is_shown(const client::Event& event, const Inbox& options, std::set<client::ObjectPath>& told) {
  if (options.all) return true;
  const bool message = event.kind == client::EventKind::message && !event.message.gone;
  if (!message && event.kind != client::EventKind::message_changed) return false;
  return told.insert(event.message.path).second || message;
}

// Up to `max` shown events after `cursor`, which moves on to the last one that was looked at.
Result<std::vector<client::Event>> collect(const client::Account& account, const Inbox& options, std::size_t max,
                                           std::uint64_t& cursor) {
  std::vector<client::Event> shown;
  while (true) {
    BUD_TRY(client::Account::Page page, account.fetch(cursor, page_size));
    std::set<client::ObjectPath> told;
    for (client::Event& event : page.events) {
      if (event.cursor <= cursor) return fail(Errc::malformed, "The inbox's numbers do not rise");
      cursor = event.cursor;
      if (is_shown(event, options, told)) shown.push_back(std::move(event));
      if (shown.size() == max) return shown;
    }
    if (page.events.empty() || page.next < cursor) return shown;
    cursor = page.next;
  }
}

Result<ExitCode> read(Context& context, const Inbox& options) {
  BUD_TRY(const client::Account account, own_account(context));
  BUD_TRY(std::uint64_t cursor, account.cursor(options.client));
  const std::uint64_t before = cursor;
  std::vector<client::Event> events;
  if (options.wait) {
    BUD_CHECK(account.watch());
    BUD_TRY(const bool met, context.connection->wait_until(timeout_of(options.timeout), [&]() -> Result<bool> {
      BUD_TRY(events, collect(account, options, options.max, cursor));
      return !events.empty();
    }));
    if (!met) return fail(Errc::offline, "The time is up, and nothing new came");
  } else {
    BUD_TRY(events, collect(account, options, options.max, cursor));
  }
  People people(*context.connection);
  std::string text;
  for (const client::Event& e : events) text += context.json ? "" : lines(e, people, options.ids);
  BUD_CHECK(context.answer(
      [&](Json& j) {
        j.object().key("events").array();
        for (const client::Event& e : events) write(j, e, people);
        j.end().key("next").number(cursor).end();
      },
      text));
  // What could not be printed is not acknowledged.
  if (options.ack && cursor > before) BUD_CHECK(account.acknowledge(options.client, cursor));
  return ExitCode::ok;
}

Result<> print(Context& context, const client::Account& account, const Inbox& options, People& people,
               std::uint64_t& cursor) {
  const std::uint64_t before = cursor;
  BUD_TRY(const std::vector<client::Event> events, collect(account, options, page_size, cursor));
  for (const client::Event& e : events) {
    if (context.json) {
      Json json;
      write(json, e, people);
      context.console.print(json.take());
    } else {
      context.console.print(lines(e, people, options.ids));
    }
  }
  BUD_CHECK(context.console.flush());
  if (options.ack && cursor > before) BUD_CHECK(account.acknowledge(options.client, cursor));
  if (cursor > before) context.connection->wake();  // there may be another page
  return {};
}

Result<ExitCode> watch(Context& context, const Inbox& options) {
  BUD_TRY(const client::Account account, own_account(context));
  client::Connection& connection = *context.connection;
  bool stopped = false;
  const auto stop = [&] {
    stopped = true;
    connection.wake();
  };
  BUD_TRY(const bus::Source interrupted, connection.event().on_signal(SIGINT, stop));
  BUD_TRY(const bus::Source terminated, connection.event().on_signal(SIGTERM, stop));
  BUD_CHECK(account.watch());
  BUD_TRY(std::uint64_t cursor, account.cursor(options.client));
  People people(connection);
  const auto print_or_stop = [&]() -> Result<bool> {
    if (!stopped) BUD_CHECK(print(context, account, options, people, cursor));
    return stopped;
  };
  BUD_CHECK(connection.wait_until(std::nullopt, print_or_stop));
  return ExitCode::ok;
}

void add_options(CLI::App& command, Inbox& options) {
  command.add_option("--client", options.client, "Whose place in the inbox: any name that stays the same")
      ->capture_default_str();
  command.add_flag("--ack", options.ack, "Move that place on, behind what was shown");
  command.add_flag("--ids", options.ids, ids_help);
  command.add_flag("--all", options.all, "Messages' progress and changed contacts too");
}

}  // namespace

void add_inbox_commands(CLI::App& app, Context& context) {
  const auto once = std::make_shared<Inbox>();
  CLI::App* added = command(app, context, "read", "What came since this client's place in the inbox", once, read);
  add_options(*added, *once);
  added->add_option("--max", once->max, "At most so many")->check(CLI::Range(1u, 100000u))->capture_default_str();
  added->add_flag("--wait", once->wait, "Wait until there is something");
  add_timeout(*added, once->timeout);

  const auto going_on = std::make_shared<Inbox>();
  add_options(*command(app, context, "watch", "The same, and then what comes, until Ctrl-C", going_on, watch),
              *going_on);
}

}  // namespace bud::cli
