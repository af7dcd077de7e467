#include "blobs/downloads.h"

#include "core/files.h"

#include <sys/stat.h>
#include <unistd.h>

namespace bud::blobs {
namespace {

constexpr unsigned struck_out = 2;     // once for what an earlier run may have left, once for itself
constexpr unsigned most_standing = 8;  // answers without a byte more
constexpr Duration patience = minutes(5);

}  // namespace

// By its kind, a place is for every bridge of that kind: which of two shared folders is meant, none of the two can say.
std::vector<Downloads::Source> Downloads::sources(const Item& item) const {
  std::vector<Source> all;
  const auto bridges = bridges_.list();
  for (const std::string& location : item.locations) {
    const std::size_t colon = location.find(':');
    if (colon == std::string::npos) continue;
    for (const auto& bridge : bridges)
      if (bridge.kind == location.substr(0, colon)) all.emplace_back(bridge.name, location.substr(colon + 1));
  }
  return all;
}

Result<std::string> Downloads::want(const wire::Blob& blob) {
  if (blob.size > largest_received)
    return bud::fail(Errc::too_large, "the file is said to be larger than 16 GiB: it is not fetched");
  if (blob.locations.empty()) return bud::fail(Errc::malformed, "the message does not say where its file is");
  const std::string name = name_of(blob);
  const auto [found, fresh] = items_.try_emplace(name, random_);
  Item& item = found->second;
  ++item.readers;
  if (!fresh) return name;
  item.locations = blob.locations;
  item.total = core::sealed_blob_size(blob.size);
  item.there = staging_.received(name);
  Result<UniqueFd> target = staging_.receive(name);
  const auto undo = [&](const Error& why) {
    items_.erase(name);
    return tl::unexpected<Error>(why);
  };
  if (!target) return undo(target.error());
  item.target = std::move(*target);
  if (item.there > item.total) item.there = ::ftruncate(item.target.get(), 0) == 0 ? 0 : item.total;
  if (item.there == item.total) return name;
  if (sources(item).empty())
    return undo({Errc::offline, "none of this device's bridges leads to where the file is kept"});
  std::set<std::string> in_use;
  for (const auto& [one, used] : items_) in_use.insert(one);
  staging_.make_room(item.total - item.there, in_use);
  next(name);
  return name;
}

void Downloads::release(const std::string& name) {
  const auto found = items_.find(name);
  if (found == items_.end() || --found->second.readers > 0) return;
  if (found->second.asked) return;  // until its answer, so that nobody begins anew behind its back
  items_.erase(found);
  std::set<std::string> in_use;
  for (const auto& [one, used] : items_) in_use.insert(one);
  staging_.make_room(0, in_use);
}

void Downloads::distrust(const std::string& name, std::uint64_t offset) {
  const auto found = items_.find(name);
  if (found == items_.end()) return;
  Item& item = found->second;
  if (item.there <= offset) return;
  // Whoever's turn it was gave it, or an earlier run has left it.
  const std::vector<Source> all = sources(item);
  if (!all.empty()) ++item.strikes[all[item.turn % all.size()]];
  ++item.turn;
  item.words = "what is kept there is not what was sent";
  if (item.asked) {
    item.cut = std::min(offset, item.cut.value_or(offset));
    item.there = offset;
    return;
  }
  if (::ftruncate(item.target.get(), static_cast<off_t>(offset)) != 0)
    return fail(name, {Errc::storage, "the state folder cannot be written"});
  item.there = offset;
  item.timer.reset();
  next(name);
}

void Downloads::retry_now() {
  for (auto& [name, item] : items_) {
    if (!item.timer) continue;
    const std::string due = name;
    item.backoff.reset();
    item.timer = timers_.defer([this, due] {
      const auto found = items_.find(due);
      if (found == items_.end()) return;
      found->second.timer.reset();
      if (!found->second.asked) next(due);
    });
  }
}

void Downloads::removed(const std::string& bridge) {
  std::vector<std::string> broken;
  for (auto& [name, item] : items_) {
    if (!item.asked || item.asked->first != bridge) continue;
    item.asked.reset();
    broken.push_back(name);
  }
  for (const std::string& name : broken) {
    if (items_.at(name).readers == 0)
      items_.erase(name);
    else
      wait(name, {});
  }
}

std::optional<Downloads::State> Downloads::state(const std::string& name) const {
  const auto found = items_.find(name);
  if (found == items_.end()) return std::nullopt;
  return State{found->second.there, found->second.total};
}

void Downloads::next(const std::string& name) {
  const auto found = items_.find(name);
  if (found == items_.end()) return;
  Item& item = found->second;
  if (item.asked || item.readers == 0 || item.there >= item.total) return;
  const std::vector<Source> all = sources(item);
  std::size_t tried = 0;
  while (tried < all.size() && item.strikes[all[item.turn % all.size()]] >= struck_out) {
    ++item.turn;
    ++tried;
  }
  if (tried == all.size()) {
    const std::string why = item.words.empty() ? "none of this device's bridges leads to where it is kept" : item.words;
    return fail(name, {item.words.empty() ? Errc::offline : Errc::not_found, "the file cannot be fetched: " + why});
  }
  const Source source = all[item.turn % all.size()];
  item.asked = source;
  bridges_.get_blob(source.first, {source.second, item.target.get(), item.there, item.total},
                    [this, name](const bridging::Answer& answer, const bridging::BlobGetState& state) {
                      answered(name, answer, state);
                    });
}

void Downloads::answered(const std::string& name, const bridging::Answer& answer, const bridging::BlobGetState& state) {
  const auto found = items_.find(name);
  if (found == items_.end() || !found->second.asked) return;
  Item& item = found->second;
  const Source source = *std::exchange(item.asked, std::nullopt);
  if (item.readers == 0) return void(items_.erase(found));
  if (item.cut) {
    if (::ftruncate(item.target.get(), static_cast<off_t>(*item.cut)) != 0)
      return fail(name, {Errc::storage, "the state folder cannot be written"});
    item.there = *std::exchange(item.cut, std::nullopt);
    return next(name);
  }
  struct stat info {};
  if (::fstat(item.target.get(), &info) != 0) return fail(name, {Errc::storage, "the state folder cannot be read"});
  auto size = static_cast<std::uint64_t>(info.st_size);
  if (size > item.total) {
    // More than was asked for: a bridge that does not keep to its interface.
    item.strikes[source] = struck_out;
    if (::ftruncate(item.target.get(), static_cast<off_t>(item.there)) != 0)
      return fail(name, {Errc::storage, "the state folder cannot be written"});
    size = item.there;
  }
  const bool came = size > item.there;
  item.there = size;
  judge(item, source, answer, state, came);
  if (came) observer_.blob_moved(name, item.there, item.total);
  // Whoever was told may have dropped it, or thrown some of it away.
  const auto still = items_.find(name);
  if (still == items_.end() || still->second.asked || still->second.there >= still->second.total) return;
  if (came || still->second.strikes[source] >= struck_out) return next(name);
  wait(name, answer.retry_after);
}

void Downloads::judge(Item& item, const Source& source, const bridging::Answer& answer,
                      const bridging::BlobGetState& state, bool came) {
  if (came) {
    item.standing = 0;
    item.waited = {};
    item.backoff.reset();
  }
  switch (answer.status) {
    case BUD_OK:
      if (state.end && item.there < item.total) {
        item.strikes[source] = struck_out;
        item.words = "it ends before its end";
      } else if (!came && ++item.standing >= most_standing) {
        item.strikes[source] = struck_out;
        item.words = "nothing comes";
      }
      return;
    case BUD_GONE:
    case BUD_TOO_LARGE:
    case BUD_INVALID:
    case BUD_NO_SUCH_DEVICE:
      item.strikes[source] = struck_out;
      item.words = answer.words;
      return;
    default:
      ++item.turn;
      if (!answer.words.empty()) item.words = answer.words;
  }
}

void Downloads::wait(const std::string& name, Duration at_least) {
  const auto found = items_.find(name);
  if (found == items_.end()) return;
  Item& item = found->second;
  const Duration pause = item.backoff.next(at_least);
  item.waited = Duration{item.waited.ms + pause.ms};
  if (item.waited > patience) return fail(name, {Errc::offline, "the file does not come: " + item.words});
  item.timer = timers_.after(pause, [this, name] {
    const auto due = items_.find(name);
    if (due == items_.end()) return;
    const bridging::Timer fired = std::move(due->second.timer);
    next(name);
  });
}

void Downloads::fail(const std::string& name, const Error& why) {
  // From the loop: whoever wanted it may still be about to hear its name.
  const auto found = items_.find(name);
  if (found == items_.end()) return;
  found->second.timer = timers_.defer([this, name, why] {
    const auto due = items_.find(name);
    if (due == items_.end()) return;
    const bridging::Timer fired = std::move(due->second.timer);
    items_.erase(due);
    observer_.blob_failed(name, why);
  });
}

}  // namespace bud::blobs
