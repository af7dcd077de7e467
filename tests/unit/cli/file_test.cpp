// Sending files, and saving them.
#include "client/names.h"
#include "support/scratch_folder.h"
#include "unit/cli/daemon.h"

#include <fcntl.h>

namespace bud::cli {
namespace {

using test::Daemon;
using test::Outcome;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct FileCommands : Daemon {
  test::ScratchFolder scratch;
  struct Sent {
    std::string name, media_type, text, key, bytes;
  };
  std::vector<Sent> sent;
  std::string served = "all of it";
  std::uint64_t said = 9;
  std::string file_name = "photo.jpg", error;

  FileCommands() {
    service.on("Account1", "Resolve", [](bus::Reader&, bus::Writer& out) -> Result<> {
      out.path({test::bob});
      return {};
    });
    service.on("Account1", "OpenThread", [](bus::Reader&, bus::Writer& out) -> Result<> {
      out.path({test::thread});
      return {};
    });
    service.on("Thread1", "SendFile", [this](bus::Reader& args, bus::Writer& out) -> Result<> {
      BUD_TRY(const UniqueFd fd, args.fd());
      Sent one;
      BUD_TRY(one.name, args.string(255));
      BUD_TRY(one.media_type, args.string(127));
      BUD_TRY(const bus::Dict options, args.dict());
      BUD_TRY(one.text, bus::get_or<std::string>(options, "text", {}));
      BUD_TRY(one.key, bus::get_or<std::string>(options, "idempotency-key", {}));
      char bytes[64];
      const ssize_t n = ::read(fd.get(), bytes, sizeof bytes);
      one.bytes.assign(bytes, n > 0 ? static_cast<std::size_t>(n) : 0);
      sent.push_back(one);
      out.path({test::message});
      return {};
    });
    service.on("Thread1", "OpenFile", [this](bus::Reader& args, bus::Writer& out) -> Result<> {
      BUD_TRY(const Bytes id, args.bytes(16));
      BUD_TRY(const std::uint32_t index, args.u32());
      EXPECT_EQ(to_hex(id), test::message_id);
      EXPECT_EQ(index, 0u);
      int ends[2];
      EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
      const UniqueFd reading(ends[0]), writing(ends[1]);
      EXPECT_EQ(::write(writing.get(), served.data(), served.size()), static_cast<ssize_t>(served.size()));
      out.fd(reading.get());
      return {};
    });
    service.set(test::message, "Message1", "Thread", bus::Value(bus::ObjectPath{test::thread}));
    service.set(test::message, "Message1", "Author", bus::Value(bus::ObjectPath{test::bob}));
    service.set(test::message, "Message1", "State", bus::Value(std::uint32_t{1}));
    service.set(test::message, "Message1", "Devices", std::vector<bus::Dict>{});
    describe();
  }
  void describe() {
    bus::Dict file{
        {"name", file_name}, {"media_type", std::string("image/jpeg")}, {"size", said}, {"state", std::uint32_t{2}}};
    if (!error.empty()) file.emplace("error", error);
    service.set(test::message, "Message1", "Files", std::vector<bus::Dict>{file});
  }
  std::string file(const std::string& name, const std::string& text) const {
    test::write_file(scratch.file(name), as_bytes(text));
    return scratch.file(name);
  }
  std::string saved(const std::string& name) const { return std::string(as_text(test::read_file(scratch.file(name)))); }
  Outcome save(const std::string& output, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"file", "save", test::message_id, "-o", output});
    return run(more);
  }
};

TEST_F(FileCommands, EachFileIsAMessageAndTheTextGoesWithTheFirst) {
  const Outcome outcome = run({"send", "spool:bob", "look", "--file", file("a.jpg", "one"), "--file", file("b", "two"),
                               "--key", "k", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("{\"messages\":[{\"message\":\"" + test::message_id + "\""));
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].name, "a.jpg");
  EXPECT_EQ(sent[0].media_type, "image/jpeg");
  EXPECT_EQ(sent[0].text, "look");
  EXPECT_EQ(sent[0].bytes, "one");
  EXPECT_EQ(sent[0].key, "k");
  EXPECT_EQ(sent[1].name, "b");
  EXPECT_EQ(sent[1].media_type, "application/octet-stream");
  EXPECT_EQ(sent[1].text, "");
  EXPECT_EQ(sent[1].key, "k:1");
}

TEST_F(FileCommands, NothingIsSentWhereAFileIsMissing) {
  EXPECT_EQ(run({"send", "spool:bob", "--file", file("a", "one"), "--file", scratch.file("none")}).code, 4);
  EXPECT_EQ(sent.size(), 0u);
  EXPECT_EQ(run({"send", "spool:bob"}).code, 1);
}

TEST_F(FileCommands, WhatIsWholeIsSaved) {
  const Outcome outcome = save(scratch.file("here.jpg"), {"--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("\"size\":9"));
  EXPECT_EQ(saved("here.jpg"), "all of it");
  EXPECT_EQ(save("-").out, "all of it");
}

TEST_F(FileCommands, AFolderGetsTheSendersNameMadeHarmless) {
  file_name = "../../.profile\n";
  describe();
  ASSERT_EQ(save(scratch.path()).code, 0);
  EXPECT_EQ(saved("file.._.._.profile_"), "all of it");
}

TEST_F(FileCommands, NothingIsOverwrittenUnasked) {
  file("there", "mine");
  const Outcome refused = save(scratch.file("there"));
  EXPECT_NE(refused.code, 0);
  EXPECT_THAT(refused.err, HasSubstr("--overwrite"));
  EXPECT_EQ(saved("there"), "mine");
  EXPECT_EQ(save(scratch.file("there"), {"--overwrite"}).code, 0);
  EXPECT_EQ(saved("there"), "all of it");
}

TEST_F(FileCommands, WhatWasCutIsNotSavedAndTheReasonIsSaid) {
  said = 10;
  error = "it ends before its end";
  describe();
  const Outcome outcome = save(scratch.file("half"));
  EXPECT_EQ(outcome.code, 7);
  EXPECT_THAT(outcome.err, HasSubstr("it ends before its end"));
  EXPECT_FALSE(std::filesystem::exists(scratch.file("half")));
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
  EXPECT_EQ(save("-").code, 7);
}

TEST_F(FileCommands, AFileThatIsNotThereIsSaidSo) {
  EXPECT_EQ(run({"file", "save", test::message_id, "1", "-o", "-"}).code, 4);
}

TEST_F(FileCommands, MessagesShowTheirFiles) {
  const Outcome outcome = run({"message", "show", test::message_id});
  EXPECT_THAT(outcome.out, HasSubstr("file of 9 bytes: photo.jpg"));
}

}  // namespace
}  // namespace bud::cli
