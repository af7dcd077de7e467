// budstikke send
#include "cli/commands/commands.h"
#include "cli/commands/lookup.h"
#include "cli/render.h"
#include "cli/text.h"
#include "cli/words.h"
#include "client/message.h"
#include "client/names.h"
#include "client/thread.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace bud::cli {
namespace {

using client::Delivery;

struct Send {
  std::string to, text, key, wait, reply_to;
  std::vector<std::string> files;
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

void write_sent(Json& j, const client::ObjectPath& thread, const client::MessageView& view) {
  j.object().key("message").text(client::last_part(view.path)).key("thread").text(client::last_part(thread));
  j.key("state").text(word(view.progress.state)).key("delivered").number(view.progress.delivered);
  j.key("total").number(view.progress.total).end();
}

// Of a file that could not be sent.
std::string why_not(const client::MessageView& view) {
  for (const client::FileView& file : view.files)
    if (!file.error.empty()) return ": " + escape(file.error);
  return {};
}

// By its name's ending, as far as people's usual files go; the receiver looks for itself.
std::string media_type_of(const std::string& path) {
  static const std::map<std::string, std::string> known{
      {".jpg", "image/jpeg"},      {".jpeg", "image/jpeg"},   {".png", "image/png"},      {".gif", "image/gif"},
      {".webp", "image/webp"},     {".svg", "image/svg+xml"}, {".mp4", "video/mp4"},      {".webm", "video/webm"},
      {".mp3", "audio/mpeg"},      {".ogg", "audio/ogg"},     {".opus", "audio/ogg"},     {".flac", "audio/flac"},
      {".pdf", "application/pdf"}, {".txt", "text/plain"},    {".zip", "application/zip"}};
  const auto found = known.find(std::filesystem::path(path).extension().string());
  return found != known.end() ? found->second : "application/octet-stream";
}

struct Opened {
  std::string path;
  UniqueFd fd;
};
// All of them before anything is sent.
Result<std::vector<Opened>> open_files(const std::vector<std::string>& paths) {
  std::vector<Opened> all;
  for (const std::string& path : paths) {
    Opened one{path, UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC))};
    if (!one.fd) return fail(errno == ENOENT ? Errc::not_found : Errc::malformed, path + ": " + std::strerror(errno));
    all.push_back(std::move(one));
  }
  return all;
}

// The text goes with the first file. What follows the first has a key of its own, made of it.
Result<std::vector<client::ObjectPath>> send_all(const client::Thread& thread, const bus::Dict& content,
                                                 const Send& options, const std::vector<Opened>& files) {
  std::vector<client::ObjectPath> sent;
  if (files.empty()) {
    BUD_TRY(client::ObjectPath path, thread.send(content, options.key));
    return std::vector<client::ObjectPath>{std::move(path)};
  }
  BUD_TRY(const std::string text, bus::get<std::string>(content, "text"));
  for (const Opened& file : files) {
    const std::string number = sent.empty() || options.key.empty() ? "" : ":" + std::to_string(sent.size());
    const std::string name = std::filesystem::path(file.path).filename().string();
    BUD_TRY(client::ObjectPath path, thread.send_file(file.fd.get(), name, media_type_of(file.path),
                                                      sent.empty() ? text : std::string(), options.key + number));
    sent.push_back(std::move(path));
  }
  return sent;
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
  BUD_TRY(const std::vector<Opened> files, open_files(options.files));
  BUD_TRY(const std::vector<client::ObjectPath> sent,
          send_all(client::Thread(*context.connection, thread), content, options, files));
  std::vector<client::MessageView> views;
  for (const client::ObjectPath& path : sent) {
    const client::Message message(*context.connection, path);
    BUD_TRY(client::MessageView view, message.view());
    if (!options.wait.empty()) {
      BUD_TRY(view, await(context, message, options.wait == "pushed" ? Delivery::pushed : Delivery::delivered,
                          options.timeout));
    }
    if (view.progress.state == Delivery::failed && !files.empty()) {
      BUD_TRY(view.files, message.files());
    }
    views.push_back(std::move(view));
  }
  std::string lines;
  for (const client::MessageView& view : views)
    lines += client::last_part(view.path) + "  " + progress_text(view.progress) + why_not(view) + "\n";
  BUD_CHECK(context.answer(
      [&](Json& j) {
        if (files.empty()) return write_sent(j, thread, views.front());
        j.object().key("messages").array();
        for (const client::MessageView& view : views) write_sent(j, thread, view);
        j.end().end();
      },
      lines));
  const bool failed = std::any_of(views.begin(), views.end(),
                                  [](const client::MessageView& v) { return v.progress.state == Delivery::failed; });
  return failed ? ExitCode::other : ExitCode::ok;
}

}  // namespace

void add_send_command(CLI::App& app, Context& context) {
  const auto add_options = [](CLI::App& added, Send& options) {
    added.add_option("--expire", options.expire, "Deleted so many seconds after it was read; 0: never");
    added.add_option("--key", options.key, "The same key twice is one message: for calling again after a failure");
    added.add_option("--wait", options.wait, "Wait until it is this far")
        ->check(CLI::IsMember({"pushed", "delivered"}));
    add_timeout(added, options.timeout);
  };
  const auto sent = std::make_shared<Send>();
  CLI::App* added = command(app, context, "send", "Write to somebody", sent, send);
  added->add_option("TO", sent->to, to_help)->required();
  added->add_option("TEXT", sent->text, text_help);
  added->add_option("--file", sent->files, "Send this file, too; may stand several times")->allow_extra_args(false);
  added->parse_complete_callback([sent] {
    if (sent->text.empty() && sent->files.empty()) throw CLI::RequiredError("TEXT, or --file,");
    if (!sent->files.empty() && (sent->expire != 0 || !sent->reply_to.empty()))
      throw CLI::ValidationError("--file", "goes with neither --expire nor --reply-to");
  });
  add_options(*added, *sent);
  added->add_option("--reply-to", sent->reply_to, "The message that it answers");

  const auto answer = std::make_shared<Send>();
  added = command(app, context, "reply", "Answer a message, where it was said", answer, send);
  added->add_option("MESSAGE", answer->reply_to, message_help)->required();
  added->add_option("TEXT", answer->text, text_help)->required();
  add_options(*added, *answer);
}

}  // namespace bud::cli
