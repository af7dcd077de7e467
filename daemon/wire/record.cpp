#include "wire/record.h"

#include "wire/labels.h"

namespace bud::wire {
namespace {

void write(Writer& w, const Route& route) { w.text(route.address).text(route.device); }

Route read_route(Reader& r) {
  Route route;
  route.address = r.text(max_address);
  route.device = r.text(max_transport_name);
  return route;
}

struct Signed {
  Bytes body;
  crypto::Signature signature;
};

Result<Signed> split(ByteView bytes) {
  Reader r(bytes);
  ByteView body = r.vector(max_record);
  Signed s{Bytes(body.begin(), body.end()), r.fixed<crypto::Signature>()};
  BUD_CHECK(r.finish("record"));
  return s;
}

Bytes sign_bytes(const Bytes& body, crypto::Label label, const crypto::SigningKey& key) {
  return Writer().vector(body).fixed(key.sign(label, body)).take();
}

void read_type(Reader& r, ObjectType type) {
  if (r.u8() != protocol_version || r.u8() != static_cast<std::uint8_t>(type)) r.fault();
}

void write_type(Writer& w, ObjectType type) { w.u8(protocol_version).u8(static_cast<std::uint8_t>(type)); }

Bytes encode_body(const RecordBody& b) {
  Writer w, routes, entries;
  write_type(w, ObjectType::record);
  w.fixed(b.account).fixed(b.device).u64(b.sequence).time(b.time);
  write(w, b.bundle);
  for (const Route& route : b.routes) write(routes, route);
  for (const Bytes& e : b.entries) entries.vector(e);
  w.vector(routes.bytes()).text(b.address).fixed(b.opening).vector(entries.bytes());
  return w.take();
}

// Both: what is in it, none of it checked.
Result<Signed> decode(ByteView bytes, Record& record) {
  BUD_TRY(Signed s, split(bytes));
  Reader r(s.body);
  RecordBody& b = record.body;
  read_type(r, ObjectType::record);
  b.account = r.fixed<AccountId>();
  b.device = r.fixed<DeviceId>();
  b.sequence = r.u64();
  b.time = r.time();
  b.bundle = read_bundle(r);
  r.list(max_routes * (max_address + max_transport_name + 4), max_routes, [&](Reader& in) { b.routes.push_back(read_route(in)); });
  b.address = r.text(max_address);
  b.opening = r.fixed<ClaimOpening>();
  r.list(max_record_ledger, max_entries, [&](Reader& in) {
    ByteView e = in.vector(max_entry);
    b.entries.emplace_back(e.begin(), e.end());
  });
  BUD_CHECK(r.finish("device record"));
  record.bytes.assign(bytes.begin(), bytes.end());
  return s;
}

Result<Signed> decode(ByteView bytes, JoinRecord& record) {
  BUD_TRY(Signed s, split(bytes));
  Reader r(s.body);
  JoinRecordBody& b = record.body;
  read_type(r, ObjectType::join_record);
  b.device = r.fixed<DeviceId>();
  b.identity = r.fixed<crypto::DhPublic>();
  b.time = r.time();
  b.bundle = read_bundle(r);
  b.route = read_route(r);
  b.commitment = r.fixed<JoinCommitment>();
  BUD_CHECK(r.finish("join record"));
  record.bytes.assign(bytes.begin(), bytes.end());
  return s;
}

}  // namespace

void write(Writer& w, const PrekeyBundle& b) { w.u64(b.id).time(b.time).fixed(b.dh).fixed(b.kem); }

PrekeyBundle read_bundle(Reader& r) {
  PrekeyBundle b;
  b.id = r.u64();
  b.time = r.time();
  b.dh = r.fixed<crypto::DhPublic>();
  b.kem = r.fixed<crypto::KemPublic>();
  return b;
}

Bytes encode(const PrekeyBundle& bundle) {
  Writer w;
  write(w, bundle);
  return w.take();
}

Result<> check_keys(const PrekeyBundle& bundle) {
  BUD_CHECK(crypto::check_dh_public(bundle.dh));
  return crypto::check_kem_public(bundle.kem);
}

Bytes sign_record(const RecordBody& body, const crypto::SigningKey& device) {
  return sign_bytes(encode_body(body), label::record_sign, device);
}

Result<Record> decode_and_verify_record(ByteView bytes, const CheckEntry& check_entry) {
  Record record;
  BUD_TRY(Signed s, decode(bytes, record));
  const RecordBody& b = record.body;
  if (!crypto::verify(b.device, label::record_sign, s.body, s.signature))
    return fail(Errc::bad_signature, "a record that its device did not sign");
  BUD_CHECK(crypto::check_signing_public(b.device));
  BUD_CHECK(check_keys(b.bundle));
  for (const Bytes& raw : b.entries) {
    // One entry that does not verify spoils nothing: entries prove themselves.
    if (Result<Entry> e = check_entry(raw); e && e->account() == b.account) record.entries.push_back(std::move(*e));
  }
  return record;
}

Bytes sign_join_record(const JoinRecordBody& b, const crypto::SigningKey& device) {
  Writer w;
  write_type(w, ObjectType::join_record);
  w.fixed(b.device).fixed(b.identity).time(b.time);
  write(w, b.bundle);
  write(w, b.route);
  w.fixed(b.commitment);
  return sign_bytes(w.take(), label::join_sign, device);
}

Result<JoinRecord> decode_and_verify_join_record(ByteView bytes) {
  JoinRecord record;
  BUD_TRY(Signed s, decode(bytes, record));
  const JoinRecordBody& b = record.body;
  if (!crypto::verify(b.device, label::join_sign, s.body, s.signature))
    return fail(Errc::bad_signature, "a join record that its device did not sign");
  BUD_CHECK(crypto::check_signing_public(b.device));
  BUD_CHECK(crypto::check_dh_public(b.identity));
  BUD_CHECK(check_keys(b.bundle));
  return record;
}

Result<JoinRecord> trust_stored_join_record(ByteView bytes) {
  JoinRecord record;
  BUD_CHECK(decode(bytes, record));
  return record;
}

std::optional<ObjectType> peek_record_type(ByteView bytes) {
  Reader outer(bytes);
  Reader r(outer.vector(max_record));
  if (r.u8() != protocol_version) return std::nullopt;
  const std::uint8_t type = r.u8();
  if (r.failed()) return std::nullopt;
  if (type == static_cast<std::uint8_t>(ObjectType::record)) return ObjectType::record;
  if (type == static_cast<std::uint8_t>(ObjectType::join_record)) return ObjectType::join_record;
  return std::nullopt;
}

}  // namespace bud::wire
