// What a lying directory can serve to a device in the middle of its life: records of anybody's, old or invented, with
// any entries, signed by keys that the directory has; join records; bytes. Whatever it serves, it is taken, no device
// gets in, and an address that is known leads to nobody else.
#include "fuzz/support/ring.h"
#include "fuzz/support/stage.h"

namespace bud::fuzz {
namespace {

constexpr int most_answers = 4;
constexpr std::string_view addresses[] = {"alice", "bob", "mallory", "nobody", "rogue"};

// An account that the directory makes for itself: whole, and with claims of an address of its own and of bob's.
struct Rogue {
  AccountId account;
  std::vector<Bytes> entries;

  Rogue() {
    wire::EntryBody b;
    b.signer = b.key = ring().signing[0].id();
    b.recovery = ring().signing[5].id();
    b.identity = ring().dh[0].public_key();
    b.cosignature = wire::cosign(b, ring().signing[5]);
    const wire::Entry genesis = wire::sign_entry(b, ring().signing[0]);
    account = genesis.account();
    entries.push_back(genesis.bytes());
    EntryHash tip = genesis.hash();
    for (const char* address : {"spool:rogue", "spool:bob"}) {
      wire::EntryBody claim;
      claim.kind = wire::EntryKind::claim;
      claim.account = account;
      claim.prev = tip;
      claim.signer = ring().signing[0].id();
      claim.blinded = wire::blind({}, address);
      const wire::Entry e = wire::sign_entry(claim, ring().signing[0]);
      tip = e.hash();
      entries.push_back(e.bytes());
    }
  }
};
const Rogue& rogue() {
  static const Rogue made;
  return made;
}

enum Served : std::uint8_t { real, raw, invented, joiner, served_count };

AccountId any_account(const Moment& m, Feed& feed) {
  const AccountId all[] = {m.alice, m.bob, m.mallory, rogue().account};
  return all[feed.below(std::size(all))];
}

wire::PrekeyBundle any_bundle(Feed& feed) {
  static const std::vector<wire::PrekeyBundle> all = [] {
    crypto::SeededRandom random = test::seeded(217);
    return std::vector{test::sample_bundle(random), test::sample_bundle(random)};
  }();
  return all[feed.below(all.size())];
}

// An entry that the directory makes: signed by its own keys, of any account, below any real entry.
Bytes any_entry(const Moment& m, Feed& feed) {
  const std::uint8_t choice = feed.u8();
  if (choice % 3 == 0) {
    const std::size_t which = choice / 3 % (rogue().entries.size() + m.entries.size());
    return which < rogue().entries.size() ? rogue().entries[which] : m.entries[which - rogue().entries.size()];
  }
  if (choice % 3 == 1) return with_names(feed.chunk(), m);
  const crypto::SigningKey& signer = ring().signing[feed.below(ring().signing.size())];
  const crypto::SigningKey& key = ring().signing[feed.below(ring().signing.size())];
  wire::EntryBody b;
  b.kind = static_cast<wire::EntryKind>(1 + feed.below(6));
  b.signer = signer.id();
  b.key = key.id();
  b.recovery = ring().signing[5].id();
  b.identity = ring().dh[feed.below(ring().dh.size())].public_key();
  if (b.kind != wire::EntryKind::genesis) {
    b.account = any_account(m, feed);
    const Result<wire::Entry> parent = wire::decode_and_verify_entry(m.entries[feed.below(m.entries.size())]);
    b.prev = parent->hash();
    // A ledger of its own, too: below the genesis that it would make itself.
    if (feed.flag()) b.account.bytes = b.prev.bytes;
  } else {
    b.key = b.signer;
  }
  b.cosignature = wire::cosign(b, b.kind == wire::EntryKind::genesis ? ring().signing[5] : key);
  return wire::sign_entry(b, signer).bytes();
}

Bytes invented_record(const Moment& m, Feed& feed) {
  const crypto::SigningKey& device = ring().signing[feed.below(ring().signing.size())];
  wire::RecordBody b;
  b.account = any_account(m, feed);
  b.device = device.id();
  b.sequence = feed.u32();
  b.time = {feed.u32()};
  b.bundle = any_bundle(feed);
  b.address = "spool:" + std::string(addresses[feed.below(std::size(addresses))]);
  const wire::ClaimOpening openings[] = {{}, m.bobs_opening, m.mallorys_opening};
  b.opening = openings[feed.below(std::size(openings))];
  for (std::size_t n = feed.below(3); n > 0; --n) b.routes.push_back({b.address, std::string(as_text(feed.chunk()))});
  for (std::size_t n = feed.below(12); n > 0; --n) b.entries.push_back(any_entry(m, feed));
  return wire::sign_record(b, device);
}

Bytes invented_joiner(Feed& feed, Played& played) {
  const crypto::SigningKey& device = ring().signing[feed.below(ring().signing.size())];
  wire::JoinRecordBody b;
  b.device = device.id();
  b.identity = ring().dh[feed.below(ring().dh.size())].public_key();
  b.bundle = any_bundle(feed);
  b.route = {"spool:alice", std::string(as_text(feed.chunk()))};
  played.also_known.push_back(wire::recipient_tag(b.device));  // is offered to, where a window is open
  return wire::sign_join_record(b, device);
}

Bytes any_record(Played& played, Feed& feed) {
  const Moment& m = played.moment();
  switch (feed.below(served_count)) {
    case real: {
      auto at = m.records.begin();
      std::advance(at, static_cast<std::ptrdiff_t>(feed.below(m.records.size())));
      return at->second;
    }
    case raw:
      return with_names(feed.chunk(), m);
    case invented:
      return invented_record(m, feed);
    default:
      return invented_joiner(feed, played);
  }
}

}  // namespace

void run(ByteView input) {
  Feed feed(input);
  Played played(moment(feed.flag() ? Which::tablet : Which::laptop));
  const Moment& m = played.moment();
  for (int i = 0; i < most_answers && !feed.empty(); ++i) {
    const std::uint8_t how = feed.u8();
    const std::string address(addresses[(how & 0x3f) % std::size(addresses)]);
    if (how & 0x80)
      for (const core::JoinRequest& r : must(played.engine().join_requests())) must(played.engine().reject_join(r.id));
    std::vector<Bytes> records;
    for (std::size_t n = feed.below(6); n > 0; --n) records.push_back(any_record(played, feed));
    BUD_HOLDS(played.engine().records("spool", address, records).has_value());
    if (how & 0x40) BUD_HOLDS(played.engine().lookup_failed("spool", address).has_value());
    played.clock.time = played.clock.time + seconds(how);
  }
  if (m.state == core::AccountState::member) {
    for (const auto& [address, account] : {std::pair("spool:bob", m.bob), std::pair("spool:mallory", m.mallory)}) {
      const Result<AccountId> found = played.engine().resolve(address);
      BUD_HOLDS(found ? *found == account : found.error().code == Errc::not_approved);
    }
    // Both the record and the ledger have to say so.
    BUD_HOLDS(failed_with(played.engine().resolve("spool:nobody"), Errc::no_such_address));
    const Result<AccountId> own = played.engine().resolve("spool:rogue");
    BUD_HOLDS(own ? *own == rogue().account : own.error().code == Errc::no_such_address);
  }
  // The request that was there before may be dropped and a new one asked for; nobody is let in by that.
  BUD_HOLDS(must(played.engine().join_requests()).size() <= 1);
  played.check();
}

void write_seeds(Seeds& seeds) {
  using W = wire::Writer;
  const auto sow = [&](std::string_view name, const W& w) { seeds.add(name, w.bytes()); };
  sow("bob-as-he-is", W().u8(0).u8(1).u8(1).u8(real).u8(3));
  sow("nobody-there", W().u8(0).u8(1).u8(0));
  // A record of device 0: for whose account, at which address, with which opening, and with four entries from there on.
  const auto record = [](W& w, std::uint8_t account, std::uint8_t address, std::uint8_t first) -> W& {
    w.u8(invented).u8(0).u8(account).u32(7).u32(7).u8(0).u8(address).u8(0).u8(0).u8(4);
    for (std::uint8_t e = first; e < first + 4; ++e) w.u8(static_cast<std::uint8_t>(3 * e));
    return w;
  };
  W ghost;
  sow("ghost", record(ghost.u8(0).u8(0).u8(1), 0, 0, 3));
  W second;
  sow("second-account", record(second.u8(0).u8(1).u8(2).u8(real).u8(3), 3, 1, 0));
  W exchanged;
  sow("exchanged", record(exchanged.u8(0).u8(1).u8(1), 3, 1, 0));
  W first;
  sow("rogue", record(first.u8(0).u8(4).u8(1), 3, 4, 0));
  W unclaimed;
  sow("unclaimed", record(unclaimed.u8(0).u8(3).u8(1), 3, 3, 0));
  W adds;
  adds.u8(0).u8(0).u8(1).u8(invented).u8(0).u8(0).u32(1).u32(1).u8(0).u8(0).u8(0).u8(0).u8(2);
  adds.u8(0).u8(2).u8(0).u8(1).u8(1).u8(1).u8(0).u8(0).u8(0);
  sow("adds-itself", adds);
  sow("joiner", chunk(W().u8(0).u8(0x80).u8(1).u8(joiner).u8(2).u8(1).u8(0), as_bytes("phone2")));
  sow("bytes", chunk(W().u8(0).u8(0x42).u8(1).u8(raw), Bytes(100, 3)));
  sow("to-the-joiner", W().u8(1).u8(0).u8(2).u8(real).u8(0).u8(real).u8(1));
}

}  // namespace bud::fuzz
