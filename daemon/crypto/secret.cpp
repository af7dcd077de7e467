#include "crypto/secret.h"

#include <sodium.h>

namespace bud::crypto {

void wipe(ByteSpan secret) {
  if (!secret.empty()) sodium_memzero(secret.data(), secret.size());
}

void wipe_stack() {
  sodium_stackzero(128 * 1024);
}

bool equal_constant_time(ByteView a, ByteView b) {
  return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace bud::crypto
