#include "sim/post.h"

namespace bud::sim {
namespace {

constexpr std::size_t remembered_mail = 64, remembered_shelves = 16;

void turn_a_bit(Bytes& bytes, Dice& dice) {
  if (!bytes.empty()) bytes[dice.below(bytes.size())] ^= static_cast<std::uint8_t>(1u << dice.below(8));
}

}  // namespace

const char* name(Lie lie) {
  static constexpr const char* names[lie_count] = {"none",         "silence",       "nothing",        "withholds one", "old",
                                                   "ghost device", "other account", "second account", "garbage"};
  return names[static_cast<std::size_t>(lie)];
}

void PostCounts::add(const PostCounts& o) {
  pushed += o.pushed, lost += o.lost, doubled += o.doubled, garbled += o.garbled, replayed += o.replayed;
  forgotten += o.forgotten, refused += o.refused, unclear += o.unclear;
  for (std::size_t i = 0; i < lie_count; ++i) lies[i] += o.lies[i];
}

void Post::deposit(const std::string& device, Bytes copy) {
  const Duration delay{dice_.below(weather.delay.ms + 1)};
  mail_[device].emplace(next_++, Item{std::move(copy), now_ + delay});
  ring(device, delay);
}

void Post::ring(const std::string& device, Duration in) {
  if (const auto bell = bells_.find(device); bell != bells_.end() && bell->second) bell->second(in);
}

std::optional<Duration> Post::next_due(const std::string& who) const {
  std::optional<Duration> least;
  if (const auto box = mail_.find(who); box != mail_.end())
    for (const auto& [number, item] : box->second) {
      const Duration in = elapsed(now_, item.due);
      if (!least || in < *least) least = in;
    }
  return least;
}

void Post::cut(const std::string& device) {
  cut_off.insert(device);
  ring(device, {});
}

void Post::mend(const std::string& device) {
  cut_off.erase(device);
  ring(device, {});
}

void Post::mend_all() {
  for (const std::string& device : std::set<std::string>(cut_off)) mend(device);
}

core::PushStatus Post::push(const std::string& who, const core::OutboxItem& item) {
  using core::PushStatus;
  if (cut_off.contains(who) || dice_.percent(weather.refused)) return ++counts_.refused, PushStatus::retry_later;
  const bool unclear = dice_.percent(weather.unclear);
  if (unclear) ++counts_.unclear;
  if (unclear && dice_.percent(50)) return PushStatus::unknown_outcome;  // and it has not taken it
  const PushStatus answer = unclear ? PushStatus::unknown_outcome : PushStatus::ok;
  if (!directory_[item.address].contains(item.device)) return PushStatus::no_such_device;
  if (idempotent_ && !taken_.insert({who, item.id}).second) return answer;
  ++counts_.pushed;
  if (some_mail_.size() < remembered_mail)
    some_mail_.push_back(item.envelope);
  else
    some_mail_[dice_.below(remembered_mail)] = item.envelope;
  if (dice_.percent(weather.loss)) return ++counts_.lost, answer;
  Bytes copy = item.envelope;
  if (dice_.percent(weather.garbled)) ++counts_.garbled, turn_a_bit(copy, dice_);
  if (dice_.percent(weather.doubled)) ++counts_.doubled, deposit(item.device, copy);
  if (dice_.percent(weather.replayed)) ++counts_.replayed, deposit(item.device, dice_.pick(some_mail_));
  deposit(item.device, std::move(copy));
  return answer;
}

std::optional<Post::Batch> Post::take(const std::string& who, std::size_t max) {
  if (cut_off.contains(who)) return std::nullopt;
  std::vector<std::uint64_t> numbers;
  auto& box = mail_[who];
  for (const auto& [number, item] : box)
    if (item.due <= now_ && numbers.size() < max) numbers.push_back(number);
  if (numbers.empty()) return std::nullopt;
  if (weather.reorder) dice_.shuffle(numbers);
  Batch batch;
  for (const std::uint64_t n : numbers) batch.copies.push_back(box.at(n).copy);
  const std::uint64_t cursor = next_++;
  handed_out_[who] = {{cursor, std::move(numbers)}};
  for (int shift = 56; shift >= 0; shift -= 8) batch.cursor.push_back(static_cast<std::uint8_t>(cursor >> shift));
  return batch;
}

void Post::acknowledge(const std::string& who, ByteView cursor) {
  std::uint64_t n = 0;
  for (const std::uint8_t b : cursor) n = n << 8 | b;
  const auto batch = handed_out_[who].extract(n);
  if (batch.empty()) return;
  for (const std::uint64_t number : batch.mapped()) mail_[who].erase(number);
}

bool Post::publish(const std::string& who, const core::Publication& record) {
  if (cut_off.contains(who)) return false;
  Shelf& shelf = directory_[record.address];
  auto& history = history_[record.address];
  history.push_back(shelf);
  if (history.size() > remembered_shelves) history.erase(history.begin());
  shelf[record.device] = record.record;
  return true;
}

std::optional<wire::Record> Post::record_of(const std::string& address, const std::string& device) const {
  const auto shelf = directory_.find(address);
  if (shelf == directory_.end() || !shelf->second.contains(device)) return std::nullopt;
  auto record = wire::decode_and_verify_record(shelf->second.at(device));
  return record ? std::optional<wire::Record>(std::move(*record)) : std::nullopt;
}

std::optional<Post::Served> Post::look_up(const std::string& who, const std::string& address) {
  if (cut_off.contains(who)) return std::nullopt;
  const auto told = lies_.find(address);
  Served served;
  served.lie = told == lies_.end() ? Lie::none : told->second;
  Shelf shelf = directory_[address];
  std::unique_ptr<Ghost>& ghost = ghosts_[address];
  if (!ghost) ghost = std::make_unique<Ghost>(dice_.bytes());
  switch (served.lie) {
    case Lie::none:
      break;
    case Lie::silence:
      ++counts_.lies[static_cast<std::size_t>(served.lie)];
      return std::nullopt;
    case Lie::nothing:
      shelf.clear();
      break;
    case Lie::withholds_one:
      if (!shelf.empty()) shelf.erase(std::next(shelf.begin(), static_cast<std::ptrdiff_t>(dice_.below(shelf.size()))));
      break;
    case Lie::old:
      if (!history_[address].empty()) shelf = dice_.pick(history_[address]);
      break;
    case Lie::ghost_device:
      for (const auto& [device, bytes] : shelf) {
        auto real = wire::decode_and_verify_record(bytes);
        if (!real) continue;
        shelf["ghost"] = ghost->record_beside(*real, now_);
        served.ghost = ghost->device();
        break;
      }
      break;
    case Lie::other_account:
      shelf.clear();
      [[fallthrough]];
    case Lie::second_account:
      shelf["ghost"] = ghost->record_of_own(bridge_ + ":" + address, now_);
      break;
    case Lie::garbage:
      for (auto& [device, bytes] : shelf)
        if (dice_.percent(70)) turn_a_bit(bytes, dice_);
      shelf["garbage"] = Bytes(dice_.below(200), static_cast<std::uint8_t>(dice_.below(256)));
      break;
  }
  ++counts_.lies[static_cast<std::size_t>(served.lie)];
  for (auto& [device, record] : shelf) served.records.push_back(std::move(record));
  return served;
}

void Post::clear(const std::string& address) {
  directory_.erase(address);
  history_.erase(address);
}

void Post::forget(const std::string& device) {
  counts_.forgotten += mail_[device].size();
  mail_[device].clear();
}

}  // namespace bud::sim
