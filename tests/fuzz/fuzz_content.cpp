// What people and devices say to each other, as it stands in an opened copy.
#include "base/text.h"
#include "fuzz/support/harness.h"
#include "support/wire_samples.h"

namespace bud::fuzz {
namespace {

using namespace wire;

struct Bounds {
  void operator()(const Text& t) const {
    BUD_HOLDS(t.text.size() <= max_text && valid_text(t.text) && t.ranges.size() <= 256);
    for (const TextRange& r : t.ranges) BUD_HOLDS(r.argument.size() <= 2048 && valid_text(r.argument));
  }
  void operator()(const Receipt& r) const {
    BUD_HOLDS(r.contents.size() <= max_hashes);
    BUD_HOLDS(r.type == ReceiptType::delivered || r.type == ReceiptType::read);
  }
  void operator()(const DecryptError& e) const { BUD_HOLDS(e.envelopes.size() <= max_hashes); }
  void operator()(const JoinWelcome& w) const {
    BUD_HOLDS(w.entries.size() <= max_entries && w.openings.size() <= 64 && w.name.size() <= max_name);
    for (const Bytes& e : w.entries) BUD_HOLDS(e.size() <= max_entry);
  }
  void operator()(const UnknownBody& u) const { BUD_HOLDS(u.bytes.size() <= max_content); }
  template <class Other>
  void operator()(const Other&) const {}
};

// A kind that has a type is read as that type; every other is kept as it came.
bool fits(ContentKind kind, const ContentBody& body) {
  switch (kind) {
    case ContentKind::text:
      return std::holds_alternative<Text>(body);
    case ContentKind::receipt:
      return std::holds_alternative<Receipt>(body);
    case ContentKind::decrypt_error:
      return std::holds_alternative<DecryptError>(body);
    case ContentKind::nothing:
      return std::holds_alternative<Nothing>(body);
    case ContentKind::join_offer:
      return std::holds_alternative<JoinOffer>(body);
    case ContentKind::join_reveal:
      return std::holds_alternative<JoinReveal>(body);
    case ContentKind::join_cosignature:
      return std::holds_alternative<JoinCosignature>(body);
    case ContentKind::join_welcome:
      return std::holds_alternative<JoinWelcome>(body);
    default:
      return std::holds_alternative<UnknownBody>(body);
  }
}

}  // namespace

void run(ByteView input) {
  const Result<Content> read = decode_content(input);
  if (!read) return BUD_HOLDS(read.error().code == (input.size() > max_content ? Errc::too_large : Errc::malformed));
  BUD_HOLDS(input.size() <= max_content);
  BUD_HOLDS(equal(encode(*read), input));
  BUD_HOLDS(read->to.size() <= max_members && read->previous.size() <= max_previous);
  for (const std::string* text : {&read->from_address, &read->to_address})
    BUD_HOLDS(text->size() <= max_address && valid_text(*text));
  BUD_HOLDS(read->fallback.size() <= 2048 && (!read->reply || read->reply->excerpt.size() <= 256));
  BUD_HOLDS(fits(read->kind, read->body));
  std::visit(Bounds{}, read->body);
}

void write_seeds(Seeds& seeds) {
  crypto::SeededRandom random = test::seeded(202);
  std::size_t n = 0;
  for (const Content& c : test::sample_contents(random))
    seeds.add("kind-" + std::to_string(static_cast<unsigned>(c.kind)) + "-" + std::to_string(n++), encode(c));
}

}  // namespace bud::fuzz
