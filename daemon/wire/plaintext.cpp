#include "wire/plaintext.h"

#include <bit>

namespace bud::wire {
namespace {

void write(Writer& w, const Introduction& intro) {
  Writer entries, openings, routes;
  for (const Bytes& e : intro.entries) entries.vector(e);
  for (const AddressOpening& o : intro.openings) openings.text(o.address).fixed(o.opening);
  for (const Route& route : intro.routes) routes.text(route.address).text(route.device);
  w.vector(entries.bytes()).vector(openings.bytes()).vector(routes.bytes()).text(intro.name);
}

Introduction read_introduction(Reader& r) {
  Introduction intro;
  r.list(max_plaintext, max_entries, [&](Reader& in) {
    ByteView e = in.vector(max_entry);
    intro.entries.emplace_back(e.begin(), e.end());
  });
  r.list(max_plaintext, 64, [&](Reader& in) {
    AddressOpening o;
    o.address = in.text(max_address);
    o.opening = in.fixed<ClaimOpening>();
    intro.openings.push_back(std::move(o));
  });
  r.list(max_plaintext, max_routes, [&](Reader& in) {
    Route route;
    route.address = in.text(max_address);
    route.device = in.text(max_transport_name);
    intro.routes.push_back(std::move(route));
  });
  intro.name = r.text(max_name);
  return intro;
}

void write(Writer& w, const Gossip& g) {
  w.fixed(g.mine).fixed(g.yours).u64(g.yours_sequence).u64(g.features).u64(g.counter).u64(g.seen_counter);
  Writer members;
  for (const MemberDigest& m : g.members) members.fixed(m.account).fixed(m.digest);
  w.vector(members.bytes());
  w.u8(g.personal ? 1 : 0);
  if (g.personal) write(w, *g.personal);
  w.u8(g.introduction ? 1 : 0);
  if (g.introduction) write(w, *g.introduction);
}

Gossip read_gossip(Reader& r) {
  Gossip g;
  g.mine = r.fixed<LedgerDigest>();
  g.yours = r.fixed<LedgerDigest>();
  g.yours_sequence = r.u64();
  g.features = r.u64();
  g.counter = r.u64();
  g.seen_counter = r.u64();
  r.list(max_members * 40, max_members, [&](Reader& in) {
    MemberDigest m;
    m.account = in.fixed<AccountId>();
    m.digest = in.fixed<decltype(m.digest)>();
    g.members.push_back(m);
  });
  if (r.flag()) g.personal = read_bundle(r);
  if (r.flag()) g.introduction = read_introduction(r);
  return g;
}

}  // namespace

std::size_t padded_size(std::size_t n) {
  if (n <= 256) return 256;
  const unsigned e = static_cast<unsigned>(std::bit_width(n)) - 1;     // floor(log2 n)
  const unsigned s = static_cast<unsigned>(std::bit_width(e));         // floor(log2 e) + 1
  const std::size_t mask = (std::size_t{1} << (e - s)) - 1;
  return (n + mask) & ~mask;
}

crypto::SecretBytes encode_padded(const Plaintext& p) {
  Writer inner;
  inner.u8(protocol_version).u8(static_cast<std::uint8_t>(ObjectType::plaintext));
  write(inner, p.gossip);
  inner.fixed(p.hash).vector(p.content);
  Writer outer;
  outer.vector(inner.bytes());
  Bytes inner_bytes = inner.take();
  crypto::wipe(inner_bytes);
  Bytes unpadded = outer.take();
  crypto::SecretBytes padded(padded_size(unpadded.size()));
  std::copy(unpadded.begin(), unpadded.end(), padded.expose_mutable().begin());
  crypto::wipe(unpadded);
  return padded;
}

Result<Plaintext> decode_padded(ByteView padded) {
  Reader outer(padded);
  Reader r(outer.vector(max_plaintext));
  ByteView padding = outer.raw(outer.remaining());
  BUD_CHECK(outer.finish("plaintext"));
  if (padded.size() != padded_size(padded.size() - padding.size()) ||
      !std::all_of(padding.begin(), padding.end(), [](std::uint8_t b) { return b == 0; }))
    return fail(Errc::malformed, "a plaintext that is not padded as it must be");
  Plaintext p;
  if (r.u8() != protocol_version || r.u8() != static_cast<std::uint8_t>(ObjectType::plaintext)) r.fault();
  p.gossip = read_gossip(r);
  p.hash = r.fixed<ContentHash>();
  ByteView content = r.vector(max_content);
  p.content.assign(content.begin(), content.end());
  BUD_CHECK(r.finish("plaintext"));
  return p;
}

}  // namespace bud::wire
