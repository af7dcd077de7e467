// Where the core meets its transports. bridging/ drives these calls; core::Engine implements them. All are synchronous,
// on the daemon's one thread; each that returns without an error has committed what it says.
#pragma once

#include "base/bytes.h"
#include "base/environment.h"
#include "base/result.h"

#include <map>
#include <string>

namespace bud::core {

// One sealed copy that waits for its push. `address` and `device` are the transport's own names of the recipient, from
// the recipient's signed record, without the bridge prefix.
struct OutboxItem {
  std::uint64_t id = 0;  // rises; unique for ever: an idempotency key for the transport
  std::string address;
  std::string device;
  std::uint8_t message_class = 0;  // wire::MessageClass
  std::uint32_t ttl = 0;           // seconds from creation, 0: none
  Time created;
  Bytes envelope;
};

// What a push of one copy came to.
enum class PushStatus : std::uint8_t {
  ok,              // the transport has it. (Delivered is only what the other device's sealed receipt says.)
  retry_later,     // nothing was taken: try again
  unknown_outcome, // may have been taken: try again, the receiver sees doubles
  no_such_device,  // the transport knows no such device: look the record up again
  too_large,       // never by this bridge
};

struct PushResult {
  std::uint64_t id = 0;
  PushStatus status = PushStatus::retry_later;
};

// What a bridge says of itself once it is configured and logged in.
struct BridgeIdentity {
  std::string address;                    // own, without the prefix
  std::string device;                     // the transport's own name for this device
  std::uint32_t max_envelope = 32 * 1024; // bytes of one sealed copy
  std::uint32_t max_batch = 100;          // copies in one push
  bool blobs = false;                     // keeps sealed bytes that are too large for a copy
  std::uint64_t max_blob = 0;             // of them, sealed; 0 where it keeps none
};

// The record this device publishes at its own address by one bridge.
struct Publication {
  std::string address;  // without the prefix
  std::string device;   // the transport's own name, under which the directory files it
  std::uint64_t sequence = 0;
  Bytes record;
};

class TransportPort {
 public:
  virtual ~TransportPort() = default;

  // The bridge is up as `identity`. Called again whenever that changes.
  [[nodiscard]] virtual Result<> bridge_ready(const std::string& bridge, const BridgeIdentity& identity) = 0;

  // Oldest first, ids above `after`, at most `max_items` and `max_bytes` of envelopes (one item is returned whatever its
  // size). Only copies for this bridge that are not pushed yet.
  [[nodiscard]] virtual Result<std::vector<OutboxItem>> outbox(const std::string& bridge, std::uint64_t after,
                                                               std::size_t max_items, std::size_t max_bytes) = 0;
  [[nodiscard]] virtual Result<> pushed(const std::string& bridge, std::span<const PushResult> results) = 0;

  // A batch from the transport and the cursor behind it. Persisted, opened and judged on return: only then may the
  // cursor be acknowledged to the server. An error means: deliver it again later. Never fails because of what a copy
  // holds: what cannot be opened is dealt with and counted.
  [[nodiscard]] virtual Result<> deliver(const std::string& bridge, std::span<const Bytes> copies, ByteView cursor) = 0;
  [[nodiscard]] virtual Result<Bytes> cursor(const std::string& bridge) = 0;

  // The record to publish now, or nothing while the newest is published already.
  [[nodiscard]] virtual Result<std::optional<Publication>> publication(const std::string& bridge) = 0;
  [[nodiscard]] virtual Result<> published(const std::string& bridge, std::uint64_t sequence) = 0;

  // What a directory holds at an address (without prefix): all of it. Only called with a complete answer; a failure of
  // the directory is lookup_failed, and is never taken for "no devices".
  [[nodiscard]] virtual Result<> records(const std::string& bridge, const std::string& address,
                                         std::span<const Bytes> records) = 0;
  [[nodiscard]] virtual Result<> lookup_failed(const std::string& bridge, const std::string& address) = 0;

  // Small transactional state of a plugin (device names, sync tokens of its own). Values up to 64 KiB.
  [[nodiscard]] virtual Result<std::map<std::string, Bytes>> bridge_state(const std::string& bridge) = 0;
  [[nodiscard]] virtual Result<> store_bridge_state(const std::string& bridge, const std::string& key, ByteView value) = 0;
};

}  // namespace bud::core
