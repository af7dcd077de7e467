// One of everything that protocol version 1 writes, from a seed: for tests of the codec and for the vectors.
#pragma once

#include "crypto/random.h"
#include "wire/header.h"
#include "wire/labels.h"
#include "wire/plaintext.h"
#include "wire/roster.h"

namespace bud::test {

inline crypto::SeededRandom seeded(std::uint8_t number) {
  crypto::Secret<32> seed;
  seed.expose_mutable()[0] = number;
  return crypto::SeededRandom(std::move(seed));
}

template <class F>
F random_fixed(Random& random) {
  F f;
  random.fill(f.bytes);
  return f;
}

inline Bytes random_bytes(Random& random, std::size_t n) {
  Bytes b(n);
  random.fill(b);
  return b;
}

inline wire::PrekeyBundle sample_bundle(Random& random) {
  wire::PrekeyBundle b;
  b.id = 0x0102030405060708;
  b.time = {1'750'000'000'000};
  b.dh = crypto::DhKey::generate(random).public_key();
  b.kem = crypto::KemKey::generate(random).public_key();
  return b;
}

// The keys of an account: its first device, its paper, and a second device that comes in later.
struct SampleKeys {
  crypto::SigningKey first, root, second, paper;
  crypto::DhKey first_identity, second_identity;

  explicit SampleKeys(Random& random)
      : first(crypto::SigningKey::generate(random)),
        root(crypto::SigningKey::generate(random)),
        second(crypto::SigningKey::generate(random)),
        paper(crypto::SigningKey::generate(random)),
        first_identity(crypto::DhKey::generate(random)),
        second_identity(crypto::DhKey::generate(random)) {}
};

inline wire::EntryBody genesis_body(const SampleKeys& keys, Random& random) {
  wire::EntryBody b;
  b.kind = wire::EntryKind::genesis;
  b.signer = b.key = keys.first.id();
  b.identity = keys.first_identity.public_key();
  b.recovery = keys.root.id();
  random.fill(b.nonce.bytes);
  b.time = {1'750'000'000'001};
  b.cosignature = wire::cosign(b, keys.root);
  return b;
}

inline wire::EntryBody body_below(wire::EntryKind kind, const wire::Entry& parent, const SampleKeys& keys) {
  wire::EntryBody b;
  b.kind = kind;
  b.account = parent.account();
  b.prev = parent.hash();
  b.signer = keys.first.id();
  b.time = {1'750'000'000'002};
  return b;
}

// A grant of the second device, or of a second recovery key.
inline wire::EntryBody grant_body(wire::EntryKind kind, wire::Role role, const wire::Entry& parent,
                                  const SampleKeys& keys) {
  wire::EntryBody b = body_below(kind, parent, keys);
  b.role = role;
  b.key = role == wire::Role::device ? keys.second.id() : keys.paper.id();
  if (role == wire::Role::device) b.identity = keys.second_identity.public_key();
  b.cosignature = wire::cosign(b, role == wire::Role::device ? keys.second : keys.paper);
  return b;
}

// Bodies of every kind, genesis first; those after it hang below it and are the first device's.
inline std::vector<wire::EntryBody> sample_bodies(const SampleKeys& keys, Random& random) {
  using enum wire::EntryKind;
  std::vector<wire::EntryBody> all{genesis_body(keys, random)};
  const wire::Entry root = wire::sign_entry(all[0], keys.first);
  all.push_back(grant_body(add, wire::Role::device, root, keys));
  all.push_back(grant_body(add, wire::Role::recovery, root, keys));
  all.push_back(grant_body(handover, wire::Role::device, root, keys));
  all.push_back(grant_body(handover, wire::Role::recovery, root, keys));
  all.back().role = wire::Role::device;  // a handover carries no role
  wire::EntryBody b = body_below(revoke, root, keys);
  b.key = keys.second.id();
  all.push_back(b);
  for (std::size_t i = 0; i < wire::max_keep; ++i) b.keep.push_back(random_fixed<EntryHash>(random));
  all.push_back(b);
  b = body_below(claim, root, keys);
  b.blinded = wire::blind(random_fixed<wire::ClaimOpening>(random), "spool:alice");
  all.push_back(b);
  b = body_below(release, root, keys);
  b.released = random_fixed<EntryHash>(random);
  all.push_back(b);
  return all;
}

inline std::vector<Bytes> sample_entries(const SampleKeys& keys, Random& random) {
  std::vector<Bytes> out;
  for (const wire::EntryBody& b : sample_bodies(keys, random)) out.push_back(wire::sign_entry(b, keys.first).bytes());
  return out;
}

// Bodies of every kind, genesis first; those after it hang below it and are its author's.
inline std::vector<wire::RosterBody> sample_roster_bodies(Random& random) {
  using enum wire::RosterKind;
  wire::RosterBody g;
  g.kind = genesis;
  g.author = random_fixed<AccountId>(random);
  random.fill(g.nonce.bytes);
  std::copy_n(g.nonce.bytes.begin(), g.seat.bytes.size(), g.seat.bytes.begin());
  g.time = {1'750'000'000'006};
  g.policy = {wire::Right::administrators, wire::Right::administrators, wire::Right::anyone, wire::Right::anyone};
  g.name = "Friends";
  g.members = {{random_fixed<AccountId>(random), "spool:bob"}, {random_fixed<AccountId>(random), ""}};
  std::vector<wire::RosterBody> all{g};
  wire::RosterBody below;
  below.prev = crypto::hash<EntryHash>(wire::label::roster_hash, wire::encode(g));
  below.group.bytes = below.prev.bytes;
  below.author = g.author;
  below.seat = g.seat;
  below.time = {1'750'000'000'007};
  const auto with = [&](wire::RosterKind kind) {
    all.push_back(below);
    all.back().kind = kind;
    return &all.back();
  };
  wire::RosterBody* b = with(add);
  b->account = random_fixed<AccountId>(random);
  b->account_seat = random_fixed<wire::SeatNonce>(random);
  b->address = "matrix:@carol:example.org";
  b = with(add);
  b->account = g.members[0].account;
  b->account_seat = random_fixed<wire::SeatNonce>(random);
  b->role = wire::RosterRole::administrator;
  b = with(remove);
  b->account = g.members[1].account;
  b->account_seat = g.seat;
  for (std::size_t i = 0; i < wire::max_keep; ++i) b->keep.push_back(random_fixed<EntryHash>(random));
  b = with(remove);
  b->account = g.author;
  b->account_seat = g.seat;
  b = with(rename);
  b->number = 7;
  b->name = "Fr\xc3\xa6nder";
  return all;
}

inline wire::RecordBody sample_record(const SampleKeys& keys, Random& random) {
  wire::RecordBody b;
  b.entries = sample_entries(keys, random);
  b.account = wire::decode_and_verify_entry(b.entries[0])->account();
  b.device = keys.first.id();
  b.sequence = 7;
  b.time = {1'750'000'000'003};
  b.bundle = sample_bundle(random);
  b.routes = {{"spool:alice", "laptop"}, {"matrix:@alice:example.org", "ABCDEF"}};
  b.address = "spool:alice";
  b.opening = random_fixed<wire::ClaimOpening>(random);
  return b;
}

inline wire::JoinRecordBody sample_join_record(const SampleKeys& keys, Random& random) {
  wire::JoinRecordBody b;
  b.device = keys.second.id();
  b.identity = keys.second_identity.public_key();
  b.time = {1'750'000'000'004};
  b.bundle = sample_bundle(random);
  b.route = {"spool:alice", "phone"};
  b.commitment = random_fixed<wire::JoinCommitment>(random);
  return b;
}

inline wire::Blob sample_blob(Random& random, std::vector<std::string> locations, Bytes inlined) {
  wire::Blob b;
  b.key = random_fixed<wire::BlobKey>(random);
  b.hash = random_fixed<wire::BlobHash>(random);
  b.size = locations.empty() ? inlined.size() : 3'000'000;
  b.locations = std::move(locations);
  b.inlined = std::move(inlined);
  return b;
}

// A file that lies at two places, and one that stands in its content.
inline std::vector<wire::File> sample_files(Random& random) {
  wire::File photo;
  photo.blob = sample_blob(random, {"spool:blobs/0001", "matrix:mxc://example.org/abc"}, {});
  photo.name = "ferry \xf0\x9f\x9a\xa2.jpg";
  photo.media_type = "image/jpeg";
  photo.width = 4000;
  photo.height = 3000;
  photo.thumbnail = random_bytes(random, 30);
  wire::File spoken;
  spoken.blob = sample_blob(random, {}, random_bytes(random, 50));
  spoken.media_type = "audio/ogg";
  spoken.duration_ms = 2500;
  spoken.voice = true;
  return {photo, spoken};
}

inline std::vector<wire::Register> sample_registers(Random& random) {
  wire::Register r;
  r.kind = wire::RegisterKind::mute;
  r.subject = random_bytes(random, 32);
  r.lamport = 9;
  r.device = random_fixed<DeviceId>(random);
  r.value = {1};
  wire::Register unset = r;
  unset.kind = wire::RegisterKind::draft;
  unset.value.clear();
  wire::Register newer = r;
  newer.kind = static_cast<wire::RegisterKind>(200);  // nobody knows it yet
  newer.subject.clear();
  return {r, unset, newer};
}

// Contents of every kind of body, with every optional part somewhere; the last is of a kind that nobody knows.
inline std::vector<wire::Content> sample_contents(Random& random) {
  using namespace wire;
  Content base;
  base.id = random_fixed<MessageId>(random);
  base.thread = random_fixed<ThreadId>(random);
  base.author = random_fixed<AccountId>(random);
  base.to = {random_fixed<AccountId>(random)};
  base.time = {1'750'000'000'005};
  base.lamport = 3;
  base.from_address = "spool:alice";
  base.to_address = "spool:bob";
  base.previous = {{random_fixed<ContentHash>(random), base.author},
                   {random_fixed<ContentHash>(random), base.to.front()}};
  base.roster = random_fixed<RosterDigest>(random);
  std::vector<Content> all;
  auto with = [&](ContentKind kind, ContentBody body) {
    Content c = base;
    c.kind = kind;
    c.body = std::move(body);
    all.push_back(std::move(c));
  };
  with(ContentKind::text,
       Text{"Bear it on; \xc3\xa5 & \xf0\x9f\x94\xa5", {{0, 4, 1, ""}, {12, 1, 5, "https://example.org/"}}});
  all.back().expire = 3600;
  all.back().reply =
      Reply{random_fixed<MessageId>(random), random_fixed<ContentHash>(random), base.author, "what was said"};
  with(ContentKind::text, Text{});
  with(ContentKind::receipt, Receipt{ReceiptType::delivered, {random_fixed<ContentHash>(random)}, {}});
  with(ContentKind::receipt, Receipt{ReceiptType::read, {}, {{base.thread, 7}, {random_fixed<ThreadId>(random), 8}}});
  with(ContentKind::decrypt_error, DecryptError{{random_fixed<EnvelopeHash>(random)}, sample_bundle(random)});
  with(ContentKind::nothing, Nothing{});
  with(ContentKind::join_offer,
       JoinOffer{base.author, random_fixed<LedgerDigest>(random), random_fixed<EntryHash>(random),
                 random_fixed<JoinNonce>(random), random_fixed<JoinCommitment>(random)});
  with(ContentKind::join_reveal, JoinReveal{random_fixed<JoinNonce>(random)});
  with(ContentKind::join_cosignature, JoinCosignature{random_fixed<crypto::Signature>(random)});
  with(ContentKind::join_welcome, JoinWelcome{{random_bytes(random, 100), random_bytes(random, 200)},
                                              "Alice",
                                              {{"spool:alice", random_fixed<ClaimOpening>(random)}}});
  const Target target{random_fixed<MessageId>(random), random_fixed<ContentHash>(random)};
  with(ContentKind::edit, Edit{target, Text{"Bear it on.", {{0, 4, 2, ""}}}});
  with(ContentKind::retraction, Retraction{target});
  with(ContentKind::reaction, Reaction{target, "\xf0\x9f\x91\x8d", true});
  with(ContentKind::reaction, Reaction{target, "\xf0\x9f\x91\x8d", false});
  with(ContentKind::typing, Typing{true});
  with(ContentKind::typing, Typing{false});
  with(ContentKind::attachment, Attachment{Text{"on the way", {}}, sample_files(random)});
  with(ContentKind::poll, Poll{"Which boat?", {"the first", "the last", "none"}, true});
  with(ContentKind::vote, Vote{target, {0, 2}});
  with(ContentKind::vote, Vote{target, {}});
  with(ContentKind::sticker, Sticker{sample_blob(random, {"spool:blobs/0002"}, {}), "\xf0\x9f\x90\xbb", "Bears"});
  with(ContentKind::contact_card, ContactCard{random_fixed<AccountId>(random), "Carol", {"spool:carol"}});
  with(ContentKind::thread_change, ThreadChange{true, {}, {}});
  with(ContentKind::thread_change,
       ThreadChange{false, {random_bytes(random, 120), random_bytes(random, 90)}, {random_bytes(random, 150)}});
  const auto digest = random_fixed<RegistersDigest>(random);
  with(ContentKind::device_register, RegisterSync{digest, false, sample_registers(random)});
  with(ContentKind::device_register, RegisterSync{digest, true, {}});
  with(ContentKind::history, History{{random_fixed<ContentHash>(random), random_fixed<ContentHash>(random)}, {}, {}});
  with(ContentKind::history, History{{}, {random_fixed<ContentHash>(random)}, {encode(all[1])}});
  with(ContentKind::invite, UnknownBody{random_bytes(random, 20)});  // reserved
  with(static_cast<ContentKind>(999), UnknownBody{random_bytes(random, 40)});
  all.back().fallback = "something newer than this program";
  all.back().needs = true;
  return all;
}

inline wire::Gossip sample_gossip(Random& random, bool full) {
  wire::Gossip g;
  g.mine = random_fixed<LedgerDigest>(random);
  g.yours = random_fixed<LedgerDigest>(random);
  g.yours_sequence = 11;
  g.features = 0x8000000000000001;
  g.counter = 12;
  g.seen_counter = 13;
  if (!full) return g;
  g.members.push_back({random_fixed<AccountId>(random), random_fixed<decltype(wire::MemberDigest::digest)>(random)});
  g.personal = sample_bundle(random);
  wire::Introduction i;
  i.entries = {random_bytes(random, 150)};
  i.openings = {{"spool:alice", random_fixed<wire::ClaimOpening>(random)}};
  i.routes = {{"spool:alice", "laptop"}};
  i.name = "Alice";
  g.introduction = std::move(i);
  return g;
}

inline wire::Header sample_header(Random& random, bool handshake, bool answer, bool offer) {
  wire::Header h;
  h.message_class = wire::MessageClass::urgent;
  h.ttl = 86400;
  h.recipient = random_fixed<wire::RecipientTag>(random);
  h.session = random_fixed<SessionId>(random);
  h.ratchet = crypto::DhKey::generate(random).public_key();
  h.previous = 5;
  h.number = 6;
  if (handshake)
    h.handshake =
        wire::HandshakeHeader{77, random_fixed<crypto::KemCiphertext>(random), random_fixed<wire::AdmissionTag>(random),
                              random_bytes(random, wire::sealed_identity_size)};
  if (answer)
    h.answer = wire::KemAnswer{random_fixed<wire::KemId>(random), random_fixed<crypto::KemCiphertext>(random)};
  if (offer) {
    const crypto::KemPublic key = crypto::KemKey::generate(random).public_key();
    h.offer = wire::KemOffer{wire::kem_id(key), key};
  }
  return h;
}

}  // namespace bud::test
