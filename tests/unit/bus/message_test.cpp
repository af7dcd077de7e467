#include "bus/message.h"

#include "bus/bus.h"
#include "support/outcome.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

namespace bud::bus {
namespace {

// Messages need a connection to belong to; nothing is sent over it here.
struct MessageTest : testing::Test {
  MessageTest() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    other = UniqueFd(ends[1]);
    bus.emplace(std::move(*Bus::connect(UniqueFd(ends[0]))));
  }
  // What a receiver would read.
  Message message(const Bus::Write& write) {
    auto made = bus->new_call({"", "/t", "org.example.T"}, "M", write);
    EXPECT_TRUE(made) << made.error().text;
    EXPECT_GE(sd_bus_message_seal(made->raw(), 1, 0), 0);
    EXPECT_GE(sd_bus_message_rewind(made->raw(), 1), 0);
    return std::move(*made);
  }
  UniqueFd other;
  std::optional<Bus> bus;
};

Dict everything() {
  return {{"b", true},
          {"y", std::uint8_t{1}},
          {"u", std::uint32_t{2}},
          {"t", std::uint64_t{3}},
          {"x", std::int64_t{-4}},
          {"s", std::string("f\xc3\xbcnf")},
          {"o", ObjectPath{"/six"}},
          {"ay", Bytes{7, 0, 7}},
          {"as", std::vector<std::string>{"eight", ""}},
          {"ao", std::vector<ObjectPath>{{"/nine"}}},
          {"at", std::vector<std::uint64_t>{10, 1u << 31}},
          {"a(uuys)", std::vector<TextRange>{{1, 2, 3, "four"}, {}}},
          {"a(sao)", std::vector<Tally>{{"for", {{"/a"}, {"/b"}}}, {"against", {}}}},
          {"a{sv}", Dict{{"in", Dict{{"in", std::string("it")}}}}},
          {"aa{sv}", std::vector<Nested>{Dict{{"n", std::uint32_t{1}}}, Dict{}}}};
}

TEST_F(MessageTest, EverythingThatIsWrittenIsRead) {
  const Message m = message([](Writer& w) {
    w.string("text").bytes(Bytes{1, 2}).boolean(true).u8(3).u32(4).u64(5).i32(-6).i64(-7).path({"/p"});
    w.strings({"a", "b"}).paths({{"/c"}}).dict(everything()).dicts({everything(), {}}).variant(std::string("v"));
  });
  Reader r(m);
  EXPECT_EQ(r.string(4).value(), "text");
  EXPECT_EQ(r.bytes(2).value(), (Bytes{1, 2}));
  EXPECT_TRUE(r.boolean().value());
  EXPECT_EQ(r.u8().value(), 3);
  EXPECT_EQ(r.u32().value(), 4u);
  EXPECT_EQ(r.u64().value(), 5u);
  EXPECT_EQ(r.i32().value(), -6);
  EXPECT_EQ(r.i64().value(), -7);
  EXPECT_EQ(r.path().value().text, "/p");
  EXPECT_EQ(r.strings().value(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(r.paths().value(), (std::vector<ObjectPath>{{"/c"}}));
  EXPECT_EQ(r.dict().value(), everything());
  EXPECT_EQ(r.dicts(2).value(), (std::vector<Dict>{everything(), {}}));
  EXPECT_FALSE(r.end());  // the variant is still there
  EXPECT_EQ(r.variant().value(), Value(std::string("v")));
  EXPECT_TRUE(r.end());
}

TEST_F(MessageTest, BoundsHoldToTheByte) {
  const auto write = [](Writer& w) {
    w.string("12345").bytes(Bytes(6)).strings({"a", "b"}).dict({{"k", std::string("123")}}).dicts({{}, {}});
  };
  const Message m = message(write);
  Reader r(m);
  EXPECT_TRUE(r.string(5) && r.bytes(6) && r.strings({2, 1}) && r.dict({1, 3}) && r.dicts(2));

  const auto code = [&](const Bus::Write& one, const auto& read) {
    const Message single = message(one);
    Reader reader(single);
    const auto result = read(reader);
    return test::code(result);
  };
  using B = Bounds;
  EXPECT_EQ(code([](Writer& w) { w.string("12345"); }, [](Reader& x) { return x.string(4); }), Errc::too_large);
  EXPECT_EQ(code([](Writer& w) { w.bytes(Bytes(6)); }, [](Reader& x) { return x.bytes(5); }), Errc::too_large);
  EXPECT_EQ(code(
                [](Writer& w) {
                  w.strings({"a", "b"});
                },
                [](Reader& x) {
                  return x.strings(B{1, 9});
                }),
            Errc::too_large);
  EXPECT_EQ(code(
                [](Writer& w) {
                  w.dict({{"a", true}, {"b", true}});
                },
                [](Reader& x) {
                  return x.dict(B{1, 9});
                }),
            Errc::too_large);
  EXPECT_EQ(code(
                [](Writer& w) {
                  w.dict({{"k", Bytes(10)}});
                },
                [](Reader& x) {
                  return x.dict(B{9, 9});
                }),
            Errc::too_large);
  EXPECT_EQ(code(
                [](Writer& w) {
                  w.dict({{std::string(65, 'k'), true}});
                },
                [](Reader& x) { return x.dict(); }),
            Errc::too_large);
  EXPECT_EQ(code([](Writer& w) { w.dicts({{}, {}}); }, [](Reader& x) { return x.dicts(1); }), Errc::too_large);
}

TEST_F(MessageTest, AnotherTypeIsAnError) {
  const Message m = message([](Writer& w) { w.u32(1); });
  EXPECT_EQ(test::code(Reader(m).string(9)), Errc::malformed);
  EXPECT_EQ(test::code(Reader(m).bytes(9)), Errc::malformed);
  EXPECT_EQ(test::code(Reader(m).dict()), Errc::malformed);
  EXPECT_EQ(test::code(Reader(m).variant()), Errc::malformed);
  EXPECT_EQ(test::code(Reader(m).fd()), Errc::malformed);
  EXPECT_EQ(test::code(Reader(m).u64()), Errc::malformed);
  EXPECT_TRUE(Reader(m).u32());
  EXPECT_EQ(test::code(Reader(m).u32()), Errc::malformed);  // nothing left
}

TEST_F(MessageTest, UnknownTypesAreSkippedAndDoubledKeysRefused) {
  const Message odd = message([](Writer& w) {
    w.open('a', "{sv}").open('e', "sv").string("odd").open('v', "(uu)").open('r', "uu").u32(1).u32(2).close().close();
    w.close().open('e', "sv").string("t").variant(std::uint64_t{1}).close().close();
  });
  const Dict read = Reader(odd).dict().value();
  EXPECT_TRUE(std::holds_alternative<std::monostate>(read.at("odd")));
  EXPECT_EQ(read.at("t"), Value(std::uint64_t{1}));

  const Message doubled = message([](Writer& w) {
    w.open('a', "{sv}");
    for (int i = 0; i < 2; ++i) w.open('e', "sv").string("k").variant(true).close();
    w.close();
  });
  EXPECT_EQ(test::code(Reader(doubled).dict()), Errc::malformed);
}

TEST_F(MessageTest, NestingHasAnEndAndTheSameBounds) {
  const Dict one{{"k", std::string("v")}};
  const Message m = message([&](Writer& w) { w.dict({{"1", Dict{{"2", Dict{{"3", one}}}}}}); });
  const Dict read = Reader(m).dict().value();
  const Dict& second = *std::get<Nested>(read.at("1"));
  const Dict& third = *std::get<Nested>(second.at("2"));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(third.at("3")));

  const auto code = [&](const Value& value) {
    const Message single = message([&](Writer& w) { w.dict({{"k", value}}); });
    Reader reader(single);
    return test::code(reader.dict({2, 4}));
  };
  EXPECT_EQ(code(Dict{{"a", true}, {"b", true}, {"c", true}}), Errc::too_large);
  EXPECT_EQ(code(Dict{{"a", std::string("12345")}}), Errc::too_large);
  EXPECT_EQ(code(std::vector<Nested>(3)), Errc::too_large);
  EXPECT_EQ(code(std::vector<TextRange>(3)), Errc::too_large);
  EXPECT_EQ(code(std::vector<TextRange>{{0, 0, 0, "12345"}}), Errc::too_large);
  EXPECT_EQ(code(std::vector<Tally>{{"12345", {}}}), Errc::too_large);
  EXPECT_EQ(code(std::vector<Tally>{{"", std::vector<ObjectPath>(3, {"/o"})}}), Errc::too_large);
}

TEST_F(MessageTest, StructuresAndArraysOfThem) {
  const Message m = message([](Writer& w) {
    w.open('a', "(us)");
    w.open('r', "us").u32(1).string("one").close().open('r', "us").u32(2).string("two").close();
    w.close();
  });
  std::map<std::uint32_t, std::string> all;
  Reader r(m);
  EXPECT_TRUE(r.array("(us)", 2, [&] {
    return r.structure("us", [&]() -> Result<> {
      BUD_TRY(const auto n, r.u32());
      BUD_TRY(all[n], r.string(3));
      return {};
    });
  }));
  EXPECT_EQ(all, (std::map<std::uint32_t, std::string>{{1, "one"}, {2, "two"}}));
}

TEST_F(MessageTest, DictionariesOfOtherThingsAndVariantsOfThem) {
  const Message m = message([](Writer& w) {
    w.open('a', "{oa{sv}}").open('e', "oa{sv}").path({"/a"}).dict({{"n", std::uint32_t{1}}}).close().close();
    w.open('v', "aa{sv}").dicts({{}, {}}).close();
    w.open('v', "u").u32(1).close();
  });
  Reader r(m);
  std::map<ObjectPath, Dict> read;
  EXPECT_TRUE(r.array("{oa{sv}}", 1, [&] {
    return r.entry("oa{sv}", [&]() -> Result<> {
      BUD_TRY(ObjectPath path, r.path());
      BUD_TRY(read[std::move(path)], r.dict());
      return {};
    });
  }));
  EXPECT_EQ(read, (std::map<ObjectPath, Dict>{{{"/a"}, {{"n", std::uint32_t{1}}}}}));
  std::size_t dicts = 0;
  EXPECT_TRUE(r.variant_of("aa{sv}", [&]() -> Result<> {
    BUD_TRY(const std::vector<Dict> all, r.dicts(2));
    dicts = all.size();
    return {};
  }));
  EXPECT_EQ(dicts, 2u);
  EXPECT_EQ(test::code(r.variant_of("aa{sv}", [&]() -> Result<> { return {}; })), Errc::malformed);
}

TEST_F(MessageTest, TextThatTheBusWouldDropUsForIsNotWritten) {
  for (const std::string& bad : {std::string("\xff"), std::string("a\0b", 3)}) {
    const auto made = bus->new_call({"", "/t", "org.example.T"}, "M", [&](Writer& w) { w.u32(1).string(bad).u32(2); });
    ASSERT_FALSE(made);
    EXPECT_EQ(test::code(made), Errc::malformed);
  }
  for (const std::string& bad : {std::string(""), std::string("rel"), std::string("/a/"), std::string("/a\0b", 4)}) {
    EXPECT_FALSE(bus->new_call({"", "/t", "org.example.T"}, "M", [&](Writer& w) { w.path({bad}); })) << bad;
  }
  EXPECT_FALSE(bus->new_call({"", "/t", "org.example.T"}, "M", [](Writer& w) { w.variant({}); }));
}

TEST_F(MessageTest, DescriptorsAreDuplicatedAndCloseOnExec) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  UniqueFd in(ends[0]);
  const UniqueFd out(ends[1]);
  std::optional<UniqueFd> mine;
  {
    const Message m = message([&](Writer& w) { w.fd(in.get()); });
    in.reset();
    mine = std::move(Reader(m).fd().value());
  }
  EXPECT_NE(::fcntl(mine->get(), F_GETFD) & FD_CLOEXEC, 0);
  ASSERT_EQ(::write(out.get(), "x", 1), 1);
  char c = 0;
  EXPECT_EQ(::read(mine->get(), &c, 1), 1);
  EXPECT_EQ(c, 'x');
}

TEST(Dict, TypedAccess) {
  const Dict dict = everything();
  EXPECT_EQ(get<std::uint32_t>(dict, "u").value(), 2u);
  EXPECT_EQ(get_or<std::string>(dict, "absent", "else").value(), "else");
  EXPECT_EQ(test::code(get_or<std::string>(dict, "u", "else")), Errc::malformed);
  EXPECT_EQ(test::code(get<bool>(dict, "absent")), Errc::malformed);
  EXPECT_EQ(find<bool>(dict, "absent").value(), nullptr);
  EXPECT_TRUE(only({{"a", true}}, {"a", "b"}));
  EXPECT_EQ(test::code(only({{"c", true}}, {"a", "b"})), Errc::unsupported);
  // A literal is a string, not a boolean.
  EXPECT_STREQ(signature_of(Value("literal")), "s");
}

}  // namespace
}  // namespace bud::bus
