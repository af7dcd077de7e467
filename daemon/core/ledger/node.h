// An entry of an account's ledger, or of a group's roster, as the judgement sees it: plain values, no bytes of the wire
// and no signatures. What is said of keys here is said of seats in a roster: who sits there signs with any device.
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <set>
#include <vector>

namespace bud::core::ledger {

enum class Kind : std::uint8_t { genesis = 1, add = 2, handover = 3, revoke = 4, claim = 5, release = 6 };

// What a granted key may do. In a ledger: a device is sealed for, a recovery key only signs. In a roster an
// administrator may sign what the genesis reserves.
enum class Role : std::uint8_t { device = 1, recovery = 2, member = device, administrator = recovery };

// A member that the genesis itself makes.
struct Founder {
  DeviceId key;
  Role role = Role::device;
  bool operator==(const Founder&) const = default;
};

// What a genesis leaves to members of the second role. Nobody else can place such an entry; to end oneself is
// everybody's right. A ledger reserves nothing.
struct Reserved {
  bool add = false;      // grants of the first role
  bool elevate = false;  // grants of the second role
  bool revoke = false;   // of another key
  bool claim = false;    // claims and releases
  bool operator==(const Reserved&) const = default;
};

// Whoever makes a Node has checked every signature the kind asks for (signer, and the new key of a grant), and that
// `hash` is the hash of exactly these values: two Nodes with one hash are equal.
struct Node {
  EntryHash hash;
  EntryHash parent;  // zero for genesis; else the signer's own previous entry, or its grant
  DeviceId signer;
  Kind kind = Kind::claim;
  DeviceId key;                 // add, handover: the new key; revoke: the target; else zero
  Role role = Role::device;     // of an add; a successor takes its predecessor's
  std::vector<EntryHash> keep;  // revoke: newest entries of the target that go on counting, at most max_keep
  Fixed<struct LedgerRefTag, 32> ref;  // claim: address; release: hash of the claim

  // Of a genesis alone: the most senior first. A ledger has two, the root recovery key and the first device.
  std::vector<Founder> founders;
  Reserved reserved;
  // An honest member's row may fork, since several hands write it: then who ends itself says what it keeps beside the
  // way to that end. A device writes its own row alone, and a ledger's ends keep nothing else.
  bool forked_rows = false;

  bool operator==(const Node&) const = default;
};

// A genesis names somebody, and nobody twice.
[[nodiscard]] inline bool founders_hold(const Node& genesis) {
  std::set<DeviceId> keys;
  for (const Founder& f : genesis.founders)
    if (!keys.insert(f.key).second) return false;
  return !keys.empty();
}

// A revoke that names more is no entry.
inline constexpr std::size_t max_keep = 4;

// What a group of signers can make its readers hold. Other values than these judge differently: they are for tests.
struct Bounds {
  std::size_t own = 64;       // entries in a row that a key signs (the last of them should be a handover)
  std::size_t live = 64;      // members that stand at one time
  std::size_t total = 1024;   // entries that count, genesis apart
  std::size_t nodes = 32768;  // entries handed to evaluate at one time
};
inline constexpr Bounds roster_bounds{1024, 256, 4096, 32768};

}  // namespace bud::core::ledger
