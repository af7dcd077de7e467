// Copies within a session, handed one after the other to an end of it: clear headers, and what opening makes of them.
// The mutator is the other end, a hostile one: it seals copies that authenticate, with whatever a header can say.
#include "fuzz/support/copies.h"
#include "fuzz/support/feed.h"
#include "fuzz/support/mutator.h"
#include "support/hostile_keys.h"

namespace bud::fuzz {
namespace {

using test::noon;

constexpr std::size_t most_copies = 8;

struct Ends {
  core::Session a, b;
};

// The session at three moments of its life, as its ends keep it: what an input's first byte chooses from.
std::vector<Ends> make_moments() {
  std::vector<Ends> all;
  test::Pair pair(207);
  const auto keep = [&] { all.push_back({test::stored(pair.a), test::stored(pair.b)}); };
  pair.answer();
  keep();  // b has spoken last: a may begin a chain
  pair.offer_both_ways();
  pair.b.offer_wanted = true;
  (void)test::open_text(pair.a, test::seal_text(pair.b, "an offer to answer", pair.random));
  keep();
  for (int i = 0; i < 4; ++i) (void)test::seal_text(pair.a, "lost", pair.random);
  (void)test::open_text(pair.b, test::seal_text(pair.a, "keys are skipped", pair.random));
  keep();  // b has to take a step first: only the current chain and the skipped keys open
  return all;
}
const Ends& moment(std::uint8_t choice) {
  static const std::vector<Ends> all = make_moments();
  return all[choice % all.size()];
}

struct Input {
  std::uint8_t moment = 0;
  std::vector<Bytes> copies;
};
Input read(ByteView bytes) {
  Input input;
  wire::Reader r(bytes);
  input.moment = r.u8();
  while (r.remaining() > 0 && input.copies.size() < most_copies) {
    const ByteView copy = r.vector(wire::max_copy + 64);
    if (r.failed()) break;
    input.copies.emplace_back(copy.begin(), copy.end());
  }
  return input;
}
Bytes write(const Input& input) {
  wire::Writer w;
  w.u8(input.moment);
  for (const Bytes& copy : input.copies) w.vector(copy);
  return w.take();
}

// --- the hostile end ---

void spoil_chain(core::SendingChain& chain, Dice& dice) {
  switch (dice.below(6)) {
    case 0:  // an answer to an offer that nobody made
      chain.answer =
          wire::KemAnswer{test::random_fixed<wire::KemId>(dice), test::random_fixed<crypto::KemCiphertext>(dice)};
      break;
    case 1:  // an answer that is wrong
      if (chain.answer) dice.fill(chain.answer->ciphertext.bytes);
      break;
    case 2:
      if (chain.offer) chain.offer->id.bytes[0] ^= 1;
      break;
    case 3:
      if (chain.offer) chain.offer->key = test::hostile_kem_key(chain.offer->key);
      if (chain.offer) chain.offer->id = wire::kem_id(chain.offer->key);
      break;
    case 4:
      chain.next = static_cast<std::uint32_t>(dice.next());
      break;
    default:
      chain.next += static_cast<std::uint32_t>(dice.below(2100));
      break;
  }
}

Bytes hostile_copy(const core::Session& a, Dice& dice) {
  core::Session s = test::stored(a);
  if (percent(dice, 60)) s.step_due = true;  // a new chain
  s.offer_wanted = percent(dice, 50);
  if (percent(dice, 20)) s.previous_sent = static_cast<std::uint32_t>(dice.below(2500));
  if (percent(dice, 5)) s.previous_sent = static_cast<std::uint32_t>(dice.next());
  const core::SealRequest request{static_cast<wire::MessageClass>(1 + dice.below(5)),
                                  static_cast<std::uint32_t>(dice.next()), test::random_fixed<wire::RecipientTag>(dice),
                                  noon};
  const Bytes plaintext = test::random_bytes(dice, dice.below(2) * 64);
  Bytes copy = must(core::seal(s, request, plaintext, dice));
  const std::size_t lost = percent(dice, 40) ? dice.below(12) : 0;
  for (std::size_t i = 0; i < lost; ++i) copy = must(core::seal(s, request, plaintext, dice));
  if (percent(dice, 40)) {
    spoil_chain(*s.sending, dice);
    copy = must(core::seal(s, request, plaintext, dice));
  }
  return copy;
}

std::optional<Bytes> mutate(ByteView bytes, Dice& dice, std::size_t most) {
  Input input = read(bytes);
  if (percent(dice, 5)) input.moment = static_cast<std::uint8_t>(dice.below(3));
  const Ends& ends = moment(input.moment);
  if (input.copies.empty()) input.copies.push_back(hostile_copy(ends.a, dice));
  Bytes& copy = pick(input.copies, dice);
  switch (dice.below(6)) {
    case 0:
    case 1:
      input.copies.push_back(hostile_copy(ends.a, dice));
      break;
    case 2:
      copy = hostile_copy(ends.a, dice);
      break;
    case 3:
      input.copies.push_back(copy);
      break;
    case 4:
      std::swap(copy, pick(input.copies, dice));
      break;
    default:
      copy = blindly(copy, copy.size() + 16);
      break;
  }
  while (input.copies.size() > 1 && write(input).size() > most) input.copies.erase(input.copies.begin());
  return write(input);
}

}  // namespace

void run(ByteView bytes) {
  (void)check_copy(bytes);
  const Input input = read(bytes);
  core::Session b = test::stored(moment(input.moment).b);
  for (const Bytes& one : input.copies) {
    const std::optional<wire::CopyView> copy = check_copy(one);
    if (!copy) continue;
    if (!check_open(b, *copy, noon)) continue;
    BUD_HOLDS(copy->header.session == b.id);
    BUD_HOLDS(!check_open(b, *copy, noon));  // a key opens one copy, once
    BUD_HOLDS(!b.peer_offer || wire::kem_id(b.peer_offer->key) == b.peer_offer->id);
  }
  // Whatever came, it can answer, and with a bad key of the peer's it says so or goes on without.
  crypto::SeededRandom random = test::seeded(208);
  const Result<Bytes> answer = core::seal(b, {wire::MessageClass::normal, 0, {}, noon}, as_bytes("answer"), random);
  BUD_HOLDS(answer.has_value() && check_copy(*answer).has_value());
}

void write_seeds(Seeds& seeds) {
  crypto::SeededRandom random = test::seeded(209);
  for (std::uint8_t m = 0; m < 3; ++m) {
    core::Session a = test::stored(moment(m).a);
    Input input{m, {}};
    for (int i = 0; i < 2; ++i) input.copies.push_back(test::seal_text(a, "in the chain", random));
    seeds.add("chain-" + std::to_string(m), write(input));
    a = test::stored(moment(m).a);
    a.step_due = a.offer_wanted = true;
    seeds.add("new-chain-" + std::to_string(m), write({m, {test::seal_text(a, "a new chain", random)}}));
  }
  for (const bool handshake : {false, true})
    seeds.add(handshake ? "header-whole" : "header-bare",
              wire::Writer()
                  .raw(wire::encode(test::sample_header(random, handshake, handshake, handshake)))
                  .raw(Bytes(crypto::Nonce::size + crypto::aead_overhead, 1))
                  .bytes());
}

}  // namespace bud::fuzz

BUD_FUZZ_MUTATOR(bud::fuzz::mutate)
