#include "cli/app.h"

#include "support/scratch_folder.h"
#include "unit/cli/daemon.h"

namespace bud::cli {
namespace {

using test::Daemon;
using test::Outcome;
using testing::HasSubstr;
using testing::Not;

Outcome run_without_daemon(const std::vector<std::string>& arguments) {
  test::Streams streams;
  const int code = run(arguments, streams.console);
  return {code, test::contents(streams.out), test::contents(streams.err)};
}

TEST(CommandLine, HelpNamesTheExitCodes) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--help"}, {"send", "--help"}, {"device", "approve", "--help"}}) {
    const Outcome outcome = run_without_daemon(arguments);
    EXPECT_EQ(outcome.code, 0);
    EXPECT_THAT(outcome.out, HasSubstr("3 the vault is locked"));
  }
  EXPECT_EQ(run_without_daemon({"--version"}).out, "budstikke 0.1.0\n");
}

TEST(CommandLine, NonsenseIsUsage) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {"nonsense"},
                                                    {"send", "spool:bob"},
                                                    {"device"},
                                                    {"read", "--max", "0"},
                                                    {"send", "a:b", "text", "--wait", "read"},
                                                    {"vault", "create", "--key-file", "--passphrase-fd", "3"}}) {
    EXPECT_EQ(run_without_daemon(arguments).code, 1);
  }
  const Outcome json = run_without_daemon({"send", "spool:bob", "--json"});
  EXPECT_EQ(json.code, 1);
  EXPECT_EQ(json.out, "{\"error\":{\"name\":\"Usage\",\"message\":\"TEXT, or --file, is required\"}}\n");
  EXPECT_EQ(json.err, "");
}

TEST(CommandLine, WithoutADaemonItSaysSo) {
  const Outcome no_bus = run_without_daemon({"alerts", "--bus", "unix:path=/nonexistent/bus"});
  EXPECT_EQ(no_bus.code, 2);
  EXPECT_THAT(no_bus.err, HasSubstr("systemctl --user start budstikked"));
  const test::PrivateBus bus;
  const Outcome nobody = run_without_daemon({"alerts", "--json", "--bus", bus.address()});
  EXPECT_EQ(nobody.code, 2);
  EXPECT_THAT(nobody.out, HasSubstr("\"Unreachable\""));
  const Outcome doctor = run_without_daemon({"doctor", "--bus", bus.address()});
  EXPECT_EQ(doctor.code, 2);
  EXPECT_THAT(doctor.out, HasSubstr("not running"));
}

TEST_F(Daemon, EachErrorHasItsExitCode) {
  for (const auto& [errc, name, code] : {std::tuple{Errc::locked, "Locked", 3},
                                         {Errc::not_found, "NotFound", 4},
                                         {Errc::not_allowed, "NotAllowed", 5},
                                         {Errc::wrong_secret, "WrongSecret", 6},
                                         {Errc::offline, "Offline", 7},
                                         {Errc::damaged, "Damaged", 8},
                                         {Errc::busy, "Busy", 9},
                                         {Errc::internal, "Failed", 9},
                                         {Errc::malformed, "InvalidArgument", 1}}) {
    service.on("Bridges1", "Remove",
               [errc = errc](bus::Reader&, bus::Writer&) -> Result<> { return fail(errc, "words\x1b"); });
    const Outcome json = run({"bridge", "remove", "spool", "--json"});
    EXPECT_EQ(json.code, code) << name;
    EXPECT_EQ(json.out, std::string("{\"error\":{\"name\":\"") + name + "\",\"message\":\"words\\u001B\"}}\n");
    const Outcome text = run({"bridge", "remove", "spool"});
    EXPECT_EQ(text.code, code);
    EXPECT_EQ(text.out, "");
    EXPECT_THAT(text.err, HasSubstr("words\\u{1b}\n"));
  }
}

TEST_F(Daemon, ALockedVaultHasItsExitCodeEverywhere) {
  locked();
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"account", "show"},
                                                    {"device", "list"},
                                                    {"contact", "list"},
                                                    {"thread", "list"},
                                                    {"read"},
                                                    {"send", "spool:bob", "x"},
                                                    {"message", "show", test::message_id}}) {
    EXPECT_EQ(run(arguments).code, 3) << arguments[0];
  }
}

TEST_F(Daemon, ShowsTheAccount) {
  EXPECT_EQ(
      run({"account", "show", "--json"}).out,
      "{\"account\":\"" + std::string(64, 'a') + "\",\"device\":\"" + to_hex(Bytes(32, 1)) +
          "\",\"name\":\"Alice\",\"addresses\":[\"spool:alice\"],\"state\":\"member\",\"devices\":[{\"device\":\"" +
          to_hex(Bytes(32, 1)) + "\",\"state\":\"active\",\"this\":true,\"added\":null},{\"device\":\"" +
          to_hex(Bytes(32, 2)) + "\",\"state\":\"active\",\"this\":false,\"added\":null}]}\n");
  EXPECT_THAT(run({"account", "show"}).out, HasSubstr("0101010101010101  active  -      this device\n"));
  service.set(test::root, "Manager1", "Accounts", bus::Value(std::vector<bus::ObjectPath>{}));
  EXPECT_EQ(run({"account", "show"}).code, 4);
}

TEST_F(Daemon, NamesOfOthersAreEscaped) {
  service.set(test::bob, "Contact1", "Name",
              bus::Value(std::string("\x1b]0;x\x07\xe2\x80\xae"
                                     "Bob")));
  service.list(test::bob, "Contact1");
  const Outcome outcome = run({"contact", "list"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("\\u{1b}]0;x\\u{7}\\u{202e}Bob  spool:bob  bbbbbbbbbbbbbbbb\n"));
  EXPECT_EQ(outcome.out.find('\x1b'), std::string::npos);
}

TEST_F(Daemon, FindsContactsByAddressAndById) {
  service.list(test::bob, "Contact1");
  for (const char* name : {"spool:bob", "bbbb", "BBBBbb"}) {
    const Outcome outcome = run({"contact", "show", name, "--json"});
    EXPECT_EQ(outcome.code, 0) << outcome.out;
    EXPECT_THAT(outcome.out, HasSubstr("\"contact\":{\"contact\":\"" + std::string(32, 'b') + "\""));
    EXPECT_THAT(outcome.out, HasSubstr("\"devices\":[{\"device\":\"0303"));
  }
  EXPECT_EQ(run({"contact", "show", "spool:carol"}).code, 4);
  EXPECT_EQ(run({"contact", "show", "cccc"}).code, 4);
  EXPECT_EQ(run({"contact", "show", "bbb"}).code, 1);
}

TEST_F(Daemon, BridgesTakeTheirConfigurationBothWays) {
  bus::Dict seen;
  service.on("Bridges1", "Add", [&](bus::Reader& args, bus::Writer&) -> Result<> {
    BUD_CHECK(args.string(32));
    BUD_CHECK(args.string(32));
    BUD_TRY(seen, args.dict());
    return {};
  });
  const bus::Dict expected{{"folder", std::string("/a=b")}, {"address", std::string("alice")}};
  EXPECT_EQ(run({"bridge", "add", "spool", "spool", "folder=/a=b", "address=alice"}).code, 0);
  EXPECT_EQ(seen, expected);
  seen.clear();
  EXPECT_EQ(run({"bridge", "add", "spool", "spool", "--config", R"({"folder":"/a=b","address":"alice"})"}).code, 0);
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(run({"bridge", "add", "spool", "spool", "folder"}).code, 1);
  EXPECT_EQ(run({"bridge", "add", "spool", "spool", "a=1", "a=2"}).code, 1);
  EXPECT_EQ(run({"bridge", "add", "spool", "spool", "--config", "{"}).code, 1);
  EXPECT_EQ(service.calls("Bridges1", "Add"), 2);
}

// --- The vault

struct VaultCommand : Daemon {
  std::string passphrase, protection;
  VaultCommand() {
    const auto take = [this](bus::Reader& args, bus::Writer&) -> Result<> {
      BUD_TRY(const UniqueFd fd, args.fd());
      BUD_TRY(const client::SecretBuffer read, client::SecretBuffer::read(fd.get()));
      passphrase = read.expose();
      BUD_TRY(const bus::Dict options, args.dict());
      BUD_TRY(protection, bus::get_or<std::string>(options, "protection", {}));
      return passphrase == "wrong" ? Result<>(fail(Errc::wrong_secret, "")) : Result<>();
    };
    service.on("Vault1", "Unlock", take);
    service.on("Vault1", "Create", take);
    state(2, "passphrase");
  }
  void state(std::uint32_t state, const std::string& protected_by) {
    service.set(test::control, "Vault1", "State", bus::Value(state));
    service.set(test::control, "Vault1", "Protection", bus::Value(protected_by));
  }
  int with_passphrase(std::vector<std::string> arguments, std::string_view text) {
    const UniqueFd file = test::memory_file(text);
    arguments.insert(arguments.end(), {"--passphrase-fd", std::to_string(file.get())});
    return run(arguments).code;
  }
};

TEST_F(VaultCommand, UnlocksWithThePassphraseAndNoByteMore) {
  EXPECT_EQ(with_passphrase({"unlock"}, "horse battery\n"), 0);
  EXPECT_EQ(passphrase, "horse battery");
  EXPECT_EQ(with_passphrase({"vault", "unlock"}, "wrong"), 6);
}

TEST_F(VaultCommand, AsksOnlyWhereThereIsSomethingToOpen) {
  state(3, "passphrase");
  EXPECT_EQ(run({"unlock"}).code, 0);
  EXPECT_EQ(service.calls("Vault1", "Unlock"), 0);
  state(1, "");
  EXPECT_EQ(run({"unlock"}).code, 4);
  state(2, "key-file");
  EXPECT_EQ(run({"unlock"}).code, 0);
  EXPECT_EQ(service.calls("Vault1", "Unlock"), 1);
  EXPECT_EQ(passphrase, "");
}

TEST_F(VaultCommand, Creates) {
  EXPECT_EQ(with_passphrase({"vault", "create"}, "one\n"), 9);  // there is one
  state(1, "");
  EXPECT_EQ(with_passphrase({"vault", "create"}, "one\n"), 0);
  EXPECT_EQ(passphrase, "one");
  EXPECT_EQ(protection, "passphrase");
  const Outcome outcome = run({"vault", "create", "--key-file"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("NOT protected"));
  EXPECT_EQ(protection, "key-file");
}

// --- Recovery words

struct Creating : Daemon {
  Creating() {
    service.on("Accounts1", "Create", [](bus::Reader&, bus::Writer& out) -> Result<> {
      out.path({test::account});
      return {};
    });
    service.on("Accounts1", "RecoveryWords", [](bus::Reader&, bus::Writer& out) -> Result<> {
      out.fd(test::memory_file("abandon ability").get());
      return {};
    });
    service.on("Accounts1", "RecoveryWordsKept", [](bus::Reader&, bus::Writer&) -> Result<> { return {}; });
  }
  int kept() { return service.calls("Accounts1", "RecoveryWordsKept"); }
};

TEST_F(Creating, WordsInAFileAreKept) {
  const test::ScratchFolder folder;
  const Outcome outcome = run({"account", "create", "--name", "Alice", "--words-file", folder.file("words"), "--json"});
  EXPECT_EQ(outcome.code, 0) << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("\"words\":\"kept\""));
  EXPECT_THAT(outcome.out, Not(HasSubstr("abandon")));
  EXPECT_EQ(as_text(test::read_file(folder.file("words"))), "abandon ability\n");
  EXPECT_EQ(kept(), 1);
}

TEST_F(Creating, WordsGoIntoNoPipe) {
  const Outcome outcome = run({"account", "create"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out + outcome.err, Not(HasSubstr("abandon")));
  EXPECT_THAT(outcome.out, HasSubstr("budstikke account words"));
  EXPECT_EQ(run({"account", "words"}).code, 1);
  EXPECT_EQ(kept(), 0);
}

TEST_F(Creating, ATerminalShowsThemAndAsksWhetherTheyAreWrittenDown) {
  for (const auto& [answer, times] : {std::pair{"no\n", 0}, {"yes\n", 1}}) {
    const test::Terminal terminal;
    std::string shown;
    std::thread person([&, typed = std::string_view(answer)] {
      shown = terminal.shown_until("Type yes: ");
      terminal.type(typed);
      shown += terminal.shown_until("on this device");
    });
    Console console(terminal.held.get(), terminal.held.get(), terminal.held.get());
    EXPECT_EQ(cli::run({"account", "create", "--bus", service.address()}, console), 0);
    person.join();
    EXPECT_THAT(shown, HasSubstr("   1  abandon      2  ability\r\n"));
    EXPECT_EQ(kept(), times);
  }
}

TEST_F(Creating, AFileThatIsThereStopsItBefore) {
  const test::ScratchFolder folder;
  test::write_file(folder.file("words"), as_bytes("older words"));
  EXPECT_EQ(run({"account", "create", "--words-file", folder.file("words")}).code, 9);
  EXPECT_EQ(service.calls("Accounts1", "Create"), 0);
  EXPECT_EQ(as_text(test::read_file(folder.file("words"))), "older words");
}

TEST_F(Creating, ARefusalLeavesNoEmptyFile) {
  service.on("Accounts1", "Create", [](bus::Reader&, bus::Writer&) -> Result<> { return fail(Errc::conflict, ""); });
  const test::ScratchFolder folder;
  EXPECT_EQ(run({"account", "create", "--words-file", folder.file("words")}).code, 9);
  EXPECT_FALSE(std::filesystem::exists(folder.file("words")));
}

// --- doctor

struct Doctor : Creating {
  Doctor() {
    service.set(test::control, "Vault1", "State", bus::Value(std::uint32_t{3}));
    service.set(test::control, "Vault1", "Protection", bus::Value(std::string("passphrase")));
    bridges({{{"name", std::string("spool")}, {"kind", std::string("spool")}, {"state", std::uint32_t{2}}}});
    service.on("Accounts1", "RecoveryWords",
               [](bus::Reader&, bus::Writer&) -> Result<> { return fail(Errc::not_found, ""); });
    alerts({});
  }
  void bridges(std::vector<bus::Dict> all) {
    service.on("Bridges1", "List", [all](bus::Reader&, bus::Writer& out) -> Result<> {
      out.dicts(all);
      return {};
    });
  }
  void alerts(std::vector<bus::Dict> all) {
    service.on("Alerts1", "List", [all](bus::Reader& args, bus::Writer& out) -> Result<> {
      BUD_TRY(const std::uint64_t after, args.u64());
      out.dicts(after == 0 ? all : std::vector<bus::Dict>{}).u64(all.empty() ? after : 9);
      return {};
    });
  }
};

TEST_F(Doctor, FindsNothingWhereAllIsWell) {
  const Outcome outcome = run({"doctor", "--json"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("{\"ok\":true,"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("\"problem\"")));
}

TEST_F(Doctor, SaysWhatIsWrongAndWhatToDo) {
  bridges({{{"name", std::string("spool")}, {"state", std::uint32_t{3}}, {"text", std::string("the folder is gone")}}});
  Outcome outcome = run({"doctor"});
  EXPECT_EQ(outcome.code, 7);
  EXPECT_THAT(outcome.out, HasSubstr("the folder is gone"));
  EXPECT_THAT(outcome.out, HasSubstr("do: budstikke bridge probe spool"));

  bridges({});
  outcome = run({"doctor"});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_THAT(outcome.out, HasSubstr("budstikke bridge add"));

  service.set(test::control, "Vault1", "State", bus::Value(std::uint32_t{2}));
  outcome = run({"doctor"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.out, HasSubstr("do: budstikke unlock"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("bridge")));  // what lies behind the lock is not guessed at
}

TEST_F(Doctor, NotesAreNoFailure) {
  alerts({{{"id", std::uint64_t{9}}, {"acknowledged", false}}});
  service.on("Accounts1", "RecoveryWords", [](bus::Reader&, bus::Writer& out) -> Result<> {
    out.fd(test::memory_file("abandon").get());
    return {};
  });
  const Outcome outcome = run({"doctor"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("1 alert was not acknowledged"));
  EXPECT_THAT(outcome.out, HasSubstr("do: budstikke account words"));
}

}  // namespace
}  // namespace bud::cli
