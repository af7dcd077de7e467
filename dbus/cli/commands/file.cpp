// budstikke file save
#include "cli/commands/commands.h"
#include "cli/commands/lookup.h"
#include "cli/render.h"
#include "cli/text.h"
#include "client/message.h"
#include "client/names.h"
#include "client/thread.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace bud::cli {
namespace {

struct Save {
  std::string message, output;
  std::uint32_t index = 0;
  bool overwrite = false;
};

tl::unexpected<Error> cannot(const std::string& doing, const std::string& path) {
  return fail(errno == EEXIST ? Errc::conflict : Errc::storage, doing + " " + path + ": " + std::strerror(errno));
}

// Strangers choose it: it names a file in the folder that was asked for, and no other; nothing hidden, nothing that a
// terminal acts on.
std::string harmless(const std::string& name) {
  std::string safe;
  for (const char c : name.substr(0, 200))
    safe += c == '/' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '_' : c;
  if (safe.empty() || safe.front() == '.') safe = "file" + safe;
  return safe;
}

bool is_folder(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// What is written here stands at the path only once it is whole.
class Target {
 public:
  static Result<Target> open(std::string path, bool overwrite) {
    Target target;
    struct stat info {};
    if (!overwrite && ::lstat(path.c_str(), &info) == 0)
      return fail(Errc::conflict, path + " is there already: --overwrite replaces it");
    target.part_ = path + ".part";
    target.path_ = std::move(path);
    target.overwrite_ = overwrite;
    target.file_ = UniqueFd(::open(target.part_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!target.file_) {
      const auto failed = cannot("Cannot make", target.part_);
      target.part_.clear();
      return failed;
    }
    return target;
  }
  Target(Target&&) = default;
  Target& operator=(Target&&) = delete;
  ~Target() {
    if (file_ && !part_.empty()) ::unlink(part_.c_str());
  }

  Result<> write(ByteView bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(file_.get(), bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return cannot("Cannot write", part_);
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return {};
  }
  Result<> finish() {
    if (::fsync(file_.get()) != 0 && errno != EINVAL) return cannot("Cannot write", part_);
    const unsigned flags = overwrite_ ? 0 : RENAME_NOREPLACE;
    if (::renameat2(AT_FDCWD, part_.c_str(), AT_FDCWD, path_.c_str(), flags) != 0) return cannot("Cannot make", path_);
    part_.clear();
    return {};
  }

 private:
  Target() = default;
  std::string path_, part_;
  bool overwrite_ = false;
  UniqueFd file_;
};

// Until the pipe ends; how many bytes came.
Result<std::uint64_t> copy(const Console& console, int from, std::uint64_t size,
                           const std::function<Result<>(ByteView)>& to) {
  Bytes piece(64 * 1024);
  std::uint64_t done = 0, shown = 101;
  while (true) {
    const ssize_t n = ::read(from, piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(Errc::offline, "The file cannot be read");
    if (n == 0) break;
    BUD_CHECK(to(ByteView(piece).first(static_cast<std::size_t>(n))));
    done += static_cast<std::uint64_t>(n);
    const std::uint64_t percent = size == 0 ? 100 : done * 100 / size;
    if (percent != shown) console.progress(std::to_string(percent) + "% of " + size_text(size));
    shown = percent;
  }
  console.progress("");
  return done;
}

// Of a pipe that ended before the file did.
Result<> cut_off(const client::Message& message, const Save& options, const std::string& rest) {
  BUD_TRY(const std::vector<client::FileView> files, message.files());
  const std::string& why = files.at(options.index).error;
  return fail(Errc::offline, (why.empty() ? "The file did not come to its end" : why) + rest);
}

Result<ExitCode> save(Context& context, const Save& options) {
  BUD_TRY(const client::ObjectPath path, client::object_path("message", options.message));
  BUD_CHECK(own_account(context));
  const client::Message message(*context.connection, path);
  BUD_TRY(const client::MessageView view, message.view());
  BUD_TRY(const std::vector<client::FileView> files, message.files());
  if (options.index >= files.size()) return fail(Errc::not_found, "The message has no such file");
  const client::FileView& file = files[options.index];
  BUD_TRY(const UniqueFd pipe, client::Thread(*context.connection, view.thread).open_file(path, options.index));
  if (options.output == "-") {
    if (context.json) return fail(Errc::malformed, "--json and the file cannot both go to standard output");
    BUD_TRY(const std::uint64_t came, copy(context.console, pipe.get(), file.size,
                                           [&](ByteView piece) { return context.console.write_through(piece); }));
    if (came != file.size) BUD_CHECK(cut_off(message, options, ": what was written is not all of it"));
    return ExitCode::ok;
  }
  const std::string to = is_folder(options.output) ? options.output + "/" + harmless(file.name) : options.output;
  BUD_TRY(Target target, Target::open(to, options.overwrite));
  BUD_TRY(const std::uint64_t came,
          copy(context.console, pipe.get(), file.size, [&](ByteView piece) { return target.write(piece); }));
  if (came != file.size) BUD_CHECK(cut_off(message, options, ": nothing was saved"));
  BUD_CHECK(target.finish());
  return context.answer(
      [&](Json& j) {
        j.object().key("message").text(client::last_part(path)).key("index").number(options.index);
        j.key("path").text(to).key("size").number(file.size).end();
      },
      escape(to) + "  " + size_text(file.size) + "\n");
}

}  // namespace

void add_file_commands(CLI::App& app, Context& context) {
  CLI::App* file = group(app, "file", "Files of messages");
  const auto options = std::make_shared<Save>();
  CLI::App* added = command(*file, context, "save", "Fetch a file, check it, and save it", options, save);
  added->add_option("MESSAGE", options->message, "Its message: 32 hexadecimal digits")->required();
  added->add_option("INDEX", options->index, "Which of its files, from 0")->capture_default_str();
  added->add_option("-o,--output", options->output, "Where to: a file, a folder, or - for standard output")->required();
  added->add_flag("--overwrite", options->overwrite, "Replace a file that is there already");
}

}  // namespace bud::cli
