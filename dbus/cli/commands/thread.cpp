// budstikke thread list|show|mute|pin|archive|draft
#include "client/thread.h"
#include "cli/commands/commands.h"
#include "cli/commands/lookup.h"
#include "cli/render.h"
#include "cli/table.h"
#include "cli/text.h"
#include "client/names.h"

#include <algorithm>
#include <chrono>

namespace bud::cli {
namespace {

struct Show {
  std::string thread;
  std::size_t max = 20;
  bool ids = false;
};

Time now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(since).count())};
}

std::string standing(const client::ThreadView& t) {
  std::string text;
  const auto add = [&](bool is_so, const std::string& word) {
    if (is_so) text += (text.empty() ? "" : ", ") + word;
  };
  add(t.pinned, "pinned");
  add(t.archived, "archived");
  add(t.muted_until > now(), t.muted_until == client::always ? "muted" : "muted until " + format_time(t.muted_until));
  add(!t.draft.empty(), "draft");
  return text;
}

Result<ExitCode> list(Context& context) {
  BUD_TRY(client::Connection * connection, context.connect());
  BUD_TRY(const std::vector<client::ThreadView> threads, client::Manager(*connection).threads());
  Table table({"NAME", "UNREAD", "THREAD", ""});
  for (const client::ThreadView& t : threads)
    table.row({t.name, std::to_string(t.unread), client::last_part(t.path), standing(t)});
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

// --- the user's own, the same on all devices ---

struct Mute {
  std::string thread;
  std::uint32_t hours = 0;
  bool off = false;
};
Result<ExitCode> mute(Context& context, const Mute& options) {
  BUD_TRY(const client::ObjectPath path, find_thread(context, options.thread));
  const Time until = options.hours == 0 ? client::always : now() + hours(options.hours);
  BUD_CHECK(client::Thread(*context.connection, path).set_muted(options.off ? Time{} : until));
  return context.done("");
}

struct Flag {
  std::string thread;
  bool off = false;
};
template <Result<> (client::Thread::*set)(bool) const>
Result<ExitCode> set_flag(Context& context, const Flag& options) {
  BUD_TRY(const client::ObjectPath path, find_thread(context, options.thread));
  BUD_CHECK((client::Thread(*context.connection, path).*set)(!options.off));
  return context.done("");
}

struct Draft {
  std::string thread;
  std::optional<std::string> text;
};
Result<ExitCode> draft(Context& context, const Draft& options) {
  BUD_TRY(const client::ObjectPath path, find_thread(context, options.thread));
  const client::Thread thread(*context.connection, path);
  if (options.text) {
    BUD_CHECK(thread.set_draft(*options.text));
    return context.done("");
  }
  BUD_TRY(const client::ThreadView view, thread.view());
  return context.answer([&](Json& j) { j.object().key("draft").text(view.draft).end(); },
                        view.draft.empty() ? "" : escape_lines(view.draft, 0) + "\n");
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
  constexpr const char* which = "From thread list, or an address";
  const auto muted = std::make_shared<Mute>();
  added = command(*thread, context, "mute", "Be told nothing of it, on all your devices", muted, mute);
  added->add_option("THREAD", muted->thread, which)->required();
  added->add_option("--hours", muted->hours, "So long; for ever without it")->check(CLI::Range(1u, 100000u));
  added->add_flag("--off", muted->off, "Be told again");
  const auto pinned = std::make_shared<Flag>(), archived = std::make_shared<Flag>();
  added = command(*thread, context, "pin", "Show it before the others", pinned, set_flag<&client::Thread::set_pinned>);
  added->add_option("THREAD", pinned->thread, which)->required();
  added->add_flag("--off", pinned->off, "Among the others again");
  added = command(*thread, context, "archive", "Put it away", archived, set_flag<&client::Thread::set_archived>);
  added->add_option("THREAD", archived->thread, which)->required();
  added->add_flag("--off", archived->off, "Take it out again");
  const auto begun = std::make_shared<Draft>();
  added = command(*thread, context, "draft", "What you have begun to write in it", begun, draft);
  added->add_option("THREAD", begun->thread, which)->required();
  added->add_option("TEXT", begun->text, "Keep this, on all your devices; empty: none. Without it: show what there is");
}

}  // namespace bud::cli
