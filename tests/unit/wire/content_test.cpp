#include "wire/content.h"

#include "corruption.h"
#include "support/outcome.h"
#include "support/wire_samples.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

namespace bud::wire {
namespace {

using test::code;

struct ContentTest : ::testing::Test {
  crypto::SeededRandom random = test::seeded(6);
  std::vector<Content> all = test::sample_contents(random);
};

TEST_F(ContentTest, EveryKindComesBackAsItWas) {
  for (const Content& c : all) {
    const Bytes bytes = encode(c);
    Result<Content> back = decode_content(bytes);
    ASSERT_TRUE(back) << static_cast<int>(c.kind);
    EXPECT_EQ(encode(*back), bytes);
    EXPECT_EQ(back->kind, c.kind);
    EXPECT_EQ(back->body.index(), c.body.index());
    EXPECT_EQ(back->previous, c.previous);
    EXPECT_EQ(back->roster, c.roster);
    EXPECT_EQ(back->reply.has_value(), c.reply.has_value());
  }
}

TEST_F(ContentTest, TruncationsAndTrailingBytesAreRefused) {
  for (const Content& c : all)
    test::each_truncation(encode(c), [](ByteView b) { EXPECT_EQ(code(decode_content(b)), Errc::malformed); });
}

TEST_F(ContentTest, FlipsNeverCrashAndNothingHasTwoEncodings) {
  for (const Content& c : all) {
    const Bytes bytes = encode(c);
    test::each_bit_flip(bytes, [&](ByteView b, std::size_t) {
      EXPECT_NE(content_hash(b), content_hash(bytes));
      if (Result<Content> back = decode_content(b)) {
        EXPECT_EQ(encode(*back), Bytes(b.begin(), b.end()));
      }
    });
  }
}

TEST_F(ContentTest, AKindThatIsNotKnownIsKept) {
  Result<Content> back = decode_content(encode(all.back()));
  ASSERT_TRUE(back);
  ASSERT_TRUE(std::holds_alternative<UnknownBody>(back->body));
  EXPECT_EQ(std::get<UnknownBody>(back->body).bytes, std::get<UnknownBody>(all.back().body).bytes);
  EXPECT_EQ(back->fallback, all.back().fallback);
  EXPECT_TRUE(back->needs);
}

TEST_F(ContentTest, IsBounded) {
  auto outcome = [&](auto change) {
    Content c = all[0];
    change(c);
    return code(decode_content(encode(c)));
  };
  EXPECT_EQ(outcome([](Content&) {}), std::nullopt);
  EXPECT_EQ(outcome([](Content& c) { c.body = Text{std::string(max_text, 't'), {}}; }), std::nullopt);
  EXPECT_EQ(outcome([](Content& c) { c.body = Text{std::string(max_text + 1, 't'), {}}; }), Errc::malformed);
  EXPECT_EQ(outcome([](Content& c) { c.body = Text{std::string(max_content, 't'), {}}; }), Errc::too_large);
  EXPECT_EQ(outcome([](Content& c) { std::get<Text>(c.body).ranges.assign(257, TextRange{}); }), Errc::malformed);
  EXPECT_EQ(outcome([](Content& c) { c.to.assign(max_members, AccountId{}); }), std::nullopt);
  EXPECT_EQ(outcome([](Content& c) { c.to.assign(max_members + 1, AccountId{}); }), Errc::malformed);
  EXPECT_EQ(outcome([](Content& c) { c.previous.assign(max_previous, Previous{}); }), std::nullopt);
  EXPECT_EQ(outcome([](Content& c) { c.previous.assign(max_previous + 1, Previous{}); }), Errc::malformed);
  EXPECT_EQ(outcome([](Content& c) { c.from_address.assign(max_address + 1, 'a'); }), Errc::malformed);
  EXPECT_EQ(outcome([](Content& c) { c.reply->excerpt.assign(257, 'a'); }), Errc::malformed);
  EXPECT_EQ(outcome([](Content& c) { c.fallback.assign(2049, 'a'); }), Errc::malformed);
  EXPECT_EQ(outcome([](Content& c) { c.body = Text{std::string("a\0b", 3), {}}; }), Errc::malformed);
}

// --- bodies ---

Bytes body_bytes(const ContentBody& body) {
  Writer w;
  write_body(w, body);
  return w.take();
}

// What becomes of a content of this kind with these bytes as its body, and nothing else in it.
std::optional<Errc> outcome(ContentKind kind, ByteView body) {
  Content c;
  c.kind = kind;
  c.body = UnknownBody{Bytes(body.begin(), body.end())};
  return code(decode_content(encode(c)));
}
std::optional<Errc> outcome(ContentKind kind, const ContentBody& body) {
  return outcome(kind, body_bytes(body));
}

std::string letters(std::size_t n) {
  return std::string(n, 'x');
}

// A body that is taken with `most` of something, and not with one more.
template <class Make>
void expect_bound(ContentKind kind, std::size_t most, Make make) {
  SCOPED_TRACE("kind " + std::to_string(static_cast<int>(kind)) + ", bound " + std::to_string(most));
  EXPECT_EQ(outcome(kind, ContentBody(make(most))), std::nullopt);
  EXPECT_EQ(outcome(kind, ContentBody(make(most + 1))), Errc::malformed);
}

Blob blob_at(std::vector<std::string> locations) {
  Blob b;
  b.size = 1000;
  b.locations = std::move(locations);
  return b;
}
Blob inlined_blob(std::size_t size) {
  Blob b;
  b.size = size;
  b.inlined = Bytes(size, 1);
  return b;
}
Attachment one_file(const Blob& blob) {
  Attachment a;
  a.files.resize(1);
  a.files[0].blob = blob;
  return a;
}
template <class Change>
Attachment file_with(Change change) {
  Attachment a = one_file(blob_at({"spool:x"}));
  change(a.files[0]);
  return a;
}
Register register_with(std::size_t subject, std::size_t value) {
  Register r;
  r.subject = Bytes(subject, 1);
  r.value = Bytes(value, 1);
  return r;
}

TEST_F(ContentTest, EveryKindHasASample) {
  const std::set<int> reserved = {12, 16};
  std::set<int> there;
  for (const Content& c : all) {
    const int kind = static_cast<int>(c.kind);
    there.insert(kind);
    EXPECT_EQ(std::holds_alternative<UnknownBody>(c.body), kind == 999 || reserved.contains(kind)) << kind;
  }
  for (int kind = 1; kind <= 18; ++kind) EXPECT_TRUE(there.contains(kind) || kind == 12) << kind;
  for (int kind = 32; kind <= 35; ++kind) EXPECT_TRUE(there.contains(kind)) << kind;
}

// The content around it holds a body of any length: that its own bytes are all used, and are enough, is its own affair.
TEST_F(ContentTest, ABodyIsUsedUp) {
  for (const Content& c : all) {
    if (std::holds_alternative<UnknownBody>(c.body)) continue;
    const Bytes body = body_bytes(c.body);
    EXPECT_EQ(outcome(c.kind, ByteView(body)), std::nullopt) << static_cast<int>(c.kind);
    test::each_truncation(body, [&](ByteView b) {
      EXPECT_EQ(outcome(c.kind, b), Errc::malformed) << static_cast<int>(c.kind) << ' ' << b.size();
    });
  }
}

TEST_F(ContentTest, TextsAndEditsAreBounded) {
  for (const bool edit : {false, true}) {
    const auto expect = [&](std::size_t most, auto change) {
      expect_bound(edit ? ContentKind::edit : ContentKind::text, most, [&](std::size_t n) -> ContentBody {
        Text t;
        change(t, n);
        if (edit) return Edit{{}, t};
        return t;
      });
    };
    expect(max_text, [](Text& t, std::size_t n) { t.text = letters(n); });
    expect(256, [](Text& t, std::size_t n) { t.ranges.resize(n); });
    expect(2048, [](Text& t, std::size_t n) { t.ranges = {{0, 0, 5, letters(n)}}; });
    // Four ranges of 11 bytes and their arguments fill the list to its 8,192 bytes.
    expect(2037, [](Text& t, std::size_t n) {
      t.ranges.assign(4, {0, 0, 5, letters(2037)});
      t.ranges[3].argument = letters(n);
    });
  }
}

TEST_F(ContentTest, ReactionsAreBoundedAndNameAnEmoji) {
  expect_bound(ContentKind::reaction, max_reaction, [](std::size_t n) { return Reaction{{}, letters(n), true}; });
  EXPECT_EQ(outcome(ContentKind::reaction, Reaction{{}, "", true}), Errc::malformed);
  EXPECT_EQ(outcome(ContentKind::reaction, Reaction{{}, std::string("\0", 1), true}), Errc::malformed);
  EXPECT_EQ(outcome(ContentKind::reaction, Reaction{{}, "\xf0\x9f\x91", true}), Errc::malformed) << "half an emoji";
}

TEST_F(ContentTest, ReceiptsHaveOneOfTwoTypesAndItsListOnly) {
  const auto receipt = [](int type, std::size_t contents, std::size_t marks) {
    return Receipt{static_cast<ReceiptType>(type), std::vector<ContentHash>(contents), std::vector<ReadMark>(marks)};
  };
  expect_bound(ContentKind::receipt, max_hashes, [&](std::size_t n) { return receipt(1, n, 0); });
  expect_bound(ContentKind::receipt, max_hashes, [&](std::size_t n) { return receipt(2, 0, n); });
  for (const int type : {1, 2}) EXPECT_EQ(outcome(ContentKind::receipt, receipt(type, 0, 0)), std::nullopt);
  for (const int type : {0, 3, 255}) EXPECT_EQ(outcome(ContentKind::receipt, receipt(type, 0, 0)), Errc::malformed);
  EXPECT_EQ(outcome(ContentKind::receipt, receipt(1, 0, 1)), Errc::malformed);
  EXPECT_EQ(outcome(ContentKind::receipt, receipt(2, 1, 0)), Errc::malformed);
  for (const int type : {1, 2}) EXPECT_EQ(outcome(ContentKind::receipt, receipt(type, 1, 1)), Errc::malformed);
}

TEST_F(ContentTest, FlagsAreZeroOrOne) {
  const Bytes off = {0}, on = {1}, neither = {2};
  EXPECT_EQ(outcome(ContentKind::typing, ByteView(off)), std::nullopt);
  EXPECT_EQ(outcome(ContentKind::typing, ByteView(on)), std::nullopt);
  EXPECT_EQ(outcome(ContentKind::typing, ByteView(neither)), Errc::malformed);
}

TEST_F(ContentTest, BlobsLieInOnePlaceAndAreBounded) {
  for (const bool sticker : {false, true}) {
    const ContentKind kind = sticker ? ContentKind::sticker : ContentKind::attachment;
    const auto with = [&](const Blob& b) -> ContentBody {
      if (sticker) return Sticker{b, "x", "pack"};
      return one_file(b);
    };
    expect_bound(kind, max_locations,
                 [&](std::size_t n) { return with(blob_at(std::vector<std::string>(n, "spool:x"))); });
    expect_bound(kind, max_location, [&](std::size_t n) { return with(blob_at({letters(n)})); });
    expect_bound(kind, max_inlined, [&](std::size_t n) { return with(inlined_blob(n)); });
    Blob b = blob_at({"spool:x"});
    b.size = max_blob;
    EXPECT_EQ(outcome(kind, with(b)), std::nullopt);
    b.size = max_blob + 1;
    EXPECT_EQ(outcome(kind, with(b)), Errc::malformed);
    b.size = 1;
    b.inlined = {1};
    EXPECT_EQ(outcome(kind, with(b)), Errc::malformed) << "out there, and here as well";
    b.locations.clear();
    EXPECT_EQ(outcome(kind, with(b)), std::nullopt);
    for (const std::uint64_t size : {0, 2}) {
      b.size = size;
      EXPECT_EQ(outcome(kind, with(b)), Errc::malformed) << size << " bytes, of which one is there";
    }
    EXPECT_EQ(outcome(kind, with(blob_at({}))), Errc::malformed) << "nowhere";
    EXPECT_EQ(outcome(kind, with(inlined_blob(0))), std::nullopt) << "an empty file";
  }
}

TEST_F(ContentTest, AttachmentsAreBounded) {
  constexpr ContentKind kind = ContentKind::attachment;
  expect_bound(kind, max_files, [](std::size_t n) {
    Attachment a = one_file(blob_at({"spool:x"}));
    a.files.resize(n, a.files[0]);
    return a;
  });
  EXPECT_EQ(outcome(kind, Attachment{Text{"none", {}}, {}}), Errc::malformed);
  const auto expect = [&](std::size_t most, auto change) {
    expect_bound(kind, most, [&](std::size_t n) { return file_with([&](File& f) { change(f, n); }); });
  };
  expect(max_file_name, [](File& f, std::size_t n) { f.name = letters(n); });
  expect(max_media_type, [](File& f, std::size_t n) { f.media_type = letters(n); });
  expect(max_thumbnail, [](File& f, std::size_t n) { f.thumbnail = Bytes(n, 1); });
  expect_bound(kind, max_text, [](std::size_t n) {
    Attachment a = one_file(blob_at({"spool:x"}));
    a.caption.text = letters(n);
    return a;
  });
  // Each within its bound, all together over that of a content.
  Attachment heavy = one_file(inlined_blob(max_inlined));
  heavy.files.push_back(heavy.files[0]);
  EXPECT_EQ(outcome(kind, heavy), Errc::too_large);
}

// A name is a text like any other. What a terminal or a file system makes of it is for those who show it or save it.
TEST_F(ContentTest, AFileMayBeNamedAnythingThatIsText) {
  const auto named = [](const std::string& name) {
    return outcome(ContentKind::attachment, file_with([&](File& f) { f.name = name; }));
  };
  EXPECT_EQ(named(std::string("a\0b", 3)), Errc::malformed);
  EXPECT_EQ(named("\xff"), Errc::malformed);
  for (const char* name : {"", "../../etc/passwd", "a\nb", "\x1b[2J", "\xe2\x80\xae" "fdp.exe"})
    EXPECT_EQ(named(name), std::nullopt) << name;
}

TEST_F(ContentTest, PollsAreBoundedAndHaveTwoOptions) {
  constexpr ContentKind kind = ContentKind::poll;
  const auto poll = [](std::size_t options) { return Poll{"?", std::vector<std::string>(options, "x"), false}; };
  expect_bound(kind, max_options, poll);
  for (const std::size_t n : {0, 1}) EXPECT_EQ(outcome(kind, poll(n)), Errc::malformed);
  EXPECT_EQ(outcome(kind, poll(2)), std::nullopt);
  expect_bound(kind, max_question, [](std::size_t n) { return Poll{letters(n), {"a", "b"}, false}; });
  expect_bound(kind, max_option, [](std::size_t n) { return Poll{"?", {"a", letters(n)}, false}; });
}

TEST_F(ContentTest, VotesNameEachOptionOnceAndInOrder) {
  const auto vote = [](std::vector<std::uint8_t> choices) {
    return outcome(ContentKind::vote, Vote{{}, std::move(choices)});
  };
  std::vector<std::uint8_t> every(max_options);
  std::iota(every.begin(), every.end(), std::uint8_t{0});
  EXPECT_EQ(vote(every), std::nullopt);
  EXPECT_EQ(vote({}), std::nullopt);
  EXPECT_EQ(vote({max_options - 1}), std::nullopt);
  EXPECT_EQ(vote({max_options}), Errc::malformed) << "no poll has so many";
  EXPECT_EQ(vote({0, 0}), Errc::malformed);
  EXPECT_EQ(vote({1, 0}), Errc::malformed);
  every.push_back(max_options);
  EXPECT_EQ(vote(every), Errc::malformed);
}

TEST_F(ContentTest, StickersAndCardsAreBounded) {
  const Blob blob = blob_at({"spool:x"});
  expect_bound(ContentKind::sticker, max_reaction, [&](std::size_t n) { return Sticker{blob, letters(n), ""}; });
  expect_bound(ContentKind::sticker, max_name, [&](std::size_t n) { return Sticker{blob, "", letters(n)}; });
  constexpr ContentKind card = ContentKind::contact_card;
  expect_bound(card, max_name, [](std::size_t n) { return ContactCard{{}, letters(n), {}}; });
  expect_bound(card, max_card_addresses,
               [](std::size_t n) { return ContactCard{{}, "", std::vector<std::string>(n, "spool:x")}; });
  expect_bound(card, max_address, [](std::size_t n) { return ContactCard{{}, "", {letters(n)}}; });
}

TEST_F(ContentTest, ThreadChangesAreBounded) {
  constexpr ContentKind kind = ContentKind::thread_change;
  expect_bound(kind, max_entries, [](std::size_t n) { return ThreadChange{false, std::vector<Bytes>(n), {}}; });
  expect_bound(kind, max_entries, [](std::size_t n) { return ThreadChange{false, {}, std::vector<Bytes>(n)}; });
  expect_bound(kind, max_roster_entry, [](std::size_t n) { return ThreadChange{false, {Bytes(n)}, {}}; });
  expect_bound(kind, max_entry, [](std::size_t n) { return ThreadChange{false, {}, {Bytes(n)}}; });
}

TEST_F(ContentTest, RegistersAreBoundedAndUnknownOnesKept) {
  constexpr ContentKind kind = ContentKind::device_register;
  const auto sync = [](std::vector<Register> registers) { return RegisterSync{{}, false, std::move(registers)}; };
  expect_bound(kind, max_registers, [&](std::size_t n) { return sync(std::vector<Register>(n)); });
  expect_bound(kind, max_register_subject, [&](std::size_t n) { return sync({register_with(n, 0)}); });
  expect_bound(kind, max_register_value, [&](std::size_t n) { return sync({register_with(0, n)}); });
  Register r;
  r.kind = static_cast<RegisterKind>(0);
  EXPECT_EQ(outcome(kind, sync({r})), Errc::malformed);
  r.kind = static_cast<RegisterKind>(255);
  EXPECT_EQ(outcome(kind, sync({r})), std::nullopt);
}

TEST_F(ContentTest, HistoryIsBounded) {
  constexpr ContentKind kind = ContentKind::history;
  expect_bound(kind, max_hashes, [](std::size_t n) { return History{std::vector<ContentHash>(n), {}, {}}; });
  expect_bound(kind, max_hashes, [](std::size_t n) { return History{{}, std::vector<ContentHash>(n), {}}; });
  expect_bound(kind, max_hashes, [](std::size_t n) { return History{{}, {}, std::vector<Bytes>(n)}; });
  // A content of the largest size does not fit into another; what is a little smaller does.
  EXPECT_EQ(outcome(kind, History{{}, {}, {Bytes(max_content)}}), Errc::too_large);
  EXPECT_EQ(outcome(kind, History{{}, {}, {Bytes(max_content - 512)}}), std::nullopt);
}

TEST_F(ContentTest, ErrorsAndWelcomesAreBounded) {
  const PrekeyBundle bundle = test::sample_bundle(random);
  expect_bound(ContentKind::decrypt_error, max_hashes,
               [&](std::size_t n) { return DecryptError{std::vector<EnvelopeHash>(n), bundle}; });
  constexpr ContentKind welcome = ContentKind::join_welcome;
  expect_bound(welcome, max_entries, [](std::size_t n) { return JoinWelcome{std::vector<Bytes>(n), "", {}}; });
  expect_bound(welcome, max_entry, [](std::size_t n) { return JoinWelcome{{Bytes(n)}, "", {}}; });
  expect_bound(welcome, max_name, [](std::size_t n) { return JoinWelcome{{}, letters(n), {}}; });
  expect_bound(welcome, 64, [](std::size_t n) { return JoinWelcome{{}, "", std::vector<AddressOpening>(n)}; });
  expect_bound(welcome, max_address, [](std::size_t n) { return JoinWelcome{{}, "", {{letters(n), {}}}}; });
}

TEST_F(ContentTest, WhatIsReservedIsKeptAsItCame) {
  for (const int kind : {0, 12, 16, 19, 31, 36, 65535}) {
    Content c;
    c.kind = static_cast<ContentKind>(kind);
    c.body = UnknownBody{Bytes(300, 7)};
    Result<Content> back = decode_content(encode(c));
    ASSERT_TRUE(back) << kind;
    ASSERT_TRUE(std::holds_alternative<UnknownBody>(back->body)) << kind;
    EXPECT_EQ(std::get<UnknownBody>(back->body).bytes, Bytes(300, 7));
  }
}

TEST_F(ContentTest, AThreadOfTwoIsTheSameFromBothSides) {
  const AccountId a = test::random_fixed<AccountId>(random), b = test::random_fixed<AccountId>(random);
  EXPECT_EQ(thread_of_two(a, b), thread_of_two(b, a));
  EXPECT_NE(thread_of_two(a, b), thread_of_two(a, a));
}

}  // namespace
}  // namespace bud::wire
