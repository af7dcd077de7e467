#include "core/joining.h"

#include "wire/labels.h"

namespace bud::core {
namespace {

constexpr Duration longest_window = hours(1);
constexpr Duration pause_after_wrong_codes = hours(1);
constexpr std::size_t welcome_room = 40 * 1024;

const RowKey window_key = key::meta("join-window");
const RowKey offer_key = key::meta("join-offer");

bool same_code(const std::string& a, const std::string& b) { return crypto::equal_constant_time(as_bytes(a), as_bytes(b)); }

}  // namespace

std::string join_code(const JoinTranscript& t, bool second) {
  auto h = crypto::Hasher(second ? wire::label::join_second_code : wire::label::join_first_code)
               .add(t.offer.account.view())
               .add(t.offer.digest.view())
               .add(t.offer.parent.view())
               .add(t.sponsor.view())
               .add(t.offer.nonce.view())
               .add(t.offer.commitment.view())
               .add(t.joiner.view())
               .add(t.joiner_identity.view())
               .add(t.joiner_nonce.view())
               .finish_as<Fixed<struct JoinCodeTag, 32>>();
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < 8; ++i) n = n << 8 | h.bytes[i];
  std::string digits = std::to_string(n % 1'000'000);
  return std::string(6 - digits.size(), '0') + digits;
}

wire::EntryBody join_entry(const wire::JoinOffer& offer, const DeviceId& sponsor, const DeviceId& joiner,
                           const crypto::DhPublic& identity) {
  wire::EntryBody b;
  b.kind = wire::EntryKind::add;
  b.account = offer.account;
  b.prev = offer.parent;
  b.signer = sponsor;
  b.key = joiner;
  b.identity = identity;
  b.role = wire::Role::device;
  return b;
}

// --- the new device ---

Result<> Joining::begin(const std::string& address) {
  if (context_.own.state != AccountState::none) return fail(Errc::conflict, "this device has an account, or is joining one");
  std::optional<SplitAddress> split = split_address(address);
  if (!split) return fail(Errc::malformed, "an address is written bridge:name, as in spool:alice");
  BUD_TRY(std::optional<BridgeRow> bridge, load<BridgeRow>(context_.db(), Table::bridges, key::text(split->bridge)));
  if (!bridge) return fail(Errc::not_found, "there is no bridge named " + split->bridge + "; add it first");
  if (!bridge->known) return fail(Errc::offline, "the bridge " + split->bridge + " is not up yet");
  if (bridge->identity.address != split->rest)
    return fail(Errc::malformed, "the bridge " + split->bridge + " is set up for " + split->bridge + ":" + bridge->identity.address);
  context_.own.state = AccountState::joining;
  context_.own.join_address = address;
  context_.own.join_nonce = context_.random<wire::JoinNonce>();
  context_.own_changed = true;
  context_.changes.join = true;
  BUD_CHECK(prekeys_.current());
  return directory_.republish();
}

Result<> Joining::cancel() {
  if (context_.own.state != AccountState::joining) return fail(Errc::not_found, "this device is not joining an account");
  BUD_TRY(std::optional<JoinOfferRow> offer, load<JoinOfferRow>(context_.db(), Table::meta, offer_key));
  if (offer) BUD_CHECK(sessions_.erase_all(offer->offer.account, offer->sponsor));
  BUD_CHECK(context_.db().erase(Table::meta, offer_key));
  context_.own.state = AccountState::none;
  context_.own.join_address.clear();
  context_.own_changed = true;
  context_.changes.join = true;
  return {};
}

Result<JoinStatus> Joining::status() {
  if (context_.own.state == AccountState::member) return JoinStatus{JoinPhase::done, {}};
  if (context_.own.state != AccountState::joining) return JoinStatus{};
  BUD_TRY(std::optional<JoinOfferRow> offer, load<JoinOfferRow>(context_.db(), Table::meta, offer_key));
  if (!offer) return JoinStatus{JoinPhase::waiting, {}};
  if (offer->confirmed) return JoinStatus{JoinPhase::confirmed, {}};
  const JoinTranscript t{offer->offer, offer->sponsor, context_.keys.device(), context_.keys.identity().public_key(), context_.own.join_nonce};
  return JoinStatus{JoinPhase::show_code, join_code(t, false)};
}

Result<> Joining::send_to_sponsor(const JoinOfferRow& offer, wire::ContentKind kind, wire::ContentBody body) {
  BUD_TRY(PeerRow peer, sessions_.peer(offer.offer.account, offer.sponsor));
  BUD_TRY(std::optional<Session> session, sessions_.preferred(offer.offer.account, offer.sponsor));
  if (!session) return fail(Errc::internal, "no session with the sponsor");
  return fanout_.send_outside_ledger(make_letter(control_content(context_, kind, std::move(body)), false), peer, std::move(*session));
}

Result<bool> Joining::offered(const wire::JoinOffer& offer, const wire::Gossip& gossip, const OwnerRow& from) {
  BUD_TRY(std::optional<JoinOfferRow> before, load<JoinOfferRow>(context_.db(), Table::meta, offer_key));
  const DeviceId& self = context_.keys.device();
  const crypto::DhPublic identity = context_.keys.identity().public_key();
  // One at a time. A sponsor that was shown another commitment than ours was shown another device.
  if (before || offer.account != from.account || offer.commitment != join_commitment(self, identity, context_.own.join_nonce) ||
      !gossip.introduction)
    return false;
  PeerRow peer;
  peer.account = from.account;
  peer.device = from.device;
  peer.routes = gossip.introduction->routes;
  BUD_CHECK(sessions_.save_peer(peer));
  JoinOfferRow row{offer, from.device, 3, false};
  BUD_CHECK(save(context_.db(), Table::meta, offer_key, row));
  context_.changes.join = true;
  BUD_CHECK(send_to_sponsor(row, wire::ContentKind::join_reveal, wire::JoinReveal{context_.own.join_nonce}));
  return true;
}

Result<> Joining::confirm(const std::string& second_code) {
  BUD_TRY(std::optional<JoinOfferRow> offer, load<JoinOfferRow>(context_.db(), Table::meta, offer_key));
  if (context_.own.state != AccountState::joining || !offer || offer->confirmed)
    return fail(Errc::not_found, "no code is asked for now");
  if (offer->attempts_left == 0) return fail(Errc::not_allowed, "three wrong codes: cancel, and join again");
  const crypto::DhKey identity = context_.keys.identity();
  const DeviceId& self = context_.keys.device();
  const JoinTranscript t{offer->offer, offer->sponsor, self, identity.public_key(), context_.own.join_nonce};
  if (!same_code(second_code, join_code(t, true))) {
    --offer->attempts_left;
    BUD_CHECK(save(context_.db(), Table::meta, offer_key, *offer));
    context_.keep_despite_error = true;
    if (offer->attempts_left == 0) return fail(Errc::not_allowed, "three wrong codes: cancel, and join again");
    return fail(Errc::wrong_secret, "that is not the code that the other device shows");
  }
  offer->confirmed = true;
  BUD_CHECK(save(context_.db(), Table::meta, offer_key, *offer));
  context_.changes.join = true;
  const wire::EntryBody entry = join_entry(offer->offer, offer->sponsor, self, identity.public_key());
  return send_to_sponsor(*offer, wire::ContentKind::join_cosignature,
                         wire::JoinCosignature{wire::cosign(entry, context_.keys.signing())});
}

Result<bool> Joining::welcomed(const wire::JoinWelcome& welcome, const OwnerRow& from) {
  BUD_TRY(std::optional<JoinOfferRow> offer, load<JoinOfferRow>(context_.db(), Table::meta, offer_key));
  if (!offer || !offer->confirmed || from.device != offer->sponsor || from.account != offer->offer.account) return false;
  std::vector<wire::Entry> entries;
  for (const Bytes& raw : welcome.entries)
    if (auto e = ledgers_.verify(raw)) entries.push_back(std::move(*e));
  BUD_CHECK(ledgers_.absorb(from.account, entries));
  BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(from.account));
  const DeviceId& self = context_.keys.device();
  if (!view || !view->state.active.contains(self) || !view->state.active.contains(from.device)) return false;
  context_.own.account = from.account;
  context_.own.state = AccountState::member;
  context_.own.name = welcome.name;
  context_.own.openings = welcome.openings;
  context_.own.tip = view->grant_of(self)->hash();
  context_.own.join_address.clear();
  context_.own_changed = true;
  context_.changes.join = context_.changes.account = true;
  BUD_CHECK(context_.db().erase(Table::meta, offer_key));
  BUD_CHECK(directory_.republish());
  BUD_CHECK(directory_.refresh(from.account, {}));
  return true;
}

// --- the sponsor ---

Result<> Joining::open_window(Duration length) {
  if (!context_.member()) return fail(Errc::not_allowed, "only a device of an account can let others in");
  if (length.ms == 0 || length > longest_window) return fail(Errc::malformed, "a join window is open for at most an hour");
  BUD_TRY(JoinWindowRow row, load_or_new<JoinWindowRow>(context_.db(), Table::meta, window_key));
  if (context_.now() < row.pause_until)
    return fail(Errc::busy, "three wrong codes were typed: no window for an hour");
  row.opened = context_.now();
  row.until = row.opened + length;
  BUD_CHECK(save(context_.db(), Table::meta, window_key, row));
  context_.changes.join = true;
  return directory_.refresh(context_.own.account, {});
}

Result<> Joining::close_window() {
  BUD_TRY(JoinWindowRow row, load_or_new<JoinWindowRow>(context_.db(), Table::meta, window_key));
  row.until = {};
  BUD_CHECK(save(context_.db(), Table::meta, window_key, row));
  context_.changes.join = true;
  std::vector<JoinRequestRow> open;
  BUD_CHECK(each<JoinRequestRow>(context_.db(), Table::joining, {}, [&](std::uint64_t, JoinRequestRow& r) {
    if (!r.approved) open.push_back(std::move(r));
    return true;
  }));
  for (const JoinRequestRow& r : open) BUD_CHECK(drop(r));
  return {};
}

Result<> Joining::close_when_due() {
  BUD_TRY(JoinWindowRow row, load_or_new<JoinWindowRow>(context_.db(), Table::meta, window_key));
  if (row.until == Time{}) return {};
  if (!row.is_open(context_.now())) return close_window();
  return directory_.refresh(context_.own.account, seconds(1));  // while it is open somebody is waiting
}

Result<std::optional<Time>> Joining::next_due() {
  BUD_TRY(JoinWindowRow row, load_or_new<JoinWindowRow>(context_.db(), Table::meta, window_key));
  if (row.until == Time{}) return std::optional<Time>();
  return std::optional<Time>(std::min(row.until, context_.now() + seconds(2)));
}

Result<std::optional<JoinRequestRow>> Joining::request_of(const DeviceId& device) {
  std::optional<JoinRequestRow> found;
  BUD_CHECK(each<JoinRequestRow>(context_.db(), Table::joining, {}, [&](std::uint64_t, JoinRequestRow& r) {
    auto record = wire::trust_stored_join_record(r.record);
    if (!record || record->body.device != device) return true;
    found = std::move(r);
    return false;
  }));
  return found;
}

Result<> Joining::seen(const std::string& address, std::span<const wire::JoinRecord> records) {
  BUD_TRY(JoinWindowRow window, load_or_new<JoinWindowRow>(context_.db(), Table::meta, window_key));
  const bool ours = std::any_of(context_.own.openings.begin(), context_.own.openings.end(), [&](const auto& o) { return o.address == address; });
  if (!context_.member() || !ours || !window.is_open(context_.now())) return {};
  bool waiting = false;
  BUD_CHECK(each<JoinRequestRow>(context_.db(), Table::joining, {}, [&](std::uint64_t, JoinRequestRow&) {
    waiting = true;
    return false;
  }));
  BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(context_.own.account));
  for (const wire::JoinRecord& record : records) {
    if (waiting) break;  // one at a time: more would only wear the owner down
    if (view->was_member(record.body.device)) continue;
    BUD_CHECK(start_request(record));
    waiting = true;
  }
  return {};
}

Result<> Joining::start_request(const wire::JoinRecord& record) {
  BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(context_.own.account));
  JoinRequestRow row;
  row.id = context_.next_label();
  row.time = context_.now();
  row.record = record.bytes;
  row.nonce = context_.random<wire::JoinNonce>();
  row.parent = context_.own.tip;
  row.digest = view->digest;

  PeerRow peer;
  peer.account = context_.own.account;
  peer.device = record.body.device;
  peer.routes = {record.body.route};
  const crypto::DhKey identity = context_.keys.identity();
  // The joiner is in no account yet, and is known by its key alone.
  const PeerDevice to{{}, record.body.device, record.body.identity, record.body.bundle};
  const std::uint64_t number = Sessions::next_number(peer, context_.now());
  peer.top_number = number;
  Result<Session> session = initiate({context_.own.account, context_.keys.device(), identity}, to, number, nullptr, context_.now(), context_.env.random);
  if (!session) return {};  // a record with a bad key asks for nothing
  BUD_CHECK(sessions_.add(peer.account, peer.device, *session));
  BUD_CHECK(save(context_.db(), Table::joining, key::number(row.id), row));
  wire::JoinOffer offer{context_.own.account, row.digest, row.parent, row.nonce, record.body.commitment};
  BUD_CHECK(fanout_.send_outside_ledger(make_letter(control_content(context_, wire::ContentKind::join_offer, offer), false), peer, std::move(*session)));
  context_.changes.join = true;
  return alerts_.raise(AlertKind::device_request, context_.own.account, record.body.device,
                       "A new device asks to join your account. If it is yours, type the code it shows here; else reject it.");
}

Result<> Joining::drop(const JoinRequestRow& request) {
  BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(context_.own.account));
  auto record = wire::trust_stored_join_record(request.record);
  // Who was let in by another device meanwhile is one of ours, and its sessions are needed.
  if (record && !(view && view->was_member(record->body.device))) {
    BUD_CHECK(sessions_.erase_all(context_.own.account, record->body.device));
    BUD_CHECK(context_.db().erase(Table::peers, key::device(context_.own.account, record->body.device)));
    context_.devices_removed = true;  // what was still to be said to it is dropped
  }
  context_.changes.join = true;
  return context_.db().erase(Table::joining, key::number(request.id));
}

Result<std::vector<JoinRequest>> Joining::requests() {
  std::vector<JoinRequest> out;
  BUD_CHECK(each<JoinRequestRow>(context_.db(), Table::joining, {}, [&](std::uint64_t, JoinRequestRow& r) {
    if (auto record = wire::trust_stored_join_record(r.record))
      out.push_back({r.id, record->body.device, r.time, r.revealed.has_value(), r.approved, r.attempts_left});
    return true;
  }));
  return out;
}

Result<std::string> Joining::approve(std::uint64_t id, const std::string& first_code) {
  BUD_TRY(std::optional<JoinRequestRow> row, load<JoinRequestRow>(context_.db(), Table::joining, key::number(id)));
  if (!row) return fail(Errc::not_found, "no such request");
  if (!row->revealed) return fail(Errc::busy, "the new device has not answered yet");
  BUD_TRY(wire::JoinRecord record, wire::trust_stored_join_record(row->record));
  const wire::JoinOffer offer{context_.own.account, row->digest, row->parent, row->nonce, record.body.commitment};
  const JoinTranscript t{offer, context_.keys.device(), record.body.device, record.body.identity, *row->revealed};
  if (!same_code(first_code, join_code(t, false))) {
    context_.keep_despite_error = true;
    if (--row->attempts_left > 0) {
      BUD_CHECK(save(context_.db(), Table::joining, key::number(id), *row));
      return fail(Errc::wrong_secret, "that is not the code that the new device shows");
    }
    BUD_CHECK(drop(*row));
    BUD_CHECK(close_window());
    BUD_CHECK(save(context_.db(), Table::meta, window_key, JoinWindowRow{{}, {}, context_.now() + pause_after_wrong_codes}));
    return fail(Errc::not_allowed, "three wrong codes: the request is dropped, and no window opens for an hour");
  }
  row->approved = true;
  BUD_CHECK(save(context_.db(), Table::joining, key::number(id), *row));
  context_.changes.join = true;
  return join_code(t, true);
}

Result<> Joining::reject(std::uint64_t id) {
  BUD_TRY(std::optional<JoinRequestRow> row, load<JoinRequestRow>(context_.db(), Table::joining, key::number(id)));
  if (!row) return fail(Errc::not_found, "no such request");
  return drop(*row);
}

Result<bool> Joining::revealed(const wire::JoinReveal& reveal, JoinRequestRow request) {
  BUD_TRY(wire::JoinRecord record, wire::trust_stored_join_record(request.record));
  // The nonce was committed to before ours was shown: it cannot have been chosen after.
  if (request.revealed || join_commitment(record.body.device, record.body.identity, reveal.nonce) != record.body.commitment) return false;
  request.revealed = reveal.nonce;
  context_.changes.join = true;
  BUD_CHECK(save(context_.db(), Table::joining, key::number(request.id), request));
  return true;
}

Result<bool> Joining::cosigned(const wire::JoinCosignature& cosignature, JoinRequestRow request) {
  if (!request.approved || !context_.member()) return false;
  BUD_TRY(wire::JoinRecord record, wire::trust_stored_join_record(request.record));
  const wire::JoinOffer offer{context_.own.account, request.digest, request.parent, request.nonce, record.body.commitment};
  wire::EntryBody body = join_entry(offer, context_.keys.device(), record.body.device, record.body.identity);
  body.time = context_.now();
  body.cosignature = cosignature.signature;
  wire::Entry entry = wire::sign_entry(body, context_.keys.signing());
  // By the door that everybody's entries come in: a co-signature that does not hold stops here.
  Result<wire::Entry> verified = wire::decode_and_verify_entry(entry.bytes());
  if (!verified) return false;
  BUD_CHECK(ledgers_.absorb(context_.own.account, {&*verified, 1}));
  context_.own.tip = verified->hash();
  context_.own_changed = true;
  context_.changes.join = true;
  BUD_CHECK(context_.db().erase(Table::joining, key::number(request.id)));
  BUD_CHECK(directory_.republish());
  BUD_CHECK(welcome(record.body.device));
  return true;
}

Result<> Joining::welcome(const DeviceId& device) {
  BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(context_.own.account));
  wire::JoinWelcome w{view->proof(device, welcome_room), context_.own.name, context_.own.openings};
  const Recipient to{context_.own.account, device};
  BUD_CHECK(fanout_.send(make_letter(control_content(context_, wire::ContentKind::join_welcome, std::move(w)), false), {&to, 1}));
  return registers_.send_all(device);
}

Result<bool> Joining::receive(const wire::Content& content, const wire::Gossip& gossip, const OwnerRow& from) {
  if (context_.own.state == AccountState::joining) {
    if (const auto* offer = std::get_if<wire::JoinOffer>(&content.body)) return offered(*offer, gossip, from);
    if (const auto* welcome = std::get_if<wire::JoinWelcome>(&content.body)) return welcomed(*welcome, from);
    return false;
  }
  BUD_TRY(std::optional<JoinRequestRow> request, request_of(from.device));
  if (!request) return false;
  if (const auto* reveal = std::get_if<wire::JoinReveal>(&content.body)) return revealed(*reveal, std::move(*request));
  if (const auto* cosignature = std::get_if<wire::JoinCosignature>(&content.body)) return cosigned(*cosignature, std::move(*request));
  return false;
}

}  // namespace bud::core
