// Files over real daemons and a real spool: large ones with everything killed in the middle, small ones without a
// bridge that keeps any, and servers that change what they keep.
#include "crypto/hash.h"
#include "crypto/random.h"
#include "integration/daemon_fixture.h"
#include "service/paths.h"
#include "support/outcome.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>

#include <thread>

namespace bud::test {
namespace {

using Clock = std::chrono::steady_clock;
using Digest = Fixed<struct FileDigestTag, 32>;

#ifdef BUD_SANITIZED
constexpr std::size_t large = 24 << 20;
constexpr bool measured = false;  // a sanitizer's memory is its own
#else
constexpr std::size_t large = 256 << 20;
constexpr bool measured = true;
#endif
constexpr std::size_t a_mebibyte = 1 << 20;
constexpr std::uint64_t allowed_kib = 24 * 1024;  // above idle
constexpr crypto::Label as_test{"budstikke/1/test/file"};

bus::Target the_thread(const std::string& path) {
  return {service::chat_name, path, "org.budstikke.Thread1"};
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// A file of bytes that no compression makes smaller, and its digest.
Digest make_file(const std::string& path, std::size_t size) {
  std::ofstream out(path, std::ios::binary);
  crypto::Hasher hasher(as_test);
  std::uint64_t state = 0x9e3779b97f4a7c15;
  Bytes piece(a_mebibyte);
  for (std::size_t at = 0; at < size; at += piece.size()) {
    piece.resize(std::min(a_mebibyte, size - at));
    for (std::uint8_t& byte : piece) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      byte = static_cast<std::uint8_t>(state);
    }
    hasher.add(piece);
    out.write(reinterpret_cast<const char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
  }
  if (!out.flush()) throw std::runtime_error("cannot write " + path);
  return hasher.finish_as<Digest>();
}

// What a pipe gives until it ends, or `enough` says so after a piece.
struct Read {
  std::uint64_t size = 0;
  Digest digest;
  Bytes head;  // the first 64 KiB
};
Read read_all(int fd, const std::function<bool(std::uint64_t)>& enough = {}) {
  Read read;
  crypto::Hasher hasher(as_test);
  Bytes piece(64 * 1024);
  while (true) {
    const ssize_t n = ::read(fd, piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    const ByteView got = ByteView(piece).first(static_cast<std::size_t>(n));
    hasher.add(got);
    if (read.head.size() < piece.size()) append(read.head, got);
    read.size += got.size();
    if (enough && enough(read.size)) break;
  }
  read.digest = hasher.finish_as<Digest>();
  return read;
}

std::uint64_t of_status(pid_t pid, const std::string& field) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/status");
  std::string line;
  while (std::getline(in, line))
    if (line.starts_with(field + ":")) return std::stoull(line.substr(field.size() + 1));
  throw std::runtime_error("no " + field);
}

// Resident kibibytes of a daemon and its workers, each by itself.
std::vector<std::pair<pid_t, std::uint64_t>> memory(const Device& device, const std::string& field) {
  std::vector<std::pair<pid_t, std::uint64_t>> all{{device.pid(), of_status(device.pid(), field)}};
  for (const pid_t worker : device.workers()) all.emplace_back(worker, of_status(worker, field));
  return all;
}

// Overwrites the beginning of a file in place.
void spoil(const std::string& path, std::size_t bytes) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  const Bytes other(bytes, 0x5a);
  ASSERT_EQ(::pwrite(fd.get(), other.data(), other.size(), 0), static_cast<ssize_t>(bytes)) << path;
}

std::optional<std::string> only_file(const std::string& folder, const std::string& suffix) {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none))
    if (entry.path().string().ends_with(suffix)) return entry.path().string();
  return std::nullopt;
}
std::uint64_t size_of(const std::optional<std::string>& path) {
  std::error_code none;
  const auto size = path ? std::filesystem::file_size(*path, none) : 0;
  return none ? 0 : size;
}

struct FilesTest : testing::Test {
  ScratchFolder scratch;
  std::string spool = [this] {
    std::filesystem::create_directory(scratch.file("spool"));
    return scratch.file("spool");
  }();
  Device laptop{spool, "alice"}, phone{spool, "alice"}, desktop{spool, "bob"};
  std::string thread;

  void SetUp() override { crypto::initialize(); }
  void two() {
    for (Device* device : {&laptop, &desktop}) device->set_up();
    laptop.create_account("Alice");
    desktop.create_account("Bob");
    thread = laptop.thread_with("spool:bob");
  }
  // Without blobs, both.
  void without_blobs() {
    const std::string bridges = scratch.file("bridges");
    std::filesystem::create_directory(bridges);
    std::filesystem::copy_file(BUD_HOLDING_SPOOL, bridges + "/spool.so");
    write_file(bridges + "/no-blobs", {});
    for (Device* device : {&laptop, &desktop}) device->program.bridge_dir = bridges;
  }

  static Result<std::string> send_file(Device& device, const std::string& thread, int fd, const std::string& name,
                                       const bus::Dict& options = {}) {
    auto sent = device.call(the_thread(thread), "SendFile", [&](bus::Writer& out) {
      out.fd(fd).string(name).string("application/octet-stream").dict(options);
    });
    if (!sent) return forward(sent);
    return must(bus::Reader(*sent).path(), "SendFile").text;
  }
  static Result<std::string> send_path(Device& device, const std::string& thread, const std::string& path,
                                       const bus::Dict& options = {}) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return send_file(device, thread, fd.get(), std::filesystem::path(path).filename(), options);
  }
  // The newest event of a message with a file.
  static bus::Dict wait_for_file(Device& device) {
    bus::Dict found;
    wait_until(
        [&] {
          for (const bus::Dict& event : device.fetch(0).events)
            if (event.contains("file_names")) found = event;
          return !found.empty();
        },
        "a message with a file");
    return found;
  }
  static Result<UniqueFd> open_file(Device& device, const bus::Dict& message) {
    const std::string thread = std::get<bus::ObjectPath>(message.at("thread")).text;
    const std::string path = std::get<bus::ObjectPath>(message.at("message")).text;
    const Bytes id = *from_hex(path.substr(path.rfind('/') + 1));
    auto opened = device.call(the_thread(thread), "OpenFile", [&](bus::Writer& out) { out.bytes(id).u32(0); });
    if (!opened) return forward(opened);
    return must(bus::Reader(*opened).fd(), "OpenFile");
  }
  static Read read_file_of(Device& device, const bus::Dict& message) {
    const UniqueFd pipe = must(open_file(device, message), "OpenFile");
    return read_all(pipe.get());
  }
  static bus::Dict file_state(Device& device, const std::string& message) {
    return device.dicts_property(message, "Message1", "Files").at(0);
  }
  static std::string path_of(const bus::Dict& message) { return std::get<bus::ObjectPath>(message.at("message")).text; }
  std::string staged(const Device& device, const std::string& suffix) const {
    return only_file(device.state_folder() + "/blobs", suffix).value_or("");
  }
  std::string blobs() const { return spool + "/blobs"; }
  // A text that would be found.
  std::string plain_file(const std::string& name, std::size_t size) {
    const std::string path = scratch.file(name);
    std::string text;
    while (text.size() < size) text += marker;
    write_file(path, as_bytes(text.substr(0, size)));
    return path;
  }
  static constexpr const char* marker = "nobody but the two of them reads this line\n";
};

TEST_F(FilesTest, ALargeFilePassesAlthoughEverythingIsKilledInTheMiddle) {
  two();
  const std::string source = scratch.file("large.bin");
  const Digest digest = make_file(source, large);
  const double mib = static_cast<double>(large) / a_mebibyte;
  std::map<std::string, std::uint64_t> peaks;
  // Each process against itself at rest; one that was started again in the middle, against the one before it.
  const auto idle_of = [](const Device& d) {
    std::map<bool, std::uint64_t> idle;  // is it the daemon?
    for (const auto& [pid, kib] : memory(d, "VmRSS")) idle[pid == d.pid()] = kib;
    return idle;
  };
  const auto note = [&](const Device& d, const std::string& who, const std::map<bool, std::uint64_t>& idle) {
    for (const auto& [pid, kib] : memory(d, "VmHWM")) {
      const bool daemon = pid == d.pid();
      auto& peak = peaks[who + (daemon ? " daemon" : " worker")];
      peak = std::max(peak, kib > idle.at(daemon) ? kib - idle.at(daemon) : 0);
    }
  };
  const auto sender_idle = idle_of(laptop), receiver_idle = idle_of(desktop);

  auto start = Clock::now();
  const std::string message = must(send_path(laptop, thread, source), "SendFile");
  const double sealing = seconds_since(start);
  std::filesystem::remove(source);  // it is all on disk
  std::optional<std::string> part;
  wait_until([&] { return size_of(part = only_file(blobs(), ".part")) >= large / 4; }, "a quarter of the file");
  note(laptop, "sender", sender_idle);
  laptop.kill_all();
  ASSERT_TRUE(part = only_file(blobs(), ".part")) << "the transfer was over already";
  const std::uint64_t carried = size_of(part);
  EXPECT_LT(carried, large);
  // What is spoilt here is in the spool already. Were it carried again, nothing would open.
  spoil(staged(laptop, ".out"), a_mebibyte);

  start = Clock::now();
  laptop.start();
  const bus::Dict event = wait_for_file(desktop);
  const double uploading = seconds_since(start);
  note(laptop, "sender", sender_idle);
  EXPECT_EQ(std::get<std::vector<std::uint64_t>>(event.at("file_sizes")), std::vector<std::uint64_t>{large});
  EXPECT_EQ(std::get<std::vector<std::string>>(event.at("file_names")), std::vector<std::string>{"large.bin"});
  wait_until([&] { return staged(laptop, ".out").empty(); }, "the staged file to go");
  const bus::Dict moved = laptop.properties(message, "Message1");
  EXPECT_EQ(moved.at("BytesDone"), moved.at("BytesTotal"));

  UniqueFd pipe = must(open_file(desktop, event), "OpenFile");
  const auto fetched = [&] { return size_of(only_file(desktop.state_folder() + "/blobs", ".in")); };
  const Read first = read_all(pipe.get(), [&](std::uint64_t) { return fetched() >= large / 4; });
  note(desktop, "receiver", receiver_idle);
  desktop.kill_all();
  const std::uint64_t there = fetched();
  EXPECT_GE(there, large / 4);
  EXPECT_LT(there, large) << "the transfer was over already";
  spoil(*only_file(blobs(), ""), a_mebibyte);  // as above
  EXPECT_LT(first.size + read_all(pipe.get()).size, large) << "the pipe is cut";

  desktop.start();
  start = Clock::now();
  pipe = must(open_file(desktop, event), "OpenFile");
  const Read second = read_all(pipe.get());
  const double reading = seconds_since(start);
  note(desktop, "receiver", receiver_idle);
  EXPECT_EQ(second.size, large);
  EXPECT_EQ(second.digest, digest);
  EXPECT_EQ(std::get<std::uint32_t>(file_state(desktop, path_of(event)).at("state")), 4u);

  std::printf(
      "  %.0f MiB: read, sealed and synced at %.0f MB/s; put from %.0f MiB on at %.0f MB/s with the daemon's start;\n"
      "  fetched from %.0f MiB on, opened and read at %.0f MB/s\n",
      mib, mib * 1.048576 / sealing, static_cast<double>(carried) / a_mebibyte,
      static_cast<double>(large - carried) / 1e6 / uploading, static_cast<double>(there) / a_mebibyte,
      mib * 1.048576 / reading);
  for (const auto& [who, kib] : peaks) {
    std::printf("  %s: %.1f MiB above idle at its peak\n", who.c_str(), static_cast<double>(kib) / 1024);
    EXPECT_LE(kib, measured ? allowed_kib : UINT64_MAX) << who;
  }
}

TEST_F(FilesTest, EveryDeviceOfBothHasTheFileAndNothingLiesInClear) {
  two();
  phone.set_up();
  phone.join(laptop);
  const std::string source = plain_file("letter.txt", 300'000);
  const Digest digest = read_all(UniqueFd(::open(source.c_str(), O_RDONLY)).get()).digest;
  const std::string message =
      must(send_path(laptop, thread, source, {{"text", std::string("as promised")}, {"width", 3u}, {"height", 4u}}),
           "SendFile");
  for (Device* device : {&phone, &desktop}) {
    const bus::Dict event = wait_for_file(*device);
    EXPECT_EQ(std::get<std::string>(event.at("text")), "as promised");
    EXPECT_EQ(path_of(event), message);
    EXPECT_EQ(std::get<std::uint32_t>(file_state(*device, message).at("state")), 2u);
    const Read read = read_file_of(*device, event);
    EXPECT_EQ(read.size, 300'000u) << device->address();
    EXPECT_EQ(read.digest, digest) << device->address();
    const bus::Dict file = file_state(*device, message);
    EXPECT_EQ(std::get<std::uint32_t>(file.at("state")), 4u);
    EXPECT_EQ(std::get<std::string>(file.at("name")), "letter.txt");
    EXPECT_EQ(std::get<std::uint32_t>(file.at("width")), 3u);
  }
  // The sender has given up its own copy, and fetches it like anybody.
  EXPECT_EQ(read_file_of(laptop, wait_for_file(laptop)).digest, digest);
  std::filesystem::remove(source);
  for (const std::string& folder : {spool, laptop.state_folder(), phone.state_folder(), desktop.state_folder()}) {
    const auto files = files_below(folder);
    EXPECT_FALSE(files.empty());
    for (const auto& [path, bytes] : files) {
      EXPECT_EQ(as_text(bytes).find(std::string_view(marker).substr(0, 20)), std::string_view::npos) << path;
      EXPECT_EQ(as_text(bytes).find("letter.txt"), std::string_view::npos) << path;
    }
  }
}

TEST_F(FilesTest, APipeIsReadToItsEnd) {
  two();
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd reading(ends[0]);
  const std::string text = [] {
    std::string all;
    while (all.size() < 500'000) all += marker;
    return all;
  }();
  std::thread writer([&, end = ends[1]] {
    const UniqueFd writing(end);
    for (std::size_t at = 0; at < text.size();) {
      const ssize_t n = ::write(writing.get(), text.data() + at, std::min<std::size_t>(7'001, text.size() - at));
      if (n <= 0) break;
      at += static_cast<std::size_t>(n);
    }
  });
  const auto sent = send_file(laptop, thread, reading.get(), "piped");
  writer.join();
  ASSERT_TRUE(sent) << sent.error().text;
  const Read read = read_file_of(desktop, wait_for_file(desktop));
  EXPECT_EQ(read.size, text.size());
  EXPECT_EQ(as_text(ByteView(read.head).first(43)), std::string_view(marker).substr(0, 43));
}

TEST_F(FilesTest, TheSameKeyIsOneMessage) {
  two();
  const std::string source = plain_file("once.txt", 100'000);
  const bus::Dict key{{"idempotency-key", std::string("once")}};
  const std::string first = must(send_path(laptop, thread, source, key), "SendFile");
  EXPECT_EQ(must(send_path(laptop, thread, source, key), "SendFile"), first);
  (void)wait_for_file(desktop);
  EXPECT_EQ(must(send_path(laptop, thread, source, key), "SendFile"), first);
  EXPECT_EQ(laptop.history(thread).size(), 1u);
}

TEST_F(FilesTest, WithoutABridgeThatKeepsFilesSmallOnesGoAndLargeOnesAreRefusedInWords) {
  without_blobs();
  two();
  const std::string small = plain_file("small.txt", 20'000);
  const Digest digest = read_all(UniqueFd(::open(small.c_str(), O_RDONLY)).get()).digest;
  must(send_path(laptop, thread, small), "SendFile");
  const bus::Dict event = wait_for_file(desktop);
  EXPECT_EQ(std::get<std::uint32_t>(file_state(desktop, path_of(event)).at("state")), 4u);
  EXPECT_EQ(read_file_of(desktop, event).digest, digest);
  EXPECT_FALSE(std::filesystem::exists(blobs()) && !std::filesystem::is_empty(blobs()));

  const auto refused = send_path(laptop, thread, plain_file("big.txt", 40'000));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::too_large);
  EXPECT_THAT(refused.error().text, testing::HasSubstr("bridge"));
  EXPECT_EQ(staged(laptop, ""), "") << "nothing is left of it";
  EXPECT_EQ(laptop.history(thread).size(), 1u);
}

TEST_F(FilesTest, WhatIsNoFileIsRefused) {
  two();
  const UniqueFd folder(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
      device(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(test::code(send_file(laptop, thread, folder.get(), "x")), Errc::malformed);
  EXPECT_EQ(test::code(send_file(laptop, thread, device.get(), "x")), Errc::malformed);
  const std::string source = plain_file("x", 10);
  const UniqueFd write_only(::open(source.c_str(), O_WRONLY | O_CLOEXEC)),
      fine(::open(source.c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(test::code(send_file(laptop, thread, write_only.get(), "x")), Errc::malformed);
  for (const char* const name : {"", "..", "a/b", "/etc/passwd", "a\nb"})
    EXPECT_EQ(test::code(send_file(laptop, thread, fine.get(), name)), Errc::malformed) << name;
  EXPECT_EQ(test::code(send_file(laptop, thread, fine.get(), "x", {{"unheard-of", true}})), Errc::unsupported);
  EXPECT_EQ(staged(laptop, ""), "");
}

// --- Attacks: what a server can do with what it keeps. Each is an end of the pipe before the file's, and words.

struct HostileServer : FilesTest {
  bus::Dict event;
  std::string blob;
  static constexpr std::size_t size = 400'000;

  void sent() {
    two();
    must(send_path(laptop, thread, plain_file("file.bin", size)), "SendFile");
    event = wait_for_file(desktop);
    blob = *only_file(blobs(), "");
  }
  // The pipe ends early, within a bounded time, with this in the words.
  void expect_cut(const std::string& words) {
    const Read read = read_file_of(desktop, event);
    EXPECT_LT(read.size, size);
    const bus::Dict file = file_state(desktop, path_of(event));
    EXPECT_EQ(std::get<std::uint32_t>(file.at("state")), 5u);
    EXPECT_THAT(std::get<std::string>(file.at("error")), testing::HasSubstr(words));
  }
};

TEST_F(HostileServer, BlobChanged) {
  sent();
  spoil(blob, 1);
  expect_cut("not what was sent");
}

TEST_F(HostileServer, BlobChangedInTheMiddle) {
  sent();
  Bytes bytes = read_file(blob);
  bytes[200'000] ^= 1;
  write_file(blob, bytes);
  const Read read = read_file_of(desktop, event);
  EXPECT_EQ(read.size, 3u * 65536) << "what stands before the change is genuine";
}

TEST_F(HostileServer, BlobTruncated) {
  sent();
  std::filesystem::resize_file(blob, 2 * (65536 + 16));  // between two chunks
  expect_cut("ends before its end");
}

TEST_F(HostileServer, BlobWithheld) {
  sent();
  std::filesystem::remove(blob);
  expect_cut("no such file");
}

TEST_F(HostileServer, BlobSwapped) {
  sent();
  const std::string first = blob;
  must(send_path(laptop, thread, plain_file("other.bin", size)), "SendFile");
  wait_until([&] { return desktop.fetch(0).events.size() >= 2 && only_file(blobs(), ".part") == std::nullopt; },
             "another file");
  std::vector<std::string> both;
  for (const auto& entry : std::filesystem::directory_iterator(blobs())) both.push_back(entry.path());
  ASSERT_EQ(both.size(), 2u);
  const std::string other = both[0] == first ? both[1] : both[0];
  std::filesystem::copy_file(other, first, std::filesystem::copy_options::overwrite_existing);
  expect_cut("not what was sent");
}

// A huge file in the blob's place: bounded time, memory and disk.
TEST_F(HostileServer, BlobBomb) {
  sent();
  std::filesystem::resize_file(blob, std::uint64_t{1} << 40);
  const auto idle = of_status(desktop.pid(), "VmHWM");
  const auto start = Clock::now();
  expect_cut("larger than its sender said");
  EXPECT_LT(seconds_since(start), 30);
  EXPECT_LT(of_status(desktop.pid(), "VmHWM"), measured ? idle + allowed_kib : UINT64_MAX);
  for (const auto& entry : std::filesystem::directory_iterator(desktop.state_folder() + "/blobs"))
    EXPECT_LE(entry.file_size(), size + size / 8) << entry.path();
}

// A server that is mended serves the file again: what was fetched and did not open was thrown away.
TEST_F(HostileServer, WhatWasSpoiltIsFetchedAgainOnceItIsRight) {
  sent();
  const Bytes right = read_file(blob);
  spoil(blob, 1);
  expect_cut("not what was sent");
  write_file(blob, right);
  EXPECT_EQ(read_file_of(desktop, event).size, size);
}

}  // namespace
}  // namespace bud::test
