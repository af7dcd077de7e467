// A spool folder that others have filled: files, links, folders and pipes under any names, with anything in them. The
// bridge looks an address up and takes its mail; an input says what lies there.
#include "fuzz/support/feed.h"
#include "fuzz/support/harness.h"
#include "spool/directory.h"
#include "spool/mailbox.h"
#include "spool/names.h"
#include "support/scratch_folder.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <map>
#include <set>

namespace bud::fuzz {
namespace {

namespace fs = std::filesystem;

const std::string own = "00112233445566ff";
constexpr std::size_t most_files = 16;

enum Kind : std::uint8_t { file, link, folder_kind, pipe, empty_file, oversized, kind_count };

// What lies where, as it was put there.
struct Laid {
  Kind kind;
  Bytes bytes;
};
using Contents = std::map<std::string, Laid>;

std::string any_name(Feed& feed, bool batches) {
  const std::uint8_t how = feed.u8();
  char digits[40];
  if (how % 4 == 0) {
    std::string free(as_text(feed.chunk()));
    for (char& c : free)
      if (c == '/' || c == '\0') c = '_';
    if (free.empty() || free == "." || free == ".." || free.size() > 250) free = "other";
    return free;
  }
  std::snprintf(digits, sizeof digits, "%016x", how);
  return batches ? spool::batch_name(feed.u8(), digits) : std::string(digits);
}

Bytes any_batch(Feed& feed) {
  std::vector<Bytes> held;
  for (std::size_t n = 1 + feed.below(4); n > 0; --n) held.push_back(Bytes(1 + feed.u16() % 2000u, feed.u8()));
  std::vector<bud_bytes> copies;
  for (const Bytes& one : held) copies.push_back({one.data(), static_cast<std::uint32_t>(one.size())});
  return spool::encode_batch(copies);
}

void lay(const std::string& at, Contents& contents, Feed& feed, bool batches) {
  const std::string name = any_name(feed, batches);
  const std::uint8_t choice = feed.u8();
  Laid laid{choice & 0x40 ? static_cast<Kind>(choice % kind_count) : file, {}};
  if (contents.contains(name)) return;
  const std::string path = at + "/" + name;
  switch (laid.kind) {
    case link:
      BUD_HOLDS(::symlink(choice & 0x80 ? "/etc/hostname" : own.c_str(), path.c_str()) == 0);
      break;
    case folder_kind:
      BUD_HOLDS(::mkdir(path.c_str(), 0700) == 0);
      break;
    case pipe:
      BUD_HOLDS(::mkfifo(path.c_str(), 0600) == 0);
      break;
    default: {
      if (laid.kind != empty_file) {
        const ByteView raw = choice & 0x80 ? ByteView() : feed.chunk();
        laid.bytes = batches && (choice & 0x80) ? any_batch(feed) : Bytes(raw.begin(), raw.end());
        if (laid.kind == oversized) laid.bytes.resize(spool::max_record + 1 + (batches ? spool::max_batch_file : 0));
      }
      test::write_file(path, laid.bytes);
      break;
    }
  }
  contents.emplace(name, std::move(laid));
}

bool is_record(const std::string& name, const Laid& laid) {
  return spool::is_device(name) && (laid.kind == file || laid.kind == oversized) && !laid.bytes.empty() &&
         laid.bytes.size() <= spool::max_record;
}

void check_lookup(const spool::Folder& spool, const Contents& records) {
  const auto listing = spool::lookup(spool, "alice", [](const std::string&) {});
  BUD_HOLDS(listing.has_value());
  // All records, and nothing else, in the order of their devices.
  std::vector<Bytes> want;
  for (const auto& [name, laid] : records)
    if (is_record(name, laid)) want.push_back(laid.bytes);
  BUD_HOLDS(listing->records == want);
  const auto fingerprint = spool::fingerprint(spool, "alice");
  BUD_HOLDS(fingerprint && *fingerprint == listing->fingerprint);
}

void check_mail(const spool::Folder& spool, const std::string& at, const Contents& mail) {
  auto box = spool::Mailbox::open(spool, own, [](const std::string&) {});
  BUD_HOLDS(box.has_value());
  BUD_HOLDS(!spool::Mailbox::open(spool, own, [](const std::string&) {}).has_value());  // one reader
  std::set<std::string> taken;
  for (std::size_t round = 0; round <= mail.size(); ++round) {
    const auto arrival = box->next();
    BUD_HOLDS(arrival.has_value());
    if (!*arrival) break;
    BUD_HOLDS((*arrival)->copies.size() <= spool::max_copies && (*arrival)->names.size() == (*arrival)->files.size());
    for (std::size_t i = 0; i < (*arrival)->names.size(); ++i) {
      const std::string& name = (*arrival)->names[i];
      BUD_HOLDS(spool::is_batch(name) && taken.insert(name).second);
      BUD_HOLDS(mail.at(name).bytes == (*arrival)->files[i] && spool::decode_batch((*arrival)->files[i]).has_value());
    }
    BUD_HOLDS(box->remove((*arrival)->names).has_value());
  }
  for (const auto& [name, laid] : mail) {
    const bool good = spool::is_batch(name) && laid.kind == file && spool::decode_batch(laid.bytes).has_value();
    BUD_HOLDS(taken.contains(name) == good);
    // What has another name is let alone; what is no batch has gone to bad/.
    std::error_code none;
    const bool there = fs::exists(fs::symlink_status(at + "/new/" + name, none));
    BUD_HOLDS(there == !spool::is_batch(name));
  }
}

}  // namespace

void run(ByteView input) {
  static const test::ScratchFolder scratch;
  const std::string path = scratch.file("spool");
  fs::remove_all(path);
  const auto spool = spool::Folder::open_or_create(path);
  BUD_HOLDS(spool.has_value());
  const std::string records_at = path + "/directory/alice", box = path + "/mail/" + own;
  fs::create_directories(records_at);
  fs::create_directories(box + "/new");
  Contents records, mail;
  Feed feed(input);
  for (std::size_t i = 0; i < most_files && !feed.empty(); ++i) {
    const bool batches = feed.flag();
    lay(batches ? box + "/new" : records_at, batches ? mail : records, feed, batches);
  }
  check_lookup(*spool, records);
  check_mail(*spool, box, mail);
  const Bytes one(20, 1);
  const bud_bytes copy{one.data(), 20};
  BUD_HOLDS(spool::put_batch(*spool, own, {&copy, 1}, 1).has_value());
  BUD_HOLDS(spool::Folder::open(path).has_value());
}

void write_seeds(Seeds& seeds) {
  using W = wire::Writer;
  const auto raw = [](W& w, std::uint8_t name, std::uint8_t choice, ByteView bytes) -> W& {
    return chunk(w.u8(0).u8(name).u8(choice), bytes);
  };
  W records;
  raw(raw(records, 1, 0, Bytes(50, 1)), 2, 0, Bytes(60, 2));
  seeds.add("records", records.bytes());
  W mail;
  mail.u8(1).u8(1).u8(5).u8(0x80).u8(2).u16(100).u8(1).u16(200).u8(2).u16(300).u8(3);
  mail.u8(1).u8(2).u8(4).u8(0x80).u8(0).u16(9).u8(9);
  seeds.add("mail", mail.bytes());
  W odd;
  for (std::uint8_t k = 0; k < kind_count; ++k) {
    odd.u8(0)
        .u8(static_cast<std::uint8_t>(k * 4 + 1))
        .u8(static_cast<std::uint8_t>(72 + k));  // 72: a multiple of six, with the bit that asks for it
    if (k == file || k == oversized) chunk(odd, Bytes(3, 3));
  }
  seeds.add("links-and-pipes", odd.bytes());
  W other;
  chunk(other.u8(0).u8(0), as_bytes("README")).u8(0);
  chunk(other, as_bytes("text"));
  chunk(other.u8(1).u8(0), as_bytes(".hidden")).u8(0);
  chunk(other, as_bytes("text"));
  seeds.add("other-names", other.bytes());
  W bad;
  chunk(bad.u8(1).u8(1).u8(1).u8(0), as_bytes("BUDSPOOL1\nnothing"));
  seeds.add("no-batch", bad.bytes());
}

}  // namespace bud::fuzz
