// Strangers' text on its way to a person's terminal or to a program that reads JSON: names, messages, the words of
// servers.
#include "base/text.h"
#include "cli/json.h"
#include "cli/table.h"
#include "cli/text.h"
#include "fuzz/support/harness.h"

#include <rapidjson/document.h>

namespace bud::fuzz {
namespace {

// Nothing that moves a cursor, ends a line, or turns the direction of what follows.
void check_harmless(std::string_view line) {
  BUD_HOLDS(valid_text(line));
  for (char c : line) BUD_HOLDS(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  static constexpr std::string_view forbidden[] = {"\xc2\x80",     "\xc2\x85",     "\xc2\x9b",        "\xc2\x9f",
                                                   "\xd8\x9c",     "\xe2\x80\x8b", "\xe2\x80\x8e",    "\xe2\x80\x8f",
                                                   "\xe2\x80\xa8", "\xe2\x80\xaa", "\xe2\x80\xae",    "\xe2\x81\xa6",
                                                   "\xe2\x81\xa9", "\xef\xbb\xbf", "\xf3\xa0\x81\x81"};
  for (std::string_view f : forbidden) BUD_HOLDS(line.find(f) == std::string_view::npos);
}

void check_terminal(std::string_view text) {
  const std::string shown = cli::escape(text);
  check_harmless(shown);
  BUD_HOLDS(cli::escape(shown) == shown);
  BUD_HOLDS(shown.size() <= 10 * text.size() && cli::columns(shown) <= shown.size());
  // Of several lines each is harmless, and none but the first begins at the margin.
  std::string_view rest = text;
  const std::string all = cli::escape_lines(text, 4);
  std::string_view lines = all;
  for (bool first = true; !first || !lines.empty(); first = false) {
    const std::size_t end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    check_harmless(line);
    if (!first) BUD_HOLDS(line.starts_with("    "));
    BUD_HOLDS(line.substr(first ? 0 : 4) == cli::escape(rest.substr(0, rest.find('\n'))));
    if (end == std::string_view::npos) break;
    lines.remove_prefix(end + 1);
    rest.remove_prefix(rest.find('\n') + 1);
  }
  cli::Table table({"Name", "Text"});
  table.row({std::string(text), "x"});
  const std::string rows = table.text();
  BUD_HOLDS(std::count(rows.begin(), rows.end(), '\n') == 2);
}

// Only what is text can come over the bus.
void check_json(std::string_view text) {
  if (!valid_text(text)) return;
  cli::Json json;
  json.object().key("text").text(text).key("all").texts({std::string(text), ""}).end();
  const std::string written = json.take();
  for (char c : written) BUD_HOLDS(static_cast<unsigned char>(c) < 0x7f);
  BUD_HOLDS(std::count(written.begin(), written.end(), '\n') == 1);
  rapidjson::Document read;
  read.Parse(written.data(), written.size());
  BUD_HOLDS(!read.HasParseError());
  const auto as_written = [&](const rapidjson::Value& v) {
    return std::string_view(v.GetString(), v.GetStringLength()) == text;
  };
  BUD_HOLDS(as_written(read["text"]) && as_written(read["all"][0]));
}

}  // namespace

void run(ByteView input) {
  check_terminal(as_text(input));
  check_json(as_text(input));
}

void write_seeds(Seeds& seeds) {
  seeds.add("plain", "Bear it on");
  seeds.add("lines", "one\ntwo\n\nthree\n");
  seeds.add("escape-sequence", "\x1b[31mred\x1b[0m\x07\r");
  seeds.add("bidi",
            "a\xe2\x80\xae"
            "b\xe2\x81\xa6"
            "c\xe2\x81\xa9");
  seeds.add("c1",
            "\xc2\x9b"
            "31m\xc2\x85");
  seeds.add("tags", "\xf3\xa0\x81\x81 \xef\xbb\xbf \xe2\x80\x8b");
  seeds.add("wide", "\xe6\xbc\xa2\xe5\xad\x97 e\xcc\x81 \xf0\x9f\x94\xa5");
  seeds.add("no-utf8", "\xff\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80");
  seeds.add("quotes", "\\ \" / \\u0041");
}

}  // namespace bud::fuzz
