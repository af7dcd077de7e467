#include "wire/bodies.h"

namespace bud::wire {
namespace {

// --- writing ---

template <class F>
void write_list(Writer& w, const std::vector<F>& items) {
  Writer list;
  for (const F& item : items) list.fixed(item);
  w.vector(list.bytes());
}
void write_list(Writer& w, const std::vector<Bytes>& items) {
  Writer list;
  for (const Bytes& item : items) list.vector(item);
  w.vector(list.bytes());
}
void write_list(Writer& w, const std::vector<std::string>& items) {
  Writer list;
  for (const std::string& item : items) list.text(item);
  w.vector(list.bytes());
}

void write(Writer& w, const Target& t) { w.fixed(t.id).fixed(t.hash); }
void write(Writer& w, const Text& t) {
  Writer ranges;
  for (const TextRange& range : t.ranges) ranges.u32(range.start).u32(range.length).u8(range.style).text(range.argument);
  w.text(t.text).vector(ranges.bytes());
}
void write(Writer& w, const Edit& e) {
  write(w, e.target);
  write(w, e.text);
}
void write(Writer& w, const Retraction& r) { write(w, r.target); }
void write(Writer& w, const Reaction& r) {
  write(w, r.target);
  w.text(r.emoji).u8(r.set ? 1 : 0);
}
void write(Writer& w, const Receipt& receipt) {
  w.u8(static_cast<std::uint8_t>(receipt.type));
  write_list(w, receipt.contents);
  Writer marks;
  for (const ReadMark& m : receipt.marks) marks.fixed(m.thread).u64(m.lamport);
  w.vector(marks.bytes());
}
void write(Writer& w, const Typing& t) { w.u8(t.active ? 1 : 0); }
void write(Writer& w, const Blob& b) {
  w.fixed(b.key).fixed(b.hash).u64(b.size);
  write_list(w, b.locations);
  w.vector(b.inlined);
}
void write(Writer& w, const File& f) {
  write(w, f.blob);
  w.text(f.name).text(f.media_type).u32(f.width).u32(f.height).u32(f.duration_ms).u8(f.voice ? 1 : 0).vector(f.thumbnail);
}
void write(Writer& w, const Attachment& a) {
  write(w, a.caption);
  Writer files;
  for (const File& f : a.files) write(files, f);
  w.vector(files.bytes());
}
void write(Writer& w, const Poll& p) {
  w.text(p.question);
  write_list(w, p.options);
  w.u8(p.multiple ? 1 : 0);
}
void write(Writer& w, const Vote& v) {
  write(w, v.target);
  w.vector(v.choices);
}
void write(Writer& w, const Sticker& s) {
  write(w, s.blob);
  w.text(s.emoji).text(s.pack);
}
void write(Writer& w, const ContactCard& c) {
  w.fixed(c.account).text(c.name);
  write_list(w, c.addresses);
}
void write(Writer& w, const ThreadChange& c) {
  w.u8(c.asks ? 1 : 0);
  write_list(w, c.entries);
  write_list(w, c.proofs);
}
void write(Writer& w, const RegisterSync& s) {
  Writer list;
  for (const Register& r : s.registers)
    list.u8(static_cast<std::uint8_t>(r.kind)).vector(r.subject).u64(r.lamport).fixed(r.device).vector(r.value);
  w.fixed(s.state).u8(s.asks ? 1 : 0).vector(list.bytes());
}
void write(Writer& w, const History& h) {
  write_list(w, h.asked);
  write_list(w, h.refused);
  write_list(w, h.told);
}
void write(Writer& w, const DecryptError& e) {
  write_list(w, e.envelopes);
  write(w, e.bundle);
}
void write(Writer&, const Nothing&) {}
void write(Writer& w, const JoinOffer& o) {
  w.fixed(o.account).fixed(o.digest).fixed(o.parent).fixed(o.nonce).fixed(o.commitment);
}
void write(Writer& w, const JoinReveal& j) { w.fixed(j.nonce); }
void write(Writer& w, const JoinCosignature& j) { w.fixed(j.signature); }
void write(Writer& w, const JoinWelcome& j) {
  write_list(w, j.entries);
  Writer openings;
  for (const AddressOpening& o : j.openings) openings.text(o.address).fixed(o.opening);
  w.text(j.name).vector(openings.bytes());
}
void write(Writer& w, const UnknownBody& u) { w.raw(u.bytes); }

// --- reading ---

template <class F>
std::vector<F> read_list(Reader& r, std::size_t count) {
  std::vector<F> items;
  r.list(count * F::size, count, [&](Reader& in) { items.push_back(in.fixed<F>()); });
  return items;
}
std::vector<Bytes> read_byte_lists(Reader& r, std::size_t count, std::size_t each) {
  std::vector<Bytes> items;
  r.list(max_content, count, [&](Reader& in) {
    const ByteView item = in.vector(each);
    items.emplace_back(item.begin(), item.end());
  });
  return items;
}
std::vector<std::string> read_texts(Reader& r, std::size_t count, std::size_t each) {
  std::vector<std::string> items;
  r.list(max_content, count, [&](Reader& in) { items.push_back(in.text(each)); });
  return items;
}
Bytes read_bytes(Reader& r, std::size_t bound) {
  const ByteView bytes = r.vector(bound);
  return Bytes(bytes.begin(), bytes.end());
}

Target read_target(Reader& r) {
  const MessageId id = r.fixed<MessageId>();
  return {id, r.fixed<ContentHash>()};
}

Text read_text(Reader& r) {
  Text t;
  t.text = r.text(max_text);
  r.list(8192, 256, [&](Reader& in) {
    TextRange range;
    range.start = in.u32();
    range.length = in.u32();
    range.style = in.u8();
    range.argument = in.text(2048);
    t.ranges.push_back(std::move(range));
  });
  return t;
}

Edit read_edit(Reader& r) {
  const Target target = read_target(r);
  return {target, read_text(r)};
}

Reaction read_reaction(Reader& r) {
  Reaction reaction;
  reaction.target = read_target(r);
  reaction.emoji = r.text(max_reaction);
  if (reaction.emoji.empty()) r.fault();
  reaction.set = r.flag();
  return reaction;
}

Receipt read_receipt(Reader& r) {
  Receipt receipt;
  const std::uint8_t type = r.u8();
  if (type < 1 || type > 2) r.fault();
  receipt.type = static_cast<ReceiptType>(type);
  receipt.contents = read_list<ContentHash>(r, max_hashes);
  r.list(max_hashes * 40, max_hashes, [&](Reader& in) {
    const ThreadId thread = in.fixed<ThreadId>();
    receipt.marks.push_back({thread, in.u64()});
  });
  // The list of the other type would be a second receipt that nobody expects here.
  if (receipt.type == ReceiptType::read ? !receipt.contents.empty() : !receipt.marks.empty()) r.fault();
  return receipt;
}

Blob read_blob(Reader& r) {
  Blob b;
  b.key = r.fixed<BlobKey>();
  b.hash = r.fixed<BlobHash>();
  b.size = r.u64();
  b.locations = read_texts(r, max_locations, max_location);
  b.inlined = read_bytes(r, max_inlined);
  // In one place: out there, or here and whole. What is in neither could never be fetched.
  if (b.size > max_blob || b.inlined.size() != (b.locations.empty() ? b.size : 0)) r.fault();
  return b;
}

Attachment read_attachment(Reader& r) {
  Attachment a;
  a.caption = read_text(r);
  r.list(max_content, max_files, [&](Reader& in) {
    File f;
    f.blob = read_blob(in);
    f.name = in.text(max_file_name);
    f.media_type = in.text(max_media_type);
    f.width = in.u32();
    f.height = in.u32();
    f.duration_ms = in.u32();
    f.voice = in.flag();
    f.thumbnail = read_bytes(in, max_thumbnail);
    a.files.push_back(std::move(f));
  });
  if (a.files.empty()) r.fault();
  return a;
}

Poll read_poll(Reader& r) {
  Poll p;
  p.question = r.text(max_question);
  p.options = read_texts(r, max_options, max_option);
  if (p.options.size() < 2) r.fault();
  p.multiple = r.flag();
  return p;
}

Vote read_vote(Reader& r) {
  Vote v;
  v.target = read_target(r);
  v.choices = read_bytes(r, max_options);
  if (std::adjacent_find(v.choices.begin(), v.choices.end(), std::greater_equal<>()) != v.choices.end()) r.fault();
  if (!v.choices.empty() && v.choices.back() >= max_options) r.fault();
  return v;
}

Sticker read_sticker(Reader& r) {
  Sticker s;
  s.blob = read_blob(r);
  s.emoji = r.text(max_reaction);
  s.pack = r.text(max_name);
  return s;
}

ContactCard read_contact_card(Reader& r) {
  ContactCard c;
  c.account = r.fixed<AccountId>();
  c.name = r.text(max_name);
  c.addresses = read_texts(r, max_card_addresses, max_address);
  return c;
}

ThreadChange read_thread_change(Reader& r) {
  ThreadChange c;
  c.asks = r.flag();
  c.entries = read_byte_lists(r, max_entries, max_roster_entry);
  c.proofs = read_byte_lists(r, max_entries, max_entry);
  return c;
}

RegisterSync read_register_sync(Reader& r) {
  RegisterSync s;
  s.state = r.fixed<RegistersDigest>();
  s.asks = r.flag();
  r.list(max_content, max_registers, [&](Reader& in) {
    Register x;
    const std::uint8_t kind = in.u8();
    if (kind == 0) in.fault();
    x.kind = static_cast<RegisterKind>(kind);  // one that is not known is kept, and passed on
    x.subject = read_bytes(in, max_register_subject);
    x.lamport = in.u64();
    x.device = in.fixed<DeviceId>();
    x.value = read_bytes(in, max_register_value);
    s.registers.push_back(std::move(x));
  });
  return s;
}

History read_history(Reader& r) {
  History h;
  h.asked = read_list<ContentHash>(r, max_hashes);
  h.refused = read_list<ContentHash>(r, max_hashes);
  h.told = read_byte_lists(r, max_hashes, max_content);
  return h;
}

DecryptError read_decrypt_error(Reader& r) {
  DecryptError e;
  e.envelopes = read_list<EnvelopeHash>(r, max_hashes);
  e.bundle = read_bundle(r);
  return e;
}

JoinOffer read_join_offer(Reader& r) {
  JoinOffer o;
  o.account = r.fixed<AccountId>();
  o.digest = r.fixed<LedgerDigest>();
  o.parent = r.fixed<EntryHash>();
  o.nonce = r.fixed<JoinNonce>();
  o.commitment = r.fixed<JoinCommitment>();
  return o;
}

JoinWelcome read_join_welcome(Reader& r) {
  JoinWelcome j;
  j.entries = read_byte_lists(r, max_entries, max_entry);
  j.name = r.text(max_name);
  r.list(max_content, 64, [&](Reader& in) {
    AddressOpening o;
    o.address = in.text(max_address);
    o.opening = in.fixed<ClaimOpening>();
    j.openings.push_back(std::move(o));
  });
  return j;
}

}  // namespace

void write_body(Writer& w, const ContentBody& body) {
  std::visit([&](const auto& b) { write(w, b); }, body);
}

ContentBody read_body(ContentKind kind, Reader& r) {
  switch (kind) {
    case ContentKind::text: return read_text(r);
    case ContentKind::edit: return read_edit(r);
    case ContentKind::retraction: return Retraction{read_target(r)};
    case ContentKind::reaction: return read_reaction(r);
    case ContentKind::receipt: return read_receipt(r);
    case ContentKind::typing: return Typing{r.flag()};
    case ContentKind::attachment: return read_attachment(r);
    case ContentKind::poll: return read_poll(r);
    case ContentKind::vote: return read_vote(r);
    case ContentKind::sticker: return read_sticker(r);
    case ContentKind::contact_card: return read_contact_card(r);
    case ContentKind::thread_change: return read_thread_change(r);
    case ContentKind::device_register: return read_register_sync(r);
    case ContentKind::history: return read_history(r);
    case ContentKind::decrypt_error: return read_decrypt_error(r);
    case ContentKind::nothing: return Nothing{};
    case ContentKind::join_offer: return read_join_offer(r);
    case ContentKind::join_reveal: return JoinReveal{r.fixed<JoinNonce>()};
    case ContentKind::join_cosignature: return JoinCosignature{r.fixed<crypto::Signature>()};
    case ContentKind::join_welcome: return read_join_welcome(r);
    default: {
      const ByteView all = r.raw(r.remaining());
      return UnknownBody{Bytes(all.begin(), all.end())};
    }
  }
}

}  // namespace bud::wire
