#include "wire/content.h"

#include "wire/labels.h"

namespace bud::wire {
namespace {

template <class F>
void write_list(Writer& w, const std::vector<F>& items) {
  Writer list;
  for (const F& item : items) list.fixed(item);
  w.vector(list.bytes());
}

template <class F>
std::vector<F> read_list(Reader& r, std::size_t count) {
  std::vector<F> items;
  r.list(count * F::size, count, [&](Reader& in) { items.push_back(in.fixed<F>()); });
  return items;
}

void write(Writer& w, const Text& t) {
  Writer ranges;
  for (const TextRange& range : t.ranges) ranges.u32(range.start).u32(range.length).u8(range.style).text(range.argument);
  w.text(t.text).vector(ranges.bytes());
}
void write(Writer& w, const Receipt& receipt) {
  w.u8(static_cast<std::uint8_t>(receipt.type));
  write_list(w, receipt.contents);
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
  Writer entries, openings;
  for (const Bytes& e : j.entries) entries.vector(e);
  for (const AddressOpening& o : j.openings) openings.text(o.address).fixed(o.opening);
  w.vector(entries.bytes()).text(j.name).vector(openings.bytes());
}
void write(Writer& w, const UnknownBody& u) { w.raw(u.bytes); }

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

Receipt read_receipt(Reader& r) {
  Receipt receipt;
  const std::uint8_t type = r.u8();
  if (type < 1 || type > 2) r.fault();
  receipt.type = static_cast<ReceiptType>(type);
  receipt.contents = read_list<ContentHash>(r, max_hashes);
  return receipt;
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
  r.list(max_content, max_entries, [&](Reader& in) {
    ByteView e = in.vector(max_entry);
    j.entries.emplace_back(e.begin(), e.end());
  });
  j.name = r.text(max_name);
  r.list(max_content, 64, [&](Reader& in) {
    AddressOpening o;
    o.address = in.text(max_address);
    o.opening = in.fixed<ClaimOpening>();
    j.openings.push_back(std::move(o));
  });
  return j;
}

ContentBody read_body(ContentKind kind, Reader& r) {
  switch (kind) {
    case ContentKind::text: return read_text(r);
    case ContentKind::receipt: return read_receipt(r);
    case ContentKind::decrypt_error: return read_decrypt_error(r);
    case ContentKind::nothing: return Nothing{};
    case ContentKind::join_offer: return read_join_offer(r);
    case ContentKind::join_reveal: return JoinReveal{r.fixed<JoinNonce>()};
    case ContentKind::join_cosignature: return JoinCosignature{r.fixed<crypto::Signature>()};
    case ContentKind::join_welcome: return read_join_welcome(r);
    default: {
      ByteView all = r.raw(r.remaining());
      return UnknownBody{Bytes(all.begin(), all.end())};
    }
  }
}

}  // namespace

Bytes encode(const Content& c) {
  Writer body;
  std::visit([&](const auto& b) { write(body, b); }, c.body);
  Writer w;
  w.u8(protocol_version).u8(static_cast<std::uint8_t>(ObjectType::content)).u16(static_cast<std::uint16_t>(c.kind));
  w.fixed(c.id).fixed(c.thread).fixed(c.author);
  write_list(w, c.to);
  w.time(c.time).u64(c.lamport).text(c.from_address).text(c.to_address);
  write_list(w, c.previous);
  w.u32(c.expire).u8(c.reply ? 1 : 0);
  if (c.reply) w.fixed(c.reply->id).fixed(c.reply->hash).fixed(c.reply->author).text(c.reply->excerpt);
  w.text(c.fallback).u8(c.needs ? 1 : 0).vector(body.bytes());
  return w.take();
}

Result<Content> decode_content(ByteView bytes) {
  if (bytes.size() > max_content) return fail(Errc::too_large, "content over the bound");
  Reader r(bytes);
  Content c;
  if (r.u8() != protocol_version || r.u8() != static_cast<std::uint8_t>(ObjectType::content)) r.fault();
  c.kind = static_cast<ContentKind>(r.u16());
  c.id = r.fixed<MessageId>();
  c.thread = r.fixed<ThreadId>();
  c.author = r.fixed<AccountId>();
  c.to = read_list<AccountId>(r, max_members);
  c.time = r.time();
  c.lamport = r.u64();
  c.from_address = r.text(max_address);
  c.to_address = r.text(max_address);
  c.previous = read_list<ContentHash>(r, max_previous);
  c.expire = r.u32();
  if (r.flag()) {
    Reply reply;
    reply.id = r.fixed<MessageId>();
    reply.hash = r.fixed<ContentHash>();
    reply.author = r.fixed<AccountId>();
    reply.excerpt = r.text(256);
    c.reply = std::move(reply);
  }
  c.fallback = r.text(2048);
  c.needs = r.flag();
  Reader body(r.vector(max_content));
  BUD_CHECK(r.finish("content"));
  c.body = read_body(c.kind, body);
  BUD_CHECK(body.finish("content body"));
  return c;
}

ContentHash content_hash(ByteView content) { return crypto::hash<ContentHash>(label::content_hash, content); }

ThreadId thread_of_two(const AccountId& a, const AccountId& b) {
  const AccountId &low = a < b ? a : b, &high = a < b ? b : a;
  return crypto::Hasher(label::thread_of_two).add(low.view()).add(high.view()).finish_as<ThreadId>();
}

}  // namespace bud::wire
