#include "wire/roster.h"

#include "wire/labels.h"

#include <set>

namespace bud::wire {
namespace {

using enum RosterKind;

constexpr std::size_t max_first_members = max_members - 1;

Right read_right(Reader& r) {
  const std::uint8_t right = r.u8();
  if (right < 1 || right > 2) r.fault();
  return static_cast<Right>(right);
}

// struct RosterBody: PROTOCOL.md, "Roster entry".
void read_genesis(Reader& r, RosterBody& b) {
  b.nonce = r.fixed<decltype(b.nonce)>();
  for (Right* right : {&b.policy.add, &b.policy.remove, &b.policy.rename, &b.policy.post}) *right = read_right(r);
  b.name = r.text(max_name);
  b.address = r.text(max_address);
  r.list(max_roster_entry, max_first_members, [&](Reader& in) {
    FirstMember m;
    m.account = in.fixed<AccountId>();
    m.address = in.text(max_address);
    b.members.push_back(std::move(m));
  });
}

RosterBody read_body(Reader& r) {
  RosterBody b;
  if (r.u8() != protocol_version || r.u8() != static_cast<std::uint8_t>(ObjectType::roster_entry)) r.fault();
  const std::uint8_t kind = r.u8();
  if (kind != 1 && kind != 2 && kind != 4 && kind != 5) r.fault();
  b.kind = static_cast<RosterKind>(kind);
  b.group = r.fixed<ThreadId>();
  b.prev = r.fixed<EntryHash>();
  b.author = r.fixed<AccountId>();
  b.seat = r.fixed<SeatNonce>();
  b.time = r.time();
  if (b.kind == genesis) {
    read_genesis(r, b);
  } else if (b.kind == rename) {
    b.number = r.u64();
    b.name = r.text(max_name);
  } else {
    b.account = r.fixed<AccountId>();
    b.account_seat = r.fixed<SeatNonce>();
  }
  if (b.kind == add) {
    const std::uint8_t role = r.u8();
    if (role < 1 || role > 2) r.fault();
    b.role = static_cast<RosterRole>(role);
    b.address = r.text(max_address);
  } else if (b.kind == remove) {
    r.list(max_keep * EntryHash::size, max_keep, [&](Reader& in) { b.keep.push_back(in.fixed<EntryHash>()); });
  }
  return b;
}

Result<> check_genesis(const RosterBody& b) {
  if (!b.group.is_zero() || !b.prev.is_zero() ||
      !std::equal(b.seat.bytes.begin(), b.seat.bytes.end(), b.nonce.bytes.begin()))
    return fail(Errc::malformed, "a group's genesis that contradicts itself");
  std::set<AccountId> accounts{b.author};
  for (const FirstMember& m : b.members)
    if (m.account.is_zero() || !accounts.insert(m.account).second)
      return fail(Errc::malformed, "a group's genesis that names an account twice, or none");
  return {};
}

Result<> check(const RosterBody& b) {
  if (b.author.is_zero()) return fail(Errc::malformed, "a roster entry of nobody");
  if (b.kind == genesis) return check_genesis(b);
  if (b.group.is_zero() || b.prev.is_zero()) return fail(Errc::malformed, "a roster entry without group or parent");
  if (b.kind != rename && b.account.is_zero()) return fail(Errc::malformed, "a roster entry about nobody");
  return {};
}

Bytes signed_part(ByteView body, const DeviceId& device) {
  Bytes part(body.begin(), body.end());
  append(part, device.view());
  return part;
}

Bytes with_signature(ByteView body, const crypto::SigningKey& device) {
  const DeviceId id = device.id();
  return Writer().vector(body).fixed(id).fixed(device.sign(label::roster_sign, signed_part(body, id))).take();
}

ThreadId group_of(const RosterBody& body, const EntryHash& hash) {
  return body.kind == genesis ? ThreadId{hash.bytes} : body.group;
}

}  // namespace

SeatId seat_id(const AccountId& account, const SeatNonce& nonce) {
  return crypto::Hasher(label::roster_seat).add(account.view()).add(nonce.view()).finish_as<SeatId>();
}

Bytes encode(const RosterBody& b) {
  Writer w;
  w.u8(protocol_version).u8(static_cast<std::uint8_t>(ObjectType::roster_entry)).u8(static_cast<std::uint8_t>(b.kind));
  w.fixed(b.group).fixed(b.prev).fixed(b.author).fixed(b.seat).time(b.time);
  if (b.kind == genesis) {
    w.fixed(b.nonce);
    for (Right right : {b.policy.add, b.policy.remove, b.policy.rename, b.policy.post})
      w.u8(static_cast<std::uint8_t>(right));
    Writer members;
    for (const FirstMember& m : b.members) members.fixed(m.account).text(m.address);
    w.text(b.name).text(b.address).vector(members.bytes());
  } else if (b.kind == rename) {
    w.u64(b.number).text(b.name);
  } else {
    w.fixed(b.account).fixed(b.account_seat);
  }
  if (b.kind == add) w.u8(static_cast<std::uint8_t>(b.role)).text(b.address);
  if (b.kind == remove) {
    Writer keep;
    for (const EntryHash& h : b.keep) keep.fixed(h);
    w.vector(keep.bytes());
  }
  return w.take();
}

EntryHash UnverifiedRosterEntry::hash() const {
  return crypto::hash<EntryHash>(label::roster_hash, body_bytes);
}
ThreadId UnverifiedRosterEntry::group() const {
  return body.kind == genesis ? group_of(body, hash()) : body.group;
}
ThreadId RosterEntry::group() const {
  return group_of(body_, hash_);
}

Result<UnverifiedRosterEntry> decode_roster_entry(ByteView bytes) {
  if (bytes.size() > max_roster_entry) return fail(Errc::malformed, "a roster entry beyond its bound");
  Reader outer(bytes);
  UnverifiedRosterEntry e;
  const ByteView body = outer.vector(max_roster_entry);
  e.device = outer.fixed<DeviceId>();
  e.signature = outer.fixed<crypto::Signature>();
  BUD_CHECK(outer.finish("roster entry"));
  Reader inner(body);
  e.body = read_body(inner);
  BUD_CHECK(inner.finish("roster entry"));
  e.body_bytes.assign(body.begin(), body.end());
  return e;
}

Result<RosterEntry> verify(UnverifiedRosterEntry e) {
  BUD_CHECK(check(e.body));
  BUD_CHECK(crypto::check_signing_public(e.device));
  if (!crypto::verify(e.device, label::roster_sign, signed_part(e.body_bytes, e.device), e.signature))
    return fail(Errc::bad_signature, "a roster entry that its device did not sign");
  RosterEntry out;
  out.hash_ = e.hash();
  out.device_ = e.device;
  out.bytes_ = Writer().vector(e.body_bytes).fixed(e.device).fixed(e.signature).take();
  out.body_ = std::move(e.body);
  return out;
}

Result<RosterEntry> decode_and_verify_roster_entry(ByteView bytes) {
  BUD_TRY(UnverifiedRosterEntry e, decode_roster_entry(bytes));
  return verify(std::move(e));
}

Result<RosterEntry> trust_stored_roster_entry(ByteView bytes) {
  BUD_TRY(UnverifiedRosterEntry e, decode_roster_entry(bytes));
  RosterEntry out;
  out.hash_ = e.hash();
  out.device_ = e.device;
  out.bytes_.assign(bytes.begin(), bytes.end());
  out.body_ = std::move(e.body);
  return out;
}

RosterEntry sign_roster_entry(const RosterBody& body, const crypto::SigningKey& device) {
  RosterEntry out;
  const Bytes bytes = encode(body);
  out.hash_ = crypto::hash<EntryHash>(label::roster_hash, bytes);
  out.device_ = device.id();
  out.bytes_ = with_signature(bytes, device);
  out.body_ = body;
  return out;
}

Result<RosterEntry> sign_again(const RosterEntry& entry, const crypto::SigningKey& device) {
  BUD_TRY(const UnverifiedRosterEntry carried, decode_roster_entry(entry.bytes()));
  RosterEntry out = entry;
  out.device_ = device.id();
  out.bytes_ = with_signature(carried.body_bytes, device);
  return out;
}

}  // namespace bud::wire
