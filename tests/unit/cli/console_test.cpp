#include "cli/console.h"

#include "support/outcome.h"
#include "unit/cli/terminal.h"

#include <gtest/gtest.h>
#include <termios.h>

#include <thread>

namespace bud::cli {
namespace {

bool echoes(const test::Terminal& terminal) {
  termios now{};
  EXPECT_EQ(::tcgetattr(terminal.held.get(), &now), 0);
  return (now.c_lflag & ECHO) != 0;
}

// Types once the terminal has asked, and gives what the program then came to.
Result<client::SecretBuffer> answer(const test::Terminal& terminal, std::string_view typed,
                                    std::string* shown = nullptr) {
  std::string seen;
  std::thread person([&] {
    seen = terminal.shown_until("? ");
    EXPECT_FALSE(echoes(terminal));
    terminal.type(typed);
    seen += terminal.shown_until("\n");
  });
  test::Streams streams({}, terminal.name);
  auto secret = streams.console.ask_secret("Word? ");
  person.join();
  if (shown != nullptr) *shown = seen;
  EXPECT_TRUE(echoes(terminal));
  return secret;
}

TEST(Console, APassphraseIsNotShown) {
  const test::Terminal terminal;
  std::string shown;
  const auto secret = answer(terminal, "correct horse\n", &shown);
  ASSERT_TRUE(secret) << secret.error().text;
  EXPECT_EQ(secret->expose(), "correct horse");
  EXPECT_EQ(shown, "Word? \r\n");
}

TEST(Console, APassphraseCanBeCorrected) {
  const test::Terminal terminal;
  EXPECT_EQ(answer(terminal,
                   "abx\x7f"
                   "c\n")
                .value()
                .expose(),
            "abc");
  EXPECT_EQ(answer(terminal,
                   "Zo\xc3\xab\x7f"
                   "e\n")
                .value()
                .expose(),
            "Zoe");
  EXPECT_EQ(answer(terminal, "wrong\x15right\n").value().expose(), "right");
  EXPECT_EQ(answer(terminal,
                   "\x7f\x7f"
                   "a\n")
                .value()
                .expose(),
            "a");
}

TEST(Console, CtrlCEndsTheQuestionAndLeavesTheTerminalAsItWas) {
  const test::Terminal terminal;
  EXPECT_EQ(test::code(answer(terminal, "half\x03")), Errc::not_allowed);
  EXPECT_EQ(test::code(answer(terminal, "\x04")), Errc::not_allowed);
}

TEST(Console, WithoutATerminalItSaysWhatToDo) {
  test::Streams streams;
  const auto secret = streams.console.ask_secret("Word? ");
  ASSERT_EQ(test::code(secret), Errc::malformed);
  EXPECT_NE(secret.error().text.find("--passphrase-file"), std::string::npos);
}

TEST(Console, AnswersAreLines) {
  test::Streams streams("123456\n\nlast");
  EXPECT_EQ(streams.console.ask("? ").value(), "123456");
  EXPECT_EQ(streams.console.ask("? ").value(), "");
  EXPECT_EQ(test::code(streams.console.ask("? ")), Errc::malformed);
  EXPECT_EQ(test::contents(streams.err), "? ? ? ");
  test::Streams endless(std::string(2000, 'x'));
  EXPECT_EQ(test::code(endless.console.ask("")), Errc::too_large);
}

TEST(Console, InputIsBounded) {
  test::Streams fits("12345");
  EXPECT_EQ(fits.console.read_all(5).value(), "12345");
  test::Streams too_long("123456");
  EXPECT_EQ(test::code(too_long.console.read_all(5)), Errc::too_large);
}

TEST(Console, AnOutputThatIsGoneIsAnError) {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  Console console(0, full.get(), full.get());
  console.print("lost");
  EXPECT_EQ(test::code(console.flush()), Errc::storage);
}

TEST(Console, WordsAreNumberedFourToALine) {
  test::Streams streams;
  client::SecretBuffer words;
  for (const char c : std::string_view("abandon ability able about above")) ASSERT_TRUE(words.push(c));
  ASSERT_TRUE(streams.console.print_secret(words));
  EXPECT_EQ(test::contents(streams.out), "   1  abandon      2  ability      3  able         4  about\n   5  above\n");
}

}  // namespace
}  // namespace bud::cli
