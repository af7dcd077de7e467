#include "vault/passphrase.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "support/outcome.h"
#include "support/scratch_folder.h"

namespace bud::vault {
namespace {

struct Pipe {
  int ends[2];
  Pipe() {
    if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  }
  ~Pipe() {
    close(ends[0]);
    finish();
  }
  void write(std::string_view text) {
    ASSERT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void finish() {
    if (ends[1] >= 0) close(ends[1]);
    ends[1] = -1;
  }
};

Result<crypto::SecretBytes> read_from_pipe(std::string_view text) {
  Pipe pipe;
  pipe.write(text);
  pipe.finish();
  return read_passphrase(pipe.ends[0], seconds(5));
}

TEST(Passphrase, IsWhatWasWrittenWithoutOneNewline) {
  const std::pair<std::string, std::string> cases[] = {{"secret", "secret"},
                                                       {"secret\n", "secret"},
                                                       {"secret\n\n", "secret\n"},
                                                       {" two words ", " two words "},
                                                       {"\nx", "\nx"},
                                                       {std::string("a\0b", 3), std::string("a\0b", 3)},
                                                       {"sm\xc3\xb8r\r\n", "sm\xc3\xb8r\r"}};
  for (const auto& [written, wanted] : cases) {
    const auto read = read_from_pipe(written);
    ASSERT_TRUE(read) << written;
    EXPECT_EQ(as_text(read->expose()), wanted);
  }
}

TEST(Passphrase, MayNotBeEmpty) {
  EXPECT_EQ(test::code(read_from_pipe("")), Errc::malformed);
  EXPECT_EQ(test::code(read_from_pipe("\n")), Errc::malformed);
}

TEST(Passphrase, IsBounded) {
  const std::string longest(max_passphrase, 'x');
  EXPECT_EQ(read_from_pipe(longest)->size(), max_passphrase);
  EXPECT_EQ(read_from_pipe(longest + "\n")->size(), max_passphrase);
  EXPECT_EQ(test::code(read_from_pipe(longest + "x")), Errc::too_large);
  EXPECT_EQ(test::code(read_from_pipe(longest + "\n\n")), Errc::too_large);
  EXPECT_EQ(test::code(read_from_pipe(std::string(60'000, 'x'))), Errc::too_large);
  const int endless = open("/dev/zero", O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(test::code(read_passphrase(endless, seconds(5))), Errc::too_large);
  close(endless);
}

TEST(Passphrase, IsNotWaitedForWithoutEnd) {
  Pipe pipe;
  EXPECT_EQ(test::code(read_passphrase(pipe.ends[0], Duration{0})), Errc::busy);
  pipe.write("half");
  EXPECT_EQ(test::code(read_passphrase(pipe.ends[0], Duration{5})), Errc::busy);
}

TEST(Passphrase, ComesOutOfAFileToo) {
  test::ScratchFolder scratch;
  test::write_file(scratch.file("p"), as_bytes("from a file\n"));
  const int file = open(scratch.file("p").c_str(), O_RDONLY | O_CLOEXEC);
  const auto read = read_passphrase(file, seconds(5));
  ASSERT_TRUE(read);
  EXPECT_EQ(as_text(read->expose()), "from a file");
  close(file);
  EXPECT_EQ(test::code(read_passphrase(-1, Duration{0})), Errc::busy);
  const int folder = open(scratch.path().c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(test::code(read_passphrase(folder, seconds(5))), Errc::storage);
  close(folder);
}

}  // namespace
}  // namespace bud::vault
