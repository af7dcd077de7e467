// budstikke thread list|show
#include "client/thread.h"
#include "cli/commands/commands.h"
#include "cli/commands/lookup.h"
#include "cli/render.h"
#include "cli/table.h"
#include "client/names.h"

#include <algorithm>

namespace bud::cli {
namespace {

struct Show {
  std::string thread;
  std::size_t max = 20;
  bool ids = false;
};

Result<ExitCode> list(Context& context) {
  BUD_TRY(client::Connection * connection, context.connect());
  BUD_TRY(const std::vector<client::ThreadView> threads, client::Manager(*connection).threads());
  Table table({"NAME", "UNREAD", "THREAD"});
  for (const client::ThreadView& t : threads) table.row({t.name, std::to_string(t.unread), client::last_part(t.path)});
  return context.answer(
      [&](Json& j) {
        j.object().key("threads").array();
        for (const client::ThreadView& t : threads) write(j, t);
        j.end().end();
      },
      table.empty() ? "There are no threads yet: budstikke send ADDRESS TEXT begins one.\n" : table.text());
}

// The newest `max`, oldest first.
Result<std::vector<client::MessageView>> newest(const client::Thread& thread, std::size_t max) {
  std::vector<client::MessageView> all;
  std::uint64_t before = 0;
  while (all.size() < max) {
    BUD_TRY(const client::Thread::Page page, thread.messages(before, static_cast<std::uint32_t>(max - all.size())));
    all.insert(all.end(), page.messages.begin(), page.messages.end());
    if (page.next == 0 || page.next == before || page.messages.empty()) break;
    before = page.next;
  }
  std::reverse(all.begin(), all.end());
  return all;
}

Result<ExitCode> show(Context& context, const Show& options) {
  BUD_TRY(const client::ObjectPath path, find_thread(context, options.thread));
  const client::Thread thread(*context.connection, path);
  BUD_TRY(const client::ThreadView view, thread.view());
  BUD_TRY(const std::vector<client::MessageView> messages, newest(thread, options.max));
  People people(*context.connection);
  std::string text;
  if (!context.json) {
    for (const client::MessageView& m : messages) text += lines(m, people, options.ids);
  }
  return context.answer(
      [&](Json& j) {
        j.object().key("thread");
        write(j, view);
        j.key("messages").array();
        for (const client::MessageView& m : messages) write(j, m, people);
        j.end().end();
      },
      text);
}

}  // namespace

void add_thread_commands(CLI::App& app, Context& context) {
  CLI::App* thread = group(app, "thread", "Conversations");
  command(*thread, context, "list", "All of them", list);
  const auto options = std::make_shared<Show>();
  CLI::App* added = command(*thread, context, "show", "A conversation's newest messages", options, show);
  added->add_option("THREAD", options->thread, "From thread list, or an address")->required();
  added->add_flag("--ids", options->ids, ids_help);
  added->add_option("--max", options->max, "At most so many")->check(CLI::Range(1u, 100000u))->capture_default_str();
}

}  // namespace bud::cli
