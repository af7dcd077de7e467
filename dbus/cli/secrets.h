// Where a passphrase comes from, and where the recovery words go.
#pragma once

#include "cli/context.h"

#include <CLI/CLI.hpp>

namespace bud::cli {

struct PassphraseSource {
  std::string file;
  int fd = -1;
};
void add_options(CLI::App& command, PassphraseSource& source);
// From the file or descriptor: its one line, without the newline. Otherwise from the terminal, and twice where
// `twice`. Errc::malformed where it is empty, has a second line, or the two differ.
Result<client::SecretBuffer> read_passphrase(const Console& console, const PassphraseSource& source, bool twice);

struct WordsTarget {
  std::string file;
  int fd = -1;
  bool given() const { return !file.empty() || fd >= 0; }
};
void add_options(CLI::App& command, WordsTarget& target);
// Where the words are to go, opened before there are any: a file that cannot be written is known before an account is
// made. A new file, 0600. Errc::conflict where it exists.
Result<UniqueFd> open_words(const WordsTarget& target);
// Writes them, with a newline, and waits until they are on disk.
Result<> write_words(int fd, client::SecretBuffer words);

}  // namespace bud::cli
