// A passphrase, out of a descriptor that a client handed over.
#pragma once

#include "base/environment.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace bud::vault {

inline constexpr std::size_t max_passphrase = 1024;

// Reads to the end of a pipe, file or memfd (from where its offset stands); one newline at the end is dropped. The
// descriptor stays the caller's, and is read no further than one byte past the bound.
// Errc::malformed: nothing in it. Errc::too_large: over max_passphrase bytes. Errc::busy: the writer kept the end open
// for longer than `patience`, the longest that this waits. Errc::storage: it cannot be read.
[[nodiscard]] Result<crypto::SecretBytes> read_passphrase(int descriptor, Duration patience);

}  // namespace bud::vault
