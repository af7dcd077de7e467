// budstikke edit|retract|react|poll|vote|introduce|mark-read: what is said besides a text, and of what was said.
#include "cli/commands/commands.h"
#include "cli/commands/lookup.h"
#include "client/names.h"
#include "client/thread.h"

namespace bud::cli {
namespace {

struct About {
  std::string message, text;
  bool remove = false;
  std::vector<std::uint32_t> choices;
};

// The message that is meant, and where it was said.
Result<std::pair<client::Thread, client::ObjectPath>> find(Context& context, const About& about) {
  BUD_TRY(const client::MessageView message, find_message(context, about.message));
  return std::pair(client::Thread(*context.connection, message.thread), message.path);
}

Result<ExitCode> edit(Context& context, const About& about) {
  BUD_TRY(const std::string text, text_of(context, about.text));
  BUD_TRY(const auto found, find(context, about));
  BUD_CHECK(found.first.edit(found.second, text));
  return context.done("");
}

Result<ExitCode> retract(Context& context, const About& about) {
  BUD_TRY(const auto found, find(context, about));
  BUD_CHECK(found.first.retract(found.second));
  return context.done("");
}

Result<ExitCode> react(Context& context, const About& about) {
  BUD_TRY(const auto found, find(context, about));
  BUD_CHECK(found.first.react(found.second, about.text, !about.remove));
  return context.done("");
}

// People count from 1.
Result<ExitCode> vote(Context& context, const About& about) {
  std::vector<std::uint32_t> choices;
  for (const std::uint32_t choice : about.choices) {
    if (choice == 0) return fail(Errc::malformed, "A poll's options are counted from 1");
    choices.push_back(choice - 1);
  }
  BUD_TRY(const auto found, find(context, about));
  BUD_CHECK(found.first.vote(found.second, choices));
  return context.done("");
}

struct Say {
  std::string to, question, contact, up_to;
  std::vector<std::string> options;
  bool multiple = false;
};

Result<ExitCode> say(Context& context, const Say& how, const bus::Dict& content) {
  BUD_TRY(const client::ObjectPath thread, find_thread(context, how.to));
  BUD_TRY(const client::ObjectPath path, client::Thread(*context.connection, thread).send(content, ""));
  return context.answer(
      [&](Json& j) {
        j.object().key("message").text(client::last_part(path)).key("thread").text(client::last_part(thread)).end();
      },
      client::last_part(path) + "\n");
}

Result<ExitCode> poll(Context& context, const Say& how) {
  return say(context, how,
             {{"poll", bus::Dict{{"question", how.question}, {"options", how.options}, {"multiple", how.multiple}}}});
}

Result<ExitCode> introduce(Context& context, const Say& how) {
  BUD_TRY(const client::Account account, own_account(context));
  BUD_TRY(const client::ObjectPath contact, account.resolve(how.contact));
  return say(context, how, {{"contact", contact}});
}

Result<ExitCode> mark_read(Context& context, const Say& how) {
  BUD_TRY(const client::ObjectPath path, find_thread(context, how.to));
  const client::Thread thread(*context.connection, path);
  client::ObjectPath up_to;
  if (how.up_to.empty()) {
    BUD_TRY(const client::Thread::Page page, thread.messages(0, 1));
    if (page.messages.empty()) return context.done("");
    up_to = page.messages.front().path;
  } else {
    BUD_TRY(const client::MessageView message, find_message(context, how.up_to));
    up_to = message.path;
  }
  BUD_CHECK(thread.mark_read(up_to));
  return context.done("");
}

CLI::App* about_a_message(CLI::App& app, Context& context, const std::string& name, const std::string& help,
                          const std::shared_ptr<About>& about, Result<ExitCode> (*run)(Context&, const About&)) {
  CLI::App* added = command(app, context, name, help, about, run);
  added->add_option("MESSAGE", about->message, message_help)->required();
  return added;
}

}  // namespace

void add_said_commands(CLI::App& app, Context& context) {
  auto about = std::make_shared<About>();
  about_a_message(app, context, "edit", "Say something else instead, in a message of yours", about, edit)
      ->add_option("TEXT", about->text, text_help)
      ->required();

  about = std::make_shared<About>();
  about_a_message(app, context, "retract", "Take a message of yours back", about, retract);

  about = std::make_shared<About>();
  CLI::App* added = about_a_message(app, context, "react", "React to a message with an emoji", about, react);
  added->add_option("EMOJI", about->text, "One")->required();
  added->add_flag("--remove", about->remove, "No longer");

  about = std::make_shared<About>();
  about_a_message(app, context, "vote", "Vote in a poll, instead of what you voted before", about, vote)
      ->add_option("CHOICE", about->choices, "Options by their number, the first is 1; none: take the vote back");

  auto how = std::make_shared<Say>();
  added = command(app, context, "poll", "Ask everybody in a conversation to choose", how, poll);
  added->add_option("TO", how->to, to_help)->required();
  added->add_option("QUESTION", how->question, "What to ask")->required();
  added->add_option("OPTION", how->options, "What there is to choose from, 2 to 20")->required();
  added->add_flag("--multiple", how->multiple, "More than one may be chosen");

  how = std::make_shared<Say>();
  added =
      command(app, context, "introduce", "Tell a conversation who somebody is, and where to find them", how, introduce);
  added->add_option("TO", how->to, to_help)->required();
  added->add_option("CONTACT", how->contact, "The address of who is introduced")->required();

  how = std::make_shared<Say>();
  added = command(app, context, "mark-read", "Mark a conversation as read; those who wrote are told", how, mark_read);
  added->add_option("THREAD", how->to, "From thread list, or an address")->required();
  added->add_option("--up-to", how->up_to, "No further than this message");
}

}  // namespace bud::cli
