// What a directory serves: device records and join records. The mutator signs whatever body it leaves behind.
#include "fuzz/support/harness.h"
#include "fuzz/support/mutator.h"
#include "fuzz/support/ring.h"
#include "support/hostile_keys.h"

namespace bud::fuzz {
namespace {

namespace label = wire::label;

constexpr std::size_t most_bytes = wire::max_record + 4 + crypto::Signature::size;

void check_record(ByteView bytes) {
  const Result<wire::Record> record = wire::decode_and_verify_record(bytes);
  if (!record) return;
  const wire::RecordBody& b = record->body;
  BUD_HOLDS(wire::peek_record_type(bytes) == wire::ObjectType::record);
  BUD_HOLDS(bytes.size() <= most_bytes && equal(record->bytes, bytes));
  const crypto::SigningKey* signer = ring().find(b.device);
  BUD_HOLDS(signer != nullptr);
  BUD_HOLDS(equal(wire::sign_record(b, *signer), bytes));
  BUD_HOLDS(b.routes.size() <= wire::max_routes && b.entries.size() <= wire::max_entries);
  BUD_HOLDS(b.address.size() <= wire::max_address);
  for (const wire::Route& r : b.routes)
    BUD_HOLDS(r.address.size() <= wire::max_address && r.device.size() <= wire::max_transport_name);
  BUD_HOLDS(wire::check_keys(b.bundle).has_value());
  BUD_HOLDS(record->entries.size() <= b.entries.size());
  for (const wire::Entry& e : record->entries) {
    BUD_HOLDS(e.account() == b.account);
    BUD_HOLDS(std::find(b.entries.begin(), b.entries.end(), e.bytes()) != b.entries.end());
  }
}

void check_join_record(ByteView bytes) {
  const Result<wire::JoinRecord> record = wire::decode_and_verify_join_record(bytes);
  if (!record) return;
  const wire::JoinRecordBody& b = record->body;
  BUD_HOLDS(wire::peek_record_type(bytes) == wire::ObjectType::join_record);
  BUD_HOLDS(bytes.size() <= most_bytes && equal(record->bytes, bytes));
  const crypto::SigningKey* signer = ring().find(b.device);
  BUD_HOLDS(signer != nullptr);
  BUD_HOLDS(equal(wire::sign_join_record(b, *signer), bytes));
  BUD_HOLDS(b.route.address.size() <= wire::max_address && b.route.device.size() <= wire::max_transport_name);
  BUD_HOLDS(wire::check_keys(b.bundle).has_value() && crypto::check_dh_public(b.identity).has_value());
}

// --- mutating ---

constexpr std::size_t device_in_record = 2 + AccountId::size, device_in_join_record = 2;

// Any body under a signature of the device that it names; where that is nobody's on the ring, it names one.
Bytes sign(Bytes body, Dice& dice) {
  const bool joins = body.size() > 1 && body[1] == static_cast<std::uint8_t>(wire::ObjectType::join_record);
  const std::size_t at = joins ? device_in_join_record : device_in_record;
  const crypto::SigningKey* key = nullptr;
  if (body.size() >= at + DeviceId::size) {
    key = ring().find(*DeviceId::from(ByteView(body).subspan(at, DeviceId::size)));
    if (key == nullptr) {
      key = &ring().any(dice);
      std::copy(key->id().bytes.begin(), key->id().bytes.end(), body.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
  if (key == nullptr) key = &ring().signing[0];
  return wire::Writer().vector(body).fixed(key->sign(joins ? label::join_sign : label::record_sign, body)).take();
}

std::string any_text(Dice& dice, std::size_t longest) {
  static constexpr std::string_view texts[] = {"", "spool:alice", "a:b", "\xc3\xa5", "\xff", "matrix:@a:example.org"};
  if (percent(dice, 10)) return std::string(longest + dice.below(2), 'x');
  return std::string(texts[dice.below(std::size(texts))]);
}

void change(wire::PrekeyBundle& bundle, Dice& dice) {
  static const std::vector<test::HostileKey> hostile = test::hostile_dh_keys();
  switch (dice.below(4)) {
    case 0:
      bundle.id = dice.next();
      break;
    case 1:
      bundle.dh = *crypto::DhPublic::from(hostile[dice.below(hostile.size())].bytes);
      break;
    case 2:
      blindly_fixed(bundle.kem);
      break;
    default:
      bundle.dh = ring().any_dh(dice).public_key();
      break;
  }
}

Bytes changed(wire::RecordBody b, Dice& dice) {
  switch (dice.below(8)) {
    case 0:
      change(b.bundle, dice);
      break;
    case 1:
      b.routes.push_back({any_text(dice, wire::max_address), any_text(dice, wire::max_transport_name)});
      break;
    case 2:
      b.address = any_text(dice, wire::max_address);
      break;
    case 3:
      b.sequence = dice.next();
      break;
    case 4:
      if (!b.entries.empty()) pick(b.entries, dice) = blindly(pick(b.entries, dice), wire::max_entry + 70);
      break;
    case 5:
      if (!b.entries.empty()) b.entries.push_back(pick(b.entries, dice));
      break;
    case 6:
      blindly_fixed(b.account);
      break;
    default:
      if (!b.entries.empty()) b.entries.erase(b.entries.begin());
      break;
  }
  const crypto::SigningKey& device = ring().any(dice);
  b.device = device.id();
  return wire::sign_record(b, device);
}

Bytes changed(wire::JoinRecordBody b, Dice& dice) {
  switch (dice.below(4)) {
    case 0:
      change(b.bundle, dice);
      break;
    case 1:
      b.route = {any_text(dice, wire::max_address), any_text(dice, wire::max_transport_name)};
      break;
    case 2:
      b.identity = ring().any_dh(dice).public_key();
      break;
    default:
      blindly_fixed(b.commitment);
      break;
  }
  const crypto::SigningKey& device = ring().any(dice);
  b.device = device.id();
  return wire::sign_join_record(b, device);
}

std::optional<Bytes> mutate(ByteView input, Dice& dice, std::size_t most) {
  if (percent(dice, 50)) {
    if (Result<wire::Record> r = wire::decode_and_verify_record(input)) return changed(std::move(r->body), dice);
    if (Result<wire::JoinRecord> r = wire::decode_and_verify_join_record(input)) return changed(r->body, dice);
  }
  wire::Reader r(input);
  const ByteView body = r.vector(wire::max_record);
  if (r.failed()) return std::nullopt;
  return sign(blindly(body, most > 68 ? most - 68 : 0), dice);
}

}  // namespace

void run(ByteView input) {
  check_record(input);
  check_join_record(input);
  const std::optional<wire::ObjectType> type = wire::peek_record_type(input);
  BUD_HOLDS(!type || *type == wire::ObjectType::record || *type == wire::ObjectType::join_record);
}

void write_seeds(Seeds& seeds) {
  crypto::SeededRandom random = test::seeded(201);
  const Ring& keys = ring();
  wire::EntryBody genesis;
  genesis.signer = genesis.key = keys.signing[0].id();
  genesis.identity = keys.dh[0].public_key();
  genesis.recovery = keys.signing[1].id();
  genesis.cosignature = wire::cosign(genesis, keys.signing[1]);
  const wire::Entry root = wire::sign_entry(genesis, keys.signing[0]);
  wire::RecordBody b;
  b.account = root.account();
  b.device = keys.signing[0].id();
  b.bundle = test::sample_bundle(random);
  seeds.add("bare", wire::sign_record(b, keys.signing[0]));
  b.entries = {root.bytes()};
  b.routes = {{"spool:alice", "laptop"}, {"matrix:@alice:example.org", "ABCDEF"}};
  b.address = "spool:alice";
  b.opening = test::random_fixed<wire::ClaimOpening>(random);
  b.sequence = 7;
  seeds.add("whole", wire::sign_record(b, keys.signing[0]));
  wire::JoinRecordBody j;
  j.device = keys.signing[2].id();
  j.identity = keys.dh[2].public_key();
  j.bundle = b.bundle;
  j.route = b.routes[0];
  j.commitment = test::random_fixed<wire::JoinCommitment>(random);
  seeds.add("join", wire::sign_join_record(j, keys.signing[2]));
}

}  // namespace bud::fuzz

BUD_FUZZ_MUTATOR(bud::fuzz::mutate)
