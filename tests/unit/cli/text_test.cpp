#include "cli/text.h"

#include "cli/table.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace bud::cli {
namespace {

using namespace std::string_view_literals;

TEST(Escape, LeavesWhatPeopleWrite) {
  for (const std::string_view text : {"plain"sv, "Zo\xc3\xab \xe2\x80\x94 \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d"sv,
                                      "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80"sv, "back\\slash"sv, ""sv}) {
    EXPECT_EQ(escape(text), text);
  }
}

TEST(Escape, ShowsWhatWouldMoveTheCursor) {
  EXPECT_EQ(escape("a\nb\tc\rd"), "a\\nb\\tc\\u{d}d");
  EXPECT_EQ(escape("\x1b[31mred\x1b[0m"), "\\u{1b}[31mred\\u{1b}[0m");
  EXPECT_EQ(escape("\x07\x08\x7f"), "\\u{7}\\u{8}\\u{7f}");
  EXPECT_EQ(escape("\xc2\x9b"
                   "31m"),
            "\\u{9b}31m");  // CSI as one C1 character
  EXPECT_EQ(escape("nul\0!"sv), "nul\\u{0}!");
}

TEST(Escape, ShowsWhatWouldTurnTextAround) {
  for (const auto& [text, shown] : {std::pair{"\xe2\x80\xae", "\\u{202e}"},
                                    {"\xe2\x80\xaa", "\\u{202a}"},
                                    {"\xe2\x81\xa6", "\\u{2066}"},
                                    {"\xe2\x81\xa9", "\\u{2069}"},
                                    {"\xe2\x80\x8f", "\\u{200f}"},
                                    {"\xd8\x9c", "\\u{61c}"}}) {
    EXPECT_EQ(escape(text), shown);
  }
}

TEST(Escape, ShowsWhatWouldNotBeSeen) {
  EXPECT_EQ(escape("al\xe2\x80\x8bice"), "al\\u{200b}ice");
  EXPECT_EQ(escape("al\xc2\xadice"), "al\\u{ad}ice");
  EXPECT_EQ(escape("\xef\xbb\xbf"), "\\u{feff}");
  EXPECT_EQ(escape("\xf3\xa0\x81\x81"), "\\u{e0041}");  // a tag character
  EXPECT_EQ(escape("a\xe2\x80\xa8"
                   "b"),
            "a\\u{2028}b");
}

TEST(Escape, ShowsBytesThatAreNoText) {
  EXPECT_EQ(escape("\xff"), "\\xff");
  EXPECT_EQ(escape("\xc3"), "\\xc3");
  EXPECT_EQ(escape("\xc0\x8a"), "\\xc0\\x8a");                    // a newline, overlong
  EXPECT_EQ(escape("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // a surrogate
  EXPECT_EQ(escape("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond U+10FFFF
}

TEST(Escape, LinesOfAMessageStayInside) {
  EXPECT_EQ(escape_lines("one\n2026-01-01  bob\n\x1b", 4), "one\n    2026-01-01  bob\n    \\u{1b}");
  EXPECT_EQ(escape_lines("a\r\n", 2), "a\\u{d}\n  ");
}

TEST(Columns, CountsWhatTheTerminalShows) {
  EXPECT_EQ(columns("abc"), 3u);
  EXPECT_EQ(columns("Zo\xc3\xab"), 3u);
  EXPECT_EQ(columns("Zoe\xcc\x88"), 3u);               // a combining diaeresis
  EXPECT_EQ(columns("\xe4\xbd\xa0\xe5\xa5\xbd"), 4u);  // two wide characters
}

TEST(Table, IsAlignedAndEscaped) {
  Table table({"NAME", "N"});
  EXPECT_TRUE(table.empty());
  table.row({"Zo\xc3\xab", "1"});
  table.row({"two\nlines", "22", ""});
  EXPECT_FALSE(table.empty());
  EXPECT_EQ(table.text(), "NAME        N\nZo\xc3\xab         1\ntwo\\nlines  22\n");
  EXPECT_TRUE(Table().empty());
}

TEST(Time, IsLocalAndBounded) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  EXPECT_EQ(format_time({1'800'000'000'999}), "2027-01-15 08:00:00");
  EXPECT_EQ(format_time({253'402'300'799'999}), "9999-12-31 23:59:59");
  EXPECT_EQ(format_time({253'402'300'800'000}), "-");
  EXPECT_EQ(format_time({UINT64_MAX}), "-");
  EXPECT_EQ(format_time({}), "-");
}

TEST(ShortHex, IsTheBeginning) {
  EXPECT_EQ(short_hex(Bytes(32, 0xab)), "abababababababab");
  EXPECT_EQ(short_hex(Bytes{1}), "01");
  EXPECT_EQ(short_hex({}), "");
}

}  // namespace
}  // namespace bud::cli
