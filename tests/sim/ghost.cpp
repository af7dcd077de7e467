#include "sim/ghost.h"

#include "core/prekeys.h"
#include "core/session/ratchet.h"
#include "wire/labels.h"
#include "wire/plaintext.h"

namespace bud::sim {
namespace {

wire::Entry make_genesis(const crypto::SigningKey& signing, const crypto::DhKey& identity,
                         const crypto::SigningKey& recovery, Random& random) {
  wire::EntryBody b;
  b.signer = b.key = signing.id();
  b.identity = identity.public_key();
  b.recovery = recovery.id();
  random.fill(b.nonce.bytes);
  b.cosignature = wire::cosign(b, recovery);
  return wire::sign_entry(b, signing);
}

}  // namespace

Ghost::Ghost(Random& random)
    : random_(random),
      signing_(crypto::SigningKey::generate(random)),
      identity_(crypto::DhKey::generate(random)),
      recovery_(crypto::SigningKey::generate(random)),
      genesis_(make_genesis(signing_, identity_, recovery_, random)) {}

Bytes Ghost::record_beside(const wire::Record& real, Time now) {
  wire::RecordBody b = real.body;
  b.device = device();
  b.sequence = ++sequence_;
  b.time = now;
  b.bundle = core::Prekey::generate(now, random_).bundle;
  for (wire::Route& route : b.routes) route.device = "ghost";
  return wire::sign_record(b, signing_);
}

Bytes Ghost::record_of_own(const std::string& address, Time now) {
  wire::EntryBody claim;
  claim.kind = wire::EntryKind::claim;
  claim.account = account();
  claim.prev = genesis_.hash();
  claim.signer = device();
  wire::RecordBody b;
  random_.fill(b.opening.bytes);
  claim.blinded = wire::blind(b.opening, address);
  b.account = account();
  b.device = device();
  b.sequence = ++sequence_;
  b.time = now;
  b.bundle = core::Prekey::generate(now, random_).bundle;
  b.routes = {{address, "ghost"}};
  b.address = address;
  b.entries = {genesis_.bytes(), wire::sign_entry(claim, signing_).bytes()};
  return wire::sign_record(b, signing_);
}

std::optional<Bytes> Ghost::write_to(const wire::Record& to, const std::string& text, Time now) {
  for (const wire::Entry& entry : to.entries) {
    if (entry.body().key != to.body.device || entry.body().identity == crypto::DhPublic{}) continue;
    const core::PeerDevice peer{to.body.account, to.body.device, entry.body().identity, to.body.bundle};
    auto session = core::initiate({account(), device(), identity_}, peer, now.ms, nullptr, now, random_);
    if (!session) return std::nullopt;
    wire::Content c;
    random_.fill(c.id.bytes);
    c.thread = wire::thread_of_two(account(), to.body.account);
    c.author = account();
    c.to = {to.body.account};
    c.time = now;
    c.lamport = 1;
    c.body = wire::Text{text, {}};
    wire::Plaintext p;
    p.content = wire::encode(c);
    p.hash = wire::content_hash(p.content);
    p.gossip.counter = 1;
    p.gossip.introduction = wire::Introduction{{}, {}, to.body.routes, "nobody"};  // where it can be answered
    for (wire::Route& route : p.gossip.introduction->routes) route.device = "ghost";
    auto copy = core::seal(*session, {wire::MessageClass::normal, 0, wire::recipient_tag(to.body.device), now},
                           wire::encode_padded(p).expose(), random_);
    return copy ? std::optional<Bytes>(std::move(*copy)) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace bud::sim
