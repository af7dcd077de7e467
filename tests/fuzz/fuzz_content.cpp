// What people and devices say to each other, as it stands in an opened copy.
#include "base/text.h"
#include "fuzz/support/harness.h"
#include "support/wire_samples.h"

namespace bud::fuzz {
namespace {

using namespace wire;

bool text_within(const std::string& text, std::size_t bound) {
  return text.size() <= bound && valid_text(text);
}

void check_each(const std::vector<std::string>& texts, std::size_t count, std::size_t each) {
  BUD_HOLDS(texts.size() <= count);
  for (const std::string& t : texts) BUD_HOLDS(text_within(t, each));
}
void check_each(const std::vector<Bytes>& all, std::size_t count, std::size_t each) {
  BUD_HOLDS(all.size() <= count);
  for (const Bytes& b : all) BUD_HOLDS(b.size() <= each);
}

struct Bounds {
  void operator()(const Text& t) const {
    BUD_HOLDS(text_within(t.text, max_text) && t.ranges.size() <= 256);
    for (const TextRange& r : t.ranges) BUD_HOLDS(text_within(r.argument, 2048));
  }
  void operator()(const Edit& e) const { (*this)(e.text); }
  void operator()(const Retraction&) const {}
  void operator()(const Reaction& r) const { BUD_HOLDS(!r.emoji.empty() && text_within(r.emoji, max_reaction)); }
  void operator()(const Receipt& r) const {
    BUD_HOLDS(r.type == ReceiptType::delivered || r.type == ReceiptType::read);
    BUD_HOLDS(r.contents.size() <= max_hashes && r.marks.size() <= max_hashes);
    BUD_HOLDS(r.type == ReceiptType::delivered ? r.marks.empty() : r.contents.empty());
  }
  void operator()(const Typing&) const {}
  void operator()(const Blob& b) const {
    check_each(b.locations, max_locations, max_location);
    BUD_HOLDS(b.size <= max_blob && b.inlined.size() <= max_inlined);
    // Somewhere, and not in two places.
    BUD_HOLDS(b.locations.empty() ? b.inlined.size() == b.size : b.inlined.empty());
  }
  void operator()(const File& f) const {
    (*this)(f.blob);
    BUD_HOLDS(text_within(f.name, max_file_name) && text_within(f.media_type, max_media_type));
    BUD_HOLDS(f.thumbnail.size() <= max_thumbnail);
  }
  void operator()(const Attachment& a) const {
    (*this)(a.caption);
    BUD_HOLDS(!a.files.empty() && a.files.size() <= max_files);
    for (const File& f : a.files) (*this)(f);
  }
  void operator()(const Poll& p) const {
    BUD_HOLDS(text_within(p.question, max_question) && p.options.size() >= 2);
    check_each(p.options, max_options, max_option);
  }
  void operator()(const Vote& v) const {
    std::size_t next = 0;
    for (const std::uint8_t c : v.choices) {
      BUD_HOLDS(c >= next && c < max_options);
      next = c + std::size_t{1};
    }
  }
  void operator()(const Sticker& s) const {
    (*this)(s.blob);
    BUD_HOLDS(text_within(s.emoji, max_reaction) && text_within(s.pack, max_name));
  }
  void operator()(const ContactCard& c) const {
    BUD_HOLDS(text_within(c.name, max_name));
    check_each(c.addresses, max_card_addresses, max_address);
  }
  void operator()(const ThreadChange& c) const {
    check_each(c.entries, max_entries, max_roster_entry);
    check_each(c.proofs, max_entries, max_entry);
  }
  void operator()(const RegisterSync& s) const {
    BUD_HOLDS(s.registers.size() <= max_registers);
    for (const Register& r : s.registers) {
      BUD_HOLDS(r.kind != RegisterKind{});
      BUD_HOLDS(r.subject.size() <= max_register_subject && r.value.size() <= max_register_value);
    }
  }
  void operator()(const History& h) const {
    BUD_HOLDS(h.asked.size() <= max_hashes && h.refused.size() <= max_hashes);
    check_each(h.told, max_hashes, max_content);
  }
  void operator()(const DecryptError& e) const { BUD_HOLDS(e.envelopes.size() <= max_hashes); }
  void operator()(const Nothing&) const {}
  void operator()(const JoinOffer&) const {}
  void operator()(const JoinReveal&) const {}
  void operator()(const JoinCosignature&) const {}
  void operator()(const JoinWelcome& w) const {
    BUD_HOLDS(text_within(w.name, max_name) && w.openings.size() <= 64);
    check_each(w.entries, max_entries, max_entry);
    for (const AddressOpening& o : w.openings) BUD_HOLDS(text_within(o.address, max_address));
  }
  void operator()(const UnknownBody& u) const { BUD_HOLDS(u.bytes.size() <= max_content); }
};

// A kind that has a type is read as that type; every other is kept as it came.
bool fits(ContentKind kind, const ContentBody& body) {
  switch (kind) {
    case ContentKind::text:
      return std::holds_alternative<Text>(body);
    case ContentKind::edit:
      return std::holds_alternative<Edit>(body);
    case ContentKind::retraction:
      return std::holds_alternative<Retraction>(body);
    case ContentKind::reaction:
      return std::holds_alternative<Reaction>(body);
    case ContentKind::receipt:
      return std::holds_alternative<Receipt>(body);
    case ContentKind::typing:
      return std::holds_alternative<Typing>(body);
    case ContentKind::attachment:
      return std::holds_alternative<Attachment>(body);
    case ContentKind::poll:
      return std::holds_alternative<Poll>(body);
    case ContentKind::vote:
      return std::holds_alternative<Vote>(body);
    case ContentKind::sticker:
      return std::holds_alternative<Sticker>(body);
    case ContentKind::contact_card:
      return std::holds_alternative<ContactCard>(body);
    case ContentKind::thread_change:
      return std::holds_alternative<ThreadChange>(body);
    case ContentKind::device_register:
      return std::holds_alternative<RegisterSync>(body);
    case ContentKind::history:
      return std::holds_alternative<History>(body);
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
