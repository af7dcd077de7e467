// Holds the judgement, and an observer's memory, against ledger.json. Its format is described in make_ledger.py.
#include "core/ledger/replica.h"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <cstdio>
#include <fstream>
#include <sstream>

namespace bud::core::ledger {
namespace {

using Json = rapidjson::Value;

// A value of 32 bytes that sorts as its number does. What is not in the list (-1) sorts last.
template <class Id>
Id id_of(int number) {
  Id id;
  auto n = static_cast<std::uint32_t>(number);
  for (std::size_t i = 0; i < 4; ++i) id.bytes[i] = static_cast<std::uint8_t>(n >> (24 - 8 * i));
  return id;
}
EntryHash hash_of(int number) {
  return id_of<EntryHash>(number < 0 ? number : number + 1);
}

Node node_of(const Json& row, int number) {
  Node n;
  n.hash = hash_of(number);
  n.kind = static_cast<Kind>(row[0].GetInt());
  if (n.kind == Kind::genesis) {
    n.signer = id_of<DeviceId>(1);
    n.founders = {{id_of<DeviceId>(0), Role::recovery}, {n.signer, Role::device}};
    return n;
  }
  n.parent = hash_of(row[1].GetInt());
  n.signer = id_of<DeviceId>(row[2].GetInt());
  int last = row[3].GetInt();
  if (n.kind == Kind::claim) n.ref.bytes = id_of<BlindedAddress>(last).bytes;
  if (n.kind == Kind::release) n.ref.bytes = hash_of(last).bytes;
  if (n.kind == Kind::add || n.kind == Kind::handover || n.kind == Kind::revoke) n.key = id_of<DeviceId>(last);
  if (n.kind == Kind::add) n.role = static_cast<Role>(row[4].GetInt());
  for (rapidjson::SizeType i = 4; n.kind == Kind::revoke && i < row.Size(); ++i)
    n.keep.push_back(hash_of(row[i].GetInt()));
  return n;
}

template <class Id>
std::set<Id> ids_of(const Json& numbers) {
  std::set<Id> ids;
  for (const Json& n : numbers.GetArray()) ids.insert(id_of<Id>(n.GetInt()));
  return ids;
}

// A hexadecimal set of entries: bit i is entry i.
std::set<EntryHash> entries_of(const Json& mask) {
  std::string hex(mask.GetString(), mask.GetStringLength());
  std::set<EntryHash> entries;
  for (std::size_t digit = 0; digit < hex.size(); ++digit) {
    int bits = std::stoi(hex.substr(hex.size() - 1 - digit, 1), nullptr, 16);
    for (int bit = 0; bit < 4; ++bit) {
      if ((bits >> bit & 1) != 0) entries.insert(hash_of(static_cast<int>(digit) * 4 + bit));
    }
  }
  return entries;
}

Bounds bounds_of(const Json& c) {
  Bounds b;
  if (!c.HasMember("c")) return b;
  b.own = c["c"][0].GetUint();
  b.live = c["c"][1].GetUint();
  b.total = c["c"][2].GetUint();
  return b;
}

void check_state(const Json& c, const State& s) {
  EXPECT_EQ(s.active, ids_of<DeviceId>(c["a"]));
  EXPECT_EQ(s.recovery, ids_of<DeviceId>(c["r"]));
  EXPECT_EQ(s.claims, ids_of<BlindedAddress>(c["l"]));
  EXPECT_EQ(s.disputed, ids_of<DeviceId>(c["d"]));
  std::set<EntryHash> needed = entries_of(c["n"]);
  EXPECT_EQ(s.needed, std::vector<EntryHash>(needed.begin(), needed.end()));
  EXPECT_EQ(s.effective, entries_of(c["x"]));
  EXPECT_EQ(s.applied, entries_of(c["p"]));
}

void check_observer(const Json& observed, const std::vector<Node>& nodes, const Bounds& bounds) {
  const Node* genesis = nullptr;
  for (const Node& n : nodes) {
    if (n.kind == Kind::genesis) genesis = &n;
  }
  Result<Replica> copy = Replica::open(*genesis, bounds);
  ASSERT_TRUE(copy);
  Memory memory;
  for (const Json& delivery : observed[0].GetArray()) {
    std::vector<Node> batch;
    for (const Json& e : delivery.GetArray()) batch.push_back(nodes[e.GetUint()]);
    copy->take(batch, memory);
    memory.observe(copy->state());
  }
  EXPECT_EQ(memory.held(copy->state()), ids_of<DeviceId>(observed[1]));
  EXPECT_EQ(memory.seal_for(copy->state()), ids_of<DeviceId>(observed[2]));
}

TEST(LedgerVectors, EveryCaseHolds) {
  std::ifstream file(BUD_SOURCE_DIR "/tests/vectors/ledger.json");
  std::ostringstream text;
  text << file.rdbuf();
  rapidjson::Document vectors;
  ASSERT_FALSE(vectors.Parse(text.str().c_str()).HasParseError());
  ASSERT_EQ(vectors["format"].GetInt(), 1);
  std::map<std::string, int> checked;
  int observers = 0, number = 0;
  for (const Json& c : vectors["cases"].GetArray()) {
    SCOPED_TRACE("case " + std::to_string(number++));
    std::vector<Node> nodes;
    for (const Json& row : c["e"].GetArray()) nodes.push_back(node_of(row, static_cast<int>(nodes.size())));
    Result<State> state = evaluate(nodes, bounds_of(c));
    ASSERT_TRUE(state);
    check_state(c, *state);
    if (c.HasMember("o")) {
      check_observer(c["o"], nodes, bounds_of(c));
      ++observers;
    }
    ++checked[c["f"].GetString()];
    if (HasFailure()) break;
  }
  for (const auto& [source, count] : checked) std::printf("%6d cases: %s\n", count, source.c_str());
  std::printf("%6d of %d with an observer\n", observers, number);
  EXPECT_GE(number, 10'000);
}

}  // namespace
}  // namespace bud::core::ledger
