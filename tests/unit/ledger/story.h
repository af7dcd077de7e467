// Ledgers told by hand: members have names, each signs at the end of its row unless told where.
#pragma once

#include "core/ledger/replica.h"

#include <map>
#include <stdexcept>
#include <string>

namespace bud::core::ledger::testing {

inline DeviceId key_of(const std::string& name) {
  DeviceId key;
  for (std::size_t i = 0; i < name.size() && i < DeviceId::size; ++i) key.bytes[i] = static_cast<std::uint8_t>(name[i]);
  return key;
}
inline std::string name_of(const DeviceId& key) {
  std::string name;
  for (std::uint8_t c : key.bytes) {
    if (c != 0) name.push_back(static_cast<char>(c));
  }
  return name;
}
template <class Keys>
std::set<std::string> names_of(const Keys& keys) {
  std::set<std::string> names;
  for (const DeviceId& key : keys) names.insert(name_of(key));
  return names;
}

// Genesis names the first device A and the root recovery key R.
class Story {
 public:
  using Names = std::set<std::string>;
  using Keep = std::vector<EntryHash>;

  Story() {
    Node g;
    g.kind = Kind::genesis;
    g.signer = key_of("A");
    g.founders = {{key_of("R"), Role::recovery}, {key_of("A"), Role::device}};
    root = put(g);
    tips_["A"] = tips_["R"] = root;
  }

  EntryHash add(const std::string& by, const std::string& key, const EntryHash* at = nullptr,
                Role role = Role::device) {
    Node n = entry(Kind::add, by, key);
    n.role = role;
    return sign(by, n, at);
  }
  EntryHash handover(const std::string& by, const std::string& key, const EntryHash* at = nullptr) {
    return sign(by, entry(Kind::handover, by, key), at);
  }
  EntryHash revoke(const std::string& by, const std::string& key, Keep keep = {}, const EntryHash* at = nullptr) {
    Node n = entry(Kind::revoke, by, key);
    n.keep = std::move(keep);
    return sign(by, n, at);
  }
  EntryHash claim(const std::string& by, const std::string& address, const EntryHash* at = nullptr) {
    Node n = entry(Kind::claim, by, "");
    n.ref.bytes = key_of(address).bytes;
    return sign(by, n, at);
  }
  EntryHash release(const std::string& by, const EntryHash& claimed) {
    Node n = entry(Kind::release, by, "");
    n.ref.bytes = claimed.bytes;
    return sign(by, n, nullptr);
  }

  State state(const Bounds& bounds = {}) const {
    Result<State> s = evaluate(nodes, bounds);
    if (!s) throw std::runtime_error(s.error().text);
    return *s;
  }
  Names active() const { return names_of(state().active); }
  Names recovery() const { return names_of(state().recovery); }
  const Node& last() const { return nodes.back(); }
  // A founder beside A and R.
  void start(const std::string& name, const EntryHash& genesis) { tips_[name] = genesis; }

  std::vector<Node> nodes;
  EntryHash root;

 private:
  static Node entry(Kind kind, const std::string& by, const std::string& key) {
    Node n;
    n.kind = kind;
    n.signer = key_of(by);
    n.key = key_of(key);
    return n;
  }
  EntryHash sign(const std::string& by, Node n, const EntryHash* at) {
    n.parent = at != nullptr ? *at : tips_.at(by);
    EntryHash hash = put(n);
    if (at == nullptr) tips_[by] = hash;
    if (n.kind == Kind::add || n.kind == Kind::handover) tips_.emplace(name_of(n.key), hash);
    return hash;
  }
  // Stands for the hash of the entry: different for each, and in no order that says anything.
  EntryHash put(Node n) {
    std::uint64_t x = 0x9e3779b97f4a7c15u * (nodes.size() + 1);
    for (std::uint8_t& b : n.hash.bytes) {
      x ^= x >> 31;
      x *= 0xbf58476d1ce4e5b9u;
      b = static_cast<std::uint8_t>(x >> 56);
    }
    nodes.push_back(n);
    return n.hash;
  }
  std::map<std::string, EntryHash> tips_;
};

// Somebody who watches the story as it is told.
struct Observer {
  Memory memory;
  void see(const Story& story) { memory.observe(story.state()); }
  Story::Names held(const Story& story) const { return names_of(memory.held(story.state())); }
  Story::Names seal_for(const Story& story) const { return names_of(memory.seal_for(story.state())); }
};

}  // namespace bud::core::ledger::testing
