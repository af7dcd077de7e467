#include "wire/content.h"

#include "wire/labels.h"

namespace bud::wire {

Bytes encode(const Content& c) {
  Writer body, to, previous;
  write_body(body, c.body);
  for (const AccountId& account : c.to) to.fixed(account);
  for (const Previous& p : c.previous) previous.fixed(p.hash).fixed(p.author);
  Writer w;
  w.u8(protocol_version).u8(static_cast<std::uint8_t>(ObjectType::content)).u16(static_cast<std::uint16_t>(c.kind));
  w.fixed(c.id).fixed(c.thread).fixed(c.author);
  w.vector(to.bytes()).time(c.time).u64(c.lamport).text(c.from_address).text(c.to_address);
  w.vector(previous.bytes()).fixed(c.roster).u32(c.expire).u8(c.reply ? 1 : 0);
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
  r.list(max_members * AccountId::size, max_members, [&](Reader& in) { c.to.push_back(in.fixed<AccountId>()); });
  c.time = r.time();
  c.lamport = r.u64();
  c.from_address = r.text(max_address);
  c.to_address = r.text(max_address);
  r.list(max_previous * 64, max_previous, [&](Reader& in) {
    const ContentHash hash = in.fixed<ContentHash>();
    c.previous.push_back({hash, in.fixed<AccountId>()});
  });
  c.roster = r.fixed<RosterDigest>();
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
