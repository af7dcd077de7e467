// What one observer remembers of an account's revokes, own devices' too. It only ever holds back, and is no part of the
// judgement: two observers may remember differently and still agree on the ledger.
//
// A revoke once seen to take something out is never forgotten. What it asked to be down is not sealed for, whatever the
// ledger says later, until a person accepts that or the root recovery key has revoked the revoke's signer.
#pragma once

#include "core/ledger/evaluate.h"

#include <map>

namespace bud::core::ledger {

struct Memory {
  // Of a pinned revoke: enough to hold its target even where the entry itself is lost.
  struct Pin {
    DeviceId signer;
    DeviceId target;
    bool operator==(const Pin&) const = default;
  };
  // A signer's first revokes seen are pinned, and no more than this: an honest key has no more in its row, and a thief
  // who floods pushes out nobody's.
  static constexpr std::size_t pins_per_signer = 64;
  static constexpr std::size_t pins_in_all = 4096;

  std::map<EntryHash, Pin> pinned;
  std::set<EntryHash> accepted;  // pinned revokes that a person has let go

  // To be called with each new state of the account, before held() or seal_for().
  void observe(const State& state);
  // A person has looked at what is held, and lets the ledger decide: for every revoke that holds something now.
  void accept(const State& state);

  // Active keys, recovery keys too, that are held back. Not empty: the account is `disputed`.
  std::set<DeviceId> held(const State& state) const;
  // Devices to seal for now.
  std::set<DeviceId> seal_for(const State& state) const;

  bool operator==(const Memory&) const = default;

 private:
  std::set<DeviceId> held_by(const EntryHash& revoke, const Pin& pin, const State& state) const;
};

}  // namespace bud::core::ledger
