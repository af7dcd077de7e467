// First flights to a device whose keys are known here. The mutator opens the flight, changes what only the initiator
// can choose (who it says that it is, the session's number, what it sends), and seals it again.
#include "fuzz/support/copies.h"
#include "fuzz/support/mutator.h"
#include "fuzz/support/ring.h"
#include "support/hostile_keys.h"

namespace bud::fuzz {
namespace {

using test::noon;

const test::PairDevice& receiver() {
  static const test::PairDevice device = [] {
    crypto::SeededRandom random = test::seeded(204);
    return test::PairDevice(random);
  }();
  return device;
}

// What an initiator chooses.
struct Flight {
  AccountId account;
  DeviceId device;
  crypto::DhPublic identity;
  std::uint64_t number = 1;
  bool admitted = false;
  core::SealRequest request;
  Bytes plaintext;
};

Bytes seal(const Flight& f, Random& random) {
  const crypto::DhKey* own = &ring().dh[0];
  for (const crypto::DhKey& key : ring().dh)
    if (key.public_key() == f.identity) own = &key;
  // Another public key than the secret's: what an initiator claims that it cannot prove.
  const crypto::DhKey claimed(f.identity, own->secret().clone());
  core::AdmissionKey admission;
  core::Session session = must(core::initiate({f.account, f.device, claimed}, receiver().peer(), f.number,
                                              f.admitted ? &admission : nullptr, noon, random));
  return must(core::seal(session, f.request, f.plaintext, random));
}

std::optional<Flight> take_apart(ByteView bytes) {
  const Result<wire::CopyView> copy = wire::decode_copy(bytes);
  if (!copy) return std::nullopt;
  Result<core::Accepted> a = core::accept(receiver().own(), receiver().prekey, copy->header, noon);
  if (!a) return std::nullopt;
  Flight f{a->account, a->device, a->identity, a->session.number, false, {}, {}};
  const wire::Header& h = copy->header;
  f.admitted = !h.handshake->admission.is_zero();
  f.request = {h.message_class, h.ttl, h.recipient, noon};
  if (const Result<crypto::SecretBytes> plain = core::open(a->session, *copy, noon))
    f.plaintext.assign(plain->expose().begin(), plain->expose().end());
  return f;
}

void change(Flight& f, Dice& dice, std::size_t most) {
  static const std::vector<test::HostileKey> signing = test::hostile_signing_keys(), dh = test::hostile_dh_keys();
  switch (dice.below(9)) {
    case 0:
      f.device = *DeviceId::from(signing[dice.below(signing.size())].bytes);
      break;
    case 1:
      f.identity = *crypto::DhPublic::from(dh[dice.below(dh.size())].bytes);
      break;
    case 2:
      f.device = ring().any(dice).id();
      break;
    case 3:
      f.identity = ring().any_dh(dice).public_key();
      break;
    case 4:
      blindly_fixed(f.account);
      break;
    case 5:
      f.number = dice.next();
      break;
    case 6:
      f.admitted = !f.admitted;
      break;
    case 7:
      f.request.ttl = static_cast<std::uint32_t>(dice.next());
      break;
    default:
      f.plaintext = blindly(f.plaintext, most > 2000 ? most - 2000 : 0);
      break;
  }
}

std::optional<Bytes> mutate(ByteView input, Dice& dice, std::size_t most) {
  std::optional<Flight> f = take_apart(input);
  if (!f) return std::nullopt;
  change(*f, dice, most);
  Bytes copy = seal(*f, dice);
  // And now and then a server's touch, which nothing may survive.
  if (percent(dice, 20)) copy[dice.below(copy.size())] ^= static_cast<std::uint8_t>(1 + dice.below(255));
  return copy;
}

bool opens(ByteView bytes) {
  const Result<wire::CopyView> copy = wire::decode_copy(bytes);
  if (!copy) return false;
  Result<core::Accepted> a = core::accept(receiver().own(), receiver().prekey, copy->header, noon);
  return a && core::open(a->session, *copy, noon);
}

// What has opened opens in no other form: every byte of it is authenticated.
void check_tampered(ByteView good) {
  using Draw = Fixed<struct FuzzDrawTag, 32>;
  const Draw draw = crypto::hash<Draw>({"budstikke/1/test/fuzz"}, good);
  Bytes bad(good.begin(), good.end());
  for (std::size_t i = 0; i + 3 < 12; i += 3) {
    const std::size_t at = (std::size_t{draw.bytes[i]} << 8 | draw.bytes[i + 1]) % bad.size();
    const auto bit = static_cast<std::uint8_t>(1u << (draw.bytes[i + 2] & 7));
    bad[at] ^= bit;
    BUD_HOLDS(!opens(bad));
    bad[at] ^= bit;
  }
  BUD_HOLDS(!opens(good.first(good.size() - 1)));
  bad.push_back(0);
  BUD_HOLDS(!opens(bad));
}

}  // namespace

void run(ByteView input) {
  const std::optional<wire::CopyView> copy = check_copy(input);
  if (!copy) return;
  Result<core::Accepted> a = core::accept(receiver().own(), receiver().prekey, copy->header, noon);
  if (!a) return BUD_HOLDS(a.error().code == Errc::cannot_open);
  BUD_HOLDS(copy->header.handshake && copy->header.handshake->prekey == receiver().prekey.bundle.id);
  BUD_HOLDS(crypto::check_signing_public(a->device).has_value() && crypto::check_dh_public(a->identity).has_value());
  BUD_HOLDS(a->session.id == copy->header.session && !a->session.initiator && !a->session.handshake);
  const Result<core::Accepted> again = core::accept(receiver().own(), receiver().prekey, copy->header, noon);
  BUD_HOLDS(again && test::row(again->session) == test::row(a->session));
  if (!check_open(a->session, *copy, noon)) return;
  BUD_HOLDS(!check_open(a->session, *copy, noon));
  check_tampered(input);
  crypto::SeededRandom random = test::seeded(205);
  BUD_HOLDS(core::seal(a->session, {wire::MessageClass::normal, 0, {}, noon}, as_bytes("answer"), random).has_value());
}

void write_seeds(Seeds& seeds) {
  crypto::SeededRandom random = test::seeded(206);
  Flight f;
  f.account = test::random_fixed<AccountId>(random);
  f.device = ring().signing[0].id();
  f.identity = ring().dh[1].public_key();
  f.request = {wire::MessageClass::normal, 0, wire::recipient_tag(receiver().signing.id()), noon};
  f.plaintext = Bytes(256, 0);
  seeds.add("stranger", seal(f, random));
  f.admitted = true;
  f.request = {wire::MessageClass::urgent, 86400, f.request.recipient, noon};
  f.number = 77;
  f.plaintext.clear();
  seeds.add("admitted-empty", seal(f, random));
  f.identity = receiver().identity.public_key();
  seeds.add("claims-anothers-identity", seal(f, random));
}

}  // namespace bud::fuzz

BUD_FUZZ_MUTATOR(bud::fuzz::mutate)
