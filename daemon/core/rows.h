// The rows of the store, as structs, and their keys. Fields that name people stand in the sealed value; keys hold them
// blinded (storage.h).
#pragma once

#include "core/db.h"
#include "core/ledger/memory.h"
#include "core/model.h"
#include "core/session/handshake.h"
#include "core/transport.h"
#include "wire/content.h"
#include "wire/plaintext.h"

namespace bud::core {

// meta "keys": this device's long-lived secrets, read once, into the arena.
struct KeysRow {
  crypto::Secret<64> signing;   // expanded Ed25519 key
  crypto::Secret<32> identity;  // X25519
  void write(wire::Writer& w) const { w.raw(signing.expose()).raw(identity.expose()); }
  static KeysRow read(wire::Reader& r);
};

// meta "recovery": seed of the root recovery key, until its words were shown.
struct RecoveryRow {
  crypto::Secret<32> seed;
  void write(wire::Writer& w) const { w.raw(seed.expose()); }
  static RecoveryRow read(wire::Reader& r);
};

// meta "own": this device and its account; no secret, so it may stay in memory.
struct OwnRow {
  AccountState state = AccountState::none;
  AccountId account;
  std::string name;
  std::vector<wire::AddressOpening> openings;
  bool words_shown = false;
  EntryHash tip;                 // newest entry of our own, or our grant: the parent of the next
  std::uint64_t prekey = 0;      // id of the current one
  Time prekey_since;
  std::uint64_t record_sequence = 0;
  Time record_time;              // of that sequence
  std::uint64_t next_number = 1; // events and outbox: never given twice, even by a store that was put back
  std::uint64_t next_label = 1;  // alerts and join requests: short, people type them
  std::uint64_t routes = 0;      // rises when our own routes change
  // joining, on the new device
  std::string join_address;
  wire::JoinNonce join_nonce;

  void write(wire::Writer& w) const;
  static OwnRow read(wire::Reader& r);
};

struct PrekeyRow {
  wire::PrekeyBundle bundle;
  crypto::Secret<32> dh;
  crypto::Secret<64> kem;
  bool superseded = false;
  std::uint64_t drained_ms = 0;  // time since, in which every bridge was up
  std::optional<DeviceId> only_for;  // a personal one

  void write(wire::Writer& w) const;
  static PrekeyRow read(wire::Reader& r);
};

struct AccountRow {
  ledger::Memory memory;
  std::vector<std::string> addresses;  // that both the ledger claims and a directory served
  std::string name;                    // as its devices say
  LedgerDigest asked_for;              // newest digest for which a look-up was asked
  std::vector<std::string> hints;      // where others say that it is found: asked there, and not believed
  void write(wire::Writer& w) const;
  static AccountRow read(wire::Reader& r);
};

struct EntryRow {
  Bytes bytes;
  void write(wire::Writer& w) const { w.raw(bytes); }
  static EntryRow read(wire::Reader& r);
};

// roster_waiting: an entry that nobody vouches for yet, or one that was vouched for and hangs on an entry that is not
// here.
struct RosterWaitingRow {
  ThreadId group;
  AccountId author;
  bool vouched = false;
  Bytes bytes;
  void write(wire::Writer& w) const;
  static RosterWaitingRow read(wire::Reader& r);
};

struct RosterStateRow {  // roster_states
  RosterDigest digest;
  std::uint64_t number = 0;        // the smallest is dropped first
  std::vector<AccountId> members;  // sorted
  void write(wire::Writer& w) const;
  static RosterStateRow read(wire::Reader& r);
};

// What is known of one device of an account, own or not.
struct PeerRow {
  AccountId account;
  DeviceId device;
  std::optional<wire::PrekeyBundle> bundle;    // of its newest record
  std::optional<wire::PrekeyBundle> personal;  // given to us alone, used once
  std::vector<wire::Route> routes;
  std::uint64_t sequence = 0;  // of that record
  Time record_time, record_seen;
  std::uint64_t counter = 0, seen_counter = 0;
  std::uint64_t top_number = 0;     // highest session number known for the pair
  LedgerDigest introduced;          // our ledger's digest when we last sent an introduction
  std::uint64_t introduced_routes = 0;  // and OwnRow::routes
  LedgerDigest their_view;          // our ledger's digest as they last said
  bool opened = false;              // something authentic came from it
  Time last_heard;

  void write(wire::Writer& w) const;
  static PeerRow read(wire::Reader& r);
};

struct OwnerRow {  // session_index
  AccountId account;
  DeviceId device;
  void write(wire::Writer& w) const { w.fixed(account).fixed(device); }
  static OwnerRow read(wire::Reader& r) { return {r.fixed<AccountId>(), r.fixed<DeviceId>()}; }
};

struct MarkRow {  // handshakes
  Time time;
  void write(wire::Writer& w) const { w.time(time); }
  static MarkRow read(wire::Reader& r) { return {r.time()}; }
};

struct SeenRow {  // seen
  Time answered;        // when a receipt for it was last owed
  AccountId account;    // whose it was, and what it held, by its own word: a receipt is owed only for what is known
  DeviceId device;
  ContentHash content;
  bool control = false; // it was acted upon and not kept (control.h): a receipt is owed for it all the same
  void write(wire::Writer& w) const {
    w.time(answered).fixed(account).fixed(device).fixed(content).u8(control ? 1 : 0);
  }
  static SeenRow read(wire::Reader& r) {
    return {r.time(), r.fixed<AccountId>(), r.fixed<DeviceId>(), r.fixed<ContentHash>(), r.flag()};
  }
};

struct ContactRow {
  AccountId account;
  std::vector<std::string> addresses;
  bool verified = false;
  bool accepted = false;  // we wrote first, or accepted their request
  Time since;
  void write(wire::Writer& w) const;
  static ContactRow read(wire::Reader& r);
};

struct AddressRow {
  AccountId account;  // pinned; zero: none yet
  bool ambiguous = false;
  bool reset = false; // another account is served there now
  Time looked_up;     // last complete answer
  bool asked = false; // a look-up is under way
  void write(wire::Writer& w) const;
  static AddressRow read(wire::Reader& r);
};

struct ThreadRow {
  ThreadId thread;
  std::vector<AccountId> members;  // a thread of two: the other; a group's are its roster's
  bool group = false;
  std::uint64_t lamport = 0;
  std::uint64_t floor = 0;         // of the first message here: what is older is not missed
  std::uint64_t read_up_to = 0;
  std::vector<wire::Previous> heads;  // newest messages, for `previous`
  std::uint32_t unread = 0;
  void write(wire::Writer& w) const;
  static ThreadRow read(wire::Reader& r);
};

struct MessageRow {
  Bytes content;         // encoded wire::Content
  DeviceId device;       // that wrote it
  Time received;
  bool here = false;     // written on this device
  void write(wire::Writer& w) const;
  static MessageRow read(wire::Reader& r);
};

struct PlaceRow {  // message_index
  ThreadId thread;
  std::uint64_t lamport = 0;
  MessageId id;
  void write(wire::Writer& w) const { w.fixed(thread).u64(lamport).fixed(id); }
  static PlaceRow read(wire::Reader& r) { return {r.fixed<ThreadId>(), r.u64(), r.fixed<MessageId>()}; }
};

// related: what is said of a message (an edit, a reaction), by that message's hash.
struct RelatedRow {
  PlaceRow place;
  void write(wire::Writer& w) const { place.write(w); }
  static RelatedRow read(wire::Reader& r) { return {PlaceRow::read(r)}; }
};

// aside: opened and authentic, but not to be shown (yet): its author was not in the group, or its device not in the
// account any more, as far as was known here when it came.
struct AsideRow {
  Bytes content;
  AccountId account;
  DeviceId device;
  Time came;
  void write(wire::Writer& w) const { w.vector(content).fixed(account).fixed(device).time(came); }
  static AsideRow read(wire::Reader& r);
};

// wants: what is known to exist, and is not here: a message that another names, a roster that a message was written under.
enum class WantKind : std::uint8_t {
  message = 1,
  roster = 2,
  witness = 3,  // somebody who says that a message was here in time: this device will, if nobody else does before
};
struct WantRow {
  WantKind kind = WantKind::message;
  ThreadId thread;
  Fixed<struct WantedTag, 32> what;  // content hash, or roster digest
  AccountId account;                 // that wrote the message, or named the roster
  DeviceId device;                   // that named the roster
  Time due;                          // when it is asked for next
  std::uint32_t asked = 0;
  void write(wire::Writer& w) const;
  static WantRow read(wire::Reader& r);
};

struct ReadRow {  // reads
  AccountId account;
  std::uint64_t up_to = 0;  // Lamport number
  Time time;
  void write(wire::Writer& w) const { w.fixed(account).u64(up_to).time(time); }
  static ReadRow read(wire::Reader& r) {
    const AccountId account = r.fixed<AccountId>();
    const std::uint64_t up_to = r.u64();
    return {account, up_to, r.time()};
  }
};

struct ExpiringRow {
  Time due;
  ContentHash hash;
  void write(wire::Writer& w) const { w.time(due).fixed(hash); }
  static ExpiringRow read(wire::Reader& r) {
    const Time due = r.time();
    return {due, r.fixed<ContentHash>()};
  }
};

struct DeliveryRow {
  AccountId account;
  DeviceId device;
  DeliveryState state = DeliveryState::waiting;
  Time changed;
  std::string bridge;
  std::uint64_t outbox = 0;  // number of its outbox or pushed row
  Time due;                  // pushed: when it is pushed again
  EnvelopeHash envelope;
  void write(wire::Writer& w) const;
  static DeliveryRow read(wire::Reader& r);
};

struct OutboxRow {
  OutboxItem item;  // id is the row's number
  std::string bridge;
  AccountId account;
  DeviceId recipient;
  ContentHash content;   // zero: nothing waits for a receipt
  std::uint32_t pushes = 0;
  SessionId session;     // that sealed it
  Time due;              // pushed: when it is pushed again
  void write(wire::Writer& w) const;
  static OutboxRow read(wire::Reader& r);
};

struct EventRow {
  EventKind kind = EventKind::message;
  Time time;
  MessageId message;
  AccountId contact;
  void write(wire::Writer& w) const;
  static EventRow read(wire::Reader& r);
};

struct CursorRow {
  std::uint64_t cursor = 0;
  void write(wire::Writer& w) const { w.u64(cursor); }
  static CursorRow read(wire::Reader& r) { return {r.u64()}; }
};

struct AlertRow {
  Alert alert;
  void write(wire::Writer& w) const;
  static AlertRow read(wire::Reader& r);
};

struct BridgeRow {
  BridgeConfig config;
  bool known = false;  // has been up once: identity holds
  BridgeIdentity identity;
  std::uint64_t published = 0;
  void write(wire::Writer& w) const;
  static BridgeRow read(wire::Reader& r);
};

struct BytesRow {  // bridge_state
  std::string key;
  Bytes bytes;
  void write(wire::Writer& w) const { w.text(key).vector(bytes); }
  static BytesRow read(wire::Reader& r);
};

struct ReceiptsRow {
  AccountId account;
  DeviceId device;
  Time due;
  std::vector<ContentHash> contents;
  void write(wire::Writer& w) const;
  static ReceiptsRow read(wire::Reader& r);
};

struct WaitingRow {
  AccountId account;
  DeviceId device;
  ContentHash content;
  void write(wire::Writer& w) const { w.fixed(account).fixed(device).fixed(content); }
  static WaitingRow read(wire::Reader& r) { return {r.fixed<AccountId>(), r.fixed<DeviceId>(), r.fixed<ContentHash>()}; }
};

struct HealingRow {
  AccountId account;
  DeviceId device;
  std::vector<EnvelopeHash> envelopes;  // not reported yet
  SessionId failed;                     // session they could not be opened in
  Time due;
  Duration backoff;
  void write(wire::Writer& w) const;
  static HealingRow read(wire::Reader& r);
};

// A value of a person's own state (registers.h); empty: it was taken back.
struct RegisterRow {
  wire::Register value;
  void write(wire::Writer& w) const;
  static RegisterRow read(wire::Reader& r);
};

// meta "registers": of all of them together.
struct RegistersRow {
  std::uint64_t lamport = 0;             // greatest that was ever seen
  wire::RegistersDigest digest;
  Time announced;                        // when the digest was last sent alone
  std::vector<std::uint32_t> counts;     // how many there are of each kind; at 0, of kinds that are not known
  void write(wire::Writer& w) const;
  static RegistersRow read(wire::Reader& r);
};

// meta ("registers", device): an own device whose registers were found to differ.
struct RegisterPeerRow {
  DeviceId device;
  bool compare = false;  // its digest is to be compared with ours again, once nothing is under way to it
  Time due;              // not before this is everything sent again
  Duration pause;
  void write(wire::Writer& w) const { w.fixed(device).u8(compare ? 1 : 0).time(due).u64(pause.ms); }
  static RegisterPeerRow read(wire::Reader& r) { return {r.fixed<DeviceId>(), r.flag(), r.time(), {r.u64()}}; }
};

// A device that asks to join, on the sponsor's side.
struct JoinRequestRow {
  std::uint64_t id = 0;
  Time time;
  Bytes record;             // signed join record
  wire::JoinNonce nonce;    // ours
  EntryHash parent;
  LedgerDigest digest;
  std::optional<wire::JoinNonce> revealed;
  bool approved = false;
  std::uint32_t attempts_left = 3;
  void write(wire::Writer& w) const;
  static JoinRequestRow read(wire::Reader& r);
};

// meta "join-window" and, on the new device, meta "join-offer".
struct JoinWindowRow {
  Time opened, until;
  Time pause_until;  // after three wrong codes
  // A clock that was set back does not hold it open.
  [[nodiscard]] bool is_open(Time now) const { return opened <= now && now < until; }
  void write(wire::Writer& w) const { w.time(opened).time(until).time(pause_until); }
  static JoinWindowRow read(wire::Reader& r) { return {r.time(), r.time(), r.time()}; }
};
struct JoinOfferRow {
  wire::JoinOffer offer;
  DeviceId sponsor;
  std::uint32_t attempts_left = 3;
  bool confirmed = false;
  void write(wire::Writer& w) const;
  static JoinOfferRow read(wire::Reader& r);
};

namespace key {
inline RowKey meta(std::string_view name) { return RowKey().plain(as_bytes(name)); }
inline RowKey account(const AccountId& a) { return RowKey().blind(a.view()); }
inline RowKey entry(const AccountId& a, const EntryHash& h) { return RowKey().blind(a.view()).blind(h.view()); }
inline RowKey device(const AccountId& a, const DeviceId& d) { return RowKey().blind(a.view()).blind(d.view()); }
inline RowKey session(const AccountId& a, const DeviceId& d, const SessionId& s) { return device(a, d).plain(s.view()); }
inline RowKey session_id(const SessionId& s) { return RowKey().plain(s.view()); }
inline RowKey handshake(std::uint64_t prekey, const SessionId& s) { return RowKey().number(prekey).plain(s.view()); }
inline RowKey number(std::uint64_t n) { return RowKey().number(n); }
inline RowKey text(std::string_view t) { return RowKey().blind(t); }
inline RowKey thread(const ThreadId& t) { return RowKey().blind(t.view()); }
inline RowKey roster_entry(const ThreadId& g, const EntryHash& h) { return thread(g).blind(h.view()); }
inline RowKey roster_waiting(const ThreadId& g, std::uint64_t n) { return thread(g).number(n); }
inline RowKey roster_state(const ThreadId& g, const RosterDigest& d) { return thread(g).blind(d.view()); }
inline RowKey message(const PlaceRow& p) { return thread(p.thread).number(p.lamport).plain(p.id.view()); }
inline RowKey message_by_id(const MessageId& id) { return RowKey().blind("id").blind(id.view()); }
inline RowKey message_by_hash(const ContentHash& h) { return RowKey().blind("hash").blind(h.view()); }
inline RowKey message_by_idempotency(const ThreadId& t, std::string_view k) {
  return RowKey().blind("key").blind(t.view()).blind(k);
}
inline RowKey registers(wire::RegisterKind kind) {
  const auto number = static_cast<std::uint8_t>(kind);
  return RowKey().blind(ByteView(&number, 1));
}
inline RowKey a_register(wire::RegisterKind kind, ByteView subject) { return registers(kind).blind(subject); }
inline RowKey register_peers() { return RowKey().blind("registers"); }
inline RowKey register_peer(const DeviceId& d) { return register_peers().blind(d.view()); }
inline RowKey related(const ContentHash& target) { return RowKey().blind(target.view()); }
inline RowKey related(const ContentHash& target, const PlaceRow& p) { return related(target).number(p.lamport).plain(p.id.view()); }
inline RowKey aside(const ThreadId& t, const ContentHash& h) { return thread(t).blind(h.view()); }
inline RowKey want(const WantRow& row) {
  return thread(row.thread).number(static_cast<std::uint64_t>(row.kind)).blind(row.what.view());
}
inline RowKey read(const ThreadId& t, const AccountId& a) { return thread(t).blind(a.view()); }
inline RowKey expiring(Time due, const ContentHash& h) { return RowKey().number(due.ms).blind(h.view()); }
inline RowKey content(const ContentHash& h) { return RowKey().blind(h.view()); }
inline RowKey delivery(const ContentHash& h, const AccountId& a, const DeviceId& d) {
  return content(h).blind(a.view()).blind(d.view());
}
inline RowKey waiting(const AccountId& a, const DeviceId& d, const ContentHash& h) { return device(a, d).blind(h.view()); }
inline RowKey envelope(const EnvelopeHash& h) { return RowKey().blind(h.view()); }
inline RowKey outbox(std::string_view bridge, std::uint64_t n) { return RowKey().blind(bridge).number(n); }
inline RowKey pushed(Time due, std::uint64_t n) { return RowKey().number(due.ms).number(n); }
inline RowKey bridge_state(std::string_view bridge, std::string_view k) { return RowKey().blind(bridge).blind(k); }
}  // namespace key

}  // namespace bud::core
