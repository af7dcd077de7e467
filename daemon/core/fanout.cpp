#include "core/fanout.h"

#include "core/control.h"
#include "core/session/ratchet.h"
#include "crypto/random.h"

namespace bud::core {
namespace {

constexpr Duration record_fresh = hours(24);
constexpr Duration record_usable = days(30);
constexpr Duration doubt_after = hours(1);
constexpr Duration long_silence = hours(12);
constexpr std::size_t introduction_room = 16 * 1024;

}  // namespace

struct Fanout::Job {
  Recipient to;
  PeerRow peer;
  std::optional<Session> session;
  std::optional<PeerDevice> begin;  // instead of a session: one is begun by the job
  std::uint64_t number = 0;
  Way way;
  SealRequest request;
  crypto::SecretBytes plaintext;
  Result<Bytes> copy = fail(Errc::internal, "not sealed");
};

Letter make_letter(const wire::Content& content, bool tracked) {
  Letter letter;
  letter.content = wire::encode(content);
  letter.hash = wire::content_hash(letter.content);
  letter.tracked = tracked;
  if (!tracked) letter.message_class = wire::MessageClass::silent;
  return letter;
}

Letter stored_letter(Bytes content, const ContentHash& hash) {
  Letter letter;
  letter.content = std::move(content);
  letter.hash = hash;
  letter.tracked = true;
  return letter;
}

wire::Content control_content(Context& context, wire::ContentKind kind, wire::ContentBody body) {
  wire::Content c;
  c.kind = kind;
  c.id = context.random<MessageId>();
  c.author = context.own.account;
  c.time = context.now();
  c.body = std::move(body);
  return c;
}

Result<std::vector<Recipient>> Fanout::devices(const AccountId& account) {
  BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(account));
  std::vector<Recipient> out;
  if (view)
    for (const DeviceId& d : view->seal_for)
      if (d != context_.keys.device()) out.push_back({account, d});
  return out;
}

Result<bool> Fanout::allowed(const Recipient& r) {
  BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(r.account));
  return view && view->seal_for.contains(r.device);
}

Result<Fanout::Readiness> Fanout::prepare(Job& job, SessionChoice choice, bool stale) {
  BUD_TRY(bool may, allowed(job.to));
  if (!may) return Readiness::nobody;
  BUD_TRY(job.peer, sessions_.peer(job.to.account, job.to.device));
  BUD_TRY(std::optional<Way> way, sessions_.way_to(job.peer));
  if (!way) return Readiness::needs_lookup;
  job.way = std::move(*way);
  const Duration age = elapsed(job.peer.record_seen, context_.now());
  const bool usable = job.peer.bundle && age < record_usable && (stale || age < record_fresh);
  if (choice == SessionChoice::preferred) {
    BUD_TRY(job.session, sessions_.preferred(job.to.account, job.to.device));
    bool lost = false;
    if (job.session) {
      BUD_TRY(lost, may_be_lost(job.to, *job.session));
    }
    if (lost && age >= doubt_after) BUD_CHECK(ask_for_lookup(job.to.account));
    const bool begun_with_it = job.session && job.session->handshake && usable && job.session->handshake->prekey == job.peer.bundle->id;
    if (job.session && (!lost || !usable || begun_with_it)) return Readiness::ready;
    job.session.reset();
  }
  if (!usable && !job.peer.personal) return Readiness::needs_lookup;
  // A fresh one is asked for where one of the two was put back, perhaps; and what it handed to us may be lost with its store.
  if (choice == SessionChoice::fresh && usable) job.peer.personal.reset();
  BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(job.to.account));
  auto identity = view->identities.find(job.to.device);
  if (identity == view->identities.end()) return Readiness::nobody;
  BUD_CHECK(begin_session(job, identity->second));
  return Readiness::ready;
}

// A device whose store was put back knows nothing of the sessions since, and cannot say so: of a session that it does not
// know, it does not know the other end. It shows by what it does not say: nothing in this one, although it speaks in
// another, or nothing at all for long.
Result<bool> Fanout::may_be_lost(const Recipient& recipient, const Session& s) {
  const Time now = context_.now(), last = std::max(s.created, s.heard);
  if (elapsed(s.created, now) < doubt_after) return false;
  if (!s.answered() || elapsed(last, now) >= long_silence) return true;
  BUD_TRY(std::vector<Session> sessions, sessions_.all(recipient.account, recipient.device));
  return std::any_of(sessions.begin(), sessions.end(), [&](const Session& other) { return other.heard > last; });
}

Result<> Fanout::begin_session(Job& job, const crypto::DhPublic& identity) {
  job.begin = PeerDevice{job.to.account, job.to.device, identity, job.peer.personal ? *job.peer.personal : *job.peer.bundle};
  job.peer.personal.reset();  // used once
  job.number = Sessions::next_number(job.peer, context_.now());
  job.peer.top_number = job.number;
  return {};
}

Result<> Fanout::write_plaintext(Job& job, const Letter& letter) {
  wire::Plaintext p;
  BUD_TRY(std::shared_ptr<const AccountView> own, ledgers_.view(context_.own.account));
  BUD_TRY(std::shared_ptr<const AccountView> theirs, ledgers_.view(job.to.account));
  if (own) p.gossip.mine = own->digest;
  if (theirs) p.gossip.yours = theirs->digest;
  p.gossip.yours_sequence = job.peer.sequence;
  for (const wire::MemberDigest& m : letter.members)
    if (m.account != job.to.account) p.gossip.members.push_back(m);
  p.gossip.counter = ++job.peer.counter;
  p.gossip.seen_counter = job.peer.seen_counter;
  const bool first_flight = job.begin || !job.session->answered();
  if (own && context_.own.account != AccountId{} && (first_flight || job.peer.introduced != own->digest ||
                                                   job.peer.introduced_routes != context_.own.routes)) {
    wire::Introduction intro;
    intro.entries = own->proof(context_.keys.device(), introduction_room);
    intro.openings = context_.own.openings;
    intro.name = context_.own.name;
    BUD_TRY(intro.routes, own_routes(context_));
    p.gossip.introduction = std::move(intro);
    job.peer.introduced = own->digest;
    job.peer.introduced_routes = context_.own.routes;
  }
  if (job.session && offers_next(*job.session, context_.now())) {
    BUD_TRY(p.gossip.personal, prekeys_.make_personal(job.to.device));
  }
  p.hash = letter.hash;
  p.content = letter.content;
  job.plaintext = wire::encode_padded(p);
  job.request = {letter.message_class, letter.ttl, wire::recipient_tag(job.to.device), context_.now()};
  return {};
}

Result<> Fanout::run(std::vector<Job>& jobs, const Letter& letter) {
  std::vector<crypto::SeededRandom> randoms;
  randoms.reserve(jobs.size());
  for (Job& job : jobs) {
    BUD_CHECK(write_plaintext(job, letter));
    randoms.push_back(crypto::SeededRandom::from(context_.env.random));
  }
  const crypto::DhKey identity = context_.keys.identity();
  const OwnDevice own{context_.own.account, context_.keys.device(), identity};
  const Time now = context_.now();
  // From here until run() returns nothing but the jobs' own values is touched.
  context_.env.executor.run(jobs.size(), [&](std::size_t i) {
    Job& job = jobs[i];
    if (job.begin) {
      Result<Session> s = initiate(own, *job.begin, job.number, nullptr, now, randoms[i]);
      if (!s) {
        job.copy = tl::unexpected<Error>(s.error());
        return;
      }
      job.session = std::move(*s);
    }
    job.copy = seal(*job.session, job.request, job.plaintext.expose(), randoms[i]);
  });
  for (Job& job : jobs) BUD_CHECK(record(job, letter));
  return {};
}

Result<> Fanout::record(Job& job, const Letter& letter) {
  if (!job.copy) return letter.tracked ? wait(letter.hash, job.to) : Result<>{};  // a bad key in its record: until it has another
  if (job.begin)
    BUD_CHECK(sessions_.add(job.to.account, job.to.device, *job.session));
  else
    BUD_CHECK(sessions_.store(job.to.account, job.to.device, *job.session));
  BUD_CHECK(sessions_.save_peer(job.peer));

  OutboxRow row;
  row.item.id = context_.next_number();
  row.item.address = job.way.address;
  row.item.device = job.way.device;
  row.item.message_class = static_cast<std::uint8_t>(letter.message_class);
  row.item.ttl = letter.ttl;
  row.item.created = context_.now();
  row.item.envelope = std::move(*job.copy);
  row.bridge = job.way.bridge;
  row.account = job.to.account;
  row.recipient = job.to.device;
  row.session = job.session->id;
  if (letter.tracked) {
    row.content = letter.hash;
    DeliveryRow d{job.to.account, job.to.device, DeliveryState::queued, context_.now(), job.way.bridge, row.item.id, {},
                  wire::envelope_hash(row.item.envelope)};
    BUD_CHECK(save(context_.db(), Table::deliveries, key::delivery(letter.hash, d.account, d.device), d));
    BUD_CHECK(save(context_.db(), Table::envelopes, key::envelope(d.envelope), WaitingRow{d.account, d.device, letter.hash}));
  }
  context_.changes.outbox.insert(job.way.bridge);
  return save(context_.db(), Table::outbox, key::outbox(job.way.bridge, row.item.id), row);
}

Result<> Fanout::ask_for_lookup(const AccountId& account) {
  BUD_TRY(std::vector<std::string> addresses, addresses_of(context_, account));
  for (const std::string& address : addresses) BUD_CHECK(want_lookup(context_, address));
  return {};
}

Result<bool> Fanout::reachable(const Recipient& recipient, SessionChoice choice) {
  Job job;
  job.to = recipient;
  BUD_TRY(Readiness readiness, prepare(job, choice, true));
  if (readiness == Readiness::needs_lookup) BUD_CHECK(ask_for_lookup(recipient.account));
  return readiness == Readiness::ready;
}

Result<> Fanout::wait(const ContentHash& hash, const Recipient& r) {
  BUD_CHECK(ask_for_lookup(r.account));
  DeliveryRow d{r.account, r.device, DeliveryState::waiting, context_.now(), {}, 0, {}, {}};
  BUD_CHECK(save(context_.db(), Table::deliveries, key::delivery(hash, r.account, r.device), d));
  return save(context_.db(), Table::waiting, key::waiting(r.account, r.device, hash),
              WaitingRow{r.account, r.device, hash});
}

Result<> Fanout::send(const Letter& letter, std::span<const Recipient> recipients, SessionChoice choice) {
  std::vector<Job> jobs;
  jobs.reserve(recipients.size());
  for (const Recipient& to : recipients) {
    Job job;
    job.to = to;
    BUD_TRY(Readiness readiness, prepare(job, choice, !letter.tracked));
    if (readiness == Readiness::ready)
      jobs.push_back(std::move(job));
    else if (readiness == Readiness::needs_lookup && letter.tracked)
      BUD_CHECK(wait(letter.hash, to));
  }
  return run(jobs, letter);
}

Result<std::vector<ContentHash>> Fanout::waiting_for(const Recipient& r) {
  std::vector<ContentHash> contents;
  BUD_CHECK(each<WaitingRow>(context_.db(), Table::waiting, {key::device(r.account, r.device), {}, false, SIZE_MAX},
                             [&](std::uint64_t, WaitingRow& row) {
                               contents.push_back(row.content);
                               return true;
                             }));
  return contents;
}

Result<std::optional<Letter>> Fanout::end_wait(const ContentHash& hash, const Recipient& r) {
  BUD_CHECK(context_.db().erase(Table::waiting, key::waiting(r.account, r.device, hash)));
  BUD_TRY(std::optional<PlaceRow> place, load<PlaceRow>(context_.db(), Table::message_index, key::message_by_hash(hash)));
  if (!place) return std::optional<Letter>();
  BUD_TRY(std::optional<MessageRow> message, load<MessageRow>(context_.db(), Table::messages, key::message(*place)));
  if (!message) return std::optional<Letter>();
  if (!is_control(*place)) context_.changes.messages.push_back(place->id);
  return std::optional<Letter>(stored_letter(std::move(message->content), hash));
}

Result<> Fanout::send_waiting(const AccountId& account, const DeviceId& device, bool stale) {
  const Recipient to{account, device};
  BUD_TRY(std::vector<ContentHash> contents, waiting_for(to));
  for (const ContentHash& hash : contents) {
    Job job;
    job.to = to;
    BUD_TRY(Readiness readiness, prepare(job, SessionChoice::preferred, stale));
    if (readiness == Readiness::needs_lookup) return {};
    BUD_TRY(std::optional<Letter> letter, end_wait(hash, to));
    if (!letter) continue;
    if (readiness == Readiness::nobody) {
      DeliveryRow d{account, device, DeliveryState::dropped, context_.now(), {}, 0, {}, {}};
      BUD_CHECK(save(context_.db(), Table::deliveries, key::delivery(hash, account, device), d));
      BUD_CHECK(settle_control(context_, hash));
      continue;
    }
    std::vector<Job> one;
    one.push_back(std::move(job));
    BUD_CHECK(run(one, *letter));
  }
  return {};
}

Result<> Fanout::send_to_found(const AccountId& account) {
  const Recipient anyone{account, {}};
  BUD_TRY(std::vector<ContentHash> contents, waiting_for(anyone));
  if (contents.empty()) return {};
  BUD_TRY(std::vector<Recipient> found, devices(account));
  if (found.empty()) return {};
  for (const ContentHash& hash : contents) {
    BUD_TRY(std::optional<Letter> letter, end_wait(hash, anyone));
    BUD_CHECK(context_.db().erase(Table::deliveries, key::delivery(hash, account, {})));
    if (letter) BUD_CHECK(send(*letter, found));
  }
  return {};
}

Result<> Fanout::send_outside_ledger(const Letter& letter, PeerRow& peer, Session session) {
  Job job;
  job.to = {peer.account, peer.device};
  job.peer = peer;
  BUD_TRY(std::optional<Way> way, sessions_.way_to(job.peer));
  if (!way) return fail(Errc::offline, "no bridge that reaches the other device");
  job.way = std::move(*way);
  job.session = std::move(session);
  std::vector<Job> one;
  one.push_back(std::move(job));
  BUD_CHECK(run(one, letter));
  peer = std::move(one.front().peer);
  return {};
}

}  // namespace bud::core
