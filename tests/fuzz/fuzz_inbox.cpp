// Copies that come to a device in the middle of its life: from its own second device, from a contact, from a hostile
// contact, from a device that asks to join, from a stranger, and from nobody at all. Sessions and signatures are real:
// what is sealed is the input's. Whatever comes, it is taken, nobody speaks for another, and no device gets in.
#include "fuzz/support/ring.h"
#include "fuzz/support/stage.h"

namespace bud::fuzz {
namespace {

constexpr int most_steps = 12;

enum Step : std::uint8_t { raw, content, plaintext, flight, again, waits, types_code, rejects, cosigns, step_count };

// A person types a code, of the other screen or any, into whatever asks for one.
void types(Played& device, bool looks, ByteView typed) {
  const std::optional<std::string> right = device.right_code();
  const std::string code = right && looks ? *right : std::string(as_text(typed));
  for (const core::JoinRequest& r : must(device.engine().join_requests())) {
    const auto second = device.engine().approve_join(r.id, code);
    BUD_HOLDS(!second || (code == right && second->size() == 6));
    device.let_in = device.let_in || second;
  }
  if (must(device.engine().join_status()).phase == core::JoinPhase::show_code)
    BUD_HOLDS(!device.engine().confirm_join(code) || code == right);
}

Bytes copy_of(Played& device, Step what, std::uint8_t who, ByteView chunk) {
  const Moment& m = device.moment();
  switch (what) {
    case content:
      return device.sealed(who, around(with_names(chunk, m), who));
    case plaintext: {
      const std::optional<Bytes> inner = as_its_author(chunk, m);
      return device.sealed(who, inner && who < 128 ? *inner : with_names(chunk, m));
    }
    case flight:
      return device.first_flight(who & 1 ? around(with_names(chunk, m), who) : with_names(chunk, m));
    case cosigns:
      if (const std::optional<wire::Content> c = device.cosignature())
        return device.sealed(who, around(wire::encode(*c), who));
      return {};
    default:
      return with_names(chunk, m);
  }
}

void step(Played& device, Feed& feed, Bytes& last) {
  const auto what = static_cast<Step>(feed.below(step_count));
  const std::uint8_t who = feed.u8();
  const ByteView chunk = feed.chunk();
  switch (what) {
    case waits:
      device.clock.time = device.clock.time + minutes(who);
      return must(device.engine().tick());
    case types_code:
      return types(device, who & 1, chunk);
    case rejects:
      for (const core::JoinRequest& r : must(device.engine().join_requests())) must(device.engine().reject_join(r.id));
      return;
    case again:
      return device.deliver(last);
    default:
      last = copy_of(device, what, who, chunk);
      return device.deliver(last);
  }
}

}  // namespace

void run(ByteView input) {
  Feed feed(input);
  Played device(moment(feed.flag() ? Which::tablet : Which::laptop));
  Bytes last;
  for (int i = 0; i < most_steps && !feed.empty(); ++i) step(device, feed, last);
  device.check();
}

// --- seeds ---

namespace {

template <class F>
F named(Name n) {
  return *F::from(name(n));
}

wire::Content base(Name author, Name thread) {
  wire::Content c;
  c.id.bytes[0] = 1;
  c.author = named<AccountId>(author);
  c.to = {named<AccountId>(account_alice)};
  c.thread = named<ThreadId>(thread);
  c.lamport = 5;
  c.time = {1'750'000'000'000};
  return c;
}

struct Script {
  wire::Writer w;
  explicit Script(bool tablet = false) { w.u8(tablet ? 1 : 0); }
  Script& say(Step step, std::uint8_t who, ByteView bytes) {
    chunk(w.u8(step).u8(who), bytes);
    return *this;
  }
  Script& say(std::uint8_t who, const wire::Content& c) { return say(content, who, wire::encode(c)); }
};

enum Who : std::uint8_t { by_phone, by_bob, by_mallory, by_tablet };

wire::Content with(wire::Content c, wire::ContentKind kind, wire::ContentBody body) {
  c.kind = kind;
  c.body = std::move(body);
  return c;
}

Bytes introduction() {
  wire::Plaintext p;
  p.gossip.counter = 9;
  p.gossip.mine = named<LedgerDigest>(digest_bob);
  p.gossip.yours = named<LedgerDigest>(digest_alice);
  crypto::SeededRandom random = test::seeded(215);
  p.gossip.personal = test::sample_bundle(random);
  wire::Introduction i;
  i.name = "Bob";
  i.routes = {{"spool:bob", "desktop"}};
  i.openings = {{"spool:bob", named<wire::ClaimOpening>(opening_bob)}};
  i.entries = {Bytes(80, 1), Bytes{0}, Bytes{4}, Bytes{5}};
  p.gossip.introduction = i;
  p.content = wire::encode(with(base(account_bob, thread_bob), wire::ContentKind::text, wire::Text{"hello", {}}));
  const crypto::SecretBytes padded = wire::encode_padded(p);
  wire::Reader r(padded.expose());
  const ByteView inner = r.vector(wire::max_plaintext);
  return Bytes(inner.begin(), inner.end());
}

}  // namespace

void write_seeds(Seeds& seeds) {
  using wire::ContentKind;
  const wire::Content bob = base(account_bob, thread_bob), mallory = base(account_mallory, thread_mallory);
  wire::Content control = bob;
  control.thread = {};
  const auto sow = [&](std::string_view name, const Script& s) { seeds.add(name, s.w.bytes()); };
  sow("text", Script().say(by_bob, with(bob, ContentKind::text, wire::Text{"hello", {}})));
  sow("text-twice", Script()
                        .say(by_bob, with(bob, ContentKind::text, wire::Text{"hello", {}}))
                        .say(again, 0, {})
                        .say(by_bob, with(bob, ContentKind::text, wire::Text{"again", {}})));
  sow("for-another", Script().say(by_mallory, with(bob, ContentKind::text, wire::Text{"I am bob", {}})));
  wire::Content spoofed = mallory;
  spoofed.author = named<AccountId>(account_bob);
  sow("as-another", Script().say(by_mallory, with(spoofed, ContentKind::text, wire::Text{"I am bob", {}})));
  sow("own-echo",
      Script().say(by_phone, with(base(account_alice, thread_bob), ContentKind::text, wire::Text{"by phone", {}})));
  sow("receipt",
      Script().say(by_bob, with(control, ContentKind::receipt,
                                wire::Receipt{wire::ReceiptType::delivered, {named<ContentHash>(content_sent)}, {}})));
  sow("strangers-receipt",
      Script().say(by_mallory, with(mallory, ContentKind::receipt,
                                    wire::Receipt{wire::ReceiptType::read, {}, {{named<ThreadId>(thread_bob), 1}}})));
  crypto::SeededRandom random = test::seeded(216);
  const wire::DecryptError lost{{named<EnvelopeHash>(envelope_to_bob)}, test::sample_bundle(random)};
  sow("decrypt-error", Script().say(by_bob, with(control, ContentKind::decrypt_error, lost)));
  sow("anothers-decrypt-error", Script().say(by_mallory, with(mallory, ContentKind::decrypt_error, lost)));
  // Own-device state: by an own device, by a contact, and by a contact as an own device.
  wire::Content own_control = control;
  own_control.author = named<AccountId>(account_alice);
  own_control.to.clear();
  own_control.lamport = 0;
  const auto own_state = [&](bool asks) {
    const DeviceId phone = named<DeviceId>(device_phone);
    return wire::RegisterSync{
        {}, asks, {{wire::RegisterKind::blocked, name(account_bob), 5, phone, {1}},
                   {wire::RegisterKind::draft, name(thread_bob), 6, phone, {'d'}},
                   {wire::RegisterKind::setting, {'s'}, std::uint64_t{1} << 62, phone, {'v'}},
                   {static_cast<wire::RegisterKind>(200), {'u'}, 7, phone, {'v'}}}};
  };
  sow("own-state", Script()
                       .say(by_phone, with(own_control, ContentKind::device_register, own_state(false)))
                       .say(again, 0, {})
                       .say(by_bob, with(bob, ContentKind::text, wire::Text{"am I blocked?", {}}))
                       .say(waits, 120, {}));
  sow("own-state-asked", Script()
                             .say(by_phone, with(own_control, ContentKind::device_register, own_state(true)))
                             .say(waits, 1, {})
                             .say(by_phone, with(own_control, ContentKind::device_register, wire::RegisterSync{})));
  sow("sync-inject", Script()
                         .say(by_bob, with(control, ContentKind::device_register, own_state(false)))
                         .say(by_bob, with(own_control, ContentKind::device_register, own_state(true))));
  sow("unknown-kind", Script().say(by_bob, with(bob, static_cast<ContentKind>(999), wire::UnknownBody{Bytes(9, 7)})));
  sow("introduction", Script().say(plaintext, by_bob, introduction()));
  sow("stranger", Script().say(flight, 1, wire::encode(with(mallory, ContentKind::text, wire::Text{"buy", {}}))));
  sow("reveal", Script()
                    .say(by_tablet, with(control, ContentKind::join_reveal, wire::JoinReveal{}))
                    .say(types_code, 0, as_bytes("123456")));
  sow("let-in", Script()
                    .say(by_tablet, with(control, ContentKind::join_reveal,
                                         wire::JoinReveal{named<wire::JoinNonce>(nonce_tablet)}))
                    .say(types_code, 1, {})
                    .say(cosigns, by_tablet, {}));
  sow("wrong-code", Script()
                        .say(by_tablet, with(control, ContentKind::join_reveal,
                                             wire::JoinReveal{named<wire::JoinNonce>(nonce_tablet)}))
                        .say(types_code, 0, as_bytes("123456")));
  sow("confirms", Script(true).say(types_code, 1, {}));
  sow("confirms-wrongly", Script(true).say(types_code, 0, as_bytes("123456")));
  sow("cosignature", Script().say(by_tablet, with(control, ContentKind::join_cosignature, wire::JoinCosignature{})));
  sow("strangers-offer",
      Script(true).say(
          flight, 1,
          wire::encode(with(
              control, ContentKind::join_offer,
              wire::JoinOffer{
                  named<AccountId>(account_mallory), {}, {}, {}, named<wire::JoinCommitment>(commitment_tablet)}))));
  sow("welcome-unasked", Script(true).say(by_phone, with(base(account_alice, thread_bob), ContentKind::join_welcome,
                                                         wire::JoinWelcome{{Bytes(70, 1)}, "Alice", {}})));
  sow("raw", Script().say(raw, 0, Bytes(300, 1)).say(waits, 0, {}).say(rejects, 0, {}));
}

}  // namespace bud::fuzz
