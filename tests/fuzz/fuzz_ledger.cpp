// A ledger's graph as a script, six bytes an entry: any kind, by anybody, below anything, ground hashes, forks,
// keep-heads of anybody's. No signatures: whoever makes a Node has checked them (fuzz_entries.cpp is the way there).
#include "fuzz/support/harness.h"
#include "fuzz/support/ledger_checks.h"

namespace bud::fuzz {
namespace {

using namespace core::ledger;

constexpr std::size_t most_entries = 160, most_keys = 24;

DeviceId key(std::size_t number) {
  DeviceId id;
  id.bytes[0] = static_cast<std::uint8_t>(1 + number % most_keys);
  return id;
}
// The first byte is the signer's to grind; the last two keep hashes apart.
EntryHash hash_of(std::uint8_t ground, std::size_t number) {
  EntryHash h;
  h.bytes[0] = ground;
  h.bytes[30] = static_cast<std::uint8_t>(number >> 8);
  h.bytes[31] = static_cast<std::uint8_t>(number);
  return h;
}

Bounds read_bounds(std::uint8_t choice) {
  Bounds b;
  if (choice & 1) b.own = 3 + (choice >> 1 & 3);
  if (choice & 8) b.live = 3 + (choice >> 4 & 3);
  if (choice & 64) b.total = 8 + (choice >> 7) * 12u;
  return b;
}

struct Drawn {
  Kind kind;
  std::uint8_t ground, parent, signer, key, extra;
};

std::vector<Drawn> draw(Feed& feed) {
  std::vector<Drawn> all;
  while (!feed.empty() && all.size() < most_entries) {
    const std::uint8_t first = feed.u8();
    // Adds more often than the others, and a second genesis seldom.
    static constexpr Kind kinds[] = {Kind::add,    Kind::add,      Kind::add,   Kind::add,    Kind::revoke,
                                     Kind::revoke, Kind::handover, Kind::claim, Kind::revoke, Kind::release};
    const Kind kind = first == 255 ? Kind::genesis : kinds[first % std::size(kinds)];
    all.push_back({kind, feed.u8(), feed.u8(), feed.u8(), feed.u8(), feed.u8()});
  }
  return all;
}

std::vector<Node> nodes_of(const std::vector<Drawn>& drawn) {
  std::vector<EntryHash> hashes{hash_of(0x80, 0)};
  for (const Drawn& d : drawn) hashes.push_back(hash_of(d.ground, hashes.size()));
  const auto named = [&](std::size_t number) {
    return number < hashes.size() ? hashes[number] : hash_of(7, number);  // one that nobody has
  };
  Node genesis;
  genesis.kind = Kind::genesis;
  genesis.hash = hashes[0];
  genesis.signer = key(1);
  genesis.founders = {{key(0), Role::recovery}, {key(1), Role::device}};
  std::vector<Node> nodes{genesis};
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    const Drawn& d = drawn[i];
    Node n;
    n.kind = d.kind;
    n.hash = hashes[i + 1];
    n.parent = d.kind == Kind::genesis ? EntryHash{} : named(d.parent);
    n.signer = key(d.signer);
    if (d.kind == Kind::claim) n.ref.bytes[0] = d.key % 8;
    if (d.kind == Kind::release) n.ref.bytes = named(d.key).bytes;
    if (d.kind == Kind::genesis) n.founders = {{key(d.extra), Role::recovery}, {key(d.key), Role::device}};
    if (d.kind == Kind::add || d.kind == Kind::handover || d.kind == Kind::revoke) n.key = key(d.key);
    if (d.kind == Kind::add && d.extra % 5 == 0) n.role = Role::recovery;
    if (d.kind == Kind::revoke)
      for (std::size_t k = 0; k < d.extra % 6u; ++k) n.keep.push_back(named((d.extra / 6u + k * 7u) % (i + 2)));
    nodes.push_back(std::move(n));
  }
  return nodes;
}

}  // namespace

void run(ByteView input) {
  Feed feed(input);
  const Bounds bounds = read_bounds(feed.u8());
  const ByteView choice = feed.bytes(8);
  check_ledger(nodes_of(draw(feed)), bounds, Feed(choice));
}

void write_seeds(Seeds& seeds) {
  using B = Bytes;
  const B head{0, 3, 1, 4, 1, 5, 9, 2, 6};
  const auto with = [&](std::initializer_list<B> entries) {
    B all = head;
    for (const B& e : entries) append(all, e);
    return all;
  };
  // Kind, ground, parent, signer, key, extra. Members: 0 the paper, 1 the first device.
  const B add{0, 1, 0, 1, 2, 1}, paper_add{1, 2, 0, 0, 3, 5}, junior_add{2, 3, 1, 2, 4, 1};
  seeds.add("genesis", head);
  seeds.add("three-devices", with({add, paper_add, junior_add}));
  seeds.add("senior-revokes", with({add, junior_add, B{4, 9, 1, 1, 2, 1}}));
  seeds.add("junior-revokes-first", with({add, B{4, 9, 1, 2, 1, 7}, B{4, 4, 1, 1, 2, 0}}));
  seeds.add("paper-settles", with({add, B{4, 9, 1, 2, 1, 0}, B{5, 4, 0, 0, 2, 0}}));
  seeds.add("handover", with({add, B{6, 8, 1, 1, 5, 0}, B{0, 3, 2, 5, 6, 1}, B{4, 2, 1, 2, 5, 1}}));
  seeds.add("claims", with({B{7, 1, 0, 1, 3, 0}, B{7, 1, 1, 1, 4, 0}, B{9, 1, 2, 1, 1, 0}}));
  seeds.add("fork", with({add, B{0, 1, 1, 1, 3, 1}, B{0, 7, 1, 1, 4, 1}, B{4, 7, 2, 1, 2, 13}}));
  seeds.add("same-key-twice", with({add, B{0, 5, 0, 0, 2, 1}, B{4, 5, 2, 0, 2, 0}}));
  B tight = with({add, junior_add, paper_add});
  tight[0] = 0x4b;
  seeds.add("tight-bounds", tight);
  seeds.add("second-genesis", with({add, B{255, 0, 0, 3, 3, 4}}));
}

}  // namespace bud::fuzz
