// The terminal, or the pipes, that the program was started with.
//
// Output is collected and written by flush(), whole, so that a command that acknowledges what it showed can know that
// it was shown. The descriptors stay the caller's.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "client/secret_buffer.h"

namespace bud::cli {

class Console {
 public:
  // `terminal` is where passphrases are asked for: not standard input, which may be a pipe.
  Console(int in, int out, int err, std::string terminal = "/dev/tty");

  bool in_is_terminal() const { return in_is_terminal_; }
  bool out_is_terminal() const { return out_is_terminal_; }

  // The text is escaped already, or the program's own.
  void print(std::string_view text) { pending_ += text; }
  // Errc::storage where the output cannot be written.
  Result<> flush();
  // To standard error, at once.
  void note(std::string_view text) const;
  // How far something is, in place of the line before, where standard error is a terminal; an empty one wipes it.
  void progress(std::string_view text) const;
  // Straight to standard output, after what was collected. Errc::storage.
  Result<> write_through(ByteView bytes);
  // The secret, straight to standard output.
  Result<> print_secret(const client::SecretBuffer& words);

  // A line from standard input, without its newline; the prompt goes to standard error. Errc::malformed where input has
  // ended, Errc::too_large over 1 KiB.
  Result<std::string> ask(std::string_view prompt);
  // Standard input to its end. Errc::too_large over `max` bytes.
  Result<std::string> read_all(std::size_t max) const;
  // A line from the terminal, which does not show it. Errc::malformed where there is no terminal, Errc::not_allowed
  // where the person gave up (Ctrl-C).
  Result<client::SecretBuffer> ask_secret(std::string_view prompt) const;

 private:
  int in_, out_, err_;
  std::string terminal_;
  bool in_is_terminal_, out_is_terminal_;
  std::string pending_;
};

}  // namespace bud::cli
