// What a command has at hand.
#pragma once

#include "cli/console.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "client/connection.h"

#include <functional>

namespace bud::cli {

struct Context {
  Console& console;
  bool json = false;
  client::BusChoice bus;
  std::unique_ptr<client::Connection> connection;  // by connect()
  bool no_bus = false;                             // connecting failed
  // Of the command that was chosen.
  std::function<Result<ExitCode>()> action;

  Result<client::Connection*> connect() {
    if (!connection) {
      auto opened = client::Connection::open(bus);
      no_bus = !opened;
      if (!opened) return forward(opened);
      connection = std::move(*opened);
    }
    return connection.get();
  }
  bool unreachable() const { return no_bus || (connection && connection->unreachable()); }

  // With --json `write` makes the document; otherwise `text` is printed.
  Result<ExitCode> answer(const std::function<void(Json&)>& write, std::string_view text) {
    if (json) {
      Json document;
      write(document);
      console.print(document.take());
    } else {
      console.print(text);
    }
    BUD_CHECK(console.flush());
    return ExitCode::ok;
  }
  // Of a command that has nothing to tell: {} with --json.
  Result<ExitCode> done(std::string_view text) {
    return answer([](Json& j) { j.object().end(); }, text);
  }
};

}  // namespace bud::cli
