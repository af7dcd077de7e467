#include "core/inbox.h"

#include "core/session/ratchet.h"

namespace bud::core {
namespace {

constexpr std::uint32_t answer_after_received = 50;
constexpr Duration receipt_again = hours(1);
constexpr std::uint64_t max_session_number = std::uint64_t{1} << 62;

bool store_failed(const Error& e) { return e.code == Errc::storage || e.code == Errc::locked; }

}  // namespace

Result<> Inbox::take(ByteView bytes) {
  Result<wire::CopyView> copy = wire::decode_copy(bytes);
  if (!copy || copy->header.recipient != wire::recipient_tag(context_.keys.device())) return {};
  const EnvelopeHash hash = wire::envelope_hash(bytes);
  BUD_TRY(std::optional<SeenRow> seen, load<SeenRow>(context_.db(), Table::seen, key::envelope(hash)));
  if (seen) return again(hash, *seen);
  Result<std::optional<Opened>> opened = open(*copy, hash);
  if (!opened) return store_failed(opened.error()) ? Result<>(forward(opened)) : Result<>{};
  if (!*opened) return {};
  SeenRow row{context_.now(), (*opened)->from.account, (*opened)->from.device, (*opened)->plaintext.hash, false};
  BUD_CHECK(save(context_.db(), Table::seen, key::envelope(hash), row));
  Result<> judged = judge(**opened);
  if (!judged) return store_failed(judged.error()) ? judged : Result<>{};
  row.control = (*opened)->control;
  return row.control ? save(context_.db(), Table::seen, key::envelope(hash), row) : Result<>{};
}

// Pushed again, because its receipt was lost; or doubled, or come by two bridges: these come soon after each other, and
// have no use for another receipt.
Result<> Inbox::again(const EnvelopeHash& envelope, SeenRow seen) {
  const Time now = context_.now();
  if (now >= seen.answered && elapsed(seen.answered, now) < receipt_again) return {};
  BUD_TRY(std::optional<MessageRow> known, messages_.by_hash(seen.content));
  BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(seen.account));
  BUD_TRY(const bool blocked, is_blocked(context_, seen.account));
  if (blocked || (!known && !seen.control) || !view || !view->seal_for.contains(seen.device)) return {};
  seen.answered = now;
  BUD_CHECK(save(context_.db(), Table::seen, key::envelope(envelope), seen));
  return receipts_.owe(seen.account, seen.device, seen.content);
}

// --- opening ---

Result<std::optional<Inbox::Opened>> Inbox::open(const wire::CopyView& copy, const EnvelopeHash& hash) {
  BUD_TRY(std::optional<OwnerRow> owner, sessions_.owner(copy.header.session));
  std::optional<Opened> opened;
  if (owner) {
    BUD_TRY(opened, open_known(*owner, copy, hash));
  } else if (copy.header.handshake) {
    BUD_TRY(opened, open_first(copy));
  }
  return opened;
}

Result<std::optional<Inbox::Opened>> Inbox::open_known(const OwnerRow& owner, const wire::CopyView& copy, const EnvelopeHash& hash) {
  std::optional<Opened> none;
  BUD_TRY(std::optional<Session> session, sessions_.find(owner, copy.header.session));
  if (!session) return none;
  Result<crypto::SecretBytes> plain = core::open(*session, copy, context_.now());
  if (!plain) {
    BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(owner.account));
    BUD_TRY(const bool blocked, is_blocked(context_, owner.account));
    if (!blocked && view && view->seal_for.contains(owner.device)) BUD_CHECK(healing_.note(owner, copy, hash));
    return none;
  }
  // From here on the key is used up, whatever the plaintext turns out to be.
  BUD_CHECK(sessions_.store(owner.account, owner.device, *session));
  BUD_TRY(wire::Plaintext plaintext, wire::decode_padded(plain->expose()));
  BUD_TRY(wire::Content content, wire::decode_content(plaintext.content));
  return std::optional<Opened>(Opened{owner, std::move(*session), false, {}, 0, false, std::move(plaintext), std::move(content), false});
}

Result<std::optional<Inbox::Opened>> Inbox::open_first(const wire::CopyView& copy) {
  std::optional<Opened> none;
  BUD_TRY(std::optional<PrekeyRow> prekey, prekeys_.find(copy.header.handshake->prekey));
  if (!prekey) return none;
  BUD_TRY(std::optional<MarkRow> seen,
          load<MarkRow>(context_.db(), Table::handshakes, key::handshake(prekey->bundle.id, copy.header.session)));
  if (seen) return none;  // attack `handshake-replay`: its session was given up, and is not begun again
  const crypto::DhKey identity = context_.keys.identity();
  const OwnDevice own{context_.own.account, context_.keys.device(), identity};
  BUD_TRY(Accepted accepted, accept(own, to_prekey(*prekey), copy.header, context_.now()));
  if (accepted.device == own.device || accepted.session.number > max_session_number) return none;
  if (prekey->only_for && *prekey->only_for != accepted.device) return none;
  BUD_TRY(crypto::SecretBytes plain, core::open(accepted.session, copy, context_.now()));
  BUD_TRY(wire::Plaintext plaintext, wire::decode_padded(plain.expose()));
  BUD_TRY(wire::Content content, wire::decode_content(plaintext.content));
  return std::optional<Opened>(Opened{{accepted.account, accepted.device}, std::move(accepted.session), true, accepted.identity,
                                      prekey->bundle.id, prekey->only_for.has_value(), std::move(plaintext), std::move(content), false});
}

// --- judging ---

Result<> Inbox::absorb_entries(const Opened& opened) {
  if (!opened.plaintext.gossip.introduction || context_.own.state == AccountState::joining) return {};
  std::map<AccountId, std::vector<wire::Entry>> by_account;
  for (const Bytes& raw : opened.plaintext.gossip.introduction->entries)
    if (auto e = ledgers_.verify(raw)) by_account[e->account()].push_back(std::move(*e));
  for (const auto& [account, entries] : by_account) {
    // Entries prove themselves, so any contact may carry them; but only of accounts that concern us (attack `key-gift`).
    bool concerns = account == opened.from.account || account == context_.own.account;
    if (!concerns) {
      BUD_TRY(std::optional<ContactRow> contact, load<ContactRow>(context_.db(), Table::contacts, key::account(account)));
      concerns = contact.has_value();
    }
    if (concerns) BUD_CHECK(ledgers_.absorb(account, entries));
  }
  return {};
}

Result<bool> Inbox::vouched(const Opened& o) {
  if (context_.own.account == AccountId{}) return false;
  BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(o.from.account));
  if (!view || !view->seal_for.contains(o.from.device)) return false;
  return !o.identity || view->identities.at(o.from.device) == *o.identity;
}

Result<> Inbox::judge(Opened& o) {
  if (wire::content_hash(o.plaintext.content) != o.plaintext.hash) return {};  // attack `two-texts`
  BUD_CHECK(absorb_entries(o));
  BUD_TRY(bool listed, vouched(o));
  if (!listed) return from_outside(o);
  BUD_CHECK(keep_session(o));
  BUD_CHECK(hear(o));
  BUD_CHECK(act(o));
  BUD_TRY(const bool blocked, is_blocked(context_, o.from.account));
  if (blocked || o.session.received_since_step < answer_after_received) return {};
  // It only receives: an empty answer moves the ratchet on.
  const Recipient to{o.from.account, o.from.device};
  return fanout_.send(make_letter(control_content(context_, wire::ContentKind::nothing, wire::Nothing{}), false), {&to, 1});
}

Result<> Inbox::from_outside(const Opened& o) {
  if (o.fresh) {
    if (context_.own.state != AccountState::joining) {
      BUD_TRY(bool removed, of_removed_device(o));
      if (removed) return removed_device_spoke(o);
      BUD_TRY(std::optional<ContactRow> contact, load<ContactRow>(context_.db(), Table::contacts, key::account(o.from.account)));
      if (o.from.account != context_.own.account && !contact) return {};
      return alerts_.raise(AlertKind::unlisted_device, o.from.account, o.from.device,
                           "A device that its account's own devices do not vouch for has sent something. It is not shown.");
    }
    BUD_CHECK(keep_session(o));
  }
  BUD_TRY(bool expected, joining_.receive(o.content, o.plaintext.gossip, o.from));
  if (expected) return {};
  if (o.fresh) return sessions_.erase_all(o.from.account, o.from.device);
  BUD_TRY(bool removed, of_removed_device(o));
  return removed ? removed_device_spoke(o) : Result<>{};
}

// One that its account listed once, and that shows so by the identity key of then.
Result<bool> Inbox::of_removed_device(const Opened& o) {
  BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(o.from.account));
  if (!view || !view->was_member(o.from.device)) return false;
  return !o.identity || view->identities.at(o.from.device) == *o.identity;
}

Result<> Inbox::removed_device_spoke(const Opened& o) {
  BUD_TRY(bool shown, conversations_.receive_from_removed(incoming(o)));
  if (shown) return {};
  BUD_TRY(std::optional<ContactRow> contact, load<ContactRow>(context_.db(), Table::contacts, key::account(o.from.account)));
  if (o.from.account != context_.own.account && !contact) return {};
  return alerts_.raise(AlertKind::removed_device_spoke, o.from.account, o.from.device,
                       "A device that was removed from its account has sent something. It is not shown.");
}

Incoming Inbox::incoming(const Opened& o) {
  return {o.content, o.plaintext.content, o.plaintext.hash, o.from.account, o.from.device};
}

Result<> Inbox::keep_session(const Opened& o) {
  if (!o.fresh) return {};  // stored when it opened
  BUD_CHECK(sessions_.add(o.from.account, o.from.device, o.session));
  BUD_TRY(PeerRow peer, sessions_.peer(o.from.account, o.from.device));
  peer.top_number = std::max(peer.top_number, o.session.number);
  BUD_CHECK(sessions_.save_peer(peer));
  if (o.personal) return prekeys_.erase(o.prekey);  // used once
  return save(context_.db(), Table::handshakes, key::handshake(o.prekey, o.session.id), MarkRow{context_.now()});
}

// --- gossip ---

Result<> Inbox::hear(const Opened& o) {
  BUD_TRY(PeerRow peer, sessions_.peer(o.from.account, o.from.device));
  peer.opened = true;
  peer.last_heard = context_.now();
  peer.seen_counter = std::max(peer.seen_counter, o.plaintext.gossip.counter);
  if (o.plaintext.gossip.personal && wire::check_keys(*o.plaintext.gossip.personal)) peer.personal = o.plaintext.gossip.personal;
  BUD_CHECK(learn_introduction(o, peer));
  BUD_CHECK(compare_views(o, peer));
  BUD_TRY(const std::vector<AccountId> others, groups_.differing(o.plaintext.gossip.members));
  for (const AccountId& account : others) BUD_CHECK(directory_.refresh(account, hours(1)));
  return sessions_.save_peer(peer);
}

Result<> Inbox::learn_introduction(const Opened& o, PeerRow& peer) {
  if (!o.plaintext.gossip.introduction) return {};
  const wire::Introduction& intro = *o.plaintext.gossip.introduction;
  if (!intro.routes.empty()) peer.routes = intro.routes;
  BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(o.from.account));
  const bool own = o.from.account == context_.own.account;
  BUD_TRY(AccountRow row, load_or_new<AccountRow>(context_.db(), Table::accounts, key::account(o.from.account)));
  if (row.name != intro.name) {
    row.name = intro.name;
    // Who is no contact yet is announced when it becomes one.
    BUD_TRY(const std::optional<ContactRow> contact,
            load<ContactRow>(context_.db(), Table::contacts, key::account(o.from.account)));
    if (contact) context_.changes.contacts.push_back(o.from.account);
    if (own) context_.changes.account = true;
  }
  for (const wire::AddressOpening& opening : intro.openings) {
    if (!view->claims(opening.opening, opening.address)) continue;
    auto known = [&](const wire::AddressOpening& x) { return x.address == opening.address; };
    if (own && std::none_of(context_.own.openings.begin(), context_.own.openings.end(), known)) {
      context_.own.openings.push_back(opening);
      context_.own_changed = true;
      context_.changes.account = true;
    }
    if (std::find(row.addresses.begin(), row.addresses.end(), opening.address) == row.addresses.end() && row.addresses.size() < 64)
      row.addresses.push_back(opening.address);
  }
  return save(context_.db(), Table::accounts, key::account(o.from.account), row);
}

Result<> Inbox::compare_views(const Opened& o, PeerRow& peer) {
  const wire::Gossip& g = o.plaintext.gossip;
  BUD_TRY(std::shared_ptr<const AccountView> own, ledgers_.view(context_.own.account));
  BUD_TRY(std::shared_ptr<const AccountView> theirs, ledgers_.view(o.from.account));
  peer.their_view = g.yours;
  if (own && g.yours != own->digest) {
    // They know less of us, or more: they are told what we have, and the directory is asked for what they have.
    peer.introduced = {};
    if (g.yours != LedgerDigest{}) BUD_CHECK(directory_.refresh(context_.own.account, minutes(10)));
  }
  if (!theirs || g.mine == theirs->digest) return {};
  BUD_TRY(AccountRow row, load_or_new<AccountRow>(context_.db(), Table::accounts, key::account(o.from.account)));
  if (row.asked_for == g.mine) return directory_.refresh(o.from.account, minutes(10));  // the directory knew less, or was away
  row.asked_for = g.mine;
  BUD_CHECK(save(context_.db(), Table::accounts, key::account(o.from.account), row));
  return directory_.refresh(o.from.account, {});
}

// --- acting ---

Result<> Inbox::act(Opened& o) {
  const wire::Content& c = o.content;
  BUD_TRY(const bool blocked, is_blocked(context_, o.from.account));
  if (const auto* receipt = std::get_if<wire::Receipt>(&c.body)) {
    if (receipt->type == wire::ReceiptType::delivered) return receipts_.receive(*receipt, o.from.account, o.from.device);
    if (blocked) return {};
    BUD_TRY(const bool theirs, reading_.receive(*receipt, o.from.account));
    return theirs ? arrived(o) : Result<>{};
  }
  if (const auto* error = std::get_if<wire::DecryptError>(&c.body)) return healing_.receive(*error, o.from.account, o.from.device);
  if (const auto* sync = std::get_if<wire::RegisterSync>(&c.body)) return hear_own_state(*sync, o);
  if (c.thread == ThreadId{}) return {};
  if (const auto* change = std::get_if<wire::ThreadChange>(&c.body)) {
    // Who is in a group is not the user's to overlook, whoever says it.
    if (blocked && change->asks) return {};
    BUD_TRY(const bool ours, groups_.receive(*change, c.thread, {o.from.account, o.from.device}));
    if (c.lamport == 0) return ours && !blocked ? arrived(o) : Result<>{};  // a roster by itself
  }
  if (blocked) return take_unshown(o);
  if (const auto* history = std::get_if<wire::History>(&c.body))
    return conversations_.receive_history(*history, c.thread, o.from.account, o.from.device);
  if (c.kind == wire::ContentKind::typing) return reading_.receive_typing(c, o.from.account);
  BUD_TRY(const Conversations::Taken taken, conversations_.receive(incoming(o)));
  // Also for what was here already, and is sent again: its receipt was lost.
  return taken == Conversations::Taken::shown ? receipts_.owe(o.from.account, o.from.device, o.plaintext.hash) : Result<>{};
}

// From a blocked account. It is known from now on, so that it is not shown when it is sealed anew for an account that is
// blocked no more.
Result<> Inbox::take_unshown(const Opened& o) {
  const RowKey k = key::message_by_hash(o.plaintext.hash);
  BUD_TRY(std::optional<PlaceRow> known, load<PlaceRow>(context_.db(), Table::message_index, k));
  if (known) return {};
  return save(context_.db(), Table::message_index, k, PlaceRow{o.content.thread, o.content.lamport, o.content.id});
}

// From devices of the own account alone (attack `sync-inject`).
Result<> Inbox::hear_own_state(const wire::RegisterSync& sync, Opened& o) {
  const AccountId& own = context_.own.account;
  if (!context_.member() || o.from.account != own || o.content.author != own) return {};
  BUD_TRY(const std::vector<wire::Register> changed, registers_.receive(sync, o.from.device));
  for (const wire::Register& change : changed) {
    BUD_CHECK(own_state_.apply(change));
    if (change.kind == wire::RegisterKind::read_up_to)
      BUD_CHECK(reading_.read_elsewhere(*ThreadId::from(change.subject), register_number(change.value)));
  }
  return arrived(o);
}

Result<> Inbox::arrived(Opened& o) {
  if (!must_arrive(o.content)) return {};
  o.control = true;
  return receipts_.owe(o.from.account, o.from.device, o.plaintext.hash);
}

}  // namespace bud::core
