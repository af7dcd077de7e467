// Somebody with real keys and an account of one device, who seals whatever the test wants: contents that no engine would
// write, over sessions that open.
#pragma once

#include "core/joining.h"
#include "core/session/ratchet.h"
#include "support/world.h"

namespace bud::test {

class RawSender {
 public:
  RawSender(World& world, std::uint8_t seed)
      : world_(world), random_(seeded(seed)), signing_(crypto::SigningKey::generate(random_)),
        identity_(crypto::DhKey::generate(random_)), recovery_(crypto::SigningKey::generate(random_)) {
    wire::EntryBody b;
    b.signer = b.key = signing_.id();
    b.identity = identity_.public_key();
    b.recovery = recovery_.id();
    b.cosignature = wire::cosign(b, recovery_);
    genesis = wire::sign_entry(b, signing_);
    tip = genesis.hash();
    entries.push_back(genesis.bytes());
  }

  AccountId account() const { return genesis.account(); }
  DeviceId device() const { return signing_.id(); }
  const crypto::SigningKey& signing() const { return signing_; }

  // A claim of `address` in the own ledger.
  wire::ClaimOpening claim(const std::string& address) {
    wire::ClaimOpening opening;
    random_.fill(opening.bytes);
    wire::EntryBody b;
    b.kind = wire::EntryKind::claim;
    b.account = account();
    b.prev = tip;
    b.signer = device();
    b.blinded = wire::blind(opening, address);
    wire::Entry e = wire::sign_entry(b, signing_);
    tip = e.hash();
    entries.push_back(e.bytes());
    return opening;
  }

  // A record of this device for any account, with any entries.
  Bytes record(const AccountId& of, const std::string& address, const wire::ClaimOpening& opening, std::vector<Bytes> with) {
    wire::RecordBody b;
    b.account = of;
    b.device = device();
    b.sequence = 1;
    b.time = world_.clock.time;
    b.bundle = core::Prekey::generate(b.time, random_).bundle;
    b.routes = {{address, "raw"}};
    b.address = address;
    b.opening = opening;
    b.entries = std::move(with);
    return wire::sign_record(b, signing_);
  }

  // A session to the device whose record this is; the next seal() goes over it.
  void open(const wire::Record& to, const crypto::DhPublic& identity) {
    to_ = to.body.device;
    const core::PeerDevice peer{to.body.account, to.body.device, identity, to.body.bundle};
    session = std::move(*core::initiate({account(), device(), identity_}, peer, world_.clock.time.ms, nullptr, world_.clock.time, random_));
  }

  // The same, of a device that has published at its own address.
  void open(Device& device) {
    const wire::Record record = *wire::decode_and_verify_record(world_.network.directory[device.address][device.name]);
    for (const wire::Entry& e : record.entries)
      if (e.body().key == record.body.device) return open(record, e.body().identity);
    std::abort();
  }

  wire::Content text(const AccountId& to, const std::string& what) {
    wire::Content c;
    random_.fill(c.id.bytes);
    c.thread = wire::thread_of_two(account(), to);
    c.author = account();
    c.to = {to};
    c.time = world_.clock.time;
    c.lamport = 1;
    c.body = wire::Text{what, {}};
    return c;
  }

  // `hash`: another one than the content's.
  Bytes seal(const wire::Content& content, const ContentHash* hash = nullptr, std::vector<Bytes> gift = {}) {
    wire::Plaintext p;
    p.content = wire::encode(content);
    p.hash = hash != nullptr ? *hash : wire::content_hash(p.content);
    p.gossip.counter = ++counter_;
    wire::Introduction intro;
    intro.entries = entries;
    intro.entries.insert(intro.entries.end(), gift.begin(), gift.end());
    intro.name = "Mallory";
    intro.openings = openings;
    p.gossip.introduction = intro;
    return *core::seal(*session, {wire::MessageClass::normal, 0, wire::recipient_tag(to_), world_.clock.time},
                       wire::encode_padded(p).expose(), random_);
  }

  wire::Entry genesis;
  EntryHash tip;
  std::vector<Bytes> entries;
  std::vector<wire::AddressOpening> openings;  // what seal() introduces her with
  std::optional<core::Session> session;

 private:
  static crypto::SeededRandom seeded(std::uint8_t seed) {
    crypto::Secret<32> s;
    s.expose_mutable()[31] = seed;
    return crypto::SeededRandom(std::move(s));
  }
  World& world_;
  crypto::SeededRandom random_;
  crypto::SigningKey signing_;
  crypto::DhKey identity_;
  crypto::SigningKey recovery_;
  DeviceId to_;
  std::uint64_t counter_ = 0;
};

}  // namespace bud::test
