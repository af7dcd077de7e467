// A mock daemon with an account, and the command line over it.
#pragma once

#include "cli/app.h"
#include "unit/cli/mock_service.h"
#include "unit/cli/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bud::test {

inline const std::string root = "/org/budstikke/Budstikke1", control = "/org/budstikke/Control1";
inline const std::string account = root + "/account/1";
inline const std::string bob = root + "/contact/" + std::string(32, 'b');
inline const std::string thread_id(32, 'c'), message_id(32, 'd');
inline const std::string thread = root + "/thread/" + thread_id, message = root + "/message/" + message_id;

struct Outcome {
  int code = -1;
  std::string out, err;
};

struct Daemon : testing::Test {
  MockService service;

  Daemon() {
    service.set(root, "Manager1", "Version", bus::Value(std::string("0.1.0")));
    service.set(root, "Manager1", "Locked", bus::Value(false));
    service.set(root, "Manager1", "Accounts", bus::Value(std::vector<bus::ObjectPath>{{account}}));
    service.set(account, "Account1", "AccountId", bus::Value(Bytes(32, 0xaa)));
    service.set(account, "Account1", "DeviceId", bus::Value(Bytes(32, 0x01)));
    service.set(account, "Account1", "State", bus::Value(std::uint32_t{1}));
    service.set(account, "Account1", "Name", bus::Value(std::string("Alice")));
    service.set(account, "Account1", "Addresses", bus::Value(std::vector<std::string>{"spool:alice"}));
    service.set(account, "Account1", "Devices", std::vector<bus::Dict>{device(0x01, 1, true), device(0x02, 1, false)});
    service.set(bob, "Contact1", "AccountId", bus::Value(Bytes(32, 0xbb)));
    service.set(bob, "Contact1", "Name", bus::Value(std::string("Bob")));
    service.set(bob, "Contact1", "Addresses", bus::Value(std::vector<std::string>{"spool:bob"}));
    service.set(bob, "Contact1", "Devices", std::vector<bus::Dict>{device(0x03, 1, false)});
  }

  void TearDown() override { service.stop(); }  // before what a test's own handlers refer to

  static bus::Dict device(std::uint8_t id, std::uint32_t state, bool own) {
    return {{"id", Bytes(32, id)}, {"state", state}, {"this", own}};
  }
  void locked() {
    service.set(root, "Manager1", "Locked", bus::Value(true));
    service.set(root, "Manager1", "Accounts", bus::Value(std::vector<bus::ObjectPath>{}));
  }

  Outcome run(std::vector<std::string> arguments, std::string_view input = {},
              const std::string& terminal = "/nonexistent") {
    arguments.insert(arguments.end(), {"--bus", service.address()});
    Streams streams(input, terminal);
    const int code = cli::run(arguments, streams.console);
    return {code, contents(streams.out), contents(streams.err)};
  }
};

}  // namespace bud::test
