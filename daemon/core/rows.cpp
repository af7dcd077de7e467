#include "core/rows.h"

namespace bud::core {
namespace {

using wire::Reader;
using wire::Writer;

// Rows are bounded by what made them; this only keeps a damaged one from asking for memory.
constexpr std::size_t bound = 1u << 22;
constexpr std::size_t many = 1u << 16;

template <class F>
void write_list(Writer& w, const std::vector<F>& items) {
  Writer list;
  for (const F& item : items) list.fixed(item);
  w.vector(list.bytes());
}
template <class F>
std::vector<F> read_list(Reader& r) {
  std::vector<F> items;
  r.list(bound, many, [&](Reader& in) { items.push_back(in.fixed<F>()); });
  return items;
}
void write_texts(Writer& w, const std::vector<std::string>& items) {
  Writer list;
  for (const std::string& item : items) list.text(item);
  w.vector(list.bytes());
}
std::vector<std::string> read_texts(Reader& r) {
  std::vector<std::string> items;
  r.list(bound, many, [&](Reader& in) { items.push_back(in.text(bound)); });
  return items;
}

template <std::size_t N>
crypto::Secret<N> read_secret(Reader& r) {
  crypto::Secret<N> s;
  ByteView v = r.raw(N);
  std::copy(v.begin(), v.end(), s.expose_mutable().begin());
  return s;
}

void write_bundle(Writer& w, const std::optional<wire::PrekeyBundle>& b) {
  w.u8(b ? 1 : 0);
  if (b) wire::write(w, *b);
}
std::optional<wire::PrekeyBundle> read_optional_bundle(Reader& r) {
  if (!r.flag()) return std::nullopt;
  return wire::read_bundle(r);
}

void write_openings(Writer& w, const std::vector<wire::AddressOpening>& openings) {
  Writer list;
  for (const auto& o : openings) list.text(o.address).fixed(o.opening);
  w.vector(list.bytes());
}
std::vector<wire::AddressOpening> read_openings(Reader& r) {
  std::vector<wire::AddressOpening> openings;
  r.list(bound, many, [&](Reader& in) {
    wire::AddressOpening o;
    o.address = in.text(bound);
    o.opening = in.fixed<wire::ClaimOpening>();
    openings.push_back(std::move(o));
  });
  return openings;
}

}  // namespace

KeysRow KeysRow::read(Reader& r) {
  KeysRow k;
  k.signing = read_secret<64>(r);
  k.identity = read_secret<32>(r);
  return k;
}

RecoveryRow RecoveryRow::read(Reader& r) { return {read_secret<32>(r)}; }

void OwnRow::write(Writer& w) const {
  w.u8(static_cast<std::uint8_t>(state)).fixed(account).text(name);
  write_openings(w, openings);
  w.u8(words_shown ? 1 : 0).fixed(tip).u64(prekey).time(prekey_since).u64(record_sequence).time(record_time).u64(next_number).u64(next_label).u64(routes);
  w.text(join_address).fixed(join_nonce);
}

OwnRow OwnRow::read(Reader& r) {
  OwnRow o;
  o.state = static_cast<AccountState>(r.u8());
  o.account = r.fixed<AccountId>();
  o.name = r.text(bound);
  o.openings = read_openings(r);
  o.words_shown = r.flag();
  o.tip = r.fixed<EntryHash>();
  o.prekey = r.u64();
  o.prekey_since = r.time();
  o.record_sequence = r.u64();
  o.record_time = r.time();
  o.next_number = r.u64();
  o.next_label = r.u64();
  o.routes = r.u64();
  o.join_address = r.text(bound);
  o.join_nonce = r.fixed<wire::JoinNonce>();
  return o;
}

void PrekeyRow::write(Writer& w) const {
  wire::write(w, bundle);
  w.raw(dh.expose()).raw(kem.expose()).u8(superseded ? 1 : 0).u64(drained_ms).u8(only_for ? 1 : 0);
  if (only_for) w.fixed(*only_for);
}

PrekeyRow PrekeyRow::read(Reader& r) {
  PrekeyRow p;
  p.bundle = wire::read_bundle(r);
  p.dh = read_secret<32>(r);
  p.kem = read_secret<64>(r);
  p.superseded = r.flag();
  p.drained_ms = r.u64();
  if (r.flag()) p.only_for = r.fixed<DeviceId>();
  return p;
}

void AccountRow::write(Writer& w) const {
  Writer pins;
  for (const auto& [hash, pin] : memory.pinned) pins.fixed(hash).fixed(pin.signer).fixed(pin.target);
  w.vector(pins.bytes());
  write_list(w, std::vector<EntryHash>(memory.accepted.begin(), memory.accepted.end()));
  write_texts(w, addresses);
  w.text(name).fixed(asked_for);
  write_texts(w, hints);
}

AccountRow AccountRow::read(Reader& r) {
  AccountRow a;
  r.list(bound, many, [&](Reader& in) {
    EntryHash hash = in.fixed<EntryHash>();
    DeviceId signer = in.fixed<DeviceId>();
    a.memory.pinned[hash] = {signer, in.fixed<DeviceId>()};
  });
  for (const EntryHash& h : read_list<EntryHash>(r)) a.memory.accepted.insert(h);
  a.addresses = read_texts(r);
  a.name = r.text(bound);
  a.asked_for = r.fixed<LedgerDigest>();
  a.hints = read_texts(r);
  return a;
}

EntryRow EntryRow::read(Reader& r) {
  ByteView all = r.raw(r.remaining());
  return {Bytes(all.begin(), all.end())};
}

void RosterWaitingRow::write(Writer& w) const { w.fixed(group).fixed(author).u8(vouched).vector(bytes); }
RosterWaitingRow RosterWaitingRow::read(Reader& r) {
  RosterWaitingRow row;
  row.group = r.fixed<ThreadId>();
  row.author = r.fixed<AccountId>();
  row.vouched = r.flag();
  const ByteView entry = r.vector(wire::max_roster_entry);
  row.bytes.assign(entry.begin(), entry.end());
  return row;
}

void RosterStateRow::write(Writer& w) const {
  w.fixed(digest).u64(number);
  write_list(w, members);
}
RosterStateRow RosterStateRow::read(Reader& r) {
  RosterStateRow row;
  row.digest = r.fixed<RosterDigest>();
  row.number = r.u64();
  row.members = read_list<AccountId>(r);
  return row;
}

void PeerRow::write(Writer& w) const {
  w.fixed(account).fixed(device);
  write_bundle(w, bundle);
  write_bundle(w, personal);
  Writer list;
  for (const wire::Route& route : routes) list.text(route.address).text(route.device);
  w.vector(list.bytes()).u64(sequence).time(record_time).time(record_seen).u64(counter).u64(seen_counter).u64(top_number);
  w.fixed(introduced).u64(introduced_routes).fixed(their_view).u8(opened ? 1 : 0).time(last_heard);
}

PeerRow PeerRow::read(Reader& r) {
  PeerRow p;
  p.account = r.fixed<AccountId>();
  p.device = r.fixed<DeviceId>();
  p.bundle = read_optional_bundle(r);
  p.personal = read_optional_bundle(r);
  r.list(bound, many, [&](Reader& in) {
    wire::Route route;
    route.address = in.text(bound);
    route.device = in.text(bound);
    p.routes.push_back(std::move(route));
  });
  p.sequence = r.u64();
  p.record_time = r.time();
  p.record_seen = r.time();
  p.counter = r.u64();
  p.seen_counter = r.u64();
  p.top_number = r.u64();
  p.introduced = r.fixed<LedgerDigest>();
  p.introduced_routes = r.u64();
  p.their_view = r.fixed<LedgerDigest>();
  p.opened = r.flag();
  p.last_heard = r.time();
  return p;
}

void ContactRow::write(Writer& w) const {
  w.fixed(account);
  write_texts(w, addresses);
  w.u8(verified ? 1 : 0).u8(accepted ? 1 : 0).time(since);
}
ContactRow ContactRow::read(Reader& r) {
  ContactRow c;
  c.account = r.fixed<AccountId>();
  c.addresses = read_texts(r);
  c.verified = r.flag();
  c.accepted = r.flag();
  c.since = r.time();
  return c;
}

void AddressRow::write(Writer& w) const {
  w.fixed(account).u8(ambiguous ? 1 : 0).u8(reset ? 1 : 0).time(looked_up).u8(asked ? 1 : 0);
}
AddressRow AddressRow::read(Reader& r) {
  AddressRow a;
  a.account = r.fixed<AccountId>();
  a.ambiguous = r.flag();
  a.reset = r.flag();
  a.looked_up = r.time();
  a.asked = r.flag();
  return a;
}

void ThreadRow::write(Writer& w) const {
  w.fixed(thread);
  write_list(w, members);
  Writer newest;
  for (const wire::Previous& p : heads) newest.fixed(p.hash).fixed(p.author);
  w.u8(group ? 1 : 0).u64(lamport).u64(floor).u64(read_up_to).vector(newest.bytes()).u32(unread);
}
ThreadRow ThreadRow::read(Reader& r) {
  ThreadRow t;
  t.thread = r.fixed<ThreadId>();
  t.members = read_list<AccountId>(r);
  t.group = r.flag();
  t.lamport = r.u64();
  t.floor = r.u64();
  t.read_up_to = r.u64();
  r.list(bound, many, [&](Reader& in) {
    const ContentHash hash = in.fixed<ContentHash>();
    t.heads.push_back({hash, in.fixed<AccountId>()});
  });
  t.unread = r.u32();
  return t;
}

AsideRow AsideRow::read(Reader& r) {
  AsideRow a;
  ByteView content = r.vector(bound);
  a.content.assign(content.begin(), content.end());
  a.account = r.fixed<AccountId>();
  a.device = r.fixed<DeviceId>();
  a.came = r.time();
  return a;
}

void WantRow::write(Writer& w) const {
  w.u8(static_cast<std::uint8_t>(kind)).fixed(thread).fixed(what).fixed(account).fixed(device).time(due).u32(asked);
}
WantRow WantRow::read(Reader& r) {
  WantRow want;
  want.kind = static_cast<WantKind>(r.u8());
  want.thread = r.fixed<ThreadId>();
  want.what = r.fixed<decltype(want.what)>();
  want.account = r.fixed<AccountId>();
  want.device = r.fixed<DeviceId>();
  want.due = r.time();
  want.asked = r.u32();
  return want;
}

void MessageRow::write(Writer& w) const { w.vector(content).fixed(device).time(received).u8(here ? 1 : 0); }
MessageRow MessageRow::read(Reader& r) {
  MessageRow m;
  ByteView content = r.vector(bound);
  m.content.assign(content.begin(), content.end());
  m.device = r.fixed<DeviceId>();
  m.received = r.time();
  m.here = r.flag();
  return m;
}

void DeliveryRow::write(Writer& w) const {
  w.fixed(account).fixed(device).u8(static_cast<std::uint8_t>(state)).time(changed).text(bridge).u64(outbox).time(due).fixed(envelope);
}
DeliveryRow DeliveryRow::read(Reader& r) {
  DeliveryRow d;
  d.account = r.fixed<AccountId>();
  d.device = r.fixed<DeviceId>();
  d.state = static_cast<DeliveryState>(r.u8());
  d.changed = r.time();
  d.bridge = r.text(bound);
  d.outbox = r.u64();
  d.due = r.time();
  d.envelope = r.fixed<EnvelopeHash>();
  return d;
}

void OutboxRow::write(Writer& w) const {
  w.u64(item.id).text(item.address).text(item.device).u8(item.message_class).u32(item.ttl).time(item.created);
  w.vector(item.envelope).text(bridge).fixed(account).fixed(recipient).fixed(content).u32(pushes).fixed(session).time(due);
}
OutboxRow OutboxRow::read(Reader& r) {
  OutboxRow o;
  o.item.id = r.u64();
  o.item.address = r.text(bound);
  o.item.device = r.text(bound);
  o.item.message_class = r.u8();
  o.item.ttl = r.u32();
  o.item.created = r.time();
  ByteView envelope = r.vector(bound);
  o.item.envelope.assign(envelope.begin(), envelope.end());
  o.bridge = r.text(bound);
  o.account = r.fixed<AccountId>();
  o.recipient = r.fixed<DeviceId>();
  o.content = r.fixed<ContentHash>();
  o.pushes = r.u32();
  o.session = r.fixed<SessionId>();
  o.due = r.time();
  return o;
}

void EventRow::write(Writer& w) const { w.u8(static_cast<std::uint8_t>(kind)).time(time).fixed(message).fixed(contact); }
EventRow EventRow::read(Reader& r) {
  EventRow e;
  e.kind = static_cast<EventKind>(r.u8());
  e.time = r.time();
  e.message = r.fixed<MessageId>();
  e.contact = r.fixed<AccountId>();
  return e;
}

void AlertRow::write(Writer& w) const {
  w.u64(alert.id).u8(static_cast<std::uint8_t>(alert.kind)).time(alert.time).fixed(alert.account).fixed(alert.device);
  w.text(alert.text).u8(alert.acknowledged ? 1 : 0);
}
AlertRow AlertRow::read(Reader& r) {
  AlertRow a;
  a.alert.id = r.u64();
  a.alert.kind = static_cast<AlertKind>(r.u8());
  a.alert.time = r.time();
  a.alert.account = r.fixed<AccountId>();
  a.alert.device = r.fixed<DeviceId>();
  a.alert.text = r.text(bound);
  a.alert.acknowledged = r.flag();
  return a;
}

void BridgeRow::write(Writer& w) const {
  w.text(config.name).text(config.kind).text(config.json).u8(known ? 1 : 0);
  w.text(identity.address).text(identity.device).u32(identity.max_envelope).u32(identity.max_batch).u8(identity.blobs ? 1 : 0);
  w.u64(published);
  if (identity.blobs) w.u64(identity.max_blob);  // no row of an earlier version says that it keeps any
}
BridgeRow BridgeRow::read(Reader& r) {
  BridgeRow b;
  b.config.name = r.text(bound);
  b.config.kind = r.text(bound);
  b.config.json = r.text(bound);
  b.known = r.flag();
  b.identity.address = r.text(bound);
  b.identity.device = r.text(bound);
  b.identity.max_envelope = r.u32();
  b.identity.max_batch = r.u32();
  b.identity.blobs = r.flag();
  b.published = r.u64();
  if (b.identity.blobs) b.identity.max_blob = r.u64();
  return b;
}

BytesRow BytesRow::read(Reader& r) {
  BytesRow b;
  b.key = r.text(bound);
  ByteView bytes = r.vector(bound);
  b.bytes.assign(bytes.begin(), bytes.end());
  return b;
}

void ReceiptsRow::write(Writer& w) const {
  w.fixed(account).fixed(device).time(due);
  write_list(w, contents);
}
ReceiptsRow ReceiptsRow::read(Reader& r) {
  ReceiptsRow row;
  row.account = r.fixed<AccountId>();
  row.device = r.fixed<DeviceId>();
  row.due = r.time();
  row.contents = read_list<ContentHash>(r);
  return row;
}

void HealingRow::write(Writer& w) const {
  w.fixed(account).fixed(device);
  write_list(w, envelopes);
  w.fixed(failed).time(due).u64(backoff.ms);
}
HealingRow HealingRow::read(Reader& r) {
  HealingRow h;
  h.account = r.fixed<AccountId>();
  h.device = r.fixed<DeviceId>();
  h.envelopes = read_list<EnvelopeHash>(r);
  h.failed = r.fixed<SessionId>();
  h.due = r.time();
  h.backoff = {r.u64()};
  return h;
}

void RegisterRow::write(Writer& w) const {
  w.u8(static_cast<std::uint8_t>(value.kind)).vector(value.subject).u64(value.lamport).fixed(value.device).vector(value.value);
}
RegisterRow RegisterRow::read(Reader& r) {
  RegisterRow row;
  row.value.kind = static_cast<wire::RegisterKind>(r.u8());
  const ByteView subject = r.vector(wire::max_register_subject);
  row.value.subject.assign(subject.begin(), subject.end());
  row.value.lamport = r.u64();
  row.value.device = r.fixed<DeviceId>();
  const ByteView value = r.vector(wire::max_register_value);
  row.value.value.assign(value.begin(), value.end());
  return row;
}

void RegistersRow::write(Writer& w) const {
  w.u64(lamport).fixed(digest).time(announced);
  Writer list;
  for (const std::uint32_t count : counts) list.u32(count);
  w.vector(list.bytes());
}
RegistersRow RegistersRow::read(Reader& r) {
  RegistersRow row;
  row.lamport = r.u64();
  row.digest = r.fixed<wire::RegistersDigest>();
  row.announced = r.time();
  r.list(bound, many, [&](Reader& in) { row.counts.push_back(in.u32()); });
  return row;
}

void JoinRequestRow::write(Writer& w) const {
  w.u64(id).time(time).vector(record).fixed(nonce).fixed(parent).fixed(digest).u8(revealed ? 1 : 0);
  if (revealed) w.fixed(*revealed);
  w.u8(approved ? 1 : 0).u32(attempts_left);
}
JoinRequestRow JoinRequestRow::read(Reader& r) {
  JoinRequestRow j;
  j.id = r.u64();
  j.time = r.time();
  ByteView record = r.vector(bound);
  j.record.assign(record.begin(), record.end());
  j.nonce = r.fixed<wire::JoinNonce>();
  j.parent = r.fixed<EntryHash>();
  j.digest = r.fixed<LedgerDigest>();
  if (r.flag()) j.revealed = r.fixed<wire::JoinNonce>();
  j.approved = r.flag();
  j.attempts_left = r.u32();
  return j;
}

void JoinOfferRow::write(Writer& w) const {
  w.fixed(offer.account).fixed(offer.digest).fixed(offer.parent).fixed(offer.nonce).fixed(offer.commitment);
  w.fixed(sponsor).u32(attempts_left).u8(confirmed ? 1 : 0);
}
JoinOfferRow JoinOfferRow::read(Reader& r) {
  JoinOfferRow j;
  j.offer.account = r.fixed<AccountId>();
  j.offer.digest = r.fixed<LedgerDigest>();
  j.offer.parent = r.fixed<EntryHash>();
  j.offer.nonce = r.fixed<wire::JoinNonce>();
  j.offer.commitment = r.fixed<wire::JoinCommitment>();
  j.sponsor = r.fixed<DeviceId>();
  j.attempts_left = r.u32();
  j.confirmed = r.flag();
  return j;
}

// Not as a content has them: a file of these may lie nowhere yet.
void AttachmentRow::write(Writer& w) const {
  w.fixed(id).fixed(thread).time(begun).text(idempotency_key).text(failed).text(caption.text);
  Writer list;
  for (const PendingFile& f : files) {
    const wire::Blob& blob = f.file.blob;
    list.text(f.staged).fixed(blob.key).fixed(blob.hash).u64(blob.size);
    write_texts(list, blob.locations);
    list.vector(blob.inlined).text(f.file.name).text(f.file.media_type).u32(f.file.width).u32(f.file.height);
    list.u32(f.file.duration_ms).u8(f.file.voice ? 1 : 0).vector(f.file.thumbnail);
    write_texts(list, {f.bridges.begin(), f.bridges.end()});
  }
  w.vector(list.bytes());
}

AttachmentRow AttachmentRow::read(Reader& r) {
  const auto bytes = [](Reader& in) {
    const ByteView v = in.vector(bound);
    return Bytes(v.begin(), v.end());
  };
  AttachmentRow a;
  a.id = r.fixed<MessageId>();
  a.thread = r.fixed<ThreadId>();
  a.begun = r.time();
  a.idempotency_key = r.text(bound);
  a.failed = r.text(bound);
  a.caption.text = r.text(bound);
  r.list(bound, wire::max_files, [&](Reader& in) {
    PendingFile f;
    f.staged = in.text(bound);
    f.file.blob.key = in.fixed<wire::BlobKey>();
    f.file.blob.hash = in.fixed<wire::BlobHash>();
    f.file.blob.size = in.u64();
    f.file.blob.locations = read_texts(in);
    f.file.blob.inlined = bytes(in);
    f.file.name = in.text(bound);
    f.file.media_type = in.text(bound);
    f.file.width = in.u32();
    f.file.height = in.u32();
    f.file.duration_ms = in.u32();
    f.file.voice = in.flag();
    f.file.thumbnail = bytes(in);
    for (std::string& bridge : read_texts(in)) {
      if (!f.bridges.empty() && bridge <= *f.bridges.rbegin()) in.fault();
      f.bridges.insert(std::move(bridge));
    }
    a.files.push_back(std::move(f));
  });
  return a;
}

PendingFile* AttachmentRow::find(std::string_view staged) {
  const auto found = std::find_if(files.begin(), files.end(), [&](const PendingFile& f) { return f.staged == staged; });
  return found != files.end() ? &*found : nullptr;
}

}  // namespace bud::core
