// A device in the middle of its life, put back to that moment for each input: real engines have lived up to it, over
// memory. Other devices' ends of its sessions are at hand, to say what no engine would.
#pragma once

#include "core/joining.h"
#include "fuzz/support/feed.h"
#include "fuzz/support/harness.h"
#include "support/raw_sender.h"

namespace bud::fuzz {

// Whoever has a session with the device.
struct Voice {
  AccountId account;
  DeviceId device;
  core::Session session;
};

// The moment. Alice has a laptop and a phone; a tablet asks to be let in; she writes with bob and with mallory.
struct Moment {
  test::MemoryStorage storage;  // of the device that is played
  std::string address, name;    // its own on the spool
  DeviceId device;
  Time now;
  core::AccountState state = core::AccountState::none;
  std::vector<Voice> voices;
  // What inputs name: ids that follow from the engines' own randomness, so that no seed in the tree depends on it.
  std::vector<Bytes> names;               // of 32 bytes
  std::vector<wire::RecipientTag> known;  // devices that copies may be sealed for
  std::vector<Bytes> entries;             // of all ledgers
  std::map<std::string, Bytes> records;   // by "address/device"
  AccountId alice, bob, mallory;
  wire::ClaimOpening bobs_opening, mallorys_opening;
  std::optional<wire::JoinRecord> tablets_record;
  std::optional<crypto::SigningKey> tablets_key;
};

enum class Which : std::uint8_t {
  laptop,  // a member, with a tablet's request that waits for its answer
  tablet,  // joining: has been offered to, and shows its code
};
const Moment& moment(Which which);

// How an input names something: 32 bytes, replaced by moment.names[index] wherever they stand.
Bytes name(std::uint8_t index);
enum Name : std::uint8_t {
  account_alice,
  account_bob,
  account_mallory,
  device_laptop,
  device_phone,
  device_bob,
  device_mallory,
  device_tablet,
  thread_bob,
  thread_mallory,
  content_sent,
  envelope_to_bob,
  digest_alice,
  digest_bob,
  genesis_alice,
  tip_alice,
  commitment_tablet,
  nonce_tablet,
  opening_bob,
  opening_mallory,
  name_count
};
Bytes with_names(ByteView bytes, const Moment& moment);

// The device, alive again.
class Played final : public core::Listener {
 public:
  explicit Played(const Moment& moment);
  ~Played() override { engine_.reset(); }

  core::Engine& engine() { return *engine_; }
  const Moment& moment() const { return moment_; }
  test::ManualClock clock;
  Random& random() { return *random_; }
  // Never fails, whatever a copy holds.
  void deliver(const Bytes& copy);
  // By one of the voices, over its session, which goes on: the inner bytes of a plaintext, padded and sealed.
  Bytes sealed(std::size_t voice, ByteView inner);
  // By somebody whom no ledger shows, over a session of its own.
  Bytes first_flight(ByteView inner);
  void changed(const core::Changes&) override {}

  // The code that a person who has both screens before them types here; nothing where none is asked for.
  std::optional<std::string> right_code();
  // The tablet's answer to it, once it was shown the second.
  std::optional<wire::Content> cosignature();
  // That person has let the tablet in.
  bool let_in = false;

  // What has to hold now, and after the process has ended and started again.
  void check();
  // Devices that it may have sealed for besides those known; see check().
  std::vector<wire::RecipientTag> also_known;

 private:
  std::optional<core::JoinTranscript> transcript();
  void start();
  void check_shown();
  void check_devices();
  void check_outbox();

  const Moment& moment_;
  test::MemoryStorage storage_;
  std::unique_ptr<crypto::Arena> arena_;
  std::unique_ptr<crypto::SeededRandom> random_;
  core::SequentialExecutor executor_;
  std::unique_ptr<core::Engine> engine_;
  std::vector<core::Session> sessions_;
  std::uint8_t deliveries_ = 0;
};

// A plaintext out of an input, as its author would have written it: names resolved, one byte for an entry is a real one
// by its number, and the hash is its content's. Nothing where the bytes are none.
std::optional<Bytes> as_its_author(ByteView inner, const Moment& moment);
// The inner bytes of a plaintext around a content: nothing but a counter in its gossip, and the right hash.
Bytes around(ByteView content, std::uint64_t counter);

}  // namespace bud::fuzz
