#include "spool/directory.h"

#include "spool/names.h"

#include <fcntl.h>

#include <algorithm>
#include <optional>

namespace spool {
namespace {

constexpr std::size_t max_names = 10'000;

std::string address_folder(const std::string& address) {
  return escape_address(address).value_or(std::string());
}

// The address's folder; not open where it positively does not exist.
Outcome<Fd> open_address(const Folder& folder, const std::string& address) {
  const std::string name = address_folder(address);
  if (name.empty()) return failure(BUD_INVALID, "no address of a spool");
  Fd fd = open_folder(folder.directory(), name);
  if (fd.open()) return fd;
  if (errno != ENOENT) return errno_failure("the directory of " + address);
  // The spool may have gone away since it was opened: then ENOENT says nothing about the address.
  Outcome<Folder> again = Folder::open(folder.path());
  if (!again) return tl::unexpected<Failure>(again.error());
  if (again->identity() != folder.identity()) return failure(BUD_RETRY_LATER, "the spool was exchanged meanwhile");
  return fd;
}

// Device names, sorted; what has another name is no record.
Outcome<std::vector<std::string>> device_names(int fd, const Log& log) {
  std::vector<std::string> names;
  std::size_t foreign = 0;
  bool flooded = false;
  Outcome<> listed = list_names(fd, [&](std::string_view name) {
    if (is_device(name)) {
      names.emplace_back(name);
    } else if (++foreign <= 3) {
      log("no device's name in the directory, skipped: " + std::string(name));
    }
    flooded = names.size() > max_devices || foreign > max_names;
    return !flooded;
  });
  if (!listed) return tl::unexpected<Failure>(listed.error());
  if (flooded) return failure(BUD_RETRY_LATER, "somebody has filled the directory with files; clean it up by hand");
  std::sort(names.begin(), names.end());
  return names;
}

void note(Fingerprint& all, const std::string& name, const struct stat& info) {
  for (const std::int64_t part :
       {static_cast<std::int64_t>(info.st_ino), static_cast<std::int64_t>(info.st_size),
        static_cast<std::int64_t>(info.st_mtim.tv_sec), static_cast<std::int64_t>(info.st_mtim.tv_nsec)})
    all += std::to_string(part) + ' ';
  all += name + '\n';
}

}  // namespace

Outcome<void> publish(const Folder& folder, const std::string& address, const std::string& device,
                      std::span<const std::uint8_t> record) {
  const std::string name = address_folder(address);
  if (name.empty()) return failure(BUD_INVALID, "no address of a spool");
  Outcome<Fd> target = folder.make_folder(folder.directory(), name, folder.shared_folder_mode());
  if (!target) return tl::unexpected<Failure>(target.error());
  return folder.put(target->get(), device, record);
}

Outcome<Listing> lookup(const Folder& folder, const std::string& address, const Log& log) {
  Outcome<Fd> fd = open_address(folder, address);
  if (!fd) return tl::unexpected<Failure>(fd.error());
  Listing listing;
  if (!fd->open()) return listing;
  Outcome<std::vector<std::string>> names = device_names(fd->get(), log);
  if (!names) return tl::unexpected<Failure>(names.error());
  std::size_t total = 0;
  for (const std::string& name : *names) {
    auto file = read_file(fd->get(), name, max_record);
    if (file) {
      note(listing.fingerprint, name, file->stat);
      total += file->bytes.size();
      listing.records.push_back(std::move(file->bytes));
    } else if (file.error().problem == ReadProblem::foreign) {
      log("no record in the directory, skipped: " + name + ": " + file.error().words);
    } else if (file.error().problem != ReadProblem::gone) {
      return failure(BUD_RETRY_LATER, "the record of device " + name + " cannot be read: " + file.error().words);
    }
    if (total > max_listing_bytes) return failure(BUD_RETRY_LATER, "the records at one address are over 4 MiB");
  }
  return listing;
}

Outcome<Fingerprint> fingerprint(const Folder& folder, const std::string& address) {
  Outcome<Fd> fd = open_address(folder, address);
  if (!fd) return tl::unexpected<Failure>(fd.error());
  Fingerprint all;
  if (!fd->open()) return all;
  Outcome<std::vector<std::string>> names = device_names(fd->get(), [](const std::string&) {});
  if (!names) return tl::unexpected<Failure>(names.error());
  for (const std::string& name : *names) {
    struct stat info = {};
    if (fstatat(fd->get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode) &&
        info.st_size > 0 && static_cast<std::uint64_t>(info.st_size) <= max_record)
      note(all, name, info);
  }
  return all;
}

}  // namespace spool
