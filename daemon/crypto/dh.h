// X25519 (RFC 7748).
#pragma once

#include "base/environment.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace bud::crypto {

using DhPublic = Fixed<struct DhPublicTag, 32>;

class DhKey {
 public:
  static DhKey generate(Random& random);
  static DhKey from_secret(Secret<32> secret);

  const DhPublic& public_key() const { return public_; }
  const Secret<32>& secret() const { return secret_; }
  DhKey clone() const { return DhKey(public_, secret_.clone()); }

  // Errc::bad_key where the result is zero (a point of low order).
  [[nodiscard]] Result<Secret<32>> agree(const DhPublic& peer) const;

  // Of a row whose public half was stored beside it, so that it need not be computed again.
  DhKey(DhPublic pub, Secret<32> secret) : public_(pub), secret_(std::move(secret)) {}

 private:
  DhPublic public_;
  Secret<32> secret_;
};

// Refuses encodings with bit 255 set or not below 2^255 - 19: X25519 would ignore the one and reduce the other, so that
// one key would have two encodings, and a replayed handshake two hashes. Refuses the five points of low order too, with
// which nobody can ever agree on anything: they are better not listed than found out when something is to be sealed.
[[nodiscard]] Result<> check_dh_public(const DhPublic& key);

}  // namespace bud::crypto
