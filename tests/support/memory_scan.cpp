#include "support/memory_scan.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>

namespace bud::test {
namespace {

constexpr std::uint8_t mask = 0xa5;
constexpr std::size_t chunk = std::size_t{1} << 20;

std::string proc(pid_t pid, const char* file) {
  return "/proc/" + (pid == 0 ? "self" : std::to_string(pid)) + "/" + file;
}

// "7f00-8000 r-xp 00000000 fe:00 123   /path"
bool begins_mapping(const std::string& line, Mapping& mapping) {
  std::uint64_t begin = 0, end = 0;
  int at = 0;
  if (std::sscanf(line.c_str(), "%" SCNx64 "-%" SCNx64 " %*4s %*s %*s %*s %n", &begin, &end, &at) != 2) return false;
  mapping = {begin, end, line.substr(static_cast<std::size_t>(at)), 0, false, false};
  if (mapping.name.empty()) mapping.name = "anonymous";
  return true;
}

bool has_flag(const std::string& line, const char* flag) {
  return (line + " ").find(std::string(" ") + flag + " ") != std::string::npos;
}

// Text repeats letters: five different ones in sixteen are few for that, and no key has so few.
bool telling(ByteView piece) {
  return std::set<std::uint8_t>(piece.begin(), piece.end()).size() >= 5;
}

std::uint32_t start_of(const std::uint8_t* piece) {
  return static_cast<std::uint32_t>(piece[0] << 8 | piece[1]);
}

}  // namespace

std::vector<Mapping> mappings_of(pid_t pid) {
  std::ifstream in(proc(pid, "smaps"));
  std::vector<Mapping> all;
  Mapping next;
  for (std::string line; std::getline(in, line);) {
    if (begins_mapping(line, next)) {
      all.push_back(next);
    } else if (std::uint64_t kib = 0; std::sscanf(line.c_str(), "Rss: %" SCNu64, &kib) == 1 ||
                                      std::sscanf(line.c_str(), "Swap: %" SCNu64, &kib) == 1) {
      all.back().held += kib << 10;
    } else if (line.rfind("VmFlags:", 0) == 0) {
      all.back().not_dumped = has_flag(line, "dd");
      all.back().locked = has_flag(line, "lo");
    }
  }
  if (all.empty()) throw std::runtime_error("the mappings of a process cannot be read");
  return all;
}

// Memory of its own mapping, which a search through this process leaves out.
class MemoryScan::Buffer {
 public:
  Buffer()
      : bytes_(static_cast<std::uint8_t*>(
            ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
    if (bytes_ == MAP_FAILED) throw std::runtime_error("no memory to search in");
    // Else the kernel makes one mapping of this and of what lies beside it, which is to be searched.
    ::madvise(bytes_, size, MADV_DONTDUMP);
  }
  ~Buffer() { ::munmap(bytes_, size); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  std::uint8_t* bytes() const { return bytes_; }
  bool is_in(const Mapping& mapping) const {
    const auto begin = reinterpret_cast<std::uintptr_t>(bytes_);
    return begin < mapping.end && mapping.begin < begin + size;
  }
  void apply_mask(std::size_t from, std::size_t to) const {
    for (std::size_t i = from; i < to; ++i) bytes_[i] ^= mask;
  }

  static constexpr std::size_t size = chunk + piece_size;

 private:
  std::uint8_t* bytes_;
};

void MemoryScan::add(const std::string& name, ByteView secret) {
  if (secret.size() < piece_size) throw std::runtime_error("too short to be looked for: " + name);
  for (std::size_t offset = 0; offset + piece_size <= secret.size(); offset += 8) {
    if (!telling(secret.subspan(offset, piece_size))) continue;
    Piece piece{{}, name, offset};
    for (std::size_t i = 0; i < piece_size; ++i) piece.masked[i] = secret[offset + i] ^ mask;
    starts_[start_of(piece.masked.data())] = 1;
    by_start_.emplace(start_of(piece.masked.data()), pieces_.size());
    pieces_.push_back(std::move(piece));
  }
}

// The loop over every byte of a process is left uninstrumented: sanitizers would take minutes for it.
__attribute__((no_sanitize("address", "thread", "undefined"))) std::size_t MemoryScan::next_start(
    const std::uint8_t* bytes, std::size_t from, std::size_t end) const {
  const std::uint8_t* const starts = starts_.data();
  while (from < end && starts[bytes[from] << 8 | bytes[from + 1]] == 0) ++from;
  return from;
}

void MemoryScan::search(const Buffer& masked, std::size_t size, std::uint64_t address, const Mapping& where,
                        std::vector<Hit>& hits) const {
  if (size < piece_size) return;
  const std::uint8_t* const bytes = masked.bytes();
  const std::size_t end = size - piece_size + 1;
  for (std::size_t i = next_start(bytes, 0, end); i < end; i = next_start(bytes, i + 1, end)) {
    const auto [first, last] = by_start_.equal_range(start_of(bytes + i));
    for (auto one = first; one != last; ++one) {
      const Piece& piece = pieces_[one->second];
      if (std::equal(piece.masked.begin(), piece.masked.end(), bytes + i))
        hits.push_back({piece.secret, piece.offset, address + i, where});
    }
  }
}

namespace {

// Larger than the memory of any machine, and so not what a program keeps its data in.
constexpr std::uint64_t shadow_size = std::uint64_t{1} << 40;

// Which pages there are. Of a file's mapping all are looked at: what is not in memory is in the file.
class Pages {
 public:
  explicit Pages(pid_t pid) : map_(::open(proc(pid, "pagemap").c_str(), O_RDONLY | O_CLOEXEC)) {
    if (!map_) throw std::runtime_error("the pages of a process cannot be read");
  }
  bool any(const Mapping& mapping, std::uint64_t begin, std::uint64_t end) const {
    if (mapping.is_of_file()) return true;
    std::array<std::uint64_t, chunk / 4096> entries{};
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const std::uint64_t first = begin / page, n = (end - 1) / page - first + 1;
    const auto bytes = static_cast<ssize_t>(n * sizeof entries[0]);
    if (::pread(map_.get(), entries.data(), static_cast<std::size_t>(bytes),
                static_cast<off_t>(first * sizeof entries[0])) != bytes)
      return true;  // of what the kernel keeps to itself nothing is said
    return std::any_of(entries.begin(), entries.begin() + n, [](std::uint64_t entry) { return entry >> 62 != 0; });
  }

 private:
  UniqueFd map_;
};

bool holds_data(const Mapping& mapping) {
  return mapping.is_of_file() || (mapping.held > 0 && mapping.end - mapping.begin < shadow_size);
}

}  // namespace

std::vector<Hit> MemoryScan::of(pid_t pid) const {
  // Further down on the stack, so that the search does not overwrite what it looks for: what calls that have returned
  // left below the caller's frame.
  auto* const gap = static_cast<volatile char*>(__builtin_alloca(256 * 1024));
  gap[0] = 0;
  return search_all(pid);
}

std::vector<Hit> MemoryScan::search_all(pid_t pid) const {
  const UniqueFd memory(::open(proc(pid, "mem").c_str(), O_RDONLY | O_CLOEXEC));
  if (!memory) throw std::runtime_error("the memory of a process may not be read");
  const Pages pages(pid);
  const Buffer buffer;
  std::vector<Hit> hits;
  std::uint64_t read_in_all = 0;
  for (const Mapping& mapping : mappings_of(pid)) {
    if ((pid == 0 && buffer.is_in(mapping)) || !holds_data(mapping)) continue;
    // Of one chunk the last bytes are looked at again with the next, since a secret may lie across.
    std::size_t kept = 0;
    for (std::uint64_t at = mapping.begin; at < mapping.end;) {
      const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(chunk, mapping.end - at));
      if (!pages.any(mapping, at, at + wanted)) {
        at += wanted;
        kept = 0;
        continue;
      }
      const ssize_t n = ::pread(memory.get(), buffer.bytes() + kept, wanted, static_cast<off_t>(at));
      if (n <= 0) break;  // guard pages, and what the kernel keeps to itself
      const auto got = static_cast<std::size_t>(n);
      read_in_all += got;
      buffer.apply_mask(kept, kept + got);
      search(buffer, kept + got, at - kept, mapping, hits);
      const std::size_t keep = std::min(kept + got, piece_size - 1);
      std::copy(buffer.bytes() + kept + got - keep, buffer.bytes() + kept + got, buffer.bytes());
      kept = keep;
      at += got;
    }
  }
  if (read_in_all == 0) throw std::runtime_error("the memory of a process may not be read");
  return hits;
}

std::vector<Hit> MemoryScan::of_file(const std::string& path) const {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) throw std::runtime_error("cannot read " + path);
  const Buffer buffer;
  std::vector<Hit> hits;
  std::size_t kept = 0;
  for (std::uint64_t at = 0;;) {
    const ssize_t n = ::pread(file.get(), buffer.bytes() + kept, chunk, static_cast<off_t>(at));
    if (n <= 0) break;
    const auto got = static_cast<std::size_t>(n);
    buffer.apply_mask(kept, kept + got);
    search(buffer, kept + got, at - kept, {0, 0, path, 0, false, false}, hits);
    const std::size_t keep = std::min(kept + got, piece_size - 1);
    std::copy(buffer.bytes() + kept + got - keep, buffer.bytes() + kept + got, buffer.bytes());
    kept = keep;
    at += got;
  }
  return hits;
}

std::string describe(const std::vector<Hit>& hits) {
  struct Place {
    std::set<std::uint64_t> addresses;
    const Hit* first = nullptr;
  };
  std::map<std::pair<std::string, std::string>, Place> places;
  for (const Hit& hit : hits) {
    Place& place = places[{hit.secret, hit.where.name}];
    place.addresses.insert(hit.address);
    if (place.first == nullptr) place.first = &hit;
  }
  std::ostringstream out;
  for (const auto& [key, place] : places) {
    out << key.first << ": " << place.addresses.size() << " pieces of it in " << key.second << ", its byte "
        << place.first->offset << " at " << std::hex << place.first->address << std::dec << "\n";
  }
  return out.str();
}

}  // namespace bud::test
