#include "cli/secrets.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bud::cli {
namespace {

std::string reason() {
  char buffer[128];
  return ::strerror_r(errno, buffer, sizeof buffer);
}

Result<client::SecretBuffer> first_line(int fd) {
  auto secret = client::SecretBuffer::read(fd);
  if (!secret) {
    if (secret.error().code == Errc::too_large) return forward(secret);
    return fail(Errc::malformed, "The passphrase cannot be read: " + secret.error().text);
  }
  secret->drop_newline();
  if (secret->expose().find('\n') != std::string_view::npos) {
    return fail(Errc::malformed, "There is more than the one line that is the passphrase");
  }
  return secret;
}

}  // namespace

void add_options(CLI::App& command, PassphraseSource& source) {
  auto* file = command.add_option("--passphrase-file", source.file, "Read the passphrase from this file's one line");
  command.add_option("--passphrase-fd", source.fd, "Read it from this open file descriptor")->excludes(file);
}

Result<client::SecretBuffer> read_passphrase(const Console& console, const PassphraseSource& source, bool twice) {
  if (!source.file.empty()) {
    const UniqueFd file(::open(source.file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file) return fail(Errc::not_found, "Cannot open " + source.file + ": " + reason());
    return first_line(file.get());
  }
  if (source.fd >= 0) return first_line(source.fd);
  BUD_TRY(client::SecretBuffer secret, console.ask_secret("Passphrase: "));
  if (!twice) return secret;
  if (secret.size() == 0) return fail(Errc::malformed, "An empty passphrase protects nothing");
  BUD_TRY(const client::SecretBuffer again, console.ask_secret("The same again: "));
  if (!secret.equals(again)) return fail(Errc::malformed, "The two are not the same");
  return secret;
}

void add_options(CLI::App& command, WordsTarget& target) {
  auto* file = command.add_option("--words-file", target.file,
                                  "Write the recovery words to this new file, readable by you only");
  command.add_option("--words-fd", target.fd, "Write them to this open file descriptor")->excludes(file);
}

Result<UniqueFd> open_words(const WordsTarget& target) {
  if (target.fd >= 0) {
    UniqueFd copy(::fcntl(target.fd, F_DUPFD_CLOEXEC, 3));
    if (!copy) return fail(Errc::malformed, "Descriptor " + std::to_string(target.fd) + " is not open");
    return copy;
  }
  UniqueFd file(::open(target.file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, S_IRUSR | S_IWUSR));
  if (file) return file;
  if (errno == EEXIST) return fail(Errc::conflict, target.file + " exists: the words go into a new file");
  return fail(Errc::storage, "Cannot make " + target.file + ": " + reason());
}

Result<> write_words(int fd, client::SecretBuffer words) {
  if (!words.push('\n')) return fail(Errc::too_large, "These are more than 24 words");
  BUD_CHECK(words.write_to(fd));
  // A pipe has nothing to sync, and says EINVAL.
  if (::fsync(fd) != 0 && errno != EINVAL && errno != EROFS)
    return fail(Errc::storage, "Cannot write the words: " + reason());
  return {};
}

}  // namespace bud::cli
