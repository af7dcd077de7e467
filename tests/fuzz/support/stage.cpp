#include "fuzz/support/stage.h"

#include "base/text.h"
#include "core/directory.h"
#include "core/ledgers.h"
#include "fuzz/support/ring.h"
#include "support/session_pair.h"

namespace bud::fuzz {
namespace {

using test::Device;
using test::World;

constexpr std::string_view name_mark = "budstikke/fuzz/the-id-number-->";  // 31 bytes, and the number

Bytes bytes_of(ByteView v) {
  return Bytes(v.begin(), v.end());
}

// All that lives up to the two moments.
class Life {
 public:
  Life() {
    must(laptop_->create_account("Alice"));
    must(bob_->create_account("Bob"));
    world_.settle();
    world_.join(laptop_, phone_);
    const wire::ClaimOpening opening = mallory_.claim("spool:mallory");
    world_.network.directory["mallory"]["raw"] =
        mallory_.record(mallory_.account(), "spool:mallory", opening, mallory_.entries);
    thread_bob_ = world_.thread(laptop_, "spool:bob");
    thread_mallory_ = world_.thread(laptop_, "spool:mallory");
    say(laptop_, thread_bob_, "hello bob");
    say(bob_, world_.thread(bob_, "spool:alice"), "hello alice");
    say(laptop_, thread_mallory_, "hello mallory");
    mallory_speaks();
    // Sent, pushed, and not answered yet.
    bob_.off = true;
    say(laptop_, thread_bob_, "are you there?");
    tablet_asks();
    mallorys_opening_ = opening;
  }

  Moment laptop() {
    Moment m = common(laptop_);
    voice(m, phone_);
    voice(m, bob_);
    m.voices.push_back({mallory_.account(), mallory_.device(), test::stored(*mallory_.session)});
    m.voices.push_back({AccountId{}, device_of(tablet_), test::stored(*tablets_session_)});
    m.known = {tag(phone_), tag(bob_), wire::recipient_tag(mallory_.device()), tag(tablet_)};
    return m;
  }
  Moment tablet() {
    Moment m = common(tablet_);
    voice(m, laptop_);
    m.known = {tag(laptop_)};
    return m;
  }

 private:
  static DeviceId device_of(Device& d) { return must(d->account()).device; }
  static wire::RecipientTag tag(Device& d) { return wire::recipient_tag(device_of(d)); }
  AccountId alice() { return must(laptop_->account()).account; }

  void say(Device& from, const ThreadId& thread, const std::string& text) {
    must(from->send(thread, text, ""));
    world_.settle();
  }
  wire::Record record_of(Device& d) {
    return must(wire::decode_and_verify_record(world_.network.directory[d.address][d.name]));
  }
  crypto::DhPublic identity_of(Device& d) {
    for (const wire::Entry& e : record_of(d).entries)
      if (e.body().key == device_of(d)) return e.body().identity;
    broken("stage", 0, "an identity");
  }

  void mallory_speaks() {
    mallory_.open(record_of(laptop_), identity_of(laptop_));
    const Bytes copy = mallory_.seal(mallory_.text(alice(), "hello alice"));
    must(laptop_->deliver("spool", {&copy, 1}, Bytes{9}));
    world_.settle();
  }

  void tablet_asks() {
    must(laptop_->open_join_window(minutes(5)));
    must(tablet_->begin_join("spool:alice"));
    (void)tablet_.step();  // its record is published
    join_record_ = must(wire::decode_and_verify_join_record(world_.network.directory["alice"]["tablet"]));
    tablet_.off = true;
    world_.settle();  // the laptop sees it, and offers
    tablet_.off = false;
    (void)tablet_.step();
    tablets_session_ = tablet_.session_with(alice(), device_of(laptop_));
  }

  void voice(Moment& m, Device& d) {
    // Where the tablet is filed by its sponsor too.
    m.voices.push_back({must(d->account()).account, device_of(d), d.session_with(alice(), m.device)});
  }

  Bytes last_envelope_to_bob() {
    for (auto copy = world_.network.all_mail.rbegin(); copy != world_.network.all_mail.rend(); ++copy)
      if (must(wire::decode_copy(*copy)).header.recipient == tag(bob_))
        return bytes_of(wire::envelope_hash(*copy).view());
    broken("stage", 0, "a copy for bob");
  }
  Bytes content_to_bob() {
    const core::MessageInfo newest = must(laptop_->messages(thread_bob_, 0, 1)).at(0);
    const auto row = must(
        core::load<core::PlaceRow>(laptop_.storage, core::Table::message_index, core::key::message_by_id(newest.id)));
    const auto message =
        must(core::load<core::MessageRow>(laptop_.storage, core::Table::messages, core::key::message(*row)));
    return bytes_of(wire::content_hash(message->content).view());
  }
  static Bytes digest_of(const std::vector<wire::Entry>& entries, const AccountId& account) {
    std::vector<core::ledger::Node> nodes;
    for (const wire::Entry& e : entries)
      if (e.account() == account) nodes.push_back(core::to_node(e));
    return bytes_of(core::digest_of(must(core::ledger::evaluate(nodes))).view());
  }

  Moment common(Device& d) {
    Moment m;
    m.storage = d.storage;
    m.address = d.address;
    m.name = d.name;
    m.device = device_of(d);
    m.now = world_.clock.time;
    m.state = must(d->account()).state;
    const wire::Record laptops = record_of(laptop_), bobs = record_of(bob_);
    m.alice = alice();
    m.bob = must(bob_->account()).account;
    m.mallory = mallory_.account();
    m.bobs_opening = bobs.body.opening;
    m.mallorys_opening = mallorys_opening_;
    m.names.resize(name_count);
    const auto put = [&](Name n, ByteView v) { m.names[n] = bytes_of(v); };
    put(account_alice, m.alice.view());
    put(account_bob, m.bob.view());
    put(account_mallory, m.mallory.view());
    put(device_laptop, device_of(laptop_).view());
    put(device_phone, device_of(phone_).view());
    put(device_bob, device_of(bob_).view());
    put(device_mallory, mallory_.device().view());
    put(device_tablet, device_of(tablet_).view());
    put(thread_bob, thread_bob_.view());
    put(thread_mallory, thread_mallory_.view());
    put(Name::content_sent, content_to_bob());
    put(Name::envelope_to_bob, last_envelope_to_bob());
    put(digest_alice, digest_of(laptops.entries, m.alice));
    put(digest_bob, digest_of(bobs.entries, m.bob));
    put(genesis_alice, m.alice.view());
    put(tip_alice, laptops.entries.back().hash().view());
    put(commitment_tablet, join_record_->body.commitment.view());
    const auto own = must(core::load<core::OwnRow>(tablet_.storage, core::Table::meta, core::key::meta("own")));
    put(nonce_tablet, own->join_nonce.view());
    put(opening_bob, m.bobs_opening.view());
    put(opening_mallory, m.mallorys_opening.view());
    const auto keys = must(core::load<core::KeysRow>(tablet_.storage, core::Table::meta, core::key::meta("keys")));
    m.tablets_key = crypto::SigningKey::from_expanded(keys->signing.expose());
    m.tablets_record = join_record_;
    for (const wire::Entry& e : laptops.entries) m.entries.push_back(e.bytes());
    for (const wire::Entry& e : bobs.entries) m.entries.push_back(e.bytes());
    m.entries.insert(m.entries.end(), mallory_.entries.begin(), mallory_.entries.end());
    for (const auto& [address, devices] : world_.network.directory)
      for (const auto& [device, record] : devices) m.records[address + "/" + device] = record;
    return m;
  }

  World world_;
  Device& laptop_ = world_.add("laptop", "alice");
  Device& phone_ = world_.add("phone", "alice");
  Device& bob_ = world_.add("desktop", "bob");
  Device& tablet_ = world_.add("tablet", "alice");
  test::RawSender mallory_{world_, 90};
  ThreadId thread_bob_, thread_mallory_;
  wire::ClaimOpening mallorys_opening_;
  std::optional<wire::JoinRecord> join_record_;
  std::optional<core::Session> tablets_session_;
};

std::set<DeviceId> active(core::Engine& engine, const AccountId& account) {
  std::set<DeviceId> devices;
  for (const core::DeviceInfo& d : must(engine.devices(account)))
    if (d.active) devices.insert(d.device);
  return devices;
}

}  // namespace

const Moment& moment(Which which) {
  static Life life;
  static const Moment laptop = life.laptop(), tablet = life.tablet();
  return which == Which::laptop ? laptop : tablet;
}

Bytes name(std::uint8_t index) {
  static_assert(name_mark.size() == 31);
  Bytes n(name_mark.begin(), name_mark.end());
  n.push_back(index);
  return n;
}

Bytes with_names(ByteView bytes, const Moment& moment) {
  Bytes out(bytes.begin(), bytes.end());
  for (std::size_t at = 0; at + 32 <= out.size(); ++at) {
    const std::size_t found = as_text(out).find(name_mark, at);
    if (found == std::string_view::npos || found + 32 > out.size()) break;
    const Bytes& id = moment.names[out[found + 31] % moment.names.size()];
    std::copy(id.begin(), id.end(), out.begin() + static_cast<std::ptrdiff_t>(found));
    at = found;
  }
  return out;
}

namespace {

Bytes padded(ByteView inner) {
  Bytes all = wire::Writer().vector(inner).take();
  all.resize(wire::padded_size(all.size()));
  return all;
}
Bytes unpadded(const wire::Plaintext& p) {
  const crypto::SecretBytes all = wire::encode_padded(p);
  wire::Reader r(all.expose());
  return bytes_of(r.vector(wire::max_plaintext));
}

}  // namespace

std::optional<Bytes> as_its_author(ByteView inner, const Moment& moment) {
  Result<wire::Plaintext> p = wire::decode_padded(padded(with_names(inner, moment)));
  if (!p) return std::nullopt;
  if (p->gossip.introduction)
    for (Bytes& entry : p->gossip.introduction->entries)
      if (entry.size() == 1) entry = moment.entries[entry[0] % moment.entries.size()];
  p->hash = wire::content_hash(p->content);
  return unpadded(*p);
}

Bytes around(ByteView content, std::uint64_t counter) {
  wire::Plaintext p;
  p.gossip.counter = counter;
  p.content.assign(content.begin(), content.end());
  p.hash = wire::content_hash(p.content);
  return unpadded(p);
}

// --- playing ---

Played::Played(const Moment& moment)
    : moment_(moment), storage_(moment.storage), arena_(must(crypto::Arena::create())) {
  clock.time = moment.now;
  crypto::Secret<32> seed;
  seed.expose_mutable()[0] = 99;
  random_ = std::make_unique<crypto::SeededRandom>(std::move(seed));
  for (const Voice& v : moment.voices) sessions_.push_back(test::stored(v.session));
  start();
}

void Played::start() {
  engine_.reset();
  engine_ = must(core::Engine::open({storage_, clock, *random_, executor_, *arena_, *this}));
  must(engine_->bridge_ready("spool", {moment_.address, moment_.name, 32 * 1024, 100, false}));
}

void Played::deliver(const Bytes& copy) {
  const Result<> taken = engine_->deliver("spool", {&copy, 1}, Bytes{++deliveries_});
  BUD_HOLDS(taken.has_value());
  BUD_HOLDS(must(engine_->cursor("spool")) == Bytes{deliveries_});
}

Bytes Played::sealed(std::size_t voice, ByteView inner) {
  core::Session& session = sessions_[voice % sessions_.size()];
  return must(core::seal(session, {wire::MessageClass::normal, 0, wire::recipient_tag(moment_.device), clock.time},
                         padded(inner), *random_));
}

Bytes Played::first_flight(ByteView inner) {
  const std::string published = moment_.address + "/" + moment_.name;
  core::PeerDevice peer;
  peer.device = moment_.device;
  if (const auto record = wire::decode_and_verify_record(moment_.records.at(published))) {
    peer.account = moment_.alice;
    peer.bundle = record->body.bundle;
    for (const wire::Entry& e : record->entries)
      if (e.body().key == moment_.device) peer.identity = e.body().identity;
  } else {
    const wire::JoinRecord joiner = must(wire::decode_and_verify_join_record(moment_.records.at(published)));
    peer.bundle = joiner.body.bundle;
    peer.identity = joiner.body.identity;
  }
  const core::OwnDevice stranger{AccountId{ring().signing[3].id().bytes}, ring().signing[3].id(), ring().dh[3]};
  core::Session s = must(core::initiate(stranger, peer, clock.time.ms, nullptr, clock.time, *random_));
  return must(core::seal(s, {wire::MessageClass::normal, 0, wire::recipient_tag(moment_.device), clock.time},
                         padded(inner), *random_));
}

// What both ends hash into their codes, as far as this end knows it.
std::optional<core::JoinTranscript> Played::transcript() {
  const wire::JoinRecordBody& joiner = moment_.tablets_record->body;
  core::JoinTranscript t{
      {}, moment_.device, joiner.device, joiner.identity, *wire::JoinNonce::from(moment_.names[nonce_tablet])};
  if (moment_.state == core::AccountState::joining) {
    const auto offer = must(core::load<core::JoinOfferRow>(storage_, core::Table::meta, core::key::meta("join-offer")));
    if (!offer) return std::nullopt;
    t.offer = offer->offer;
    t.sponsor = offer->sponsor;
    return t;
  }
  std::optional<core::JoinTranscript> found;
  must(
      core::each<core::JoinRequestRow>(storage_, core::Table::joining, {}, [&](std::uint64_t, core::JoinRequestRow& r) {
        if (r.record != moment_.tablets_record->bytes) return true;
        t.offer = {moment_.alice, r.digest, r.parent, r.nonce, joiner.commitment};
        found = t;
        return false;
      }));
  return found;
}

std::optional<std::string> Played::right_code() {
  const std::optional<core::JoinTranscript> t = transcript();
  if (!t) return std::nullopt;
  return core::join_code(*t, moment_.state == core::AccountState::joining);
}

std::optional<wire::Content> Played::cosignature() {
  const std::optional<core::JoinTranscript> t = transcript();
  if (!t) return std::nullopt;
  const wire::EntryBody entry = core::join_entry(t->offer, t->sponsor, t->joiner, t->joiner_identity);
  wire::Content c;
  c.kind = wire::ContentKind::join_cosignature;
  c.body = wire::JoinCosignature{wire::cosign(entry, *moment_.tablets_key)};
  return c;
}

// --- what holds ---

void Played::check_shown() {
  const core::AccountInfo own = must(engine_->account());
  BUD_HOLDS(own.state == moment_.state && own.device == moment_.device);
  if (own.state != core::AccountState::member) return;
  for (const core::ThreadInfo& t : must(engine_->threads())) {
    BUD_HOLDS(valid_text(t.name) && t.members.size() == 1);
    BUD_HOLDS(t.thread == wire::thread_of_two(own.account, t.members[0]));
    for (const core::MessageInfo& m : must(engine_->messages(t.thread, 0, 1000))) {
      // Nobody speaks for anybody else, or in a conversation that is not theirs.
      BUD_HOLDS(m.thread == t.thread && (m.author == own.account || m.author == t.members[0]));
      BUD_HOLDS(m.outgoing == (m.author == own.account));
      const std::vector<core::DeviceInfo> devices = must(engine_->devices(m.author));
      BUD_HOLDS(
          std::any_of(devices.begin(), devices.end(), [&](const auto& d) { return d.device == m.author_device; }));
      BUD_HOLDS(valid_text(m.text) && m.text.size() <= wire::max_text);
      BUD_HOLDS(must(engine_->message(m.id)).thread == t.thread);
    }
  }
  for (const core::ContactInfo& c : must(engine_->contacts())) {
    BUD_HOLDS(valid_text(c.name) && c.name.size() <= wire::max_name && c.addresses.size() <= 64);
    BUD_HOLDS(c.account != own.account);
  }
  for (const core::Event& e : must(engine_->events(0, 10'000))) BUD_HOLDS(e.cursor <= must(engine_->last_event()));
  for (const core::Alert& a : must(engine_->alerts())) BUD_HOLDS(valid_text(a.text) && !a.text.empty());
}

// Nobody here can sign for alice or for bob: what devices they have is as it was.
void Played::check_devices() {
  if (moment_.state != core::AccountState::member) return;
  const auto id = [&](Name n) { return *DeviceId::from(moment_.names[n]); };
  std::set<DeviceId> alices = active(*engine_, moment_.alice);
  if (let_in) alices.erase(id(device_tablet));
  BUD_HOLDS(alices == (std::set<DeviceId>{id(device_laptop), id(device_phone)}));
  BUD_HOLDS(active(*engine_, moment_.bob) == std::set<DeviceId>{id(device_bob)});
}

void Played::check_outbox() {
  for (const core::OutboxItem& item : must(engine_->outbox("spool", 0, 10'000, 1 << 26))) {
    const Result<wire::CopyView> copy = wire::decode_copy(item.envelope);
    BUD_HOLDS(copy.has_value() && item.envelope.size() <= wire::max_copy);
    const auto is = [&](const wire::RecipientTag& t) { return t == copy->header.recipient; };
    BUD_HOLDS(std::any_of(moment_.known.begin(), moment_.known.end(), is) ||
              std::any_of(also_known.begin(), also_known.end(), is));
  }
}

void Played::check() {
  for (int lives = 0; lives < 2; ++lives) {
    must(engine_->tick());
    check_shown();
    check_devices();
    check_outbox();
    BUD_HOLDS(engine_->publication("spool").has_value());
    if (lives == 0) start();
  }
}

}  // namespace bud::fuzz
