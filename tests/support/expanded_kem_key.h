// What crypto::KemKey makes of its seed for one use, and hands to nobody.
#pragma once

#include "crypto/secret.h"

namespace bud::test {

// The first part of ML-KEM-768's expanded decapsulation key: the vector that decrypts, before the public key (FIPS 203,
// section 7.1).
crypto::Secret<1152> expanded_kem_key(const crypto::Secret<64>& seed);

}  // namespace bud::test
