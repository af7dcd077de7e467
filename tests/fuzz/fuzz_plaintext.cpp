// What a copy holds once it is opened: gossip, content and padding. The mutator pads again, since hardly any blind
// change leaves a plaintext that is padded as it must be.
#include "base/text.h"
#include "fuzz/support/harness.h"
#include "fuzz/support/mutator.h"
#include "support/wire_samples.h"

namespace bud::fuzz {
namespace {

using namespace wire;

void check_gossip(const Gossip& g) {
  BUD_HOLDS(g.members.size() <= max_members);
  if (!g.introduction) return;
  const Introduction& i = *g.introduction;
  BUD_HOLDS(i.entries.size() <= max_entries && i.openings.size() <= 64 && i.routes.size() <= max_routes);
  BUD_HOLDS(i.name.size() <= max_name && valid_text(i.name));
  for (const Bytes& e : i.entries) BUD_HOLDS(e.size() <= max_entry);
  for (const Route& r : i.routes) BUD_HOLDS(r.address.size() <= max_address && r.device.size() <= max_transport_name);
}

Bytes pad(ByteView inner) {
  Bytes all = Writer().vector(inner).take();
  all.resize(padded_size(all.size()));
  return all;
}

std::optional<Bytes> mutate(ByteView input, Dice& dice, std::size_t most) {
  Reader outer(input);
  const ByteView inner = outer.vector(2 * max_plaintext);
  if (outer.failed()) return std::nullopt;
  Bytes changed = blindly(inner, most > 300 ? most - 300 : 0);
  Bytes padded = pad(changed);
  if (percent(dice, 3)) padded.resize(padded.size() + dice.below(16));
  return padded;
}

}  // namespace

void run(ByteView input) {
  const Result<Plaintext> read = decode_padded(input);
  const std::size_t padded = padded_size(input.size());
  // At most 12 % more, and never less; padding what is padded adds nothing.
  BUD_HOLDS(padded >= input.size() && padded >= 256 && padded_size(padded) == padded);
  BUD_HOLDS(padded <= std::max<std::size_t>(256, input.size() + input.size() / 8 + 1));
  if (!read) return BUD_HOLDS(failed_with(read, Errc::malformed));
  BUD_HOLDS(equal(encode_padded(*read).expose(), input));
  BUD_HOLDS(read->content.size() <= max_content);
  check_gossip(read->gossip);
}

void write_seeds(Seeds& seeds) {
  crypto::SeededRandom random = test::seeded(203);
  Plaintext p;
  const auto sow = [&](std::string_view name) { seeds.add(name, encode_padded(p).expose()); };
  sow("empty");
  p.gossip = test::sample_gossip(random, false);
  p.content = encode(test::sample_contents(random)[1]);
  p.hash = content_hash(p.content);
  sow("text");
  p.gossip = test::sample_gossip(random, true);
  sow("all-gossip");
}

}  // namespace bud::fuzz

BUD_FUZZ_MUTATOR(bud::fuzz::mutate)
