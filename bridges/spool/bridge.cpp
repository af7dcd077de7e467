#include "spool/bridge.h"

#include "spool/names.h"

#include <fcntl.h>

#include <algorithm>
#include <chrono>

namespace spool {
namespace {

constexpr std::uint64_t rescan_ms = 30'000;
constexpr std::uint64_t first_away_ms = 500;
constexpr std::size_t max_watched = 64;

std::uint64_t wall_ms() {
  using namespace std::chrono;
  return static_cast<std::uint64_t>(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

template <class T>
const T* extension(const bud_host* host, const char* name) {
  return static_cast<const T*>(host->get_extension(host, name));
}

std::span<const std::uint8_t> view(bud_bytes bytes) {
  return {bytes.data, bytes.size};
}

}  // namespace

Bridge::Bridge(const bud_host* host)
    : host_(host),
      loop_(extension<bud_host_loop>(host, BUD_HOST_LOOP)),
      kv_(extension<bud_host_kv>(host, BUD_HOST_KV)),
      log_(extension<bud_host_log>(host, BUD_HOST_LOG)),
      state_(extension<bud_host_state>(host, BUD_HOST_STATE)),
      delivery_(extension<bud_host_delivery>(host, BUD_HOST_DELIVERY)),
      directory_(extension<bud_host_directory>(host, BUD_HOST_DIRECTORY)) {}

Bridge::~Bridge() {
  if (inotify_watch_ != 0) loop_->remove_fd(host_, inotify_watch_);
  if (timer_ != 0) loop_->remove_timer(host_, timer_);
}

void Bridge::complete(std::uint64_t op, const Failure& failure) {
  const bud_completion completion{sizeof completion, failure.status, 0, failure.words.c_str(), nullptr};
  host_->complete(host_, op, &completion);
}

void Bridge::complete_ok(std::uint64_t op, const void* result) {
  const bud_completion completion{sizeof completion, BUD_OK, 0, nullptr, result};
  host_->complete(host_, op, &completion);
}

void Bridge::log(std::uint32_t level, const std::string& text) const {
  log_->log(host_, level, text.c_str());
}

std::optional<std::string> Bridge::stored(const char* key) const {
  bud_bytes value{};
  if (!kv_->get(host_, key, &value)) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(value.data), value.size);
}

void Bridge::store(const char* key, std::string_view value, bud_stored_function on_disk) {
  kv_->put(host_, key, {reinterpret_cast<const std::uint8_t*>(value.data()), value.size()}, on_disk, this);
}

void Bridge::start(std::uint64_t op, const char* configuration) {
  Outcome<Config> config = parse_config(configuration);
  if (!config) return complete(op, config.error());
  config_ = std::move(*config);
  start_op_ = op;
  joined_ = stored("joined").has_value();
  watch(config_.address);
  if (const auto known = stored("device"); known && is_device(*known)) {
    device_ = *known;
    return started();
  }
  const std::optional<std::string> fresh = random_hex16();
  if (!fresh) return complete(op, {BUD_RETRY_LATER, "the kernel's random generator failed"});
  device_ = *fresh;
  store("device", device_, [](void* user, bud_status status) {
    auto* bridge = static_cast<Bridge*>(user);
    if (status == BUD_OK) return bridge->started();
    bridge->complete(bridge->start_op_, {BUD_RETRY_LATER, "the device's name could not be stored"});
  });
}

void Bridge::started() {
  bud_identity identity{};
  identity.size = sizeof identity;
  identity.address = config_.address.c_str();
  identity.device = device_.c_str();
  identity.max_envelope = max_copy;
  identity.max_batch = max_copies;
  identity.max_batch_bytes = max_copies * max_copy;
  identity.max_record = max_record;
  identity.flags = BUD_CAN_WATCH;
  identity.max_blob = max_blob;
  // The mailbox comes before the name: who knows the name may write at once, and must not find that it does not exist.
  if (const Outcome<Folder> folder = reach(); folder)
    (void)Mailbox::open(*folder, device_, [this](const std::string& line) { log(BUD_LOG_WARNING, line); });
  complete_ok(start_op_, &identity);
  if (watches_.fd() >= 0)
    inotify_watch_ = loop_->add_fd(
        host_, watches_.fd(), BUD_IO_READ,
        [](void* user, int, std::uint32_t) { static_cast<Bridge*>(user)->on_inotify(); }, this);
  poll();
}

Outcome<Folder> Bridge::reach() const {
  return joined_ ? Folder::open(config_.folder) : Folder::open_or_create(config_.folder);
}

// Opens the spool for an operation, and notices when it goes or comes back.
Outcome<Folder> Bridge::open() {
  Outcome<Folder> folder = reach();
  if (!folder) {
    went_away(folder.error());
    return folder;
  }
  if (away_.empty() && mailbox_ && folder->identity() == identity_) return folder;
  if (Outcome<> entered = enter(*folder); !entered) {
    went_away(entered.error());
    return tl::unexpected<Failure>(entered.error());
  }
  return folder;
}

Outcome<void> Bridge::enter(const Folder& folder) {
  mailbox_.reset();  // its lock first
  Outcome<Mailbox> mailbox =
      Mailbox::open(folder, device_, [this](const std::string& line) { log(BUD_LOG_WARNING, line); });
  if (!mailbox) return tl::unexpected<Failure>(mailbox.error());
  mailbox_ = std::move(*mailbox);
  identity_ = folder.identity();
  const bool news = !joined_ || !entered_ || !away_.empty();
  if (!joined_) store("joined", "1", nullptr);
  joined_ = entered_ = true;
  folder.sweep(static_cast<std::int64_t>(wall_ms() / 1000));
  sweep_blobs(folder, static_cast<std::int64_t>(wall_ms() / 1000));
  republish(folder);
  watches_.renew(config_.folder, device_, watched());
  away_.clear();
  if (news) state_->report(host_, BUD_OK, nullptr);
  plan(0);
  return {};
}

// A spool that was emptied and made anew lacks our record until the next one is due: a day, else.
void Bridge::republish(const Folder& folder) {
  if (!published_) return;
  const Fd address = open_folder(folder.directory(), escape_address(published_->address).value_or(""));
  if (address.open() && faccessat(address.get(), published_->device.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) return;
  if (Outcome<> put = spool::publish(folder, published_->address, published_->device, published_->record); !put)
    log(BUD_LOG_WARNING, put.error().words);
}

void Bridge::went_away(const Failure& why) {
  mailbox_.reset();
  if (away_ != why.words) {
    away_ = why.words;
    state_->report(host_, BUD_RETRY_LATER, away_.c_str());
  }
  if (away_delay_ms_ == 0) away_delay_ms_ = first_away_ms;
  plan(away_delay_ms_);
}

void Bridge::plan(std::uint64_t delay_ms) {
  if (timer_ != 0) loop_->remove_timer(host_, timer_);
  timer_ = loop_->add_timer(
      host_, delay_ms,
      [](void* user) {
        auto* bridge = static_cast<Bridge*>(user);
        bridge->timer_ = 0;
        bridge->away_delay_ms_ = std::min(bridge->away_delay_ms_ * 2, rescan_ms);
        bridge->poll();
      },
      this);
}

// The slow look at everything.
void Bridge::poll() {
  plan(rescan_ms);
  const Outcome<Folder> folder = open();
  if (!folder) return;
  compare(*folder, watched());
  if (const Outcome<> received = receive(); !received) return went_away(received.error());
  if (outstanding_.empty()) away_delay_ms_ = 0;
}

void Bridge::on_inotify() {
  const Seen seen = watches_.take();
  const Outcome<Folder> folder = open();
  if (!folder) return;
  if (seen.stale) {
    mailbox_.reset();
    if (Outcome<> entered = enter(*folder); !entered) return went_away(entered.error());
  }
  compare(*folder, seen.stale ? watched() : seen.addresses);
  if (const Outcome<> received = receive(); !received) went_away(received.error());
}

Outcome<void> Bridge::receive() {
  if (!outstanding_.empty() || !mailbox_) return {};
  Outcome<std::optional<Arrival>> arrival = mailbox_->next();
  if (!arrival) return tl::unexpected<Failure>(arrival.error());
  if (!*arrival) return {};
  outstanding_ = (*arrival)->names;
  cursor_ = outstanding_.front() + ' ' + outstanding_.back();
  delivery_->deliver(host_, (*arrival)->copies.data(), static_cast<std::uint32_t>((*arrival)->copies.size()),
                     {reinterpret_cast<const std::uint8_t*>(cursor_.data()), cursor_.size()});
  return {};
}

void Bridge::ack(bud_bytes cursor) {
  if (cursor_.empty() || !std::equal(cursor_.begin(), cursor_.end(), cursor.data, cursor.data + cursor.size)) return;
  const std::vector<std::string> names = std::move(outstanding_);
  outstanding_.clear();
  cursor_.clear();
  if (!mailbox_) return;
  if (Outcome<> removed = mailbox_->remove(names); !removed) return went_away(removed.error());
  away_delay_ms_ = 0;
  if (const Outcome<> received = receive(); !received) went_away(received.error());
}

std::set<std::string> Bridge::watched() const {
  return {watch_order_.begin(), watch_order_.end()};
}

bool Bridge::watch(const std::string& address) {
  if (std::find(watch_order_.begin(), watch_order_.end(), address) != watch_order_.end()) return false;
  watch_order_.push_back(address);
  if (watch_order_.size() > max_watched) {
    fingerprints_.erase(watch_order_[1]);
    watch_order_.erase(watch_order_.begin() + 1);
  }
  return true;
}

void Bridge::compare(const Folder& folder, const std::set<std::string>& addresses) {
  for (const std::string& address : addresses) {
    Outcome<Fingerprint> now = fingerprint(folder, address);
    if (!now) continue;  // unknown is no change
    const auto before = fingerprints_.find(address);
    if (before != fingerprints_.end() && before->second == *now) continue;
    fingerprints_[address] = std::move(*now);
    directory_->changed(host_, address.c_str());
  }
}

void Bridge::lookup(std::uint64_t op, const char* address) {
  const Outcome<Folder> folder = open();
  if (!folder) return complete(op, folder.error());
  Outcome<Listing> listing =
      spool::lookup(*folder, address, [this](const std::string& line) { log(BUD_LOG_WARNING, line); });
  if (!listing) return complete(op, listing.error());
  if (watch(address)) watches_.renew(config_.folder, device_, watched());
  fingerprints_[address] = std::move(listing->fingerprint);
  std::vector<bud_bytes> records;
  for (const auto& record : listing->records) records.push_back({record.data(), record.size()});
  const bud_records result{sizeof result, static_cast<std::uint32_t>(records.size()), records.data()};
  complete_ok(op, &result);
}

void Bridge::publish(std::uint64_t op, const char* address, const char* device, bud_bytes record) {
  if (address != config_.address || device != device_)
    return complete(op, {BUD_INVALID, "a record can be published at one's own address and device only"});
  if (record.size == 0 || record.size > max_record) return complete(op, {BUD_TOO_LARGE, "a record of over 64 KiB"});
  const Outcome<Folder> folder = open();
  if (!folder) return complete(op, folder.error());
  const auto bytes = view(record);
  if (Outcome<> put = spool::publish(*folder, address, device, bytes); !put) return complete(op, put.error());
  published_ = Publication{address, device, {bytes.begin(), bytes.end()}};
  if (Outcome<Fingerprint> now = fingerprint(*folder, address)) fingerprints_[address] = std::move(*now);
  complete_ok(op, nullptr);
}

std::vector<bud_status> Bridge::push_each(const Folder& folder, const bud_copy* const* copies, std::uint32_t count,
                                          std::string& words) {
  std::vector<bud_status> statuses(count, BUD_TOO_LARGE);
  std::map<std::string, std::vector<std::uint32_t>> by_device;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (copies[i]->envelope.size == 0)
      statuses[i] = BUD_INVALID;
    else if (copies[i]->envelope.size <= max_copy)
      by_device[copies[i]->device].push_back(i);
  }
  for (const auto& [device, indices] : by_device) {
    std::vector<bud_bytes> envelopes;
    for (std::uint32_t i : indices) envelopes.push_back(copies[i]->envelope);
    const Outcome<> put = put_batch(folder, device, envelopes, wall_ms());
    if (!put) words = put.error().words;
    for (std::uint32_t i : indices) statuses[i] = put ? bud_status{BUD_OK} : put.error().status;
  }
  return statuses;
}

void Bridge::push(std::uint64_t op, const bud_copy* const* copies, std::uint32_t count) {
  if (count == 0 || count > max_copies) return complete(op, {BUD_INVALID, "no copies, or more than 100"});
  const Outcome<Folder> folder = open();
  if (!folder) return complete(op, folder.error());
  std::string words;
  const std::vector<bud_status> statuses = push_each(*folder, copies, count, words);
  const bud_push_result result{sizeof result, count, statuses.data()};
  const bud_completion completion{sizeof completion, BUD_PARTIAL, 0, words.empty() ? nullptr : words.c_str(), &result};
  host_->complete(host_, op, &completion);
}

void Bridge::put_blob(std::uint64_t op, const char* name, int source, std::uint64_t total) {
  const Outcome<Folder> folder = open();
  if (!folder) return complete(op, folder.error());
  const Outcome<std::uint64_t> done = blob_writer_.put(*folder, name, source, total);
  if (!done) return complete(op, done.error());
  const bud_put_result result{sizeof result, *done, *done == total ? name : nullptr};
  complete_ok(op, &result);
}

void Bridge::get_blob(std::uint64_t op, const char* location, int target, std::uint64_t offset, std::uint64_t limit) {
  const Outcome<Folder> folder = open();
  if (!folder) return complete(op, folder.error());
  const Outcome<BlobSlice> slice = spool::get_blob(*folder, location, target, offset, limit);
  if (!slice) return complete(op, slice.error());
  const bud_get_result result{sizeof result, slice->added, slice->end};
  complete_ok(op, &result);
}

}  // namespace spool
