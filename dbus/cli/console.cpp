#include "cli/console.h"

#include "bus/error.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace bud::cli {
namespace {

constexpr std::size_t max_line = 1024;

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

// 1 with a byte, 0 at the end, -1 with errno.
ssize_t read_byte(int fd, char& c) {
  while (true) {
    const ssize_t n = ::read(fd, &c, 1);
    if (n >= 0 || errno != EINTR) return n;
  }
}

// A terminal that shows nothing of what is typed, and hands over Ctrl-C as a byte: a signal would leave it like this.
class Silence {
 public:
  explicit Silence(int fd) : fd_(fd) {
    if (::tcgetattr(fd, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG | ICANON);
    quiet.c_cc[VMIN] = 1;
    quiet.c_cc[VTIME] = 0;
    active_ = ::tcsetattr(fd, TCSAFLUSH, &quiet) == 0;
  }
  ~Silence() {
    if (active_) (void)::tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  bool active() const { return active_; }

 private:
  int fd_;
  termios before_{};
  bool active_ = false;
};

Result<client::SecretBuffer> read_secret_line(int fd) {
  constexpr char interrupt = 3, end = 4, backspace = 8, kill_line = 21, del = 127;
  client::SecretBuffer secret;
  while (true) {
    char c = 0;
    if (read_byte(fd, c) <= 0 || c == interrupt || (c == end && secret.size() == 0)) {
      return fail(Errc::not_allowed, "Nothing was typed");
    }
    if (c == '\n' || c == '\r') return secret;
    if (c == backspace || c == del) {
      // A character of several bytes is one keystroke.
      while (secret.size() > 0 && (static_cast<unsigned char>(secret.expose().back()) & 0xC0) == 0x80) secret.pop();
      secret.pop();
    } else if (c == kill_line) {
      while (secret.size() > 0) secret.pop();
    } else if (!secret.push(c)) {
      return fail(Errc::too_large, "A passphrase has at most 1024 bytes");
    }
  }
}

}  // namespace

Console::Console(int in, int out, int err, std::string terminal)
    : in_(in),
      out_(out),
      err_(err),
      terminal_(std::move(terminal)),
      in_is_terminal_(::isatty(in) == 1),
      out_is_terminal_(::isatty(out) == 1) {}

Result<> Console::flush() {
  const bool written = write_all(out_, pending_);
  pending_.clear();
  if (!written) return tl::unexpected(bus::error_from_errno(-errno, "write the output"));
  return {};
}

void Console::note(std::string_view text) const {
  (void)write_all(err_, std::string(text) + "\n");
}

void Console::progress(std::string_view text) const {
  if (::isatty(err_) == 1) (void)write_all(err_, "\r\x1b[K" + std::string(text));
}

Result<> Console::write_through(ByteView bytes) {
  BUD_CHECK(flush());
  if (!write_all(out_, as_text(bytes))) return tl::unexpected(bus::error_from_errno(-errno, "write the output"));
  return {};
}

Result<> Console::print_secret(const client::SecretBuffer& words) {
  BUD_CHECK(flush());
  constexpr int a_line = 4;
  constexpr std::size_t width = 10;  // BIP-39 words have at most eight letters
  std::string_view rest = words.expose();
  for (int n = 1; !rest.empty(); ++n) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    char number[16];
    std::snprintf(number, sizeof number, "%4d  ", n);
    const std::string padding(word.size() < width ? width - word.size() : 0, ' ');
    const bool ends = rest.empty() || n % a_line == 0;
    if (!write_all(out_, number) || !write_all(out_, word) || !write_all(out_, ends ? "\n" : padding)) {
      return tl::unexpected(bus::error_from_errno(-errno, "write the output"));
    }
  }
  return {};
}

Result<std::string> Console::ask(std::string_view prompt) {
  BUD_CHECK(flush());
  (void)write_all(err_, prompt);
  std::string line;
  while (true) {
    char c = 0;
    if (read_byte(in_, c) <= 0) return fail(Errc::malformed, "The input ended where an answer was expected");
    if (c == '\n') return line;
    if (line.size() == max_line) return fail(Errc::too_large, "The answer is too long");
    line += c;
  }
}

Result<std::string> Console::read_all(std::size_t max) const {
  std::string all;
  char buffer[4096];
  while (true) {
    const ssize_t n = ::read(in_, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(Errc::malformed, "Standard input cannot be read");
    if (n == 0) return all;
    if (all.size() + static_cast<std::size_t>(n) > max) return fail(Errc::too_large, "The input is too long");
    all.append(buffer, static_cast<std::size_t>(n));
  }
}

Result<client::SecretBuffer> Console::ask_secret(std::string_view prompt) const {
  const UniqueFd terminal(::open(terminal_.c_str(), O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal) {
    return fail(Errc::malformed, "There is no terminal to ask on: use --passphrase-file or --passphrase-fd");
  }
  const Silence silence(terminal.get());
  if (!silence.active()) return fail(Errc::malformed, "The terminal would show the passphrase: use --passphrase-file");
  (void)write_all(terminal.get(), prompt);
  auto secret = read_secret_line(terminal.get());
  (void)write_all(terminal.get(), "\n");
  return secret;
}

}  // namespace bud::cli
