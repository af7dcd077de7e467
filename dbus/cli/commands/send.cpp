// budstikke send
#include "cli/commands/commands.h"
#include "cli/commands/lookup.h"
#include "cli/render.h"
#include "cli/words.h"
#include "client/message.h"
#include "client/names.h"
#include "client/thread.h"

namespace bud::cli {
namespace {

using client::Delivery;

struct Send {
  std::string to, text, key, wait, reply_to;
  std::uint32_t timeout = 60, expire = 0;
};

// Waits until it got this far. The message's state never goes back, except to failed.
Result<client::MessageView> await(Context& context, const client::Message& message, Delivery wanted,
                                  std::uint32_t timeout) {
  BUD_CHECK(message.wake_on_change());
  client::MessageView view;
  BUD_TRY(const bool met, context.connection->wait_until(timeout_of(timeout), [&]() -> Result<bool> {
    BUD_TRY(view, message.view());
    return view.progress.state >= wanted;
  }));
  if (met) return view;
  return fail(Errc::offline, "The time is up, and message " + client::last_part(message.path()) + " is " +
                                 progress_text(view.progress) + ": it goes on without this command");
}

Result<ExitCode> send(Context& context, const Send& options) {
  BUD_TRY(const std::string text, text_of(context, options.text));
  bus::Dict content{{"text", text}};
  if (options.expire != 0) content["expire"] = options.expire;
  client::ObjectPath thread;
  if (!options.reply_to.empty()) {
    BUD_TRY(const client::MessageView answered, find_message(context, options.reply_to));
    content["reply-to"] = answered.path;
    thread = answered.thread;
  }
  if (!options.to.empty()) {
    BUD_TRY(thread, find_thread(context, options.to));
  }
  BUD_TRY(const client::ObjectPath path, client::Thread(*context.connection, thread).send(content, options.key));
  const client::Message message(*context.connection, path);
  BUD_TRY(client::MessageView view, message.view());
  if (!options.wait.empty()) {
    BUD_TRY(view, await(context, message, options.wait == "pushed" ? Delivery::pushed : Delivery::delivered,
                        options.timeout));
  }
  BUD_CHECK(context.answer(
      [&](Json& j) {
        j.object().key("message").text(client::last_part(path)).key("thread").text(client::last_part(thread));
        j.key("state").text(word(view.progress.state)).key("delivered").number(view.progress.delivered);
        j.key("total").number(view.progress.total).end();
      },
      client::last_part(path) + "  " + progress_text(view.progress) + "\n"));
  return view.progress.state == Delivery::failed ? ExitCode::other : ExitCode::ok;
}

}  // namespace

void add_send_command(CLI::App& app, Context& context) {
  const auto add_options = [](CLI::App& added, Send& options) {
    added.add_option("TEXT", options.text, text_help)->required();
    added.add_option("--expire", options.expire, "Deleted so many seconds after it was read; 0: never");
    added.add_option("--key", options.key, "The same key twice is one message: for calling again after a failure");
    added.add_option("--wait", options.wait, "Wait until it is this far")
        ->check(CLI::IsMember({"pushed", "delivered"}));
    add_timeout(added, options.timeout);
  };
  const auto sent = std::make_shared<Send>();
  CLI::App* added = command(app, context, "send", "Write to somebody", sent, send);
  added->add_option("TO", sent->to, to_help)->required();
  add_options(*added, *sent);
  added->add_option("--reply-to", sent->reply_to, "The message that it answers");

  const auto answer = std::make_shared<Send>();
  added = command(app, context, "reply", "Answer a message, where it was said", answer, send);
  added->add_option("MESSAGE", answer->reply_to, message_help)->required();
  add_options(*added, *answer);
}

}  // namespace bud::cli
