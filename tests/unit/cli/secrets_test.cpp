#include "cli/secrets.h"

#include "support/outcome.h"
#include "support/scratch_folder.h"
#include "unit/cli/terminal.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

namespace bud::cli {
namespace {

Result<client::SecretBuffer> from_fd(std::string_view text) {
  const UniqueFd file = test::memory_file(text);
  test::Streams streams;
  return read_passphrase(streams.console, {{}, file.get()}, false);
}

TEST(Passphrase, IsTheOneLineOfItsFile) {
  EXPECT_EQ(from_fd("secret\n").value().expose(), "secret");
  EXPECT_EQ(from_fd("secret").value().expose(), "secret");
  EXPECT_EQ(from_fd(" two words \n").value().expose(), " two words ");
  EXPECT_EQ(from_fd(std::string(1024, 'x') + "\n").value().size(), 1024u);
  EXPECT_EQ(test::code(from_fd("one\ntwo\n")), Errc::malformed);
  EXPECT_EQ(test::code(from_fd("one\n\n")), Errc::malformed);
  EXPECT_EQ(test::code(from_fd(std::string(1026, 'x'))), Errc::too_large);
}

TEST(Passphrase, WhatCannotBeReadIsSaid) {
  test::Streams streams;
  EXPECT_EQ(test::code(read_passphrase(streams.console, {"/nonexistent/file", -1}, false)), Errc::not_found);
  EXPECT_EQ(test::code(read_passphrase(streams.console, {{}, 987}, false)), Errc::malformed);
}

Result<client::SecretBuffer> typed_twice(std::string_view first, std::string_view second) {
  const test::Terminal terminal;
  std::thread person([&] {
    (void)terminal.shown_until(": ");
    terminal.type(first);
    if (first == "\n") return;
    (void)terminal.shown_until(": ");
    terminal.type(second);
  });
  test::Streams streams({}, terminal.name);
  auto secret = read_passphrase(streams.console, {}, true);
  person.join();
  return secret;
}

TEST(Passphrase, ANewOneIsTypedTwice) {
  EXPECT_EQ(typed_twice("same\n", "same\n").value().expose(), "same");
  EXPECT_EQ(test::code(typed_twice("same\n", "sane\n")), Errc::malformed);
  EXPECT_EQ(test::code(typed_twice("same\n", "same!\n")), Errc::malformed);
  EXPECT_EQ(test::code(typed_twice("\n", "")), Errc::malformed);
}

TEST(SecretBuffer, WhatIsTakenBackIsGone) {
  client::SecretBuffer secret;
  for (const char c : std::string_view("abc")) ASSERT_TRUE(secret.push(c));
  const char* at = secret.expose().data();
  secret.pop();
  EXPECT_EQ(secret.expose(), "ab");
  EXPECT_EQ(at[2], 0);
}

TEST(SecretFile, IsReadFromItsStartAndWipedAfterwards) {
  client::SecretBuffer secret;
  for (const char c : std::string_view("horse")) ASSERT_TRUE(secret.push(c));
  UniqueFd copy;
  {
    const auto file = client::SecretFile::create(secret);
    ASSERT_TRUE(file);
    copy = UniqueFd(::fcntl(file->fd(), F_DUPFD_CLOEXEC, 3));
    char read[8] = {};
    EXPECT_EQ(::read(copy.get(), read, sizeof read), 5);
    EXPECT_STREQ(read, "horse");
  }
  EXPECT_EQ(test::contents(copy).find_first_not_of('\0'), std::string::npos);
}

TEST(Words, GoIntoANewFileForTheOwnerOnly) {
  const test::ScratchFolder folder;
  const WordsTarget target{folder.file("words"), -1};
  client::SecretBuffer words;
  for (const char c : std::string_view("abandon ability")) ASSERT_TRUE(words.push(c));
  {
    const auto file = open_words(target);
    ASSERT_TRUE(file) << file.error().text;
    ASSERT_TRUE(write_words(file->get(), std::move(words)));
  }
  struct stat status {};
  ASSERT_EQ(::stat(target.file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  EXPECT_EQ(as_text(test::read_file(target.file)), "abandon ability\n");
  EXPECT_EQ(test::code(open_words(target)), Errc::conflict);
  EXPECT_EQ(test::code(open_words({folder.file("no/such/folder"), -1})), Errc::storage);
  EXPECT_EQ(test::code(open_words({{}, 987})), Errc::malformed);
}

}  // namespace
}  // namespace bud::cli
