#include "spool/mailbox.h"

#include "spool/names.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>

namespace spool {
namespace {

constexpr std::size_t max_waiting = 4096;  // names held in memory at a time
constexpr std::size_t enough_bytes = 1024 * 1024;
constexpr std::size_t max_set_aside = 100;

Outcome<Fd> lock(int box, const Log& log) {
  Fd fd(openat(box, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
  if (!fd.open()) return errno_failure("the lock of the mailbox");
  if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno == EWOULDBLOCK)
    return failure(BUD_RETRY_LATER, "another process reads this device's mailbox; was its state copied?");
  log(std::string("the spool's file system keeps no locks: ") + std::strerror(errno));
  return fd;
}

}  // namespace

Outcome<void> put_batch(const Folder& folder, const std::string& device, std::span<const bud_bytes> copies,
                        std::uint64_t now_ms) {
  if (!is_device(device)) return failure(BUD_NO_SUCH_DEVICE, "no device of a spool");
  Fd box = open_folder(folder.mail(), device);
  Fd target = box.open() ? open_folder(box.get(), "new") : Fd();
  if (!target.open() && errno != ENOENT) return errno_failure("the mailbox " + device);
  if (!target.open()) {
    Outcome<Folder> again = Folder::open(folder.path());  // else ENOENT says nothing about the device
    if (!again) return tl::unexpected<Failure>(again.error());
    if (again->identity() != folder.identity()) return failure(BUD_RETRY_LATER, "the spool was exchanged meanwhile");
    return failure(BUD_NO_SUCH_DEVICE, "no such device");
  }
  const std::optional<std::string> random = random_hex16();
  if (!random) return failure(BUD_RETRY_LATER, "the kernel's random generator failed");
  return folder.put(target.get(), batch_name(now_ms, *random), encode_batch(copies));
}

Outcome<Mailbox> Mailbox::open(const Folder& folder, const std::string& device, const Log& log) {
  Mailbox mailbox;
  mailbox.log_ = log;
  Outcome<Fd> box = folder.make_folder(folder.mail(), device, folder.own_folder_mode());
  if (!box) return tl::unexpected<Failure>(box.error());
  mailbox.box_ = std::move(*box);
  Outcome<Fd> locked = lock(mailbox.box_.get(), log);
  if (!locked) return tl::unexpected<Failure>(locked.error());
  mailbox.lock_ = std::move(*locked);
  Outcome<Fd> arrivals = folder.make_folder(mailbox.box_.get(), "new", folder.shared_folder_mode());
  if (!arrivals) return tl::unexpected<Failure>(arrivals.error());
  mailbox.new_ = std::move(*arrivals);
  return mailbox;
}

// The smallest names, of however many there are.
Outcome<void> Mailbox::refill() {
  Outcome<> listed = list_names(new_.get(), [&](std::string_view name) {
    if (!is_batch(name)) return true;
    if (waiting_.size() == max_waiting) {
      if (name >= waiting_.front()) return true;
      std::pop_heap(waiting_.begin(), waiting_.end());
      waiting_.pop_back();
    }
    waiting_.emplace_back(name);
    std::push_heap(waiting_.begin(), waiting_.end());
    return true;
  });
  std::sort(waiting_.begin(), waiting_.end(), std::greater<>());
  return listed;
}

Outcome<std::optional<Arrival>> Mailbox::next() {
  // A second and third round where a flood of garbage has pushed the real ones out of the first.
  for (int round = 0; round < 3; ++round) {
    if (waiting_.empty()) {
      if (Outcome<> filled = refill(); !filled) return tl::unexpected<Failure>(filled.error());
    }
    if (waiting_.empty()) break;
    Outcome<Arrival> arrival = gather();
    if (!arrival) return tl::unexpected<Failure>(arrival.error());
    if (!arrival->names.empty()) return std::optional<Arrival>(std::move(*arrival));
  }
  return std::optional<Arrival>();
}

Outcome<Arrival> Mailbox::gather() {
  Arrival arrival;
  std::size_t bytes = 0;
  while (!waiting_.empty()) {
    const std::string name = waiting_.back();
    auto file = read_file(new_.get(), name, max_batch_file);
    if (!file && file.error().problem == ReadProblem::failed) {
      if (!arrival.names.empty()) break;  // what was read goes first
      return failure(BUD_RETRY_LATER, "the batch " + name + " cannot be read: " + file.error().words);
    }
    auto copies = file ? decode_batch(file->bytes) : failure(BUD_INVALID, file.error().words);
    if (!copies) {
      waiting_.pop_back();
      if (file || file.error().problem != ReadProblem::gone) set_aside(name, copies.error().words);
      continue;
    }
    bytes += file->bytes.size();
    if (!arrival.names.empty() && (arrival.copies.size() + copies->size() > max_copies || bytes > enough_bytes)) break;
    waiting_.pop_back();
    arrival.names.push_back(name);
    arrival.files.push_back(std::move(file->bytes));  // moving a vector leaves its bytes where they are
    arrival.copies.insert(arrival.copies.end(), copies->begin(), copies->end());
  }
  return arrival;
}

// Kept for a person to look at, but not without end: whoever can put files here could fill the disk twice.
void Mailbox::set_aside(const std::string& name, const std::string& why) {
  log_("no batch, set aside: " + name + ": " + why);
  std::size_t kept = 0;
  if (mkdirat(box_.get(), "bad", 0700) != 0 && errno != EEXIST) return;
  const Fd bad = open_folder(box_.get(), "bad");
  if (!bad.open()) return;
  const Outcome<> counted = list_names(bad.get(), [&](std::string_view) { return ++kept < max_set_aside; });
  const bool keep = counted && kept < max_set_aside;
  if (keep && renameat(new_.get(), name.c_str(), bad.get(), name.c_str()) == 0) return;
  if (unlinkat(new_.get(), name.c_str(), 0) != 0 && unlinkat(new_.get(), name.c_str(), AT_REMOVEDIR) != 0)
    log_("it cannot be removed: " + std::string(std::strerror(errno)));
}

Outcome<void> Mailbox::remove(const std::vector<std::string>& names) {
  for (const std::string& name : names)
    if (unlinkat(new_.get(), name.c_str(), 0) != 0 && errno != ENOENT)
      return errno_failure("removing a batch that has been received");
  return {};
}

}  // namespace spool
