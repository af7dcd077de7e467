// Joining, from both sides.
#include "unit/cli/daemon.h"

namespace bud::cli {
namespace {

using test::Daemon;
using test::Outcome;
using testing::HasSubstr;

struct Joining : Daemon {
  std::uint32_t state = 1;
  int tries = 0;

  Joining() {
    service.on("Accounts1", "Join", [this](bus::Reader&, bus::Writer&) -> Result<> {
      state = 2;
      return {};
    });
    // The other device answers while this one waits: the first look still says "waiting".
    service.on("Accounts1", "JoinStatus", [this](bus::Reader&, bus::Writer& out) -> Result<> {
      bus::Dict dict{{"state", state}};
      if (state == 3) dict["code"] = std::string("123456");
      out.dict(dict);
      if (state == 2) become(3);
      if (state == 4) become(5);
      return {};
    });
    service.on("Accounts1", "ConfirmJoin", [this](bus::Reader& args, bus::Writer&) -> Result<> {
      BUD_TRY(const std::string code, args.string(16));
      if (code == "654321") {
        state = 4;
        return {};
      }
      if (++tries % 3 != 0) return fail(Errc::wrong_secret, "The code does not fit");
      state = 2;
      return fail(Errc::not_allowed, "It did not fit for the third time");
    });
  }
  void become(std::uint32_t next) {
    state = next;
    service.signal(test::control, "Accounts1", "JoinChanged");
  }
};

TEST_F(Joining, AsksUntilTheCodeFits) {
  const Outcome outcome = run({"account", "join", "spool:alice"}, "000000\n654321\n");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("Code: 123456"));
  EXPECT_THAT(outcome.err, HasSubstr("does not fit"));
  EXPECT_THAT(outcome.out, HasSubstr("has joined"));
}

TEST_F(Joining, BeginsAgainAfterThreeWrongCodes) {
  const Outcome outcome = run({"account", "join", "spool:alice"}, "1\n2\n3\n654321\n");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("third time"));
}

TEST_F(Joining, AnInputThatEndsIsNoCode) {
  EXPECT_EQ(run({"account", "join", "spool:alice"}, "").code, 1);
}

TEST_F(Joining, InSteps) {
  EXPECT_EQ(run({"account", "join", "spool:alice", "--no-wait", "--json"}).out, "{\"state\":\"waiting\"}\n");
  EXPECT_EQ(run({"account", "join-status", "--wait", "code", "--json"}).out,
            "{\"state\":\"code\",\"code\":\"123456\"}\n");
  EXPECT_EQ(run({"account", "join-confirm", "111111"}).code, 6);
  EXPECT_EQ(run({"account", "join-confirm", "654321", "--json"}).out, "{\"state\":\"confirmed\"}\n");
  EXPECT_EQ(run({"account", "join-status", "--wait", "joined", "--json"}).out, "{\"state\":\"joined\"}\n");
}

TEST_F(Joining, WaitingForNothingEnds) {
  EXPECT_EQ(run({"account", "join-status", "--wait", "code"}).code, 4);
}

TEST_F(Joining, ADaemonThatGoesAwayEndsTheWaiting) {
  service.on("Accounts1", "JoinStatus", [this](bus::Reader&, bus::Writer& out) -> Result<> {
    out.dict({{"state", std::uint32_t{2}}});
    service.leave();
    return {};
  });
  EXPECT_EQ(run({"account", "join-status", "--wait", "code", "--timeout", "0"}).code, 2);
}

struct Sponsoring : Daemon {
  std::vector<bus::Dict> requests;

  static bus::Dict request(std::uint64_t id, std::uint32_t state) {
    return {{"id", id}, {"device", Bytes(32, 9)}, {"state", state}, {"attempts", std::uint32_t{3}}};
  }
  Sponsoring() {
    service.on("Devices1", "Requests", [this](bus::Reader&, bus::Writer& out) -> Result<> {
      out.dicts(requests);
      if (!requests.empty() && requests.front() == request(7, 1)) {
        requests = {request(7, 2)};
        service.signal(test::control, "Devices1", "RequestsChanged");
      }
      return {};
    });
    service.on("Devices1", "Approve", [](bus::Reader& args, bus::Writer& out) -> Result<> {
      BUD_TRY(const std::uint64_t id, args.u64());
      BUD_TRY(const std::string code, args.string(16));
      if (id != 7 || code != "123456") return fail(Errc::wrong_secret, "");
      out.string("654321");
      return {};
    });
    service.on("Devices1", "Revoke", [this](bus::Reader& args, bus::Writer&) -> Result<> {
      BUD_TRY(revoked, args.bytes(64));
      return {};
    });
  }
  Bytes revoked;
};

TEST_F(Sponsoring, ApprovesTheOneThatAsksOnceItCanBeCompared) {
  requests = {request(7, 1)};
  const Outcome outcome = run({"device", "approve", "123456", "--json"});
  EXPECT_EQ(outcome.code, 0) << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("\"code\":\"654321\",\"added\":false"));
  EXPECT_EQ(run({"device", "approve", "7", "123456"}).out, "Code: 654321\nType it on the new device.\n");
  EXPECT_EQ(run({"device", "approve", "000000"}).code, 6);
  EXPECT_EQ(run({"device", "approve", "8", "123456"}).code, 4);
  EXPECT_EQ(run({"device", "approve", "seven", "123456"}).code, 1);
}

TEST_F(Sponsoring, AmongSeveralItWantsToKnowWhich) {
  requests = {request(6, 2), request(7, 2)};
  EXPECT_EQ(run({"device", "approve", "123456"}).code, 1);
  EXPECT_EQ(run({"device", "approve", "7", "123456"}).code, 0);
}

TEST_F(Sponsoring, WaitsUntilTheDeviceIsAdded) {
  requests = {request(7, 2)};
  service.on("Devices1", "Approve", [this](bus::Reader&, bus::Writer& out) -> Result<> {
    out.string("654321");
    service.set(test::account, "Account1", "Devices", std::vector<bus::Dict>{device(9, 1, false)});
    return {};
  });
  EXPECT_THAT(run({"device", "approve", "123456", "--wait", "--json"}).out, HasSubstr("\"added\":true"));
  service.set(test::account, "Account1", "Devices", std::vector<bus::Dict>{device(9, 2, false)});
  service.on("Devices1", "Approve", [](bus::Reader&, bus::Writer& out) -> Result<> {
    out.string("654321");
    return {};
  });
  EXPECT_EQ(run({"device", "approve", "123456", "--wait", "--timeout", "1"}).code, 7);
}

TEST_F(Sponsoring, RevokesByTheBeginningOfTheId) {
  EXPECT_EQ(run({"device", "revoke", "0202"}).code, 0);
  EXPECT_EQ(revoked, Bytes(32, 2));
  EXPECT_EQ(run({"device", "revoke", "0404"}).code, 4);
  EXPECT_EQ(run({"device", "revoke", "02"}).code, 1);
  revoked.clear();
  EXPECT_EQ(run({"device", "revoke", "0101"}).code, 1);  // this one: not by mistake
  EXPECT_EQ(revoked, Bytes());
  EXPECT_EQ(run({"device", "revoke", "0101", "--yes"}).code, 0);
  EXPECT_EQ(revoked, Bytes(32, 1));
}

TEST_F(Sponsoring, BetweenTwoOfOneBeginningItDoesNotChoose) {
  bus::Dict twin = device(0x02, 1, false);
  Bytes id(32, 2);
  id.back() = 3;
  twin["id"] = id;
  service.set(test::account, "Account1", "Devices", std::vector<bus::Dict>{device(0x02, 1, false), twin});
  EXPECT_EQ(run({"device", "revoke", "0202"}).code, 1);
  EXPECT_EQ(run({"device", "revoke", to_hex(id)}).code, 0);
  EXPECT_EQ(revoked, id);
}

}  // namespace
}  // namespace bud::cli
