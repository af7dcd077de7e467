// Keys that follow from a constant: whoever mutates an input can sign and seal with them, and a target knows that
// nobody else could have.
#pragma once

#include "crypto/dh.h"
#include "crypto/sign.h"
#include "fuzz/support/mutator.h"
#include "support/wire_samples.h"

namespace bud::fuzz {

struct Ring {
  std::vector<crypto::SigningKey> signing;
  std::vector<crypto::DhKey> dh;

  Ring() {
    crypto::SeededRandom random = test::seeded(200);
    for (int i = 0; i < 6; ++i) signing.push_back(crypto::SigningKey::generate(random));
    for (int i = 0; i < 4; ++i) dh.push_back(crypto::DhKey::generate(random));
  }
  // nullptr for a key that is not on the ring.
  const crypto::SigningKey* find(const DeviceId& id) const {
    for (const crypto::SigningKey& key : signing)
      if (key.id() == id) return &key;
    return nullptr;
  }
  const crypto::SigningKey& any(Dice& dice) const { return signing[dice.below(signing.size())]; }
  const crypto::DhKey& any_dh(Dice& dice) const { return dh[dice.below(dh.size())]; }
};

inline const Ring& ring() {
  static const Ring keys;
  return keys;
}

}  // namespace bud::fuzz
