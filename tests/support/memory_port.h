// A core that does nothing but remember: what bridging is tested against.
#pragma once

#include "core/transport.h"

#include <algorithm>
#include <deque>
#include <set>

namespace bud::test {

class MemoryPort final : public core::TransportPort {
 public:
  std::optional<core::BridgeIdentity> identity;
  std::deque<core::OutboxItem> waiting;
  std::vector<core::PushResult> results;
  std::vector<Bytes> received;
  std::optional<core::Publication> to_publish;
  std::uint64_t published_sequence = 0;
  std::map<std::string, std::vector<Bytes>> directory;  // what complete look-ups found
  std::size_t lookups = 0;
  std::vector<std::string> failed_lookups;
  std::map<std::string, Bytes> state;
  // How many calls fail before the next that does what it says.
  int deliveries_to_refuse = 0, pushes_to_refuse = 0, publications_to_refuse = 0, records_to_refuse = 0;
  int reads_to_refuse = 0;  // of the outbox or of what is to be published
  bool identity_is_refused = false;

  void send(const std::string& address, const std::string& device, std::string_view text) {
    core::OutboxItem item;
    item.id = ++last_id_;
    item.address = address;
    item.device = device;
    item.envelope = Bytes(text.begin(), text.end());
    waiting.push_back(std::move(item));
  }
  std::set<std::string> received_texts() const {
    std::set<std::string> texts;
    for (const Bytes& copy : received) texts.emplace(as_text(copy));
    return texts;
  }

  Result<> bridge_ready(const std::string&, const core::BridgeIdentity& it) override {
    if (identity_is_refused) return fail(Errc::malformed, "no usable address");
    identity = it;
    return {};
  }
  Result<std::vector<core::OutboxItem>> outbox(const std::string&, std::uint64_t after, std::size_t max_items,
                                               std::size_t max_bytes) override {
    BUD_CHECK(unless(reads_to_refuse));
    std::vector<core::OutboxItem> items;
    std::size_t bytes = 0;
    for (const core::OutboxItem& item : waiting) {
      if (item.id <= after) continue;
      bytes += item.envelope.size();
      if (items.size() == max_items || (!items.empty() && bytes > max_bytes)) break;
      items.push_back(item);
    }
    return items;
  }
  Result<> pushed(const std::string&, std::span<const core::PushResult> all) override {
    BUD_CHECK(unless(pushes_to_refuse));
    for (const core::PushResult& result : all) {
      results.push_back(result);
      if (result.status == core::PushStatus::retry_later || result.status == core::PushStatus::unknown_outcome)
        continue;
      const auto found =
          std::find_if(waiting.begin(), waiting.end(), [&](const auto& item) { return item.id == result.id; });
      if (found != waiting.end()) waiting.erase(found);
    }
    return {};
  }
  Result<> deliver(const std::string&, std::span<const Bytes> copies, ByteView at) override {
    BUD_CHECK(unless(deliveries_to_refuse));
    received.insert(received.end(), copies.begin(), copies.end());
    cursor_.assign(at.begin(), at.end());
    return {};
  }
  Result<Bytes> cursor(const std::string&) override { return cursor_; }
  Result<std::optional<core::Publication>> publication(const std::string&) override {
    BUD_CHECK(unless(reads_to_refuse));
    if (!to_publish || to_publish->sequence <= published_sequence) return std::optional<core::Publication>();
    return to_publish;
  }
  Result<> published(const std::string&, std::uint64_t sequence) override {
    BUD_CHECK(unless(publications_to_refuse));
    published_sequence = sequence;
    return {};
  }
  Result<> records(const std::string&, const std::string& address, std::span<const Bytes> found) override {
    BUD_CHECK(unless(records_to_refuse));
    ++lookups;
    directory[address].assign(found.begin(), found.end());
    return {};
  }
  Result<> lookup_failed(const std::string&, const std::string& address) override {
    failed_lookups.push_back(address);
    return {};
  }
  Result<std::map<std::string, Bytes>> bridge_state(const std::string&) override { return state; }
  Result<> store_bridge_state(const std::string&, const std::string& key, ByteView value) override {
    state[key].assign(value.begin(), value.end());
    return {};
  }

 private:
  static Result<> unless(int& to_refuse) {
    if (to_refuse == 0) return {};
    --to_refuse;
    return fail(Errc::storage, "the disk is full");
  }

  std::uint64_t last_id_ = 0;
  Bytes cursor_;
};

}  // namespace bud::test
