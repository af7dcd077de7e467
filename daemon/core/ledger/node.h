// A ledger entry as the judgement sees it: plain values, no bytes of the wire and no signatures.
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <vector>

namespace bud::core::ledger {

enum class Kind : std::uint8_t { genesis = 1, add = 2, handover = 3, revoke = 4, claim = 5, release = 6 };

// What a granted key may do: a device is sealed for, a recovery key only signs.
enum class Role : std::uint8_t { device = 1, recovery = 2 };

// Whoever makes a Node has checked every signature the kind asks for (signer, and the new key of a grant), and that
// `hash` is the hash of exactly these values: two Nodes with one hash are equal.
struct Node {
  EntryHash hash;
  EntryHash parent;  // zero for genesis; else the signer's own previous entry, or its grant
  DeviceId signer;
  Kind kind = Kind::claim;
  DeviceId key;                 // genesis: first device; add, handover: the new key; revoke: the target; else zero
  Role role = Role::device;     // of an add; a successor takes its predecessor's
  std::vector<EntryHash> keep;  // revoke: newest entries of the target that go on counting, at most max_keep
  Fixed<struct LedgerRefTag, 32> ref;  // genesis: root recovery key; claim: address; release: hash of the claim

  bool operator==(const Node&) const = default;
};

// A revoke that names more is no entry.
inline constexpr std::size_t max_keep = 4;

// What an account can make its readers hold. Other values than the defaults judge differently: they are for tests.
struct Bounds {
  std::size_t own = 64;       // entries in a row that a key signs (the last of them should be a handover)
  std::size_t live = 64;      // members that stand at one time
  std::size_t total = 1024;   // entries that count, genesis apart
  std::size_t nodes = 32768;  // entries handed to evaluate at one time
};

}  // namespace bud::core::ledger
